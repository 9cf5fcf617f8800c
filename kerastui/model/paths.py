"""Layer paths: names from the outermost model down, joined by ``/``, each of them unique."""

from __future__ import annotations

MAX_REPEATED = 200_000
"""Names that are told apart; a file could repeat names so that each takes ever longer."""


class Paths:
    """Gives out paths in preorder; a name that was had gets a number after ``@``."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self.repeated = 0
        """How many names were had already."""

    def take(self, above: str, name: str) -> str:
        """Return the path of the layer `name` inside the layer whose path is `above`."""
        path = f"{above}/{name}" if above else name
        while (count := self._counts.get(path, 0)) and self.repeated < MAX_REPEATED:
            self._counts[path] = count + 1
            self.repeated += 1
            path = f"{path}@{count + 1}"
        self._counts[path] = 1
        return path

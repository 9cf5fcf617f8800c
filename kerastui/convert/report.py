"""What a conversion could not carry over, as sentences."""

from __future__ import annotations

from ..model import safe_text


class Report:
    """Sentences on what has no counterpart, each once, with a count instead of repetitions."""

    def __init__(self) -> None:
        self._lost: dict[str, list[str]] = {}

    def lost(self, what: str, where: str = "") -> None:
        """Note that `what` was lost or changed; `where` names the layer."""
        self._lost.setdefault(what, []).append(safe_text(where, 80))

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence for each kind of loss; the first three places are named."""
        result: list[str] = []
        for what, places in self._lost.items():
            named = [place for place in dict.fromkeys(places) if place]
            shown = ", ".join(named[:3])
            more = f" and {len(named) - 3:,} more" if len(named) > 3 else ""
            result.append(f"{shown}{more}: {what}" if named else what)
        return tuple(result)

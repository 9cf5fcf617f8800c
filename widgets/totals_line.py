"""The line below: parameters in total, trainable and frozen, and what is not saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .one_line import OneLine, Pieces

if TYPE_CHECKING:
    from kerastui.model import Model


class TotalsLine(OneLine):
    """``21,138,757 parameters (84.6 MB) · 8,783,877 trainable · 12,354,880 frozen``.

    While flags differ from the file's, the difference stands behind the trainable count.
    """

    TELLING = 4

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        """Create an empty line.

        Args:
            name: The name of the widget.
            id: The ID of the widget in the DOM.
            classes: The CSS classes of the widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._model: Model | None = None
        self._original: Model | None = None
        self._message = ""

    def show(self, model: Model, original: Model | None = None, message: str = "") -> None:
        """Show the counts of `model`.

        Args:
            model: the description with all edits.
            original: the description as it is in the file, for the difference.
            message: what stands on the right, e.g. ``▲ 2 changes, not saved``.
        """
        self._model, self._original, self._message = model, original, message
        self.refresh()

    def right_versions(self) -> list[Pieces]:
        """Return the message, and a version up to its first comma."""
        from kerastui.model.text import safe_text

        message = safe_text(self._message)
        if not message:
            return [()]
        role = "changed" if message.startswith("▲") else "muted"
        return [[(message, role)], [(message.partition(",")[0], role)]]

    def left_versions(self, width: int) -> list[Pieces]:
        """Return the counts, from exact to rounded."""
        if self._model is None:
            return [()]
        from kerastui.model.figures import count, short_count, size

        now = self._model.parameters
        total, nbytes = now.total, size(now.total_bytes)
        full, short = count(total), short_count(total)
        if not self._model.has_flags:
            note = "weights only: no trainable flags"
            return [
                [(f"{full} parameters", "strong"), (f" ({nbytes}) · {note}", "muted")],
                [(f"{short} parameters", "strong"), (f" · {note}", "muted")],
                [(f"{short} · weights only", "muted")],
            ]
        before = now if self._original is None else self._original.parameters
        delta = now.trainable - before.trainable
        versions: list[Pieces] = []
        for words, figure in (
            (True, count), (False, count), (True, short_count), (False, short_count)
        ):  # fmt: skip
            head: Pieces = [(f"{figure(total)} parameters", "strong"), (f" ({nbytes})", "muted")]
            head = head if words else head[:1]
            versions.append([*head, *_shares(now.trainable, now.frozen, delta, figure)])
        versions.append(_shares(now.trainable, now.frozen, delta, short_count)[1:])
        versions.append([(f"■ {short_count(now.trainable)} □ {short_count(now.frozen)}", "on")])
        return versions


def _shares(trainable: int, frozen: int, delta: int, figure: Callable[[int], str]) -> Pieces:
    pieces = [(" · ", "muted"), (f"{figure(trainable)} trainable", "on")]
    if delta:
        sign = "▲" if delta > 0 else "▼"
        pieces.append((f" ({sign} {figure(abs(delta))})", "changed"))
    return [*pieces, (" · ", "muted"), (f"{figure(frozen)} frozen", "muted")]

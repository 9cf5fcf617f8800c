"""Weights of one model beside those of another: what fits, what does not, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from kerastui.model import safe_text
from kerastui.model.figures import plural, weight_shape

from .flow import Line, cut_middle, flow, heading, pad
from .text_panel import TextPanel

if TYPE_CHECKING:
    from kerastui.edits.transplant import Pair, State, Transplant

LISTED = 2000
"""Rows of a kind that are listed."""
_TITLES: Sequence[tuple[State, str]] = (
    ("shape", "Another shape"), ("missing", "Not in the other file"), ("match", "Taken over"),
)  # fmt: skip


class PairList(TextPanel):
    """What a transplant does, in three groups: what stays as it is comes first.

    It is fed by `show` and posts nothing.
    """

    DEFAULT_CSS: ClassVar[str] = "PairList { height: 1fr; min-height: 3; }"

    def __init__(self, *, id: str | None = None) -> None:
        """Create the list; it stays empty until `show` is called."""
        super().__init__(id=id)
        self._found: Transplant | None = None

    def show(self, found: Transplant | None) -> None:
        """List what was found."""
        self._found = found
        self.renew()

    def build(self, width: int) -> Sequence[Line]:
        """Return all lines."""
        return [] if self._found is None else list(_lines(self._found, width))


def _lines(found: Transplant, width: int) -> Iterator[Line]:
    first = True
    for state, title in _TITLES:
        pairs = found.of(state)
        if not pairs:
            continue
        head = heading(title, width, [(plural(len(pairs), "weight"), "muted")])
        yield from head[1:] if first else head
        first = False
        for pair in pairs[:LISTED]:
            yield _row(pair, width)
        if len(pairs) > LISTED:
            yield from flow([(f"… and {len(pairs) - LISTED:,} more", "muted")], width)


def _row(pair: Pair, width: int) -> Line:
    sign, role = ("✓ ", "on") if pair.state == "match" else ("✗ ", "partly")
    left = max(8, (width - 4) // 2)
    name = pad(cut_middle(safe_text(f"{pair.path}/{pair.name}", 400), left), left)
    if pair.state == "match":
        text = f"← {safe_text(pair.other, 400)}"
    elif pair.state == "shape":
        text = f"{safe_text(pair.other, 400)}: {pair.problem}"
    else:
        text = weight_shape(pair.shape)
    room = max(4, width - 2 - left)
    return ((sign, role), (name, "strong" if pair.state == "match" else ""), (" ", ""),
            (cut_middle(text, room - 1), "muted"))  # fmt: skip

"""The panel that tells all about the difference under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from kerastui.analysis.compare_results import Comparison

from .diff_rows import Group
from .diff_story import difference_story
from .flow import Line, flow
from .text_panel import TextPanel


class DiffDetail(TextPanel):
    """Settings old and new side by side, flags, and all figures of weights."""

    BINDING_GROUP_TITLE = "Details"

    _shown: tuple[Comparison, Group, int] | None = None

    def show(self, found: Comparison, group: Group | None, weight: int = -1) -> None:
        """Tell about a group, or about a weight in it."""
        self._shown = None if group is None else (found, group, weight)
        self.renew()

    def build(self, width: int) -> Sequence[Line]:
        """Return the lines."""
        if self._shown is None:
            return flow([("Nothing is listed.", "muted")], width)
        return difference_story(*self._shown, width)

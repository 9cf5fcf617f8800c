"""A run's checkpoints on the screen: which weights are still moving."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from kerastui.analysis.compare_results import Trail, TrailRow
from kerastui.model import safe_text
from kerastui.model.figures import count, plural

from ..widgets.axis import Axis
from ..widgets.change_figures import percent
from ..widgets.plot import Plot, Series
from ..widgets.short_names import short_names
from ..widgets.trail_rows import ORDER_WORDS
from ..widgets.trail_table import TrailTable
from .comparison_screen import ComparisonScreen

_LISTED = 5
_LOW = 18
"""Lines of a terminal from which there is room for a plot."""


class TrailScreen(ComparisonScreen):
    """How far every weight moved from each checkpoint to the next, as a table and as lines."""

    BINDING_GROUP_TITLE = "Checkpoints"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "plot", "Plot", id="trail.plot", tooltip="Show or hide the plot"),
        Binding("s", "save", "Save", id="comparison.save",
                tooltip="Save the table as JSON or text"),
        Binding("L", "log", "Log/linear", id="trail.log", show=False,
                tooltip="Logarithmic or linear changes in the plot"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    TrailScreen {
        #table { height: 1fr; padding: 0 0 0 1; }
        #plot { height: 45%; min-height: 8; padding: 0 1; border-top: hkey $foreground 20%; }
        &.-found.-plain #plot, &.-low #plot { display: none; }
    }
    """

    found: Trail | None
    _log = True

    def compose_found(self) -> ComposeResult:
        """The table, the plot below."""
        yield TrailTable(id="table")
        yield Plot(id="plot")

    @property
    def table(self) -> TrailTable:
        """The table."""
        return self.query_one(TrailTable)

    @property
    def names(self) -> tuple[str, ...]:
        """The checkpoints' names, shortened to what differs."""
        return short_names(self.comparing.paths)

    @property
    def files_line(self) -> Content:
        """Return how many checkpoints there are, the first and the last."""
        names = [safe_text(name, 100) for name in self.names]
        return Content.assemble(
            (plural(len(names), "checkpoint"), "bold"),
            (f"   {names[0]} → … → {names[-1]}", "$foreground-muted"),
        )

    def show_found(self) -> None:
        """Show the table and the plot."""
        found = self.found
        assert found is not None
        self.table.show(found, self.names)
        self._tell_all()

    def _tell_all(self) -> None:
        found = self.found
        if found is None:
            return
        moved = f"{count(len(found.moving))} of {plural(len(found.rows), 'weight')} moved"
        parts: list[str | tuple[str, str]] = [f"{moved} · {ORDER_WORDS[self.table.wish.order]}"]
        if last := _last(found):
            parts.append(f"\n{last}")
        if found.missing:
            names = ", ".join(safe_text(path, 60) for path in found.missing[:_LISTED])
            more = f" and {count(len(found.missing) - _LISTED)} more"
            more = more if len(found.missing) > _LISTED else ""
            parts.append((f"\n▲ not in all files, or of other shapes: {names}{more}",
                          "$text-warning"))  # fmt: skip
        if self.note:
            parts.append((f"\n▲ {safe_text(self.note, 300)}", "$text-warning"))
        self.query_one("#told", Static).update(Content.assemble(*parts))

    def filter_by(self, text: str) -> str:
        """List what has a text in its path."""
        self.table.list_only(text)
        return plural(len(self.table.rows), "layer" if self.table.wish.layers else "weight")

    def on_trail_table_highlighted(self) -> None:
        """Draw other rows."""
        self._tell_all()
        self._draw()

    def on_resize(self) -> None:
        """Leave the plot out where the table alone has little room."""
        self.set_class(self.size.height < _LOW, "-low")

    def _draw(self) -> None:
        steps = list(range(1, len(self.comparing.paths)))
        lines = [
            Series(steps, [_point(c) for c in row.changes], "line", safe_text(row.path, 60), sign)
            for sign, row in self.table.drawn
        ]
        how = "logarithmic" if self._log else "linear"
        self.query_one(Plot).show(
            *lines,
            title=f"relative change at each step, {how}",
            log_y=self._log,
            x_marks=[(step, safe_text(self.names[step], 60)) for step in steps],
            y=_stretch([y for line in lines for y in line.ys], self._log),
        )

    def on_trail_table_chosen(self, message: TrailTable.Chosen) -> None:
        """Look at the weight in the last file; of a layer at its first one."""
        path = self._weight_in(message.row)
        if path:
            self.look(self.comparing.paths[-1], path)

    def _weight_in(self, row: TrailRow) -> str:
        """Return the path of the weight that a row stands for."""
        assert self.found is not None
        if not self.table.wish.layers:
            return row.path
        inside = (
            weight.path
            for weight in self.found.rows
            if weight.trained is row.trained and weight.path.startswith(f"{row.path}/")
        )
        return next(inside, "")

    @property
    def current_path(self) -> str:
        """Return the path under the cursor."""
        return self.table.current.path if self.table.current else ""

    def reports(self) -> tuple[str, str]:
        """Return the checkpoints as JSON (docs/diff-json.md) and as text."""
        from kerastui.analysis.compare_json import trail_as_json

        from .commands.diff_trail import trail_text

        assert self.found is not None
        whole = json.dumps(trail_as_json(self.found), indent=2, allow_nan=False)
        return whole, trail_text(self.found, colours=False, everything=True)

    # -- keys -----------------------------------------------------------------------------------

    def action_plot(self) -> None:
        """Show or hide the plot."""
        self.toggle_class("-plain")

    def action_log(self) -> None:
        """Draw changes on the other scale."""
        self._log = not self._log
        self._draw()


def _stretch(changes: Sequence[float], log: bool) -> Axis | None:
    """Return what the plot shows of an axis: whole powers of ten, or all from 0 on."""
    seen = [change for change in changes if 0 < change < math.inf]
    if not seen:
        return None
    if not log:
        return Axis(0.0, max(seen))
    low, high = math.floor(math.log10(min(seen))), math.ceil(math.log10(max(seen)))
    return Axis(10.0**low, 10.0 ** max(high, low + 1), log=True)


def _point(change: float | None) -> float:
    return float("nan") if change is None else change


def _last(found: Trail) -> str:
    """Say which layers moved most at the last step; moving statistics are no matter of training."""
    moved = [row for row in found.layers if row.trained and row.changes[-1]]
    if not moved:
        return "nothing moved at the last step" if found.moving else ""
    moved.sort(key=lambda row: -(row.changes[-1] or 0.0))
    names = ", ".join(f"{safe_text(row.path, 60)} {percent(row.changes[-1])}" for row in moved[:3])
    return f"still moving at the last step: {plural(len(moved), 'layer')}, most of all {names}"

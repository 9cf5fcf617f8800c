"""Figures of all weights as a table, to sort, to filter and to save: its keys."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from kerastui.model import safe_text
from kerastui.model.figures import plural

from ..widgets.filter_line import FilterLine
from ..widgets.statistics_columns import Column
from ..widgets.statistics_table import StatisticsTable
from .statistics_board import StatisticsBoard

_HINT = "words of a path, a class, a flag: dead, class:conv, flag:nan"
_FROM_THE_LEAST = ("path", "dtype", "class")
"""Columns that are sorted from A to Z at first; numbers begin with the largest."""


class StatisticsScreen(StatisticsBoard):
    """The figures of all weights; see `StatisticsBoard` for the arguments."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,space", "stop", "Stop", id="statistics.stop",
                tooltip="Stop computing; what is known stays"),
        Binding("space", "go_on", "Go on", id="statistics.go-on",
                tooltip="Go on computing, or try again"),
        Binding("escape,q", "leave", "Back", id="statistics.back",
                tooltip="Drop the filter; else go back"),
        Binding("o", "sort_next(1)", "Sort", id="statistics.sort-next",
                tooltip="Sort by the next column; 1 to 9 choose one, r turns it round"),
        Binding("O", "sort_next(-1)", "Sort by column before", id="statistics.sort-previous",
                show=False, tooltip="Sort by the column before"),
        Binding("r", "reverse", "Reverse", id="statistics.reverse", show=False,
                tooltip="Turn the order round"),
        Binding("0,n", "natural", "Model's order", id="statistics.natural", show=False,
                tooltip="Back to the order of the model"),
        *(
            Binding(str(digit), f"sort_by({digit})", f"Sort by column {digit}", show=False,
                    id=f"statistics.sort-{digit}",
                    tooltip=f"Sort by the column that has a small {digit}; again: reverse")
            for digit in range(1, 10)
        ),
        Binding("slash", "filter", "Filter", id="statistics.filter", key_display="/",
                tooltip="Leave only rows whose path, class, dtype or flag has these words"),
        Binding("f", "only_odd", "Odd ones", id="statistics.odd",
                tooltip="Show only weights of which something odd is to be said, or all"),
        Binding("l", "by_layer", "Layers", id="statistics.layers",
                tooltip="A row for each layer with its weights' totals, or for each weight"),
        Binding("c", "one_range", "Range", id="statistics.range", show=False,
                tooltip="Histograms over the same range for all, or over each one's own"),
        Binding("x", "log", "Log counts", id="statistics.log", show=False,
                tooltip="Histograms with logarithmic counts, or linear ones"),
        Binding("Q", "full", "Quantiles", id="statistics.full",
                tooltip="Compute quantiles and look for duplicated filters, too: slower"),
        Binding("s", "save", "Save", id="statistics.save",
                tooltip="Save the table as CSV or JSON"),
        Binding("y", "copy", "Copy path", id="statistics.copy", show=False,
                tooltip="Copy the paths of the selected rows"),
    ]  # fmt: skip

    # -- order and choice -------------------------------------------------------------------------

    @on(StatisticsTable.SortWanted)
    def sort_by_column(self, message: StatisticsTable.SortWanted) -> None:
        """Sort by a column whose name was clicked."""
        self._sort(message.column)

    def action_sort_by(self, digit: int) -> None:
        """Sort by the column that has a digit."""
        for column in self.table.sortable:
            if column.number == digit:
                self._sort(column)

    def action_sort_next(self, step: int) -> None:
        """Sort by the next column, or the one before; the model's order is among them."""
        columns: list[Column | None] = [None, *self.table.sortable]
        place = columns.index(self.how.sorting) if self.how.sorting in columns else 0
        self._sort(columns[(place + step) % len(columns)])

    def _sort(self, column: Column | None) -> None:
        """Sort by a column; by the same again: the other way round."""
        if column is not None and column is self.how.sorting:
            self.how.reverse = not self.how.reverse
        else:
            self.how.reverse = column is not None and column.name not in _FROM_THE_LEAST
        self.how.sorting = column
        self._rearrange_from_top()

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.how.reverse = not self.how.reverse
        self._rearrange_from_top()

    def _rearrange_from_top(self) -> None:
        self.rearrange()
        self.table.action_edge(-1)

    def action_natural(self) -> None:
        """Back to the model's order, where the cursor is."""
        self.how.sorting, self.how.reverse = None, False
        self.rearrange()

    def action_filter(self) -> None:
        """Let the user type which rows are to be left."""
        if not self.query(FilterLine):
            self.mount(FilterLine(self.how.words, _HINT), before="#detail")

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        """Leave the rows that have what is typed."""
        self.how.words = message.text
        self.rearrange()

    def on_filter_line_closed(self) -> None:
        """Give the keys back to the table."""
        self.table.focus()

    def action_only_odd(self) -> None:
        """Show only what is odd, or all."""
        self.how.only_odd = not self.how.only_odd
        self.rearrange()

    def action_by_layer(self) -> None:
        """Show layers in place of weights, or weights again."""
        self.how.by_layer = not self.how.by_layer
        current = self.table.current
        self.make_rows()
        self.rearrange(self.row_of_layer(current.key[0]) if current else None)
        self.set_range()

    # -- what is computed and drawn ---------------------------------------------------------------

    def action_one_range(self) -> None:
        """Histograms over one range, or over each one's own."""
        self.how.one_range = not self.how.one_range
        self.set_range()
        self.tell()

    def action_log(self) -> None:
        """Logarithmic counts, or linear ones."""
        self.table.log_counts = not self.table.log_counts
        self.table.refresh()
        self.tell()

    def action_full(self) -> None:
        """Compute quantiles and look for duplicates, too."""
        if self.full:
            self.app.notify("Quantiles and duplicates are computed already.", markup=False)
            return
        self.full = self.wanted = True
        self.pause()
        self.renew()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to stop what runs, and to go on with what does not."""
        if action in ("stop", "go_on"):
            return self.can_stop_or_go_on[action == "go_on"]
        return True

    def action_stop(self) -> None:
        """Stop computing."""
        self.wanted = False
        self.pause()

    def action_go_on(self) -> None:
        """Go on computing, or try again."""
        self.wanted = True
        self.go_on()

    # -- elsewhere --------------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Drop filter and choice; else go back."""
        if self.how.words or self.how.only_odd:
            self.how.words, self.how.only_odd = "", False
            self.rearrange()
        else:
            self.dismiss()

    @on(StatisticsTable.Chosen)
    def look(self, message: StatisticsTable.Chosen) -> None:
        """Look at a weight; at a layer's first one."""
        from .look.screen import LookScreen

        index, number = message.row.key
        self.app.push_screen(LookScreen(self.model, (index, max(0, number)), self.analyst))

    def action_copy(self) -> None:
        """Copy the paths of the selected rows."""
        table = self.table
        paths = [safe_text(table.rows[place].path, 1000) for place in table.selected_rows]
        if paths:
            self.app.copy_to_clipboard("\n".join(paths))
            what = paths[0] if len(paths) == 1 else plural(len(paths), "path")
            self.app.notify(f"Copied: {safe_text(what, 200)}", markup=False)
            table.clear_selection()

    def action_save(self) -> None:
        """Ask where to, and save the rows that are shown."""
        from .statistics_saving import save_table

        save_table(self)

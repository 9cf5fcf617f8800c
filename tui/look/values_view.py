"""The numbers themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from kerastui.errors import KerastuiError
from kerastui.model import safe_text

from ...widgets.array_grid import ArrayGrid
from ...widgets.axis_chips import AxisChips
from .subject import Subject
from .values_grid import ValuesGrid
from .values_line import ValuesLine
from .values_long import LongQuestions
from .values_places import NotAPlace, order_of, place_of, words
from .values_text import cell_line, dtype_of, note_line, parts_of, wrapped
from .view import Saving

if TYPE_CHECKING:
    from kerastui.analysis.results import Window

_PATIENCE = 0.2
"""Seconds of reading after which that is said."""


class ValuesView(LongQuestions):
    """The numbers themselves: two axes as a grid, the others a key away."""

    NAME: ClassVar[str] = "Values"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "colours", "Colours", id="values.colours",
                tooltip="Colour cells by what is seen, by the whole weight, or not"),
        Binding("plus,equals_sign", "digits(1)", "More digits", id="values.more-digits",
                show=False, key_display="+", tooltip="Write numbers with one digit more"),
        Binding("minus", "digits(-1)", "Fewer digits", id="values.fewer-digits", show=False,
                key_display="-", tooltip="Write numbers with one digit less"),
        Binding("M", "find('largest')", "Largest", id="values.largest", show=False,
                tooltip="Go to the largest value of the weight"),
        Binding("m", "find('smallest')", "Smallest", id="values.smallest", show=False,
                tooltip="Go to the smallest value of the weight"),
        Binding("n", "find('nan')", "Next NaN", id="values.next-nan", show=False,
                tooltip="Go to the next NaN of the weight"),
        Binding("b", "bytes", "Bytes", id="values.bytes", show=False,
                tooltip="The bytes that 4-bit numbers are packed into, or the numbers"),
        Binding("escape", "stop", "Stop", id="values.stop",
                tooltip="Stop looking through the weight"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    ValuesView {
        & > ValuesGrid { height: 1fr; padding: 0 1; }
        & > ValuesGrid > .array-grid--cursor { background: $foreground; color: $background; }
        & > #values-problem { height: 1fr; padding: 1 2; display: none; color: $text-warning; }
        & > .values-line { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #values-note {
            color: $text-muted; height: auto; max-height: 3; text-wrap: wrap;
        }
        & > #values-note.-problem { color: $text-error; }
        &.-unreadable {
            & > AxisChips, & > ValuesGrid, & > .values-line { display: none; }
            & > #values-problem { display: block; }
        }
    }
    """

    _wanted: ArrayGrid.WindowWanted | None = None
    _fetching = False
    _was_said = False
    """Whether what stands below the grid may take more than a line."""
    _said: tuple[str, bool, tuple[int, ...]] = ("", False, ())

    def compose(self) -> ComposeResult:
        """Lay out the axes, the grid, and what is told below it."""
        yield AxisChips()
        yield ValuesGrid(prefetch=True)
        yield Static(id="values-problem", markup=False)
        yield ValuesLine()
        yield Static(id="values-cell", classes="values-line", markup=False)
        yield Static(id="values-note", classes="values-line", markup=False)

    def on_mount(self) -> None:
        """Begin with colours: what stands out is seen before any number is read."""
        self.grid.colouring = "seen"

    @property
    def grid(self) -> ValuesGrid:
        """The values."""
        return self.query_one(ValuesGrid)

    def look_at(self, subject: Subject) -> None:
        """Show another weight from its beginning."""
        self.stop()
        super().look_at(subject)
        self._said, self._wanted = ("", False, ()), None
        self.remove_class("-unreadable")
        line, grid = self.query_one(ValuesLine), self.grid
        line.display = False
        if grid.colouring == "whole":
            grid.colouring = "seen"
        grid.show(subject.weight.shape, dtype_of(subject))

    def focus_content(self) -> None:
        """Let the grid have the keys."""
        self.grid.focus()

    def savings(self) -> tuple[Saving, ...]:
        """Offer the slice that is seen and the whole weight."""
        subject, view = self.subject, self.grid.view
        if subject is None or self.has_class("-unreadable"):
            return ()
        place = subject.place, subject.dataset
        if len(view.shape) < 3:  # the slice is the whole
            return (Saving("Whole weight", (".npy", ".csv"), "export_weight", place),)
        seen = (*place, view.rows, view.columns, view.fixed)
        return (
            Saving("This slice", (".npy", ".csv"), "export_slice", seen),
            Saving("Whole weight", (".npy",), "export_weight", place),
        )

    # -- the grid's windows -----------------------------------------------------------------------

    def on_array_grid_window_wanted(self, message: ArrayGrid.WindowWanted) -> None:
        """Fetch the newest window that is wanted; one at a time, so that each one is seen."""
        message.stop()
        self._wanted = message
        if not self._fetching:
            self._fetching = True
            self._fetch()

    @work(group="values-window")
    async def _fetch(self) -> None:
        try:
            while (wanted := self._wanted) is not None:
                self._wanted = None
                await self._fetch_one(wanted)
        finally:
            self._fetching = False

    async def _fetch_one(self, wanted: ArrayGrid.WindowWanted) -> None:
        subject = self.subject
        if subject is None or wanted.view.shape != subject.weight.shape:
            return
        timer = self.set_timer(_PATIENCE, lambda: self.say("Reading …"))
        try:
            found: Window = await self.analyst.peek(
                "window", subject.place, subject.dataset, *parts_of(wanted)
            )
        except KerastuiError as error:
            if subject is self.subject:
                self._cannot_read(str(error))
            return
        finally:
            timer.stop()
        if subject is self.subject:
            if self._said[0] == "Reading …" or self._said[1]:
                self.say("")
            wrap = wanted.view.wrap
            wanted.grid.supply(wanted, wrapped(found, wrap) if wrap else found.values)

    def _cannot_read(self, problem: str) -> None:
        """Say what is wrong: in place of the grid if there is nothing in it."""
        if self.grid.has_values:
            self.say(problem, problem=True)
        else:
            self.query_one("#values-problem", Static).update(problem)
            self.add_class("-unreadable")

    # -- what is told -----------------------------------------------------------------------------

    def on_array_grid_view_changed(self, message: ArrayGrid.ViewChanged) -> None:
        """Say which axes are seen, and what is under the cursor."""
        message.stop()
        subject, grid = self.subject, self.grid
        if subject is None or grid.view.shape != subject.weight.shape:
            return
        names = [safe_text(meaning, 60) for meaning in subject.meanings]
        self.query_one(AxisChips).show(grid.view, names, grid.stepping_axis)
        cell = cell_line(subject, grid, self.size.width - 2)
        self.query_one("#values-cell", Static).update(cell, layout=False)
        if self._said[2] != grid.place and not self.busy:
            self._said = "", False, ()
        self._tell_note()

    def say(self, text: str, problem: bool = False) -> None:
        """Say something below the grid until the cursor moves; "": no more."""
        self._said = text, problem, self.grid.place
        self._tell_note()

    def _tell_note(self) -> None:
        text, problem, _ = self._said
        note = self.query_one("#values-note", Static)
        note.set_class(problem, "-problem")
        note.update(text or note_line(self.grid, self.subject), layout=bool(text) or self._was_said)
        self._was_said = bool(text)

    # -- keys -------------------------------------------------------------------------------------

    def on_axis_chips_wanted(self, message: AxisChips.Wanted) -> None:
        """Show the axes as wanted, or let the grid have the keys again."""
        message.stop()
        if message.view is None:
            self.grid.focus()
            return
        if message.stepped is not None:
            self.grid.step_along(message.stepped)
        self.grid.look(message.view)

    def on_values_grid_asked(self, message: ValuesGrid.Asked) -> None:
        """Open the line, or go to the axes."""
        message.stop()
        view = self.grid.view
        rank = len(view.shape)
        if message.what == "axes":
            self.query_one(AxisChips).focus()
        elif message.what == "order":
            if rank < 2:
                self.say("There is only one order of these axes.")
                return
            pattern = f"({', '.join(map(str, view.order))})"
            self.query_one(ValuesLine).open("order", pattern, "")
        else:
            example = f"{', '.join('0' * rank) or '0'}  ·  a flat number  ·  axis 0 = 3"
            if self.subject is not None and (first := self.subject.meanings[-1:]):
                example += f"  ·  {safe_text(words(first, view.shape[-1:], (3,)), 60)}"
            self.query_one(ValuesLine).open("place", "", example)

    def on_values_line_typed(self, message: ValuesLine.Typed) -> None:
        """Do what was typed, or say what is wrong with it."""
        message.stop()
        grid, subject = self.grid, self.subject
        if message.text is not None and subject is not None:
            try:
                if message.line.what == "order":
                    order = order_of(message.text, len(grid.view.shape))
                    grid.look(grid.view.permuted(order))
                else:
                    meanings = subject.meanings
                    grid.go_to(place_of(message.text, grid.view, grid.place, meanings))
            except NotAPlace as error:
                self.say(safe_text(str(error), 300), problem=True)
                return
        message.line.display = False
        self.say("")
        grid.focus()

    def action_colours(self) -> None:
        """Colour by what is seen, by the whole weight, or not at all."""
        grid = self.grid
        if grid.colouring == "seen" and not (self.subject and self.subject.as_bytes):
            self.colour_by_whole()
        else:
            self.stop()
            grid.colouring = "seen" if grid.colouring == "off" else "off"
            self.say("")

    def action_digits(self, more: int) -> None:
        """Write numbers with more digits, or fewer."""
        self.grid.number_format = self.grid.number_format.more_digits(more)

    def action_find(self, sought: str) -> None:
        """Go to the largest or the smallest value, or to the next NaN."""
        if self.grid.view.is_empty:
            self.say("There are no elements: an axis is empty.")
        else:
            self.find(sought)

    def action_bytes(self) -> None:
        """Show the bytes that numbers are packed into, or the numbers again."""
        subject = self.subject
        if subject is None or subject.packing is None:
            self.say("Nothing is packed here: each number is stored by itself.")
        else:
            self.look_at(replace(subject, as_bytes=not subject.as_bytes))

    def action_stop(self) -> None:
        """Stop looking through the weight."""
        self.stop()
        self.say("Stopped.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape stops only what is under way; else it is the screen's."""
        return self.busy if action == "stop" else True

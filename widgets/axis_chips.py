"""The axes of an array as chips: which are rows and columns, where the others stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from .array_view import ArrayView

Piece = tuple[str, str]
"""Text and the component that it is drawn with."""
_GAP = " "


class AxisChips(Widget, can_focus=True):
    """A chip for each axis, as they are counted; keys move among them and change what they are.

    Names have to be safe to show. The chips change nothing themselves: they post `Wanted`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "choose(-1)", "Axis before", id="axes.previous", show=False,
                tooltip="To the axis on the left"),
        Binding("right,l", "choose(1)", "Next axis", id="axes.next", show=False,
                tooltip="To the axis on the right"),
        Binding("up,k,plus,right_square_bracket", "step(1)", "Index up", id="axes.up",
                key_display="↑", tooltip="The next index on this axis"),
        Binding("down,j,minus,left_square_bracket", "step(-1)", "Down", id="axes.down",
                key_display="↓", tooltip="The index before on this axis"),
        Binding("pageup", "step(10)", "Ten up", id="axes.ten-up", show=False,
                tooltip="Ten indices on"),
        Binding("pagedown", "step(-10)", "Ten down", id="axes.ten-down", show=False,
                tooltip="Ten indices back"),
        Binding("r", "lay(True)", "Rows", id="axes.rows", tooltip="Let this axis run down"),
        Binding("c", "lay(False)", "Columns", id="axes.columns",
                tooltip="Let this axis run to the right"),
        Binding("shift+left,less_than_sign", "move(-1)", "Permute", id="axes.permute-left",
                key_display="<", show=False, tooltip="Count this axis earlier"),
        Binding("shift+right,greater_than_sign", "move(1)", "Permute", id="axes.permute-right",
                key_display="< >", tooltip="Count this axis later"),
        Binding("enter,escape,space", "leave", "Done", id="axes.done",
                tooltip="Back to the numbers"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "axis-chips--shown", "axis-chips--name", "axis-chips--index", "axis-chips--stepped",
        "axis-chips--note",
    }  # fmt: skip

    DEFAULT_CSS = """
    AxisChips {
        height: auto; padding: 0 1;
        & > .axis-chips--shown { color: $text-accent; text-style: bold; }
        & > .axis-chips--name { color: $text-muted; }
        & > .axis-chips--index { text-style: bold; }
        & > .axis-chips--stepped { color: $text-warning; text-style: bold; }
        & > .axis-chips--note { color: $text-warning; }
    }
    """

    @dataclass
    class Wanted(Message):
        """Another look is wanted; or (None) the keys are to go back to where they were."""

        chips: AxisChips
        view: ArrayView | None
        stepped: int | None = None
        """The axis that was stepped."""

        @property
        def control(self) -> AxisChips:
            """The chips."""
            return self.chips

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view = ArrayView.of(())
        self._names: Sequence[str] = ()
        self._stepped: int | None = None
        self._chosen = 0
        self._look: tuple[object, ...] = ()
        self._lines: list[list[Piece]] = []
        self._chips: list[tuple[int, range, int]] = []
        """Line, cells and axis of each chip, for the mouse."""

    def show(self, view: ArrayView, names: Sequence[str], stepped: int | None) -> None:
        """Show how an array is looked at; the axis `stepped` is the one that [ and ] step."""
        self._view, self._names, self._stepped = view, names, stepped
        self._renew()

    def _renew(self) -> None:
        """Draw what has changed, if anything has."""
        look = self._view, tuple(self._names), self._stepped, self._chosen, self.has_focus
        if look == self._look and len(self._lines) == self.size.height:
            return
        self._look = look
        self._chosen = min(self._chosen, max(0, len(self._view.shape) - 1))
        self._break(self.size.width)
        self.refresh(layout=len(self._lines) != self.size.height)

    # -- drawing ----------------------------------------------------------------------------------

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines the chips take."""
        self._break(width)
        return len(self._lines)

    def _break(self, width: int) -> None:
        """Lay the chips out in lines."""
        self._lines, self._chips = [[]], []
        column = 0
        for number, axis in enumerate(self._view.order):
            pieces = self._chip(number, axis)
            size = sum(cell_len(text) for text, _ in pieces)
            if column and column + len(_GAP) + size > max(width, 20):
                self._lines.append([])
                column = 0
            if column:
                self._lines[-1].append((_GAP, ""))
                column += len(_GAP)
            self._chips.append((len(self._lines) - 1, range(column, column + size), axis))
            self._lines[-1] += pieces
            column += size
        if self._view.is_permuted:
            note = f"permuted ({', '.join(map(str, self._view.order))})"
            if column + len(_GAP) + len(note) > max(width, 20):
                self._lines.append([])
            self._lines[-1].append((f"{_GAP if self._lines[-1] else ''}{note}", "note"))
        elif not self._view.shape:
            self._lines[-1].append(("scalar", "name"))

    def _chip(self, number: int, axis: int) -> list[Piece]:
        view, length = self._view, f"{self._view.shape[axis]:,}"
        chosen = self.has_focus and number == self._chosen
        known = axis < len(self._names)
        name = f"{number} {self._names[axis]}" if known else f"axis {number}"
        lead, tail = ("▸", " ") if chosen else (" ", " ")
        if axis in (view.rows, view.columns):
            sign = ("↓" if axis == view.rows else "→") if not view.wrap else "↵"
            chip = [(f"{lead}{sign} {name} {length}{tail}", "shown")]
        elif axis == self._stepped:
            at = f"[{view.fixed[axis]:,}]"
            chip = [(f"{lead}{name} ", "name"), (at, "stepped"),
                    (f" of {length}{tail}", "name")]  # fmt: skip
        else:
            chip = [(f"{lead}{name} ", "name"), (f"{view.fixed[axis]:,}", "index"),
                    (f" of {length}{tail}", "name")]  # fmt: skip
        return [(text, f"{role} chosen") for text, role in chip] if chosen else chip

    def render_line(self, y: int) -> Strip:
        """Draw a line of chips."""
        width, plain = self.size.width, self.rich_style
        line = self._lines[y] if y < len(self._lines) else []
        strip = Strip([Segment(text, self._style(role)) for text, role in line])
        return strip.crop_extend(0, width, plain)

    def _style(self, role: str) -> Style:
        name, _, chosen = role.partition(" ")
        names = (f"axis-chips--{name}",) if name else ()
        style = self.get_visual_style(*names).rich_style
        return style + Style(reverse=True) if chosen else style

    # -- keys and mouse ---------------------------------------------------------------------------

    def watch_has_focus(self, value: bool) -> None:
        """Mark the chip that the keys change, or take the mark away."""
        super().watch_has_focus(value)
        self._renew()

    @property
    def axis(self) -> int | None:
        """The axis whose chip is chosen, as it is stored; None for arrays of rank 0."""
        return self._view.order[self._chosen] if self._view.order else None

    def action_choose(self, step: int) -> None:
        """Go to another chip."""
        if self._view.order:
            self._chosen = (self._chosen + step) % len(self._view.order)
            self._renew()

    def action_step(self, step: int) -> None:
        """Move the axis to another index."""
        if self.axis in self._view.other_axes:
            assert self.axis is not None
            self._want(self._view.stepped(self.axis, step), self.axis)

    def action_lay(self, down: bool) -> None:
        """Let the axis be rows, or columns."""
        if self.axis is not None:
            self._want(self._view.laid(self.axis, down))

    def action_move(self, step: int) -> None:
        """Count the axis earlier or later."""
        axis = self.axis
        if axis is not None:
            view = self._view.moved(axis, step)
            self._chosen = view.order.index(axis)
            self._want(view)

    def action_leave(self) -> None:
        """Give the keys back."""
        self.post_message(self.Wanted(self, None).set_sender(self))

    def _want(self, view: ArrayView, stepped: int | None = None) -> None:
        self.post_message(self.Wanted(self, view, stepped).set_sender(self))

    def on_click(self, event: events.Click) -> None:
        """Choose the chip."""
        offset = event.get_content_offset(self)
        for number, (line, cells, _) in enumerate(self._chips):
            if offset is not None and offset.y == line and offset.x in cells:
                self._chosen = number
                self._renew()

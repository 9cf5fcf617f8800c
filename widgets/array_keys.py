"""The keys of a grid of values."""

from __future__ import annotations

from textual.binding import Binding, BindingType

KEYS: list[BindingType] = [
    Binding("up,k", "go(-1, 0)", "Up", id="grid.up", show=False, tooltip="One row up"),
    Binding("down,j", "go(1, 0)", "Down", id="grid.down", show=False, tooltip="One row down"),
    Binding("left,h", "go(0, -1)", "Left", id="grid.left", show=False, tooltip="To the left"),
    Binding("right,l", "go(0, 1)", "Right", id="grid.right", show=False,
            tooltip="To the right"),
    Binding("pageup", "page(-1, 0)", "Page up", id="grid.page-up", show=False,
            tooltip="One screen up"),
    Binding("pagedown", "page(1, 0)", "Page down", id="grid.page-down", show=False,
            tooltip="One screen down"),
    Binding("ctrl+left,ctrl+pageup", "page(0, -1)", "Page left", id="grid.page-left",
            show=False, tooltip="One screen to the left"),
    Binding("ctrl+right,ctrl+pagedown", "page(0, 1)", "Page right", id="grid.page-right",
            show=False, tooltip="One screen to the right"),
    Binding("home", "edge(0, -1)", "Row's beginning", id="grid.row-begin", show=False,
            tooltip="To the first column"),
    Binding("end", "edge(0, 1)", "Row's end", id="grid.row-end", show=False,
            tooltip="To the last column"),
    Binding("ctrl+home,g", "edge(-1, -1)", "First", id="grid.first", show=False,
            tooltip="To the first row and column"),
    Binding("ctrl+end,G", "edge(1, 0)", "Last", id="grid.last", show=False,
            tooltip="To the last row"),
    Binding("t", "transpose", "Transpose", id="grid.transpose", show=False,
            tooltip="Swap rows and columns"),
    Binding("a", "turn", "Axes", id="grid.axes", show=False,
            tooltip="Show another pair of axes"),
    Binding("left_square_bracket", "step(-1)", "Slice before", id="grid.slice-before",
            key_display="[", show=False, tooltip="Step the chosen fixed axis back"),
    Binding("right_square_bracket", "step(1)", "Slice", id="grid.slice-next",
            key_display="[ ]", tooltip="Step the chosen fixed axis on"),
    Binding("x", "choose_axis", "Fixed axis", id="grid.fixed-axis", show=False,
            tooltip="Choose which fixed axis [ and ] step"),
    Binding("number_sign", "number_format", "Format", id="grid.format", key_display="#",
            show=False, tooltip="Change how numbers are written"),
]  # fmt: skip

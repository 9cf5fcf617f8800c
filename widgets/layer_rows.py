"""What the layer table shows: which rows there are and what stands in their cells.

Pure functions and small values; `layer_table` turns them into strips.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from kerastui.model import Box, Layer, Model, safe_text

BOX_SIGNS: dict[Box, str] = {"all": "■", "none": "□", "some": "◩", "locked": "⊡", "absent": " "}
"""Signs of the trainable box; told by shape, so that no colour is needed to read them."""

CHANGED = "▲"
AUTO_NAMED = "·"
STAND_IN = "stand-in for "
"""Before the class of a layer that is none in live Keras."""
LEFT = 4
"""Cells before the tree: box, blank, change mark, blank."""


@dataclass(frozen=True)
class Live:
    """What live Keras says of layers, by path: more than the file does."""

    shapes: Mapping[str, Sequence[object]] = field(default_factory=dict[str, Sequence[object]])
    """Output shapes; for a layer with several outputs a list of shapes."""
    standins: frozenset[str] = frozenset()
    """Layers that nobody gave: pass-throughs hold their weights."""


NOT_LIVE = Live()


@dataclass(frozen=True)
class Columns:
    """Widths in cells; 0 means that there is no room for the column."""

    name: int
    class_name: int
    weights: int
    output: int
    parameters: int
    feeds: int

    @classmethod
    def natural(
        cls, model: Model, previous: Sequence[str | None], live: Live = NOT_LIVE
    ) -> Columns:
        """Return the widths that show everything, within reason.

        What costs time to write is measured on some of the layers only; a longer one is cut.
        """
        from kerastui.model.summary import kernel_summary

        layers = model.layers
        some = layers[:: max(1, len(layers) // 60)]
        fed = _longest_feeds(model, previous)
        return cls(
            name=_between(12, longest(_name_width(layer) for layer in layers), 44),
            class_name=2 + _between(
                5, longest(len(_class_text(layer, live)) for layer in layers), 24
            ),
            weights=2 + _between(7, longest(len(kernel_summary(layer)) for layer in some), 26),
            output=2 + _between(6, longest(len(output_text(x, live)) for x in some), 26),
            parameters=2 + _between(6, len(f"{max(model.tree.sums, default=0):,}"), 18),
            feeds=2 + _between(6, fed, 30) if fed else 0,
        )  # fmt: skip

    def fit(self, width: int) -> Columns:
        """Share `width` cells out: the columns that say least leave first."""
        room = width - LEFT - self.name
        got: dict[str, int] = {}
        for column in ("parameters", "class_name", "weights", "output", "feeds"):
            need: int = getattr(self, column)
            if column == "feeds" and 14 <= room < need:
                need = room
            got[column] = need if need <= room else 0
            room -= got[column]
        # What is left goes to names that were cut, then to the right end of the last column.
        return Columns(name=self.name + max(0, room), **got)


def _between(low: int, value: int, high: int) -> int:
    return max(low, min(value, high))


def _name_width(layer: Layer) -> int:
    return len(layer.name) + 2 * min(layer.depth, 24) + 2 + 2 * layer.auto_named


def _longest_feeds(model: Model, previous: Sequence[str | None]) -> int:
    """Return how long the texts in "fed by" get; 0 if there are none."""
    return longest(
        2 + sum(len(name) + 2 for name in layer.inbound[:4])
        for layer, before in zip(model.layers, previous, strict=True)
        if layer.inbound and layer.inbound != (before,)
    )


@dataclass(frozen=True)
class Cell:
    """A piece of a row: text already safe and padded, and the style it is drawn with."""

    text: str
    style: str = "text"


def visible_rows(model: Model, collapsed: set[str]) -> list[int]:
    """Return the indices of the layers that are not inside a collapsed one."""
    layers = model.layers
    if not collapsed:
        return list(range(len(layers)))
    rows: list[int] = []
    i = 0
    while i < len(layers):
        rows.append(i)
        i = layers[i].end if layers[i].path in collapsed else i + 1
    return rows


def longest(lengths: Iterable[int]) -> int:
    """Return the greatest length, 0 for none."""
    return max(lengths, default=0)


def fit(text: str, width: int, right: bool = False) -> str:
    """Return `text` in exactly `width` cells, cut with ``…`` where it is too long."""
    cells = len(text) if text.isascii() else cell_length(text)
    if cells > width:
        text = cut(text, width)
        cells = len(text) if text.isascii() else cell_length(text)
    pad = " " * (width - cells)
    return pad + text if right else text + pad


def cell_length(text: str) -> int:
    """Return the cells that `text` takes in a terminal (East Asian characters take two)."""
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """Return the beginning of `text` in at most `width` cells, ending in ``…``."""
    if width <= 0:
        return ""
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1).rstrip() + "…"


def feeds_text(model: Model, index: int, previous: str | None) -> str:
    """Say what feeds a layer, where it is not simply the layer before it ("" if it is)."""
    inbound = model.layers[index].inbound
    if not inbound or (len(inbound) == 1 and inbound[0] == previous):
        return ""
    shown = ", ".join(safe_text(name, 60) for name in inbound[:4])
    return f"← {shown}" + (f" +{len(inbound) - 4}" if len(inbound) > 4 else "")


def previous_siblings(model: Model) -> list[str | None]:
    """Return for each layer the name of the layer before it in the same model."""
    last: dict[int, str] = {}
    result: list[str | None] = []
    for layer in model.layers:
        result.append(last.get(layer.parent))
        last[layer.parent] = layer.name
    return result


def tree_prefix(model: Model, index: int, collapsed: set[str]) -> str:
    """Return the indentation and the sign that opens or closes a subtree."""
    layer = model.layers[index]
    depth = min(layer.depth, 24)
    deeper = f"{layer.depth}›" if layer.depth > depth else ""
    if layer.end == index + 1:
        return "  " * depth + deeper + "  "
    return "  " * depth + deeper + ("▸ " if layer.path in collapsed else "▾ ")


def output_text(layer: Layer, live: Live) -> str:
    """Return a layer's output shape as Keras has it, else as the file lets one infer it."""
    from kerastui.model import figures

    shape = live.shapes.get(layer.path) or layer.output_shape
    if shape is None:
        return ""
    if shape and all(isinstance(axis, list) for axis in shape):
        return ", ".join(figures.shape(cast("list[object]", axes)) for axes in shape)
    return figures.shape(shape)


def _class_text(layer: Layer, live: Live) -> str:
    return (STAND_IN if layer.path in live.standins else "") + safe_text(layer.class_name)


def header_cells(columns: Columns) -> list[Cell]:
    """Return the cells of the heading row."""
    titles: Sequence[tuple[str, int, bool]] = (
        ("", LEFT, False),
        ("  name", columns.name, False),
        ("  class", columns.class_name, False),
        ("  weights", columns.weights, False),
        ("  output", columns.output, False),
        ("params", columns.parameters, True),
        ("  fed by", columns.feeds, False),
    )
    return [Cell(fit(text, width, right), "header") for text, width, right in titles if width]


def row_cells(
    model: Model, index: int, columns: Columns, collapsed: set[str], previous: str | None,
    changed: bool, live: Live = NOT_LIVE,
) -> list[Cell]:  # fmt: skip
    """Return the cells of one layer's row."""
    from kerastui.model.summary import kernel_summary

    layer = model.layers[index]
    box = model.boxes[index]
    on = box in ("all", "some")
    cells = [
        Cell(BOX_SIGNS[box] + " ", "on" if on else "off"),
        Cell((CHANGED if changed else " ") + " ", "changed"),
    ]
    prefix = tree_prefix(model, index, collapsed)
    mark = " " + AUTO_NAMED if layer.auto_named else ""
    room = max(4, columns.name - len(prefix) - len(mark))
    name = safe_text(layer.name, 300)
    name = name if cell_length(name) <= room else cut(name, room)
    cells.append(Cell(prefix, "muted"))
    cells.append(Cell(name, "frozen" if box in ("none", "locked") else "text"))
    used = len(prefix) + cell_length(name)
    cells.append(Cell(fit(mark, max(0, columns.name - used)), "muted"))
    if columns.class_name:
        style = "changed" if layer.path in live.standins else "class"
        cells.append(Cell("  " + fit(_class_text(layer, live), columns.class_name - 2), style))
    if columns.weights:
        cells.append(Cell("  " + fit(kernel_summary(layer), columns.weights - 2), "muted"))
    if columns.output:
        cells.append(Cell("  " + fit(output_text(layer, live), columns.output - 2), "muted"))
    if columns.parameters:
        count = model.subtree_parameters[index]
        cells.append(Cell(fit(f"{count:,}" if count else "", columns.parameters, True), "number"))
    if columns.feeds:
        text = feeds_text(model, index, previous)
        cells.append(Cell("  " + fit(text, columns.feeds - 2), "muted"))
    return cells

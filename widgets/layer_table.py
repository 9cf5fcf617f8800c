"""The layer table: a tree-table of all layers, which draws only the rows that are seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from kerastui.model import Model

from .folding_rows import FoldingRows
from .layer_rows import (
    LEFT,
    NOT_LIVE,
    Columns,
    Live,
    header_cells,
    previous_siblings,
    row_cells,
    tree_prefix,
)


class LayerTable(FoldingRows):
    """All layers of a model with their trainable boxes; nested models can be folded.

    It knows neither file nor document: it is shown a `Model` and posts what the user wants.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_layers", "Toggle", id="layers.toggle",
                tooltip="Freeze or unfreeze the layer, its whole subtree, or the selected range"),
        Binding("enter", "choose", "Details", id="layers.details", show=False,
                tooltip="Show everything about the layer"),
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "layertable--match", "layertable--muted", "layertable--on", "layertable--off",
        "layertable--changed", "layertable--class", "layertable--number", "layertable--frozen",
        "layertable--text",
    }  # fmt: skip

    DEFAULT_CSS = """
    LayerTable {
        & > .layertable--match { background: $warning 25%; }
        & > .layertable--muted { color: $text-muted; }
        & > .layertable--on { color: $text-success; }
        & > .layertable--off { color: $text-muted; }
        & > .layertable--frozen { color: $text-muted; }
        & > .layertable--changed { color: $text-warning; text-style: bold; }
        & > .layertable--class { color: $text-primary; }
        & > .layertable--number { color: $text; }
        & > .layertable--text { color: $text; }
    }
    """

    @dataclass
    class Toggled(Message):
        """The user wants the layers at `indices` (subtrees included) toggled."""

        table: LayerTable
        indices: tuple[int, ...]

        @property
        def control(self) -> LayerTable:
            """The table."""
            return self.table

    @dataclass
    class Highlighted(Message):
        """The cursor came to the layer at `index`."""

        table: LayerTable
        index: int

        def can_replace(self, message: Message) -> bool:
            """Only the newest matters when the cursor runs."""
            return isinstance(message, LayerTable.Highlighted)

        @property
        def control(self) -> LayerTable:
            """The table."""
            return self.table

    @dataclass
    class Chosen(Message):
        """The user wants to see everything about the layer at `index`."""

        table: LayerTable
        index: int

        @property
        def control(self) -> LayerTable:
            """The table."""
            return self.table

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._original: Model | None = None
        self._previous: list[str | None] = []
        self._matches: frozenset[int] = frozenset()
        self._columns = Columns(0, 0, 0, 0, 0, 0)
        self._natural = self._columns
        self._live = NOT_LIVE

    # -- what is shown ------------------------------------------------------------------

    def show(self, model: Model, original: Model) -> None:
        """Show another model from the top, unfolded; `original` is what the file holds."""
        self.model, self._original = model, original
        self.collapsed.clear()
        self._matches = frozenset()
        self._live = NOT_LIVE
        self._previous = previous_siblings(model)
        self._natural = Columns.natural(model, self._previous)
        self.reflow(0)

    def update_model(self, model: Model, original: Model) -> None:
        """Show the same layers with other flags or names; cursor, folds and scroll stay.

        With the same names only rows that look different are drawn again.
        """
        if self.model is None:
            return
        if model.structure != self.model.structure:
            self._update_layers(model, original)
            return
        if model.index is not self.model.index and model.index != self.model.index:
            self._update_names(model, original)
            return
        top = self.scroll_offset.y
        seen = range(top, min(top + self.size.height, len(self.shown)))
        before = [self._look(self.shown[row]) for row in seen]
        self.model, self._original = model, original
        for row, look in zip(seen, before, strict=True):
            if look != self._look(self.shown[row]):
                self.refresh_row(row)

    def _update_layers(self, model: Model, original: Model) -> None:
        """Show other layers: some were cut, or are new; the cursor stays where it can."""
        place = outer = min(self.current or 0, len(model.layers) - 1)
        while (outer := model.layers[outer].parent) >= 0:
            if model.layers[outer].path in self.collapsed:
                place = outer
        self.model, self._original = model, original
        self._matches = frozenset()
        self._live = NOT_LIVE
        self._previous = previous_siblings(model)
        self._natural = Columns.natural(model, self._previous)
        self.reflow(place)

    def _update_names(self, model: Model, original: Model) -> None:
        before = self.model
        assert before is not None
        paths = {old.path: new.path for old, new in zip(before.layers, model.layers, strict=True)}
        self.model, self._original = model, original
        self.collapsed = {paths[path] for path in self.collapsed}
        shapes = {paths.get(path, path): shape for path, shape in self._live.shapes.items()}
        standins = frozenset(paths.get(path, path) for path in self._live.standins)
        self._live = Live(shapes, standins)
        self._previous = previous_siblings(model)
        self._natural = Columns.natural(model, self._previous, self._live)
        self.fit_columns()
        self.refresh()

    def show_live(
        self, shapes: Mapping[str, Sequence[object]], standins: Iterable[str] = ()
    ) -> None:
        """Show what Keras says, by path: output shapes, and which layers are stand-ins."""
        if self.model is None:
            return
        self._live = Live(dict(shapes), frozenset(standins))
        self._natural = Columns.natural(self.model, self._previous, self._live)
        self.fit_columns()
        self.refresh()

    @property
    def has_standin(self) -> bool:
        """Whether live Keras has only a stand-in for the layer under the cursor."""
        model, index = self.model, self.current
        if model is None or index is None:
            return False
        return model.layers[index].path in self._live.standins

    def set_matches(self, indices: tuple[int, ...]) -> None:
        """Highlight the layers at `indices` (what a pattern or a search finds)."""
        self._matches = frozenset(indices)
        self.refresh()

    def fit_columns(self) -> None:
        """Share the width out among the columns."""
        self._columns = self._natural.fit(self.row_width)

    # -- drawing ----------------------------------------------------------------------------

    def highlighted(self, row: int) -> Message:
        """Say which layer the cursor is on."""
        return self.Highlighted(self, self.shown[row])

    def render_heading(self, width: int) -> Strip:
        """Draw the columns' names."""
        style = self.style_of("header")
        return Strip([Segment(cell.text, style) for cell in header_cells(self._columns)])

    def render_row(self, row: int, width: int) -> Strip:
        """Draw one layer."""
        assert self.model is not None
        index = self.shown[row]
        ground = self.ground(row)
        cells = row_cells(
            self.model, index, self._columns, self.collapsed, self._previous[index],
            self._changed(index), self._live,
        )  # fmt: skip
        return Strip([Segment(c.text, self.style_of(ground, c.style)) for c in cells if c.text])

    def ground(self, row: int) -> str:
        """Return the row's background: cursor, selection, or what a pattern matches."""
        return super().ground(row) or ("match" if self.shown[row] in self._matches else "")

    def _look(self, index: int) -> tuple[str, bool]:
        assert self.model is not None
        return self.model.boxes[index], self._changed(index)

    def _changed(self, index: int) -> bool:
        """Whether the row's own layer, or for a folded one any inside, differs from the file."""
        model, original = self.model, self._original
        assert model is not None
        if original is None or original is model:
            return False
        end = index + 1
        if model.layers[index].path in self.collapsed:
            end = model.layers[index].end
        return any(
            model.is_new(i) or model.layers[i].edited_since(original.layers[i])
            for i in range(index, end)
        )

    def on_resize(self) -> None:
        """Share the new width out among the columns."""
        self.fit_columns()
        super().on_resize()

    # -- wishes -------------------------------------------------------------------------

    def action_toggle_layers(self) -> None:
        """Ask for the selected layers to be toggled."""
        if self.shown:
            self.post_message(self.Toggled(self, self.selection))

    def action_choose(self) -> None:
        """Ask for the details of the cursor's layer."""
        if self.current is not None:
            self.post_message(self.Chosen(self, self.current))

    async def _on_click(self, event: events.Click) -> None:
        """Box: toggle. Fold sign: fold. Elsewhere: move there; twice: details."""
        row = self.row_at(event.y)
        if row is None or self.model is None:
            return
        self.mark = self.cursor if event.shift and self.mark is None else self.mark
        if not event.shift:
            self.mark = None
        self.cursor = row
        prefix = len(tree_prefix(self.model, self.shown[row], self.collapsed))
        if event.x < 2:
            self.action_toggle_layers()
        elif LEFT + prefix - 2 <= event.x < LEFT + prefix:
            layer = self.model.layers[self.shown[row]]
            if layer.path in self.collapsed:
                self.action_unfold()
            elif layer.end > self.shown[row] + 1:
                self.action_fold()
        elif event.chain == 2:
            self.action_choose()

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

from .layer_rows import (
    LEFT,
    NOT_LIVE,
    Columns,
    Live,
    header_cells,
    previous_siblings,
    row_cells,
    tree_prefix,
    visible_rows,
)
from .row_view import RowView


class LayerTable(RowView):
    """All layers of a model with their trainable boxes; nested models can be folded.

    It knows neither file nor document: it is shown a `Model` and posts what the user wants.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "fold", "Fold", id="layers.fold", show=False,
                tooltip="Fold a nested model, or go to the enclosing one"),
        Binding("right,l", "unfold", "Unfold", id="layers.unfold", show=False,
                tooltip="Unfold a nested model, or go into it"),
        Binding("less_than_sign", "fold_all", "Fold all", id="layers.fold-all", show=False,
                tooltip="Fold all nested models"),
        Binding("greater_than_sign", "unfold_all", "Unfold all", id="layers.unfold-all",
                show=False, tooltip="Unfold all nested models"),
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
        self.model: Model | None = None
        self._original: Model | None = None
        self._rows: list[int] = []
        self._previous: list[str | None] = []
        self._collapsed: set[str] = set()
        self._matches: frozenset[int] = frozenset()
        self._columns = Columns(0, 0, 0, 0, 0, 0)
        self._natural = self._columns
        self._live = NOT_LIVE

    # -- what is shown ------------------------------------------------------------------

    def show(self, model: Model, original: Model) -> None:
        """Show another model from the top, unfolded; `original` is what the file holds."""
        self.model, self._original = model, original
        self._collapsed.clear()
        self._matches = frozenset()
        self._live = NOT_LIVE
        self._previous = previous_siblings(model)
        self._natural = Columns.natural(model, self._previous)
        self._reflow(0)

    def update_model(self, model: Model, original: Model) -> None:
        """Show the same layers with other flags or names; cursor, folds and scroll stay.

        With the same names only rows that look different are drawn again.
        """
        if self.model is None:
            return
        if model.index is not self.model.index and model.index != self.model.index:
            self._update_names(model, original)
            return
        top = self.scroll_offset.y
        seen = range(top, min(top + self.size.height, len(self._rows)))
        before = [self._look(self._rows[row]) for row in seen]
        self.model, self._original = model, original
        for row, look in zip(seen, before, strict=True):
            if look != self._look(self._rows[row]):
                self.refresh_row(row)

    def _update_names(self, model: Model, original: Model) -> None:
        before = self.model
        assert before is not None
        paths = {old.path: new.path for old, new in zip(before.layers, model.layers, strict=True)}
        self.model, self._original = model, original
        self._collapsed = {paths[path] for path in self._collapsed}
        shapes = {paths.get(path, path): shape for path, shape in self._live.shapes.items()}
        standins = frozenset(paths.get(path, path) for path in self._live.standins)
        self._live = Live(shapes, standins)
        self._previous = previous_siblings(model)
        self._natural = Columns.natural(model, self._previous, self._live)
        self._fit_columns()
        self.refresh()

    def show_live(
        self, shapes: Mapping[str, Sequence[object]], standins: Iterable[str] = ()
    ) -> None:
        """Show what Keras says, by path: output shapes, and which layers are stand-ins."""
        if self.model is None:
            return
        self._live = Live(dict(shapes), frozenset(standins))
        self._natural = Columns.natural(self.model, self._previous, self._live)
        self._fit_columns()
        self.refresh()

    def set_matches(self, indices: tuple[int, ...]) -> None:
        """Highlight the layers at `indices` (what a pattern or a search finds)."""
        self._matches = frozenset(indices)
        self.refresh()

    def move_to(self, index: int) -> None:
        """Put the cursor on the layer at `index`, unfolding what hides it."""
        model = self.model
        if model is None or not model.layers:
            return
        parent = model.layers[index].parent
        hidden = False
        while parent >= 0:
            if model.layers[parent].path in self._collapsed:
                self._collapsed.discard(model.layers[parent].path)
                hidden = True
            parent = model.layers[parent].parent
        if hidden:
            self._reflow()
        self.cursor = self._rows.index(index)

    @property
    def current(self) -> int | None:
        """Index of the layer that the cursor is on."""
        return self._rows[self.cursor] if self._rows else None

    @property
    def selection(self) -> tuple[int, ...]:
        """Indices of the selected range's layers, or of the cursor's layer."""
        return tuple(self._rows[row] for row in self.selected_rows)

    def _reflow(self, keep: int | None = None) -> None:
        """Recompute the rows after folding; keep the cursor on layer `keep`."""
        if self.model is None:
            return
        self._rows = visible_rows(self.model, self._collapsed)
        self._fit_columns()
        self.rows_changed(self._rows.index(keep) if keep is not None and self._rows else 0)

    def _fit_columns(self) -> None:
        self._columns = self._natural.fit(self.row_width)

    # -- drawing ----------------------------------------------------------------------------

    @property
    def row_count(self) -> int:
        """How many layers are not folded away."""
        return len(self._rows)

    def highlighted(self, row: int) -> Message:
        """Say which layer the cursor is on."""
        return self.Highlighted(self, self._rows[row])

    def render_heading(self, width: int) -> Strip:
        """Draw the columns' names."""
        style = self.style_of("header")
        return Strip([Segment(cell.text, style) for cell in header_cells(self._columns)])

    def render_row(self, row: int, width: int) -> Strip:
        """Draw one layer."""
        assert self.model is not None
        index = self._rows[row]
        ground = self.ground(row)
        cells = row_cells(
            self.model, index, self._columns, self._collapsed, self._previous[index],
            self._changed(index), self._live,
        )  # fmt: skip
        return Strip([Segment(c.text, self.style_of(ground, c.style)) for c in cells if c.text])

    def ground(self, row: int) -> str:
        """Return the row's background: cursor, selection, or what a pattern matches."""
        return super().ground(row) or ("match" if self._rows[row] in self._matches else "")

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
        if model.layers[index].path in self._collapsed:
            end = model.layers[index].end
        return any(model.layers[i].edited_since(original.layers[i]) for i in range(index, end))

    def on_resize(self) -> None:
        """Share the new width out among the columns."""
        self._fit_columns()
        super().on_resize()

    # -- folding ------------------------------------------------------------------------

    def action_fold(self) -> None:
        """Fold the subtree under the cursor, or move to the enclosing layer."""
        index, model = self.current, self.model
        if index is None or model is None:
            return
        layer = model.layers[index]
        if layer.end > index + 1 and layer.path not in self._collapsed:
            self._collapsed.add(layer.path)
            self._reflow(index)
        elif layer.parent >= 0:
            self.cursor = self._rows.index(layer.parent)

    def action_unfold(self) -> None:
        """Unfold the subtree under the cursor, or move into it."""
        index, model = self.current, self.model
        if index is None or model is None:
            return
        layer = model.layers[index]
        if layer.path in self._collapsed:
            self._collapsed.discard(layer.path)
            self._reflow(index)
        elif layer.end > index + 1:
            self.cursor += 1

    def action_fold_all(self) -> None:
        """Fold every nested model and wrapper."""
        index, model = self.current, self.model
        if index is None or model is None:
            return
        while model.layers[index].parent >= 0:
            index = model.layers[index].parent
        self._collapsed = {x.path for i, x in enumerate(model.layers) if x.end > i + 1}
        self._reflow(index)

    def action_unfold_all(self) -> None:
        """Unfold everything."""
        index = self.current
        self._collapsed.clear()
        self._reflow(index)

    # -- wishes -------------------------------------------------------------------------

    def action_toggle_layers(self) -> None:
        """Ask for the selected layers to be toggled."""
        if self._rows:
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
        prefix = len(tree_prefix(self.model, self._rows[row], self._collapsed))
        if event.x < 2:
            self.action_toggle_layers()
        elif LEFT + prefix - 2 <= event.x < LEFT + prefix:
            layer = self.model.layers[self._rows[row]]
            if layer.path in self._collapsed:
                self.action_unfold()
            elif layer.end > self._rows[row] + 1:
                self.action_fold()
        elif event.chain == 2:
            self.action_choose()

"""Rows of a tree of layers, whose nested models and wrappers can be folded."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from kerastui.model import Model

from .layer_rows import visible_rows
from .row_view import RowView


class FoldingRows(RowView):
    """Knows which layers are shown and which one the cursor is on; a subclass draws them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "fold", "Fold", id="layers.fold", show=False,
                tooltip="Fold a nested model, or go to the enclosing one"),
        Binding("right,l", "unfold", "Unfold", id="layers.unfold", show=False,
                tooltip="Unfold a nested model, or go into it"),
        Binding("less_than_sign", "fold_all", "Fold all", id="layers.fold-all", show=False,
                tooltip="Fold all nested models"),
        Binding("greater_than_sign", "unfold_all", "Unfold all", id="layers.unfold-all",
                show=False, tooltip="Unfold all nested models"),
    ]  # fmt: skip

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.model: Model | None = None
        self.shown: list[int] = []
        """Indices of the layers that are not folded away."""
        self.collapsed: set[str] = set()
        """Paths of what is folded."""

    def fit_columns(self) -> None:
        """Share the width out among the columns, before rows are drawn."""

    @property
    def row_count(self) -> int:
        """How many layers are not folded away."""
        return len(self.shown)

    def move_to(self, index: int) -> None:
        """Put the cursor on the layer at `index`, unfolding what hides it."""
        model = self.model
        if model is None or not model.layers:
            return
        parent = model.layers[index].parent
        hidden = False
        while parent >= 0:
            if model.layers[parent].path in self.collapsed:
                self.collapsed.discard(model.layers[parent].path)
                hidden = True
            parent = model.layers[parent].parent
        if hidden:
            self.reflow()
        self.cursor = self.shown.index(index)

    @property
    def current(self) -> int | None:
        """Index of the layer that the cursor is on."""
        return self.shown[self.cursor] if self.shown else None

    @property
    def selection(self) -> tuple[int, ...]:
        """Indices of the selected range's layers, or of the cursor's layer."""
        return tuple(self.shown[row] for row in self.selected_rows)

    def reflow(self, keep: int | None = None) -> None:
        """Recompute the rows after folding; keep the cursor on layer `keep`."""
        if self.model is None:
            return
        self.shown = visible_rows(self.model, self.collapsed)
        self.fit_columns()
        self.rows_changed(self.shown.index(keep) if keep is not None and self.shown else 0)

    # -- folding ------------------------------------------------------------------------

    def action_fold(self) -> None:
        """Fold the subtree under the cursor, or move to the enclosing layer."""
        index, model = self.current, self.model
        if index is None or model is None:
            return
        layer = model.layers[index]
        if layer.end > index + 1 and layer.path not in self.collapsed:
            self.collapsed.add(layer.path)
            self.reflow(index)
        elif layer.parent >= 0:
            self.cursor = self.shown.index(layer.parent)

    def action_unfold(self) -> None:
        """Unfold the subtree under the cursor, or move into it."""
        index, model = self.current, self.model
        if index is None or model is None:
            return
        layer = model.layers[index]
        if layer.path in self.collapsed:
            self.collapsed.discard(layer.path)
            self.reflow(index)
        elif layer.end > index + 1:
            self.cursor += 1

    def action_fold_all(self) -> None:
        """Fold every nested model and wrapper."""
        index, model = self.current, self.model
        if index is None or model is None:
            return
        while model.layers[index].parent >= 0:
            index = model.layers[index].parent
        self.collapsed = {x.path for i, x in enumerate(model.layers) if x.end > i + 1}
        self.reflow(index)

    def action_unfold_all(self) -> None:
        """Unfold everything."""
        index = self.current
        self.collapsed.clear()
        self.reflow(index)

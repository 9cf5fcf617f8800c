"""Giving weights other values or another dtype, and taking them over from another file."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import work
from textual.binding import Binding, BindingType

from kerastui.errors import KerastuiError
from kerastui.model import safe_text

from .console_screen import ConsoleScreen

if TYPE_CHECKING:
    from kerastui.edits.changes import Edit
    from kerastui.edits.document import Document
    from kerastui.edits.transplant import Transplant
    from kerastui.journal.folder import Folder
    from kerastui.making.results import Made

    from .dialogs.weight_answers import Wish


class WeightsScreen(ConsoleScreen):
    """What can be done to weights; files are read and written by the clerk."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("W", "set_weight", "Set weight", id="edit.set-weight", show=False,
                tooltip="Give a weight of this layer values from a file, an expression or its "
                        "initializer, or another dtype"),
        Binding("T", "transplant", "Transplant weights", id="edit.transplant", show=False,
                tooltip="Take over weights from another model file by matching names"),
    ]  # fmt: skip

    _made: Folder | None = None
    _numbers = itertools.count(1)

    async def ask_clerk(self, request: str, *args: object) -> Any:
        """Ask the clerk something. Raises KerastuiError."""
        return await asyncio.wrap_future(self.clerk.submit(request, *args))

    def close_session(self) -> None:
        """End with the program: the arrays that were made go as well."""
        super().close_session()
        if self._made is not None:
            self._made.remove()

    def action_set_weight(self) -> None:
        """Ask what a weight of the layer under the cursor is to be."""
        from .dialogs.set_weight import SetWeightDialog

        model = self.model
        if model is None or not model.layers:
            return
        index = self.current
        if not model.layers[index].weights:
            self.tell(f"{model.layers[index].path} has no weights of its own.")
            return
        folder = Path(model.file.path).absolute().parent
        self.app.push_screen(
            SetWeightDialog(model, index, self.ask_clerk, folder=folder), self._set_weight
        )

    def _set_weight(self, wish: Wish | None) -> None:
        if wish is not None and self.document is not None:
            self._fulfil(self.document, wish)

    @work(group="weights")
    async def _fulfil(self, document: Document, wish: Wish) -> None:
        """Make the wish an edit; made values are written first."""
        try:
            edit = await self._edit_for(document, wish)
        except KerastuiError as error:
            self.show_error(error)
            return
        if document is self.document:
            self._edit(lambda d: d.apply(edit))

    async def _edit_for(self, document: Document, wish: Wish) -> Edit:
        from kerastui.edits import ConvertDtype, SetWeight
        from kerastui.edits.weights import find_weight, present_source

        if wish.dtype:
            return ConvertDtype(wish.weights, wish.dtype)
        path, name = wish.weights[0]
        if wish.recipe is None:
            return SetWeight(path, name, wish.source)
        model = document.model
        layer = model.layers[find_weight(model, path, name)[0]]
        present = present_source(model, path, name)
        target = str(self._private() / f"{next(self._numbers)}.npy")
        made = await self.ask_clerk("make", layer, name, present, wish.recipe, target)
        return SetWeight(path, name, cast("Made", made).source)

    def action_transplant(self) -> None:
        """Ask for another file, and take over what matches as one step."""
        from .dialogs.transplant import TransplantDialog

        model = self.model
        if model is None or not model.layers:
            return
        if not any(layer.weights for layer in model.layers):
            self.tell("The model has no weights that others could take the place of.")
            return
        selected = self.table.selection if self.table.mark is not None else ()
        folder = Path(model.file.path).absolute().parent
        dialog = TransplantDialog(
            model, self.current, self.ask_clerk, selected=tuple(selected), folder=folder
        )
        self.app.push_screen(dialog, self._transplant)

    def _transplant(self, found: Transplant | None) -> None:
        if found is None:
            return
        edits = found.edits
        source = edits[0].source
        place = safe_text(Path(source.file).name, 60) if source is not None else ""
        self._edit(lambda d: d.apply(*edits, title=f"transplant from {place}"))

    def _private(self) -> Path:
        """Return a folder of ours for arrays that were made; the journal keeps its files."""
        from . import temporary

        if self._made is None:
            self._made = temporary.make(temporary.VALUES)
        return self._made.path

"""Cutting the model's head and appending a new one, on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from kerastui.errors import BadEdit
from kerastui.model import Model, safe_text
from kerastui.model.figures import plural

from .compile_actions import CompileScreen

if TYPE_CHECKING:
    from kerastui.edits import AppendDense

_SHOWN = 4
"""Cut layers that are named in the question."""


class StructureScreen(CompileScreen):
    """What is done to the end of the model before transfer learning."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("X", "cut_head", "Cut head here…", id="edit.cut-head", show=False,
                tooltip="Make this layer the last one: all that lies behind it goes"),
        Binding("H", "append_head", "Append head…", id="edit.append-head", show=False,
                tooltip="Put a new Dense layer behind the model's output"),
    ]  # fmt: skip

    def action_cut_head(self) -> None:
        """Ask before the layers behind the one under the cursor go."""
        from kerastui.edits import CutHead

        from .dialogs.choices import Choice
        from .dialogs.confirm import ConfirmDialog

        model = self.model
        if model is None or not model.layers:
            return
        edit = CutHead(model.layers[self.current].path)
        try:
            after = edit.apply(model)
        except BadEdit as error:
            self.tell(str(error), "warning")
            return
        if after is model:
            self.tell("This is the last layer already: there is nothing behind it.")
            return

        def cut(answer: str | None) -> None:
            if answer in ("cut", "append"):
                self._edit(lambda document: document.apply(edit))
                self.table.move_to(len(after.layers) - 1)
            if answer == "append":
                self.action_append_head()

        choices = (
            Choice("append", "Cut and append…", "primary", "Then ask for a new Dense layer"),
            Choice("cut", "Cut", "default", "Leave the model ending here"),
            Choice("cancel", "Cancel"),
        )
        question = _question(model, after)
        self.app.push_screen(ConfirmDialog(f"Cut behind {edit.path}", question, choices), cut)

    def action_append_head(self) -> None:
        """Ask for a new Dense layer."""
        from kerastui.edits import AppendDense

        from .dialogs.head import HeadDialog

        model = self.model
        if model is None:
            return
        try:  # what cannot have a head says so before anything is typed
            AppendDense("kerastui_head", 1).apply(model)
        except BadEdit as error:
            self.tell(str(error), "warning")
            return

        def append(edit: AppendDense | None) -> None:
            if edit is not None:
                self._edit(lambda document: document.apply(edit))
                if self.model is not None:
                    self.table.move_to(len(self.model.layers) - 1)

        self.app.push_screen(HeadDialog(model), append)


def _question(model: Model, after: Model) -> str:
    from kerastui.edits.graph import output_of

    stay = {layer.path for layer in after.layers}
    gone = [x for x in model.layers if x.path not in stay]
    outermost = [x for x in gone if x.parent < 0 or model.layers[x.parent].path in stay]
    names = ", ".join(safe_text(layer.path, 80) for layer in outermost[:_SHOWN])
    more = f" and {len(outermost) - _SHOWN:,} more" if len(outermost) > _SHOWN else ""
    parameters = sum(layer.parameters for layer in gone)
    last = after.layers[output_of(after)]
    ends = f" The model then gives {last.output_shape}." if last.output_shape else ""
    return (
        f"{plural(len(gone), 'layer')} with {plural(parameters, 'parameter')} will go: "
        f"{names}{more}.{ends}"
    )

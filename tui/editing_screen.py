"""Actions that change the document, search it, or copy from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from kerastui.edits import choices
from kerastui.errors import BadEdit
from kerastui.model import safe_text

from .document_screen import DocumentScreen

if TYPE_CHECKING:
    from kerastui.edits import Change, Rename
    from kerastui.edits.document import Document

    from ..widgets.search_bar import SearchBar
    from .dialogs.pattern import PatternChoice


class EditingScreen(DocumentScreen):
    """Freezing and unfreezing in all ways, undo, search, copying names."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "freeze_up_to", "Freeze to here", id="edit.freeze-up-to",
                tooltip="Freeze all layers from the first one up to this one"),
        Binding("u", "unfreeze_from", "Unfreeze from here", id="edit.unfreeze-from", show=False,
                tooltip="Make this layer and all that follow trainable"),
        Binding("asterisk,p", "pattern", "Pattern", id="edit.pattern", key_display="*",
                tooltip="Freeze or unfreeze the layers that match a pattern"),
        Binding("m,f2", "rename", "Rename", id="edit.rename", show=False,
                tooltip="Give this layer another name; all that refers to it moves along"),
        Binding("M", "rename_many", "Rename many", id="edit.rename-many", show=False,
                tooltip="Rename layers by a pattern, or those that Keras named"),
        Binding("t", "rename_model", "Rename model", id="edit.rename-model", show=False,
                tooltip="Give the model itself another name"),
        Binding("b", "freeze_bn", "Freeze BatchNorm", id="edit.freeze-bn", show=False,
                tooltip="Freeze all BatchNormalization layers"),
        Binding("i", "invert", "Invert", id="edit.invert", show=False,
                tooltip="Freeze what is trainable and unfreeze what is frozen, in the selected "
                        "range or, without one, everywhere"),
        Binding("z,ctrl+z", "undo", "Undo", id="edit.undo", tooltip="Take the last change back"),
        Binding("Z,ctrl+y", "redo", "Redo", id="edit.redo", show=False,
                tooltip="Do again what was undone"),
        Binding("r", "revert", "Revert", id="edit.revert", show=False,
                tooltip="Make the layer (or selected range) as it is in the file"),
        Binding("slash", "search", "Find", id="find.search", key_display="/",
                tooltip="Jump to layers by name or class as you type"),
        Binding("n", "next_match(1)", "Next match", id="find.next", show=False,
                tooltip="Go to the next match"),
        Binding("N", "next_match(-1)", "Previous match", id="find.previous", show=False,
                tooltip="Go to the match before"),
        Binding("y", "copy('name')", "Copy name", id="copy.name", show=False,
                tooltip="Copy the layer's name to the clipboard, over SSH too"),
        Binding("Y", "copy('path')", "Copy path", id="copy.path", show=False,
                tooltip="Copy the layer's path to the clipboard, over SSH too"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.matches: tuple[int, ...] = ()

    # -- flags --------------------------------------------------------------------------------

    def set_trainable(self, indices: Iterable[int], trainable: bool, title: str) -> None:
        """Freeze or unfreeze subtrees as one step; say so where nothing changes."""
        wanted = list(indices)
        self._edit(lambda d: d.set_trainable(wanted, trainable, title))

    def set_states(self, wanted: list[bool], title: str) -> None:
        """Give every layer a state as one step."""
        self._edit(lambda d: d.set_states(wanted, title))

    def _edit(self, change: Callable[[Document], object]) -> None:
        document = self.document
        if document is None:
            return
        before = document.model
        try:
            change(document)
        except BadEdit as error:
            self.tell(str(error), "warning")
            return
        if document.model is before:
            self.tell("Nothing to change: it is so already.")
        else:
            self.refresh_document()

    def toggle(self, indices: tuple[int, ...]) -> None:
        """Freeze the subtrees at `indices` if anything in them is trained, else unfreeze."""
        model = self.model
        if model is None:
            return
        if model.has_flags and not any(model.boxes[i] != "absent" for i in indices):
            self.tell("This layer has no weights, so there is nothing to freeze.")
            return
        freeze = choices.has_trained(model, indices)
        what = model.layers[indices[0]].path if len(indices) == 1 else f"{len(indices)} rows"
        self.set_trainable(indices, not freeze, f"{'freeze' if freeze else 'unfreeze'} {what}")

    def action_freeze_up_to(self) -> None:
        """Freeze all layers up to the cursor."""
        if self.model is not None and self.model.layers:
            i = self.current
            self.set_trainable(
                choices.up_to(self.model, i), False, f"freeze up to {self.model.layers[i].path}"
            )

    def action_unfreeze_from(self) -> None:
        """Unfreeze all layers from the cursor on."""
        if self.model is not None and self.model.layers:
            i = self.current
            self.set_trainable(
                choices.from_here(self.model, i), True, f"unfreeze from {self.model.layers[i].path}"
            )

    def action_freeze_bn(self) -> None:
        """Freeze all BatchNormalization layers."""
        if self.model is not None:
            layers = choices.batch_normalization(self.model)
            if layers:
                self.set_trainable(layers, False, "freeze all BatchNormalization")
            else:
                self.tell("This model has no BatchNormalization layers.")

    def action_invert(self) -> None:
        """Turn the flags round, of the selected range or of all layers."""
        model = self.model
        if model is None:
            return
        wanted = list(model.effective)
        chosen = self.table.selection if self.table.mark is not None else range(len(wanted))
        for i in choices.leaves(model, chosen):
            wanted[i] = not wanted[i]
        self.set_states(wanted, "invert")

    def action_pattern(self) -> None:
        """Ask for a pattern and what to do with the layers that match."""
        from .dialogs.pattern import PatternDialog

        if self.model is not None:
            self.app.push_screen(
                PatternDialog(self.model, on_matches=self.show_matches), self._pattern_chosen
            )

    def _pattern_chosen(self, choice: PatternChoice | None) -> None:
        if choice is None or self.model is None:
            self.show_matches(())
            return
        self.show_matches(choice.indices)
        title = f"{choice.action} {choice.pattern}"
        if choice.action == "only":
            self.set_states(choices.only(self.model, choice.indices), title)
        else:
            self.set_trainable(choice.indices, choice.action == "unfreeze", title)

    # -- names ----------------------------------------------------------------------------------

    def action_rename(self) -> None:
        """Ask for another name for the layer under the cursor."""
        if self.model is not None and self.model.layers:
            self._ask_name(self.model.layers[self.current].path)

    def action_rename_model(self) -> None:
        """Ask for another name for the model."""
        if self.model is None:
            return
        if self.model.name:
            self._ask_name("")
        else:
            self.tell("This file keeps no name for the model itself.")

    def _ask_name(self, path: str) -> None:
        from .dialogs.rename import RenameDialog

        def rename(name: str | None) -> None:
            from kerastui.edits import Rename

            if name is not None:
                self._edit(lambda d: d.apply(Rename(((path, name),))))

        if self.model is not None:
            self.app.push_screen(RenameDialog(self.model, path), rename)

    def action_rename_many(self) -> None:
        """Ask for a pattern and what it becomes, or names for what Keras named."""
        from .dialogs.bulk_rename import BulkRenameDialog

        def rename(edit: Rename | None) -> None:
            if edit is not None:
                self._edit(lambda d: d.apply(edit))

        if self.model is not None:
            selected = self.table.selection if self.table.mark is not None else ()
            self.app.push_screen(BulkRenameDialog(self.model, selected), rename)

    # -- history --------------------------------------------------------------------------------

    def action_undo(self) -> None:
        """Take the last step back."""
        step = self.document.undo() if self.document else None
        self._moved_in_history("Undone", step.title if step else None)

    def action_redo(self) -> None:
        """Do the last undone step again."""
        step = self.document.redo() if self.document else None
        self._moved_in_history("Done again", step.title if step else None)

    def _moved_in_history(self, what: str, title: str | None) -> None:
        if title is None:
            self.tell("There is nothing to " + ("undo." if what == "Undone" else "do again."))
        else:
            self.refresh_document()
            self.tell(f"{what}: {title}")

    def action_revert(self) -> None:
        """Make the selected layers as they are in the file."""
        model = self.model
        if model is None:
            return
        inside: set[int] = set()
        for i in self.table.selection:
            inside.update(range(i, model.layers[i].end))
        self.revert([model.layers[i].path for i in sorted(inside)])

    def revert(self, paths: Iterable[str]) -> None:
        """Make the layers at `paths` as they are in the file, as one step."""
        wanted = list(paths)
        self._edit(lambda d: d.revert(wanted))

    def revert_changes(self, changes: Iterable[Change]) -> None:
        """Take single changes back, as one step."""
        wanted = list(changes)
        self._edit(lambda d: d.revert_changes(wanted))

    def undo_step(self, index: int) -> None:
        """Undo the step `index` (from 0) alone; say which later one depends on it, if one does."""
        self._edit(lambda d: d.undo_step(index))

    # -- finding --------------------------------------------------------------------------------

    def show_matches(self, indices: tuple[int, ...]) -> None:
        """Highlight layers in the table."""
        self.matches = indices
        self.table.set_matches(indices)

    def action_search(self) -> None:
        """Open the search line under the table."""
        from ..widgets.search_bar import SearchBar

        if self.model is None or self.query(SearchBar):
            return
        self.query_one("#layers-pane").mount(SearchBar(self.model, self.current))

    def on_search_bar_found(self, message: SearchBar.Found) -> None:
        """Jump to the first match as the user types."""
        self.show_matches(message.indices)
        self.table.move_to(message.indices[0] if message.indices else message.start)

    def on_search_bar_closed(self, message: SearchBar.Closed) -> None:
        """Leave the search: keep the matches, or go back to where it began."""
        if not message.accepted:
            self.show_matches(())
            self.table.move_to(message.start)
        self.table.focus()

    def action_next_match(self, step: int) -> None:
        """Go to the next or previous highlighted layer, round the end."""
        if not self.matches:
            self.tell("Nothing to go to: find layers with / or * first.")
            return
        order = sorted(self.matches)
        here = self.current
        after = [i for i in order if i > here] if step > 0 else [i for i in order if i < here]
        pick = (after[0] if step > 0 else after[-1]) if after else order[0 if step > 0 else -1]
        self.table.move_to(pick)

    def action_escape(self) -> None:
        """Drop the selection, then the highlighted matches."""
        if not self.table.clear_selection():
            self.show_matches(())

    # -- copying --------------------------------------------------------------------------------

    def action_copy(self, what: str) -> None:
        """Copy the layer's name or path with OSC 52."""
        if self.model is not None and self.model.layers:
            layer = self.model.layers[self.current]
            text = layer.path if what == "path" else layer.name
            self.app.copy_to_clipboard(text)
            self.tell(f"Copied {safe_text(text)}")

"""What a save will do besides the changes themselves, shown before it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from kerastui.edits.save_summary import SaveSummary
from kerastui.model import safe_text
from kerastui.model.figures import plural

from .base import Dialog
from .choices import Choice, ChoiceButton, ChoiceRow
from .segments import Segments

_LAYERS = 8
"""Layers that are named before the rest is only counted."""


@dataclass(frozen=True)
class SaveChoice:
    """How the user wants it saved."""

    drop_state: bool = False
    """Without the optimizer's state."""
    backup: bool = False
    """With the file that is replaced kept beside it."""


class SavePlanDialog(Dialog[SaveChoice]):
    """Says what will be written; dismissed with a `SaveChoice`, or None to write nothing.

    Args:
        path: the file that will be written.
        changes: how many changes there are.
        summary: what comes with them.
        has_state: whether the file will hold optimizer state, which could be dropped.
        replaces: whether there is a file at `path` already.
    """

    BINDING_GROUP_TITLE = "Save"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="save-plan.save", show=False,
                tooltip="Write the file as described"),
        Binding("ctrl+t", "step('state')", "Optimizer state", id="save-plan.state", show=False,
                tooltip="Keep the optimizer's state, or drop it altogether"),
        Binding("ctrl+b", "step('backup')", "Backup", id="save-plan.backup", show=False,
                tooltip="Keep the file that is replaced, or not"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    SavePlanDialog {
        .plan--line { width: 100%; height: auto; margin-bottom: 1; }
        &.-short .plan--line, &.-tiny .plan--line { margin-bottom: 0; }
        &.-short ChoiceRow, &.-tiny ChoiceRow { margin-top: 0; }
    }
    """

    def __init__(
        self, path: Path, changes: int, summary: SaveSummary, *, has_state: bool, replaces: bool
    ) -> None:
        super().__init__()
        self.heading = f"Save {path.name}"
        self._path = path
        self._changes = changes
        self._summary = summary
        self._has_state = has_state
        self._replaces = replaces

    def compose_body(self) -> Iterable[Widget]:
        """Yield what happens, what to know, what can be chosen, and buttons."""
        summary = self._summary
        what = f"{plural(self._changes, 'change')} will be written; all else stays as it is."
        yield Static(Content(what), classes="plan--line dialog--message")
        if summary.slots:
            yield Static(Content(summary.slots), classes="plan--line dialog--message")
        if summary.reordered:
            yield Static(Content(_reordered(summary.reordered)), classes="plan--line dialog--hint")
        for warning in summary.warnings:
            text = Content(f"! {safe_text(warning, 600)}")
            yield Static(text, classes="plan--line dialog--warning")
        if self._has_state:
            kept = "as above" if summary.slots else "keep"
            options = (("keep", kept), ("drop", "drop altogether"))
            yield Segments("optimizer state", options, "keep", key="^t", id="state")
        if self._replaces:
            backup = safe_text(f"keep as {self._path.name}.bak", 48)
            yield Segments(
                "old file", (("no", "replace"), ("keep", backup)), "no", key="^b", id="backup"
            )
        yield ChoiceRow(
            (
                Choice("save", "Save", "primary", "Write the file as described"),
                Choice("cancel", "Cancel", hint="Write nothing for now"),
            )
        )

    def on_mount(self) -> None:
        """Let one more key save."""
        self.query_one("DialogBox").border_subtitle = "enter save · esc cancel"
        self.query(ChoiceButton).first().focus()

    def _chosen(self, name: str) -> str:
        return next((choice.value for choice in self.query(f"#{name}").results(Segments)), "")

    def action_step(self, name: str) -> None:
        """Choose the other option."""
        for choice in self.query(f"#{name}").results(Segments):
            choice.action_step(1)

    def action_save(self) -> None:
        """Leave with what is chosen."""
        drop, backup = self._chosen("state") == "drop", self._chosen("backup") == "keep"
        self.dismiss(SaveChoice(drop, backup))

    @on(ChoiceRow.Chosen)
    def choose(self, event: ChoiceRow.Chosen) -> None:
        """Do what the button says."""
        event.stop()
        if event.choice.id == "save":
            self.action_save()
        else:
            self.dismiss(None)


def _reordered(paths: tuple[str, ...]) -> str:
    listed = ", ".join(safe_text(path, 80) for path in paths[:_LAYERS])
    more = f" and {len(paths) - _LAYERS:,} more" if len(paths) > _LAYERS else ""
    return f"Lists of weights in the order that Keras reads with these flags: {listed}{more}."

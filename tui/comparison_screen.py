"""What the screens of a comparison share: waiting for it, its files, filter, copy and save."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Footer, Static

from kerastui.errors import KerastuiError
from kerastui.model import Destination, safe_text

from ..widgets.filter_line import FilterLine
from .diff_request import Comparing

if TYPE_CHECKING:
    from textual.app import App

    from kerastui.analysis.export_results import Saved
    from kerastui.model import Model

    from .look.analyst import Analyst

PATIENCE = 0.2
"""Seconds before it is shown how much is done."""


class ComparisonScreen(Screen[None]):
    """Waits for a comparison and shows it; the base of the two screens of comparisons.

    Args:
        comparing: what has been begun; this screen ends it.
        note: a sentence on what is not compared, "" for none.
        analyst: who answers questions about the numbers of a weight; by default one of its own.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "Back", id="comparison.back",
                tooltip="Stop comparing, or go back"),
        Binding("slash", "filter", "Filter", id="comparison.filter", key_display="/",
                tooltip="List only what has a text in its name or class"),
        Binding("y", "copy", "Copy path", id="comparison.copy", show=False,
                tooltip="Copy the path of the layer or weight under the cursor"),
        Binding("s", "save", "Save", id="comparison.save", show=False,
                tooltip="Save the report as JSON or text"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    ComparisonScreen {
        #files, #told { height: auto; padding: 0 1; }
        #told { max-height: 40%; }
        #waiting { height: 1fr; padding: 1 2; }
        #waiting.-problem { color: $text-error; }
        #found { height: 1fr; display: none; }
        #filter { height: auto; }
        &.-found #waiting { display: none; }
        &.-found #found { display: block; }
    }
    """

    if TYPE_CHECKING:

        @property
        def app(self) -> App[None]: ...  # noqa: D102

    def __init__(
        self, comparing: Comparing, *, note: str = "", analyst: Analyst | None = None
    ) -> None:
        super().__init__()
        self.comparing = comparing
        self.note = note
        self.found: Any = None
        """What was found; None while it is being waited for."""
        self.needle = ""
        """What is filtered for."""
        self._analyst = analyst
        self._own_analyst: Analyst | None = None

    # -- for subclasses -------------------------------------------------------------------------

    def compose_found(self) -> ComposeResult:
        """Lay out what shows the result."""
        raise NotImplementedError

    def show_found(self) -> None:
        """Show `found`."""
        raise NotImplementedError

    def filter_by(self, text: str) -> str:
        """List only what has a text in it; return how much that is, in words."""
        raise NotImplementedError

    @property
    def table(self) -> Widget:
        """What the keys act on."""
        raise NotImplementedError

    @property
    def current_path(self) -> str:
        """The path under the cursor, "" for none."""
        raise NotImplementedError

    def reports(self) -> tuple[str, str]:
        """Return what was found as JSON and as text."""
        raise NotImplementedError

    @property
    def files_line(self) -> Content:
        """Which files are compared."""
        raise NotImplementedError

    # -- the screen -----------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Lay out the files, what is told of them, the result, and the keys."""
        yield Static(self.files_line, id="files")
        yield Static(id="told", markup=False)
        yield Static(id="waiting", markup=False)
        with Vertical(id="found"):
            yield from self.compose_found()
        yield Vertical(id="filter")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Wait for the result."""
        self.wait()

    def on_unmount(self) -> None:
        """Leave no process behind."""
        self.comparing.close()
        if self._own_analyst is not None:
            self._own_analyst.close()

    @work(exclusive=True, group="comparison")
    async def wait(self) -> None:
        """Show how much is done, then what was found, or why there is nothing."""
        self.remove_class("-found")
        self.query_one("#files", Static).update(self.files_line)
        waiting = self.query_one("#waiting", Static)
        waiting.remove_class("-problem")
        waiting.update("")
        future = asyncio.wrap_future(self.comparing.future)
        while not (await asyncio.wait([future], timeout=PATIENCE))[0]:
            waiting.update(self._progress(waiting.size.width))
        try:
            self.found = await future
        except KerastuiError as error:
            self.found = None
            waiting.add_class("-problem")
            waiting.update(Content(f"✗ {safe_text(error, 1000)}"))
            return
        self.add_class("-found")
        self.show_found()
        self.table.focus()

    def _progress(self, width: int) -> Content:
        from .dialogs.progress import bar

        share = self.comparing.share
        if share is None:
            return Content("Reading …")
        line = bar(share, max(1, min(60, width - 6)))
        return Content.assemble("Comparing …\n\n", line, f" {share:4.0%}", "\n\nesc stops it")

    def tell(self, sentence: str) -> None:
        """Show a sentence for some seconds."""
        self.app.notify(safe_text(sentence, 600), markup=False)

    # -- keys -----------------------------------------------------------------------------------

    def action_back(self) -> None:
        """List everything again; else go back, or leave the program where nothing is below."""
        if self.needle:
            self._filtered("")
        elif len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            self.app.exit()

    def action_filter(self) -> None:
        """Ask for a text."""
        if self.found is not None and not self.query(FilterLine):
            self.query_one("#filter").mount(FilterLine(self.needle))

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        """List what fits."""
        self._filtered(message.text)

    def _filtered(self, text: str) -> None:
        self.needle = text
        words = self.filter_by(text)
        for line in self.query(FilterLine):
            line.tell(words)

    def on_filter_line_closed(self) -> None:
        """Give the keys back to the table."""
        self.table.focus()

    def action_copy(self) -> None:
        """Copy the path under the cursor."""
        path = self.current_path
        if path:
            self.app.copy_to_clipboard(path)
            self.tell(f"Copied: {path}")

    @work(exclusive=True, group="save report")
    async def action_save(self) -> None:
        """Ask where to, and have the clerk write the report."""
        from .dialogs.confirm import ErrorDialog
        from .dialogs.save_shown import Offer, SaveShownDialog

        if self.found is None:
            return
        folder = Path(self.comparing.paths[-1]).absolute().parent
        name = "trail" if len(self.comparing.paths) > 2 else "diff"
        dialog = SaveShownDialog(
            [Offer("report", name, (".json", ".txt"))], folder, self.comparing.paths
        )
        goal = cast("Destination | None", await self.app.push_screen_wait(dialog))
        if goal is None:
            return
        text = self.reports()[goal.path.casefold().endswith(".txt")]
        try:
            saved = await asyncio.wrap_future(
                self.comparing.clerk.submit("save_text", text + "\n", goal)
            )
        except KerastuiError as error:
            self.app.push_screen(ErrorDialog.of(error))
            return
        self.tell(cast("Saved", saved).sentence)

    # -- looking at a weight --------------------------------------------------------------------

    @property
    def analyst(self) -> Analyst:
        """Who answers questions about numbers."""
        if self._analyst is None:
            from .look.analyst import Analyst

            self._analyst = self._own_analyst = Analyst()
        return self._analyst

    @work(exclusive=True, group="look")
    async def look(self, file: str, path: str) -> None:
        """Look at a weight in one of the files, as that is now."""
        model = await self.read(file)
        if model is not None:
            self.show_weight(model, path)

    async def read(self, file: str) -> Model | None:
        """Return the description of a file as it is now; say why where there is none."""
        try:
            return await asyncio.wrap_future(self.comparing.clerk.submit("open", file))
        except KerastuiError as error:
            self.tell(str(error))
            return None

    def show_weight(self, model: Model, path: str) -> None:
        """Look at a weight by its path."""
        from .look.screen import LookScreen
        from .look.subject import Subject, keys_of

        key = next((key for key in keys_of(model) if Subject(model, key).path == path), None)
        if key is None:
            self.tell(f"{model.file.path} has no {path} any more: it was changed meanwhile.")
            return
        self.app.push_screen(LookScreen(model, key, self.analyst))

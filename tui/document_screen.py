"""A screen that shows one document: layout, and keeping the widgets up to date."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen

from kerastui.edits.document import Document
from kerastui.model import Model, safe_text

from ..widgets.layer_table import LayerTable
from ..widgets.model_header import ModelHeader
from ..widgets.totals_line import TotalsLine

if TYPE_CHECKING:
    from textual.app import App
    from textual.timer import Timer

    from .side_panel import SidePanel

WIDE = 110
"""Columns from which the panel has room beside the table."""

PAUSE = 0.05
"""Seconds between a change and the panel that shows it."""


class DocumentScreen(Screen[None]):
    """The layer table with header, totals and panel, showing a Document.

    `editing_screen` adds what changes the document, `filing_screen` opening and saving,
    `explorer` the wiring between the widgets.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "escape", "Back", id="explorer.escape", show=False,
                tooltip="Drop the selection, the search or the highlighted matches"),
        Binding("tab", "panel", "Panel", id="explorer.panel", show=False, priority=True,
                tooltip="Go to the panel and back"),
        *(
            Binding(str(k), f"show_tab('{tab}')", title, id=f"explorer.tab-{tab}", show=False,
                    tooltip=f"Show the {title} tab")
            for k, (tab, title) in enumerate(
                [("layer", "Layer"), ("weights", "Weights"), ("compile", "Compile"),
                 ("changes", "Changes")], 1)
        ),
    ]  # fmt: skip

    if TYPE_CHECKING:

        @property
        def app(self) -> App[None]: ...  # noqa: D102

    def __init__(self) -> None:
        super().__init__()
        self.document: Document | None = None
        self.opened: Model | None = None
        """The description as it was when the file was opened, whatever was saved since."""
        self.panel: SidePanel | None = None
        """The panel at the right; None until the first frame has been drawn."""
        self._details_due: Timer | None = None
        self.ending = False
        """Whether the program is about to end: nothing more is mounted."""

    def compose(self) -> ComposeResult:
        """Lay out what the first frame needs; the rest is mounted after it."""
        yield ModelHeader(id="header")
        with Horizontal(id="body"):
            with Vertical(id="layers-pane"):
                yield LayerTable(id="layers")
            yield Container(id="side")
        yield TotalsLine(id="totals")
        yield Container(id="foot")

    async def complete(self) -> None:
        """Mount what the first frame did not need: the panel and the keys at the foot."""
        from textual.widgets import Footer

        from .side_panel import SidePanel

        if self.ending:
            return
        footer = Footer(show_command_palette=False, compact=True)
        await self.query_one("#foot").mount(footer)
        # The signal that it waits for came before it was there.
        footer.call_later(cast("Callable[[Screen[None]], None]", footer.bindings_changed), self)  # pyright: ignore[reportUnknownMemberType]
        if self.ending:
            return
        panel = SidePanel(id="panel")
        await self.query_one("#side").mount(panel)
        self.panel = panel
        self.show_details()
        self.refresh_bindings()

    @property
    def table(self) -> LayerTable:
        """The layer table."""
        return self.query_one("#layers", LayerTable)

    @property
    def model(self) -> Model | None:
        """The description as edited."""
        return self.document.model if self.document else None

    @property
    def current(self) -> int:
        """Index of the layer under the cursor; 0 if there is none."""
        return self.table.current or 0

    @property
    def is_wide(self) -> bool:
        """Whether the panel has room beside the table."""
        return self.size.width >= WIDE

    def show_document(self, document: Document) -> None:
        """Put a newly opened document on the screen."""
        self.document, self.opened = document, document.model
        self.table.show(document.model, document.base)
        self.refresh_document(flags=False)
        for note in document.model.notes[:3]:
            self.tell(note, "warning")

    def refresh_document(self, flags: bool = True) -> None:
        """Show the document as it is after an edit, an undo or a save."""
        document = self.document
        if document is None:
            return
        if flags:
            self.table.update_model(document.model, document.base)
        changes = len(document.changes)
        self.query_one("#header", ModelHeader).show(document.model, bool(changes))
        news = f"▲ {changes:,} change{'s' if changes > 1 else ''}, not saved" if changes else ""
        self.query_one("#totals", TotalsLine).show(document.model, document.original, news)
        self.show_details()

    def show_details(self) -> None:
        """Bring the panel up to date soon.

        The table is painted first, and a cursor that runs through the layers does not fill the
        panel for each.
        """
        if self._details_due is None and self.is_attached:
            self._details_due = self.set_timer(PAUSE, self._show_details_now)

    def _show_details_now(self) -> None:
        self._details_due = None
        if self.document is not None and self.panel is not None and self.is_wide:
            table = self.table
            self.panel.show(self.document, table.current, table.has_standin)

    def tell(
        self, sentence: str, severity: Literal["information", "warning", "error"] = "information"
    ) -> None:
        """Show a sentence for some seconds; text from files in it is made safe."""
        self.app.notify(
            safe_text(sentence, 600), severity=severity, markup=False,
            timeout=4 if severity == "information" else 10,
        )  # fmt: skip

    def action_escape(self) -> None:
        """Drop the selection."""
        self.table.clear_selection()

    def action_show_tab(self, tab: str) -> None:
        """Show a tab of the panel; where it has no room, on a screen of its own."""
        if self.panel is not None and self.is_wide:
            self.panel.tabs.active = tab
        elif self.document is not None:
            self.push_details(tab)

    def push_details(self, tab: str = "layer") -> None:
        """Show the panel on a screen of its own."""
        from .detail_screen import DetailScreen

        if self.document is not None:
            table = self.table
            self.app.push_screen(DetailScreen(self.document, table.current, tab, table.has_standin))

    def action_panel(self) -> None:
        """Move the focus between table and panel."""
        if self.panel is None or not self.is_wide:
            self.table.action_choose()
        elif self.table.has_focus:
            self.panel.focus_content()
        else:
            self.table.focus()

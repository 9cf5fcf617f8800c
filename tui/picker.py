"""The file picker: recent model files, and the model files of a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Footer, Input, Static

from .dialogs.base import Breakpoints, LeavesOnce
from .dialogs.keys import show_keys
from .paths import absolute, path_text
from .picker_input import FilterInput
from .picker_listing import Finds
from .picker_path import PathLine
from .picker_rows import FileRows
from .picker_scan import SORTS
from .picker_threads import Details, GlanceLike, Scan


class PickerScreen(LeavesOnce[Path]):
    """Offers model files; dismissed with the chosen path, or None.

    Args:
        folder: whose files are listed first.
        recents: files that were opened last; those that exist are shown on top.
        glance: looks into a file; blocking, called on a thread, may raise KerastuiError.
    """

    BINDING_GROUP_TITLE = "Pick a model file"
    HORIZONTAL_BREAKPOINTS: Breakpoints = []  # noqa: RUF012
    VERTICAL_BREAKPOINTS: Breakpoints = [(0, "-short"), (10, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", id="picker.up", show=False),
        Binding("down", "move(1)", "Down", id="picker.down", show=False),
        Binding("pageup", "page(-1)", "Page up", id="picker.page-up", show=False),
        Binding("pagedown", "page(1)", "Page down", id="picker.page-down", show=False),
        Binding("ctrl+home", "edge(-1)", "First", id="picker.first", show=False,
                tooltip="Also home, while nothing is typed"),
        Binding("ctrl+end", "edge(1)", "Last", id="picker.last", show=False,
                tooltip="Also end, while nothing is typed"),
        Binding("ctrl+up", "up_folder", "Folder up", id="picker.folder-up", show=False,
                tooltip="Also ← and backspace, while nothing is typed"),
        Binding("ctrl+l", "path", "Path", id="picker.path",
                tooltip="Type a path, with completion; also /"),
        Binding("ctrl+t", "sort", "Sort", id="picker.sort",
                tooltip="Sort by name, age or size"),
        Binding("ctrl+r", "rescan", "Reload", id="picker.rescan", tooltip="Read the folder again"),
        Binding("escape", "back", "Back", id="picker.back",
                tooltip="Clear what is typed, or leave without opening a file"),
        Binding("ctrl+c", "leave", "Leave", id="picker.leave", show=False, system=True),
    ]  # fmt: skip

    DEFAULT_CSS = """
    PickerScreen {
        layout: vertical;
        #title { width: 100%; height: 1; padding: 0 1; }
        #files { width: 100%; height: 1fr; padding: 0 1; margin-top: 1; }
        #about { width: 100%; height: auto; min-height: 1; max-height: 3; padding: 0 1; }
        #about { color: $text-muted; }
        #about.-problem { color: $text-error; }
        #path { width: 100%; padding: 0 1; display: none; }
        &.-path #path { display: block; }
        &.-path #filter { display: none; }
        #filter { width: 100%; margin: 0 1; }
        &.-short Footer, &.-short #about, &.-short #title { display: none; }
        &.-short #files { margin-top: 0; }
    }
    """

    def __init__(
        self, folder: Path, recents: Sequence[Path], glance: Callable[[str], GlanceLike]
    ) -> None:
        super().__init__()
        start = absolute(folder)
        self._finds = Finds(start, start)
        self._recent_paths = tuple(recents)
        self._scan: Scan | None = None
        self._recent_scan: Scan | None = None
        self._details = Details(self, glance)
        self._moved = False
        self._wish: Path | None = None

    def compose(self) -> ComposeResult:
        """Lay out title, input line, list, a line about the file, and the keys."""
        yield Static(id="title")
        yield FilterInput(id="filter")
        yield PathLine(id="path")
        yield FileRows(id="files")
        yield Static(id="about")
        yield Footer()

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one(FilterInput).focus()
        if self._recent_paths:
            self._recent_scan = Scan(self).look_for(self._recent_paths)
        self.go(self._finds.folder)

    def on_resize(self) -> None:
        """Leave room for the list below a path that is typed."""
        self.query_one(PathLine).set_rows(max(0, min(5, self.size.height // 3 - 1)))

    def on_unmount(self) -> None:
        """Let the threads end."""
        for scan in (self._scan, self._recent_scan):
            if scan is not None:
                scan.stop()
        self._details.stop()

    @property
    def files(self) -> FileRows:
        """The list."""
        return self.query_one(FileRows)

    # -- what is found --------------------------------------------------------------------------

    def go(self, folder: Path, *, wish: Path | None = None) -> None:
        """List another folder; the cursor goes to `wish`, once that is found."""
        if self._scan is not None:
            self._scan.stop()
        self._finds.go(folder)
        self._moved, self._wish = False, wish
        with self.prevent(Input.Changed):
            self.query_one(FilterInput).value = ""
        self._scan = Scan(self).look_into(folder)
        self._show()

    def on_scan_found(self, message: Scan.Found) -> None:
        """Show more."""
        if message.scan is self._scan:
            self._finds.entries += message.entries
        elif message.scan is self._recent_scan:
            self._finds.recents += message.entries
        else:
            return
        self._show()

    def on_scan_finished(self, message: Scan.Finished) -> None:
        """Say what came of it."""
        if message.scan is self._scan:
            self._finds.scanning = False
            self._finds.problem = message.problem
            self._show()

    def on_details_known(self, message: Details.Known) -> None:
        """Fill in format and version."""
        self._finds.details[message.entry.path] = message.detail
        self.files.refresh()
        self._tell()

    def _show(self) -> None:
        files = self.files
        files.show(self._finds.listing(), keep=self._moved)
        if self._wish is not None and files.go_to(self._wish):
            self._wish, self._moved = None, True
        title = Content.assemble(
            ("kerastui", "bold $text-primary"), "   Open a model   ",
            (self._finds.summary(), "$foreground-muted"),
        )  # fmt: skip
        self.query_one("#title", Static).update(title)

    def on_file_rows_highlighted(self) -> None:
        """Look into the files in view."""
        self._details.want(self.files.seen)
        self._tell()

    def _tell(self) -> None:
        row = self.files.current
        entry = row.entry if row else None
        detail = self._finds.details.get(entry.path) if entry else None
        about = self.query_one("#about", Static)
        problem = detail.problem if detail else ""
        about.set_class(bool(problem), "-problem")
        text = f"✗ {path_text(problem, 600)}" if problem else path_text(entry.path) if entry else ""
        about.update(Content(text))

    # -- keys -------------------------------------------------------------------------------------

    @on(Input.Changed, "#filter")
    def filter_changed(self, event: Input.Changed) -> None:
        """Filter as one types."""
        event.stop()
        self._finds.text = event.value
        self._moved = False
        self._show()

    @on(Input.Submitted, "#filter")
    @on(FileRows.Opened)
    def action_open(self) -> None:
        """Open the file, or go into the folder, under the cursor."""
        row = self.files.current
        if row is None:
            self.app.bell()
        elif row.entry is None:
            self.action_up_folder()
        elif row.entry.is_folder:
            self.go(row.entry.path)
        else:
            self.dismiss(row.entry.path)

    @on(FilterInput.Shortcut)
    async def shortcut(self, event: FilterInput.Shortcut) -> None:
        """Do what a key means while nothing is typed."""
        event.stop()
        await self.run_action(event.action)

    @on(FileRows.SortWanted)
    def sort_wanted(self, event: FileRows.SortWanted) -> None:
        """Sort by the heading that was clicked."""
        self._finds.sort = event.sort
        self._show()

    def action_sort(self) -> None:
        """Sort by the next of name, age and size."""
        self._finds.sort = SORTS[(SORTS.index(self._finds.sort) + 1) % len(SORTS)]
        self._show()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._moved = True
        self.files.step(rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self._moved = True
        self.files.page(pages)

    def action_edge(self, direction: int) -> None:
        """Move the cursor to the first or the last file."""
        self._moved = True
        self.files.step(direction * len(self.files.listing.rows))

    def action_up_folder(self) -> None:
        """Go to the folder above; the cursor rests on the one that was left."""
        folder = self._finds.folder
        if folder.parent != folder:
            self.go(folder.parent, wish=folder)

    def action_enter_folder(self) -> None:
        """Go into the folder under the cursor."""
        row = self.files.current
        if row is not None and row.entry is not None and row.entry.is_folder:
            self.go(row.entry.path)

    def action_home(self) -> None:
        """Go to the home folder."""
        self.go(Path(os.path.expanduser("~")))  # noqa: PTH111  never raises

    def action_rescan(self) -> None:
        """Read the folder again."""
        row = self.files.current
        self.go(self._finds.folder, wish=row.entry.path if row and row.entry else None)

    def action_keys(self) -> None:
        """List all keys."""
        show_keys(self.app)

    def action_back(self) -> None:
        """Leave the path line, clear the filter, or leave."""
        if self.has_class("-path"):
            self._leave_path()
        elif self._finds.text:
            self.query_one(FilterInput).value = ""
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Leave without a file."""
        self.dismiss(None)

    # -- a typed path -----------------------------------------------------------------------------

    def action_path(self, text: str = "") -> None:
        """Let the user type a path."""
        field = self.query_one(PathLine)
        self.add_class("-path")
        field.begin(self._finds.folder, text)

    def _leave_path(self) -> None:
        self.remove_class("-path")
        self.query_one(FilterInput).focus()

    @on(PathLine.Chosen)
    def path_chosen(self, event: PathLine.Chosen) -> None:
        """Open the file or list the folder."""
        event.stop()
        if event.is_folder:
            self._leave_path()
            self.go(event.path)
        else:
            self.dismiss(event.path)

"""What all dialogs share: a box in the middle, a title on its border, Esc to leave."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual.app import App, ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from kerastui.model import safe_text

Result = TypeVar("Result")
Breakpoints = list[tuple[int, str]] | None
"""As Textual declares them: sizes from which a screen has a class."""


def paragraphs(text: str, limit: int = 2000) -> Content:
    """Return `text` as content that is safe to show, with its line breaks kept."""
    return Content("\n".join(safe_text(line, limit) for line in text.splitlines()))


class SafeInput(Highlighter):
    """Shows what was typed or pasted into an input without control characters.

    Textual draws an input's value as it is; a pasted escape sequence, or a file name that
    holds one, would reach the terminal. Each such character is drawn as one sign, so that
    the cursor stays where it belongs.
    """

    def __call__(self, text: str | Text) -> Text:
        """Return `text` with one visible sign for each character that must not be drawn."""
        plain = text if isinstance(text, str) else text.plain
        if not plain.isascii() or not plain.isprintable():
            signs = (safe_text(character) for character in plain)
            plain = "".join(sign if len(sign) == 1 else "\ufffd" for sign in signs)
        return Text(plain, no_wrap=True, overflow="ignore", end="")

    def highlight(self, text: Text) -> None:
        """Leave `text` as it is: `__call__` does the work."""


class DialogBox(VerticalScroll, can_focus=False):
    """The frame of a dialog; it scrolls when the terminal is smaller than its content."""


class LeavesOnce(Screen[Result]):
    """A screen that is dismissed once, however fast its keys are pressed.

    A key that was pressed twice is handled twice before the screen is gone; Textual would
    then pop the screen below as well.
    """

    _has_left = False

    if TYPE_CHECKING:

        @property
        def app(self) -> App[Any]: ...  # noqa: D102

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with `result`; what comes after the first time, or from behind, is ignored."""
        if self._has_left or self.app.screen is not self:
            return AwaitComplete.nothing()
        self._has_left = True
        return super().dismiss(result)


class Dialog(ModalScreen[Result], LeavesOnce[Result]):  # Textual takes CSS from the first
    """A modal screen with one box. Subclasses yield its content in `compose_body`."""

    BINDING_GROUP_TITLE = "Dialog"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="dialog.cancel", tooltip="Leave without doing it"),
        Binding("ctrl+c", "copy_or_cancel", "Copy or cancel", show=False, system=True),
    ]
    HORIZONTAL_BREAKPOINTS: Breakpoints = [(0, "-narrow"), (60, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS: Breakpoints = [(0, "-tiny"), (8, "-short"), (18, "-tall")]  # noqa: RUF012

    DEFAULT_CSS = """
    Dialog {
        align: center middle;

        DialogBox {
            width: 72;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 1 2;
            background: $surface;
            border: round $primary;
            border-title-color: $text-primary;
            border-title-style: bold;
            border-subtitle-color: $text-muted;
            scrollbar-size-vertical: 1;
        }
        &.-short DialogBox, &.-narrow DialogBox { padding: 0 1; }
        &.-tiny DialogBox { padding: 0; border: none; }

        .dialog--message { width: 100%; height: auto; }
        .dialog--hint { width: 100%; height: auto; color: $text-muted; }
        .dialog--problem { width: 100%; height: auto; color: $text-error; }
        .dialog--warning { width: 100%; height: auto; color: $text-warning; }
    }
    """

    heading: str = ""
    """Shown on the border; may quote text from a file."""

    def compose(self) -> ComposeResult:
        """Put the body into the box."""
        with DialogBox() as box:
            box.border_title = Content(safe_text(self.heading))
            yield from self.compose_body()

    def compose_body(self) -> Iterable[Widget]:
        """Yield what is inside the box."""
        raise NotImplementedError

    def action_cancel(self) -> None:
        """Leave with None."""
        self.dismiss(None)

    def action_copy_or_cancel(self) -> None:
        """Copy text that was selected with the mouse; without any, leave."""
        selected = self.get_selected_text()
        if selected:
            self.app.copy_to_clipboard(selected)
        else:
            self.action_cancel()

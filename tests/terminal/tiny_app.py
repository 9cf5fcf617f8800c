"""A small Textual app for the tests of the terminal harness itself."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.events import Resize
from textual.widgets import Button, Label


class TinyApp(App[int]):
    BINDINGS = [  # noqa: RUF012
        ("down", "say('went down')"),
        ("ctrl+s", "say('saved')"),
        ("c", "copy", "copy"),
        ("q", "quit_with_three"),
    ]

    def compose(self) -> ComposeResult:
        yield Label("ready", id="state", markup=False)
        yield Label("", id="size")
        yield Button("press me")

    def on_resize(self, event: Resize) -> None:
        self.query_one("#size", Label).update(f"{event.size.width} by {event.size.height}")

    def on_button_pressed(self) -> None:
        self.action_say("clicked")

    def action_say(self, text: str) -> None:
        self.query_one("#state", Label).update(text)

    def action_copy(self) -> None:
        self.copy_to_clipboard("block1/conv")

    def action_quit_with_three(self) -> None:
        self.exit(3, return_code=3, message="good bye")


if __name__ == "__main__":
    app = TinyApp()
    app.run()
    raise SystemExit(app.return_code)

"""A row of buttons that is worked with arrows, letters, Enter or the mouse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widgets import Button

from kerastui.model import safe_text

Tone = Literal["default", "primary", "success", "warning", "error"]


@dataclass(frozen=True)
class Choice:
    """One answer to a question."""

    id: str
    """What the dialog is dismissed with."""
    label: str
    """On the button. A letter of it becomes the hot key."""
    tone: Tone = "default"
    """``error`` for what destroys something."""
    hint: str = ""
    """A sentence on what it does, as tooltip."""


def hot_keys(labels: Sequence[str]) -> tuple[int, ...]:
    """Return for each label the position of its hot key: its first letter that is free, or -1."""
    taken: set[str] = set()
    positions: list[int] = []
    for label in labels:
        free = (i for i, c in enumerate(label) if c.isalnum() and c.casefold() not in taken)
        position = next(free, -1)
        positions.append(position)
        if position >= 0:
            taken.add(label[position].casefold())
    return tuple(positions)


class ChoiceButton(Button):
    """A button one line high. The focused one carries arrows, so that no colour is needed."""

    def __init__(self, choice: Choice, hot: int) -> None:
        super().__init__(variant=choice.tone, compact=True, classes="choice")
        self.choice = choice
        self.hot_key = choice.label[hot].casefold() if hot >= 0 else ""
        self._text = Content(safe_text(choice.label, 40))
        if hot >= 0:
            self._text = self._text.stylize("underline", hot, hot + 1)
        self._draw()
        self.tooltip = Content(choice.hint) if choice.hint else None

    def _draw(self) -> None:
        left, right = ("▸ ", " ◂") if self.has_focus else ("  ", "  ")
        self.label = Content.assemble(left, self._text, right)

    def watch_has_focus(self, focused: bool) -> None:
        """Move the arrows along with the focus."""
        super().watch_has_focus(focused)
        self._draw()


class ChoiceRow(Container):
    """Buttons side by side, or one below the other where they do not fit."""

    BINDING_GROUP_TITLE = "Buttons"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "move(-1)", "Previous", id="dialog.previous", show=False),
        Binding("right,down", "move(1)", "Next", id="dialog.next", show=False),
    ]

    DEFAULT_CSS = """
    ChoiceRow {
        layout: horizontal;
        width: 100%;
        height: auto;
        align-horizontal: right;
        margin-top: 1;

        ChoiceButton.choice {
            min-width: 8;
            width: auto;
            height: 1;
            margin-left: 2;
            border: none;
            color: $foreground;
            background: $panel;
            text-style: none;
            &.-primary { color: $text-primary; background: $primary-muted; }
            &.-success { color: $text-success; background: $success-muted; }
            &.-warning { color: $text-warning; background: $warning-muted; }
            &.-error { color: $text-error; background: $error-muted; }
            &:hover { text-style: bold; }
            &:focus {
                color: $block-cursor-foreground;
                background: $block-cursor-background;
                text-style: bold;
            }
            &.-error:focus { color: $button-color-foreground; background: $error; }
            &:disabled { text-opacity: 50%; }
        }
        &.-stacked {
            layout: vertical;
            ChoiceButton.choice { width: 100%; margin-left: 0; }
        }
    }
    """

    @dataclass
    class Chosen(Message):
        """A button was pressed, or its hot key."""

        row: ChoiceRow
        choice: Choice

        @property
        def control(self) -> ChoiceRow:
            """The row of buttons."""
            return self.row

    def __init__(self, choices: Iterable[Choice], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.choices = tuple(choices)
        self._wide = sum(len(c.label) + 6 for c in self.choices)

    def compose(self) -> ComposeResult:
        """Yield a button for each choice."""
        keys = hot_keys([choice.label for choice in self.choices])
        for choice, hot in zip(self.choices, keys, strict=True):
            yield ChoiceButton(choice, hot)

    @property
    def buttons(self) -> list[ChoiceButton]:
        """The buttons, in order."""
        return list(self.query(ChoiceButton))

    def by_hot_key(self, character: str | None) -> Choice | None:
        """Return the choice that `character` stands for, if its button is enabled."""
        for button in self.buttons:
            if character and button.hot_key == character.casefold() and not button.disabled:
                return button.choice
        return None

    def on_resize(self, event: events.Resize) -> None:
        """Stack the buttons when they are wider than the row."""
        self.set_class(self._wide > event.size.width, "-stacked")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Say which choice it is."""
        event.stop()
        if isinstance(event.button, ChoiceButton):
            self.post_message(self.Chosen(self, event.button.choice))

    def action_move(self, by: int) -> None:
        """Focus the button before or after the focused one, around the ends."""
        buttons = [button for button in self.buttons if not button.disabled]
        focused = self.screen.focused
        if isinstance(focused, ChoiceButton) and focused in buttons:
            buttons[(buttons.index(focused) + by) % len(buttons)].focus()

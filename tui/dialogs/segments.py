"""A one-line choice among a few words, all of them visible: ``● glob  ○ regex``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Segments(Widget, can_focus=True):
    """Shows all options; arrows, space or a click choose one.

    Args:
        label: what is chosen, shown in front.
        options: (value, text) pairs.
        value: the one that is chosen at first.
        key: shown in front, the key that goes to the next option from elsewhere.
    """

    BINDING_GROUP_TITLE = "Options"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Previous option", id="segments.previous", show=False),
        Binding("right,space", "step(1)", "Next option", id="segments.next", show=False),
    ]

    DEFAULT_CSS = """
    Segments {
        width: auto;
        height: 1;
        padding: 0 1;
        &:focus { background: $primary-muted; }
    }
    """

    value: reactive[str] = reactive("", init=False)
    """The chosen option."""

    @dataclass
    class Changed(Message):
        """Another option was chosen."""

        segments: Segments
        value: str

        @property
        def control(self) -> Segments:
            """The widget."""
            return self.segments

    def __init__(
        self, label: str, options: Sequence[tuple[str, str]], value: str, *, key: str, id: str
    ) -> None:
        super().__init__(id=id)
        self._label = label
        self._options = tuple(options)
        self._key = key
        self.set_reactive(Segments.value, value)

    def set_options(self, options: Sequence[tuple[str, str]], value: str) -> None:
        """Offer other options, `value` chosen; nobody is told."""
        self._options = tuple(options)
        self.set_reactive(Segments.value, value)
        self.refresh(layout=True)

    def render(self) -> Content:
        """Draw label, options and key on one line."""
        parts: list[Content | tuple[str, str] | str] = [
            ("▸" if self.has_focus else " ", "bold"),
            (self._key, "$text-accent"),
            (f" {self._label} ", "$foreground-muted"),
        ]
        for value, text in self._options:
            chosen = value == self.value
            sign = "●" if chosen else "○"
            # On the ground of the focus, which some themes paint in the primary colour, bold does.
            style = "" if not chosen else "bold" if self.has_focus else "bold $text-primary"
            parts.append((f" {sign} {text} ", style))
        return Content.assemble(*parts)

    def watch_value(self, value: str) -> None:
        """Tell about the new option."""
        self.post_message(self.Changed(self, value))

    def watch_has_focus(self, focused: bool) -> None:
        """Draw the arrow of the focus, or take it away."""
        super().watch_has_focus(focused)
        self.refresh()

    def action_step(self, by: int) -> None:
        """Choose the option before or after, around the ends."""
        values = [value for value, _ in self._options]
        self.value = values[(values.index(self.value) + by) % len(values)]

    def on_click(self, event: events.Click) -> None:
        """Choose the option that was clicked."""
        x = event.get_content_offset(self)
        if x is None:
            return
        at = 1 + len(self._key) + 1 + len(self._label) + 1
        for value, text in self._options:
            end = at + len(text) + 4
            if at <= x.x < end:
                self.value = value
            at = end

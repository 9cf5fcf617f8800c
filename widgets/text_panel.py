"""The base of the panels on the right: styled lines, drawn only where they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from .flow import Line, plain

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events
    from textual.selection import Selection
    from textual.timer import Timer

_ROLES = frozenset(
    {"title", "subtitle", "heading", "label", "muted", "strong", "on", "off", "partly",
     "changed", "custom", "rule"}
)  # fmt: skip

PAUSE = 0.03
"""Seconds between two rebuilds while the cursor runs through the layers."""


class TextPanel(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines of text with roles, scrolled up and down, wrapped to the panel's width.

    Subclasses implement `build` and call `renew` when there is something else to show.
    Building waits until the panel is seen, and happens at most every 30 ms however fast new
    things arrive, so that a held arrow key stays fluid. Text can be selected with the mouse.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", False, tooltip="Scroll up", id="panel.up"),
        Binding("down,j", "scroll_down", "Down", False, tooltip="Scroll down", id="panel.down"),
        Binding("home,g", "scroll_home", "Top", False, tooltip="Go to the top", id="panel.home"),
        Binding("end,G", "scroll_end", "End", False, tooltip="Go to the end", id="panel.end"),
        Binding("pageup", "page_up", "Page up", False, tooltip="Page up", id="panel.page_up"),
        Binding(
            "pagedown", "page_down", "Page down", False, tooltip="Page down", id="panel.page_down"
        ),
    ]
    """
    | Key(s) | Description |
    | :- | :- |
    | up, k / down, j | Scroll by a line. |
    | pageup / pagedown | Scroll by a page. |
    | home, g / end, G | Go to the top or the end. |
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"text-panel--{role}" for role in _ROLES),
        "text-panel--cursor",
        "text-panel--cursor-blurred",
    }
    """
    | Class | Description |
    | :- | :- |
    | `text-panel--title`, `--subtitle` | What the panel is about. |
    | `text-panel--heading`, `--rule` | Begins a section; lines of a table. |
    | `text-panel--label`, `--muted`, `--strong` | Less and more important text. |
    | `text-panel--on`, `--off`, `--partly` | Trainable, frozen, in between. |
    | `text-panel--changed`, `--custom` | Differs from the file; unknown to Keras. |
    | `text-panel--cursor`, `--cursor-blurred` | The highlighted line, if there is one. |
    """

    DEFAULT_CSS = """
    TextPanel {
        padding: 0 0 0 1;
        overflow: hidden auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .text-panel--title { text-style: bold; color: $text; }
        & > .text-panel--subtitle { color: $text-primary; }
        & > .text-panel--heading { text-style: bold; color: $text-primary; }
        & > .text-panel--rule { color: $text-disabled; }
        & > .text-panel--label { color: $text-muted; }
        & > .text-panel--muted { color: $text-muted; }
        & > .text-panel--strong { text-style: bold; color: $text; }
        & > .text-panel--on { color: $text-success; }
        & > .text-panel--off { color: $text-muted; }
        & > .text-panel--partly { color: $text-warning; }
        & > .text-panel--changed { text-style: bold; color: $text-warning; }
        & > .text-panel--custom { text-style: bold; color: $text-accent; }
        & > .text-panel--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .text-panel--cursor-blurred {
            background: $block-cursor-blurred-background;
            color: $block-cursor-blurred-foreground;
            text-style: $block-cursor-blurred-text-style;
        }
    }
    """

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        """Create an empty panel.

        Args:
            name: The name of the widget.
            id: The ID of the widget in the DOM.
            classes: The CSS classes of the widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._lines: Sequence[Line] = ()
        self._built_width: int = -1
        self._built_at = 0.0
        self._stale = True
        self._home = False
        self._timer: Timer | None = None

    def build(self, width: int) -> Sequence[Line]:
        """Return what to show, in lines of at most `width` cells.

        The sequence may be lazy: it is asked for its length and for the lines that are seen.
        """
        raise NotImplementedError

    @property
    def text(self) -> str:
        """All that the panel shows, as plain text."""
        self._rebuild_if_stale()
        return "\n".join(plain(line) for line in self._lines)

    def renew(self, *, home: bool = True) -> None:
        """Show something else soon; with `home` from its beginning.

        Cheap enough to be called for each step of a cursor.
        """
        self._stale = True
        self._home = self._home or home
        if self._timer is not None or not self._is_seen:
            return
        self._timer = self.set_timer(
            max(0.001, self._built_at + PAUSE - monotonic()), self._on_pause_over
        )

    @property
    def _is_seen(self) -> bool:
        return self.is_attached and self.is_on_screen and self.content_width > 0

    @property
    def content_width(self) -> int:
        """Cells of a line: without padding, scrollbar, and a blank before the scrollbar."""
        return max(0, self.scrollable_content_region.width - 1)

    def _on_pause_over(self) -> None:
        self._timer = None
        if self._is_seen:
            self._rebuild_if_stale()

    def _rebuild_if_stale(self) -> None:
        width = max(8, self.content_width)
        if not self._stale and width == self._built_width:
            return
        lines = self.build(width)
        self._built_width, self._stale = width, False
        self.set_lines(lines)
        if self._home:
            self._home = False
            self.scroll_to(0, 0, animate=False, immediate=True)
        self._built_at = monotonic()

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines, built for the present width."""
        self._lines = lines
        size = Size(self._built_width, len(lines))
        if size != self.virtual_size:
            # Not by the reactive: it would lay out the whole screen for each step of a cursor.
            self.set_reactive(Widget.virtual_size, size)  # pyright: ignore[reportArgumentType]
            self._scroll_update(size)
        self.refresh()

    def on_show(self) -> None:
        """Build what was waiting for the panel to be seen."""
        self._rebuild_if_stale()

    def on_resize(self, event: events.Resize) -> None:
        """Wrap again at another width."""
        self._rebuild_if_stale()

    def render_line(self, y: int) -> Strip:
        """Draw the line `y` of those that are seen."""
        base = self.visual_style.rich_style
        number = self.scroll_offset.y + y
        if number >= len(self._lines):
            return Strip.blank(self.size.width, base)
        line = self._lines[number]
        segments = [Segment(text, self._role_style(role, number)) for text, role in line]
        strip = Strip(segments)
        if self.text_selection is not None:
            strip = self._mark_selection(strip, number)
        fill = self._role_style("", number)
        strip = strip.crop_extend(0, self.content_width, fill)
        return strip.crop_extend(0, self.size.width, base).apply_offsets(0, number)

    def cursor_line(self) -> range:
        """Return the lines that are highlighted; none unless a subclass says so."""
        return range(0)

    def _role_style(self, role: str, number: int) -> Style:
        names = [f"text-panel--{role}"] if role in _ROLES else []
        if number in self.cursor_line():
            names.append("text-panel--cursor" if self.has_focus else "text-panel--cursor-blurred")
        return self.get_visual_style(*names).rich_style

    def _mark_selection(self, strip: Strip, number: int) -> Strip:
        selection = self.text_selection
        span = selection.get_span(number) if selection is not None else None
        if span is None or not strip.text:
            return strip
        text = strip.text
        start, end = span[0], len(text) if span[1] == -1 else span[1]
        cuts = [Segment(text[:i]).cell_length for i in (start, end, len(text))]
        before, marked, after = strip.divide(cuts)
        style = self.screen.get_component_rich_style("screen--selection")
        return Strip.join([before, Strip(Segment.apply_style(marked, post_style=style)), after])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the text under the mouse's selection, for the clipboard."""
        return selection.extract(self.text), "\n"

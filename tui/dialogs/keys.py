"""The key help: all keys of the active screen and the focused widget, searchable.

The list is derived from the bindings themselves, as they are at the moment (remapped keys,
actions that are switched off), so that it cannot go stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, cast

from textual.app import App
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from .base import Dialog, SafeInput
from .key_layout import KeyGroup, KeyHelp, arrange, search_groups


def collect_keys(screen: Screen[Any]) -> tuple[KeyGroup, ...]:
    """Return the keys that work on `screen` now, those of the focused widget first.

    Keys of one action are joined. A binding without a description, or marked as Textual's
    own (``system``), is left out; one that is disabled at the moment says so.
    """
    app: App[Any] = cast("App[Any]", screen.app)  # pyright: ignore[reportUnknownMemberType]
    groups: dict[tuple[int, str], dict[str, list[tuple[Binding, bool, str]]]] = {}
    titles: dict[tuple[int, str], str] = {}
    for node, binding, enabled, tooltip in screen.active_bindings.values():
        if binding.system or not binding.description:
            continue
        part = binding.group.description if binding.group else ""
        key = (id(node), part)
        titles[key] = part or _title(node)
        actions = groups.setdefault(key, {})
        actions.setdefault(binding.action, []).append((binding, enabled, tooltip))
    return tuple(
        KeyGroup(titles[key], tuple(_help(app, same) for same in actions.values()))
        for key, actions in groups.items()
    )


def _title(node: DOMNode) -> str:
    if node.BINDING_GROUP_TITLE:
        return node.BINDING_GROUP_TITLE
    if isinstance(node, App):
        return "Everywhere"
    name = type(node).__name__
    if isinstance(node, Screen):
        name = name.removesuffix("Screen") or "This screen"
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
    return words[:1].upper() + words[1:]


def _help(app: App[Any], same: Sequence[tuple[Binding, bool, str]]) -> KeyHelp:
    binding, enabled, tooltip = same[0]
    keys = dict.fromkeys(app.get_key_display(other) for other, _, _ in same)
    return KeyHelp(tuple(keys), binding.description, tooltip, enabled)


def show_keys(app: App[Any]) -> None:
    """Open the key help for the screen that is active now, unless it is open already."""
    if not isinstance(app.screen, KeysScreen):
        app.push_screen(KeysScreen(collect_keys(app.screen)))


class KeysScreen(Dialog[None]):
    """Lists keys by group: two columns where there is room, one where there is not.

    Args:
        groups: what to list, as `collect_keys` returns it.
    """

    BINDING_GROUP_TITLE = "Key help"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", id="keys.close", tooltip="Clear the search, or close"),
        Binding("up", "scroll(-1)", "Up", id="keys.up", show=False),
        Binding("down", "scroll(1)", "Down", id="keys.down", show=False),
        Binding("pageup", "page(-1)", "Page up", id="keys.page-up", show=False),
        Binding("pagedown", "page(1)", "Page down", id="keys.page-down", show=False),
        Binding("ctrl+home", "edge(-1)", "First", id="keys.first", show=False),
        Binding("ctrl+end", "edge(1)", "Last", id="keys.last", show=False),
    ]

    DEFAULT_CSS = """
    KeysScreen {
        DialogBox { width: 76; height: 90%; padding: 0 1; overflow: hidden; }
        &.-tiny DialogBox { height: 100%; }
        &.-double DialogBox { width: 150; height: auto; max-height: 90%; }
        #search { padding: 0 1; margin-bottom: 1; }
        &.-short #search, &.-tiny #search { margin-bottom: 0; }
        #scroll { height: 1fr; scrollbar-size-vertical: 1; }
        &.-double #scroll { height: auto; max-height: 100%; }
        #list { width: 100%; height: auto; }
    }
    """

    heading = "Keys"

    def __init__(self, groups: Sequence[KeyGroup]) -> None:
        super().__init__()
        self.groups = tuple(groups)
        self._shown = self.groups

    def compose_body(self) -> Iterable[Widget]:
        """Yield the search line and the list."""
        yield Input(
            placeholder="type to search", highlighter=SafeInput(), compact=True, id="search"
        )
        with KeyScroll(id="scroll"):
            yield Static(id="list")

    def on_mount(self) -> None:
        """Say on the border how to go."""
        self.query_one("DialogBox").border_subtitle = "↑↓ scroll · esc close"

    def on_resize(self) -> None:
        """Lay out anew: the box first, then the list within it."""
        self.set_class(self.size.width >= 120, "-double")
        self.call_after_refresh(self._draw)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what matches."""
        event.stop()
        self._shown = search_groups(self.groups, event.value)
        self._draw()
        self.query_one("#scroll").scroll_home(animate=False)

    def _draw(self) -> None:
        width = self.query_one("#scroll").scrollable_content_region.width
        columns = 2 if self.has_class("-double") else 1
        lines = arrange(self._shown, max(8, width), columns)
        nothing = Content("No key does that. Backspace, or Esc, shows all keys again.")
        self.query_one("#list", Static).update(Content("\n").join(lines) if lines else nothing)

    def action_leave(self) -> None:
        """Clear the search; without one, close."""
        search = self.query_one("#search", Input)
        if search.value:
            search.value = ""
        else:
            self.dismiss(None)

    def on_input_submitted(self) -> None:
        """Enter closes, as it does in every dialog."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one("#scroll").scroll_relative(y=lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        scroll = self.query_one("#scroll")
        scroll.scroll_relative(y=pages * max(1, scroll.size.height - 1), animate=False)

    def action_edge(self, direction: int) -> None:
        """Scroll to the first or the last line."""
        scroll = self.query_one("#scroll")
        if direction < 0:
            scroll.scroll_home(animate=False)
        else:
            scroll.scroll_end(animate=False)


class KeyScroll(VerticalScroll, can_focus=False):
    """The list scrolls; the focus stays in the search line."""

"""The key help: derived from bindings, searchable, at every size."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from dialog_host import ALL_SIZES, NOTHING, SIZES, Host, shown, until
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from kerastui.tui.dialogs.key_layout import KeyGroup, KeyHelp, arrange, search_groups
from kerastui.tui.dialogs.keys import KeysScreen, collect_keys, show_keys

FREEZE = Binding.Group("Freezing")


class LayerTable(Widget, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle", "Toggle", tooltip="Freeze or unfreeze", id="t.toggle"),
        Binding("down,j", "down", "Down", show=False),
        Binding("x", "secret", "Not now"),
        Binding("z", "gone", "Gone"),
    ]

    def action_toggle(self) -> None: ...
    def action_down(self) -> None: ...
    def action_secret(self) -> None: ...
    def action_gone(self) -> None: ...

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return {"secret": None, "gone": False}.get(action, True)


class ExplorerScreen(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", tooltip="[b]Write[/] back"),
        Binding("f", "freeze", "Freeze up to here", group=FREEZE),
        Binding("q", "quit", "Quit", system=True),
        Binding("j", "other", "Hidden by the table"),
        Binding("n", "nothing", ""),
    ]

    def compose(self) -> ComposeResult:
        yield LayerTable()

    def action_save(self) -> None: ...
    def action_freeze(self) -> None: ...
    def action_quit(self) -> None: ...
    def action_other(self) -> None: ...
    def action_nothing(self) -> None: ...


def many(groups: int = 4, keys: int = 12) -> tuple[KeyGroup, ...]:
    return tuple(
        KeyGroup(
            f"Group {g}",
            tuple(
                KeyHelp((f"^{chr(97 + k)}",), f"Do {g}-{k}", f"About {g}-{k} at some length")
                for k in range(keys)
            ),
        )
        for g in range(groups)
    )


async def test_collects_what_works_now() -> None:
    app = Host(ExplorerScreen)
    async with app.run_test() as pilot:
        await pilot.pause()
        groups = collect_keys(app.screen)
        by_title = {group.title: group for group in groups}
        assert groups[0].title == "Layer table"
        table = {key.description: key for key in by_title["Layer table"].keys}
        assert table["Toggle"] == KeyHelp(("space",), "Toggle", "Freeze or unfreeze", True)
        assert table["Down"].keys == ("↓", "j")
        assert table["Not now"].enabled is False
        assert "Gone" not in table
        explorer = [key.description for key in by_title["Explorer"].keys]
        assert "Save" in explorer
        assert "Quit" not in explorer
        assert "Hidden by the table" not in explorer
        assert "" not in explorer
        assert [key.description for key in by_title["Freezing"].keys] == ["Freeze up to here"]


async def test_remapped_keys_are_shown() -> None:
    app = Host(ExplorerScreen)
    async with app.run_test() as pilot:
        app.set_keymap({"t.toggle": "ctrl+g"})
        await pilot.pause()
        keys = {k.description: k.keys for g in collect_keys(app.screen) for k in g.keys}
        assert keys["Toggle"] == ("^g",)


@pytest.mark.parametrize("size", SIZES)
async def test_search_and_leave(size: tuple[int, int]) -> None:
    app = Host(ExplorerScreen)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        show_keys(app)
        show_keys(app)  # a second ? does not open a second list
        await pilot.pause()
        assert len(app.screen_stack) == 3
        assert isinstance(app.screen, KeysScreen)
        await until(pilot, lambda: "Freeze up to here" in shown(app))
        text = shown(app)
        assert "(not now)" in text
        assert "[b]Write[/] back" in text
        await pilot.press(*"unfr")
        await pilot.pause()
        assert "Toggle" in shown(app)
        assert "Save" not in shown(app)
        await pilot.press(*"zzz")
        await pilot.pause()
        assert "No key does that." in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "Save" in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert len(app.screen_stack) == 2
        assert app.result is NOTHING


@pytest.mark.parametrize("key", ["escape", "enter"])
async def test_leaving(key: str) -> None:
    app = Host(lambda: KeysScreen(many()))
    async with app.run_test() as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert app.result is None


@pytest.mark.parametrize(
    ("keys", "offset"),
    [(["down"], 1), (["down", "down", "up"], 1), (["up"], 0), (["pagedown"], 16),
     (["pagedown", "pageup"], 0), (["ctrl+end", "ctrl+home"], 0), (["ctrl+end"], 999)],
)  # fmt: skip
async def test_scrolling(keys: list[str], offset: int) -> None:
    app = Host(lambda: KeysScreen(many()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        scroll = app.screen.query_one("#scroll")
        assert scroll.scroll_offset.y == min(offset, scroll.max_scroll_y)
        assert app.screen.focused is app.screen.query_one(Input)


async def test_two_columns_where_there_is_room() -> None:
    app = Host(lambda: KeysScreen(many()))
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        line = next(line for line in shown(app).splitlines() if "Group 0" in line)
        assert "Group 2" in line
        await pilot.resize_terminal(80, 24)
        await pilot.pause(0.1)
        line = next(line for line in shown(app).splitlines() if "Group 0" in line)
        assert "Group 2" not in line
        assert app.screen.query_one("#scroll").max_scroll_x == 0


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_any_size(size: tuple[int, int]) -> None:
    app = Host(lambda: KeysScreen(many()))
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"do 1", "pagedown", "down")
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert app.result is None


def test_search_needs_every_word() -> None:
    groups = many(2, 3)
    assert search_groups(groups, "") == groups
    found = search_groups(groups, "ABOUT 1-2")
    assert [key.description for group in found for key in group.keys] == ["Do 1-2"]
    assert search_groups(groups, "^b group")[0].keys[0].description == "Do 0-1"
    assert search_groups(groups, "nonsense") == ()


@pytest.mark.parametrize("width", [8, 13, 20, 40, 74, 145])
@pytest.mark.parametrize("columns", [1, 2])
def test_layout_keeps_its_width_and_loses_nothing(width: int, columns: int) -> None:
    groups = many(3, 5)
    lines = arrange(groups, width, columns)
    assert all(line.cell_length <= max(width, 14) for line in lines)
    text = "".join(line.plain for line in lines)
    assert all(text.count(f"^{chr(97 + k)}") >= 3 for k in range(5))


def test_columns_are_balanced() -> None:
    lines = arrange(many(4, 12), 145, 2)
    assert len(lines) == 2 * 12 + 2 + 1


@pytest.mark.parametrize("size", SIZES)
def test_snapshot(snap_compare, size: tuple[int, int]) -> None:
    assert snap_compare(Host(lambda: KeysScreen(many())), terminal_size=size, run_before=rest)


async def rest(pilot: Any) -> None:
    await pilot.pause(0.1)

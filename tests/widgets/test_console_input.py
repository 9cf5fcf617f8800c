"""The console's input alone: lines, history, what it asks for, colours."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.message import Message

from kerastui.widgets.console_input import ConsoleInput
from kerastui.widgets.python_text import history_matches, is_complete, python_spans


class Inputs(App[None]):
    """An input, and what it posts."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield ConsoleInput()

    def on_mount(self) -> None:
        self.input.focus()

    @property
    def input(self) -> ConsoleInput:
        return self.query_one(ConsoleInput)

    def on_console_input_submitted(self, message: ConsoleInput.Submitted) -> None:
        self.heard.append(message)

    def on_console_input_help_wanted(self, message: ConsoleInput.HelpWanted) -> None:
        self.heard.append(message)

    def on_console_input_choosing_key(self, message: ConsoleInput.ChoosingKey) -> None:
        self.heard.append(message)

    @property
    def submitted(self) -> list[str]:
        return [m.code for m in self.heard if isinstance(m, ConsoleInput.Submitted)]


@pytest.mark.parametrize(
    ("code", "complete"),
    [
        ("1 + 1", True),
        ("f(", False),
        ("def f(x):", False),
        ("def f(x):\n    return x", False),
        ("x = '''a", False),
        ("if x", True),  # wrong, so that Python says it
        ("x = 1\ny = 2", True),
        ("1 + \\", False),
        ("\x00", True),
    ],
)
def test_complete_code_is_told_from_incomplete(code: str, complete: bool) -> None:
    assert is_complete(code) is complete


async def test_enter_runs_what_is_complete_and_goes_on_where_it_is_not() -> None:
    app = Inputs()
    async with app.run_test() as pilot:
        await pilot.press(*"1+1", "enter")
        assert app.submitted == ["1+1"]
        assert app.input.text == ""
        await pilot.press("i", "f", "space", "1", ":", "enter", "2", "enter")
        assert app.input.text == "if 1:\n    2\n    "
        await pilot.press("enter")
        await pilot.pause()
        assert app.submitted[-1] == "if 1:\n    2"


async def test_keys_that_come_at_once_keep_their_order() -> None:
    from textual import events

    app = Inputs()
    async with app.run_test() as pilot:
        for key in ("7", "+", "1", "enter", "8", "enter", "9"):
            character = key if len(key) == 1 else "\r"
            app.post_message(events.Key({"+": "plus"}.get(key, key), character))
        await pilot.pause()
        await pilot.pause()
        assert app.submitted == ["7+1", "8"]
        assert app.input.text == "9"


async def test_history_at_the_edges_and_the_draft_comes_back() -> None:
    app = Inputs()
    async with app.run_test() as pilot:
        app.input.inputs = ["one", "two\nlines"]
        await pilot.press(*"draft", "up")
        assert app.input.text == "two\nlines"
        await pilot.press("up")
        assert app.input.text == "two\nlines"  # a line up within it
        await pilot.press("up")
        assert app.input.text == "one"
        await pilot.press("up")
        assert app.input.text == "one"
        await pilot.press("down", "down", "down")
        assert app.input.text == "draft"


async def test_tab_indents_or_asks_and_a_completion_replaces() -> None:
    app = Inputs()
    async with app.run_test() as pilot:
        await pilot.press("tab")
        assert app.input.text == "    "
        app.input.text = ""
        await pilot.press(*"a.bc", "tab")
        await pilot.pause()
        wanted = app.heard[-1]
        assert isinstance(wanted, ConsoleInput.HelpWanted)
        assert (wanted.code, wanted.offset, wanted.signature) == ("a.bc", 4, False)
        app.input.accept("bcdef", 2)
        assert app.input.text == "a.bcdef"
        assert app.input.stands_before_cursor("bcdef")


async def test_while_choosing_arrows_enter_and_tab_belong_to_the_offers() -> None:
    app = Inputs()
    async with app.run_test() as pilot:
        await pilot.press("a")
        app.input.choosing = True
        await pilot.press("down", "up", "tab", "enter")
        await pilot.pause()
        steps = [m.step for m in app.heard if isinstance(m, ConsoleInput.ChoosingKey)]
        assert steps == [1, -1, 0, 0]
        assert app.submitted == [] and app.input.text == "a"


def test_history_search_is_newest_first_without_twins() -> None:
    assert list(history_matches(["ab", "b", "ab", "c"], "b")) == ["ab", "b"]


def test_colours_of_python() -> None:
    spans = python_spans('def f(x):\n    return "a" + 1  # c')
    assert spans[0][0] == (0, 3, "keyword")
    assert (12, 13, "string") in spans[1] and (17, 18, "number") in spans[1]
    assert spans[1][-1] == (20, 23, "comment")

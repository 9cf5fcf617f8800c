"""Code in a file: what is shown of it, and that nothing but a clear yes runs it."""

from __future__ import annotations

import base64
import marshal
from typing import Any

import pytest
from dialog_host import ALL_SIZES, NOTHING, SIZES, Host, shown, until

from kerastui.checks.code_scan import CodeFinding, scan
from kerastui.tui.dialogs.code_consent import MAX_SHOWN, CodeConsentDialog, CodeScroll


def bytecode(source: str) -> str:
    code = eval(compile(source, "train.py", "eval")).__code__
    return base64.b64encode(marshal.dumps(code)).decode()


def layer(name: str, function: Any) -> dict[str, Any]:
    return {"class_name": "Lambda", "config": {"name": name, "function": function}}


def findings() -> tuple[CodeFinding, ...]:
    """Of a real scan of a model with a Lambda, a function of the system, and a named one."""
    crop = [bytecode("lambda x: __import__('os').system('id') or x"), None, None]
    system = {"class_name": "function", "module": "os", "config": "system"}
    dense = {
        "class_name": "Dense",
        "config": {"name": "dense_3", "trainable": True, "activation": system},
    }
    named = {"name": "by_name", "function": "scale", "function_type": "function"}
    layers = [{"class_name": "Lambda", "config": named}, layer("crop", crop), dense]
    found = scan({"class_name": "Sequential", "config": {"name": "m", "layers": layers}})
    assert len(found.findings) == 3
    return found.findings


def host(found: tuple[CodeFinding, ...] | None = None, *more: Any) -> Host:
    return Host(lambda: CodeConsentDialog(findings() if found is None else found, *more))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], False),
        (["escape"], False),
        (["ctrl+c"], False),
        (["d"], False),
        (["right", "enter"], True),
        (["tab", "enter"], True),
        (["r", "enter"], True),
        (["down", "pagedown", "end", "enter"], False),
    ],
)
async def test_keys(size, keys: list[str], answer: bool) -> None:
    app = host()
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result is answer


@pytest.mark.parametrize("key", ["r", "y", "space", "1"])
async def test_no_single_key_runs_code(key: str) -> None:
    app = host()
    async with app.run_test() as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert app.result is NOTHING


async def test_what_is_shown() -> None:
    app = host()
    async with app.run_test(size=(120, 60)) as pilot:
        await until(pilot, lambda: "LOAD_CONST" in shown(app))
        text = shown(app)
        assert "▸ Do not run ◂" in text
        assert "crop" in text
        assert "<lambda> from train.py, line 1" in text
        assert "'os'" in text  # a constant
        assert "'id'" in text
        assert "uses __import__, system" in text
        assert "The function os.system is named" in text
        assert text.index("by_name") > text.index("dense_3")  # what runs comes first


async def test_bytecode_is_not_run_nor_unmarshalled_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*args: object) -> None:
        raise AssertionError("unmarshalled in the screen's process")

    code = bytecode("lambda x: x")
    monkeypatch.setattr(marshal, "loads", never)
    app = host((CodeFinding("bytecode", "l", "A Lambda.", bytecode=code),))
    async with app.run_test() as pilot:
        await until(pilot, lambda: "RETURN_VALUE" in shown(app))
        await pilot.press("escape")


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_scrolling(size) -> None:
    app = host(findings() * 5)
    async with app.run_test(size=size) as pilot:
        scroll = app.screen.query_one(CodeScroll)
        seen: list[int] = []  # it grows while one piece of code after the other is disassembled

        def stands() -> bool:
            seen.append(scroll.max_scroll_y)
            return seen[-1] > 60 and seen[-20:] == [seen[-1]] * 20

        await until(pilot, stands)
        await pilot.press("down")
        assert scroll.scroll_y == 1
        await pilot.press("end")
        assert scroll.scroll_y == scroll.max_scroll_y
        await pilot.press("home", "pagedown")
        assert 0 < scroll.scroll_y < scroll.max_scroll_y
        assert "Do not run" in shown(app)


@pytest.mark.parametrize(
    "text", ["", "AAAA", "not base64 \udcff", base64.b64encode(b"c\0").decode()]
)
async def test_damaged_bytecode_says_so(text: str) -> None:
    app = host((CodeFinding("bytecode", "l", "A Lambda.", bytecode=text),))
    async with app.run_test() as pilot:
        await until(pilot, lambda: "cannot be read" in shown(app))


async def test_could_not_tell() -> None:
    app = host((), "The model_config is a text and no JSON object.")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "It cannot be told what the file holds:" in shown(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.result is False)


async def test_very_many() -> None:
    app = host(tuple(CodeFinding("function", f"l{i}", "A function.") for i in range(MAX_SHOWN + 9)))
    async with app.run_test() as pilot:
        await pilot.press("end")
        await until(pilot, lambda: "… and 9 places more." in shown(app))


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_any_size(size: tuple[int, int]) -> None:
    app = host()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.result is False)


async def test_text_from_a_file_is_harmless() -> None:
    evil = "\x1b[2J[red]x[/] \u202ename"
    code = (lambda x: x).__code__.replace(co_name=evil, co_filename=evil, co_consts=(evil,))
    text = base64.b64encode(marshal.dumps(code)).decode()
    app = host((CodeFinding(evil, evil, evil, evil, bytecode=text),), evil)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "constants" in shown(app))
        assert "\x1b" not in shown(app)
        assert "\u202e" not in shown(app)
        assert "[red]x[/]" in shown(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_snapshot(snap_compare, size: tuple[int, int]) -> None:
    # `lambda x: x / 127.5 - 1.` as Python 3.6 compiles it: listed alike by every Python.
    code = (
        "4wEAAAAAAAAAAQAAAAIAAABTAAAAcwwAAAB8AGQBGwBkAhgAUwApA07nAAAAAADgX0DnAAAAAAAA\n"
        "8D+pACkB2gF4cgQAAAByBAAAAPoIdHJhaW4ucHnaCDxsYW1iZGE+FQAAAPMAAAAA\n"
    )
    what = "A Lambda layer brings Python bytecode that runs when the model is loaded or used."
    found = (CodeFinding("bytecode", "normalize", what, "function", bytecode=code),)
    others = tuple(f for f in findings() if f.bytecode is None)
    assert snap_compare(host(found + others, "", (3, 11)), terminal_size=size, run_before=rest)


async def rest(pilot: Any) -> None:
    await pilot.pause(0.6)

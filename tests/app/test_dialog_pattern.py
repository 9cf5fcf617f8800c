"""The pattern dialog: counting as one types, options, keys, sizes, speed."""

from __future__ import annotations

import time
from typing import Any

import pytest
from dialog_host import ALL_SIZES, NOTHING, SIZES, Host, shown, until
from textual.widgets import Input

from kerastui.edits import Document, toward
from kerastui.model import FileIdentity, Layer, Model, Weight
from kerastui.tui.dialogs.pattern import PatternChoice, PatternDialog
from kerastui.tui.dialogs.pattern_count import Question, count, sentence


def kernel(*shape: int) -> tuple[Weight, ...]:
    return (Weight("kernel", "k", "/k", shape, "float32"),)


def transfer(blocks: int = 5, per_block: int = 2, file_format: Any = "hdf5") -> Model:
    """An input, a nested model of `blocks` × `per_block` convolutions (block 1 frozen), a head."""
    inside = [
        Layer(
            f"vgg16/block{b}_conv{c}",
            f"block{b}_conv{c}",
            "Conv2D",
            trainable=b > 1,
            depth=1,
            parent=1,
            end=3 + (b - 1) * per_block + c - 1,
            weights=kernel(3, 3, 4, 10),
        )
        for b in range(1, blocks + 1)
        for c in range(1, per_block + 1)
    ]
    layers = [
        Layer("input", "input", "InputLayer", True, end=1),
        Layer("vgg16", "vgg16", "Functional", True, "model", end=2 + len(inside)),
        *inside,
        Layer("fc1", "fc1", "Dense", True, end=3 + len(inside), weights=kernel(10, 5)),
        Layer("fc2", "fc2", "Dense", True, end=4 + len(inside), weights=kernel(5, 2)),
    ]
    identity = FileIdentity("transfer.hdf5", 1, 1, 1, 1)
    return Model(identity, file_format, "m", "Functional", "2.2.4", "tensorflow", tuple(layers))


class Seen:
    """Records what the dialog highlights."""

    def __init__(self) -> None:
        self.matches: list[tuple[int, ...]] = []

    def __call__(self, indices: tuple[int, ...]) -> None:
        self.matches.append(indices)


def dialog(model: Model | None = None, **more: Any) -> tuple[Host, Seen]:
    seen = Seen()
    model = model or transfer()
    return Host(lambda: PatternDialog(model, on_matches=seen, **more)), seen


@pytest.mark.parametrize("size", SIZES)
async def test_counts_while_one_types(size: tuple[int, int]) -> None:
    app, seen = dialog()
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"block?_conv1")
        await until(pilot, lambda: "5 layers match" in shown(app))
        assert "5 layers match · 4 will freeze · 1,440 parameters" in shown(app)
        assert "then 1,500 of 3,660 parameters" in shown(app)
        assert seen.matches[-1] == (2, 4, 6, 8, 10)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == PatternChoice("block?_conv1", False, False, "freeze", (2, 4, 6, 8, 10))


async def test_enter_does_not_wait_for_the_count() -> None:
    app, seen = dialog()
    async with app.run_test() as pilot:
        app.screen.query_one(Input).value = "fc*"
        await pilot.press("enter")
        await pilot.pause()
        assert app.result.indices == (12, 13)
        assert seen.matches[-1] == (12, 13)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("keys", "regex", "class_name", "action"),
    [
        (["ctrl+r"], True, False, "freeze"),
        (["ctrl+r", "ctrl+r"], False, False, "freeze"),
        (["ctrl+n"], False, True, "freeze"),
        (["ctrl+t"], False, False, "unfreeze"),
        (["ctrl+t", "ctrl+t"], False, False, "only"),
        (["ctrl+t", "ctrl+t", "ctrl+t"], False, False, "freeze"),
        (["tab", "right"], True, False, "freeze"),
        (["tab", "space"], True, False, "freeze"),
        (["tab", "left"], True, False, "freeze"),
        (["tab", "tab", "space"], False, True, "freeze"),
        (["tab", "tab", "tab", "left"], False, False, "only"),
        (["shift+tab", "right"], False, False, "unfreeze"),
    ],
)
async def test_options(size, keys: list[str], regex: bool, class_name: bool, action: str) -> None:
    app, _ = dialog()
    async with app.run_test(size=size) as pilot:
        app.screen.query_one(Input).value = "Dense" if class_name else "fc1"
        await pilot.press(*keys, "enter")
        await pilot.pause()
        choice = app.result
        assert (choice.regex, choice.class_name, choice.action) == (regex, class_name, action)
        assert choice.indices == ((12, 13) if class_name else (12,))


async def test_options_can_be_clicked() -> None:
    app, _ = dialog()
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.press(*"fc1")
        action = app.screen.query_one("#action")
        x = str(action.render()).index("only these")
        await pilot.click("#action", offset=(x + 1, 0))
        await pilot.press("enter")
        await pilot.pause()
        assert app.result.action == "only"


async def test_invalid_regex_is_told_in_place() -> None:
    app, _seen = dialog()
    async with app.run_test() as pilot:
        await pilot.press("ctrl+r", *"fc(")
        await until(pilot, lambda: "✗ The regular expression" in shown(app))
        await pilot.press("enter")
        await pilot.pause()
        assert app.result is NOTHING
        await pilot.press("backspace")
        await until(pilot, lambda: "2 layers match" in shown(app))
        assert "✗" not in shown(app)


async def test_no_match_stays_open() -> None:
    app, _ = dialog()
    async with app.run_test() as pilot:
        await pilot.press(*"zzz", "enter")
        await pilot.pause()
        assert app.result is NOTHING
        assert "No layer matches." in shown(app)


async def test_empty_pattern_stays_open() -> None:
    app, _ = dialog()
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert app.result is NOTHING


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_cancel_takes_the_highlight_away(key: str) -> None:
    app, seen = dialog()
    async with app.run_test() as pilot:
        await pilot.press(*"fc*")
        await until(pilot, lambda: bool(seen.matches))
        await pilot.press(key)
        await pilot.pause()
        assert app.result is None
        assert seen.matches[-1] == ()


async def test_weights_only_files_have_nothing_to_freeze() -> None:
    app, seen = dialog(transfer(file_format="hdf5-weights"))
    async with app.run_test() as pilot:
        await pilot.press(*"fc*", "enter")
        await pilot.pause()
        assert app.result is NOTHING
        assert seen.matches[-1] == (12, 13)
        assert "keeps no trainable flags" in shown(app)


async def test_begins_with_the_last_choice() -> None:
    app, seen = dialog(initial=PatternChoice("Conv", True, True, "only", ()))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert len(seen.matches[-1]) == 10
        await pilot.press("enter")
        await pilot.pause()
        assert app.result.action == "only"
        assert app.result.regex
        assert app.result.class_name


async def test_pasted_control_characters_are_not_drawn() -> None:
    app, _ = dialog()
    async with app.run_test() as pilot:
        app.screen.query_one(Input).value = "fc\x1b[2J\x9b\u202e*"
        await pilot.pause(0.2)
        text = shown(app)
        assert "\x1b" not in text
        assert "\x9b" not in text
        assert "\u202e" not in text


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_any_size(size: tuple[int, int]) -> None:
    app, _ = dialog()
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"fc*", "tab", "tab")
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result.indices == (12, 13)


@pytest.mark.parametrize("size", SIZES)
async def test_the_table_above_stays_in_view(size: tuple[int, int]) -> None:
    app, _ = dialog()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        box = app.screen.query_one("DialogBox").region
        assert box.bottom == size[1]
        assert box.height <= 10
        assert "row   0" in shown(app)


# -- the counts themselves ---------------------------------------------------------------------


@pytest.mark.parametrize("action", ["freeze", "unfreeze", "only"])
@pytest.mark.parametrize("pattern", ["vgg16", "fc*", "block1*", "*", "block[1-3]*", "input"])
def test_counts_are_what_the_edit_does(pattern: str, action: Any) -> None:
    model = transfer()
    found = count(model, Question(pattern, False, False, action))
    document = Document(model)
    if action == "only":
        named: set[int] = set()
        for i in found.indices:
            named.update(range(i, model.layers[i].end))
        wanted = [i in named for i in range(len(model.layers))]
        document.apply(*toward(model, wanted, set(range(len(wanted)))))
    else:
        document.set_trainable(found.indices, action == "unfreeze")
    after = document.model
    states = [
        (old, new)
        for layer, old, new in zip(model.layers, model.effective, after.effective, strict=True)
        if layer.weights
    ]
    assert found.freezing == sum(old and not new for old, new in states)
    assert found.unfreezing == sum(new and not old for old, new in states)
    assert found.trained == after.parameters.trainable
    assert found.total == after.parameters.total


@pytest.mark.parametrize(
    ("pattern", "action", "text"),
    [
        ("", "freeze", "Type a pattern."),
        ("zzz", "freeze", "No layer matches."),
        ("fc1", "freeze", "1 layer matches · 1 will freeze · 50 parameters"),
        ("vgg16", "freeze", "1 layer matches · 8 will freeze · 2,880 parameters"),
        ("block1*", "freeze", "2 layers match; all are frozen already."),
        ("fc*", "unfreeze", "2 layers match; all are trainable already."),
        ("fc*", "only", "2 layers match · 8 freeze, 0 unfreeze · 2,880 parameters"),
    ],
)
def test_sentences(pattern: str, action: Any, text: str) -> None:
    assert sentence(count(transfer(), Question(pattern, False, False, action)), True).startswith(
        text
    )


async def test_twenty_thousand_layers_stay_fluid() -> None:
    model = transfer(blocks=4000, per_block=5)
    assert len(model.layers) > 20_000
    app, seen = dialog(model)
    async with app.run_test() as pilot:
        await pilot.pause()
        slowest = 0.0
        for key in "block*_conv3":
            start = time.process_time()
            await pilot.press(key)
            slowest = max(slowest, time.process_time() - start)
        # A press in Pilot waits for the app to be idle: typing never waits for a count.
        assert slowest < 0.5
        await until(pilot, lambda: "4,000 layers match" in shown(app))
        assert len(seen.matches[-1]) == 4000


@pytest.mark.parametrize("size", SIZES)
def test_snapshot(snap_compare, size: tuple[int, int]) -> None:
    app, _ = dialog()
    assert snap_compare(app, press=[*"block?_conv1", "ctrl+t"], terminal_size=size, run_before=rest)


def test_snapshot_invalid(snap_compare) -> None:
    app, _ = dialog()
    assert snap_compare(app, press=["ctrl+r", *"fc(", "tab"], run_before=rest)


async def rest(pilot: Any) -> None:
    await pilot.pause(0.4)

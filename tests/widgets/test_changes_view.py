"""The Changes tab: listing, cursor, reverting, jumping."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from time import process_time

import pytest
from widget_host import assert_safe, screen_lines
from widget_models import HOSTILE, deep, transfer

from kerastui.edits import (
    AppendDense,
    CompileChange,
    CutChange,
    Document,
    FlagChange,
    NewLayerChange,
    SetTrainable,
    SetWeight,
    WeightChange,
)
from kerastui.model import ArraySource
from kerastui.widgets.changes_view import ChangesView

UNFROZEN = FlagChange("vgg16/block5_conv3", False, True)
FROZEN = FlagChange("fc1", True, False)
WHOLE = FlagChange("", False, True)
CONSOLE = ArraySource("/values/1.npy", "", (25088, 256), "float32", "console")
VALUES = WeightChange("fc1", "kernel", CONSOLE)


async def shown(pilot, view, *changes):
    view.show(tuple(changes))
    await pilot.pause(0.05)


async def test_lists_old_and_new_by_direction(hosted):
    view = ChangesView()
    async with hosted(view, (80, 24)) as pilot:
        await shown(pilot, view, UNFROZEN, FROZEN)
        lines = [line.strip() for line in screen_lines(view)]
        assert lines[0].startswith("Now trainable ─")
        assert lines[0].endswith("1 layer")
        assert lines[1] == "□ frozen → ■ trainable  vgg16/block5_conv3"
        assert lines[3].startswith("Now frozen ─")
        assert lines[4] == "■ trainable → □ frozen  fc1"


async def test_narrow_panels_show_the_signs_alone(hosted):
    view = ChangesView()
    async with hosted(view, (40, 24)) as pilot:
        await shown(pilot, view, UNFROZEN)
        assert screen_lines(view)[1].strip() == "□ → ■  vgg16/block5_conv3"


async def test_empty_names_the_keys(hosted):
    view = ChangesView()
    async with hosted(view, (80, 24)) as pilot:
        await pilot.pause(0.05)
        assert screen_lines(view)[0].strip() == "No changes"
        assert "space" in view.text
        await pilot.press("down", "up", "end", "pageup", "r", "delete", "enter")
        await pilot.click(view, offset=(5, 2))
        assert pilot.app.heard == []


@pytest.mark.parametrize("key", ["r", "delete", "backspace"])
async def test_reverts_the_highlighted_change(hosted, key):
    view = ChangesView()
    async with hosted(view, (80, 24)) as pilot:
        await shown(pilot, view, UNFROZEN, FROZEN)
        await pilot.press("down", "down", "down", key)
        (message,) = pilot.app.heard
        assert isinstance(message, ChangesView.Revert)
        assert message.paths == ("fc1",)
        assert message.control is view


async def test_reverts_a_group_on_its_heading(hosted):
    view = ChangesView()
    async with hosted(view, (80, 24)) as pilot:
        await shown(pilot, view, WHOLE, UNFROZEN, FROZEN)
        assert "the model itself and 1 layer" in view.text
        await pilot.press("home", "r")
        assert pilot.app.heard[0].paths == ("", "vgg16/block5_conv3")


async def test_enter_goes_to_the_layer(hosted):
    view = ChangesView()
    async with hosted(view, (80, 24)) as pilot:
        await shown(pilot, view, UNFROZEN, FROZEN)
        await pilot.press("end", "enter", "up", "up", "enter")
        assert [message.path for message in pilot.app.heard] == ["fc1", "vgg16/block5_conv3"]


async def test_mouse_highlights_and_double_click_goes_there(hosted):
    view = ChangesView()
    async with hosted(view, (80, 24)) as pilot:
        await shown(pilot, view, UNFROZEN, FROZEN)
        await pilot.click(view, offset=(10, 4))
        assert view.cursor == 4
        await pilot.click(view, offset=(10, 20))  # below the last
        assert view.cursor == 4
        await pilot.double_click(view, offset=(10, 1))
        assert pilot.app.heard[-1].path == "vgg16/block5_conv3"


async def test_the_cursor_skips_blanks_and_stays_inside(hosted):
    view = ChangesView()
    async with hosted(view, (80, 24)) as pilot:
        await shown(pilot, view, UNFROZEN, FROZEN)
        seen = [view.cursor]
        for _ in range(6):
            await pilot.press("down")
            seen.append(view.cursor)
        assert seen == [1, 3, 4, 4, 4, 4, 4]
        for _ in range(6):
            await pilot.press("up")
        assert view.cursor == 0


async def test_the_cursor_stays_near_when_changes_go(hosted):
    view, document = ChangesView(), Document(deep(50))
    async with hosted(view, (80, 10)) as pilot:
        document.set_trainable(range(50), False)
        await shown(pilot, view, *document.changes)
        await pilot.press("end", "r")
        assert pilot.app.heard[-1].paths == ("dense_49",)
        document.revert(pilot.app.heard[-1].paths)
        await shown(pilot, view, *document.changes)
        assert view.cursor == 49  # now the last line
        await pilot.press("r")
        assert pilot.app.heard[-1].paths == ("dense_48",)
        document.undo()
        document.undo()
        await shown(pilot, view, *document.changes)
        assert "No changes" in view.text


async def test_the_highlight_scrolls_into_sight(hosted):
    view, document = ChangesView(), Document(deep(500))
    async with hosted(view, (80, 12)) as pilot:
        document.set_trainable(range(500), False)
        await shown(pilot, view, *document.changes)
        await pilot.press("end")
        assert screen_lines(view)[-1].strip().endswith("dense_499")
        await pilot.press("pageup", "pageup")
        assert 0 < view.cursor < 490
        assert view.cursor in range(view.scroll_offset.y, view.scroll_offset.y + 12)
        await pilot.press("home")
        assert view.scroll_offset.y == 0


async def test_hostile_paths_are_safe_and_fit(hosted):
    view = ChangesView()
    async with hosted(view, (300, 10)) as pilot:
        await shown(pilot, view, FlagChange("a/" + HOSTILE, True, False))
        assert_safe(view.text)
    async with hosted(view := ChangesView(), (20, 10)) as pilot:
        await shown(pilot, view, FlagChange("a/" + HOSTILE, True, False))
        assert max(map(len, view.text.splitlines())) <= 18


@pytest.mark.parametrize(("number", "limit"), [(2_000, 0.020), (20_000, 0.050)])
async def test_many_changes_are_listed_at_once(hosted, number, limit):
    model = deep(number)
    changes = tuple(FlagChange(layer.path, True, False) for layer in model.layers)
    view, spent = ChangesView(), []
    async with hosted(view, (60, 40)) as pilot:
        for i in range(9):
            view.show(changes[i:])
            begin = process_time()
            view._rebuild_if_stale()
            screen_lines(view)
            spent.append(process_time() - begin)
            await pilot.pause()
        assert median(spent) < limit
        await pilot.press("end")
        assert f"dense_{number - 1}" in screen_lines(view)[-1]


async def test_flags_of_a_real_edit(hosted):
    view, document = ChangesView(), Document(transfer())
    async with hosted(view, (80, 24)) as pilot:
        document.set_trainable([1], True)
        await shown(pilot, view, *document.changes)
        assert view.text.count("□ frozen → ■ trainable") == 3


async def test_new_values_stand_beside_flags(hosted):
    view = ChangesView()
    async with hosted(view, (80, 24)) as pilot:
        await shown(pilot, view, VALUES, FROZEN)
        lines = [line.strip() for line in screen_lines(view)]
        assert lines[1] == "■ trainable → □ frozen  fc1"
        assert lines[3].startswith("New values ─")
        assert lines[3].endswith("1 weight")
        assert lines[4] == "as stored → console  fc1/kernel"
        await pilot.press("end", "enter", "r", "home", "r")
        assert pilot.app.heard[0].path == "fc1"
        assert pilot.app.heard[1].changes == (VALUES,)
        assert pilot.app.heard[1].paths == ("fc1",)
        assert pilot.app.heard[2].changes == (FROZEN,)
    async with hosted(view := ChangesView(), (40, 24)) as pilot:
        await shown(pilot, view, VALUES)
        assert screen_lines(view)[1].strip() == "→ console  fc1/kernel"


async def test_a_flag_and_a_weight_of_one_layer_are_reverted_by_themselves(hosted):
    view, document = ChangesView(), Document(transfer())
    layer = next(x for x in document.model.layers if x.weights and x.depth == 0)
    weight = layer.weights[0]
    source = ArraySource("/values/1.npy", "", weight.shape, "float32", "console")
    flag = SetTrainable((layer.path,), not layer.trainable)
    document.apply(flag, SetWeight(layer.path, weight.name, source))
    async with hosted(view, (80, 24)) as pilot:
        await shown(pilot, view, *document.changes)
        await pilot.press("end", "r")
        document.revert_changes(pilot.app.heard[-1].changes)
        assert [type(change) for change in document.changes] == [FlagChange]
        await shown(pilot, view, *document.changes)
        assert "New values" not in view.text


async def test_labels_of_new_values_are_safe_and_fit(hosted):
    hostile = WeightChange("a/" + HOSTILE, HOSTILE, replace(CONSOLE, label=HOSTILE * 9))
    for width in (300, 60, 20):
        async with hosted(view := ChangesView(), (width, 10)) as pilot:
            await shown(pilot, view, hostile)
            assert "␛" in view.text
            assert "\x1b" not in view.text
            assert max(map(len, view.text.splitlines())) <= width


async def test_compile_and_structure_have_groups_of_their_own(hosted):
    loss = CompileChange("loss", "fc1", '"mse"', '"mae"')
    cut = CutChange("vgg16", "vgg16", ("flatten_1", "fc1"))
    new = NewLayerChange("head", AppendDense("head", 5, "softmax"))
    for size in ((80, 24), (40, 24)):
        view = ChangesView()
        async with hosted(view, size) as pilot:
            await shown(pilot, view, cut, new, loss)
            lines = [" ".join(line.split()) for line in screen_lines(view)]
            wide = size[0] == 80
            assert lines[0].startswith("Cut and new ─")
            assert lines[1].endswith("2 layers → cut vgg16" if wide else "→ cut vgg16")
            assert lines[2].endswith("Dense 5 softmax head" if wide else "oftmax head")
            assert lines[4].startswith("Compile section ─")
            assert lines[4].endswith("1 setting")
            assert lines[5].endswith("loss of fc1")
            await pilot.press("home", "end", "r")
            assert pilot.app.heard[0].changes == (loss,)

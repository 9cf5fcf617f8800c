"""The Weights tab: all weights of a layer or subtree, however many."""

from __future__ import annotations

from time import process_time

import pytest
from widget_host import assert_safe, screen_lines
from widget_models import deep, hostile, transfer, weight

from kerastui.edits import SetWeight
from kerastui.files import open_model
from kerastui.model import ArraySource
from kerastui.widgets.weight_list import WeightList


async def text_of(hosted, model, index, width=100) -> str:
    listed = WeightList()
    async with hosted(listed, (width, 30)) as pilot:
        listed.show(model, index)
        await pilot.pause(0.05)
        return listed.text


async def test_lists_a_subtree_in_the_models_order(hosted):
    text = await text_of(hosted, transfer(), 1)
    assert "6 weights of 3 layers · 7,079,424 parameters · 28.3 MB" in text
    order = [text.index(f"block5_conv{i}") for i in (1, 2, 3)]
    assert order == sorted(order)
    assert "fc1" not in text


async def test_one_line_tells_all_where_there_is_room(hosted):
    text = await text_of(hosted, transfer(), 4, width=130)
    row = next(line for line in text.splitlines() if line.startswith("  kernel"))
    assert row.split("  ")[1:] == [
        "kernel",
        "(3, 3, 512, 512)",
        "float32",
        "9.44 MB",
        "kernel height 3 · kernel width 3 · input channels 512 · filters 512",
    ]


@pytest.mark.parametrize("width", [24, 40, 60, 80, 200])
async def test_nothing_is_cut_off(hosted, width):
    text = await text_of(hosted, transfer(), -1, width=width)
    words = " ".join(text.split())
    assert "kernel height 3" in words
    assert "moving_variance" in words
    assert max(map(len, text.splitlines())) <= width - 3


async def test_tells_state_of_each_layer(hosted):
    text = await text_of(hosted, transfer(), -1)
    assert "□ vgg16/block5_conv1  Conv2D" in text
    assert "■ fc1  Dense" in text
    assert text.count("◇ never trained") == 2
    frozen = transfer().with_flags([1], False).with_flags([2], True)
    assert "⊡ vgg16/block5_conv1" in await text_of(hosted, frozen, -1)


async def test_says_that_a_layer_has_none(hosted):
    assert await text_of(hosted, transfer(), 0) == "input_1 has no weights."


async def test_lists_what_the_configuration_does_not_mention(hosted):
    model = transfer(extra=(weight("stray", 7),))
    text = await text_of(hosted, model, -1)
    assert "Not mentioned by the configuration" in text
    assert "stray" in text
    assert "stray" not in await text_of(hosted, model, 1)


async def test_hostile_text_is_made_safe(hosted):
    assert_safe(await text_of(hosted, hostile(), -1))


async def test_thousands_of_weights_keep_no_key_waiting(hosted):
    model, listed = deep(10_000), WeightList()
    async with hosted(listed, (60, 30)) as pilot:
        begin = process_time()
        listed.build(57)
        assert process_time() - begin < 0.5  # all 20,000 would take seconds
        listed.show(model, -1)
        await pilot.pause(0.05)
        assert "20,000 weights of 10,000 layers" in screen_lines(listed)[0]
        few = len(listed._lines)
        await pilot.pause(0.3)
        assert few < len(listed._lines)
        await pilot.press("end")
        assert listed.scroll_offset.y > 0


async def test_every_weight_is_there_in_the_end(hosted):
    model, listed = deep(300), WeightList()
    async with hosted(listed, (60, 30)) as pilot:
        listed.show(model, -1)
        for _ in range(200):
            await pilot.pause(0.02)
            if listed._more is None:
                break
        assert listed._more is None
        assert sum("kernel" in "".join(t for t, _ in line) for line in listed._lines) == 300
        await pilot.press("end")
        assert "units 64" in screen_lines(listed)[-1]


async def test_weights_of_a_real_file(hosted, sample_dir):
    model = open_model(str(sample_dir / "transfer.h5"))
    text = await text_of(hosted, model, -1, width=120)
    for layer in model.layers:
        if layer.weights:
            assert layer.name in text


async def test_new_values_say_where_they_come_from(hosted):
    model = transfer()
    layer = model.layers[4]
    source = ArraySource("/x.npy", "", layer.weights[0].shape, "float32", "w * 0.9\x1b[2J")
    changed = SetWeight(layer.path, layer.weights[0].name, source).apply(model)
    for width in (40, 130):
        text = await text_of(hosted, changed, 4, width=width)
        assert "▲ new values: w * 0.9" in " ".join(text.split())
        assert "\x1b" not in text
    assert "new values" not in await text_of(hosted, model, 4)

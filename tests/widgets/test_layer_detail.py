"""What the Layer tab tells, and how it keeps up with a fast cursor."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import pytest
from textual.geometry import Offset
from textual.selection import Selection
from widget_host import assert_safe, screen_lines
from widget_models import deep, hostile, transfer

from kerastui.edits import Document
from kerastui.files import open_model
from kerastui.widgets.flow import cells, plain
from kerastui.widgets.layer_detail import LayerDetail
from kerastui.widgets.layer_story import layer_story, model_story

BLOCK3, VGG, FC1, BN = 4, 1, 6, 7


def story(model, index, original=None, width=60) -> str:
    return "\n".join(plain(line) for line in layer_story(model, index, original, width))


def test_names_class_and_place():
    text = story(transfer(), BLOCK3)
    assert text.startswith("block5_conv3  Conv2D, in vgg16\n")
    assert "made this name up" not in text


def test_marks_names_that_keras_made_up():
    assert "· Keras made this name up" in story(transfer(), 5)


def test_says_of_a_stand_in_what_it_is():
    def told(standin: bool) -> str:
        lines = layer_story(transfer(), BLOCK3, None, 60, standin)
        return " ".join(plain(line).strip() for line in lines)

    assert "A stand-in in live Keras: it holds the weights" in told(True)
    assert "stand-in" not in told(False)


def test_tells_what_each_axis_means():
    text = story(transfer(), BLOCK3, width=46)
    assert "kernel  (3, 3, 512, 512)  float32  9.44 MB" in text
    assert "kernel height 3 · kernel width 3" in text
    assert "· input channels 512 · filters 512" in text


def test_tells_feeders_output_and_config():
    text = story(transfer(), BLOCK3)
    assert "fed by  block5_conv2" in text
    assert "gives   (batch, 14, 14, 512)" in text
    assert "kernel_size" in text
    assert "3×3" in text
    assert "• activation" in text  # relu is not the default


def test_a_sequential_is_fed_by_the_layer_above():
    assert "fed by  dense_4, the one above" in story(deep(9), 5)
    assert "fed by" not in story(deep(9), 0)


def test_moving_statistics_are_never_trained():
    text = story(transfer(), BN)
    assert text.count("◇ never trained") == 2
    assert "never trained  512 of 1,024 parameters" in text
    assert "inference mode" in text


@pytest.mark.parametrize(
    ("edit", "index", "expected"),
    [
        (lambda m: m, FC1, ["■ trainable"]),
        (lambda m: m, BLOCK3, ["□ frozen"]),
        (lambda m: m.with_flags([BLOCK3], True), BLOCK3, ["■ trainable   ▲ was □ frozen"]),
        (lambda m: m.with_flags([FC1], False), FC1, ["□ frozen   ▲ was ■ trainable"]),
        (
            lambda m: m.with_flags([VGG], False).with_flags([BLOCK3], True),
            BLOCK3,
            ["⊡ frozen by its parent vgg16   ▲ was □ frozen", "own flag is on"],
        ),
        (lambda m: m.with_flags([VGG], False), BLOCK3, ["□ frozen", "and by its parent vgg16."]),
        (lambda m: replace(m, trainable=False), FC1, ["⊡ frozen by the whole model's own flag"]),
        (
            lambda m: m.with_flags([BLOCK3], True),
            VGG,
            ["◩ partly frozen   ▲ 1 change inside", "1 of 3 layers with weights trainable"],
        ),
        (lambda m: m, VGG, ["□ frozen", "Its own flag is on; everything inside it is frozen."]),
        (lambda m: m, 0, ["no weights: nothing to freeze"]),
        (lambda m: replace(m, format="hdf5-weights"), FC1, ["weights only: no trainable flags"]),
    ],
)
def test_tells_the_trainable_state(edit, index, expected):
    model = transfer()
    text = story(edit(model), index, model, width=80)
    for words in expected:
        assert words in text


def test_sums_up_a_nested_model():
    text = story(transfer(), VGG)
    assert "Inside" in text
    assert "7,079,424 · 28.3 MB" in text
    assert "3: 3 Conv2D" in text
    assert "0 of 3 layers with weights" in text


def test_tells_about_the_whole_model():
    text = "\n".join(plain(line) for line in model_story(transfer(notes=("Odd thing.",)), 60))
    assert "model_1" in text
    assert "2.2.4 on tensorflow" in text
    assert "• Odd thing." in text


@pytest.mark.parametrize("width", [8, 20, 38, 46, 80, 120])
def test_fits_any_width(width):
    for model in (transfer(), hostile()):
        for index in range(len(model.layers)):
            for line in layer_story(model, index, None, width):
                assert cells(line) <= width
        assert all(cells(line) <= width for line in model_story(model, width))


def test_hostile_text_is_made_safe():
    assert_safe(story(hostile(), 0))
    assert_safe("\n".join(plain(line) for line in model_story(hostile(), 60)))


def test_every_layer_of_the_samples_is_told(sample_dir):
    files = [*sample_dir.glob("*.h5"), *sample_dir.glob("*.keras")]
    assert len(files) > 4
    for file in files:
        model = open_model(str(file))
        for index, layer in enumerate(model.layers):
            text = story(model, index, model)
            assert layer.class_name in text
            for weight in layer.weights[:20]:
                assert weight.name in text


@pytest.mark.parametrize("size", [(80, 24), (200, 50), (40, 24)])
async def test_draws_only_what_fits(hosted, size):
    detail = LayerDetail()
    async with hosted(detail, size) as pilot:
        detail.show(transfer(), BLOCK3)
        await pilot.pause(0.05)
        lines = screen_lines(detail)
        assert len(lines) == size[1]
        assert lines[0].strip() == "block5_conv3  Conv2D, in vgg16"
        assert detail.max_scroll_x == 0


async def test_wraps_again_at_another_width(hosted):
    detail = LayerDetail()
    async with hosted(detail, (120, 24)) as pilot:
        detail.show(transfer(), BLOCK3)
        await pilot.pause(0.05)
        wide = len(detail.text.splitlines())
        await pilot.resize_terminal(40, 24)
        await pilot.pause(0.05)
        assert len(detail.text.splitlines()) > wide
        assert max(map(len, detail.text.splitlines())) <= 38


async def test_a_running_cursor_is_not_kept_waiting(hosted):
    model, detail, built = deep(2_000), LayerDetail(), []
    async with hosted(detail, (60, 40)) as pilot:
        build = detail.build
        detail.build = lambda width: built.append(1) or build(width)
        begin = process_time()
        for index in range(2_000):
            detail.show(model, index, model)
        assert process_time() - begin < 0.25  # 2,000 steps of the cursor
        assert len(built) == 0
        await pilot.pause(0.1)
        assert len(built) == 1
        assert screen_lines(detail)[0].strip().startswith("dense_1999")


async def test_shows_the_layer_again_that_it_was_scrolled_to(hosted):
    detail, document = LayerDetail(), Document(transfer())
    async with hosted(detail, (60, 10)) as pilot:
        detail.show(document.model, FC1, document.original)
        await pilot.pause(0.05)
        await pilot.press("down", "down", "down")
        document.set_trainable([FC1], False)
        detail.show(document.model, FC1, document.original)
        await pilot.pause(0.05)
        assert detail.scroll_offset.y == 3  # an edit does not move the page
        assert "▲ was ■ trainable" in detail.text
        detail.show(document.model, BN, document.original)
        await pilot.pause(0.05)
        assert detail.scroll_offset.y == 0  # another layer is read from its beginning


async def test_keys_scroll(hosted):
    detail = LayerDetail()
    async with hosted(detail, (60, 8)) as pilot:
        detail.show(transfer(), BLOCK3)
        await pilot.pause(0.05)
        await pilot.press("j", "j", "k")
        assert detail.scroll_offset.y == 1
        await pilot.press("end")
        assert detail.scroll_offset.y == detail.max_scroll_y > 5
        await pilot.press("pageup", "home")
        assert detail.scroll_offset.y == 0


async def test_text_can_be_selected_and_copied(hosted):
    detail = LayerDetail()
    async with hosted(detail, (60, 24)) as pilot:
        detail.show(transfer(), BLOCK3)
        await pilot.pause(0.05)
        picked = detail.get_selection(Selection(Offset(0, 0), Offset(12, 0)))
        assert picked is not None
        assert picked[0] == "block5_conv3"
        await pilot.mouse_down(detail, offset=(1, 0))
        await pilot.hover(detail, offset=(12, 0))
        await pilot.mouse_up(detail, offset=(12, 0))
        assert pilot.app.screen.get_selected_text() == "block5_conv3"
        assert screen_lines(detail)[0].strip() == "block5_conv3  Conv2D, in vgg16"


@pytest.mark.parametrize("theme", ["textual-light", "nord", "ansi-dark", "ansi-light"])
async def test_every_theme_draws(hosted, theme):
    detail = LayerDetail()
    async with hosted(detail, (60, 24)) as pilot:
        detail.show(transfer(), BLOCK3)
        pilot.app.theme = theme
        await pilot.pause(0.05)
        assert "block5_conv3" in screen_lines(detail)[0]

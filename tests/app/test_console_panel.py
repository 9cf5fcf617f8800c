"""The console's panel in the explorer, fed with plain values: no Keras is started."""

from __future__ import annotations

import io
import struct
from dataclasses import replace

import pytest
from textual.geometry import Offset

from kerastui.clerk.client import Clerk
from kerastui.session.protocol import Completion, Offer, Part, Signature, Trouble, Value
from kerastui.tui.app import KerastuiApp
from kerastui.tui.console_entry import common_start
from kerastui.tui.console_values import arrays_of, describe, described, is_short, row_text, rows_of

SIZES = [(80, 24), (120, 40)]
ARRAY = Value(
    "1", "ndarray", "array", dtype="float32", shape=(3, 3, 12, 24), size=10368,
    low=-0.61, mean=0.0031, high=0.58, nans=2,
)  # fmt: skip
TROUBLE = Trouble(
    "ValueError", "shapes do not fit", 2,
    'Traceback (most recent call last):\n  File "<console 2>", line 2, in f\n    return x @ y\n'
    "ValueError: shapes do not fit",
)  # fmt: skip
OFFERS = Completion(
    6, tuple(Offer(name, kind) for name, kind in [
        ("get_layer", "function"), ("get_config", "function"), ("get_weights", "function"),
        ("get_metrics_result", "function"), ("get_quantization_layer_structure", "function"),
    ]),
)  # fmt: skip


async def console_of(pilot):
    app = pilot.app
    while app.explorer.document is None or app.explorer.panel is None:
        await pilot.pause(0.02)
    app.explorer.set_focus(None)
    panel = await app.explorer.open_console()
    panel.input.cursor_blink = False
    panel.input.focus()
    await pilot.pause()
    return panel


async def show_array(panel, pilot) -> None:
    panel.log_view.begin("W['base/conv/kernel']")
    panel.show_value(ARRAY)
    await pilot.pause()
    view = panel.grid.view
    await pilot.pause()
    rows, columns = panel.grid.seen
    values = [[(r * 24 + c) / 500 - 0.3 for c in columns] for r in rows]
    values[1][1] = float("nan")
    panel.grid.supply(panel.grid.WindowWanted(panel.grid, view, rows, columns, 1), values)
    await pilot.pause()


async def show_trouble(panel, pilot) -> None:
    panel.log_view.begin("def f(x, y):\n    return x @ y\n\nf(x, x)")
    panel.log_view.printed("working …\n")
    panel.show_trouble(TROUBLE)
    await pilot.pause()


async def show_offers(panel, pilot) -> None:
    panel.input.text = "model.get"
    panel.input.move_cursor(panel.input.document.end)
    await pilot.pause()
    panel.offer(OFFERS, 9)
    await pilot.pause()


@pytest.fixture
def app(sample):
    path = str(sample("transfer.h5"))
    clerk = Clerk()
    yield KerastuiApp(clerk, path, clerk.submit("open", path))
    clerk.close()


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
@pytest.mark.parametrize("what", [show_array, show_trouble, show_offers])
def test_console_looks(app, snap_compare, size, what) -> None:
    async def before(pilot) -> None:
        await what(await console_of(pilot), pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


async def test_escape_leaves_step_by_step_and_keeps_what_is_shown(app) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await console_of(pilot)
        await show_array(panel, pilot)
        await show_offers(panel, pilot)
        await pilot.press("escape")
        assert not panel.offers.is_open
        assert panel.array is not None
        await pilot.press("escape")
        assert panel.array is None
        assert panel.display
        await pilot.press("escape")
        await pilot.pause()
        assert not panel.display
        assert app.explorer.table.has_focus
        assert "kernel" in panel.log_view.lines[0].text


async def test_tab_is_the_consoles_while_it_has_the_focus(app) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await console_of(pilot)
        await pilot.press("tab")
        assert panel.input.text == "    "
        await pilot.press("escape", "tab")
        await pilot.pause()
        assert not app.explorer.table.has_focus  # in the panel at the right


async def test_letters_in_grid_and_log_freeze_no_layers(app) -> None:
    """Who meant to type is not punished with edits that he does not see."""
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await console_of(pilot)
        await show_array(panel, pilot)
        for widget in (panel.grid, panel.log_view):
            await pilot.press("ctrl+o")
            assert widget.has_focus
            await pilot.press("f", "space", "i", "b", "asterisk", "q", "f")
            await pilot.pause()
            assert app.screen is app.explorer and app.is_running
            assert not app.explorer.document.changed
            shown = {b.binding.action for b in app.explorer.active_bindings.values()}
            assert "freeze_up_to" not in shown and "save" in shown


async def test_an_array_makes_room_for_what_is_printed_later(app) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await console_of(pilot)
        await show_array(panel, pilot)
        panel.show_printed("hello\n", "stdout")
        await pilot.pause()
        assert panel.array is None and not panel.grid.display
        await show_array(panel, pilot)
        panel.show_trouble(TROUBLE)
        assert panel.array is None


async def test_a_line_in_the_log_lays_nothing_out(app) -> None:
    """Textual would paint the whole screen anew for it: twice the cost of an evaluation."""
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await console_of(pilot)
        for _ in range(50):
            panel.log_view.say("line")
        await pilot.pause()
        laid_out: list[object] = []
        screen, before = app.explorer, app.explorer._refresh_layout
        screen._refresh_layout = lambda *args, **named: (laid_out.append(args), before())
        panel.input.text = "1+1"
        panel.input.action_submit = lambda: None
        panel.log_view.begin("1+1")
        panel.log_view.say("2", "value")
        await pilot.pause()
        await pilot.pause()
        assert not laid_out
        log = panel.log_view
        assert log.virtual_size.height == 52 and log.scroll_y == log.max_scroll_y > 0
        assert log.vertical_scrollbar.window_virtual_size == 52


async def test_height_by_keys_and_by_dragging_the_border(app) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await console_of(pilot)
        height = panel.outer_size.height
        await pilot.press("ctrl+up")
        await pilot.pause()
        assert panel.outer_size.height == height + 3
        top = panel.region.y
        await pilot.mouse_down(offset=(30, top))
        await pilot.hover(offset=(30, top - 5))
        await pilot.mouse_up(offset=(30, top - 5))
        await pilot.pause()
        assert panel.outer_size.height == height + 8
        for _ in range(20):
            await pilot.press("ctrl+down")
        await pilot.pause()
        assert panel.outer_size.height == panel.LOWEST
        assert app.mouse_captured is None and app.mouse_position == Offset(30, top - 5)


async def test_offers_narrow_down_and_are_taken(app) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await console_of(pilot)
        await show_offers(panel, pilot)
        assert panel.input.text == "model.get_"  # what all have in common
        assert len(panel.offers._texts) == 5
        await pilot.press("down", "down", "enter")
        assert panel.input.text == "model.get_weights"
        assert not panel.offers.is_open
        panel.offer(Completion(0, ()), 17)
        assert "Nothing to complete" in str(panel.query_one("#console-hint").render())
        panel.show_signature(Signature("f(a, *, b=1) -> int", ("a", "*", "b=1"), 0, "Does it."))
        hint = str(panel.query_one("#console-hint").render())
        assert hint == "f(a, *, b=1) -> int   Does it."


async def test_a_long_history_leaves_room_for_the_input(app) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        panel = await console_of(pilot)
        panel.input.inputs = [f"value_{k} = " + "1 + " * 60 + "1" for k in range(50)]
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert panel.offers.is_open
        assert panel.input.region.bottom < panel.region.bottom
        assert panel.offers.virtual_size.height == 50  # one row each
        await pilot.press(*"lue_7", "enter")
        assert panel.input.text.startswith("value_7 =")


async def test_searching_the_log_from_the_input(app) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await console_of(pilot)
        panel.log_view.say("\n".join(f"epoch {k}" for k in range(30)), "")
        await pilot.press("ctrl+f", *"och", "space", "7", "enter")
        await pilot.pause()
        assert "1 lines" in str(panel.query_one("#console-hint").render())
        await pilot.press("escape")
        assert panel.log_view.has_focus


async def test_without_keras_ctrl_c_in_the_console_clears_and_never_quits(app) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await console_of(pilot)
        panel.input.text = "half"
        await pilot.press("ctrl+c")
        assert panel.input.text == ""
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert app.is_running and not app._exit
        await pilot.press("escape", "ctrl+c")
        await pilot.pause()
    assert app._exit


async def test_a_figure_gets_room_and_is_drawn_or_said(app) -> None:
    image = pytest.importorskip("PIL.Image").new("RGB", (64, 32), (200, 30, 30))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    figure = Value("1", "Figure", "figure", "Figure(64x32)", picture=stream.getvalue())
    async with app.run_test(size=(120, 40)) as pilot:
        panel = await console_of(pilot)
        before = panel.outer_size.height
        await app.explorer.show_value(panel, figure)
        await pilot.pause()
        assert panel.outer_size.height > before
        rows = [row for row in panel.log_view.lines if row.strip is not None]
        assert len(rows) == panel.outer_size.height - 4
        assert rows[0].strip is not None and "▀" in rows[0].strip.text
        await app.explorer.show_value(panel, replace(figure, picture=b"\x89PNG cut off"))
        assert "cannot be shown" in panel.log_view.output


def test_common_start() -> None:
    assert common_start([]) == ""
    assert common_start(["abc"]) == "abc"
    assert common_start(["get_a", "get_b", "gex"]) == "ge"
    assert common_start(["a", "b"]) == ""


def test_values_as_text() -> None:
    assert describe(ARRAY) == (
        "ndarray  float32  (3, 3, 12, 24)  min -0.61  mean 0.0031  max 0.58  2 NaN"
    )
    text = Value("1", "str", "string", "a\nb", length=3)
    assert described(text) == "str of 3 characters\na\nb"
    assert described(Value("1", "str", "string", "ab", length=2)) == "'ab'"
    inner = (Value("1.0", "ndarray", "array", dtype="int8", shape=(2,), key="'a'"),)
    items = Value("1", "dict", "items", length=3, items=inner)
    assert describe(items).splitlines()[0] == "dict of 3"
    assert describe(items).endswith("… and 2 more")
    assert [name for name, _ in arrays_of(items, "x")] == ["x['a']"]
    assert is_short(inner[0]) and not is_short(ARRAY)
    assert row_text([[1.0], [float("nan")]]) == "[1, nan]"


@pytest.mark.parametrize(
    ("part", "rows"),
    [
        (Part("float32", (2, 2), struct.pack("<4f", 1, 2, 3, 4), "float32", ()), [[1, 2], [3, 4]]),
        (Part("bfloat16", (2,), struct.pack("<2f", 1, 2), "float32", ()), [[1], [2]]),
        (Part("bool", (1, 2), b"\x00\x01", "bool", ()), [[False, True]]),
        (Part("complex64", (1,), struct.pack("<2f", 1, 2), "complex64", ()), [[1 + 2j]]),
        (Part("str", (2,), b"", "str", ("a", "b")), [["a"], ["b"]]),
        (Part("odd", (2,), b"", "odd", ()), [["?"], ["?"]]),
    ],
)
def test_parts_of_arrays_become_rows_without_numpy(part, rows) -> None:
    assert rows_of(part) == rows
    assert rows_of(part, flipped=True) == [list(c) for c in zip(*rows, strict=True)]

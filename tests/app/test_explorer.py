"""Every key of the explorer, on real files."""

from __future__ import annotations

import pytest
from dialog_host import until

from kerastui.files import open_model
from kerastui.tui.dialogs.compile_edit import CompileDialog
from kerastui.tui.dialogs.confirm import ConfirmDialog
from kerastui.tui.dialogs.save_plan import SavePlanDialog
from kerastui.tui.document_screen import DocumentScreen


def screen(pilot) -> DocumentScreen:
    return pilot.app.explorer


def flags(pilot) -> dict[str, bool]:
    model = screen(pilot).model
    return {x.path: on for x, on in zip(model.layers, model.effective, strict=True) if x.weights}


async def test_the_table_lists_the_layers_in_the_models_order(explorer, sample):
    path = sample("transfer.h5")
    async with explorer(path) as pilot:
        table = screen(pilot).table
        assert table.row_count == len(open_model(path).layers)
        text = "\n".join(table.render_line(y).text for y in range(table.size.height))
        names = [layer.name for layer in open_model(path).layers]
        places = [text.index(name) for name in names[:4]]
        assert places == sorted(places)


async def test_space_freezes_and_unfreezes_a_layer(explorer, sample):
    async with explorer(sample("digits_cnn.h5")) as pilot:
        index = next(i for i, x in enumerate(screen(pilot).model.layers) if x.weights)
        screen(pilot).table.move_to(index)
        path = screen(pilot).model.layers[index].path
        await pilot.press("space")
        await pilot.pause()
        assert flags(pilot)[path] is False
        await pilot.press("space")
        await pilot.pause()
        assert flags(pilot)[path] is True
        assert not screen(pilot).document.changed


async def test_space_on_a_nested_model_toggles_all_inside(explorer, sample):
    async with explorer(sample("transfer.h5")) as pilot:
        model = screen(pilot).model
        nested = next(i for i, x in enumerate(model.layers) if x.kind == "model")
        screen(pilot).table.move_to(nested)
        inside = [p for p in flags(pilot) if p.startswith(model.layers[nested].path + "/")]
        await pilot.press("space")
        await pilot.pause()
        assert not any(flags(pilot)[p] for p in inside)
        await pilot.press("space")
        await pilot.pause()
        assert all(flags(pilot)[p] for p in inside)


@pytest.mark.parametrize("keys", [("v", "down", "down"), ("shift+down", "shift+down")])
async def test_a_range_is_toggled_as_one_step(explorer, sample, keys):
    async with explorer(sample("digits_cnn.h5")) as pilot:
        await pilot.press("home", *keys, "space")
        await pilot.pause()
        changed = [c.path for c in screen(pilot).document.changes]
        rows = screen(pilot).model.layers[:3]
        assert changed == [x.path for x in rows if x.weights]
        await pilot.press("escape", "z")
        await pilot.pause()
        assert not screen(pilot).document.changed


async def test_freeze_up_to_here_and_unfreeze_from_here(explorer, sample):
    async with explorer(sample("digits_cnn.h5")) as pilot:
        await pilot.press("end", "f")
        await pilot.pause()
        assert not any(flags(pilot).values())
        last = screen(pilot).model.layers[-1].path
        await pilot.press("u")
        await pilot.pause()
        assert [p for p, on in flags(pilot).items() if on] == [last]


async def test_batchnormalization_invert_undo_redo_revert(explorer, sample):
    async with explorer(sample("digits_cnn.h5")) as pilot:
        before = flags(pilot)
        await pilot.press("i")
        await pilot.pause()
        assert flags(pilot) == {p: not on for p, on in before.items()}
        await pilot.press("z")
        await pilot.pause()
        assert flags(pilot) == before
        await pilot.press("Z")
        await pilot.pause()
        assert flags(pilot) != before
        await pilot.press("home", "v", "end", "r")
        await pilot.pause()
        assert flags(pilot) == before
        await pilot.press("escape", "b")
        await pilot.pause()
        frozen = {p for p, on in flags(pilot).items() if not on}
        classes = {screen(pilot).model[p].class_name for p in frozen}
        assert classes <= {"BatchNormalization"}


async def test_search_jumps_as_you_type_and_escape_goes_back(explorer, sample):
    async with explorer(sample("digits_cnn.h5")) as pilot:
        model = screen(pilot).model
        await pilot.press("home", "slash", *"dense")
        await until(pilot, lambda: screen(pilot).matches)
        here = model.layers[screen(pilot).current]
        assert "dense" in (here.name + here.class_name).lower()
        await pilot.press("escape")
        await pilot.pause()
        assert screen(pilot).current == 0
        await pilot.press("slash", *"dense", "enter")
        await until(pilot, lambda: screen(pilot).table.has_focus)
        first = screen(pilot).current
        assert first > 0
        await pilot.press("n")
        await pilot.pause()
        assert screen(pilot).current in screen(pilot).matches


async def test_folding(explorer, sample):
    async with explorer(sample("transfer.h5")) as pilot:
        table = screen(pilot).table
        everything = table.row_count
        await pilot.press("less_than_sign")
        await pilot.pause()
        assert table.row_count == sum(1 for x in screen(pilot).model.layers if x.parent < 0)
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert table.row_count == everything


async def test_save_writes_and_says_so(explorer, sample):
    path = sample("transfer.h5")
    before = path.read_bytes()
    async with explorer(path) as pilot:
        await pilot.press("end", "f")
        await pilot.pause()
        wanted = flags(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SavePlanDialog))
        assert screen(pilot).document.changed
        await pilot.press("ctrl+b", "enter")  # and keep the old file
        await until(pilot, lambda: not screen(pilot).document.changed)
    assert path.with_name("transfer.h5.bak").read_bytes() == before
    model = open_model(path)
    on = {x.path: e for x, e in zip(model.layers, model.effective, strict=True) if x.weights}
    assert on == wanted


async def test_a_save_that_has_no_consequences_takes_one_key(explorer, sample):
    path = sample("transfer.h5")
    async with explorer(path) as pilot:
        await pilot.press("C")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompileDialog))
        await pilot.press(*"0.25", "enter")
        await until(pilot, lambda: screen(pilot).document.changed)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not screen(pilot).document.changed)
    assert ("learning_rate", "0.25") in open_model(path).compile.optimizer.settings


async def test_the_state_can_be_dropped_as_one_saves(explorer, sample):
    path = sample("transfer.h5")
    assert open_model(path).compile.has_optimizer_state
    async with explorer(path) as pilot:
        await pilot.press("end", "f", "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SavePlanDialog))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen(pilot))
        assert screen(pilot).document.changed
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SavePlanDialog))
        await pilot.press("ctrl+t", "enter")
        await until(pilot, lambda: not screen(pilot).document.changed)
    assert not open_model(path).compile.has_optimizer_state


async def test_quitting_with_changes_asks(explorer, sample):
    path = sample("digits_cnn.h5")
    before = path.read_bytes()
    async with explorer(path) as pilot:
        await pilot.press("end", "f", "q")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen(pilot))
        assert screen(pilot).document.changed
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
        await pilot.press("d")
        await until(pilot, lambda: not pilot.app.is_running or pilot.app._exit)
    assert path.read_bytes() == before


async def test_a_file_that_changed_on_disk_is_not_overwritten_unasked(explorer, sample):
    path = sample("digits_cnn.h5")
    async with explorer(path) as pilot:
        await pilot.press("end", "f")
        path.write_bytes(path.read_bytes() + b"\0")
        replaced = path.read_bytes()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen(pilot))
        assert screen(pilot).document.changed
        assert path.read_bytes() == replaced


async def test_a_broken_file_ends_with_one_sentence(explorer, tmp_path):
    path = tmp_path / "empty.h5"
    path.write_bytes(b"")
    from kerastui.clerk.client import Clerk
    from kerastui.tui.app import KerastuiApp

    clerk = Clerk()
    app = KerastuiApp(clerk, str(path), clerk.submit("open", str(path)))
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.failure)
    assert app.return_code == 2
    assert "empty" in app.failure


async def test_copying_the_name_and_path(explorer, sample):
    async with explorer(sample("transfer.h5")) as pilot:
        model = screen(pilot).model
        index = next(i for i, x in enumerate(model.layers) if x.depth)
        screen(pilot).table.move_to(index)
        await pilot.press("y")
        assert pilot.app.clipboard == model.layers[index].name
        await pilot.press("Y")
        assert pilot.app.clipboard == model.layers[index].path


@pytest.mark.parametrize("size", [(80, 24), (20, 5), (200, 50)])
async def test_it_works_at_every_size(explorer, sample, size):
    async with explorer(sample("transfer.h5"), size) as pilot:
        await pilot.press("down", "space", "enter")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        await pilot.resize_terminal(20, 5)
        await pilot.press("down")
        await pilot.resize_terminal(200, 50)
        await pilot.press("down")
        await pilot.pause()
        assert pilot.app.is_running


async def test_the_palette_has_every_action(explorer, sample):
    async with explorer(sample("transfer.h5")) as pilot:
        await pilot.press("end", "ctrl+p", *"freeze to")
        await until(pilot, lambda: pilot.app.screen is not screen(pilot))
        await pilot.pause(0.5)
        await pilot.press("enter")
        await until(pilot, lambda: screen(pilot).document.changed)
        assert not any(flags(pilot).values())


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_tabs_by_number(explorer, sample, size):
    from kerastui.tui.side_panel import SidePanel

    async with explorer(sample("two_outputs.h5"), size) as pilot:
        for key, tab in zip("2341", ("weights", "compile", "changes", "layer"), strict=True):
            await pilot.press(key)
            await pilot.pause(0.1)
            assert pilot.app.screen.query_one(SidePanel).active == tab
            if size[0] == 80:
                await pilot.press("escape")
                await until(pilot, lambda: pilot.app.screen is screen(pilot))

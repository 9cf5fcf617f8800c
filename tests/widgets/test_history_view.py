"""The steps of the Changes tab: in order, opened, undone one by one, exchanged for the sum."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Footer
from unit.edits.test_weights import saved
from widget_host import assert_safe, screen_lines
from widget_models import HOSTILE, transfer

from kerastui.edits import Document, Rename, SetTrainable
from kerastui.widgets.changes_pane import ChangesPane
from kerastui.widgets.changes_view import ChangesView
from kerastui.widgets.history_view import HistoryView


def document() -> Document:
    made = Document(transfer())
    made.apply(Rename((("fc1", "features"),)), title="rename fc1 to features")
    made.set_states([True, True, True, True, True, True, True, False], "only the base")
    made.set_trainable([made.model.index["features"]], False, "freeze features")
    return made


class Pane(App[None]):
    """The whole tab, which does what is asked of it."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, held: Document, *, steps: bool = True) -> None:
        super().__init__()
        self.held, self.steps = held, steps
        self.heard: list[object] = []

    def compose(self) -> ComposeResult:
        yield ChangesPane()
        yield Footer()

    def on_mount(self) -> None:
        self.pane.show(self.held)
        self.query_one(ChangesView).focus()
        if self.steps:
            self.query_one(ChangesView).action_swap()

    @property
    def pane(self) -> ChangesPane:
        return self.query_one(ChangesPane)

    @property
    def view(self) -> HistoryView:
        return self.query_one(HistoryView)

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in screen_lines(self.view) if line.strip()]

    def on_history_view_undo_step(self, message: HistoryView.UndoStep) -> None:
        self.held.undo_step(message.index)
        self.pane.show(self.held)

    def on_history_view_chosen(self, message: HistoryView.Chosen) -> None:
        self.heard.append(message.path)


async def settled(pilot) -> None:
    await pilot.pause(0.08)


async def test_every_step_says_what_was_before_and_after():
    app = Pane(document())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert app.lines[0] == "1  rename fc1 to features"
        assert app.lines[1].startswith("fc1 → features")
        assert app.lines[2].startswith("2  only the base")
        assert app.lines[2].endswith("▸")
        assert app.lines[3] == "3  freeze features"
        assert app.lines[4].endswith("trainable → □ frozen  features")
        assert app.view.place(app.view.cursor) == (2, None)  # the newest


async def test_a_step_is_undone_and_what_depends_on_it_stays():
    app = Pane(document())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("home", "r")
        await settled(pilot)
        assert app.held.model.index.keys() >= {"fc1"}
        assert not app.held.model["fc1"].trainable
        assert "4  take back: rename fc1 to features" in app.lines
        await pilot.press("delete")  # the cursor has followed to the newest
        await settled(pilot)
        assert "features" in app.held.model.index
        assert app.lines[-1] == "1 step undone; Z does it again"


async def test_a_step_is_opened_and_its_layer_is_gone_to():
    app = Pane(document())
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        few = len(app.lines)
        await pilot.press("up", "enter")
        await settled(pilot)
        assert len(app.lines) > few
        await pilot.press("down", "enter")
        await settled(pilot)
        (path,) = app.heard
        assert str(path).startswith("vgg16/")
        await pilot.press("home", "down", "enter")
        await settled(pilot)
        assert app.heard[1] == "features"  # as it is called now
        await pilot.press("down", "enter")
        await settled(pilot)
        assert len(app.lines) == few


async def test_a_save_is_marked_among_the_steps():
    held = document()
    held.saved_as(saved(held.model, 9))
    app = Pane(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert app.lines[-1].startswith("─── saved up to here ─")
        held.set_trainable([held.model.index["features"]], True, "again")
        app.pane.show(held)
        await settled(pilot)
        assert app.lines[-3].startswith("─── saved up to here ─")
        await pilot.press("end", "up", "up", "up", "down", "down")
        assert app.view.place(app.view.cursor)[0] == 3
        held.undo()
        held.undo()
        app.pane.show(held)
        await settled(pilot)
        assert not any("saved" in line for line in app.lines)


async def test_the_two_views_are_exchanged_by_a_key():
    app = Pane(document(), steps=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        sum_view = app.query_one(ChangesView)
        assert sum_view.has_focus
        await pilot.press("t")
        await settled(pilot)
        assert app.view.has_focus
        assert not sum_view.display
        await pilot.press("t")
        await settled(pilot)
        assert sum_view.has_focus
        assert sum_view.text.startswith("Now trainable")


async def test_nothing_to_undo_is_said():
    app = Pane(Document(transfer()))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert app.lines[0] == "No steps"
        await pilot.press("r", "enter", "up", "down", "end", "pagedown", "home")
        await pilot.click(HistoryView, offset=(4, 4))
        assert app.heard == []


@pytest.mark.parametrize("width", [20, 44, 80])
async def test_titles_and_names_from_a_file_are_harmless(width: int):
    held = Document(transfer())
    held.apply(SetTrainable(("fc1",), False), title=HOSTILE)
    app = Pane(held)
    async with app.run_test(size=(width, 24)) as pilot:
        await settled(pilot)
        text = app.view.text
        assert "\x1b" not in text
        if width == 80:
            assert_safe(text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
@pytest.mark.parametrize("steps", [False, True], ids=["sum", "steps"])
def test_how_it_looks(snap_compare, size: tuple[int, int], steps: bool):
    held = document()
    held.saved_as(saved(held.model, 9))
    held.set_trainable([held.model.index["vgg16/block5_conv1"]], False, "freeze block5_conv1")
    held.undo_step(2)
    assert snap_compare(Pane(held, steps=steps), terminal_size=size, press=["up"])


async def test_a_thousand_changes_are_shown_as_fast_as_few():
    from time import process_time

    from unit.edits.test_trainable import tree_model

    held = Document(tree_model([(f"conv2d_{i}", True) for i in range(2000)]))
    held.apply(Rename(tuple((f"conv2d_{i}", f"enc_{i}") for i in range(1000))))
    held.apply(SetTrainable(("enc_0",), False))
    app = Pane(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("up", "up", "enter")
        await settled(pilot)
        times: list[float] = []
        for _ in range(3):
            start = process_time()
            held.undo_step(0)
            app.pane.show(held)
            app.view._rebuild_if_stale()
            times.append(process_time() - start)
            held.undo()
        assert min(times) < 0.05, times

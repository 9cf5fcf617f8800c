"""From a layer to its weights and back: the frame round the views."""

from __future__ import annotations

from pathlib import Path

from dialog_host import until
from textual.widgets import TabbedContent, TabPane

from kerastui.tui.explorer import ExplorerScreen
from kerastui.tui.look.screen import LookScreen


async def looked_at(pilot, layer: str) -> LookScreen:
    """Look at a layer's weights; wait until the first view stands."""
    table = pilot.app.explorer.table
    table.move_to(pilot.app.explorer.model.index[layer])
    await pilot.press("d")
    await until(pilot, lambda: isinstance(pilot.app.screen, LookScreen))
    await until(pilot, lambda: pilot.app.screen.view is not None)
    return pilot.app.screen


async def test_a_nested_model_is_looked_at_from_its_first_weight_on(explorer, sample):
    async with explorer(sample("transfer.h5"), (80, 24)) as pilot:
        screen = await looked_at(pilot, "digits_base")
        assert screen.subject.path == "digits_base/block1_conv1/kernel"
        await pilot.press("full_stop")
        assert screen.subject.path == "digits_base/block1_conv1/bias"
        await pilot.press("comma", "comma")  # round the beginning
        assert screen.subject.path == "dense_1/bias"
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, ExplorerScreen)
        pilot.app.explorer.table.move_to(0)
        await pilot.press("d")
        assert isinstance(pilot.app.screen, ExplorerScreen)  # an input layer has no weights


async def test_the_view_stays_while_it_suits_the_weight(explorer, sample):
    async with explorer(sample("transfer.h5"), (80, 24)) as pilot:
        screen = await looked_at(pilot, "digits_base/block1_conv2")
        tabs = screen.query_one(TabbedContent)
        names = [view.__name__ for view in screen.offered]
        assert "FiltersView" in names and "FiguresTab" in names
        await pilot.press(str(names.index("FiltersView") + 1))
        await until(pilot, lambda: screen.view is not None)
        assert tabs.active == "FiltersView"
        await pilot.press("full_stop")  # its bias: no filters to be seen
        assert "FiltersView" not in [view.__name__ for view in screen.offered]
        assert tabs.active == screen.offered[0].__name__
        await pilot.press("full_stop", "full_stop")  # kernel and bias of the next convolution
        assert tabs.active == screen.offered[0].__name__
        await pilot.press("comma")
        assert tabs.active == "FiltersView"  # what was chosen is come back to
        await pilot.press("comma", "1", "comma")
        assert tabs.active == screen.offered[0].__name__  # another has been chosen meanwhile
        await pilot.press("full_stop", "shift+tab")
        assert tabs.active == screen.offered[-1].__name__
        await pilot.press("tab")
        assert tabs.active == screen.offered[0].__name__


async def test_a_focus_never_changes_the_tab(explorer, sample):
    async with explorer(sample("transfer.h5"), (80, 24)) as pilot:
        screen = await looked_at(pilot, "digits_base/block1_conv2")
        tabs = screen.query_one(TabbedContent)
        await pilot.press(str([view.__name__ for view in screen.offered].index("ValuesView") + 1))
        await until(pilot, lambda: screen.query("#ValuesView ValuesGrid:focus"))
        await pilot.press("tab")
        left = tabs.active
        assert left != "ValuesView"
        pane = tabs.get_pane("ValuesView")
        pane.post_message(TabPane.Focused(pane))  # news that come late
        await pilot.pause(0.1)
        assert tabs.active == left


async def test_every_view_says_so_when_the_file_is_gone(explorer, sample):
    path: Path = sample("transfer.h5")
    async with explorer(path, (100, 30)) as pilot:  # no figures beside the views
        path.unlink()
        screen = await looked_at(pilot, "digits_base/block1_conv2")
        for _ in screen.offered:
            await pilot.press("tab")
            view = screen.view
            await until(pilot, lambda: "transfer.h5" in text_of(pilot), 20)
            assert "Traceback" not in text_of(pilot) and view is not None


def text_of(pilot) -> str:
    strips = pilot.app.screen._compositor.render_strips(pilot.app.size)
    return " ".join("".join(s.text for s in strips).split())

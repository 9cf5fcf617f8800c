"""How the panels look, at the sizes they have at 80 and at 200 columns."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from widget_models import transfer

from kerastui.edits import Document
from kerastui.widgets.changes_view import ChangesView
from kerastui.widgets.compile_view import CompileView
from kerastui.widgets.layer_detail import LayerDetail
from kerastui.widgets.model_header import ModelHeader
from kerastui.widgets.totals_line import TotalsLine
from kerastui.widgets.weight_list import WeightList


def document() -> Document:
    result = Document(transfer())
    result.set_trainable([result.model.index["vgg16/block5_conv3"]], True)
    result.set_trainable([result.model.index["fc1"]], False)
    return result


class Panels(App[None]):
    """One panel between the header and the line of totals."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, panel: str, theme: str) -> None:
        super().__init__()
        self.panel = {
            "layer": LayerDetail,
            "weights": WeightList,
            "compile": CompileView,
            "changes": ChangesView,
        }[panel]()
        self.header, self.totals = ModelHeader(), TotalsLine()
        self.wanted_theme = theme

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.panel
        yield self.totals

    def on_mount(self) -> None:
        self.theme = self.wanted_theme
        held = document()
        model = held.model
        self.header.show(model, True)
        self.header.set_session("Keras ◌ not started")
        self.totals.show(model, held.original, "▲ 2 changes, not saved")
        match self.panel:
            case LayerDetail() as detail:
                detail.show(model, model.index["vgg16/block5_conv3"], held.original)
            case WeightList() as weights:
                weights.show(model, -1)
            case CompileView() as view:
                view.show(model.compile)
            case _:
                self.panel.show(held.changes)
                self.panel.focus()


async def settled(pilot) -> None:
    await pilot.pause(0.2)


@pytest.mark.parametrize("panel", ["layer", "weights", "compile", "changes"])
@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
def test_panel(snap_compare, panel, size):
    assert snap_compare(Panels(panel, "textual-dark"), terminal_size=size, run_before=settled)


def test_light_theme(snap_compare):
    app = Panels("layer", "textual-light")
    assert snap_compare(app, terminal_size=(46, 40), run_before=settled)

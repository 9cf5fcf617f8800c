"""What live Keras adds to the layer table: output shapes, and which layers are stand-ins."""

from __future__ import annotations

from widget_host import Hosted, screen_lines
from widget_models import transfer

from kerastui.widgets.layer_rows import Live, output_text
from kerastui.widgets.layer_table import LayerTable


async def test_shapes_and_stand_ins_are_shown_and_leave_with_the_model(hosted: Hosted) -> None:
    table, model = LayerTable(), transfer()
    async with hosted(table, (160, 30)) as pilot:
        table.show(model, model)
        await pilot.pause()
        table.show_live({"fc1": [None, 1234], "vgg16": [[None, 7], [None, 8, 9]]}, ["fc1"])
        await pilot.pause()
        row = next(line for line in screen_lines(table) if " fc1" in line)
        assert "(batch, 1,234)" in row or "(batch, 1234)" in row
        assert "stand-in for Dense" in row
        row = next(line for line in screen_lines(table) if "vgg16" in line)
        assert "(batch, 7), (batch, 8, 9)" in row
        table.show(model, model)
        await pilot.pause()
        assert "stand-in" not in "\n".join(screen_lines(table))


def test_what_keras_says_is_made_safe() -> None:
    layer = transfer().layers[0]
    hostile = Live({layer.path: ["\x1b]0;pwned\x07[red]x[/]", None]})
    text = output_text(layer, hostile)
    assert "\x1b" not in text and "\x07" not in text, text

"""A changed head and a live model: the console gets the model that the table shows."""

from __future__ import annotations

from typing import Any

import pytest
from dialog_host import until

from kerastui.edits import AppendDense, CutHead, Rename, SetTrainable

from .test_console import Console

pytestmark = pytest.mark.keras


async def test_the_live_model_follows_the_head(explorer: Any, sample: Any) -> None:
    async with explorer(sample("transfer.h5"), (160, 48)) as pilot:
        console, screen = Console(pilot), pilot.app.explorer
        document = screen.document
        await console.open()

        async def last_line(code: str) -> str:  # what comes before it says what was loaded
            return (await console.run(code)).splitlines()[-1]

        last = document.model.layers[-1].name
        assert await last_line("[l.name for l in model.layers][-1]") == repr(last)
        before = document.model.layers[-2]
        document.apply(CutHead(before.path), AppendDense("cls", 4, "softmax", 3))
        screen.refresh_document()
        assert await last_line("[l.name for l in model.layers][-1]") == "'cls'"
        assert await console.run("model.output_shape") == "(None, 4)"
        # Names, flags and values go both ways: the live model has the names of the file.
        document.apply(SetTrainable(("cls",), False), Rename((("cls", "classes"),)))
        screen.refresh_document()
        assert await console.run("L['cls'].trainable") == "False"
        await console.run("L['cls'].bias.assign([1., 2., 3., 4.])")
        await until(pilot, lambda: any(w.replaced for w in document.model["classes"].weights))
        await console.run("1")
        assert {w.name for w in document.model["classes"].weights if w.replaced} == {"bias"}
        while document.model is not document.original:
            document.undo()
        screen.refresh_document()
        assert await last_line("[l.name for l in model.layers][-1]") == repr(last)

"""Make the pictures in README from the real program: ``python docs/make_screenshots.py``.

The last one needs Keras (the extra ``tensorflow``).
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

from textual.pilot import Pilot

from kerastui.clerk.client import Clerk
from kerastui.tui.app import KerastuiApp

HERE = Path(__file__).parent
MODEL = HERE.parent / "sample_models" / "transfer.h5"
FREEZE = ["down"] * 7 + ["space", "down", "space", "up"]
FILTERS = ["down"] * 5 + ["d", "tab", "tab"]
CODE = ("len(model.trainable_weights)", "W['digits_base/block2_conv1/kernel']")


async def picture(name: str, size: tuple[int, int], keys: list[str], *code: str) -> None:
    """Open the sample model, press keys, run code in the console, and write ``docs/NAME.svg``."""
    os.chdir(MODEL.parent)
    clerk = Clerk()
    app = KerastuiApp(clerk, MODEL.name, clerk.submit("open", MODEL.name))
    async with app.run_test(size=size) as pilot:
        while app.explorer.document is None or app.explorer.panel is None:
            await pilot.pause(0.05)
        for key in keys:
            await pilot.press(key)
        if code:
            await evaluate(pilot, app, code)
        await pilot.pause(2.0)
        svg = app.export_screenshot(title="kerastui transfer.h5")
    clerk.close()
    # Fonts come from the reader's own system: no address of a font server in the picture.
    lines = [line for line in svg.splitlines() if "url(" not in line or "http" not in line]
    (HERE / f"{name}.svg").write_text("\n".join(lines) + "\n", encoding="utf-8")


async def evaluate(pilot: Pilot[None], app: KerastuiApp, code: tuple[str, ...]) -> None:
    """Open the console and run code in it."""
    screen = app.explorer
    await pilot.press("c")
    while screen.console is None or screen.link().model is None:
        await pilot.pause(0.1)
    await pilot.pause(0.5)
    console = screen.console
    console.log_view.action_clear_log()  # it names the Python of whoever makes the picture
    console.input.cursor_blink = False
    for line in code:
        shown = len(console.log_view.lines)
        console.input.text = line
        await pilot.press("enter")
        while len(console.log_view.lines) < shown + 2:
            await pilot.pause(0.05)


async def main() -> None:
    """Make the pictures, with nothing of the user's own in them."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(XDG_STATE_HOME=folder, XDG_CONFIG_HOME=folder)
        await picture("screenshot", (140, 36), FREEZE)
        await picture("weights", (140, 36), FILTERS)
        await picture("console", (140, 40), FREEZE, *CODE)


if __name__ == "__main__":
    asyncio.run(main())

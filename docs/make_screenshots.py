"""Make the pictures in README from the real program: ``python docs/make_screenshots.py``."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

from kerastui.clerk.client import Clerk
from kerastui.tui.app import KerastuiApp

HERE = Path(__file__).parent
MODEL = HERE.parent / "sample_models" / "transfer.h5"


async def picture(name: str, size: tuple[int, int], keys: list[str]) -> None:
    """Open the sample model, press keys, and write the screen to ``docs/NAME.svg``."""
    os.chdir(MODEL.parent)
    clerk = Clerk()
    app = KerastuiApp(clerk, MODEL.name, clerk.submit("open", MODEL.name))
    async with app.run_test(size=size) as pilot:
        while app.explorer.document is None or app.explorer.panel is None:
            await pilot.pause(0.05)
        for key in keys:
            await pilot.press(key)
        await pilot.pause(0.5)
        svg = app.export_screenshot(title="kerastui transfer.h5")
    clerk.close()
    # Fonts come from the reader's own system: no address of a font server in the picture.
    lines = [line for line in svg.splitlines() if "url(" not in line or "http" not in line]
    (HERE / f"{name}.svg").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(picture("screenshot", (140, 36), ["down"] * 7 + ["space", "down", "space", "up"]))

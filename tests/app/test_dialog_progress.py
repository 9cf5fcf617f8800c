"""The progress dialog and the helper that shows it only when something takes long."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from typing import Any

import pytest
from dialog_host import ALL_SIZES, NOTHING, SIZES, Host, shown, until

from kerastui.tui.dialogs.confirm import ErrorDialog
from kerastui.tui.dialogs.progress import Progress, ProgressDialog, bar, progress_shown


class Calls:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.mark.parametrize("size", SIZES)
async def test_shows_stage_and_fraction(size: tuple[int, int]) -> None:
    app = Host(lambda: ProgressDialog("Saving"))
    async with app.run_test(size=size) as pilot:
        dialog = app.screen
        dialog.update_progress("copying", 0.43)
        await until(pilot, lambda: "43%" in shown(app))
        assert "copying …" in shown(app)
        thread = threading.Thread(target=dialog.update_progress, args=("checking", 1.0))
        thread.start()
        await until(pilot, lambda: "100%" in shown(app))
        dialog.update_progress("checking", None)
        await until(pilot, lambda: "%" not in shown(app))
        # of a busy machine it may be more than none
        assert re.search(r"\b\d+ s\b", shown(app))


@pytest.mark.parametrize("key", ["enter", "escape", "c", "ctrl+c", "space_click"])
async def test_cancel_is_asked_once_and_the_dialog_waits(key: str) -> None:
    calls = Calls()
    app = Host(lambda: ProgressDialog("Saving", calls))
    async with app.run_test() as pilot:
        for _ in range(2):
            if key == "space_click":
                await pilot.click("ChoiceButton")
            else:
                await pilot.press(key)
        await pilot.pause()
        assert calls.count == 1
        assert "Stopping …" in shown(app)
        assert app.result is NOTHING
        app.screen.close()
        await pilot.pause()
        assert app.result is True


async def test_without_somebody_to_ask_cancel_closes() -> None:
    app = Host(lambda: ProgressDialog("Saving"))
    async with app.run_test() as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert app.result is True


async def test_closing_takes_what_lies_above_along() -> None:
    app = Host(lambda: ProgressDialog("Saving", Calls()))
    async with app.run_test() as pilot:
        dialog = app.screen
        app.push_screen(ErrorDialog("Oh", "Something else."))
        await pilot.pause()
        dialog.close()
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert app.result is False
        dialog.close()  # twice does no harm


class Worker(Host):
    """Runs `work` under `progress_shown` in a worker."""

    def __init__(self, work: Any, delay: float = 0.3) -> None:
        super().__init__(lambda: ErrorDialog("unused", "unused"))
        self.work, self.delay = work, delay
        self.cancels = Calls()

    def on_mount(self) -> None:
        self.run_worker(self.go())

    async def go(self) -> None:
        async with progress_shown(
            self, "Saving", on_cancel=self.cancels, delay=self.delay
        ) as progress:
            self.result = await asyncio.to_thread(self.work, progress)


def dialogs(app: Host) -> int:
    return sum(isinstance(screen, ProgressDialog) for screen in app.screen_stack)


async def test_what_is_quick_shows_nothing() -> None:
    seen: list[int] = []

    def work(progress: Progress) -> str:
        for i in range(10):
            progress.report("copying", i / 10)
            time.sleep(0.01)
            seen.append(dialogs(app))
        return "done"

    app = Worker(work, delay=5)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.result == "done")
        await pilot.pause(0.1)
        assert sum(seen) == 0
        assert dialogs(app) == 0


async def test_what_takes_long_shows_the_last_news_and_goes() -> None:
    go_on = threading.Event()

    def work(progress: Progress) -> str:
        progress.report("copying", 0.25)
        assert go_on.wait(60)
        return "done"

    app = Worker(work, delay=0.05)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "25%" in shown(app))
        go_on.set()
        await until(pilot, lambda: app.result == "done" and dialogs(app) == 0)
        assert app.cancels.count == 0


async def test_cancelling_reaches_the_work() -> None:
    def work(progress: Progress) -> str:
        for _ in range(3000):
            if progress.cancelled:
                return "stopped"
            time.sleep(0.02)
        return "done"

    app = Worker(work, delay=0.02)
    async with app.run_test() as pilot:
        await until(pilot, lambda: dialogs(app) == 1)
        await pilot.press("escape")
        await until(pilot, lambda: app.result == "stopped" and dialogs(app) == 0)
        assert app.cancels.count == 1


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_any_size(size: tuple[int, int]) -> None:
    app = Host(lambda: ProgressDialog("Saving"))
    async with app.run_test(size=size) as pilot:
        app.screen.update_progress("copying " + "x" * 300, 0.5)
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.press("enter")
        await pilot.pause()
        assert app.result is True


@pytest.mark.parametrize("fraction", [-1.0, 0.0, 0.003, 0.5, 0.999, 1.0, 7.0])
@pytest.mark.parametrize("width", [1, 3, 40])
def test_bar_has_its_width(fraction: float, width: int) -> None:
    drawn = bar(fraction, width)
    assert drawn.cell_length == width
    filled = drawn.plain.count("█")
    assert filled == int(max(0.0, min(1.0, fraction)) * width)


@pytest.mark.parametrize("size", SIZES)
def test_snapshot(snap_compare, size: tuple[int, int]) -> None:
    async def half(pilot: Any) -> None:
        pilot.app.screen.update_progress("copying", 0.43)
        await pilot.pause(0.1)

    app = Host(lambda: ProgressDialog("Saving transfer.hdf5"))
    assert snap_compare(app, terminal_size=size, run_before=half)

"""The installed program in a pseudo-terminal with real Keras: console and table, signals."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from terminal_emulator import PATIENCE, Terminal, installed_program

from kerastui.files import open_model

pytestmark = pytest.mark.keras


def workers(parent: int | None = None) -> set[int]:
    """Return the ids of the Keras processes that are there, or those of one kerastui."""
    found: set[int] = set()
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes()
            status = entry.with_name("stat").read_text("utf-8", "replace")
        except OSError:
            continue
        mine = parent in (None, int(status.rpartition(")")[2].split()[1]))
        if mine and b"session/worker.py" in command:
            found.add(int(entry.parent.name))
    return found


def wait_gone(pids: set[int]) -> None:
    until = time.monotonic() + PATIENCE
    while pids & workers():
        assert time.monotonic() < until, "a Keras process was left behind"
        time.sleep(0.05)


def run(terminal: Terminal, code: str, answer: str) -> None:
    """Evaluate code in the console and wait for its answer."""
    terminal.send(code + "\r")
    terminal.wait_for(answer)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_console_table_save_and_quit(sample_dir: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sample_dir / "transfer.h5", tmp_path))
    with Terminal([installed_program(), str(path)], 120, 40) as terminal:
        terminal.wait_for("Freeze to here")
        terminal.press("c")
        terminal.wait_for("importing|loading|ready")
        terminal.wait_for("● ready")
        mine = workers(terminal.process.pid)
        assert len(mine) == 1
        run(terminal, "K.eval(K.variable(np.array([1., 2.])))", r"\[1, 2\]")
        run(terminal, "len(model.trainable_weights)", r"(?m)^│ 8 ")
        terminal.press("escape")
        terminal.wait_for("Freeze to here")
        terminal.press("down", "space")
        terminal.wait_for("2 changes")
        terminal.press("c")
        terminal.wait_for("Search history")
        run(terminal, "len(model.trainable_weights)", r"(?m)^│ 4 ")
        run(terminal, "L['fc1'].trainable = False", r"□ ▲ +fc1")
        terminal.press("escape")
        terminal.wait_for("Freeze to here")
        terminal.press("ctrl+s")
        terminal.wait_for("will be written")
        terminal.press("enter")
        terminal.wait_for("Saved and checked")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    wait_gone(mine)
    model = open_model(path)
    on = {x.path for x, f in zip(model.layers, model.effective, strict=True) if f and x.weights}
    assert on == {"dense_1"}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_no_process_outlives_a_screen_that_is_killed(sample_dir: Path) -> None:
    """Killed while TensorFlow is imported and while an evaluation runs; the line that is cut."""
    for number, ready in ((signal.SIGHUP, False), (signal.SIGKILL, True)):
        with Terminal([installed_program(), str(sample_dir / "transfer.h5")], 120, 40) as terminal:
            terminal.wait_for("Freeze to here")
            terminal.press("c")
            terminal.wait_for("importing")
            mine = workers(terminal.process.pid)
            assert len(mine) == 1
            if ready:
                terminal.wait_for("● ready")
                terminal.send("while True: pass\r")
                terminal.wait_for("busy")
            os.kill(terminal.process.pid, number)
            terminal.process.wait(PATIENCE)
        wait_gone(mine)

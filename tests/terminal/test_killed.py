"""The installed program, killed while somebody edits: the next one has the edits."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

from terminal_emulator import Terminal, installed_program

from kerastui.files import open_model


def flags(path: Path) -> list[bool]:
    return [layer.trainable for layer in open_model(path).layers]


def edits(path: Path) -> list[object]:
    shown = subprocess.run(
        [installed_program(), "show", "--edits", str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(shown.stdout)["edits"]


def test_what_was_done_before_a_kill_is_taken_up_and_saved(sample_dir: Path, tmp_path: Path):
    path = Path(shutil.copy(sample_dir / "digits_cnn.h5", tmp_path))
    before = flags(path)
    with Terminal([installed_program(), str(path)], 80, 24) as terminal:
        terminal.wait_for("Freeze to here")
        terminal.press("down", "space", "down", "space", "down", "down", "space")
        terminal.wait_for("3 changes")
        # In the middle of whatever it does: the last key was painted a moment ago.
        os.killpg(terminal.process.pid, signal.SIGKILL)
        terminal.wait_exit()
    assert flags(path) == before
    assert len(edits(path)) >= 2
    with Terminal([installed_program(), str(path)], 80, 24) as terminal:
        terminal.wait_for(r"with [23] unsaved changes")
        terminal.press("enter")
        terminal.wait_for("Taken up")
        terminal.press("ctrl+s")
        if "will be written" in terminal.wait_for("will be written|Saved and checked").group():
            terminal.press("enter")
            terminal.wait_for("Saved and checked")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert [i for i, (a, b) in enumerate(zip(before, flags(path), strict=True)) if a != b][:2] == [
        1, 2,
    ]  # fmt: skip
    assert edits(path) == []

"""The installed program in a real pseudo-terminal: open, freeze, save, quit; bad input."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are POSIX", allow_module_level=True)

import h5py
from terminal_emulator import Terminal, installed_program

from kerastui.files import open_model

HOSTILE = "\x1b]0;pwned\x07\x1b[2J[red][/ \u202eevil\n\x9b31m" + "x" * 10_000


def trained(path: Path) -> set[str]:
    model = open_model(path)
    return {x.path for x, on in zip(model.layers, model.effective, strict=True) if on and x.weights}


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
def test_open_freeze_save_quit(size: tuple[int, int], sample_dir: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sample_dir / "transfer.h5", tmp_path))
    assert trained(path) == {"digits_base/block2_conv1", "digits_base/block2_bn", "fc1", "dense_1"}
    with Terminal([installed_program(), str(path)], *size) as terminal:
        terminal.wait_for("digits_base")
        terminal.wait_for("Freeze to here")
        terminal.press("down", "space")
        terminal.wait_for("2 changes")
        terminal.press("ctrl+s")
        terminal.wait_for("will be written")
        terminal.press("enter")
        terminal.wait_for("Saved and checked")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert trained(path) == {"fc1", "dense_1"}


def test_quitting_with_changes_asks_and_keeps_the_file(sample_dir: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sample_dir / "digits_cnn.h5", tmp_path))
    before = path.read_bytes()
    with Terminal([installed_program(), str(path)]) as terminal:
        terminal.wait_for("Freeze to here")
        terminal.press("end", "f")
        terminal.wait_for("changes")
        terminal.press("q")
        terminal.wait_for("Discard")
        terminal.press("d")
        assert terminal.wait_exit() == 0
    assert path.read_bytes() == before


def test_the_screen_is_on_the_terminal_where_standard_error_is_a_file(
    sample_dir: Path, tmp_path: Path
) -> None:
    errors = tmp_path / "errors"
    line = f'exec "$0" "$1" 2> "{errors}"'
    model = str(sample_dir / "digits_cnn.h5")
    with Terminal(["/bin/sh", "-c", line, installed_program(), model]) as terminal:
        terminal.wait_for("Freeze to here")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert errors.read_bytes() == b""


def test_names_from_the_file_reach_no_terminal_as_escapes(sample_dir: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sample_dir / "digits_cnn.h5", tmp_path))
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        config["config"]["name"] = HOSTILE
        for layer in config["config"]["layers"]:
            layer["config"]["name"] = HOSTILE
            layer["config"]["activation"] = HOSTILE
        file.attrs["model_config"] = json.dumps(config)
    for size in ((80, 24), (200, 50)):
        with Terminal([installed_program(), str(path)], *size) as terminal:
            terminal.wait_for("Freeze to here")
            terminal.press("down", "enter")
            terminal.wait_for("Weights ─")
            terminal.press("escape")
            terminal.wait_for("Freeze to here")
            terminal.press("y", "q")
            terminal.wait_exit()
            for poison in (b"\x1b]0;pwned", b"\x1b[2J[red]", b"\xc2\x9b31m", "\u202e".encode()):
                assert poison not in terminal.raw
    shown = subprocess.run([installed_program(), "show", str(path)], capture_output=True)
    assert shown.returncode == 0
    assert b"\x1b" not in shown.stdout + shown.stderr
    assert b"\xc2\x9b" not in shown.stdout


def test_bad_input_is_one_sentence_and_status_2(tmp_path: Path) -> None:
    (tmp_path / "empty.h5").touch()
    (tmp_path / "lfs.h5").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12345\n"
    )
    (tmp_path / "text.h5").write_text("hello")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"\x08\x01")
    for name in ("empty.h5", "lfs.h5", "text.h5", "saved", "absent.h5"):
        for command in ([], ["show"], ["freeze", "-o", str(tmp_path / "out.h5")]):
            arguments = [*command, str(tmp_path / name), *(["x*"] if "freeze" in command else [])]
            if command:
                done = subprocess.run(
                    [installed_program(), *arguments], capture_output=True, text=True
                )
                status, words = done.returncode, done.stderr
            else:
                with Terminal([installed_program(), *arguments], 200, 50) as terminal:
                    status = terminal.wait_exit()
                    words = terminal.screen_text()
            assert status == 2, (name, words)
            assert "kerastui: " in words
            assert "Traceback" not in words
    assert not (tmp_path / "out.h5").exists()


def test_ctrl_c_leaves_at_once(sample_dir: Path) -> None:
    with Terminal([installed_program(), str(sample_dir / "transfer.h5")]) as terminal:
        terminal.wait_for("Freeze to here")
        terminal.send("\x03")
        assert terminal.wait_exit() == 0


def test_without_a_terminal_it_says_what_to_do(sample_dir: Path) -> None:
    path = sample_dir / "transfer.h5"
    done = subprocess.run([installed_program(), str(path)], capture_output=True, text=True)
    assert done.returncode == 2
    assert "kerastui show" in done.stderr

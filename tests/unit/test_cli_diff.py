"""``kerastui diff``: its text, its JSON, its exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from rich.cells import cell_len

from kerastui.tui.cli import run
from kerastui.tui.commands.paint import fit

Capture = pytest.CaptureFixture[str]


def test_the_same_model_in_two_formats(sample_dir: Path, capsys: Capture) -> None:
    status = run(["diff", str(sample_dir / "digits_cnn.h5"), str(sample_dir / "digits_cnn.keras")])
    out = capsys.readouterr().out
    assert status == 0
    assert "The models are the same." in out
    assert "weights  11 identical" in out
    assert "\x1b" not in out


def test_different_models_fit_80_columns(sample_dir: Path, capsys: Capture) -> None:
    names = ("digits_cnn.h5", "transfer.h5")
    assert run(["diff", *(str(sample_dir / name) for name in names)]) == 1
    out = capsys.readouterr().out
    assert "- conv1  Conv2D" in out
    assert "+ fc1  Dense" in out
    assert "rate: 0.25 → 0.2" in out
    assert max(map(len, out.splitlines())) <= 80


def test_json(sample_dir: Path, capsys: Capture) -> None:
    paths = sorted((sample_dir / "checkpoints").glob("*.keras"))[:2]
    assert run(["diff", "--json", *map(str, paths)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["same"]) == (1, False)
    assert found["weights"]["changed"] == 4
    hidden = next(layer for layer in found["layers"] if layer["path"] == "hidden")
    kernel = hidden["weights"][0]
    assert kernel["difference"]["count"] == 64 * 24
    assert 0 < kernel["difference"]["relative_l2"] < 1


def test_checkpoints_as_table_and_json(sample_dir: Path, capsys: Capture) -> None:
    paths = [str(p) for p in sorted((sample_dir / "checkpoints").glob("*.keras"))]
    assert run(["diff", *paths]) == 1
    out = capsys.readouterr().out
    assert "1→2" in out
    assert "7→8" in out
    assert "4 of 4 weights moved" in out
    assert max(map(len, out.splitlines())) <= 80
    assert run(["diff", "--json", *paths]) == 1
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert len(found["files"]) == 8
    assert all(len(row["relative_l2"]) == 7 for row in found["weights"])
    assert run(["diff", paths[0], paths[0], paths[0]]) == 0


@pytest.mark.parametrize("arguments", [["a.h5", "b.h5"], ["a.h5"], ["a.h5", "b.h5", "--screen"]])
def test_bad_input_is_one_sentence(
    arguments: list[str], capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["diff", *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith("kerastui: ")
    assert "Traceback" not in err


def test_a_name_with_escapes_is_made_safe(
    sample_dir: Path, tmp_path: Path, capsys: Capture
) -> None:
    old = shutil.copy(sample_dir / "digits_cnn.h5", tmp_path / "old.h5")
    new = shutil.copy(sample_dir / "digits_cnn.h5", tmp_path / "new.h5")
    with h5py.File(new, "r+") as file:
        text = json.loads(file.attrs["model_config"])
        text["config"]["layers"].append(
            {"class_name": "Activ\x1b[31m", "config": {"name": "evil\x1b[2J", "trainable": True}}
        )
        file.attrs["model_config"] = json.dumps(text)
        kernel = file["model_weights/digit/digits_cnn/digit/kernel"]
        kernel[0, 0] = np.nan
    assert run(["diff", str(old), str(new)]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "evil␛[2J" in out
    assert "changed NaN 0 → 1  max" in out
    assert all(cell_len(line) <= 80 for line in out.splitlines()[4:])


def test_frozen_layers_that_moved_are_one_sentence(
    sample_dir: Path, tmp_path: Path, capsys: Capture
) -> None:
    old = sample_dir / "transfer.h5"
    new = tmp_path / "new.h5"
    shutil.copy(old, new)
    assert run(["diff", str(old), str(new)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Yes, all 3 layers that both files call frozen." in out
    with h5py.File(new, "r+") as file:
        found: list[str] = []
        file["model_weights"].visit(found.append)
        place = next(n for n in found if n.endswith("block1_conv2/kernel"))
        file["model_weights"][place][...] *= 1.5
    assert run(["diff", str(old), str(new)]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert (
        "Did the frozen layers stay frozen? No, 1 of 3 moved though both files call them frozen: "
        "digits_base/block1_conv2." in out
    )
    assert "relative 0.5 cos 1.0000" in out


@pytest.mark.parametrize("width", [1, 2, 7, 12, 40])
@pytest.mark.parametrize("text", ["編碼器/卷積層_1/kernel", "a/plain/path/to/kernel", "層", ""])
def test_columns_are_counted_in_cells(text: str, width: int) -> None:
    shown = fit(text, width)
    assert cell_len(shown) == width
    assert shown.rstrip() == text or "…" in shown

"""``kerastui apply``, and ``--dry-run`` of the commands that change flags."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from kerastui.files import open_model
from kerastui.tui.cli import run

SAMPLES = Path(__file__).parents[2] / "sample_models"
Write = Callable[..., str]


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(shutil.copy(SAMPLES / "digits_cnn.keras", tmp_path / "m.keras"))


@pytest.fixture
def legacy(tmp_path: Path) -> str:
    return str(shutil.copy(SAMPLES / "digits_cnn.h5", tmp_path / "m.h5"))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*edits: object, version: int = 1) -> str:
        path = tmp_path / "edits.json"
        path.write_text(json.dumps({"kerastui_edits": version, "edits": list(edits)}))
        return str(path)

    return write


def first_with_weights(path: str):
    model = open_model(path)
    return next(layer for layer in model.layers if layer.weights and layer.parent < 0)


def test_edits_of_every_kind_are_applied(legacy: str, write: Write, capsys, tmp_path: Path):
    layer = first_with_weights(legacy)
    weight = layer.weights[0]
    values = np.arange(np.prod(weight.shape), dtype="float64").reshape(weight.shape)
    np.savez(tmp_path / "new.npz", only=values)
    edits = write(
        {"edit": "rename", "names": {layer.path: "stem"}},
        {"edit": "set_trainable", "layers": ["stem"], "trainable": not layer.trainable},
        {"edit": "set_weight", "layer": "stem", "weight": weight.name,
         "from": {"file": "new.npz"}},
    )  # fmt: skip
    out = str(tmp_path / "out.h5")
    assert run(["apply", legacy, edits, "-o", out]) == 0
    told = capsys.readouterr()
    assert "3 edits applied, 3 changes written and read back." in told.out
    assert "by_name" in told.err
    stem = open_model(out)["stem"]
    assert stem.trainable is not layer.trainable
    with h5py.File(out) as file:
        assert np.array_equal(np.asarray(file[stem.weights[0].dataset]), values)
    assert first_with_weights(legacy) == layer  # the input is as it was


def test_the_documents_of_standard_input_and_of_nothing(model: str, monkeypatch, capsys):
    before = Path(model).read_bytes()
    text = b'{"kerastui_edits": 1, "edits": []}'
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert run(["apply", model, "-", "--in-place"]) == 0
    assert "0 edits applied, 0 changes" in capsys.readouterr().out
    assert Path(model).read_bytes() == before


def test_a_dry_run_says_all_and_writes_nothing(legacy: str, write: Write, capsys, tmp_path: Path):
    layer = first_with_weights(legacy)
    np.save(tmp_path / "k.npy", np.zeros(layer.weights[0].shape))
    edits = write(
        {"edit": "set_trainable", "layers": [layer.path], "trainable": not layer.trainable},
        {"edit": "set_weight", "layer": layer.path, "weight": layer.weights[0].name,
         "from": {"file": "k.npy", "label": "zeros"}},
        {"edit": "rename", "names": {layer.path: "stem"}},
    )  # fmt: skip
    before = Path(legacy).read_bytes()
    files = sorted(tmp_path.iterdir())
    words = ("frozen", "trainable")[:: 1 if not layer.trainable else -1]
    for where in ([], ["--in-place"], ["-o", str(tmp_path / "never.h5")]):
        assert run(["apply", legacy, edits, "--dry-run", *where]) == 0
        told = capsys.readouterr()
        lines = told.out.splitlines()
        assert f"stem: {layer.name} → stem" in lines
        assert f"stem: {words[0]} → {words[1]}" in lines
        assert f"stem/{layer.weights[0].name}: as stored → zeros" in lines
        assert "by_name" in told.err
    assert Path(legacy).read_bytes() == before
    assert sorted(tmp_path.iterdir()) == files


def test_a_dry_run_of_freeze_tells_of_the_optimizer(tmp_path: Path, capsys):
    file = shutil.copy(SAMPLES / "digits_cnn.keras", tmp_path)
    before = Path(file).read_bytes()
    assert run(["freeze", str(file), "*", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert ": trainable → frozen" in out
    assert "Optimizer state" in out or "optimizer" in out
    assert run(["unfreeze", str(file), "*", "--dry-run", "--in-place"]) == 0
    assert Path(file).read_bytes() == before


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"edit": "rename", "names": {"nobody": "x"}}, "edit 2 (rename nobody to x)"),
        ({"edit": "set_trainable", "layers": ["nobody"], "trainable": True}, "'nobody'"),
        ({"edit": "set_weight", "layer": "LAYER", "weight": "kernel",
          "from": {"file": "bad.npy"}}, "shape"),
        ({"edit": "set_weight", "layer": "LAYER", "weight": "kernel",
          "from": {"file": "objects.npy"}}, "never unpickled"),
        ({"edit": "set_weight", "layer": "LAYER", "weight": "kernel",
          "from": {"file": "gone.npy"}}, "no longer exists"),
        ({"edit": "set_weight", "layer": "LAYER", "weight": "kernel",
          "from": {"file": "two.npz"}}, "holds 2 arrays (a, b); say which"),
        ({"edit": "paint"}, 'unknown kind "paint"'),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_sentence(
    legacy: str, write: Write, capsys, tmp_path: Path, edit: dict[str, object], says: str
):
    layer = first_with_weights(legacy)
    np.save(tmp_path / "bad.npy", np.zeros((1, 2, 3)))
    np.save(tmp_path / "objects.npy", np.array([{}, []], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "two.npz", a=np.zeros(3), b=np.zeros(3))
    before = Path(legacy).read_bytes()
    text = json.dumps(edit).replace("LAYER", layer.path)
    fine = {"edit": "set_trainable", "layers": [layer.path], "trainable": False}
    assert run(["apply", legacy, write(fine, json.loads(text)), "--in-place"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert says in told.err
    assert told.err.count("\n") == 1
    assert told.err.startswith("kerastui: ")
    assert Path(legacy).read_bytes() == before


def test_usage(model: str, write: Write, capsys, tmp_path: Path):
    assert run(["apply", model, write()]) == 2
    assert "-o OUT, --in-place, or --dry-run" in capsys.readouterr().err
    assert run(["apply", model, str(tmp_path / "none.json"), "--in-place"]) == 2
    assert "There is no file" in capsys.readouterr().err
    assert run(["apply", model, write(version=7), "--in-place"]) == 2
    assert "is of version 7" in capsys.readouterr().err
    assert run(["apply", model, write(), "-o", model + "x"]) == 0
    assert run(["apply", model, write(), "-o", model + "x"]) == 2
    assert "--force" in capsys.readouterr().err

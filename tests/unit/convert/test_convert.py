"""`convert` as a whole: what it refuses, what it leaves behind, how much memory it takes."""

from __future__ import annotations

import errno
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerastui import open_model
from kerastui.convert import WouldLose, convert, form_for
from kerastui.convert import write as writing
from kerastui.errors import SaveFailed, UnreadableFile, UsageError
from kerastui.tui.main import main


def legacy(path: Path, kernel: Any = None, **settings: Any) -> Path:
    """Write a legacy file with one Dense layer."""
    kernel = np.arange(6, dtype="f4").reshape(3, 2) if kernel is None else kernel
    layer = {
        "class_name": "Dense",
        "config": {
            "name": "d", "units": kernel.shape[1], "use_bias": False, "trainable": True,
            "batch_input_shape": [None, kernel.shape[0]], **settings,
        },
    }  # fmt: skip
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.4.0"
        file.attrs["backend"] = "tensorflow"
        config = {"name": "m", "layers": [layer]}
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": config})
        group = file.create_group("model_weights/d")
        group.attrs["weight_names"] = [b"d/kernel:0"]
        file["model_weights"].attrs["layer_names"] = [b"d"]
        group.create_dataset("d/kernel:0", data=kernel)
    return path


def test_forms_by_ending() -> None:
    assert form_for("a.keras") == "keras"
    assert form_for("a.H5") == form_for("a.hdf5") == "hdf5"
    assert form_for("a.weights.h5") == "keras-weights"
    assert form_for("a.h5", weights_only=True) == "hdf5-weights"
    for name, alone in (("a.bin", False), ("a.keras", True)):
        with pytest.raises(UsageError):
            form_for(name, alone)


def test_a_file_in_the_way_stays(tmp_path: Path) -> None:
    source, target = legacy(tmp_path / "a.h5"), tmp_path / "b.keras"
    target.write_text("precious")
    with pytest.raises(UsageError, match="--force"):
        convert(source, target)
    assert target.read_text() == "precious"
    convert(source, target, replace=True)
    assert open_model(target).format == "keras"


def test_a_file_is_never_converted_into_itself(tmp_path: Path) -> None:
    source = legacy(tmp_path / "a.h5")
    os.link(source, tmp_path / "b.h5")
    before = source.read_bytes()
    for target in ("a.h5", "b.h5"):
        with pytest.raises(UsageError, match="name another"):
            convert(source, tmp_path / target, replace=True)
    assert source.read_bytes() == before


def test_weights_alone_cannot_become_a_model(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["layer_names"] = [b"d"]
        file.create_group("d").attrs["weight_names"] = []
    with pytest.raises(UnreadableFile, match="without a configuration"):
        convert(tmp_path / "w.h5", tmp_path / "a.keras")


def test_strict_writes_nothing(tmp_path: Path) -> None:
    source = legacy(tmp_path / "a.h5", odd_setting=7)
    with pytest.raises(WouldLose, match="odd_setting"):
        convert(source, tmp_path / "b.keras", strict=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]
    assert "odd_setting" in convert(source, tmp_path / "b.keras").lost[0]


@pytest.mark.parametrize("target", ["b.keras", "b.h5", "b.weights.h5"])
def test_a_full_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    source = legacy(tmp_path / "a.h5")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing, "put_weight", full)
    with pytest.raises(SaveFailed, match="disk is full"):
        convert(source, tmp_path / target)
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]


def test_what_was_written_wrong_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = legacy(tmp_path / "a.h5")

    def wrong(source: Any, moved: Any, group: Any, name: str) -> None:
        group.create_dataset(name, shape=moved.shape, dtype=moved.dtype)

    monkeypatch.setattr(writing, "put_weight", wrong)
    with pytest.raises(SaveFailed, match="layers/dense/vars/0"):
        convert(source, tmp_path / "b.keras")
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]


@pytest.mark.parametrize("target", ["b.keras", "b.h5"])
def test_a_link_in_the_file_is_not_followed(tmp_path: Path, target: str) -> None:
    source = legacy(tmp_path / "a.h5")
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["x"] = np.ones((3, 2), "f4")
    with h5py.File(source, "r+") as file:
        del file["model_weights/d/d/kernel:0"]
        file["model_weights/d/d/kernel:0"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/x")
    made = convert(source, tmp_path / target)
    assert made.model.parameters.total == 0
    assert made.lost[0].startswith("d: its weights are missing")


def test_memory_does_not_grow_with_the_arrays(tmp_path: Path) -> None:
    source = legacy(tmp_path / "a.h5", np.zeros((1 << 13, 1 << 12), "f4"))  # 128 MiB
    convert(source, tmp_path / "warm.weights.h5")
    tracemalloc.start()
    convert(source, tmp_path / "b.keras")
    convert(tmp_path / "b.keras", tmp_path / "c.h5")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 << 20


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = legacy(tmp_path / "a.h5", odd_setting=7), tmp_path / "b.keras"
    assert main(["convert", str(source), str(target)]) == 0
    out, err = capsys.readouterr()
    assert "6 parameters" in out
    assert "odd_setting" in err
    assert main(["convert", str(source), str(target)]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["convert", str(source), str(target), "--force", "--strict"]) == 2
    assert main(["convert", str(target), str(tmp_path / "c.bin"), "--to", "hdf5"]) == 0
    assert open_model(tmp_path / "c.bin").format == "hdf5"


def test_a_dry_run_says_what_is_lost_and_writes_nothing(
    sample_dir: Path, tmp_path: Path, capsys
) -> None:
    out = tmp_path / "out.h5"
    arguments = ["convert", str(sample_dir / "two_outputs.keras"), str(out)]
    assert main([*arguments, "--dry-run"]) == 0
    planned = capsys.readouterr()
    assert list(tmp_path.iterdir()) == []
    assert "parameters would be written" in planned.out
    assert main(arguments) == 0
    written = capsys.readouterr()
    assert written.err == planned.err
    assert written.out.split(" parameters ")[0] == planned.out.split(" parameters ")[0]
    assert main([*arguments, "--dry-run"]) == 0, "nothing is replaced"

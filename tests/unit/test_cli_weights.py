"""``kerastui weights``: table, JSON, CSV, sorting, patterns, exit statuses."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerastui.analysis.statistics import statistics_of
from kerastui.files import open_model
from kerastui.tui.cli import run

SAMPLES = Path(__file__).parents[2] / "sample_models"
KEYS = {
    "path", "shape", "dtype", "count", "min", "max", "mean", "std", "l1", "l2", "zeros", "nan",
    "inf", "quantiles", "flags", "findings", "problem",
}  # fmt: skip


@pytest.fixture
def spoilt(tmp_path: Path) -> str:
    """A model with a NaN in one weight, and a dead unit in another."""
    path = tmp_path / "m.h5"
    shutil.copy(SAMPLES / "digits_cnn.h5", path)
    weights = {
        f"{la.path}/{w.name}": w.dataset for la in open_model(str(path)).layers for w in la.weights
    }
    with h5py.File(path, "r+") as file:
        conv: Any = file[weights["conv1/kernel"]]
        conv[0, 0, 0, 3] = np.nan
        dense: Any = file[weights["dense/kernel"]]
        dense[:, 7] = 0
    return str(path)


def objects(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert run(["weights", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_json_agrees_with_numpy(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(SAMPLES / "digits_cnn.h5")
    rows = objects(capsys, path)
    weights = [w for layer in open_model(path).layers for w in layer.weights]
    assert len(rows) == len(weights) > 5
    with h5py.File(path) as file:
        for row, weight in zip(rows, weights, strict=True):
            values = np.asarray(file[weight.dataset]).astype("f8")
            assert set(row) == KEYS
            assert row["shape"] == list(values.shape) and row["count"] == values.size
            assert (row["min"], row["max"]) == (values.min(), values.max())
            assert row["mean"] == pytest.approx(values.mean(), rel=1e-9, abs=1e-12)
            assert row["std"] == pytest.approx(values.std(), rel=1e-9)
            assert row["l2"] == pytest.approx(np.linalg.norm(values), rel=1e-9)
            assert row["quantiles"]["0.25"] == pytest.approx(np.quantile(values, 0.25), rel=1e-12)
            assert row["problem"] is None


def test_the_archive_has_the_same_figures(capsys: pytest.CaptureFixture[str]) -> None:
    legacy = objects(capsys, str(SAMPLES / "digits_cnn.h5"))
    archive = objects(capsys, str(SAMPLES / "digits_cnn.keras"))
    assert [row["l1"] for row in legacy] == [row["l1"] for row in archive]


def test_flags_and_fail_on(spoilt: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["path"]: row for row in objects(capsys, spoilt)}
    assert rows["conv1/kernel"]["flags"] == ["nan"] and rows["conv1/kernel"]["nan"] == 1
    dead = {"flag": "dead", "count": 1, "axis": 1, "indices": [7]}
    assert rows["dense/kernel"]["findings"] == [dead]
    assert run(["weights", spoilt, "--fail-on", "nan,inf,dead"]) == 1
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        "kerastui: conv1/kernel: nan", "kerastui: dense/kernel: dead",
    ]  # fmt: skip
    assert "dead 1 of 24: 7" in captured.out and "nan (1)" in captured.out
    assert run(["weights", spoilt, "conv2", "--fail-on", "nan,inf,dead"]) == 0
    assert run(["weights", spoilt, "--fail-on", "inf"]) == 0
    assert capsys.readouterr().err == ""


def test_an_unreadable_weight_fails_the_guard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["a/kernel"] = np.ones((3, 3))
        file.create_dataset("a/huge", (10**15,), "f4")
        file["a/text"] = np.array([b"x"])
    assert run(["weights", str(path)]) == 0
    captured = capsys.readouterr()
    assert "declares 1,000,000,000,000,000 elements" in captured.out
    note, told = captured.err.splitlines()
    assert "has no Keras model in it" in note
    assert told == "kerastui: 1 of 3 weights cannot be read, their rows say why: a/huge."
    assert run(["weights", str(path), "--fail-on", "nan"]) == 1
    assert capsys.readouterr().err.count("cannot be read") == 1
    row = next(row for row in objects(capsys, str(path)) if row["path"].endswith("huge"))
    assert row["count"] is None and row["quantiles"] == {} and "declares" in row["problem"]


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("digits_base", 14), ("fc1", 2), ("*/kernel", 5), ("fc1/kernel", 1), ("digits_base/*bn*", 8)],
)
def test_patterns(pattern: str, count: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(objects(capsys, str(SAMPLES / "transfer.h5"), pattern)) == count


def test_sorting_and_csv(spoilt: str, capsys: pytest.CaptureFixture[str]) -> None:
    for key in ("std", "count", "zeros"):
        values = [row[key] for row in objects(capsys, spoilt, "--sort", key)]
        assert values == sorted(values, reverse=True) and len(set(values)) > 1
    reverse = [row["l2"] for row in objects(capsys, spoilt, "--sort", "l2", "--reverse")]
    assert reverse == sorted(reverse)
    paths = [row["path"] for row in objects(capsys, spoilt, "--sort", "path")]
    assert paths == sorted(paths)
    assert run(["weights", spoilt, "--csv", "--sort", "path"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["path"] for row in rows] == paths
    kernel = next(row for row in rows if row["path"] == "conv1/kernel")
    assert (kernel["shape"], kernel["nan"], kernel["flags"]) == ("3x3x1x12", "1", "nan")
    assert float(kernel["q0.01"]) < float(kernel["q0.5"]) < float(kernel["q0.99"])


def test_bad_input(spoilt: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in (
        ([spoilt, "nothing*"], "No layer or weight"),
        ([spoilt, "--fail-on", "nan,dad"], "knows no 'dad'"),
        ([spoilt, "--json", "--csv"], "not allowed with"),
        ([spoilt, "--sort", "size"], "invalid choice"),
        (["none.h5"], "none.h5"),
    ):
        assert run(["weights", *arguments]) == 2
        captured = capsys.readouterr()
        assert words in captured.err and captured.out == ""


def test_what_is_not_listed_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "m.weights.h5"
    with h5py.File(path, "w") as file:
        file["layers/a/vars/0"] = np.ones(3)
        file["layers/a/vars/1"] = h5py.ExternalLink("other.h5", "/w")
    assert run(["weights", str(path), "--json"]) == 0
    assert "1 in the file is an external link" in capsys.readouterr().err


def test_names_are_no_formulas(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "m.h5"
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "plain", 'a"b,c']
    with h5py.File(path, "w") as file:
        for name in names:
            file[f"{name}/kernel"] = np.ones(1)
        file.create_dataset("huge/kernel", (10**15,), "f4")
    assert run(["weights", str(path), "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    expected = [f"'{name}" if name[0] in "=+-@" else name for name in names]
    problems = {row["path"]: row["problem"] for row in rows}
    assert "declares" in problems.pop("huge/kernel")
    assert sorted(problems) == sorted(f"{name}/kernel" for name in expected)
    assert not any(problems.values())


def test_a_full_disk_is_a_sentence(spoilt: str) -> None:
    program = "import sys; from kerastui.tui.main import main; sys.exit(main())"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", program, "weights", spoilt, "conv1", "--fail-on", "nan"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "kerastui: standard output cannot be written: No space left on device.\n"


def test_who_reads_the_first_line_only_learns_of_nan_as_well(
    spoilt: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Left(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    silenced: list[bool] = []
    monkeypatch.setattr("kerastui.tui.standard_streams.silence", lambda: silenced.append(True))
    monkeypatch.setattr(sys, "stdout", Left())
    assert run(["weights", spoilt, "--fail-on", "nan"]) == 1
    assert capsys.readouterr().err == "kerastui: conv1/kernel: nan\n"
    assert silenced


def test_names_from_a_file_do_no_harm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["a\x1b[2J\u202e/kernel"] = np.full((2, 2), np.nan)
    for form in ([], ["--json"], ["--csv"]):
        assert run(["weights", str(path), *form, "--fail-on", "nan"]) == 1
        captured = capsys.readouterr()
        assert "\x1b" not in captured.out + captured.err
        assert "\u202e" not in captured.out + captured.err


def test_real_files(models_dir: Path) -> None:
    """Every real file: figures for all weights, those of NumPy."""
    seen = 0
    for row in json.loads((models_dir / "models.json").read_text("utf-8")):
        path = models_dir / row["file"]
        if path.suffix not in (".h5", ".hdf5") or path.stat().st_size > 2_000_000:
            continue
        model = open_model(str(path))
        found = statistics_of(model)
        weights = [w for layer in model.layers for w in layer.weights]
        with h5py.File(path) as file:
            for weight, figures in zip(weights, found, strict=False):
                values = np.asarray(file[weight.dataset])
                if values.dtype.kind != "f" or not values.size:
                    continue
                assert figures.figures is not None, figures.problem
                assert figures.figures.mean == pytest.approx(values.mean(dtype="f8"), abs=1e-9)
                assert figures.figures.max == values.max()
                seen += 1
    assert seen > 500


def test_a_pattern_means_weights_that_no_layer_owns(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "m.h5"
    shutil.copy(SAMPLES / "digits_cnn.h5", path)
    with h5py.File(path, "r+") as file:
        weights: Any = file["model_weights"]
        weights["odd/odd/kernel:0"] = np.ones((2, 3))
        weights["odd"].attrs["weight_names"] = [b"odd/kernel:0"]
        names = [*weights.attrs["layer_names"], b"odd"]
        weights.attrs["layer_names"] = np.array(names, "S20")
    name = open_model(str(path)).extra[0].stored_name
    for pattern in (name, name.removesuffix(":0"), "*odd*"):
        [row] = objects(capsys, str(path), pattern)
        assert row["path"] == name and row["mean"] == 1
    assert all(row["path"] != name for row in objects(capsys, str(path), "*/bias"))

"""``kerastui set`` and ``kerastui transplant``, run in this process as the shell would."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from kerastui import open_model
from kerastui.draws import draw
from kerastui.edits.initial import initializer_of
from kerastui.tui import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str, str]:
        status = cli.run([str(argument) for argument in arguments])
        out, error = capsys.readouterr()
        return status, out, error

    return call


@pytest.fixture
def model(tmp_path: Path, sample_dir: Path) -> Path:
    return Path(shutil.copy(sample_dir / "digits_cnn.h5", tmp_path / "m.h5"))


def values(path: Path, name: str) -> np.ndarray:
    layer, _, weight = name.rpartition("/")
    description = open_model(path)
    place = next(w.dataset for w in description[layer].weights if w.name == weight)
    with h5py.File(path) as file:
        return file[place][()]


def test_from_a_npy(run: Run, model: Path, tmp_path: Path):
    new = np.random.default_rng(0).normal(size=(24, 10))
    np.save(tmp_path / "x.npy", new)
    before = model.read_bytes()
    out = tmp_path / "out.h5"
    status, said, _ = run("set", model, "digit/kernel", "--from", tmp_path / "x.npy", "-o", out)
    assert (status, said) == (0, f"{out}: digit/kernel written and read back.\n")
    np.testing.assert_array_equal(values(out, "digit/kernel"), new.astype("float32"))
    assert model.read_bytes() == before
    status, _, error = run("set", model, "digit/kernel", "--from", tmp_path / "x.npy", "-o", out)
    assert status == 2
    assert "--force" in error


def test_from_an_npz_and_from_another_model(run: Run, model: Path, tmp_path: Path, sample_dir):
    np.savez(tmp_path / "x.npz", a=np.ones(10), b=np.zeros(3))
    assert run("set", model, "digit/bias", "--from", f"{tmp_path}/x.npz:a", "--in-place")[0] == 0
    np.testing.assert_array_equal(values(model, "digit/bias"), np.ones(10))
    other = f"{sample_dir}/digits_cnn.keras:digit/bias"
    assert run("set", model, "digit/bias", "--from", other, "--in-place")[0] == 0
    assert not np.array_equal(values(model, "digit/bias"), np.ones(10))


def test_an_expression_shows_before_and_after(run: Run, model: Path):
    old = values(model, "conv1/kernel")
    status, _, said = run("set", model, "conv1/kernel", "--expression", "w * 0.9", "--in-place")
    assert status == 0
    assert "before (3, 3, 1, 12) float32" in said
    assert "after  (3, 3, 1, 12) float32" in said
    np.testing.assert_array_equal(values(model, "conv1/kernel"), old * np.float32(0.9))


def test_a_pattern_and_the_initializers(run: Run, model: Path):
    status, said, _ = run("set", model, "d*/kernel", "--initialize", "--seed", 5, "--in-place")
    assert status == 0
    assert "2 weights" in said
    description = open_model(model)
    for number, name in enumerate(["dense", "digit"]):
        layer = description[name]
        expected = draw(initializer_of(layer, layer.weights[0]), layer.weights[0].shape, 5 + number)
        np.testing.assert_array_equal(values(model, f"{name}/kernel"), expected)


@pytest.mark.parametrize("name", ["digits_cnn.h5", "digits_cnn.keras"])
def test_dtypes_say_what_is_lost(run: Run, sample_dir: Path, tmp_path: Path, name: str):
    out = tmp_path / name
    status, _, said = run("set", sample_dir / name, "*", "--dtype", "float16", "-o", out)
    assert status == 0
    assert "11 weights to float16: largest error 0.000468, relative 0.048 %, 13 values" in said
    assert "none overflows" in said
    every = [w.dtype for layer in open_model(out).layers for w in layer.weights]
    assert set(every) == {"float16"}


def test_values_and_dtype_at_once(run: Run, model: Path):
    line = ("set", model, "dense/kernel", "--expression", "zeros", "--dtype", "float16")
    assert run(*line, "--in-place")[0] == 0
    found = values(model, "dense/kernel")
    assert found.dtype == "float16"
    assert not found.any()


def test_dry_run_writes_nothing(run: Run, model: Path, tmp_path: Path):
    before, there = model.read_bytes(), sorted(tmp_path.iterdir())
    status, said, _ = run(
        "set", model, "digit/*", "--initialize", "--dtype", "float16", "--dry-run"
    )
    assert status == 0
    assert "digit/kernel: float32 → float16" in said
    assert "digit/kernel: as stored → initializer" in said
    assert model.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == there


def test_nothing_is_left_in_the_temporary_folder(
    run: Run, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "t").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))
    assert run("set", model, "conv1/kernel", "--expression", "w + 1", "--in-place")[0] == 0
    assert run("set", model, "conv1/kernel", "--expression", "w +", "--in-place")[0] == 2
    assert not list((tmp_path / "t").iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("conv1/kernel", "--in-place"), "say what to set"),
     (("conv1/krnel", "--expression", "0", "--in-place"), "no weight 'conv1/krnel'; its"),
     (("conv1/kernel", "--expression", "w.x", "--in-place"), "'w.x' is not possible"),
     (("conv1/kernel", "--expression", "w[0]", "--in-place"), "gives an array of shape"),
     (("conv1/kernel", "--expression", "w", "--initialize", "--in-place"), "not allowed with"),
     (("conv1/kernel", "--from", "none.npy", "--in-place"), "There is no file none.npy"),
     (("*", "--from", "none.npy", "--in-place"), "11 weights"),
     (("conv1/kernel", "--initialize", "--seed", "-1", "--in-place"), "--seed is a whole number"),
     (("conv1/kernel", "--dtype", "int8", "--in-place"), "invalid choice: 'int8'"),
     (("conv1/kernel", "--dtype", "float32", "--in-place"), "so already"),
     (("conv1/kernel", "--expression", "w * 1e6", "--dtype", "float16", "--in-place"),
      "would become infinite in float16, so nothing was written"),
     (("conv1/kernel", "--initialize"), "--in-place")],
)  # fmt: skip
def test_mistakes_are_one_sentence_and_nothing_is_written(
    run: Run, model: Path, arguments: tuple[str, ...], said: str
):
    before = model.read_bytes()
    status, _, error = run("set", model, *arguments)
    assert status == 2
    assert said in error
    assert "Traceback" not in error
    assert model.read_bytes() == before


def test_shapes_name_the_axis(run: Run, model: Path, tmp_path: Path):
    for shape, said in [((24, 11), "axis 1 must be 10, not 11"), ((24,), "has 1 axis (24,)")]:
        np.save(tmp_path / "x.npy", np.ones(shape))
        line = ("set", model, "digit/kernel", "--from", tmp_path / "x.npy", "--in-place")
        status, _, error = run(*line)
        assert status == 2
        assert said in error


def test_objects_are_never_unpickled(run: Run, model: Path, tmp_path: Path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "exploded"),)

    array = np.empty((24, 10), dtype=object)
    array[:] = Bomb()
    np.save(tmp_path / "x.npy", array, allow_pickle=True)
    line = ("set", model, "digit/kernel", "--from", tmp_path / "x.npy", "--in-place")
    status, _, error = run(*line)
    assert status == 2
    assert "never unpickled" in error
    assert not (tmp_path / "exploded").exists()


# -- transplant -----------------------------------------------------------------------------------


def test_transplant_between_the_eras(run: Run, sample_dir: Path, tmp_path: Path):
    out = tmp_path / "out.keras"
    zeros = tmp_path / "zeros.h5"
    line = ("set", sample_dir / "digits_cnn.h5", "*", "--expression", "zeros", "-o", zeros)
    assert run(*line)[0] == 0
    status, said, _ = run("transplant", zeros, sample_dir / "digits_cnn.keras", "-o", out)
    assert status == 0
    assert f"11 weights taken over from {sample_dir / 'digits_cnn.keras'}" in said
    for name in ("conv1/kernel", "digit/bias", "bn1/moving_variance"):
        np.testing.assert_array_equal(values(out, name), values(sample_dir / "digits_cnn.h5", name))


def test_transplant_lists_what_stays(run: Run, model: Path, sample_dir: Path):
    status, said, error = run("transplant", model, sample_dir / "two_outputs.h5", "--in-place")
    assert status == 0
    assert "2 weights taken over" in said
    assert "conv1/kernel: not in the other file" in error
    before = model.read_bytes()
    line = ("transplant", model, sample_dir / "two_outputs.h5", "--strict", "--in-place")
    status, _, error = run(*line)
    assert status == 2
    assert "9 weights of 11" in error
    assert model.read_bytes() == before


def test_transplant_of_a_part(run: Run, model: Path, sample_dir: Path):
    line = ("transplant", model, sample_dir / "digits_cnn.keras", "conv*", "--dry-run")
    status, said, _ = run(*line)
    assert status == 0
    assert len(said.splitlines()) == 3
    assert "conv1/kernel: as stored → digits_cnn.keras:conv1/kernel" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("transfer.h5",), "no layer is called the same"), (("digits_cnn.h5", "x*"), "matches 'x*'"),
     (("models.json",), "models.json")],
)  # fmt: skip
def test_transplant_of_nothing_is_a_sentence(
    run: Run, model: Path, sample_dir: Path, arguments: tuple[str, ...], said: str
):
    other, *pattern = arguments
    status, _, error = run("transplant", model, sample_dir / other, *pattern, "--in-place")
    assert status == 2
    assert said in error
    assert "Traceback" not in error


def test_the_old_file_is_kept_if_asked(run: Run, model: Path, sample_dir: Path):
    before = model.read_bytes()
    line = ("set", model, "digit/bias", "--expression", "7", "--in-place", "--backup")
    assert run(*line)[0] == 0
    assert model.with_name("m.h5.bak").read_bytes() == before
    second = model.read_bytes()
    other = sample_dir / "digits_cnn.keras"
    assert run("transplant", model, other, "--in-place", "--backup")[0] == 0
    assert model.with_name("m.h5.bak").read_bytes() == second

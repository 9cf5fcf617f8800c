"""New values made by expressions and initializers: what is written, and what is said of it."""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from kerastui.draws import draw
from kerastui.edits.initial import initializer_of
from kerastui.errors import BadEdit, SaveFailed
from kerastui.making import making as room
from kerastui.making.losses import loss_of
from kerastui.making.making import make
from kerastui.making.results import Loss, Recipe, Summary
from kerastui.making.words import loss_text, summary_text
from kerastui.model import ArraySource, Layer, Weight
from kerastui.saving import sources


class Bench:
    """A layer with one weight, whose values lie in a file."""

    def __init__(self, folder: Path, array: np.ndarray, dtype: str = "float32") -> None:
        self.array = array
        self.folder = folder
        np.save(folder / "present.npy", array)
        self.weight = Weight("kernel", "kernel", "/kernel", array.shape, dtype)
        config = {"kernel_initializer": "glorot_uniform"}
        self.layer = Layer("d", "d", "Dense", True, weights=(self.weight,), config=config)
        file = str(folder / "present.npy")
        self.present = ArraySource(file, "", array.shape, array.dtype.name).stamped()

    def make(self, expression: str, seed: int = 0):
        target = str(self.folder / "made.npy")
        return make(self.layer, self.weight, self.present, Recipe(expression, seed), target)

    def made(self, expression: str, seed: int = 0) -> np.ndarray:
        made = self.make(expression, seed)
        looked = make(self.layer, self.weight, self.present, Recipe(expression, seed))
        assert looked.source is None
        assert (looked.before, looked.after) == (made.before, made.after)
        assert made.source is not None
        array = np.load(made.source.file, allow_pickle=False)
        assert made.source.shape == array.shape == self.array.shape
        assert made.source.dtype == array.dtype.name
        return array


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, np.random.default_rng(2).normal(size=(60, 50)).astype("float32"))


def test_what_is_made_is_what_numpy_makes(bench: Bench):
    np.testing.assert_array_equal(bench.made("w * 0.9"), bench.array * np.float32(0.9))
    np.testing.assert_array_equal(bench.made("w[::-1]"), bench.array[::-1])
    np.testing.assert_array_equal(bench.made("0"), np.zeros_like(bench.array))
    np.testing.assert_array_equal(bench.made("zeros"), np.zeros_like(bench.array))
    np.testing.assert_array_equal(bench.made("w > 0"), (bench.array > 0).astype("float32"))
    assert bench.made("w * 2").dtype == "float32"
    assert bench.make("0.9").after.dtype == "float32"  # not the float64 of Python's number


def test_in_blocks_it_is_the_same(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    whole = bench.made("w * 2 + 1"), bench.make("w * 2 + 1").after
    monkeypatch.setattr(sources, "BUDGET", 3000)
    np.testing.assert_array_equal(bench.made("w * 2 + 1"), whole[0])
    assert bench.make("w * 2 + 1").after.mean == pytest.approx(whole[1].mean)
    np.testing.assert_array_equal(bench.made("w - w.mean()"), bench.array - bench.array.mean())


def test_an_array_in_fortran_order(tmp_path: Path):
    array = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    np.testing.assert_array_equal(Bench(tmp_path, array).made("w + 1"), array + 1)


def test_drawn_values_are_those_of_the_seed(bench: Bench):
    initializer = initializer_of(bench.layer, bench.weight)
    expected = draw(initializer, bench.array.shape, 7)
    np.testing.assert_array_equal(bench.made("initializer", 7), expected)
    np.testing.assert_array_equal(bench.made("initializer(seed=7)"), expected)
    np.testing.assert_array_equal(bench.made("glorot_uniform", 7), expected)
    np.testing.assert_array_equal(bench.made("w * 0 + initializer", 7), expected)
    noise = bench.made("normal(stddev=0.25, mean=1, seed=3)")
    assert noise.mean() == pytest.approx(1, abs=0.02)
    assert noise.std() == pytest.approx(0.25, rel=0.05)


@pytest.mark.parametrize(
    ("expression", "said"),
    [("w[0]", r"shape \(50,\), but d/kernel has \(60, 50\)\.$"),
     ("w.T", r"axis 0 must be 60, not 50"), ("zeros(3)", "it takes no other"),
     ("normal(stddev=w)", "finite numbers|cannot be computed"),
     ("normal(seed=-1)", "seed is a whole number"),
     ("normal(seed=1.5)", "seed is a whole number"), ("(-8) ** 0.5", "needs real numbers"),
     ("uniform(gain=2)", None)],
)  # fmt: skip
def test_what_does_not_fit_is_a_sentence(bench: Bench, expression: str, said: str | None):
    if said is None:
        bench.make(expression)  # a setting that it does not have changes nothing
        return
    with pytest.raises(BadEdit, match=said):
        bench.make(expression)


def test_what_the_dtype_cannot_hold_is_refused(tmp_path: Path):
    bench = Bench(tmp_path, np.ones((3, 3), "float16"), "float16")
    assert bench.made("w * 1000").max() == 1000
    with pytest.raises(BadEdit, match="d/kernel, which is float16"):
        bench.make("w * 100000")


def test_whole_numbers_stay_whole(tmp_path: Path):
    bench = Bench(tmp_path, np.arange(6, dtype="int64").reshape(2, 3), "int64")
    np.testing.assert_array_equal(bench.made("w + 1"), bench.array + 1)
    with pytest.raises(BadEdit, match="cannot be held"):
        bench.make("w * 0.3")


@pytest.mark.parametrize("shape", [(), (0, 4)])
def test_scalars_and_nothing(tmp_path: Path, shape: tuple[int, ...]):
    bench = Bench(tmp_path, np.ones(shape, "float32"))
    np.testing.assert_array_equal(bench.made("w * 3"), np.full(shape, 3, "float32"))


def test_present_values_that_are_gone(bench: Bench):
    Path(bench.present.file).unlink()
    with pytest.raises(SaveFailed, match="no longer exists"):
        bench.make("w")


def test_figures(bench: Bench):
    made = bench.make("where(w > 0, w, w / 0)")
    negative = int((bench.array <= 0).sum())
    assert made.after.not_finite == negative
    assert made.before.least == pytest.approx(bench.array.min())
    assert made.before.mean == pytest.approx(bench.array.mean(), abs=1e-6)
    assert made.before.greatest == pytest.approx(bench.array.max())
    assert f"{negative:,} not finite" in summary_text(made.after)
    empty = Summary((0, 4), "float32")
    assert summary_text(empty) == "(0, 4) float32"


def test_losses(tmp_path: Path):
    array = np.array([1.0, 1.0001, 1e-9, 70000.0, -1e6, np.nan, np.inf, 0.0], "float32")
    np.save(tmp_path / "a.npy", array)
    source = ArraySource(str(tmp_path / "a.npy"), "", array.shape, "float32").stamped()
    loss = loss_of([source], "float16")
    assert (loss.elements, loss.overflows, loss.underflows) == (8, 2, 1)
    assert loss.absolute == pytest.approx(1e-4, rel=0.01)
    assert loss.relative == pytest.approx(1e-4, rel=0.01)
    assert "2 values would become infinite" in loss_text(loss)
    assert loss_text(loss_of([source], "float64")) == "nothing is lost"
    twice = loss_of([source, source], "float16")
    assert twice == loss + loss
    assert loss_of([], "float16") == Loss()
    np.save(tmp_path / "i.npy", np.arange(3))
    with pytest.raises(BadEdit, match="not int64"):
        loss_of([ArraySource(str(tmp_path / "i.npy"), "", (3,), "int64")], "float16")


def test_the_answers_need_no_numpy():
    code = (
        "import sys, kerastui.making.results, kerastui.making.words;"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'h5py')))"
    )
    import subprocess

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert room.OWN == "initializer"


@pytest.mark.parametrize("expression", ["w * 0.9", "initializer", "where(w > 0, w, 0)"])
def test_what_goes_block_by_block_keeps_no_block(tmp_path: Path, expression: str):
    array = np.lib.format.open_memmap(tmp_path / "present.npy", "w+", "float32", (800, 10000))
    array[:] = 1
    weight = Weight("kernel", "kernel", "/kernel", array.shape, "float32")
    config = {"kernel_initializer": "glorot_uniform"}
    layer = Layer("d", "d", "Dense", True, weights=(weight,), config=config)
    present = ArraySource(str(tmp_path / "present.npy"), "", array.shape, "float32")
    tracemalloc.start()
    try:
        make(layer, weight, present, Recipe(expression), str(tmp_path / "made.npy"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 0.75 * array.nbytes

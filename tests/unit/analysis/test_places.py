"""Figures and pictures of a document as it will be saved: what replaces weights, and new layers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerastui.analysis.figures import figures_of
from kerastui.analysis.looking import Looking
from kerastui.analysis.places import Places
from kerastui.analysis.results import NotNumeric
from kerastui.analysis.statistics import statistics_of
from kerastui.edits import AppendDense, CutHead, Document, SetWeight
from kerastui.edits.dtypes import ConvertDtype
from kerastui.errors import UnreadableFile
from kerastui.files import open_model
from kerastui.model import ArraySource
from kerastui.model.places import place_of
from kerastui.saving import save
from kerastui.saving.complete import complete_source

SAMPLES = Path(__file__).parents[3] / "sample_models"
VALUES = np.random.default_rng(1).standard_normal((5, 6, 7)).astype("f4")


def sources(folder: Path) -> list[ArraySource]:
    """The same array in every kind of file that values can come from."""
    np.save(folder / "c.npy", VALUES)
    np.save(folder / "fortran.npy", np.asfortranarray(VALUES))
    np.save(folder / "big.npy", VALUES.astype(">f8"))
    np.savez(folder / "plain.npz", other=np.zeros(3), w=VALUES)
    np.savez_compressed(folder / "packed.npz", other=np.zeros(3), w=np.asfortranarray(VALUES))
    with h5py.File(folder / "other.h5", "w") as file:
        file.create_dataset("d/w", data=VALUES, chunks=(2, 3, 7), compression="gzip")
    named = [("c.npy", ""), ("fortran.npy", ""), ("big.npy", ""), ("plain.npz", "w"),
             ("packed.npz", "w"), ("other.h5", "/d/w")]  # fmt: skip
    return [complete_source(ArraySource(str(folder / name), member)) for name, member in named]


def test_every_kind_of_source(tmp_path: Path) -> None:
    looking, places = Looking(lambda: False), Places()
    for source in sources(tmp_path):
        shown = looking.window(source, "", (2, 1, 9), (0, 2, 2), (0, 4, 0))
        assert np.array_equal(shown.values, VALUES[2:4, 4, 1:].T)
        found = looking.find(lambda *_: None, source, "", "largest", None)
        assert found and found.index == np.unravel_index(VALUES.argmax(), VALUES.shape)
        histogram = looking.histogram(lambda *_: None, source, "", None, None, 9)
        assert histogram and list(histogram.counts) == np.histogram(VALUES, 9)[0].tolist()
        figures = figures_of(places.array(source, ""), quantiles=True)
        assert figures.mean == pytest.approx(float(VALUES.astype("f8").mean()))
        for dtype in ("float16", "void16"):  # as they are once they are saved
            short = looking.window(replace(source, dtype=dtype), "", (1, 0, 6), (2, 0, 7), ())
            if dtype == "float16":
                assert np.array_equal(short.values, VALUES[0].astype("f2").astype("f4"))
            else:
                assert np.allclose(short.values, VALUES[0], rtol=2**-8)
                assert not np.any(np.array(short.values, "f4").view("u4") & 0xFFFF)
    looking.close()
    places.close()


def test_sources_that_are_of_no_use(tmp_path: Path) -> None:
    looking = Looking(lambda: False)

    def told(source: ArraySource, words: str, error: Any = UnreadableFile) -> None:
        with pytest.raises(error, match=words):
            looking.window(source, "", (0, 0, 1), (1, 0, 1), ())

    c, *_, packed, other = sources(tmp_path)
    told(replace(c, file=str(tmp_path / "gone.npy")), "There is no file")
    told(replace(c, file=str(tmp_path)), "no ordinary file")
    told(replace(packed, member="v"), "there is no such array")
    told(replace(other, member="/d"), "no dataset")
    told(replace(c, shape=(5, 6)), r"the shape \(5, 6, 7\) now, not \(5, 6\)")
    np.save(tmp_path / "objects.npy", np.array([None, {}], object))
    told(ArraySource(str(tmp_path / "objects.npy"), shape=(2,)), "never unpickled")
    np.save(tmp_path / "words.npy", np.array([["a", "b"]]))
    told(
        ArraySource(str(tmp_path / "words.npy"), shape=(1, 2), dtype="str32"), "strings", NotNumeric
    )
    whole = Path(c.file).read_bytes()
    Path(c.file).write_bytes(whole[:-9])
    told(c, "changed since it was chosen")
    told(replace(c, stamp=None), "cut off")
    Path(c.file).write_bytes(b"\x93NUMPY\x01\x00" + b"\xff" * 20)
    told(replace(c, stamp=None), "cannot be read")


def test_figures_are_those_of_the_saved_file(tmp_path: Path) -> None:
    """Replaced, converted and appended weights: statistics before and after saving agree."""
    model = open_model(str(SAMPLES / "digits_cnn.h5"))
    document = Document(model)
    first = next(layer for layer in model.layers if layer.weights)
    np.save(tmp_path / "w.npy", np.full(first.weights[0].shape, 0.1))  # not exact as float32
    source = complete_source(ArraySource(str(tmp_path / "w.npy")))
    second = [layer for layer in model.layers if layer.weights][1]
    document.apply(
        SetWeight(first.path, first.weights[0].name, source),
        ConvertDtype(((second.path, second.weights[0].name),), "float16"),
        CutHead([layer for layer in model.layers if layer.weights][-2].path),
    )
    document.apply(AppendDense("head", 7, seed=3))
    save(document, str(tmp_path / "saved.h5"))
    options = {"quantiles": True, "duplicates": True}
    planned = {row.path: row for row in statistics_of(document.model, **options)}
    written = {row.path: row for row in statistics_of(open_model(tmp_path / "saved.h5"), **options)}
    assert planned.keys() == written.keys()
    for path, row in planned.items():
        assert row.figures == written[path].figures, path
        assert row.flags == written[path].flags, path
    assert planned[f"{first.path}/{first.weights[0].name}"].has("constant")
    head = document.model.index["head"]
    kernel = document.model.layers[head].weights[0]
    looking = Looking(lambda: False)
    place = place_of(document.model, head, kernel)
    values = np.array(looking.window(place, kernel.dataset, (0, 0, 5), (1, 0, 7), ()).values)
    index = document.model.index[second.path]
    half = document.model.layers[index].weights[0]
    place = place_of(document.model, index, half)
    rounded = np.array(looking.window(place, half.dataset, (0, 0, 99), None, ()).values)
    counted = looking.histogram(lambda *_: None, place, half.dataset, None, None, 9)
    looking.close()
    with h5py.File(tmp_path / "saved.h5") as file:
        saved: Any = file[kernel.dataset]
        assert np.array_equal(values, saved[:5])
        saved = np.asarray(file[half.dataset])
        assert saved.dtype == "f2" and np.array_equal(rounded[:, 0], saved)
        assert counted and counted.high == saved.max()

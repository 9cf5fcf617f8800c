"""Weights saved in another dtype: those datasets differ as meant, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from unit.saving.h5_compare import differences, outline
from unit.saving.test_values_real_files import check_members, files, inner

from kerastui import Document, SetTrainable, SetWeight, open_model, save
from kerastui.edits import ConvertDtype, Rename
from kerastui.edits.dtypes import convertible
from kerastui.errors import SaveFailed
from kerastui.model import ArraySource, Model, Weight
from kerastui.saving import plan_save
from kerastui.saving.verify import compare


def everything(model: Model) -> ConvertDtype:
    return ConvertDtype(convertible(model, range(len(model.layers))), "float16")


def weights(model: Model) -> dict[str, Weight]:
    return {w.dataset: w for layer in model.layers for w in layer.weights}


def test_every_real_file(models_dir: Path, tmp_path: Path):
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    formats: set[str] = set()
    for source in files(models_dir):
        if source.name == "chunked_layer_names.h5":
            continue  # 2,000 like layers take as long as twenty other files
        document = Document(open_model(source))
        document.apply(everything(document.model))
        if not document.changed:
            continue
        target = tmp_path / f"saved{source.suffix}"
        saved = save(document, target)
        assert compare(saved.model, document.model) == "", source
        before, after = inner(source, tmp_path / "old"), inner(target, tmp_path / "new")
        meant = {
            w.dataset
            for old, new in zip(document.original.layers, document.model.layers, strict=True)
            for w, v in zip(old.weights, new.weights, strict=True)
            if w.dtype != v.dtype
        }
        assert differences(before, after) == meant, source
        check_datasets(before, after, meant)
        if saved.model.format == "keras":
            check_members(source, target)
        formats.add(saved.model.format)
    assert formats >= {"hdf5", "hdf5-weights", "keras"}


def check_datasets(old: Path, new: Path, paths: set[str]) -> None:
    """Everything but dtype and values is what it was, and the values are the rounded ones."""
    with h5py.File(old) as a, h5py.File(new) as b:
        for path in paths:
            here, there = a[path], b[path]
            assert there.dtype == "float16"
            for part in ("shape", "maxshape", "chunks", "compression", "compression_opts",
                         "shuffle", "fletcher32", "scaleoffset"):  # fmt: skip
                assert getattr(there, part) == getattr(here, part), path
            assert dict(there.attrs) == dict(here.attrs)
            np.testing.assert_array_equal(there[()], here[()].astype("float16"))


@pytest.fixture
def hand_made(tmp_path: Path, sample_dir: Path) -> Path:
    """A real model whose datasets have all that a dataset can have."""
    path = tmp_path / "rich.h5"
    path.write_bytes((sample_dir / "digits_cnn.h5").read_bytes())
    model = open_model(path)
    with h5py.File(path, "r+") as file:
        for number, name in enumerate(weights(model)):
            values, group = file[name][()], file[name].parent
            del file[name]
            options = [
                {"chunks": True, "compression": "gzip", "shuffle": True, "fletcher32": True},
                {"chunks": True, "compression": "lzf"}, {"fillvalue": 2.5}, {"dtype": ">f4"},
            ][number % 4]  # fmt: skip
            made = group.create_dataset(name.rpartition("/")[2], data=values, **options)
            made.attrs["unit"] = "volt"
            made.attrs["fixed"] = np.bytes_(b"abc")
            made.attrs["numbers"] = np.arange(4.0)
            made.attrs["nothing"] = h5py.Empty("f4")
            made.attrs["root"] = file.ref
    return path


def test_chunks_filters_fill_values_and_attributes_stay(hand_made: Path, tmp_path: Path):
    document = Document(open_model(hand_made))
    document.apply(everything(document.model))
    target = tmp_path / "out.h5"
    save(document, target)
    paths = set(weights(document.original))
    assert differences(hand_made, target) == paths
    with h5py.File(hand_made) as a, h5py.File(target) as b:
        before, after = outline(a), outline(b)
        for path in paths:
            old, new = before[path], after[path]
            assert new[3] == old[3].replace("f4", "f2")
            shuffled = [f for f in old[5] if f[0] == h5py.h5z.FILTER_SHUFFLE]
            assert len(new[5]) == len(old[5])
            assert [f[0] for f in new[5]] == [f[0] for f in old[5]]
            if shuffled:  # it has the size of an element as its parameter
                assert [f[2] for f in new[5] if f[0] == h5py.h5z.FILTER_SHUFFLE] == [(2,)]
            assert new[6:8] == old[6:8]
            assert b[b[path].attrs["root"]].name == "/"
            assert isinstance(b[path].attrs["nothing"], h5py.Empty)


def test_bfloat16_becomes_a_dtype_that_numpy_has(tmp_path: Path, sample_dir: Path):
    """Keras 3 marks its bfloat16 with an attribute, which must go with it."""
    path = tmp_path / "b.weights.h5"
    path.write_bytes((sample_dir / "digits_cnn.weights.h5").read_bytes())
    name = next(iter(weights(open_model(path))))
    with h5py.File(path, "r+") as file:
        values = file[name][()]
        rounded = (values.view("<u4") & 0xFFFF0000).view("<f4")
        del file[name]
        file[name] = (rounded.view("<u4") >> 16).astype("<u2").view("V2")
        file[name].attrs["dtype"] = "bfloat16"
    document = Document(open_model(path))
    document.apply(
        ConvertDtype(convertible(document.model, range(len(document.model.layers))), "float32")
    )
    assert len(document.changes) == 1
    save(document, tmp_path / "out.weights.h5")
    with h5py.File(tmp_path / "out.weights.h5") as file:
        np.testing.assert_array_equal(file[name][()], rounded)
        assert not file[name].attrs
    document.undo()
    assert not document.changed


@pytest.mark.parametrize("name", ["digits_cnn.h5", "digits_cnn.keras"])
def test_together_with_names_flags_and_values(name: str, tmp_path: Path, sample_dir: Path):
    document = Document(open_model(sample_dir / name))
    new = np.random.default_rng(1).normal(size=(3, 3, 1, 12))
    np.save(tmp_path / "x.npy", new)
    source = ArraySource(str(tmp_path / "x.npy"), "", new.shape, "float64", "x").stamped()
    document.apply(SetWeight("conv1", "kernel", source))
    document.apply(everything(document.model))
    document.apply(SetTrainable(("conv2",), False))
    document.apply(Rename((("dense", "neck"),)))
    target = tmp_path / f"out-{name}"
    saved = save(document, target)
    assert not document.changed or target != sample_dir / name
    assert saved.model["neck"].weights[0].dtype == "float16"
    assert saved.model["conv2"].trainable is False
    with h5py.File(inner(target, tmp_path)) as file:
        kernel = file[saved.model["conv1"].weights[0].dataset][()]
        np.testing.assert_array_equal(kernel, new.astype("float16"))
        neck = file[saved.model["neck"].weights[0].dataset][()]
    (tmp_path / "o").mkdir()
    with h5py.File(inner(sample_dir / name, tmp_path / "o")) as file:
        old = file[document.original["dense"].weights[0].dataset][()]
    np.testing.assert_array_equal(neck, old.astype("float16"))


def test_in_place_and_back(tmp_path: Path, sample_dir: Path):
    path = tmp_path / "m.h5"
    path.write_bytes((sample_dir / "digits_cnn.h5").read_bytes())
    document = Document(open_model(path))
    document.apply(everything(document.model))
    save(document)
    assert not document.changed
    document.undo()
    assert len(document.changes) == 11
    assert len(plan_save(document).dtypes) == 11
    save(document)
    first = open_model(sample_dir / "digits_cnn.h5")
    again = open_model(path)
    assert compare(again, first) == ""
    with h5py.File(path) as a, h5py.File(sample_dir / "digits_cnn.h5") as b:
        for name in weights(first):
            np.testing.assert_array_equal(a[name][()], b[name][()].astype("f2").astype("f4"))


def test_values_that_would_become_infinite_are_not_written(tmp_path: Path, sample_dir: Path):
    path = tmp_path / "m.h5"
    path.write_bytes((sample_dir / "digits_cnn.h5").read_bytes())
    name = next(iter(weights(open_model(path))))
    with h5py.File(path, "r+") as file:
        file[name][0] = 1e6
    before = path.read_bytes()
    document = Document(open_model(path))
    document.apply(everything(document.model))
    with pytest.raises(SaveFailed, match="cannot hold some of the new values"):
        save(document)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["m.h5"]


def test_a_dataset_at_two_places_is_left_alone(tmp_path: Path, sample_dir: Path):
    path = tmp_path / "m.h5"
    path.write_bytes((sample_dir / "digits_cnn.h5").read_bytes())
    name = next(iter(weights(open_model(path))))
    with h5py.File(path, "r+") as file:
        file["twin"] = file[name]
    document = Document(open_model(path))
    document.apply(everything(document.model))
    with pytest.raises(SaveFailed, match="hard links"):
        save(document)

"""Every real file: with a weight's values replaced, exactly that dataset differs."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.saving.h5_compare import differences

from kerastui import ArraySource, Document, Model, SetTrainable, SetWeight, open_model, save
from kerastui.edits import Rename
from kerastui.model import Layer, Weight
from kerastui.saving.verify import compare


def files(models_dir: Path) -> list[Path]:
    """All of them: whole models and weights only, of every era."""
    return [
        models_dir / row["file"] for row in json.loads((models_dir / "models.json").read_text())
    ]


def random_array(weight: Weight, seed: int) -> np.ndarray:
    """Return values for a weight, in an order and a dtype that are not the dataset's."""
    draw = np.random.default_rng(seed)
    if not weight.dtype.startswith("float"):
        return draw.integers(0, 2, size=weight.shape).astype(weight.dtype)
    return np.asfortranarray(draw.uniform(0.1, 1, size=weight.shape).astype(">f8"))


def stored_npy(folder: Path, array: np.ndarray) -> ArraySource:
    path = folder / f"{len(list(folder.iterdir()))}.npy"
    np.save(path, array)
    return ArraySource(str(path), "", array.shape, array.dtype.name, "console").stamped()


def inner(path: Path, folder: Path) -> Path:
    """Return the HDF5 file, unpacked if `path` is an archive."""
    if not zipfile.is_zipfile(path):
        return path
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        (folder / f"{path.name}.inner").write_bytes(archive.read("model.weights.h5"))
    return folder / f"{path.name}.inner"


def dataset(path: Path, folder: Path, weight: Weight) -> np.ndarray:
    with h5py.File(inner(path, folder)) as file:
        return file[weight.dataset][()]


def check_members(old: Path, new: Path) -> None:
    """All of an archive but its weights is what it was, directory entries too."""
    with zipfile.ZipFile(old) as a, zipfile.ZipFile(new) as b:
        for x, y in zip(a.infolist(), b.infolist(), strict=True):
            for part in ("filename", "date_time", "compress_type", "extra", "external_attr"):
                assert getattr(x, part) == getattr(y, part)
            if x.filename != "model.weights.h5":
                assert a.read(x) == b.read(y)


def picks(model: Model) -> list[tuple[Layer, Weight]]:
    """Return the first, a middle and the last weight."""
    every = [(layer, weight) for layer in model.layers for weight in layer.weights]
    return [every[i] for i in sorted({0, len(every) // 2, len(every) - 1})] if every else []


def test_exactly_the_datasets_that_were_replaced_differ(models_dir: Path, tmp_path: Path):
    (tmp_path / "values").mkdir()
    formats: set[str] = set()
    for source in files(models_dir):
        document = Document(open_model(source))
        chosen = picks(document.model)
        arrays: dict[str, np.ndarray] = {}
        for number, (layer, weight) in enumerate(chosen):
            arrays[weight.dataset] = array = random_array(weight, number)
            kept = stored_npy(tmp_path / "values", array)
            document.apply(SetWeight(layer.path, weight.name, kept))
        if not chosen:
            continue
        target = tmp_path / f"saved{source.suffix}"
        saved = save(document, target)
        assert not saved.warnings
        assert not saved.slots.touched
        assert compare(saved.model, document.original) == ""
        assert differences(inner(source, tmp_path), inner(target, tmp_path)) == arrays.keys()
        if saved.model.format == "keras":
            check_members(source, target)
        for _, weight in chosen:
            found = dataset(target, tmp_path, weight)
            np.testing.assert_array_equal(found, arrays[weight.dataset].astype(found.dtype))
        formats.add(saved.model.format)
    assert formats >= {"hdf5", "hdf5-weights", "keras"}


def test_a_file_of_weights_only_of_keras_3(tmp_path: Path, sample_dir: Path):
    """Taken out of an archive: that is what ``save_weights`` writes."""
    archive = next(path for path in sorted(sample_dir.rglob("*.keras")))
    path = inner(archive, tmp_path).rename(tmp_path / "x.weights.h5")
    document = Document(open_model(path))
    assert document.model.format == "keras-weights"
    layer, weight = picks(document.model)[1]
    array = random_array(weight, 5)
    document.apply(SetWeight(layer.path, weight.name, stored_npy(tmp_path, array)))
    save(document, tmp_path / "out.weights.h5")
    assert differences(path, tmp_path / "out.weights.h5") == {weight.dataset}
    np.testing.assert_array_equal(
        dataset(tmp_path / "out.weights.h5", tmp_path, weight), array.astype(weight.dtype)
    )


NESTED = [
    "made/tf-2.13.1/finetune_nested_partfrozen.hdf5",
    "made/keras-2.0.8/finetune_nested_partfrozen.hdf5",
    "made/tf-2.13.1/v3fmt.keras",
]


ACTIONS = ["flag", "own", "weight", "weight", "name", "undo", "redo", "save"]


class World:
    """A file on disk, a document, and what the values of all weights are meant to be."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.folder = folder
        self.path = folder / f"m{source.suffix}"
        self.path.write_bytes(source.read_bytes())
        self.values = folder / "values"
        self.values.mkdir()
        self.document = Document(open_model(self.path))
        self.on_disk = self.read()

    def read(self) -> dict[tuple[int, str], bytes]:
        model = open_model(self.path)
        with h5py.File(inner(self.path, self.folder)) as file:
            return {
                (i, weight.name): file[weight.dataset][()].tobytes()
                for i, layer in enumerate(model.layers)
                for weight in layer.weights
            }

    def meant(self) -> dict[tuple[int, str], bytes]:
        """What the document says: the file's values, and over them those that are to come."""
        found = dict(self.on_disk)
        for i, layer in enumerate(self.document.model.layers):
            for weight in layer.weights:
                if weight.replaced is not None:
                    array = np.load(weight.replaced.file).astype(weight.dtype)
                    found[i, weight.name] = array.tobytes()
        return found

    def act(self, data: Any, number: int) -> None:
        document, layers = self.document, self.document.model.layers
        weighted = [i for i, layer in enumerate(layers) if layer.weights]
        action = data.draw(st.sampled_from(ACTIONS))
        if action == "undo":
            document.undo()
        elif action == "redo":
            document.redo()
        elif action == "save":
            self.save()
        elif action == "flag":
            which = data.draw(st.integers(0, len(layers) - 1))
            document.set_trainable([which], data.draw(st.booleans()))
        else:
            layer = layers[data.draw(st.sampled_from(weighted))]
            if action == "name":
                document.apply(Rename(((layer.path, f"name{number}"),)))
                return
            if action == "own":
                document.apply(SetTrainable((layer.path,), data.draw(st.booleans())))
                return
            weight = data.draw(st.sampled_from(layer.weights))
            again = None
            if data.draw(st.integers(0, 4)):
                again = stored_npy(self.values, random_array(weight, number))
            document.apply(SetWeight(layer.path, weight.name, again))

    def save(self) -> None:
        meant, flags = self.meant(), self.document.model
        save(self.document)
        assert not self.document.changed
        assert self.read() == meant
        self.on_disk = meant
        reread = open_model(self.path)
        assert compare(reread, self.document.model) == ""
        for i, layer in enumerate(flags.layers):
            if layer.weights:
                assert reread.effective[i] is flags.effective[i]


@pytest.mark.parametrize("name", NESTED)
def test_the_document_says_what_the_saved_file_says(name: str, models_dir: Path, tmp_path_factory):
    """Flags, weights and names, in any order, undone, done again, saved between."""

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def check(data: Any) -> None:
        world = World(models_dir / name, tmp_path_factory.mktemp("world"))
        for number in range(data.draw(st.integers(1, 10))):
            world.act(data, number)
        world.save()
        while world.document.undo():
            pass
        assert not any(w.replaced for layer in world.document.model.layers for w in layer.weights)
        world.save()

    check()

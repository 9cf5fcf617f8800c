"""Saves of each kind, on small files: what is killed at random moments, and measured."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from unit.saving.hand_made import write_model

from kerastui import Document, open_model
from kerastui.edits import Rename, SetWeight
from kerastui.model import ArraySource

Edited = Callable[[Path], Document]
"""Opens the file and changes the document."""
SAMPLES = Path(__file__).parents[3] / "sample_models"


def _flags_in_hdf5(folder: Path) -> tuple[Path, Edited]:
    return write_model(folder / "model.h5", [700, 700, 10]), _frozen


def _names_in_hdf5(folder: Path) -> tuple[Path, Edited]:
    path = folder / "model.h5"
    shutil.copyfile(SAMPLES / "two_outputs.h5", path)
    return path, _renamed


def _flags_in_an_archive(folder: Path) -> tuple[Path, Edited]:
    path = folder / "model.keras"
    shutil.copyfile(SAMPLES / "digits_cnn.keras", path)
    return path, _frozen


def _values_in_an_archive(folder: Path) -> tuple[Path, Edited]:
    path = folder / "model.keras"
    shutil.copyfile(SAMPLES / "digits_cnn.keras", path)

    def edited(path: Path) -> Document:
        document = Document(open_model(path))
        layer = next(layer for layer in document.model.layers if layer.weights)
        weight = layer.weights[0]
        values = folder / "values.npy"
        if not values.exists():
            np.save(values, np.full(weight.shape, 0.5, "float32"))
        source = ArraySource(str(values), "", weight.shape, "float32", "file")
        document.apply(SetWeight(layer.path, weight.name, source))
        return document

    return path, edited


def _frozen(path: Path) -> Document:
    document = Document(open_model(path))
    document.set_trainable(
        [i for i, layer in enumerate(document.model.layers) if layer.weights], False
    )
    return document


def _renamed(path: Path) -> Document:
    document = Document(open_model(path))
    layers = [layer.path for layer in document.model.layers if layer.weights]
    document.apply(Rename(tuple((name, f"named_{i}") for i, name in enumerate(layers))))
    return document


KINDS: dict[str, Callable[[Path], tuple[Path, Edited]]] = {
    "flags in HDF5": _flags_in_hdf5,
    "names in HDF5": _names_in_hdf5,
    "flags in an archive": _flags_in_an_archive,
    "values in an archive": _values_in_an_archive,
}

"""Reading back what a conversion wrote, and comparing it with the source, weight by weight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py

from ..errors import KerastuiError, SaveFailed
from ..files import open_model
from ..files.guards import open_hdf5, open_inner_hdf5
from ..model import Model, safe_text
from .arrays import same
from .source import Source
from .state import Slot
from .target import Target
from .weights import Moved, value_of

_h5py: Any = h5py  # it has no type information


def check_archive(
    path: Path, source: Source, target: Target, slots: Sequence[Slot], form: str
) -> Model:
    """Return the description of a written archive or ``.weights.h5``. Raises SaveFailed."""
    found = _read(path)
    places = [(moved, f"/{target.archive_path(moved)}") for moved in target.moved]
    if form == "keras":
        _compare(found, target)
        with open_inner_hdf5(path) as file:
            _check_arrays(file, source, places)
            _check_slots(file, source, [(s, f"/optimizer/vars/{i}") for i, s in enumerate(slots)])
    else:
        with open_hdf5(path) as file:
            _check_arrays(file, source, places)
    return found


def check_legacy(
    path: Path, source: Source, target: Target, slots: Sequence[Slot], form: str
) -> Model:
    """Return the description of a written legacy HDF5 file. Raises SaveFailed."""
    found = _read(path)
    prefix = "/model_weights" if form == "hdf5" else ""
    places: list[tuple[Moved, str]] = []
    for index, layer in enumerate(target.model.layers):
        for position, weight in enumerate(layer.weights):
            where = prefix + weight.dataset.removeprefix("/model_weights")
            places.append((target.moved_at(index, position), where))
    if form == "hdf5":
        _compare(found, target)
    with open_hdf5(path) as file:
        _check_arrays(file, source, places)
        if form == "hdf5":
            _check_slots(file, source, [(s, f"/optimizer_weights/{s.name}") for s in slots])
    return found


def _read(path: Path) -> Model:
    try:
        return open_model(path)
    except KerastuiError as error:
        raise SaveFailed(f"What was written cannot be read back ({error}).") from error


def _compare(found: Model, target: Target) -> None:
    """Compare layers, classes, flags, what feeds them, and the weights they own."""
    meant = target.model
    if len(found.layers) != len(meant.layers):
        raise _differs("the number of layers")
    for new, old in zip(found.layers, meant.layers, strict=True):
        for part in ("path", "class_name", "kind", "trainable", "inbound", "config"):
            if getattr(new, part) != getattr(old, part):
                raise _differs(f"{part} of the layer {safe_text(old.path)}")
        if sorted(w.shape for w in new.weights) != sorted(w.shape for w in old.weights):
            raise _differs(f"the weights of the layer {safe_text(old.path)}")


def _check_arrays(file: Any, source: Source, places: Sequence[tuple[Moved, str]]) -> None:
    for moved, path in places:
        if moved.step is None:
            meant = source.array(moved.origin[0].dataset)
        else:
            meant = value_of(source, moved)
        if not same(meant, file[path]):
            raise _differs(f"the weight {safe_text(path)}")


def _check_slots(file: Any, source: Source, places: Sequence[tuple[Slot, str]]) -> None:
    for slot, path in places:
        if slot.origin and not same(source.array(slot.origin), file[path]):
            raise _differs(f"the optimizer's {safe_text(slot.name)}")


def _differs(what: str) -> SaveFailed:
    return SaveFailed(f"What was written is not what was meant: {what} differs; it was removed.")

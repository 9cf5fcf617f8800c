"""Writing the converted model: arrays in pieces, groups and attributes as Keras makes them."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ..files.archive import CONFIG, METADATA, WEIGHTS
from ..files.attributes import HEADER_LIMIT
from ..model import Model
from ..saving.loaders import Loader, part_of, stored_order
from .arrays import copy, create
from .source import Source
from .state import Slot
from .target import Target
from .weights import Moved, value_of

_h5py: Any = h5py  # it has no type information
_PIECE = 1 << 20
_TWICE = "SpectralNormalization"
"""The wrapper whose group in an archive has the wrapped layer's kernel a second time, as 0."""
VERSION = "3.15.1"
"""The Keras whose dialect is written, where the file does not come from a Keras 3 itself."""
TF_VERSION = "2.21.0"
Progress = Callable[[int], None]


def keras_version(model: Model, dialect: str) -> str:
    """Return the version to state: the file's own if it is of the era that is written."""
    if dialect == "tf_keras":
        return TF_VERSION
    return model.keras_version if model.keras_version.startswith("3.") else VERSION


def put_weight(source: Source, moved: Moved, group: Any, name: str) -> None:
    """Write one weight as the dataset `name` of `group`."""
    if moved.step is None:
        copy(source.array(moved.origin[0].dataset), group, name)
        return
    value = value_of(source, moved)
    create(group, name, value.shape, value.dtype)[...] = value


def put_slot(source: Source, slot: Slot, group: Any, name: str) -> None:
    """Write one array of the optimizer's state."""
    if slot.origin:
        copy(source.array(slot.origin), group, name)
        return
    fill = np.asarray(slot.start, dtype=slot.dtype)
    group.create_dataset(name, shape=slot.shape, dtype=fill.dtype, fillvalue=fill[()])


def write_keras3_weights(file: Any, source: Source, target: Target, slots: Sequence[Slot]) -> None:
    """Write the HDF5 file of a ``.keras`` archive (also a ``.weights.h5``)."""
    file.require_group("vars").attrs["name"] = target.tree.top.name
    for index in range(len(target.tree.nodes)):
        if path := target.groups.get(index):
            group = file.require_group(f"{path}/vars")
            if "name" not in group.attrs:
                group.attrs["name"] = target.tree.nodes[index].name
    for moved in target.moved:
        folder, _, name = target.archive_path(moved).rpartition("/")
        put_weight(source, moved, file.require_group(folder), name)
        above = target.tree.nodes[moved.node].parent
        if above >= 0 and target.tree.nodes[above].base == _TWICE and name == "0":
            put_weight(source, moved, file.require_group(f"{target.groups[above]}/vars"), name)
    for number, slot in enumerate(slots):
        put_slot(source, slot, file.require_group("optimizer/vars"), str(number))


def write_archive(descriptor: int, config: dict[str, Any], version: str, weights: Path) -> None:
    """Write a ``.keras`` archive around the finished HDF5 file `weights`."""
    now = time.localtime()
    metadata = {"keras_version": version, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S", now)}
    with (
        io.FileIO(os.dup(descriptor), "w") as raw,
        zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive,
    ):
        for name, value in ((METADATA, metadata), (CONFIG, config)):
            archive.writestr(zipfile.ZipInfo(name, now[:6]), json.dumps(value))
        entry = zipfile.ZipInfo(WEIGHTS, now[:6])
        entry.file_size = weights.stat().st_size
        with weights.open("rb") as data, archive.open(entry, "w") as member:
            while piece := data.read(_PIECE):
                member.write(piece)


def write_legacy_weights(group: Any, source: Source, target: Target, loader: Loader) -> None:
    """Write the groups of ``model_weights`` (or the root of a weights-only file)."""
    names: list[str] = []
    for index in target.model.children(-1):
        name = target.model.layers[index].name
        names.append(name)
        folder = group.create_group(name)
        order = stored_order(part_of(target.model, index), loader)
        for variable in order:
            moved = target.moved_at(variable.layer, variable.position)
            put_weight(source, moved, folder, variable.weight.stored_name)
        put_names(folder, "weight_names", [v.weight.stored_name for v in order])
    put_names(group, "layer_names", names)
    put_names(group.create_group("top_level_model_weights"), "weight_names", [])


def write_slots(file: Any, source: Source, slots: Sequence[Slot]) -> None:
    """Write ``optimizer_weights``."""
    if not slots:
        return
    group = file.create_group("optimizer_weights")
    for slot in slots:
        put_slot(source, slot, group, slot.name)
    put_names(group, "weight_names", [slot.name for slot in slots])


def put_names(group: Any, name: str, names: Sequence[str]) -> None:
    """Write a list of names as Keras does: in chunks above 64 KiB.

    Source: ``save_attributes_to_hdf5_group`` in `keras/src/legacy/saving/legacy_h5_format.py`.
    """
    raw = np.asarray([n.encode("utf-8", "surrogateescape") for n in names])
    count = 1
    chunks = [raw]
    while any(chunk.nbytes > HEADER_LIMIT for chunk in chunks):
        count += 1
        chunks = np.array_split(raw, count)
    if count == 1:
        group.attrs[name] = raw
        return
    for number, chunk in enumerate(chunks):
        group.attrs[f"{name}{number}"] = chunk


def open_new(path: Path) -> Any:
    """Open a fresh HDF5 file for writing, over an empty draft."""
    return _h5py.File(path, "w", locking=False)

"""Small model files made by hand with h5py and zipfile, also ones that Keras would not write."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Json = Any


def dense(name: str, feeds: str | None = None, units: int = 2, **settings: Any) -> dict[str, Any]:
    """An entry of a Dense layer; with `feeds` as in a Functional model."""
    config = {"name": name, "trainable": True, "units": units, "use_bias": True} | settings
    entry: dict[str, Any] = {"class_name": "Dense", "config": config}
    if feeds is not None:
        entry |= {"name": name, "inbound_nodes": [[[feeds, 0, 0, {}]]]}
    return entry


def input_layer(name: str = "in", size: int = 2) -> dict[str, Any]:
    config = {"name": name, "batch_input_shape": [None, size], "dtype": "float32"}
    return {"class_name": "InputLayer", "config": config, "name": name, "inbound_nodes": []}


def sequential(layers: Sequence[Json], name: str = "model", **more: Any) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers), **more}}


def weights_of(layers: Sequence[Json], size: int = 2) -> dict[str, dict[str, tuple[int, ...]]]:
    """Kernel and bias for each Dense layer in `layers`."""
    return {
        entry["config"]["name"]: {
            f"{entry['config']['name']}/kernel:0": (size, entry["config"]["units"]),
            f"{entry['config']['name']}/bias:0": (entry["config"]["units"],),
        }
        for entry in layers
        if entry["class_name"] == "Dense"
    }


def write_legacy(
    path: Path,
    config: Json,
    weights: Mapping[str, Mapping[str, tuple[int, ...]]] | None = None,
    **options: Any,
) -> Path:
    """Write a legacy full model; `config` may be text or bytes to be stored as they are."""
    with h5py.File(path, "w", **options) as file:
        text = config if isinstance(config, (str, bytes)) else json.dumps(config)
        file.attrs["model_config"] = np.bytes_(text) if isinstance(text, bytes) else text
        file.attrs["keras_version"] = "2.11.0"
        file.attrs["backend"] = "tensorflow"
        if weights is not None:
            fill(file.create_group("model_weights"), weights)
    return path


def fill(group: Any, weights: Mapping[str, Mapping[str, tuple[int, ...]]]) -> None:
    group.attrs["layer_names"] = np.array([name.encode() for name in weights])
    for name, arrays in weights.items():
        inner = group.create_group(name)
        inner.attrs["weight_names"] = np.array([w.encode() for w in arrays])
        for weight, shape in arrays.items():
            inner.create_dataset(weight, data=np.ones(shape, "float32"))


def plain_model(path: Path, count: int = 2) -> Path:
    """A Sequential of Dense layers ``d0``, ``d1`` …"""
    layers = [dense(f"d{i}") for i in range(count)]
    return write_legacy(path, sequential([input_layer(), *layers]), weights_of(layers))


def inner_weights(groups: Mapping[str, Sequence[tuple[int, ...]]]) -> bytes:
    """The bytes of a Keras 3 weights file: group path → shapes of its variables."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.create_group("vars")
        for path, shapes in groups.items():
            variables = file.create_group(f"{path}/vars")
            for i, shape in enumerate(shapes):
                variables[str(i)] = np.ones(shape, "float32")
    return buffer.getvalue()


def archive_members(count: int = 2) -> dict[str, bytes]:
    """The members of a Keras 3 archive with Dense layers."""
    layers = [
        {"module": "keras.layers", "registered_name": None, **dense(f"d{i}")} for i in range(count)
    ]
    names = ["layers/dense" + (f"_{i}" if i else "") for i in range(count)]
    return {
        "metadata.json": json.dumps({"keras_version": "3.9.0"}).encode(),
        "config.json": json.dumps({"module": "keras", **sequential(layers)}).encode(),
        "model.weights.h5": inner_weights({n: [(2, 2), (2,)] for n in names}),
    }


def write_archive(
    path: Path, members: Mapping[str, bytes] | None = None, method: int = zipfile.ZIP_STORED
) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in (members or archive_members()).items():
            archive.writestr(name, data)
    return path

"""Write big legacy HDF5 models without Keras, in seconds: for benchmarks and tests.

A chain of Conv2D, BatchNormalization and Activation blocks as Keras 2 wrote it, any number
of layers long, with weights of any size. Keras 3 and tf_keras load it. The nested variant
refers to the nested model's node 0 as Keras 3 does, so only Keras 3 loads that one (tf_keras
counts from 1).

    python benchmarks/generate.py big.h5 --layers 2000 --filters 8
"""

from __future__ import annotations

import argparse
import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np

Fill = Literal["random", "sparse", "zeros"]
"""``random``: incompressible bytes on disk; ``sparse``: space is reserved but not written (a
hole in the file); ``zeros``: HDF5's fill value, without any storage."""

CHUNK = 64_512
"""Keras splits attributes that are larger than HDF5's object header allows."""

_BLOCK = ("Conv2D", "BatchNormalization", "Activation")


@dataclass(frozen=True)
class Spec:
    """What to generate."""

    layers: int = 125
    """Number of layers, those of a nested model included."""
    filters: int = 8
    """Filters of every convolution: each kernel is (3, 3, filters, filters) float32."""
    nested: bool = False
    """Put the chain into a nested model ``base``, below a head of two layers."""
    fill: Fill = "random"


def filters_for(nbytes: int, layers: int) -> int:
    """Return the number of filters that makes a model of `layers` about `nbytes` large."""
    convolutions = max(1, (layers - 3) // 3)
    return max(1, math.isqrt(nbytes // (convolutions * 9 * 4)))


def write_model(path: Path | str, spec: Spec) -> list[str]:
    """Write the model to `path`; return its layer paths, in the model's order."""
    with h5py.File(path, "w") as file:
        names = _write_model(file, spec)
        file.flush()
    return names


def _write_model(file: h5py.File, spec: Spec) -> list[str]:
    inner = 3 if spec.nested else 0  # head of the nested variant: input, base, classifier
    chain = _chain(spec, max(2, spec.layers - inner))
    if not spec.nested:
        config, groups = _functional("chain", chain), [(e["name"], [e]) for e in chain]
        paths = [entry["name"] for entry in chain]
    else:
        base = {"class_name": "Functional", "config": _functional("base", chain), "name": "base"}
        base["inbound_nodes"] = [[["image_in", 0, 0, {}]]]
        head = [_input("image_in", spec), base, _dense("classifier", "base", spec)]
        config = _functional("transfer", head)
        groups = [("image_in", []), ("base", chain), ("classifier", [head[2]])]
        paths = ["image_in", "base", *(f"base/{e['name']}" for e in chain), "classifier"]
    file.attrs["keras_version"] = b"2.15.0"
    file.attrs["backend"] = b"tensorflow"
    model_config = {"class_name": "Functional", "config": config}
    file.attrs["model_config"] = json.dumps(model_config).encode()
    file.attrs["training_config"] = json.dumps(_TRAINING).encode()
    _write_weights(file.create_group("model_weights"), groups, spec)
    return paths


_TRAINING = {
    "loss": "categorical_crossentropy",
    "metrics": ["accuracy"],
    "weighted_metrics": None,
    "loss_weights": None,
    "optimizer_config": {"class_name": "Adam", "config": {"name": "Adam", "learning_rate": 0.001}},
}


def _chain(spec: Spec, count: int) -> list[dict[str, Any]]:
    """Return `count` layer entries: input, blocks of three, pooling (and a classifier)."""
    entries = [_input("image", spec)]
    tail = ["GlobalAveragePooling2D"] if spec.nested else ["GlobalAveragePooling2D", "Dense"]
    while len(entries) < count - len(tail):
        position = len(entries) - 1
        entries.append(_block_layer(_BLOCK[position % 3], position // 3, entries[-1], spec))
    pool = {"name": "pool", "trainable": True, "dtype": "float32", "keepdims": False}
    pool["data_format"] = "channels_last"
    entries.append(_entry("GlobalAveragePooling2D", pool, entries[-1]["name"]))
    if not spec.nested:
        entries.append(_dense("classifier", "pool", spec))
    return entries


def _input(name: str, spec: Spec) -> dict[str, Any]:
    shape = [None, 8, 8, spec.filters]
    config = {"batch_input_shape": shape, "dtype": "float32", "sparse": False, "name": name}
    return _entry("InputLayer", config, None)


def _block_layer(kind: str, block: int, before: dict[str, Any], spec: Spec) -> dict[str, Any]:
    names = {"Conv2D": "conv", "BatchNormalization": "bn", "Activation": "relu"}
    config: dict[str, Any] = {"name": f"block{block + 1}_{names[kind]}", "trainable": True}
    config["dtype"] = "float32"
    if kind == "Conv2D":
        config |= {
            "filters": spec.filters, "kernel_size": [3, 3], "strides": [1, 1],
            "padding": "same", "data_format": "channels_last", "dilation_rate": [1, 1],
            "groups": 1, "activation": "linear", "use_bias": True,
            "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
            "bias_initializer": {"class_name": "Zeros", "config": {}},
            "kernel_regularizer": None, "bias_regularizer": None,
            "activity_regularizer": None, "kernel_constraint": None, "bias_constraint": None,
        }  # fmt: skip
    elif kind == "BatchNormalization":
        config |= {"axis": [3], "momentum": 0.99, "epsilon": 0.001, "center": True, "scale": True}
    else:
        config["activation"] = "relu"
    return _entry(kind, config, before["name"])


def _dense(name: str, before: str, spec: Spec) -> dict[str, Any]:
    config = {"name": name, "trainable": True, "dtype": "float32", "units": 10}
    config |= {"activation": "softmax", "use_bias": True, "inputs": spec.filters}
    entry = _entry("Dense", config, before)
    entry["config"].pop("inputs")
    return entry


def _entry(class_name: str, config: dict[str, Any], before: str | None) -> dict[str, Any]:
    nodes = [] if before is None else [[[before, 0, 0, {}]]]
    name = config["name"]
    return {"class_name": class_name, "config": config, "name": name, "inbound_nodes": nodes}


def _functional(name: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "trainable": True,
        "layers": entries,
        "input_layers": [[entries[0]["name"], 0, 0]],
        "output_layers": [[entries[-1]["name"], 0, 0]],
    }


def _weights(entry: dict[str, Any], spec: Spec) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield (name, shape) of a layer's weights, in Keras's order."""
    name, filters = entry["name"], spec.filters
    match entry["class_name"]:
        case "Conv2D":
            yield f"{name}/kernel:0", (3, 3, filters, filters)
            yield f"{name}/bias:0", (filters,)
        case "BatchNormalization":
            for part in ("gamma", "beta", "moving_mean", "moving_variance"):
                yield f"{name}/{part}:0", (filters,)
        case "Dense":
            yield f"{name}/kernel:0", (filters, 10)
            yield f"{name}/bias:0", (10,)
        case _:
            pass


def _write_weights(
    top: h5py.Group, groups: list[tuple[str, list[dict[str, Any]]]], spec: Spec
) -> None:
    """Write a group for each layer at the top; one that nests others holds all their weights."""
    save_attribute(top, "layer_names", [name for name, _ in groups])
    top.attrs["backend"] = b"tensorflow"
    top.attrs["keras_version"] = b"2.15.0"
    rng = np.random.default_rng(1)
    for name, entries in groups:
        group = top.create_group(name)
        trainable: list[str] = []
        moving: list[str] = []
        for entry in entries:
            for weight, shape in _weights(entry, spec):
                (moving if "moving_" in weight else trainable).append(weight)
                _write_dataset(group, weight, shape, spec.fill, rng)
        # Within one group Keras puts what is trained first.
        save_attribute(group, "weight_names", trainable + moving)


def _write_dataset(
    group: h5py.Group, name: str, shape: tuple[int, ...], fill: Fill, rng: np.random.Generator
) -> None:
    if fill == "random":
        count = math.prod(shape)
        values = rng.integers(0, 1 << 32, count, dtype=np.uint32)
        # Random mantissas below an exponent of 1/64 … 1/32: finite, small, incompressible.
        kept = np.uint32(0x007FFFFF if "variance" in name else 0x807FFFFF)
        group[name] = ((values & kept) | np.uint32(0x3C800000)).view(np.float32).reshape(shape)
        return
    if fill == "zeros":
        group.create_dataset(name, shape, dtype="<f4")
        return
    layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    links = h5py.h5p.create(h5py.h5p.LINK_CREATE)
    links.set_create_intermediate_group(True)
    space = h5py.h5s.create_simple(shape)
    h5py.h5d.create(group.id, name.encode(), h5py.h5t.IEEE_F32LE, space, dcpl=layout, lcpl=links)


def save_attribute(group: h5py.Group, name: str, values: list[str]) -> None:
    """Write a list of strings as Keras does: in numbered pieces when it is too large."""
    encoded = [value.encode() for value in values]
    if not encoded:
        group.attrs[name] = np.array([], dtype="S1")
        return
    width = max(len(value) for value in encoded)
    pieces = max(1, math.ceil(len(encoded) * width / CHUNK))
    if pieces == 1:
        group.attrs[name] = np.array(encoded)
        return
    for number, piece in enumerate(np.array_split(np.array(encoded), pieces)):
        group.attrs[f"{name}{number}"] = piece


def write_huge(path: Path) -> None:
    """Write 50,000 × 20,000 numbers in compressed chunks, the same bytes in each: in a second."""
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset(
            "a/kernel", (50_000, 20_000), "f4", chunks=(500, 500), compression="gzip"
        )
        dataset[:500, :500] = np.random.default_rng(1).standard_normal((500, 500), "f4")
        packed = dataset.id.read_direct_chunk((0, 0))[1]
        for row in range(0, 50_000, 500):
            for column in range(0, 20_000, 500):
                dataset.id.write_direct_chunk((row, column), packed)
    os.sync()  # or the disk would be busy with it while steps are measured


def main() -> None:
    """Write one model from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--layers", type=int, default=125)
    parser.add_argument("--filters", type=int, default=8)
    parser.add_argument("--nested", action="store_true")
    parser.add_argument("--fill", choices=("random", "sparse", "zeros"), default="random")
    given = parser.parse_args()
    write_model(given.path, Spec(given.layers, given.filters, given.nested, given.fill))
    print(f"{given.path}: {given.path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

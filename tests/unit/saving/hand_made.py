"""Legacy HDF5 models written by hand, as Keras lays them out, of any size and oddity."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np


def dense_config(name: str, units: int, **more: Any) -> dict[str, Any]:
    config = {"name": name, "trainable": True, "dtype": "float32", "units": units,
              "activation": "linear", "use_bias": True, **more}  # fmt: skip
    return {"class_name": "Dense", "config": config}


def sequential(layers: list[dict[str, Any]], name: str = "sequential") -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": name, "layers": layers}}


def write_model(path: Path, widths: list[int], **options: Any) -> Path:
    """Write a Sequential of Dense layers; `widths` are input and units of each.

    `config` gives another model_config, `kind` how texts are stored (``variable``, ``fixed``),
    `libver` the file format, `more` a function that adds what it likes to the open file.
    """
    layers = [dense_config(f"dense_{i}", n) for i, n in enumerate(widths[1:])]
    layers[0]["config"]["batch_input_shape"] = [None, widths[0]]
    text = options.get("config") or json.dumps(sequential(layers))
    with h5py.File(path, "w", libver=options.get("libver")) as file:
        put_text(file, "keras_version", "2.4.0", options.get("kind", "variable"))
        put_text(file, "backend", "tensorflow", options.get("kind", "variable"))
        put_text(file, "model_config", text, options.get("kind", "variable"))
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [f"dense_{i}".encode() for i in range(len(widths) - 1)]
        group.attrs["backend"] = b"tensorflow"
        group.attrs["keras_version"] = b"2.4.0"
        draw = np.random.default_rng(0)
        for i, (before, units) in enumerate(pairwise(widths)):
            inner = group.create_group(f"dense_{i}")
            names = [f"dense_{i}/kernel:0", f"dense_{i}/bias:0"]
            inner.attrs["weight_names"] = [name.encode() for name in names]
            inner.create_dataset(names[0], data=draw.random((before, units), dtype="float32"))
            inner.create_dataset(names[1], data=np.zeros(units, "float32"))
        if "more" in options:
            options["more"](file)
    return path


def put_text(file: h5py.File, name: str, text: str, kind: str) -> None:
    raw = text.encode()
    if kind == "fixed":
        file.attrs.create(name, np.bytes_(raw))
    elif kind == "fixed, room to spare":
        file.attrs.create(name, np.array(raw, dtype=f"S{len(raw) + 9}"))
    elif kind == "str":
        file.attrs[name] = text
    elif kind == "one-element array":
        file.attrs.create(name, [text], dtype=h5py.string_dtype())
    else:
        file.attrs[name] = raw

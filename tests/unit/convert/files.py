"""What conversions are tested on, and how two results are compared."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py


def contents(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an archive's configuration, and all that is in its HDF5 file, to the bit."""
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
        inner = archive.read("model.weights.h5")
    found: dict[str, Any] = {}

    def visit(name: str, thing: Any) -> None:
        if isinstance(thing, h5py.Dataset):
            found[name] = (thing.dtype, thing.shape, thing[()].tobytes())
        else:
            found[name] = dict(thing.attrs)

    with h5py.File(io.BytesIO(inner)) as file:
        file.visititems(visit)
    return config, found


def long_losses(config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration in which losses have the names that survive HDF5."""
    text = json.dumps(config["compile_config"].get("loss"))
    loss = json.loads(text.replace('"mse"', '"mean_squared_error"'))
    return {**config, "compile_config": {**config["compile_config"], "loss": loss}}

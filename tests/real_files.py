"""The real model files and what Keras says of unknown names in them."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import h5py

# What either Keras says when it meets a name that it does not know.
UNKNOWN = re.compile(
    r"Unknown [\w ]+: ?'?(?P<a>[^'\n]+?)'?(?:\.| cannot| Please|$)"
    r"|Unknown activation function '(?P<f>[^']+)'"
    r"|Could not locate (?:class|function) '(?P<b>[^']+)'"
    r"|Could not interpret [\w ]*identifier: (?P<c>[^\n]+)"
    r"|Could not deserialize class '(?P<d>[^']+)' because its parent module"
    r"|Cannot deserialize object of type `(?P<e>[^`]+)`"
)


def config_of(path: Path) -> tuple[Any, Any]:
    """Return the parsed model and training configuration (None where the file has none)."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json")), None
    with h5py.File(path) as file:
        texts = [file.attrs.get(key) for key in ("model_config", "training_config")]
    model, training = (
        None if t is None else json.loads(t.decode() if isinstance(t, bytes) else t) for t in texts
    )
    return model, training


def unknown_name(error: BaseException) -> str:
    """Return the name that an error of Keras calls unknown (or its dictionary), or ``""``."""
    found = UNKNOWN.search(str(error))
    name = next((g for g in found.groups() if g), "") if found else ""
    return str(error)[found.start() :][:1000] if found and name.startswith("{") else name


def full_models(folder: Path) -> list[Path]:
    """Return the files that hold a whole model, oldest Keras first."""
    rows = json.loads((folder / "models.json").read_text("utf-8"))
    return [folder / row["file"] for row in rows if row["kind"] == "full"]

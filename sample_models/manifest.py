"""Rows of models.json: what Keras itself says is in each sample file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, TypedDict

import keras


class LayerRow(TypedDict):
    """A layer as Keras has it; the inner layers of wrappers have no row."""

    path: str
    class_name: str
    trainable: bool
    parameters: int


class Row(TypedDict):
    """One file of the manifest. `format` uses the words of `kerastui.model.Format`."""

    file: str
    format: str
    origin: str
    keras_version: str
    model: dict[str, str]
    custom_objects: dict[str, str]
    accuracy: float
    parameters: dict[str, int]
    layers: list[LayerRow]
    size: int
    sha256: str


def describe_model(
    model: Any, path: Path, kind: str, score: float, origin: str, custom: dict[str, str]
) -> Row:
    """Return the row of `path`, into which `model` has just been written."""
    content = path.read_bytes()
    total = model.count_params()
    trainable = sum(int(v.value.numpy().size) for v in model.trainable_variables)
    return {
        "file": path.relative_to(Path(__file__).resolve().parent).as_posix(),
        "format": kind,
        "origin": origin,
        "keras_version": keras.__version__,
        "model": {"name": model.name, "class_name": type(model).__name__},
        "custom_objects": custom,
        "accuracy": round(score, 4),
        "parameters": {"total": total, "trainable": trainable, "frozen": total - trainable},
        "layers": _layers(model, ""),
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _layers(model: Any, prefix: str) -> list[LayerRow]:
    rows: list[LayerRow] = []
    inputs = [] if not isinstance(model, keras.Sequential) else model._layers[:1]
    for layer in [*inputs, *model.layers]:  # Sequential.layers leaves its InputLayer out
        rows.append(
            {
                "path": prefix + layer.name,
                "class_name": type(layer).__name__,
                "trainable": bool(layer.trainable),
                "parameters": int(layer.count_params()),
            }
        )
        if isinstance(layer, keras.Model):
            rows += _layers(layer, prefix + layer.name + "/")
    return rows


def write_manifest(folder: Path, rows: list[Row]) -> None:
    """Write `rows` as models.json into `folder`."""
    text = json.dumps(rows, indent=1, ensure_ascii=False) + "\n"
    (folder / "models.json").write_text(text, encoding="utf-8")

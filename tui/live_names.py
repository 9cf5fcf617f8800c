"""What a layer is called here, and in the live model.

Keras keeps the names that a model was loaded with; renames are edits of the file. Both list
the same layers in the same order, so that places tell which is which.
"""

from __future__ import annotations

from kerastui.model import Model


def live_path(model: Model, loaded: Model | None, path: str) -> str:
    """Return what the live model calls the layer at `path` of the description `model`."""
    return _translated(model, loaded, path)


def path_here(model: Model, loaded: Model | None, path: str) -> str:
    """Return where `model` has the layer that the live model calls `path`."""
    return path if loaded is None else _translated(loaded, model, path)


def live_flags(model: Model, loaded: Model | None) -> dict[str, bool]:
    """Return the effective flags of `model` by what the live model calls the layers."""
    names = model if loaded is None or len(loaded.layers) != len(model.layers) else loaded
    flags = {"": model.trainable}
    flags.update(zip((layer.path for layer in names.layers), model.effective, strict=True))
    return flags


def _translated(one: Model, other: Model | None, path: str) -> str:
    if other is None or other is one or len(other.layers) != len(one.layers):
        return path
    index = one.index.get(path)
    return path if index is None else other.layers[index].path

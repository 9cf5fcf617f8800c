"""Reading back what was written, and comparing it with what was meant."""

from __future__ import annotations

import os
from dataclasses import replace

from ..errors import KerastuiError, SaveFailed
from ..files import open_model
from ..model import Compile, Layer, Model, Weight, safe_text


def verify(path: str | os.PathLike[str], meant: Model) -> Model:
    """Return the description of the file at `path`, which says the same as `meant`.

    Compared are names, classes, flags, configurations, the weights' names, shapes, dtypes and
    places, and the compile section; arrays are not read (`values` does that). Raises
    SaveFailed on any difference.
    """
    try:
        found = open_model(path)
    except KerastuiError as error:
        raise SaveFailed(
            f"What was written cannot be read back ({error}); the old file is untouched."
        ) from error
    difference = compare(found, meant)
    if difference:
        raise SaveFailed(
            f"What was written is not what was meant: {difference} differs; "
            "the old file is untouched."
        )
    return found


def compare(found: Model, meant: Model) -> str:
    """Return what differs between two descriptions, "" if nothing does (files do not count)."""
    for part in ("format", "name", "class_name", "keras_version", "backend", "trainable"):
        if getattr(found, part) != getattr(meant, part):
            return f"the model's {part}"
    if _settings(found.compile) != _settings(meant.compile):
        return "the compile section"
    if len(found.layers) != len(meant.layers):
        return "the number of layers"
    for new, old in zip(found.layers, meant.layers, strict=True):
        difference = _compare_layers(new, old)
        if difference:
            return f"{difference} of the layer {safe_text(old.path)}"
    if {w.dataset for w in found.extra} != {w.dataset for w in meant.extra}:
        return "the weights that no layer owns"
    return ""


def _settings(compiled: Compile | None) -> Compile | None:
    """Return the section without whether there is state: a plan may drop the last slot."""
    return replace(compiled, has_optimizer_state=False) if compiled else None


def _compare_layers(found: Layer, meant: Layer) -> str:
    for part in ("path", "class_name", "kind", "trainable", "config_at", "calls", "outputs"):
        if getattr(found, part) != getattr(meant, part):
            return part
    if found.config != meant.config and not _only_the_flag(found, meant):
        return "configuration"
    # A custom layer's own order may follow its flag: see weight_order.
    weights = _declared(meant.weights)
    if found.weights != weights and set(found.weights) != set(weights):
        return "weights"
    return ""


def _declared(weights: tuple[Weight, ...]) -> tuple[Weight, ...]:
    """Return the weights without where their new values come from: it is not in the file."""
    return tuple(replace(w, replaced=None) if w.replaced is not None else w for w in weights)


def _only_the_flag(found: Layer, meant: Layer) -> bool:
    flag = {"trainable": meant.trainable}
    return {**found.config, **flag} == {**meant.config, **flag}

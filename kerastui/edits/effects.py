"""What a step does, wherever its layers are called: two steps can be compared by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from ..model import Layer, Model
from .compile_parts import effects_of

Effect = tuple[str | int, ...]
"""What is touched: a field of the model, or a layer's place and a field of it."""

_NOT_EDITED = frozenset({"file", "layers", "compile", "notes", "extra"})
_FOLLOWING = frozenset({"name", "input_layers", "output_layers", "trainable"})
"""Settings that are not looked at: names follow renames by themselves, and the flag is as it
was when the file was read; a layer has its name and its flag as fields."""


def effects(before: Model, after: Model) -> dict[Effect, object]:
    """Return what differs, and how it is in `after`.

    Layers are told by place, not by path, and what merely follows a rename (paths, references,
    names of outputs) does not count: so a step has the same effects whatever was renamed
    before it.
    """
    if before is after:
        return {}
    found: dict[Effect, object] = {
        (field.name,): new
        for field in fields(Model)
        if field.name not in _NOT_EDITED
        and (new := getattr(after, field.name)) != getattr(before, field.name)
    }
    if before.compile is not after.compile:
        found |= _compile_effects(before, after)
    for i, (old, new) in enumerate(zip(before.layers, after.layers, strict=False)):
        if old is not new:
            found.update(((i, *what), value) for what, value in _layer_effects(old, new))
    if len(before.layers) != len(after.layers):
        common = min(len(before.layers), len(after.layers))
        rest = after.layers[common:]
        found["layers", common] = tuple((layer.name, layer.class_name) for layer in rest)
    return found


def _layer_effects(old: Layer, new: Layer) -> Iterator[tuple[Effect, object]]:
    for name in ("name", "class_name", "trainable"):
        value = getattr(new, name)
        if value != getattr(old, name):
            yield (name,), value
    if old.config is not new.config:
        config = {k: v for k, v in new.config.items() if k not in _FOLLOWING}
        if config != {k: v for k, v in old.config.items() if k not in _FOLLOWING}:
            yield ("config",), config
    if old.weights is not new.weights:
        weights = [(w.shape, w.dtype, w.replaced) for w in new.weights]
        others = [(w.shape, w.dtype, w.replaced) for w in old.weights]
        for number, weight in enumerate(weights):
            if number >= len(others) or weight != others[number]:
                yield ("weight", number), weight
        if len(weights) < len(others):
            yield ("weights",), len(weights)


def _compile_effects(before: Model, after: Model) -> dict[Effect, object]:
    old = effects_of(before.compile, before.keras_version)
    new = effects_of(after.compile, after.keras_version)
    return {
        ("compile", *part): new.get(part)
        for part in old.keys() | new.keys()
        if old.get(part) != new.get(part)
    }

"""A description without the layers behind one of them; everything that counts them follows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate
from typing import Any

from ..errors import BadEdit
from ..model import Compile, Layer, Model, Shape, Weight, safe_text
from .class_paths import OLD_LAYERS, class_groups
from .graph import Level, levels
from .references import with_reference
from .rename import renamed_compile

Path = tuple[str | int, ...]


def layers_behind(model: Model, index: int) -> list[int]:
    """Return the layers, with all that is in them, that go when `index` becomes the last one.

    Raises BadEdit where it cannot be.
    """
    gone: set[int] = set()
    for level in levels(model, index):
        for i in level.removed:
            gone.update(range(i, model.layers[i].end))
    return sorted(gone)


def without_behind(model: Model, index: int) -> tuple[Model, list[int]]:
    """Return the description that ends at `index`, and which layers of `model` it has."""
    found = levels(model, index)
    gone = set(layers_behind(model, index))
    kept = [i for i in range(len(model.layers)) if i not in gone]
    # How many layers are left before each place: where an index moves to.
    before = list(accumulate((i not in gone for i in range(len(model.layers))), initial=0))
    places = _places(model, found)
    groups = _groups(model, found)
    outputs = {level.at: level for level in found if level.output is not None}
    ends = {level.container: level for level in found if level.output is not None}
    shapes = _shapes(model, found)
    layers: list[Layer] = []
    for i in kept:
        layer = model.layers[i]
        fresh: dict[str, Any] = {"end": before[layer.end]}
        if layer.parent >= 0:
            fresh["parent"] = before[layer.parent]
        fresh["config_at"] = _moved(layer.config_at, places)
        if layer.weights and groups:
            fresh["weights"] = _in_groups(layer, groups)
        if i in outputs:
            fresh["outputs"] = (outputs[i].output,)
        elif any(layer.parent == level.container for level in found):
            fresh["outputs"] = ()
        if i in ends:
            fresh["config"] = _ending(model, layer, ends[i])
        if i in shapes:
            fresh["output_shape"] = shapes[i]
        layers.append(layer.with_fields(**fresh))
    cut = replace(
        model, layers=tuple(layers), compile=with_output(model, model.layers[found[0].at].name)
    )
    return cut, kept


def output_name(model: Model, container: int = -1) -> str:
    """Return the name of the layer that gives the only output."""
    return model.layers[_output(model, container)].name


def _output(model: Model, container: int = -1) -> int:
    inside = list(model.children(container))
    return next((i for i in inside if model.layers[i].outputs), inside[-1])


def with_output(model: Model, name: str) -> Compile | None:
    """Return the compile section of a model whose only output will be called `name`."""
    if model.compile is None:
        return None
    return renamed_compile(model.compile, model, {_output(model): name})


def _shapes(model: Model, found: list[Level]) -> dict[int, Shape | None]:
    """Return the output shapes of the nested models that end otherwise.

    Where a nested model gives another shape than its last layer (it was called on another one
    than it was made with), none is certain.
    """
    shapes: dict[int, Shape | None] = {}
    for level in reversed(found):
        outer = level.container
        if outer >= 0 and (level.removed or level.at in shapes):
            was = model.layers[outer].output_shape
            last = model.layers[_output(model, outer)].output_shape
            now = shapes.get(level.at, model.layers[level.at].output_shape)
            shapes[outer] = now if was == last else None
    return shapes


def _places(model: Model, found: list[Level]) -> dict[Path, Path]:
    """Return where entries of the configuration move that stand behind removed ones."""
    moves: dict[Path, Path] = {}
    for level in found:
        gone = sorted(int(model.layers[i].config_at[-1]) for i in level.removed)
        removed = set(level.removed)
        for i in model.children(level.container):
            place = model.layers[i].config_at
            earlier = bisect_left(gone, int(place[-1]))
            if earlier and i not in removed:
                moves[place] = (*place[:-1], int(place[-1]) - earlier)
    return moves


def _moved(place: Path, moves: Mapping[Path, Path]) -> Path:
    if not moves:
        return place
    ends = (moves.get(place[:end], place[:end]) for end in range(1, len(place) + 1))
    return tuple(path[-1] for path in ends)


def _groups(model: Model, found: list[Level]) -> list[dict[str, str]]:
    """Return old → new paths of groups in an archive whose number changes, innermost first."""
    if model.format != "keras":
        return []
    moves: list[dict[str, str]] = []
    for level in reversed(found):
        gone = set(level.removed)
        if not any(
            i > min(gone) for i in model.children(level.container) if gone and i not in gone
        ):
            continue
        old, new = (class_groups(x, level.container) for x in (model, _only(model, level)))
        changed = {old[i]: new[i] for i in old if i not in gone and old[i] != new[i]}
        if any(f"/{OLD_LAYERS}/" in path for path in changed):
            raise BadEdit(
                "The archive counts its layers in the way of TensorFlow 2.13, and cutting would "
                f"change the number of {safe_text(next(iter(changed)), 100)}; save the model "
                "with a later Keras first."
            )
        if changed:
            moves.append(changed)
    return moves


def _only(model: Model, level: Level) -> Model:
    """Return the description with the removed layers of one level emptied, for counting."""
    gone = set(level.removed)
    layers = list(model.layers)
    for i in gone:
        layers[i] = layers[i].with_fields(class_name="kerastui>Removed")
    return replace(model, layers=tuple(layers))


def _in_groups(layer: Layer, groups: list[dict[str, str]]) -> tuple[Weight, ...]:
    weights = list(layer.weights)
    for moves in groups:
        weights = [replace(w, dataset=_regrouped(w.dataset, moves)) for w in weights]
    return tuple(weights)


def _regrouped(path: str, groups: Mapping[str, str]) -> str:
    for old, new in groups.items():
        if path.startswith(f"{old}/"):
            return new + path[len(old) :]
    return path


def _ending(model: Model, layer: Layer, level: Level) -> Mapping[str, Any]:
    """Return a nested model's settings with another output."""
    if "output_layers" not in layer.config or level.output is None:
        return layer.config
    names = {model.layers[i].name for i in model.children(level.container)}
    last = model.layers[level.at].name
    value = with_reference(layer.config["output_layers"], names, last, *level.output)
    return {**layer.config, "output_layers": value}

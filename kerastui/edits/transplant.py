"""Taking over weights from another model by matching names, as before fine-tuning.

A layer is looked for under its own path, then under its path below the chosen part (the other
file may hold just that part: a VGG16 that lies inside a bigger model here), then by its name
alone if only one layer with weights is called so there. Weights go by name within the layer,
or by place where names differ (eras name them differently) but classes do not.

Names that Keras made up differ from session to session (``dense_5``), and the same name may be
another layer's. Where they do not fit, all layers that have such names go by order, if what is
left over there is as many layers of the same classes and shapes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import BadEdit
from ..model import ArraySource, Layer, Model, Weight, safe_text
from .weights import SetWeight

State = Literal["match", "shape", "missing"]


@dataclass(frozen=True)
class Pair:
    """A weight here, and what was found for it there."""

    path: str
    """Of the layer here."""
    name: str
    """Of the weight here."""
    shape: tuple[int, ...]
    state: State
    other: str = ""
    """``layer/weight`` there; "" if there is none."""
    source: ArraySource | None = None
    """Where its values lie there; with ``match`` alone they fit."""

    @property
    def problem(self) -> str:
        """Why it does not fit, in a few words; "" if it does."""
        if self.state == "missing" or self.source is None:
            return "" if self.state == "match" else "not in the other file"
        here, there = self.shape, self.source.shape
        if self.state == "match":
            return ""
        if len(here) != len(there):
            return f"{len(there)} axes {there}, not {len(here)}"
        axis = next(i for i, (a, b) in enumerate(zip(here, there, strict=True)) if a != b)
        return f"axis {axis} is {there[axis]:,}, not {here[axis]:,}"


@dataclass(frozen=True)
class Transplant:
    """What another model has for a part of this one."""

    pairs: tuple[Pair, ...]
    """One for each weight here, in the model's order."""

    def of(self, state: State) -> tuple[Pair, ...]:
        """Return the pairs in a state."""
        return tuple(pair for pair in self.pairs if pair.state == state)

    @property
    def edits(self) -> tuple[SetWeight, ...]:
        """The edits that take over all that matches; together they are one step."""
        return tuple(SetWeight(p.path, p.name, p.source) for p in self.of("match"))


def match(model: Model, other: Model, indices: Iterable[int], root: str = "") -> Transplant:
    """Return what `other` has for the layers at `indices` of `model`.

    Args:
        model: what gets the weights.
        other: what has them, as read from its file.
        indices: the layers that may get weights.
        root: path of the part that was chosen, "" for the whole model.
    """
    found = _Layers(other)
    layers = [model.layers[i] for i in sorted(set(indices)) if model.layers[i].weights]
    twins = [found.like(layer, root) for layer in layers]
    made_up = [i for i, layer in enumerate(layers) if layer.auto_named]
    if any(not _alike(layers[i], twins[i]) for i in made_up):
        used = {id(twin) for layer, twin in zip(layers, twins, strict=True) if not layer.auto_named}
        left = [layer for layer in other.layers if layer.weights and id(layer) not in used]
        if len(left) == len(made_up) and all(map(_alike, [layers[i] for i in made_up], left)):
            for i, twin in zip(made_up, left, strict=True):
                twins[i] = twin
    pairs: list[Pair] = []
    for layer, twin in zip(layers, twins, strict=True):
        pairs += _matched(layer, twin, other)
    return Transplant(tuple(pairs))


def _alike(here: Layer, there: Layer | None) -> bool:
    """Whether two layers can be the same one under another name."""
    return (
        there is not None
        and (not there.class_name or here.class_name == there.class_name)
        and [w.shape for w in here.weights] == [w.shape for w in there.weights]
    )


class _Layers:
    """The layers with weights of a model, by path and by name."""

    def __init__(self, model: Model) -> None:
        self._by_path = {layer.path: layer for layer in model.layers if layer.weights}
        self._by_name: dict[str, list[Layer]] = defaultdict(list)
        for layer in self._by_path.values():
            self._by_name[layer.name].append(layer)

    def like(self, layer: Layer, root: str) -> Layer | None:
        """Return the one that a layer here corresponds to."""
        paths = [layer.path]
        if root and layer.path.startswith(root + "/"):
            paths.append(layer.path[len(root) + 1 :])
        for path in paths:
            if path in self._by_path:
                return self._by_path[path]
        named = self._by_name.get(layer.name, [])
        return named[0] if len(named) == 1 else None


def _matched(layer: Layer, there: Layer | None, other: Model) -> Iterator[Pair]:
    found = _weights(layer.weights, there, layer.class_name)
    for weight, twin in zip(layer.weights, found, strict=True):
        if twin is None or there is None:
            yield Pair(layer.path, weight.name, weight.shape, "missing")
            continue
        name = f"{there.path}/{twin.name}"
        file = other.file
        label = f"{Path(file.path).name}:{name}"
        stamp = (file.size, file.mtime_ns)
        source = ArraySource(file.path, twin.dataset, twin.shape, twin.dtype, label, stamp)
        state: State = "match" if twin.shape == weight.shape else "shape"
        yield Pair(layer.path, weight.name, weight.shape, state, name, source)


def _weights(
    here: Sequence[Weight], there: Layer | None, class_name: str
) -> Sequence[Weight | None]:
    """Return for each weight its twin in the other layer."""
    if there is None:
        return [None] * len(here)
    by_name = {weight.name: weight for weight in there.weights}
    found = [by_name.get(weight.name) for weight in here]
    alike = len(here) == len(there.weights) and class_name in (there.class_name, "")
    if not any(found) and (alike or not there.class_name) and len(here) == len(there.weights):
        return list(there.weights)
    return found


def require_matches(transplant: Transplant, file: str) -> None:
    """Raise BadEdit if nothing can be taken over."""
    if not transplant.of("match"):
        shapes = len(transplant.of("shape"))
        why = f"{shapes:,} differ in shape" if shapes else "no layer is called the same"
        raise BadEdit(
            f"{safe_text(file, 300)} has no weights for these layers ({why}); rename layers "
            "first, or set single weights."
        )

"""In which order Keras 3 and tf_keras list a model's weights, given its trainable flags.

Legacy HDF5 files hold, for each top-level layer, ``layer.trainable_weights`` and then
``layer.non_trainable_weights`` (`legacy_h5_format.py`, ``_legacy_weights``), and an
optimizer's slots follow ``model.trainable_variables``. What these lists are:

Keras 3 (`keras/src/layers/layer.py`): ``[v for v in self.weights if v.trainable]``, where
``self.weights`` is plain depth-first and a variable's flag is that of the layer that made it,
when it was made. A container's own flag that comes from a file empties its own list, but does
not reach the variables inside; a nested Sequential does not even take it from the file.

tf_keras (`engine/base_layer.py`, `engine/training.py`): each layer asks the ones inside; a
layer that is off lists nothing as trained. Models do not take their flag from the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from ..model import Layer, Model
from .arrange import Variable

Loader = Literal["keras3", "tf_keras"]
LOADERS: tuple[Loader, ...] = ("keras3", "tf_keras")

# Keras 3 makes the layers inside these without handing the flag on: frozen in the file, they
# are trained all the same wherever they lie inside another layer or model.
_DEAF_IN_KERAS3 = frozenset({"MultiHeadAttention", "GroupedQueryAttention", "GroupQueryAttention"})


@dataclass
class Part:
    """A layer as loaders see it: flag, own weights, what is inside, in order of tracking."""

    flag: bool
    takes_flag: dict[Loader, bool]
    trained: list[Variable] = field(default_factory=list[Variable])
    """Own weights that are trained when the layer is."""
    fixed: list[Variable] = field(default_factory=list[Variable])
    """Own weights that are never trained."""
    children: list[Part] = field(default_factory=list["Part"])
    deaf: bool = False
    """Keras 3 does not hand the flag on to the weights."""

    def is_on(self, loader: Loader) -> bool:
        """Return the flag after loading."""
        return self.flag or not self.takes_flag[loader]


def part_of(model: Model, index: int) -> Part:
    """Return layer `index` with all that is inside; -1 for the model itself."""
    parts: dict[int, Part] = {}
    if index < 0:
        parts[-1] = _model_part(model)
        span = range(len(model.layers))
    else:
        span = range(index, model.layers[index].end)
    for i in span:
        layer = model.layers[i]
        parts[i] = part = _layer_part(layer, i)
        if i != index:
            parts[layer.parent].children.append(part)
    return parts[index]


def _model_part(model: Model) -> Part:
    return Part(model.trainable, _takes(model.class_name, "model"))


def _takes(class_name: str, kind: str) -> dict[Loader, bool]:
    base = class_name.rpartition(">")[2]
    return {"keras3": base != "Sequential", "tf_keras": kind != "model"}


def _layer_part(layer: Layer, index: int) -> Part:
    part = Part(layer.trainable, _takes(layer.class_name, layer.kind))
    part.deaf = layer.class_name.rpartition(">")[2] in _DEAF_IN_KERAS3
    own = [Variable(index, i, weight) for i, weight in enumerate(layer.weights)]
    if layer.kind == "layer" and len({w.trainable for w in layer.weights}) == 2:
        _add_groups(part, own)
    else:
        _add(part, own)
    return part


def _add(part: Part, own: Iterable[Variable]) -> None:
    for variable in own:
        (part.trained if variable.weight.trainable else part.fixed).append(variable)


def _add_groups(part: Part, own: list[Variable]) -> None:
    """Divide the weights of one layer among the layers that it seems to contain, by names.

    A custom layer with a convolution and a batch normalization inside lists them one after
    the other when frozen, and moving statistics last when not.
    """
    segments = [variable.weight.name.split("/") for variable in own]
    if all(len(s) == 1 for s in segments):
        _add(part, own)
        return
    inner: dict[str, list[Variable]] = {}
    for variable, parts in zip(own, segments, strict=True):
        if len(parts) == 1:
            _add(part, [variable])
        else:
            inner.setdefault("/".join(parts[:-1]), []).append(variable)
    for group in inner.values():
        child = Part(True, part.takes_flag)
        _add(child, group)
        part.children.append(child)
    part.deaf = True


def plain(part: Part) -> Iterator[Variable]:
    """Yield all weights depth-first: the order of ``layer.weights`` in Keras 3."""
    stack = [part]
    while stack:
        top = stack.pop()
        yield from top.trained
        yield from top.fixed
        stack += reversed(top.children)


def stored_order(part: Part, loader: Loader) -> list[Variable]:
    """Return the order in which a legacy file must hold the weights of a top-level layer."""
    on, off = _split(part, loader)
    return on + off


def trained_order(part: Part, loader: Loader) -> list[Variable]:
    """Return ``trainable_variables``."""
    return _split(part, loader)[0]


def _split(part: Part, loader: Loader) -> tuple[list[Variable], list[Variable]]:
    if loader == "keras3":
        if not part.is_on("keras3"):
            return [], list(plain(part))
        on = _on_in_keras3(part)
        everything = list(plain(part))
        return (
            [v for v in everything if v.key in on],
            [v for v in everything if v.key not in on],
        )
    return _split_tf_keras(part)


def _on_in_keras3(part: Part) -> set[tuple[int, int]]:
    """Return the keys of the variables whose own flag is on."""
    on: set[tuple[int, int]] = set()
    stack = [part]
    while stack:
        top = stack.pop()
        if top.is_on("keras3") or (top.deaf and not top.children):
            on.update(v.key for v in top.trained)
        stack += top.children
    return on


def _split_tf_keras(part: Part) -> tuple[list[Variable], list[Variable]]:
    """Return trained and other weights, from the innermost layers outwards, on one stack."""
    order: list[Part] = []
    stack = [part]
    while stack:
        top = stack.pop()
        order.append(top)
        stack += top.children
    done: dict[int, tuple[list[Variable], list[Variable]]] = {}
    for top in reversed(order):
        inner = [done.pop(id(child)) for child in top.children]
        if top.is_on("tf_keras"):
            on = top.trained + [v for t, _ in inner for v in t]
            off = top.fixed + [v for _, n in inner for v in n]
        else:
            on = []
            off = top.trained + top.fixed + [v for t, n in inner for v in t + n]
        done[id(top)] = (on, off)
    return done[id(part)]

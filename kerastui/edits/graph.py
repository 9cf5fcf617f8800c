"""Where a model can be cut: what lies behind a layer, and why a cut is not possible.

A cut makes one layer's result the model's only output and leaves out all that is fed by it.
Inside nested models the same holds at each level: the nested model ends at the layer, and the
model around it ends at the nested one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import BadEdit
from ..model import Layer, Model, safe_text

Tensor = tuple[int, int]
"""A result of a layer: which call of it, and which tensor of that call."""


@dataclass(frozen=True)
class Level:
    """A cut in one model: at the outermost one, or in a nested one."""

    container: int
    """Index of the nested model; -1 for the outermost one."""
    at: int
    """Index of the layer that becomes the last one."""
    removed: tuple[int, ...]
    """Indices of the layers directly inside `container` that go, with all that is in them."""
    output: Tensor | None
    """The result that becomes the output; None for a Sequential."""


def is_sequential(model: Model, container: int) -> bool:
    """Whether the layers directly inside a model follow one another without being called."""
    inside = (model.layers[i] for i in model.children(container))
    return not any(layer.calls or layer.outputs for layer in inside)


def output_of(model: Model, container: int = -1) -> int:
    """Return the index of the layer whose result is the model's only output.

    Raises BadEdit for a model with several outputs, or of a form that is not understood.
    """
    check_form(model, container)
    inside = list(model.children(container))
    if is_sequential(model, container):
        if not inside:
            raise BadEdit(f"{_model(model, container)} has no layers.")
        return inside[-1]
    leaving = [i for i in inside for _ in model.layers[i].outputs]
    if len(leaving) != 1:
        names = _list(model.layers[i] for i in dict.fromkeys(leaving))
        raise BadEdit(
            f"{_model(model, container)} has {len(leaving)} outputs ({names}); only a model "
            "with one output can be cut or get a new head."
        )
    return leaving[0]


def layer_before_end(model: Model, count: int) -> int:
    """Return the index of the layer behind which `count` layers of the top lie, or more.

    Layers are counted back along the path from the output. Raises BadEdit.
    """
    index = output_of(model)
    by_name = {model.layers[i].name: i for i in model.children(-1)}
    for number in range(count):
        if is_sequential(model, -1):
            sources = [i for i in model.children(-1) if i < index][-1:]
        else:
            sources = [by_name[name] for name in model.layers[index].inbound if name in by_name]
        if len(sources) != 1:
            what = "is fed by several layers" if sources else "is the first one"
            raise BadEdit(
                f"Only {number} {'layer' if number == 1 else 'layers'} can be counted back from "
                f"the end: {_named(model.layers[index])} {what}; name the layer to end at."
            )
        index = sources[0]
    return index


def levels(model: Model, index: int) -> list[Level]:
    """Return the cuts, outermost first, that make the layer `index` the last one.

    Raises BadEdit, saying why, where what remains would be no model.
    """
    chain = [index]
    while (outer := model.layers[chain[0]].parent) >= 0:
        chain.insert(0, outer)
    for outer in chain[:-1]:
        layer = model.layers[outer]
        if layer.kind != "model":
            raise BadEdit(
                f"{_named(model.layers[index])} is inside {_named(layer)}, a "
                f"{safe_text(layer.class_name, 60)}; a model can be cut between layers only."
            )
    return [
        _level(model, container, at) for container, at in zip([-1, *chain], chain, strict=False)
    ]


def _level(model: Model, container: int, at: int) -> Level:
    layer = model.layers[at]
    output_of(model, container)
    inside = list(model.children(container))
    if layer.class_name.rpartition(">")[2] == "InputLayer":
        raise BadEdit(f"{_named(layer)} is an input; nothing would be left of the model.")
    names = [model.layers[i].name for i in inside]
    if len(set(names)) < len(names):
        raise BadEdit(
            f"Layers of {_model(model, container)} have the same name, so that what feeds what "
            "cannot be told; rename them first."
        )
    if is_sequential(model, container):
        return Level(container, at, tuple(i for i in inside if i > at), None)
    return _functional(model, container, at, inside)


def _functional(model: Model, container: int, at: int, inside: list[int]) -> Level:
    layer = model.layers[at]
    by_name = {model.layers[i].name: i for i in inside}
    before = _before(model, by_name, at)
    behind = _behind(model, inside, layer.name)
    if at in behind or not behind.isdisjoint(before):
        shared = at if at in behind else min(behind & before)
        raise BadEdit(
            f"{_named(model.layers[shared])} is shared: it is called before and after "
            f"{_named(layer)}, so that the model cannot be cut between."
        )
    removed = tuple(i for i in inside if i not in before)
    beside = [i for i in removed if i not in behind]
    if beside:
        raise BadEdit(
            f"{_named(model.layers[beside[0]])} is on another path to the output than "
            f"{_named(layer)}; cut where all paths have met."
        )
    return Level(container, at, removed, _result(model, at, inside))


def _result(model: Model, at: int, inside: Iterable[int]) -> Tensor:
    """Return the one result of a layer that is used by others."""
    layer = model.layers[at]
    used = dict.fromkeys(layer.outputs)
    for i in inside:
        for call in model.layers[i].calls:
            used.update(dict.fromkeys((r.node, r.tensor) for r in call if r.layer == layer.name))
    calls, tensors = {call for call, _ in used}, {tensor for _, tensor in used}
    if len(layer.calls) > 1 or len(calls) > 1:
        count = max(len(layer.calls), len(calls))
        raise BadEdit(
            f"{_named(layer)} is shared (called {count} times), so which of its results "
            "would be the output is not clear; cut behind it."
        )
    if len(tensors) > 1:
        raise BadEdit(
            f"{_named(layer)} gives {len(tensors)} results, so which of them would be the output "
            "is not clear; cut behind it."
        )
    if not used:
        raise BadEdit(f"Nothing takes what {_named(layer)} gives, so it is on no path.")
    return next(iter(used))


def _before(model: Model, by_name: dict[str, int], at: int) -> set[int]:
    """Return the layer `at` and all that feeds it."""
    found, stack = {at}, [at]
    while stack:
        for name in model.layers[stack.pop()].inbound:
            source = by_name.get(name)
            if source is not None and source not in found:
                found.add(source)
                stack.append(source)
    return found


def _behind(model: Model, inside: Iterable[int], name: str) -> set[int]:
    """Return all that is fed by the layer `name`, directly or not."""
    fed: dict[str, list[int]] = {}
    for i in inside:
        for source in model.layers[i].inbound:
            fed.setdefault(source, []).append(i)
    found: set[int] = set()
    stack = [name]
    while stack:
        for i in fed.get(stack.pop(), ()):
            if i not in found:
                found.add(i)
                stack.append(model.layers[i].name)
    return found


def check_form(model: Model, container: int) -> None:
    """Raise BadEdit unless the layers of a model are one list in the configuration."""
    places = [model.layers[i].config_at for i in model.children(container)]
    if any(place[:-1] != places[0][:-1] or type(place[-1]) is not int for place in places):
        raise BadEdit(
            f"{_model(model, container)} is put together by its own class "
            f"({safe_text(model.class_name, 60)}), not by a list of layers."
        )


def _model(model: Model, container: int) -> str:
    return "The model" if container < 0 else _named(model.layers[container])


def _named(layer: Layer) -> str:
    return safe_text(layer.path, 120)


def _list(layers: Iterable[Layer]) -> str:
    names = [safe_text(layer.name, 60) for layer in layers]
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")

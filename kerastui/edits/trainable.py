"""The edit that changes trainable flags, and the ways to choose which layers it means.

Keras loads a nested model's own ``trainable: false`` differently from era to era (see
`plan`), whereas the flags of the layers inside are honoured everywhere. So what the user
does to a subtree is spelled out on the layers inside it, and a container's own flag is only
touched where it would otherwise contradict them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..errors import BadEdit
from ..model import Model
from .forms import Fields, form


@form("set_trainable")
@dataclass(frozen=True)
class SetTrainable:
    """Set the own flags of the layers at `paths`; the path ``""`` is the model itself."""

    paths: tuple[str, ...]
    trainable: bool

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        verb = "unfreeze" if self.trainable else "freeze"
        if len(self.paths) == 1:
            return f"{verb} {self.paths[0] or 'the model itself'}"
        return f"{verb} {len(self.paths):,} layers"

    def apply(self, model: Model) -> Model:
        """Return the model with the flags set. Raises BadEdit for a path it does not have."""
        require_flags(model)
        try:
            indices = [model.index[path] for path in self.paths if path]
        except KeyError as error:
            raise BadEdit(f"There is no layer {error.args[0]!r} in this model.") from None
        indices = [i for i in indices if model.layers[i].trainable is not self.trainable]
        own = "" in self.paths and model.trainable is not self.trainable
        changed = model.with_flags(indices, self.trainable) if indices else model
        return replace(changed, trainable=self.trainable) if own else changed

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        return {"layers": list(self.paths), "trainable": self.trainable}

    @classmethod
    def from_fields(cls, fields: Fields) -> SetTrainable:
        """Return the edit of a JSON object. Raises BadEdit."""
        return cls(fields.texts("layers"), fields.flag("trainable"))

    def moved(self, to: Callable[[str], str]) -> SetTrainable:
        """Return the same edit for a description in which layers have other paths."""
        return replace(self, paths=tuple(map(to, self.paths)))


def require_flags(model: Model) -> None:
    """Raise BadEdit when the file keeps no trainable flags."""
    if not model.has_flags:
        raise BadEdit(
            "This file holds weights only: trainable flags are kept with a model's "
            "configuration, so there is nothing to freeze here. Open the full model file."
        )


def plan(model: Model, indices: Iterable[int], trainable: bool) -> tuple[SetTrainable, ...]:
    """Return the edits after which exactly the layers at `indices` changed their state.

    `indices` may name containers; their whole subtree is meant. Layers that were not named
    keep their *effective* state: when a layer inside a frozen container is unfrozen, the
    container's flag goes on and the siblings' own flags go off.
    """
    require_flags(model)
    tops = list(indices)
    named: set[int] = set()
    for i in tops:
        named.update(range(i, model.layers[i].end))
    if all(_enclosing_is_on(model, i) for i in tops):
        values = {i: _flag_when_open(model, i, trainable) for i in sorted(named)}
        return _edits(model, values)
    wanted = list(model.effective)
    for i in named:
        wanted[i] = trainable
    return toward(model, wanted, named)


def toward(model: Model, wanted: list[bool], named: set[int]) -> tuple[SetTrainable, ...]:
    """Return the edits that give every layer with weights the effective state `wanted`.

    Containers (models and wrappers) must be on where anything inside is to be trained.
    Layers without weights keep their flag, which means nothing, unless they enclose some.
    """
    tree = model.tree
    on_inside = [own and on for own, on in zip(tree.own, wanted, strict=True)]
    for i in range(len(on_inside) - 1, -1, -1):
        parent = tree.parents[i]
        if parent >= 0:
            on_inside[parent] = on_inside[parent] or on_inside[i]
    # Whether any enclosing container is on in the end, so that the layer's own flag counts.
    opened = [any(on_inside)] * len(on_inside)
    for i, parent in enumerate(tree.parents):
        if parent >= 0:
            opened[i] = on_inside[parent] or opened[parent]
    values: dict[int, bool] = {-1: True} if any(on_inside) else {}
    for i, layer in enumerate(model.layers):
        if on_inside[i]:
            values[i] = True
        elif layer.kind == "wrapper" and i in named:
            values[i] = False
        elif layer.end == i + 1 and (i in named or opened[i] or model.effective[i]):
            # Flags that an enclosing frozen layer overrides anyway are left alone.
            values[i] = False
    return _edits(model, values)


def _edits(model: Model, values: dict[int, bool]) -> tuple[SetTrainable, ...]:
    """Return the edits that give the layers with weights (-1: the model) these own flags."""
    switched: dict[bool, list[str]] = {True: [], False: []}
    if values.get(-1, model.trainable) is not model.trainable:
        switched[values[-1]].append("")
    for i, value in values.items():
        if i >= 0 and model.tree.holds[i] and model.layers[i].trainable is not value:
            switched[value].append(model.layers[i].path)
    return tuple(SetTrainable(tuple(paths), on) for on, paths in switched.items() if paths)


def _enclosing_is_on(model: Model, index: int) -> bool:
    parent = model.layers[index].parent
    return model.effective[parent] if parent >= 0 else model.trainable


def _flag_when_open(model: Model, index: int, trainable: bool) -> bool:
    """Return the own flag of a named layer when nothing that encloses it is frozen."""
    layer = model.layers[index]
    if not trainable and layer.kind == "model" and layer.end > index + 1:
        return layer.trainable
    return trainable

"""The edit that changes trainable flags, and the ways to choose which layers it means.

Keras loads a nested model's own ``trainable: false`` differently from era to era (see
`plan`), whereas the flags of the layers inside are honoured everywhere. So what the user
does to a subtree is spelled out on the layers inside it, and a container's own flag is only
touched where it would otherwise contradict them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..errors import BadEdit
from ..model import Model


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
        changed = model.with_flags(indices, self.trainable)
        return replace(changed, trainable=self.trainable) if "" in self.paths else changed


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
    wanted = list(model.effective)
    named: set[int] = set()
    for i in indices:
        named.update(range(i, model.layers[i].end))
    for i in named:
        wanted[i] = trainable
    return toward(model, wanted, named)


def toward(model: Model, wanted: list[bool], named: set[int]) -> tuple[SetTrainable, ...]:
    """Return the edits that give every layer with weights the effective state `wanted`.

    Containers (models and wrappers) must be on where anything inside is to be trained.
    Layers without weights keep their flag, which means nothing, unless they enclose some.
    """
    holds = [bool(layer.weights) for layer in model.layers]
    on_inside = [holds[i] and wanted[i] for i in range(len(holds))]
    for i in range(len(holds) - 1, -1, -1):
        parent = model.layers[i].parent
        if parent >= 0:
            holds[parent] = holds[parent] or holds[i]
            on_inside[parent] = on_inside[parent] or on_inside[i]
    switch_on = [""] if any(on_inside) and not model.trainable else []
    switch_off: list[str] = []
    for i, layer in enumerate(model.layers):
        if not holds[i]:
            continue
        value = _own_flag(model, i, wanted, on_inside, named)
        if value is not layer.trainable:
            (switch_on if value else switch_off).append(layer.path)
    edits = [SetTrainable(tuple(p), v) for p, v in ((switch_on, True), (switch_off, False)) if p]
    return tuple(edits)


def _own_flag(
    model: Model, i: int, wanted: list[bool], on_inside: list[bool], named: set[int]
) -> bool:
    layer = model.layers[i]
    if layer.end == i + 1:
        if wanted[i]:
            return True
        # Leave a flag alone that an enclosing frozen layer overrides anyway, unless the
        # container is about to be opened for a sibling or the layer itself was named.
        outer_opens = on_inside[layer.parent] if layer.parent >= 0 else any(on_inside)
        return layer.trainable and not (i in named or outer_opens or model.effective[i])
    if on_inside[i]:
        return True
    if layer.kind == "wrapper" and i in named:
        return False
    return layer.trainable

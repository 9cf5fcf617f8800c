"""Which layers a command means: pure functions from a description to indices or states."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Model


def has_trained(model: Model, indices: Iterable[int]) -> bool:
    """Whether anything in the subtrees at `indices` is being trained (so a toggle freezes)."""
    return any(model.boxes[i] in ("all", "some") for i in indices)


def up_to(model: Model, index: int) -> range:
    """Return the layers from the first one up to `index`, its whole subtree included."""
    return range(model.layers[index].end)


def from_here(model: Model, index: int) -> range:
    """Return the layers from `index` to the last one."""
    return range(index, len(model.layers))


def batch_normalization(model: Model) -> tuple[int, ...]:
    """Return all BatchNormalization layers, of every era and spelling."""
    return tuple(
        i for i, layer in enumerate(model.layers)
        if layer.class_name.split(">")[-1] in (
            "BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2",
            "SyncBatchNormalization",
        )
    )  # fmt: skip


def leaves(model: Model, indices: Iterable[int]) -> tuple[int, ...]:
    """Return the layers with weights of their own inside the subtrees at `indices`."""
    inside: set[int] = set()
    for i in indices:
        inside.update(range(i, model.layers[i].end))
    return tuple(i for i in sorted(inside) if model.layers[i].weights)


def inverted(model: Model) -> list[bool]:
    """Return the effective states with every layer turned round."""
    return [not on for on in model.effective]


def only(model: Model, indices: Iterable[int]) -> list[bool]:
    """Return the effective states with exactly the subtrees at `indices` trainable."""
    wanted = [False] * len(model.layers)
    for i in leaves(model, indices):
        wanted[i] = True
    return wanted

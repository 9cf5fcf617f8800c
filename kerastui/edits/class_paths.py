"""Where a Keras 3 archive keeps the weights of a model's layers: paths counted by class.

``/layers/dense``, ``/layers/dense_1``, nested ``/layers/functional/layers/dense``: the rule of
``_save_container_state`` in ``keras/src/saving/saving_lib.py``, which `files.keras3` reads by.
TensorFlow 2.13 wrote ``_layer_checkpoint_dependencies`` and met layers with weights twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Model
from ..model.names import to_snake_case
from .graph import is_sequential

LAYERS = "layers"
OLD_LAYERS = "_layer_checkpoint_dependencies"


def class_groups(model: Model, container: int = -1) -> dict[int, str]:
    """Return the absolute path of the group of each layer directly inside `container`.

    The input of a Sequential has none. Raises KeyError for a container that has none itself.
    """
    outer = ""
    if container >= 0:
        outer = class_groups(model, model.layers[container].parent)[container]
    folder = f"{outer}/{_folder(model)}"
    inside = list(model.children(container))
    if is_sequential(model, container):
        inside = [i for i in inside if _base(model, i) != "InputLayer"]
    return {i: f"{folder}/{name}" for i, name in zip(inside, _counted(model, inside), strict=True)}


def _folder(model: Model) -> str:
    old = any(
        weight.dataset.startswith(f"/{OLD_LAYERS}/")
        for layer in model.layers
        for weight in layer.weights[:1]
    )
    return OLD_LAYERS if old else LAYERS


def _counted(model: Model, inside: Sequence[int]) -> list[str]:
    """Return the groups' names; layers with weights count twice where the file has it so."""
    single = _names(model, inside, [1] * len(inside))
    if _folder(model) == LAYERS:
        return single
    steps = [2 if _holds(model, i) else 1 for i in inside]
    double = _names(model, inside, steps)
    return double if _hits(model, inside, double) >= _hits(model, inside, single) else single


def _names(model: Model, inside: Sequence[int], steps: Sequence[int]) -> list[str]:
    used: dict[str, int] = {}
    names: list[str] = []
    for i, step in zip(inside, steps, strict=True):
        name = to_snake_case(_base(model, i))
        number = used.get(name, 0)
        names.append(f"{name}_{number}" if number else name)
        used[name] = number + step
    return names


def _hits(model: Model, inside: Sequence[int], names: Sequence[str]) -> int:
    return sum(
        f"/{name}/" in weight.dataset
        for i, name in zip(inside, names, strict=True)
        for weight in model.layers[i].weights[:1]
    )


def _holds(model: Model, index: int) -> bool:
    return any(model.layers[i].weights for i in range(index, model.layers[index].end))


def _base(model: Model, index: int) -> str:
    return model.layers[index].class_name.rpartition(">")[2]

"""What weights without a configuration are called: guesses from places, counts and shapes.

A Keras 3 weights file numbers the variables of a layer and says its class at most by the
name of a group. A name is given only when exactly one reading fits; otherwise the place in
the file (``vars/0``) is the name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .assign import fits_shape
from .class_weights import expected
from .weight_specs import Spec

Shape = tuple[int, ...]

_VARIANTS: tuple[dict[str, Any], ...] = (
    {},
    {"use_bias": False},
    {"reset_after": True},
    {"scale": False},
    {"center": False},
    {"use_scale": True},
    {"use_scale": False},
    {"bias_axes": "x"},
    {"mean": 0.0},
)
"""Settings that change how many weights a layer has, or their shapes."""
_GATES = {1: "SimpleRNN", 3: "GRU", 4: "LSTM"}


def specs_for(class_name: str, places: dict[str, Shape]) -> list[Spec]:
    """Return the weights of a known class as this layer has them, [] when none or two fit.

    `places` are the datasets below the layer's group, by relative path.
    """
    found: list[list[Spec]] = []
    for settings in _VARIANTS:
        specs = expected(class_name, dict(settings), False)
        if specs and _fit(specs, places) and specs not in found:
            found.append(specs)
    names = {tuple(spec.name for spec in specs) for specs in found}
    return found[0] if len(names) == 1 else []


def _fit(specs: Sequence[Spec], places: dict[str, Shape]) -> bool:
    bare = {place.removeprefix("_"): shape for place, shape in places.items()}
    if len(specs) != len(bare):
        return False
    for spec in specs:
        shape = bare.get(f"{spec.place}/{spec.number}")
        if shape is None or not fits_shape(spec.pattern, shape):
            return False
    return True


def unnamed_specs(places: dict[str, Shape]) -> tuple[str, list[Spec]]:
    """Return class and weights of a layer whose group is not called after its class.

    Recurrent layers show by their cell's shapes; a kernel with its bias by the last axis.
    """
    cell = [places.get(f"cell/vars/{i}") for i in range(3)]
    kernel, recurrent = cell[0], cell[1]
    if kernel and recurrent and len(places) in (2, 3) and len(kernel) == len(recurrent) == 2:
        gates, rest = divmod(recurrent[1], max(recurrent[0], 1))
        name = _GATES.get(gates, "")
        if not rest and name and kernel[1] == recurrent[1]:
            return name, specs_for(name, places)
    first, second = places.get("vars/0"), places.get("vars/1")
    if first and second and len(places) == 2 and len(first) > 1 and second == first[-1:]:
        return "", [Spec("kernel"), Spec("bias", number=1)]
    return "", []

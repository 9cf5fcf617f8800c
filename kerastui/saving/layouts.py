"""What state each optimizer keeps, in which order: knowledge about optimizers, as data.

A *block* lists the slots that are laid down variable by variable: ``("m", "v")`` means m and v
of the first variable, m and v of the second, …; ``("m",), ("v",)`` means all m, then all v.
Around the blocks lie scalars (iteration, learning rate, …), which nobody moves.

Sources: `keras/optimizers.py` of Keras 1.2.2, 2.0.8 and 2.2.4 (grouped); `tf_keras/src/
optimizers/legacy/*.py`, ``_create_slots`` (TensorFlow 2.0 – 2.10; grouped, but Ftrl);
`tf_keras/src/optimizers/*.py`, ``build`` (TensorFlow 2.11 on); `keras/src/optimizers/*.py`,
``build`` (Keras 3). Each was also built with the real library and listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

Style = Literal["keras", "optimizer_v2", "tf211", "keras3"]
"""``keras``: multi-backend Keras 1 and 2; ``optimizer_v2``: tf.keras of TensorFlow 2.0 – 2.10
and its ``legacy`` optimizers; ``tf211``: tf.keras from TensorFlow 2.11 on; ``keras3``."""

Block = tuple[str, ...]
Shape = tuple[int, ...]

PLACEHOLDER = "placeholder"
"""Keras 2.1.3 – 2.3: Adam without amsgrad keeps one zero of shape (1,) a variable."""

# class: (grouped eras, per-variable eras); what depends on settings is added below.
_BASE: dict[str, tuple[tuple[Block, ...], tuple[Block, ...]]] = {
    "sgd": ((), ()),
    "rmsprop": ((("rms",),), (("velocity",),)),
    "adagrad": ((("accumulator",),), (("accumulator",),)),
    "adadelta": (
        (("accum_grad",), ("accum_var",)),
        (("accumulated_grad", "accumulated_delta_var"),),
    ),
    "adam": ((("m",), ("v",)), (("m", "v"),)),
    "adamw": ((("m",), ("v",)), (("m", "v"),)),
    "adamax": ((("m",), ("v",)), (("m", "u"),)),
    "nadam": ((("m",), ("v",)), (("m", "v"),)),
    "ftrl": ((("accumulator", "linear"),), (("accumulator", "linear"),)),
    "lion": ((("m",),), (("m",),)),
    "lamb": ((("m",), ("v",)), (("m", "v"),)),
    "adafactor": ((), (("r", "c", "v"),)),
}
_VARIABLE_START = {"average"}
"""Slots that start as a copy of the variable: moving averages of the weights."""


def blocks(class_name: str, config: Mapping[str, Any], style: Style) -> tuple[Block, ...] | None:
    """Return the blocks of an optimizer, None for one that is not known."""
    name = plain_class(class_name)
    if name not in _BASE:
        return None
    grouped = style in ("keras", "optimizer_v2")
    found = list(_BASE[name][0 if grouped else 1])
    if name == "sgd" and (style in ("keras", "tf211") or config.get("momentum")):
        found.append(("momentum",))
    if name == "rmsprop" and config.get("momentum"):
        found.append(("momentum",))
    if name == "rmsprop" and config.get("centered"):
        found.append(("mg",))
    if name in ("adam", "adamw"):
        if config.get("amsgrad"):
            found.append(("vhat",))
        elif style == "keras" and "amsgrad" in config:
            found.append((PLACEHOLDER,))
    front: list[Block] = []
    if not grouped and config.get("use_ema"):
        front.append(("average",))
    if style == "keras3" and config.get("gradient_accumulation_steps"):
        front.append(("gradient_accumulator",))
    return (*front, *found)


def scalars_behind(class_name: str, style: Style) -> int:
    """Return how many scalars stand behind the blocks: Keras 3's Nadam has its product there."""
    return 1 if style == "keras3" and plain_class(class_name) == "nadam" else 0


def plain_class(class_name: str) -> str:
    """Return an optimizer's class name without package and case (``Custom>Adam`` → ``adam``)."""
    name = class_name.rpartition(">")[2].lower()
    return name.removeprefix("experimental")


def slot_shapes(block: Block, shape: Shape, style: Style) -> tuple[Shape, ...]:
    """Return the shapes of a block's slots for a variable of shape `shape`."""
    if block == ("r", "c", "v"):
        if len(shape) < 2:  # not factored; Keras 3 keeps two scalars in their stead
            return ((), (), shape) if style == "keras3" else (shape,)
        return (shape[:-1], (*shape[:-2], shape[-1]), shape)
    return tuple((1,) if slot == PLACEHOLDER else shape for slot in block)


def start_value(
    slot: str, class_name: str, config: Mapping[str, Any], style: Style
) -> float | None:
    """Return what a new slot begins with; None for a copy of the variable."""
    if slot in _VARIABLE_START:
        return None
    if slot == "accumulator" and plain_class(class_name) in ("adagrad", "ftrl"):
        value = config.get("initial_accumulator_value", 0.0 if style == "keras" else 0.1)
        return float(value) if isinstance(value, (int, float)) else 0.0
    return 0.0


def inner_optimizer(class_name: str, config: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return class and settings of the optimizer that a loss-scaling one contains."""
    settings = config
    for _ in range(4):
        value = settings.get("inner_optimizer", settings.get("optimizer"))
        if not isinstance(value, dict):
            return class_name, settings
        inner = cast("dict[str, Any]", value)
        class_name = str(inner.get("class_name", ""))
        value = inner.get("config")
        if not isinstance(value, dict):
            break
        settings = cast("dict[str, Any]", value)
    return class_name, {}


def wrappers(optimizer: Any) -> int:
    """Return how many optimizers that scale losses lie around the one that trains."""
    count = 0
    value = optimizer
    while isinstance(value, dict) and count < 4:
        config = cast("dict[str, Any]", value).get("config")
        settings = cast("dict[str, Any]", config) if isinstance(config, dict) else {}
        value = settings.get("inner_optimizer", settings.get("optimizer"))
        count += isinstance(value, dict)
    return count

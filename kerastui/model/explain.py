"""A few sentences on what a layer does, with its own numbers, for people new to Keras.

The sentences are data (``explanations.json``); here are only the facts they need beyond
those of `facts`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .facts import facts, fill
from .figures import count
from .known_layers import base_class
from .layer import Layer
from .text import safe_text
from .values import as_list

_MAX_SENTENCE = 400


@cache
def explanations() -> Mapping[str, Any]:
    """Return what ``explanations.json`` holds: sentences and primary settings by class."""
    return json.loads(Path(__file__).with_name("explanations.json").read_text("utf-8"))


def explain(layer: Layer) -> tuple[str, ...]:
    """Return sentences on what the layer does; ``()`` for a class that is not known."""
    known = _all_facts(layer)
    said = (_say(item, known) for item in _sentences(layer.class_name))
    return tuple(safe_text(sentence, _MAX_SENTENCE) for sentence in said if sentence)


def _sentences(class_name: str) -> list[str | dict[str, Any]]:
    data = explanations()
    for name in (class_name, base_class(class_name)):
        name = data["same"].get(name, name)
        if name in data["sentences"]:
            return data["sentences"][name]
    return []


def _say(item: str | dict[str, Any], known: Mapping[str, object]) -> str | None:
    if isinstance(item, str):
        return fill(item, known)
    if "if" in item and not known.get(item["if"]):
        return None
    if "unless" in item and known.get(item["unless"]):
        return None
    return next((filled for t in item["any"] if (filled := fill(t, known))), None)


def _all_facts(layer: Layer) -> dict[str, object]:
    """The facts of `facts` and some that only the sentences need."""
    known = facts(layer)
    names = {weight.name.partition(":")[0].rpartition("/")[2] for weight in layer.weights}
    known["is frozen"] = not layer.trainable
    known["then"] = _scale_and_shift(names)
    known["has bias"] = any(name in ("bias", "b") or name.endswith("_b") for name in names)
    known["bias words"] = ", and adds a bias" if known["has bias"] else ""
    known["keras1"] = any(name.endswith(("W_i", "W_z")) for name in names)
    known["tied"] = known.get("tie_weights") is not False
    rows = known.get("vocabulary")
    known["last index"] = count(rows - 1) if isinstance(rows, int) and rows else None
    known["two biases"] = "input / recurrent bias" in known
    known["filter size"] = _filter_size(layer)
    known["last"] = " (the last)" if known.get("axis") == -1 else ""
    known["slope"] = known.get("negative_slope", known.get("alpha"))
    _shared_slopes(layer, known)
    return known


def _scale_and_shift(names: set[str]) -> str:
    """What a normalization does after normalizing."""
    gamma = any(name.endswith("gamma") for name in names)
    beta = any(name.endswith("beta") for name in names)
    words = {
        (True, True): ", then scales (gamma) and shifts (beta) it",
        (True, False): ", then scales it (gamma)",
        (False, True): ", then shifts it (beta)",
        (False, False): "; it has neither scale nor shift",
    }
    return words[gamma, beta]


def _filter_size(layer: Layer) -> int | None:
    """Numbers in one filter of a convolution: the kernel without its last axis."""
    if not layer.weights or len(layer.weights[0].shape) < 3:
        return None
    return math.prod(layer.weights[0].shape) // max(1, layer.weights[0].shape[-1])


def _shared_slopes(layer: Layer, known: dict[str, object]) -> None:
    if layer.weights:
        known["slopes"] = layer.weights[0].size
    shared = as_list(known.get("shared_axes"))
    known["shared words"] = ", the same at every position (shared axes)" if shared else ""

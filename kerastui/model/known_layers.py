"""What is known about Keras's layer classes, of every era: names, order, flags of weights.

The knowledge itself is data, ``known_layers.json``, read when it is first asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

Rule = Literal["", "equation", "normalized", "shared"]
_MISSING = object()


class KnownWeight(NamedTuple):  # a frozen dataclass takes a millisecond longer to define
    """A weight that a layer class has in general; the settings decide whether it is there."""

    names: tuple[str, ...]
    """Its names in all eras, today's first."""
    axes: tuple[tuple[str, ...], ...]
    """What its axes mean; of several readings the one with the weight's rank counts."""
    theano_axes: tuple[tuple[str, ...], ...] = ()
    """The same for a Keras 1 file in Theano's order of dimensions."""
    trainable: bool = True
    rule: Rule = ""
    unless_false: tuple[str, ...] = ()
    only_if: tuple[str, ...] = ()
    not_if: tuple[str, ...] = ()
    only_if_equal: tuple[tuple[str, object], ...] = ()

    def presence(self, config: Mapping[str, Any]) -> bool | None:
        """Whether a layer with these settings has it; None when the settings do not say."""
        for key in self.unless_false:
            if config.get(key, _MISSING) is False:
                return False
        if any(not config.get(key) for key in self.only_if):
            return None if all(key not in config for key in self.only_if) else False
        if any(config.get(key) is True for key in self.not_if):
            return False
        for key, wanted in self.only_if_equal:
            options = cast("tuple[object, ...]", wanted if isinstance(wanted, tuple) else (wanted,))
            if config.get(key) not in options:
                return None if key not in config else False
        stated = not self.unless_false or any(key in config for key in self.unless_false)
        return True if stated else None


@cache
def _data() -> Mapping[str, Any]:
    return json.loads(Path(__file__).with_name("known_layers.json").read_text("utf-8"))


@cache
def class_names() -> frozenset[str]:
    """Every layer class that Keras 3.15 or tf_keras 2.21 has."""
    data = _data()
    return frozenset(data["keras3"]) | frozenset(data["tf_keras"])


def is_known(class_name: str) -> bool:
    """Whether today's Keras (Keras 3 or tf_keras) has a layer class of this name."""
    return class_name in class_names()


def base_class(class_name: str) -> str:
    """Return the class under which knowledge is kept (``Convolution2D`` → ``Conv2D``)."""
    return _data()["aliases"].get(class_name, class_name)


def summaries(class_name: str) -> tuple[str, ...]:
    """Return the templates of the layer table's column for a class; see `facts.fill`."""
    return tuple(_data()["summaries"].get(base_class(class_name), ()))


@lru_cache(maxsize=512)
def known_weights(class_name: str) -> tuple[KnownWeight, ...]:
    """Return the weights that layers of this class can have, in Keras's order."""
    table = _data()["weights"]
    return tuple(_known_weight(entry) for entry in table.get(base_class(class_name), ()))


@lru_cache(maxsize=4096)
def find_weight(class_name: str, name: str) -> KnownWeight | None:
    """Return what is known of a weight, by its short name or any longer form of it.

    ``kernel``, ``lstm_cell/kernel:0`` and Keras 1's ``forward_lstm_1_W_i`` are all found.
    """
    base = base_class(class_name)
    plain = name.partition(":")[0]
    found: tuple[int, KnownWeight] | None = None
    for variant in (base, base + ":keras1", "*"):
        for weight in known_weights(variant):
            for known in weight.names:
                exact = plain == known or plain.endswith("/" + known)
                if (exact or plain.endswith("_" + known)) and (
                    found is None or len(known) > found[0]
                ):
                    found = (len(known), weight)
        if found is not None:
            return found[1]
    return None


def never_trained(class_name: str, name: str) -> bool:
    """Whether Keras never trains this weight, frozen or not (moving statistics, seeds)."""
    weight = find_weight(class_name, name)
    return weight is not None and not weight.trainable


def weight_names(class_name: str, config: Mapping[str, Any], count: int) -> tuple[str, ...] | None:
    """Return the short names of a layer's variables in Keras's order.

    Args:
        class_name: the class, in any era's spelling.
        config: its settings; where they are silent (a weights-only file has none), the
            number of variables decides, if it can.
        count: how many variables the file holds for the layer.

    Returns:
        `count` names, or None when the class is unknown or the number does not fit.
    """
    base = base_class(class_name)
    for variant in (base, base + ":keras1"):
        for chosen in _choices(known_weights(variant), config, count):
            return tuple(weight.names[0] for weight in chosen)
    return None


def _choices(
    weights: tuple[KnownWeight, ...], config: Mapping[str, Any], count: int
) -> Iterator[list[KnownWeight]]:
    """Yield the selection of weights that fits the settings and the number, if it is unique."""
    presence = [weight.presence(config) for weight in weights]
    possible = [i for i, state in enumerate(presence) if state is not False]
    if not 0 < count <= len(possible):
        return
    usual = [
        i for i in possible if presence[i] or not weights[i].only_if + weights[i].only_if_equal
    ]
    if len(usual) == count:
        yield [weights[i] for i in usual]
        return
    open_ = [i for i in possible if presence[i] is None]
    surplus = len(possible) - count
    if surplus > len(open_):
        return
    fits = {
        tuple(weights[i].names[0] for i in possible if i not in left_out): left_out
        for left_out in combinations(open_, surplus)
        if _together(weights, possible, left_out)
    }
    if len(fits) == 1:
        (left_out,) = fits.values()
        yield [weights[i] for i in possible if i not in left_out]


def _together(
    weights: tuple[KnownWeight, ...], possible: list[int], left_out: tuple[int, ...]
) -> bool:
    """Whether the weights that hang on one setting are left out all or not at all."""
    groups: dict[tuple[object, ...], set[bool]] = {}
    for i in possible:
        weight = weights[i]
        setting = (weight.unless_false, weight.only_if, weight.only_if_equal)
        groups.setdefault(setting, set()).add(i in left_out)
    return all(len(states) == 1 for key, states in groups.items() if any(key))


def _known_weight(entry: Mapping[str, Any]) -> KnownWeight:
    equal: Mapping[str, Any] = entry.get("if_equal", {})
    return KnownWeight(
        names=tuple(entry["name"]),
        axes=_axes(entry["axes"]),
        theano_axes=_axes(entry.get("th", [])),
        trainable=entry.get("trainable", True),
        rule=entry.get("rule", ""),
        unless_false=tuple(entry.get("if", ())),
        only_if=tuple(entry.get("if_set", ())),
        not_if=tuple(entry.get("unless_set", ())),
        only_if_equal=tuple((key, _frozen(value)) for key, value in equal.items()),
    )


def _frozen(value: Any) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


def _axes(texts: list[str]) -> tuple[tuple[str, ...], ...]:
    """Split axis names at commas, but not inside parentheses (``units (i, f, c, o)``)."""
    result: list[tuple[str, ...]] = []
    for text in texts:
        parts: list[str] = []
        for part in text.split(", "):
            if parts and parts[-1].count("(") > parts[-1].count(")"):
                parts[-1] += ", " + part
            else:
                parts.append(part)
        result.append(tuple(parts))
    return tuple(result)

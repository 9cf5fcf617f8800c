"""What differs in how two models are wired: what feeds a layer, and a model's own ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ..model import Model
from ..model.eras import todays_class
from ..model.values import setting
from .compare_results import SettingChange
from .matching import LayerPair, Matching
from .wiring import Wiring, order_of

_BY_KERAS = ("", "False")
"""What Keras 3 notes down for the ``training`` of a call, or not, where nobody gave any."""


class WiringChanges:
    """Compares how two models whose layers are matched are wired."""

    def __init__(self, old: Model, new: Model, matching: Matching) -> None:
        self._models = (old, new)
        self._wirings = (Wiring(old), Wiring(new))
        self._names: Mapping[int, dict[str, str]] = defaultdict(dict)
        """By enclosing layer of the old model: new names of its layers by old ones."""
        for pair in matching.pairs:
            layer = old.layers[pair.old]
            self._names[layer.parent][layer.name] = new.layers[pair.new].name
        self._pairs = {pair.old: pair.new for pair in matching.pairs}

    def of(self, pair: LayerPair) -> tuple[SettingChange, ...]:
        """Return what differs in what feeds a layer, and in the ends of a nested model."""
        ends = self._ends(pair.old, pair.new) if self._is_model(pair) else ()
        return (*self._inputs(pair), *self._arguments(pair), *ends)

    def of_model(self) -> tuple[SettingChange, ...]:
        """Return what differs in the outermost models themselves."""
        old, new = (todays_class(model.class_name) for model in self._models)
        found = list(self._ends(-1, -1))
        if old and new and old != new:
            found.insert(0, _change("class", old, new))
        return tuple(found)

    def _is_model(self, pair: LayerPair) -> bool:
        (old, new), (before, after) = self._models, pair[:2]
        return "model" in (old.layers[before].kind, new.layers[after].kind)

    def _inputs(self, pair: LayerPair) -> Iterator[SettingChange]:
        """A Sequential does not write down what feeds: where one file is silent nothing differs."""
        names = self._names[self._models[0].layers[pair.old].parent]
        before = self._wirings[0].feeding(pair.old, names)
        after = self._wirings[1].feeding(pair.new, {})
        if before and after and before != after and any(before) and any(after):
            own = self._wirings[0].feeding(pair.old, {})
            yield _change("inputs", "; ".join(own), "; ".join(after))

    def _arguments(self, pair: LayerPair) -> Iterator[SettingChange]:
        """Arguments that only one file has count if they are ``training``: Keras adds others.

        False is what most layers do anyway; not so models, and what normalizes batches.
        """
        before, after = (
            wiring.arguments(index) for wiring, index in zip(self._wirings, pair[:2], strict=True)
        )
        layer = self._models[1].layers[pair.new]
        matters = layer.kind != "layer" or "Normalization" in layer.class_name
        for name in dict.fromkeys((*before, *after)):
            old, new = before.get(name, ""), after.get(name, "")
            if not (old and new):
                told = name.endswith("(training)")
                told = told and (matters or old not in _BY_KERAS or new not in _BY_KERAS)
            else:
                told = old != new
            if told:
                yield SettingChange(name, old, new)

    def _ends(self, old: int, new: int) -> Iterator[SettingChange]:
        """Inputs and outputs of two models, and the order of layers where both are Sequential."""
        before, after = self._wirings[0].ends(old, self._names[old]), self._wirings[1].ends(new, {})
        for end in before:
            if before[end] != after.get(end, before[end]):
                own = self._wirings[0].ends(old, {})[end]
                yield _change(end, own, after[end])
        models = self._models
        there = set(order_of(models[1], new))
        twins = (self._pairs.get(index, -1) for index in order_of(models[0], old))
        order = [twin for twin in twins if twin in there]
        if order != sorted(order):
            first, last = _span(order, sorted(order))
            old_names, new_names = (
                ", ".join(models[1].layers[i].name for i in which[first:last])
                for which in (order, sorted(order))
            )
            yield _change("order of layers", old_names, new_names)


def _change(name: str, old: str, new: str) -> SettingChange:
    return SettingChange(name, setting("", old), setting("", new))


def _span(one: Sequence[int], other: Sequence[int]) -> tuple[int, int]:
    """Return the range outside of which two sequences of the same length are the same."""
    apart = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return apart[0], apart[-1] + 1

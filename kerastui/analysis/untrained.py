"""Whether a weight looks never trained: by all weights of its layer, and what else a file shows."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from ..edits.initial import initializer_of
from ..errors import BadEdit, KerastuiError
from ..files.arrays import ArrayFile, StoredArray
from ..model import Layer, Model, Weight
from ..saving.stored_state import stored_state
from .figures import figures_of
from .initial_look import is_telling, looks_initial
from .numbers import decoder
from .results import Cancelled, Statistics

Key = tuple[int, int]
_SMALL = 1 << 16
"""Elements of weights that are looked at for traces."""
_BEGINNINGS = {"moving_mean": 0, "moving_variance": 1}


class Traces:
    """Looks once, when first asked, whether a file shows that its model was trained at all.

    That is: the optimizer has made steps, a normalization has seen data, or what begins as a
    constant (biases, gammas) is none any more.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._lock = Lock()
        self._found: bool | None = None

    def found(self, file: ArrayFile, array: Callable[[Key], StoredArray]) -> bool:
        """Return whether there are any; from any thread, with what opens arrays there."""
        with self._lock:
            if self._found is None:
                self._found = self._steps(file) or any(
                    self._has_moved(layer, weight, (index, number), array)
                    for index, layer in enumerate(self._model.layers)
                    for number, weight in enumerate(layer.weights)
                )
            return self._found

    def _steps(self, file: ArrayFile) -> bool:
        """Whether the optimizer's first variable, which counts its steps, does not say 0."""
        if not self._model.has_flags:
            return False
        try:
            state = stored_state(file.root, self._model) if file.root is not None else None
            if state is None or state.entries[0].shape not in ((), (1,)):
                return False
            array = file.array(state.places[0])
            return bool((decoder(array)(array.read((slice(0, 1),) * len(array.shape))) != 0).any())
        except KerastuiError:
            return False

    def _has_moved(
        self, layer: Layer, weight: Weight, key: Key, array: Callable[[Key], StoredArray]
    ) -> bool:
        if weight.size > _SMALL:
            return False
        beginning = _BEGINNINGS.get(weight.name.rpartition("/")[2])
        if beginning is None and not (weight.trainable and _is_constant(layer, weight)):
            return False
        try:
            stored = array(key)
            figures = figures_of(stored)
            if beginning is None:
                return looks_initial(layer, weight, figures, stored) is False
        except KerastuiError:
            return False
        return bool(figures.finite) and not figures.min == figures.max == beginning


class Verdicts:
    """Tells which weights of one layer look never trained."""

    def __init__(
        self,
        layer: Layer,
        index: int,
        figures: Callable[[Key], Statistics],
        array: Callable[[Key], StoredArray],
        has_traces: Callable[[], bool],
    ) -> None:
        self._layer = layer
        self._index = index
        self._figures = figures
        self._array = array
        self._has_traces = has_traces
        self._known: dict[int, bool | None] = {}

    def looks_untrained(self, number: int) -> bool:
        """Whether a weight, and all of the layer's that are trained, look as when they began.

        That a bias is zero says little beside a kernel of which nothing can be told. And a
        kernel alone may look like new after some training: then it counts what else is known.
        """
        if not self._layer.weights[number].trainable or self._verdict(number) is not True:
            return False
        trained = [k for k, weight in enumerate(self._layer.weights) if weight.trainable]
        verdicts = {other: self._verdict(other) for other in trained}
        if False in verdicts.values():
            return False
        as_new = [other for other, verdict in verdicts.items() if verdict]
        constant = [k for k in as_new if _is_constant(self._layer, self._layer.weights[k])]
        if len(constant) == len(as_new):
            return None not in verdicts.values()
        telling = any(is_telling(self._layer, self._layer.weights[k]) for k in as_new)
        return bool(constant) or telling or not self._has_traces()

    def _verdict(self, number: int) -> bool | None:
        if number not in self._known:
            weight, key = self._layer.weights[number], (self._index, number)
            try:
                verdict = looks_initial(self._layer, weight, self._figures(key), self._array(key))
            except Cancelled:
                raise
            except KerastuiError:
                verdict = None
            self._known[number] = verdict
        return self._known[number]


def _is_constant(layer: Layer, weight: Weight) -> bool:
    """Whether the weight begins as a constant."""
    try:
        return initializer_of(layer, weight).spread(weight.shape).form == "constant"
    except BadEdit:
        return False

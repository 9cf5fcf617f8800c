"""In which order weights' figures are asked for, and how many at once."""

from __future__ import annotations

import time
from collections.abc import Iterable

from kerastui.model import Model

from .statistics_known import Known, layers_of, weights_of

SECONDS = 0.2
"""What a batch is to take: long enough to be worth a message, short enough to wait for."""
_A_WEIGHT = 200_000
"""Bytes that could be read in the time that it takes to find a weight."""
_FIRST, _LEAST, _MOST = 8 << 20, 1 << 20, 1 << 30


class Batches:
    """What is left to do: layers as a whole, those that are seen first."""

    def __init__(self, model: Model, known: Known, full: bool) -> None:
        self.model = model
        self.full = full
        """Whether quantiles and duplicates are wanted, too."""
        sizes = {index: _cost(model, index) for index in layers_of(model)}
        self._left = {
            index: cost for index, cost in sizes.items() if known.rows(model, index, full) is None
        }
        self.total = sum(self._left.values())
        self.bytes = 0
        """Bytes of weights whose figures are there."""
        self._done = 0
        self._limit = _FIRST
        self._present: tuple[int, ...] = ()
        self._began = 0.0

    def __bool__(self) -> bool:
        return bool(self._left)

    def take(self, seen: Iterable[int]) -> tuple[int, ...]:
        """Return the layers to ask for now, by index: of those that are seen, if any is left."""
        wanted = [index for index in dict.fromkeys(seen) if index in self._left]
        chosen: list[int] = []
        cost = 0
        for index in wanted or self._left:
            if chosen and cost + self._left[index] > self._limit:
                break
            chosen.append(index)
            cost += self._left[index]
        self._present, self._began = tuple(chosen), time.monotonic()
        return self._present

    def done(self, nbytes: int) -> None:
        """Take note that what was taken is done: how many bytes were read, and how long it took."""
        taken = max(1e-3, time.monotonic() - self._began)
        cost = sum(self._left.pop(index, 0) for index in self._present)
        self.bytes += nbytes
        self._done += cost
        if cost > self._limit / 4 or taken > SECONDS:
            change = min(4.0, max(0.25, SECONDS / taken))
            self._limit = int(min(_MOST, max(_LEAST, self._limit * change)))
        self._present = ()

    def careful(self) -> None:
        """Ask for one layer at a time from now on: something in a batch ended the clerk."""
        self._limit = 0

    def share(self, fraction: float) -> float:
        """Return how much of all is done, `fraction` of the present batch included."""
        present = sum(self._left.get(index, 0) for index in self._present)
        return (self._done + fraction * present) / max(1, self.total)

    def bytes_done(self, fraction: float) -> float:
        """Return bytes done, `fraction` of the present batch included."""
        present = sum(w.nbytes for i in self._present for w in weights_of(self.model, i))
        return self.bytes + fraction * present


def _cost(model: Model, index: int) -> int:
    return sum(weight.nbytes + _A_WEIGHT for weight in weights_of(model, index))

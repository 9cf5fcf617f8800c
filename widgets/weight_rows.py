"""How weights are laid out in lines: name, shape, dtype, size, and what each axis means."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from kerastui.model import Layer, Weight, safe_text
from kerastui.model.figures import count, size, weight_shape

from .flow import GLUE, Line, Run, cells, flow, glue, pad
from .signs import CHANGED, FIXED

_GAP = 2
_SIDE_BY_SIDE = 44
"""Cells that the meaning of axes needs at least to stand on the weight's own line."""


class WeightRows:
    """Lays out weights in columns that fit all of `weights`, in lines of `width` cells.

    Four layouts, the widest that fits: everything on one line; the axes below; the dtype
    below as well; nothing in columns.
    """

    def __init__(self, weights: Iterable[Weight], width: int, indent: int = 0) -> None:
        """Measure the columns.

        Args:
            weights: the weights that will be laid out.
            width: cells of a line.
            indent: cells left free before each weight's name.
        """
        measured = {(w.name, w.shape, w.dtype, w.nbytes) for w in weights}
        columns = [self._texts(*one) for one in measured]
        widths = [max((cell_len(c[i]) for c in columns), default=0) for i in range(4)]
        self._name, self._shape, self._dtype, self._size = widths
        self._width, self._indent = width, indent
        total = indent + sum(widths) + 3 * _GAP
        self._in_line = total <= width
        self._without_dtype = total - self._dtype - _GAP <= width
        self._with_axes = total + _GAP + _SIDE_BY_SIDE <= width
        self._axes_at = total + _GAP if self._with_axes else min(indent + 4, width // 4)
        if self._in_line and not self._with_axes and indent + self._name + _GAP <= width // 3:
            self._axes_at = indent + self._name + _GAP

    @staticmethod
    def _texts(name: str, shape: tuple[int, ...], dtype: str, nbytes: int) -> tuple[str, ...]:
        return safe_text(name), weight_shape(shape), safe_text(dtype), size(nbytes)

    def lines(self, weight: Weight, axes: tuple[str, ...]) -> list[Line]:
        """Lay out one weight; `axes` says what each of its axes means."""
        name, shape, dtype, nbytes = self._texts(
            weight.name, weight.shape, weight.dtype, weight.nbytes
        )
        meaning = axes_runs(weight, axes)
        space = " " * self._indent
        if not self._in_line and not self._without_dtype:
            runs: list[Run] = [(glue(name), "strong"), ("  ", ""), (glue(shape), "")]
            head = flow(runs, self._width, first=_run(space), hang=self._axes_at)
            return [*head, *self._hanging([(f"{glue(nbytes)} ", ""), *_after(dtype, meaning)])]
        row: Line = (
            (space + pad(name, self._name), "strong"),
            ("  " + pad(shape, self._shape), ""),
            ("  " + pad(dtype, self._dtype) if self._in_line else "", "muted"),
            ("  " + pad(nbytes, self._size, right=True), ""),
        )
        if not self._in_line:
            return [row, *self._hanging(_after(dtype, meaning))]
        if not meaning:
            return [row]
        if self._with_axes:
            gap = " " * (self._axes_at - cells(row))
            return flow(meaning, self._width, first=(*row, (gap, "")), hang=self._axes_at)
        return [row, *self._hanging(meaning)]

    def _hanging(self, runs: list[Run]) -> list[Line]:
        at = self._axes_at
        return flow(runs, self._width, first=_run(" " * at), hang=at)


def axes_runs(weight: Weight, axes: tuple[str, ...]) -> list[Run]:
    """Return what the axes mean, with their lengths: ``kernel height 3 · filters 64``.

    A weight that is never trained says so, and one that gets new values where they come from.
    """
    lengths = weight.shape if len(axes) == len(weight.shape) else (None,) * len(axes)
    runs: list[Run] = []
    for axis, length in zip(axes, lengths, strict=True):
        runs.append(((f" ·{GLUE}" if runs else "") + glue(safe_text(axis)), "muted"))
        if length is not None and axis != "1":
            runs.append((GLUE + count(length), ""))
    if not weight.trainable:
        runs.append(((" " if runs else "") + glue(f"{FIXED} never trained"), "off"))
    if weight.replaced is not None:
        source = safe_text(weight.replaced.label or weight.replaced.file, 60)
        runs.append(
            ((" " if runs else "") + f"{CHANGED}{GLUE}new{GLUE}values: {source}", "changed")
        )
    return runs


def axes_of(layer: Layer, weight: Weight) -> tuple[str, ...]:
    """Return what each axis of a weight means, for every standard layer."""
    from kerastui.model.axes import axes

    return axes(layer, weight)


def _after(dtype: str, meaning: list[Run]) -> list[Run]:
    return [(dtype, "muted"), *([(f" ·{GLUE}", "muted"), *meaning] if meaning else [])]


def _run(text: str) -> Line:
    return ((text, ""),) if text else ()

"""The "Weights" tab: all weights of the highlighted layer and of what is inside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from kerastui.model import safe_text
from kerastui.model.figures import plural, size

from . import signs
from .flow import BLANK, GLUE, Line, Run, flow, glue, heading
from .text_panel import TextPanel
from .weight_rows import WeightRows, axes_of

if TYPE_CHECKING:
    from textual.timer import Timer

    from kerastui.model import Layer, Model

_SLICE = 0.008
"""Seconds spent at a time on laying out rows: what is seen comes first, the rest follows."""


class WeightList(TextPanel):
    """Weights with shape, dtype, size and axes, grouped by layer.

    It is fed by `show` and posts nothing. A model with thousands of weights is laid out in
    slices of a few milliseconds, so that keys are never kept waiting.
    """

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        """Create the list; it stays empty until `show` is called.

        Args:
            name: The name of the widget.
            id: The ID of the widget in the DOM.
            classes: The CSS classes of the widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._subject: tuple[Model, int] | None = None
        self._rest: Iterator[Line] = iter(())
        self._more: Timer | None = None

    def show(self, model: Model | None, index: int = -1) -> None:
        """List the weights of the layer at `index` and inside it; -1 is the whole model."""
        before, self._subject = self._subject, None if model is None else (model, index)
        same = before is not None and model is not None and _key(*before) == _key(model, index)
        self.renew(home=not same)

    def build(self, width: int) -> Sequence[Line]:
        """Return the first lines; the others are added while the program is idle."""
        if self._more is not None:
            self._more.stop()
            self._more = None
        self._rest = iter(()) if self._subject is None else _lines(*self._subject, width)
        # A rebuild of what is on the screen must not make it jump: go at least as far.
        seen = 0 if self._home else round(self.scroll_y) + self.size.height
        lines: list[Line] = []
        if self._take(lines, seen):
            self._more = self.set_interval(_SLICE * 2, self._continue)
        return lines

    def _take(self, lines: list[Line], at_least: int = 0) -> bool:
        """Append lines for a slice of time; return whether there are more."""
        until = monotonic() + _SLICE
        for line in self._rest:
            lines.append(line)
            if len(lines) >= at_least and monotonic() > until:
                return True
        return False

    def _continue(self) -> None:
        lines = list(self._lines)
        more = self._take(lines)
        self.set_lines(lines)
        if not more and self._more is not None:
            self._more.stop()
            self._more = None

    @property
    def text(self) -> str:
        """All that the list shows, as plain text, also what was not laid out yet."""
        self._rebuild_if_stale()
        self.set_lines([*self._lines, *self._rest])
        return super().text


def _key(model: Model, index: int) -> tuple[str, int]:
    return model.file.path, index


def _lines(model: Model, index: int, width: int) -> Iterator[Line]:
    """Lay out the weights, layer by layer."""
    whole = index < 0 or index >= len(model.layers)
    start, end = (0, len(model.layers)) if whole else (index, model.layers[index].end)
    holding = [i for i in range(start, end) if model.layers[i].weights]
    layers = [model.layers[i] for i in holding]
    extra = model.extra if whole else ()
    if not layers and not extra:
        yield from flow([(_nothing(model, index, whole), "muted")], width)
        return
    weights = [w for layer in layers for w in layer.weights]
    yield from _summary(len(weights) + len(extra), layers, model, whole, width)
    layout = WeightRows(weights, width, indent=2)
    for i, layer in zip(holding, layers, strict=True):
        yield BLANK
        yield from _layer_line(model, i, width)
        for weight in layer.weights:
            yield from layout.lines(weight, axes_of(layer, weight))
    if extra:
        yield from heading("Not mentioned by the configuration", width)
        layout = WeightRows(extra, width, indent=2)
        for weight in extra:
            yield from layout.lines(weight, ())


def _nothing(model: Model, index: int, whole: bool) -> str:
    if whole:
        return "There are no weights in this file."
    return f"{safe_text(model.layers[index].name)} has no weights."


def _summary(
    number: int, layers: list[Layer], model: Model, whole: bool, width: int
) -> Iterator[Line]:
    counted = model.parameters.total if whole else sum(layer.parameters for layer in layers)
    nbytes = model.parameters.total_bytes if whole else sum(layer.nbytes for layer in layers)
    runs: list[Run] = [(plural(number, "weight"), "strong")]
    if len(layers) > 1:
        runs.append((f" of {plural(len(layers), 'layer')}", ""))
    amount = f" ·{GLUE}{glue(plural(counted, 'parameter'))} ·{GLUE}{glue(size(nbytes))}"
    runs.append((amount, "muted"))
    yield from flow(runs, width)


def _layer_line(model: Model, index: int, width: int) -> list[Line]:
    layer, runs = model.layers[index], list[Run]()
    if model.has_flags:
        outer = model.effective[layer.parent] if layer.parent >= 0 else model.trainable
        box = "all" if model.effective[index] else "none" if outer else "locked"
        if box == "locked" and not layer.trainable:
            box = "none"
        runs.append((f"{signs.BOX_SIGNS[box]} ", signs.BOX_ROLES[box]))
    parent, _, _ = layer.path.rpartition("/")
    if parent:
        runs.append((safe_text(parent) + "/", "muted"))
    runs += [
        (safe_text(layer.name), "title"),
        ("  ", ""),
        (safe_text(layer.class_name), "subtitle"),
    ]
    return flow(runs, width, hang=4)

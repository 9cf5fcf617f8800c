"""A comparison of two model files as text for 80 columns."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from textwrap import wrap

from kerastui.analysis.compare_results import (
    Comparison,
    FileSide,
    Frozen,
    LayerChange,
    Numbers,
    SettingChange,
    StateChange,
    WeightChange,
)
from kerastui.model import safe_text
from kerastui.model.figures import count, plural, weight_shape

from ...widgets.change_figures import nonfinite
from .paint import Colour, Paint, cells, fit

WIDTH = 80
_FIGURES = 45
"""Cells behind a weight's name and how it differs."""
_NAMED = 8
"""Layers that a sentence names."""
_BY = {
    "content": "same content", "name": "same name", "structure": "same inside",
    "place": "same place",
}  # fmt: skip
_ANSWERS: tuple[tuple[str, Colour], ...] = ((" Yes,", "green"), (" No,", "red"))
_SIGNS = {"both": "~", "added": "+", "removed": "-"}
_COLOURS: dict[str, Colour] = {"~": "bold", "+": "green", "-": "red", " ": "dim"}


def comparison_text(found: Comparison, colours: bool, *, everything: bool = False) -> str:
    """Return what differs, layer by layer; with `everything` also what does not."""
    paint = Paint(colours)
    lines = [*_side("old", found.old), *_side("new", found.new), ""]
    lines += _frozen(found.frozen, paint)
    shown = [layer for layer in found.layers if everything or not layer.same]
    if shown:
        lines.append("")
    for layer in shown:
        lines += _layer(layer, paint, everything)
    loose = [weight for weight in found.loose if everything or not weight.same]
    if loose:
        lines += ["", "weights that no layer owns", *(_weight(w, paint) for w in loose)]
    for title, settings in (("model", found.model), ("compile", found.compile)):
        if settings:
            lines += ["", title, *_settings(settings)]
    lines += ["", *_summary(found)]
    return "\n".join(line.rstrip() for line in lines)


def _side(label: str, side: FileSide) -> Iterator[str]:
    about = [
        side.format,
        f"Keras {safe_text(side.keras_version, 20)}" if side.keras_version else "",
    ]
    about.append(plural(side.layers, "layer"))
    about.append(f"{count(side.parameters)} parameters")
    yield f"{label}  {fit(safe_text(side.path, 1000), WIDTH - 5)}"
    yield f"     {' · '.join(part for part in about if part)}"


def _frozen(frozen: Frozen, paint: Paint) -> Iterator[str]:
    """Answer the question that fine-tuning raises; what moved is named."""
    first, *others = wrap(f"Did the frozen layers stay frozen? {_answer(frozen)}", WIDTH)
    for word, colour in _ANSWERS:
        first = first.replace(word, f" {paint(colour, word[1:-1])},", 1)
    yield first
    yield from others
    if frozen.statistics:
        which = plural(len(frozen.statistics), "frozen layer")
        yield from wrap(f"Moving statistics of {which} moved: {_names(frozen.statistics)}.", WIDTH)
    if frozen.unreadable:
        yield from wrap(f"Weights that cannot be read: {_names(frozen.unreadable)}.", WIDTH)


def _answer(frozen: Frozen) -> str:
    if not frozen.known:
        return "A file with weights only does not say which are."
    if not frozen.layers:
        return f"No layer is frozen in both files.{_only_new(frozen)}"
    if frozen.stayed is None:
        return "That cannot be told."
    if frozen.stayed:
        numbers = {1: "the one layer", 2: "both layers"}
        which = numbers.get(frozen.layers, f"all {count(frozen.layers)} layers")
        return f"Yes, {which} that both files call frozen.{_only_new(frozen)}"
    return (
        f"No, {count(len(frozen.moved))} of {count(frozen.layers)} moved though both files call "
        f"them frozen: {_names(frozen.moved)}.{_only_new(frozen)}"
    )


def _only_new(frozen: Frozen) -> str:
    """Tell of layers that were frozen after the old file was saved."""
    if not frozen.only_new:
        return ""
    which = f"{count(frozen.only_new)} that only the new file calls frozen"
    if not frozen.only_new_moved:
        return f" Of {which}, none moved."
    moved = f"{count(len(frozen.only_new_moved))} moved: {_names(frozen.only_new_moved)}"
    return f" Of {which}, {moved}."


def _names(paths: Iterable[str]) -> str:
    listed = list(paths)
    more = f" and {count(len(listed) - _NAMED)} more" if len(listed) > _NAMED else ""
    return ", ".join(safe_text(path, 100) for path in listed[:_NAMED]) + more


def _layer(layer: LayerChange, paint: Paint, everything: bool) -> Iterator[str]:
    sign = " " if layer.same else _SIGNS[layer.status]
    name = safe_text(layer.path, 500)
    head = f"{sign} {name if cells(name) <= WIDTH - 34 else fit(name, WIDTH - 34)}"
    frozen = "  frozen" if layer.frozen else ""
    room = WIDTH - 2 - cells(head) - len(frozen)
    class_name = fit(safe_text(layer.class_name, 200), room).rstrip()
    yield f"{paint(_COLOURS[sign], head)}  {class_name}{frozen}"
    if layer.renamed or layer.renumbered or (layer.old_path and everything):
        by = _BY.get(layer.how, "")
        yield f"    was {fit(safe_text(layer.old_path, 500), WIDTH - 26).rstrip()}  ({by})"
    for label, flags in (("trainable", layer.trainable), ("effective", layer.effective)):
        if flags is not None and (label == "trainable" or layer.trainable is None):
            words = "trainable" if label == "trainable" else "trainable (by what encloses it)"
            yield f"    {words}: {_yes(flags[0])} → {_yes(flags[1])}"
    yield from _settings(layer.settings)
    for weight in layer.weights:
        if everything or not weight.same:
            yield _weight(weight, paint)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _settings(changes: Iterable[SettingChange]) -> Iterator[str]:
    for change in changes:
        name = fit(change.name, 24).rstrip()
        old, new = change.old or "not stated", change.new or "not stated"
        line = f"    {name}: {old} → {new}"
        if cells(line) <= WIDTH:
            yield line
        else:
            yield f"    {name}:"
            yield f"      {fit(old, WIDTH - 8).rstrip()}"
            yield f"      → {fit(new, WIDTH - 8).rstrip()}"


def _weight(weight: WeightChange, paint: Paint) -> str:
    name = fit(safe_text(weight.name, 200), 22)
    if weight.state == "shape":
        shapes = f"{weight_shape(weight.old_shape or ())} → {weight_shape(weight.new_shape or ())}"
        return f"    {name} {paint('yellow', 'shape')}   {shapes}"
    if weight.state in ("added", "removed"):
        shape = weight.new_shape if weight.old_shape is None else weight.old_shape
        dtype = weight.new_dtype or weight.old_dtype
        return f"    {name} {weight.state:<9}{weight_shape(shape or ())} {safe_text(dtype, 20)}"
    if weight.state == "unreadable":
        return f"    {name} {paint('red', 'not read')} {safe_text(weight.problem, 300)}"
    words = "" if weight.old_dtype == weight.new_dtype else _dtypes(weight)
    if weight.numbers is None or weight.state == "equal":
        return f"    {name} {weight.state:<9}{words}"
    word = paint("yellow", "rounded" if weight.rounded else "changed")
    return f"    {name} {word} {_figures(weight, weight.numbers, words)}"


def _dtypes(weight: WeightChange) -> str:
    return f"{safe_text(weight.old_dtype, 20)} → {safe_text(weight.new_dtype, 20)}"


def _figures(weight: WeightChange, numbers: Numbers, dtypes: str) -> str:
    """Return what there is room for, the least telling left out first."""
    relative = f"relative {_figure(numbers.relative_l2)}"
    cosine = "" if numbers.cosine is None else f"cos {numbers.cosine:.4f}"
    ranked = (
        (1, nonfinite(numbers)),
        (4, f"max {_figure(numbers.max_abs)}"),
        (3, "from 0" if weight.relative == math.inf else relative),
        (2, dtypes),
        (5, cosine),
    )
    parts = [(rank, text) for rank, text in ranked if text]
    while sum(2 + cells(text) for _, text in parts) - 2 > _FIGURES and len(parts) > 1:
        parts.remove(max(parts))
    return "  ".join(text for _, text in parts)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2g}"


def _summary(found: Comparison) -> Iterator[str]:
    if found.same:
        yield "The models are the same."
    if renumbered := sum(layer.renumbered for layer in found.layers):
        which = f"Keras numbered {plural(renumbered, 'layer')} otherwise; that is no difference"
        yield from wrap(f"{which} (--all lists them).", WIDTH)
    different = sum(not layer.same for layer in found.layers)
    yield f"layers   {count(different)} of {count(len(found.layers))} differ"
    weights = (weight for layer in found.layers for weight in layer.weights)
    states = Counter("rounded" if weight.rounded else weight.state for weight in weights)
    words = {"shape": "of another shape", "unreadable": "not readable"}
    yield "weights  " + (
        ", ".join(f"{count(n)} {words.get(state, state)}" for state, n in states.items()) or "none"
    )
    yield f"optimizer state  {_state(found.state)}"


def _state(state: StateChange) -> str:
    if state.status == "unmatched":
        return f"cannot be compared. {state.reason}"
    if state.status == "none":
        return state.reason or "in neither file"
    if state.status != "compared":
        return {"added": "only in new", "removed": "only in old"}[state.status]
    changed = [slot for slot in state.slots if not slot.same]
    if not changed:
        return f"the same, {plural(len(state.slots), 'array')}"
    moved = [slot.numbers.relative_l2 for slot in changed if slot.numbers]
    largest = max((value for value in moved if value is not None), default=None)
    ending = f", relative change up to {_figure(largest)}" if largest is not None else ""
    return f"{count(len(changed))} of {plural(len(state.slots), 'array')} differ{ending}"

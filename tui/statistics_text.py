"""What the screen of statistics says around its table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual.content import Content

from kerastui.analysis.results import Statistics, WeightStatistics
from kerastui.model import Layer, Model, safe_text
from kerastui.model.axes import axes
from kerastui.model.figures import count, plural, size, weight_shape

from ..widgets.flow import Run, flow, glue
from ..widgets.number_text import number
from ..widgets.statistics_columns import StatRow
from ..widgets.statistics_flags import SIGNS, role_of, sentence, summed_up
from .dialogs.progress import bar
from .statistics_filling import Filling
from .statistics_known import Range, layers_of, weights_of
from .statistics_rows import Arrangement

_STYLES = {"bad": "bold $text-error", "warning": "$text-warning", "note": "$foreground-muted"}
_BAR = 24


def title(model: Model) -> Content:
    """Return which file it is about, and how much there is."""
    weights = sum(len(weights_of(model, index)) for index in layers_of(model))
    totals = model.parameters
    return Content.assemble(
        ("Statistics  ", "bold $text-accent"),
        safe_text(Path(model.file.path).name, 60),
        (
            f"   {plural(weights, 'weight')} · {plural(totals.total, 'parameter')}"
            f" · {size(totals.total_bytes)}",
            "$foreground-muted",
        ),
    )


def summary(
    found: Sequence[WeightStatistics], total: int, width: int, problem: str = "", full: bool = True
) -> Content:
    """Return how many weights have what, of all `total` or of those that are known so far.

    What kept the others from being known, a sentence, comes first; that nobody has looked for
    duplicates, unless `full`, comes last.
    """
    known, runs = len(found), summed_up(found)
    trouble = [(f"{SIGNS['bad']} {safe_text(problem, 600)}   ", _STYLES["bad"])] if problem else []
    if not known:
        return _flowed(trouble or [("…", "$foreground-muted")], width)
    of = f"{count(known)} of {count(total)} weights" if known < total else plural(total, "weight")
    parts = [*trouble, (f"{glue(of)}   ", "$foreground-muted")]
    parts += [(f"{glue(text)}   ", _STYLES[role]) for text, role in runs]
    if not runs:
        parts.append(("✓ nothing odd" + " so far" * (known < total) + "   ", "$text-success"))
    if not full and known == total:
        parts.append((glue("duplicates not looked for yet: Q"), "$foreground-muted"))
    return _flowed(parts, width)


def progress(filling: Filling) -> Content:
    """Return how far it is, how fast, and how to stop it."""
    share = filling.share
    return Content.assemble(
        bar(share, _BAR),
        f" {share:4.0%}",
        (f"  {size(int(filling.speed))}/s" if filling.speed else "", "$foreground-muted"),
        (f"  {safe_text(filling.stage, 60)}", "$foreground-muted"),
    )


def stopped(filling: Filling) -> Content:
    """Return how far it has come, and what to do; the summary says why it does not go on."""
    how = "tries again" if filling.problem else "goes on"
    return Content.styled(f"Stopped at {filling.share:.0%}; space {how}.", "$text-warning")


def range_title(within: Range | None) -> str:
    """Return the heading of the histograms: the range, if it is the same for all."""
    return f"± {within[1]:g}" if within else "distribution"


def arranged(shown: int, how: Arrangement, log_counts: bool) -> str:
    """Return how the table is arranged, and what its histograms show."""
    parts = [plural(shown, "layer" if how.by_layer else "weight")]
    if how.words:
        parts.append(f"with {safe_text(how.words, 60)!r}")
    if how.only_odd:
        parts.append("odd ones only")
    if how.sorting is not None:
        parts.append(f"by {how.sorting.title}, {'falling' if how.reverse else 'rising'}")
    elif how.reverse:
        parts.append("the last first")
    parts.append("histograms over " + ("one range" if how.one_range else "each one's range"))
    if log_counts:
        parts.append("log counts")
    return " · ".join(parts)


def detail(row: StatRow | None, model: Model, width: int) -> Content:
    """Return everything about a row, a line each; flags with their indices as far as they fit."""
    if row is None:
        return Content("")
    layer = model.layers[row.key[0]] if row.key[0] >= 0 else None
    lines = [_named(row)]
    found = row.found
    if found is None:
        return lines[0]
    if found.problem:
        role = "note" if found.readable else "bad"
        lines.append(Content.styled(safe_text(found.problem, 600), _STYLES[role]))
    for flag in found.flags:  # before the figures: where room is short they are what matters
        role, axis = role_of(flag, found), _axis(row, layer, flag.axis)
        said = sentence(flag, found.shape, axis, width - 2)
        lines.append(Content.styled(f"{SIGNS[role]} {said}", _STYLES[role]))
    if found.figures is not None:
        lines.append(_flowed([(text, "") for text in _figures(found.figures)], width))
    return Content("\n").join(lines)


def _flowed(runs: Sequence[Run], width: int) -> Content:
    """Break runs into lines; their roles are styles."""
    return Content("\n").join(Content.assemble(*line) for line in flow(runs, width))


def _named(row: StatRow) -> Content:
    shape = row.about or weight_shape(row.shape)
    about = f"   {shape}  {safe_text(row.dtype, 60)}  {plural(row.count, 'number')}"
    return Content.assemble(
        (safe_text(row.path, 300), "bold"),
        (f"   {safe_text(row.class_name, 60)}" if row.class_name else "", "$text-primary"),
        (about, "$foreground-muted"),
    )


def _figures(figures: Statistics) -> list[str]:
    """Return the figures with their names, each as one word."""
    named = [
        ("min", figures.min), ("max", figures.max), ("mean", figures.mean), ("std", figures.std),
        ("L2", figures.l2), ("L1", figures.l1),
    ]  # fmt: skip
    known = [(name, value) for name, value in named if value is not None]
    parts = [f"{name} {number(value, width=16, digits=8)}" for name, value in known]
    if figures.zeros:
        parts.append(plural(figures.zeros, "zero"))
    parts += [f"{count(n)} {name}" for name, n in (("NaN", figures.nan), ("Inf", figures.inf)) if n]
    parts += [f"{which:.0%} {number(value, digits=5)}" for which, value in figures.quantiles]
    return [f"{glue(part)}  " for part in parts]


def _axis(row: StatRow, layer: Layer | None, axis: int | None) -> str:
    """Return what an axis of the row's weight means; "" where nobody knows."""
    if layer is None or axis is None or row.key[1] < 0:
        return ""
    names = axes(layer, layer.weights[row.key[1]])
    return names[axis] if axis < len(names) else ""

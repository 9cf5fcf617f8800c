"""Figures and flags as lines of text: what they are, what they mean, what to do."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from kerastui.analysis.results import Flag, FlagName, Statistics, WeightStatistics
from kerastui.model import safe_text
from kerastui.model.figures import count, plural

from ...widgets.statistics_flags import BAD, SIGNS, WARNING, role_of

_LISTED = 12
"""Indices that are named; the number of all is said."""
_LABEL = 9
_STYLES = {BAD: "bold $text-error", WARNING: "bold $text-warning"}

_MEANINGS: dict[FlagName, str] = {
    "nan": "Whatever the layer computes of them is NaN as well. Training has diverged: go back to "
    "an earlier checkpoint, lower the learning rate or clip gradients.",
    "inf": "What the layer computes of them is infinite or NaN. Training has diverged: go back to "
    "an earlier checkpoint, lower the learning rate or clip gradients.",
    "zero": "Usual for a fresh bias, a fresh beta or a moving mean; a kernel that is all zero "
    "gives nothing on and, with what follows, may never learn.",
    "constant": "Usual for weights that an initializer fills with one number (gamma: 1); a "
    "kernel like that makes all its units the same.",
    "dead": "They give on (almost) nothing but the bias. A few are usual; many come of too high "
    "a learning rate or strong regularization, and can be pruned.",
    "duplicates": "They compute the same, bit for bit: copied, or begun alike and trained alike. "
    "All but one of each group can be pruned.",
    "saturated": "Larger values would have become infinite in this dtype, so some may have been "
    "cut off there: keep this weight in float32 or bfloat16.",
    "variance": "These channels hardly varied in training; the layer divides by √(variance + "
    "epsilon), which makes small differences in them huge.",
    "untouched": "The layer has not seen any data in training: fresh, or always called with "
    "training=False. It only multiplies by gamma and adds beta.",
    "untrained": "Nothing was learned here: the layer is new, was frozen from the start, or its "
    "weights were not loaded.",
    "packed": "Figures say little about the numbers that the layer computes with.",
}


def figure_lines(found: WeightStatistics) -> list[Content]:
    """Return the figures, a line each."""
    return [_line(*pair) for pair in _figures(found.figures)] if found.figures else []


def quantile_lines(found: WeightStatistics, complete: bool) -> list[Content]:
    """Return the quantiles, a line each; that they are on their way while more is computed."""
    if found.figures is None or not found.figures.finite:
        return []
    if not complete:
        return [Content.styled("quantiles …", "$foreground-muted")]
    lines = [_line(f"{which:4.0%}", number(value)) for which, value in found.figures.quantiles]
    return [Content.styled("quantiles", "$foreground-muted"), *lines]


def _figures(figures: Statistics) -> list[tuple[str, str]]:
    share = f"   {part(figures.zeros, figures.count)}" if figures.zeros else ""
    return [
        ("count", count(figures.count)),
        ("min", number(figures.min)),
        ("max", number(figures.max)),
        ("mean", number(figures.mean)),
        ("std", number(figures.std)),
        ("L1", number(figures.l1)),
        ("L2", number(figures.l2)),
        ("zeros", f"{count(figures.zeros)}{share}"),
        ("NaN", count(figures.nan)),
        ("inf", count(figures.inf)),
    ]


def _line(label: str, value: str) -> Content:
    return Content.assemble((f"{label:<{_LABEL}}", "$foreground-muted"), value)


def flag_paragraphs(
    found: WeightStatistics, meanings: Sequence[str], complete: bool
) -> list[Content]:
    """Return what is odd, a paragraph each, or that nothing is.

    Args:
        found: the figures.
        meanings: what each axis of the weight means; ``()`` where nobody knows.
        complete: whether all flags have been looked for.
    """
    if found.problem:
        role = BAD if not found.readable else ""
        sign = f"{SIGNS[BAD]} " if role else ""
        return [Content.styled(sign + safe_text(found.problem, 1000), _STYLES.get(role, ""))]
    if not found.flags:
        if found.figures is None or not found.figures.count:
            return [Content.styled("No values: an axis has no elements.", "$foreground-muted")]
        text = "✓ nothing odd found" if complete else "nothing odd so far …"
        return [Content.styled(text, "$text-success" if complete else "$foreground-muted")]
    return [_paragraph(flag, found, meanings) for flag in found.flags]


def _paragraph(flag: Flag, found: WeightStatistics, meanings: Sequence[str]) -> Content:
    role = role_of(flag, found)
    head = f"{SIGNS[role]} {_said(flag, found, meanings)}"
    said_before = flag.name == "inf" and found.has("nan")
    meaning = "" if said_before else _MEANINGS[flag.name]
    return Content.assemble((head, _STYLES.get(role, "bold")), (f" {meaning}", "$foreground-muted"))


def _said(flag: Flag, found: WeightStatistics, meanings: Sequence[str]) -> str:
    things = _things(flag, found, meanings)
    match flag.name:
        case "nan":
            return f"{plural(flag.count, 'value is', 'values are')} NaN."
        case "inf":
            return f"{plural(flag.count, 'value is', 'values are')} infinite."
        case "zero":
            return "All values are zero."
        case "constant":
            value = found.figures.min if found.figures else None
            return f"All values are the same: {number(value)}."
        case "dead":
            return f"{things} dead: {listed(flag.indices, flag.count)}."
        case "variance":
            return f"{things} with a variance of about 0: {listed(flag.indices, flag.count)}."
        case "duplicates":
            groups = ", ".join(_group(group) for group in flag.groups[:_GROUPS])
            more = f", and {len(flag.groups) - _GROUPS} more groups"
            return f"{things} equal to another: {groups}{more * (len(flag.groups) > _GROUPS)}."
        case "saturated":
            return f"Has the largest value that {safe_text(found.dtype)} can hold."
        case "untouched":
            return "Moving statistics as before training: mean 0, variance 1."
        case "untrained":
            return "Looks never trained: distributed as its initializer draws it."
        case "packed":
            return "Two 4-bit numbers a byte; figures are those of the 4-bit numbers."


_GROUPS = 4


def _group(group: Sequence[int]) -> str:
    shown = " = ".join(map(str, group[:_GROUPS]))
    return shown + (f" = … ({len(group)} of them)" if len(group) > _GROUPS else "")


def _things(flag: Flag, found: WeightStatistics, meanings: Sequence[str]) -> str:
    """Return how many of how many of what: ``3 of 64 filters``."""
    axis = flag.axis
    if axis is None or axis >= len(found.shape):
        return count(flag.count)
    name = meanings[axis].partition(" (")[0] if axis < len(meanings) else f"on axis {axis}"
    return f"{count(flag.count)} of {count(found.shape[axis])} {safe_text(name, 30)}"


def listed(indices: Sequence[int], total: int) -> str:
    """Return the first indices: ``4, 17, 31, and 12 more``."""
    shown = ", ".join(map(str, indices[:_LISTED]))
    return shown + (f", and {count(total - _LISTED)} more" if total > _LISTED else "")


def number(value: float | None) -> str:
    """Return a figure with six digits; ``–`` for none."""
    if value is None:
        return "–"
    text = str(value) if isinstance(value, int) and abs(value) < 10**18 else f"{value:.6g}"
    return text.replace("-", "−")


def part(some: int, total: int) -> str:
    """Return a share as a percentage that is neither 0 nor 100 unless it is exactly."""
    share = 100 * some / total if total else 0.0
    if 0 < share < 0.001:
        return "< 0.001 %"
    if 99.999 < share < 100:
        return "> 99.999 %"
    return f"{share:.3g} %"

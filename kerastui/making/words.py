"""Figures of arrays and of what a dtype loses, in words."""

from __future__ import annotations

from ..model.figures import number, plural, weight_shape
from .results import Loss, Summary


def summary_text(summary: Summary) -> str:
    """Return an array's figures: ``3×3×1×12 float32, -0.356 … 0.336, mean 0.00138``."""
    text = f"{weight_shape(summary.shape)} {summary.dtype}"
    if summary.least is not None and summary.greatest is not None and summary.mean is not None:
        text += f", {_short(summary.least)} … {_short(summary.greatest)}"
        text += f", mean {_short(summary.mean)}"
    if summary.not_finite:
        text += f", {summary.not_finite:,} not finite"
    return text


def loss_text(loss: Loss) -> str:
    """Return what is lost: ``largest error 7.6e-05, relative 0.047 %, none overflows``."""
    if not (loss.absolute or loss.overflows or loss.underflows):
        return "nothing is lost"
    parts = [f"largest error {_short(loss.absolute)}", f"relative {100 * loss.relative:.2g} %"]
    if loss.underflows:
        parts.append(f"{plural(loss.underflows, 'value')} become zero")
    parts.append(
        f"{plural(loss.overflows, 'value')} would become infinite"
        if loss.overflows
        else "none overflows"
    )
    return ", ".join(parts)


def _short(value: float) -> str:
    return number(float(f"{value:.3g}"))

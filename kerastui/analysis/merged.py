"""Figures of several arrays as if they were one: what a layer, or a model, amounts to.

Without NumPy: the screen merges what the clerk has found.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .results import Flag, Statistics, WeightStatistics


def merged(parts: Iterable[Statistics]) -> Statistics:
    """Return the figures of all elements together, exact but for the rounding of float64.

    Deviations are merged by Chan, Golub and LeVeque (1983), as in `moments`; `math.hypot` scales
    its arguments, so that squares neither overflow nor vanish. Quantiles are not to be had from
    those of parts and are left out.
    """
    known = list(parts)
    finite = [part for part in known if part.mean is not None and part.std is not None]
    lows = [part.min for part in known if part.min is not None]
    highs = [part.max for part in known if part.max is not None]
    mean, std = _mean_and_deviation(finite)
    return Statistics(
        count=sum(part.count for part in known),
        min=min(lows, default=None),
        max=max(highs, default=None),
        mean=mean,
        std=std,
        l1=_sum(part.l1 for part in known),
        l2=math.hypot(*(part.l2 for part in known)),
        zeros=sum(part.zeros for part in known),
        nan=sum(part.nan for part in known),
        inf=sum(part.inf for part in known),
    )


def _sum(numbers: Iterable[float]) -> float:
    try:
        return math.fsum(numbers)
    except OverflowError:
        return math.inf


def _mean_and_deviation(parts: Sequence[Statistics]) -> tuple[float | None, float | None]:
    if not parts:
        return None, None
    if len(parts) == 1:
        return parts[0].mean, parts[0].std
    total = sum(part.finite for part in parts)
    shares = [part.finite / total for part in parts]
    means = [part.mean or 0.0 for part in parts]
    if min(means) == max(means):
        mean = means[0]
    else:
        mean = math.fsum(share * value for share, value in zip(shares, means, strict=True))
    apart: list[float] = []
    for part, share, value in zip(parts, shares, means, strict=True):
        root = math.sqrt(share)
        # Each half is scaled first: their difference may be more than float64 holds.
        apart += [root * (part.std or 0.0), root * value - root * mean]
    return mean, math.hypot(*apart)


def merged_flags(rows: Iterable[WeightStatistics]) -> tuple[Flag, ...]:
    """Return the flags that any of the weights has, each once, with the sum of its counts.

    Indices are left out: they count along axes of different weights.
    """
    counts: dict[str, Flag] = {}
    for row in rows:
        for flag in row.flags:
            known = counts.get(flag.name)
            total = flag.count + (known.count if known else 0)
            counts[flag.name] = replace(flag, count=total, indices=(), groups=(), axis=None)
    return tuple(counts.values())


def merged_weights(path: str, layer: int, rows: Sequence[WeightStatistics]) -> WeightStatistics:
    """Return what a layer's weights amount to; its problem is that of the first that has one."""
    figures = [row.figures for row in rows if row.figures is not None]
    return WeightStatistics(
        path,
        layer,
        (),
        " ".join(dict.fromkeys(row.dtype for row in rows)),
        merged(figures) if figures else None,
        merged_flags(rows),
        next((row.problem for row in rows if row.problem), ""),
        all(row.readable for row in rows),
    )

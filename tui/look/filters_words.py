"""What is said about a gallery of filters and the one under the cursor."""

from __future__ import annotations

from math import prod

from kerastui.analysis.picture_results import FilterFigures, GalleryOptions

Shape = tuple[int, ...]


def described(options: GalleryOptions, shape: Shape, by_norm: bool, left_out: int = 0) -> str:
    """Say which part of the filters is seen, and how."""
    axes, parts = options.axes, list[str]()
    if options.only is not None:
        parts.append(f"filter {_name(options.only, options, shape)}, a tile for each input channel")
    else:
        parts.append(f"{axes.count(shape):,} filters")
        if axes.inputs >= 0:
            parts.append(_channel(options, shape[axes.inputs]))
        elif axes.stacked:
            parts.append("input channels down")
    if axes.depth >= 0:
        parts.append(f"{{ }} depth {options.depth} of {shape[axes.depth]}")
    parts.append("each on its own scale" if options.each else "one scale for all")
    if by_norm and options.only is None:
        parts.append("largest norm first")
    if left_out:
        parts.append(f"{left_out:,} more are not shown")
    return " · ".join(parts)


def said_of_tile(
    number: int, options: GalleryOptions, shape: Shape, figures: FilterFigures | None
) -> str:
    """Say which filter a tile is, and its figures over all its channels."""
    of_channel = whole = ""
    if options.only is not None:
        of_channel, whole = f", input channel {number:,}", "whole filter: "
        number = options.only
    parts = [f"filter {_name(number, options, shape)}{of_channel}"]
    if figures is not None:
        parts.append(f"{whole}norm {figures.norms[number]:.4g}")
        if figures.lows[number] <= figures.highs[number]:
            parts.append(f"{figures.lows[number]:.4g} … {figures.highs[number]:.4g}")
        if number in figures.dead:
            parts.append("dead")
        if number in figures.broken:
            parts.append("has NaN or infinite values")
    return " · ".join(parts)


def _channel(options: GalleryOptions, count: int) -> str:
    if options.channel == "rgb":
        return "three input channels as red, green, blue"
    if options.channel == "mean":
        return f"mean over {count:,} input channels"
    return f"input channel {options.channel:,} of {count:,}"


def _name(number: int, options: GalleryOptions, shape: Shape) -> str:
    """Return a filter's number, and what it is made of where that says more."""
    axes = options.axes
    if len(axes.outputs) == 2 and shape[axes.outputs[1]] > 1:
        channel, which = divmod(number, shape[axes.outputs[1]])
        return f"{number:,} (channel {channel:,}, filter {which})"
    if axes.gates:
        each = max(1, prod(shape[axis] for axis in axes.outputs) // len(axes.gates))
        gate = axes.gates[min(number // each, len(axes.gates) - 1)]
        return f"{number % each:,} of gate {gate}"
    return f"{number:,}"

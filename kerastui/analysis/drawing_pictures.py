"""Filters and heat maps as PNG or SVG, with every pixel that there is and a colour bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import matplotlib.cm
import matplotlib.colors
import matplotlib.ticker
import numpy as np

from ..files.stored_array import StoredArray
from ..model import Goal
from ..model.figures import count
from .drawing import DOTS_AN_INCH, INK, Axes, drawn, label
from .drawing_gallery import Sheet, arranged
from .export_file import saved
from .export_results import Saved
from .numbers import Array
from .picture_blocks import blocks_of
from .picture_colours import FINE_LEVELS
from .picture_results import GalleryOptions, HeatMap, HeatOptions
from .picture_tiles import gallery_of
from .pictures import heat_map_of
from .streaming import Advance, no_advance

# Half of what Matplotlib says of its types is unknown.
_colors: Any = matplotlib.colors
_cm: Any = matplotlib.cm
_ticker: Any = matplotlib.ticker
_MOST = 1500
"""Pixels of a heat map's side, each a dot at least."""
_SIDE = 6.0
"""Inches of a picture's longer side, unless it has more dots."""
_MOST_NUMBERS = 2048
"""Numbers that are written; a thousand take two seconds."""
_BESIDE = 1.4
"""Inches for the colour bar."""


def draw_gallery(
    array: StoredArray,
    options: GalleryOptions,
    order: Sequence[int] | None,
    columns: int,
    titles: tuple[str, str],
    target: Goal,
    place: object = None,
    advance: Advance = no_advance,
) -> Saved:
    """Draw filters as tiles with their numbers, in an order or their own, `columns` a row.

    `titles` are the title and the line below it; `place` is what must not be written over.
    Raises what `gallery_of` does, SaveFailed.
    """
    gallery = gallery_of(array, options, advance, FINE_LEVELS)
    tiles = np.frombuffer(gallery.rgb, "u1").reshape(-1, gallery.height, gallery.width, 3)
    numbers = range(len(tiles)) if order is None else list(order)
    sheet = arranged(tiles[list(numbers)], columns, len(str(max(numbers, default=0))))
    with drawn(target, *titles, place=place, size=_size(sheet.picture)) as axes:
        axes.imshow(sheet.picture, interpolation="nearest")
        axes.set_axis_off()
        _number(axes, sheet, numbers)
        if gallery.palette:
            limit = 1.0 if options.each else gallery.limit
            words = "of each tile's largest value" if options.each else "value"
            _colour_bar(axes, gallery.palette, limit, words)
    return saved(target)


def draw_heat_map(
    array: StoredArray,
    options: HeatOptions,
    title: str,
    names: tuple[str, str],
    target: Goal,
    place: object = None,
    advance: Advance = no_advance,
) -> Saved:
    """Draw the part of a slice that `options` name, in as many pixels as a picture has.

    `names` are those of the axes that run down and across.
    """
    options = replace(options, height=_MOST, width=_MOST)
    blocks = blocks_of(array, options, advance)
    heat = heat_map_of(blocks, options, FINE_LEVELS)
    pixels = np.frombuffer(heat.rgb, "u1").reshape(heat.height, heat.width, 3).copy()
    if not heat.row_edges:
        pixels.reshape(-1, 3)[len(heat.column_edges) - 1 :] = 255
    with drawn(target, title, _said(heat, options), place=place, size=_size(pixels)) as axes:
        axes.imshow(pixels, interpolation="nearest", aspect="auto", extent=_extent(heat))
        if heat.row_edges:
            label(axes, names[1], names[0])
            for axis in (axes.xaxis, axes.yaxis):  # between two indices there is nothing
                axis.set_major_locator(_ticker.MaxNLocator(integer=True, min_n_ticks=1))
        else:
            axes.set_axis_off()
        _colour_bar(axes, heat.palette, heat.limit, "value")
    return saved(target)


def _number(axes: Axes, sheet: Sheet, numbers: Sequence[int]) -> None:
    """Write each tile's number below it; of very many only the first one's of every row."""
    if not sheet.font:
        return
    # As large on the picture as in the sheet, however many inches that has.
    inches = _size(sheet.picture)[0] - _BESIDE
    points = 72 * sheet.font * inches / max(sheet.picture.shape[1], 1)
    points = min(points, 72 * sheet.font / DOTS_AN_INCH)
    step = 1 if len(numbers) <= _MOST_NUMBERS else sheet.columns
    for number, (x, y) in list(zip(numbers, sheet.places, strict=True))[::step]:
        axes.text(
            x, y, str(number), color=INK, fontsize=points, ha="center", va="top", in_layout=False,
        )  # fmt: skip


def _size(picture: Array) -> tuple[float, float]:
    """Return inches for a picture that has a dot for every pixel, title and colour bar beside."""
    height, width = picture.shape[:2]
    scale = max(_SIDE / max(height, width), 1 / DOTS_AN_INCH)
    return max(4.0, width * scale) + _BESIDE, max(1.5, height * scale) + 0.9


def _colour_bar(axes: Axes, colours: bytes, limit: float, words: str) -> None:
    rows = np.frombuffer(colours, "u1").reshape(-1, 3) / 255
    scale = _colors.Normalize(-(limit or 1), limit or 1)
    shown = _cm.ScalarMappable(scale, _colors.ListedColormap(rows))
    axes.figure.colorbar(shown, ax=axes, label=words, fraction=0.05, pad=0.02)


def _extent(heat: HeatMap) -> tuple[float, float, float, float] | None:
    if not heat.row_edges:
        return None
    rows, columns = heat.row_edges, heat.column_edges
    return columns[0] - 0.5, columns[-1] - 0.5, rows[-1] - 0.5, rows[0] - 0.5


def _said(heat: HeatMap, options: HeatOptions) -> str:
    elements = heat.column_edges[-1] - heat.column_edges[0]
    if heat.row_edges:
        elements *= heat.row_edges[-1] - heat.row_edges[0]
    parts = [f"{count(elements)} elements"]
    if elements > heat.height * heat.width:
        what = "mean" if options.reduction == "mean" else "value farthest from zero"
        parts.append(f"a pixel is the {what} of its block")
    parts += [f"{count(n)} {name}" for n, name in ((heat.nan, "NaN"), (heat.inf, "infinite")) if n]
    return ", ".join(parts)

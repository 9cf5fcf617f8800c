"""Pictures with titles and axes, written as PNG or SVG: one style for all of them.

Matplotlib's objects are used without pyplot, which would want a display and keep every figure.
Text that comes from a file is drawn as it is: neither ``$…$`` nor TeX means anything in it.
"""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from ..model import Goal, safe_text
from .export_file import save_bytes, suffix_of

# Half of what Matplotlib says of its types is unknown.
Axes = Any
_matplotlib: Any = matplotlib
_Figure: Any = Figure

FORMATS = (".png", ".svg")
DOTS_AN_INCH = 150
INK, PAPER, GRID = "#1f2933", "#ffffff", "#e3e7ec"
COLOURS = ("#2563ab", "#d1662f", "#2f8f5b", "#a23b72", "#7a6ff0", "#8a6d3b")
"""Of series, in order: told from each other by people who do not see all colours, too."""
DIVERGING, SEQUENTIAL = "RdBu_r", "viridis"
"""Colour maps for numbers about zero, and for sizes."""
_STYLE: dict[str, Any] = {
    "axes.edgecolor": INK, "axes.labelcolor": INK, "axes.titlecolor": INK,
    "axes.titlelocation": "left", "axes.titlesize": 11, "axes.titleweight": "bold",
    "axes.labelsize": 9, "axes.spines.top": False, "axes.spines.right": False,
    "axes.axisbelow": True, "axes.formatter.useoffset": False,
    "axes.prop_cycle": _matplotlib.cycler(color=COLOURS),
    "figure.facecolor": PAPER, "axes.facecolor": PAPER, "text.color": INK,
    "font.family": "sans-serif", "font.size": 9, "grid.color": GRID, "legend.frameon": False,
    "lines.linewidth": 1.5, "savefig.dpi": DOTS_AN_INCH, "xtick.color": INK, "ytick.color": INK,
    "text.usetex": False, "svg.hashsalt": "kerastui",
}  # fmt: skip
"""On top of Matplotlib's defaults: what somebody has in a matplotlibrc does not count."""


@contextmanager
def drawn(
    target: Goal,
    title: str,
    subtitle: str = "",
    *,
    place: object = None,
    size: tuple[float, float] = (8.0, 5.0),
) -> Generator[Axes]:
    """Yield axes to draw on, which are written to `target` when the block is left.

    Args:
        target: a name that ends in one of `FORMATS`; a plain path replaces what is there.
        title: above the axes, may quote text from a file.
        subtitle: below the title, likewise.
        place: where the values come from, which is not written over.
        size: in inches.

    Raises SaveFailed.
    """
    suffix = suffix_of(target, *FORMATS)
    with _matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # glyphs that the font lacks
        _matplotlib.rcdefaults()
        _matplotlib.rcParams.update(_STYLE)
        figure = _Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        write_title(axes, title, subtitle)
        yield axes
        picture = BytesIO()
        # No date: the same numbers give the same file.
        figure.savefig(
            picture, format=suffix[1:], metadata={"Date": None} if suffix == ".svg" else None
        )
    save_bytes(target, picture.getvalue(), place)


def write_title(axes: Axes, title: str, subtitle: str = "") -> None:
    """Write a title over axes and a line below it, whatever characters are in them."""
    width = axes.figure.get_figwidth()
    axes.set_title(end_of(title, int(width * 9.5)), pad=20 if subtitle else 8, parse_math=False)
    axes.annotate(
        safe_text(subtitle, int(width * 13)), (0, 1), (0, 6), xycoords="axes fraction",
        textcoords="offset points", parse_math=False, in_layout=False,
    )  # fmt: skip


def end_of(text: str, room: int) -> str:
    """Return the end of a text, which of a path is what matters."""
    plain = safe_text(text, 1000)
    return plain if len(plain) <= room else "…" + plain[-room:]


def label(axes: Axes, across: str, up: str) -> None:
    """Write along both axes, whatever characters are in it."""
    axes.set_xlabel(safe_text(across, 110), parse_math=False)
    axes.set_ylabel(safe_text(up, 110), parse_math=False)

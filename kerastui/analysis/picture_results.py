"""Pictures of weights as they cross to the screen: pixels and what they are of, without NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PaletteName = Literal["dark", "light", "dark-256", "light-256", "grey"]
"""Zero is black, white or middle grey; see `picture_colours`."""
Reduction = Literal["mean", "extreme"]
"""What a pixel shows of its block: the mean, or the value that is farthest from zero."""
Channel = int | Literal["mean", "rgb"]
"""Which input channel is seen, the mean over all, or three as red, green and blue."""


@dataclass(frozen=True)
class FilterAxes:
    """Which axes of a kernel are what; -1 for one that it does not have."""

    height: int
    width: int
    inputs: int
    """The axis of which a tile shows one index (an input channel), or the mean."""
    outputs: tuple[int, ...]
    """Axes that count tiles; two in a depthwise kernel: input channel and multiplier."""
    depth: int = -1
    gates: tuple[str, ...] = ()
    """Names of the gates side by side in the last of `outputs` (ConvLSTM)."""
    stacked: bool = False
    """Whether `height` is the axis of input channels, of a kernel of one dimension."""

    def count(self, shape: tuple[int, ...]) -> int:
        """Return the number of filters."""
        number = 1
        for axis in self.outputs:
            number *= shape[axis]
        return number


@dataclass(frozen=True)
class GalleryOptions:
    """What a gallery shows."""

    axes: FilterAxes
    channel: Channel = 0
    depth: int = 0
    """Index along the kernel's depth."""
    each: bool = True
    """Whether each tile has its own colour scale."""
    only: int | None = None
    """A filter whose input channels are the tiles; None: the filters are."""
    palette: PaletteName = "dark"
    floor: float = 0.0
    """Absolute values that are about zero (`FilterFigures.floor`), as far as that is known: a
    tile of such has no scale of its own."""


@dataclass(frozen=True)
class Gallery:
    """Tiles of `height` × `width` pixels, one after the other, three bytes a pixel."""

    count: int
    height: int
    width: int
    rgb: bytes
    limit: float
    """Absolute value at both ends of the colour scale; of the largest tile's where each tile
    has its own."""
    least: float = 0.0
    """Least such value of the tiles that have their own scale."""
    left_out: int = 0
    """Tiles beyond what can be shown."""
    nan: int = 0
    inf: int = 0
    palette: bytes = b""
    """Colours of the scale from -limit to limit, three bytes each; empty in RGB."""
    nan_colour: bytes = b""
    inf_colour: bytes = b""


@dataclass(frozen=True)
class FilterFigures:
    """Figures of every filter, over all its channels; of finite values."""

    norms: tuple[float, ...]
    """L2."""
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    dead: frozenset[int]
    """Filters that hold nothing but about zero; see `filters.DEAD`."""
    broken: frozenset[int]
    """Filters that hold NaN or infinities."""
    floor: float
    """Absolute value up to which one counts as about zero."""


@dataclass(frozen=True)
class HeatOptions:
    """What a heat map shows: a part of two axes, the others held at an index."""

    rows: int
    columns: int
    """-1 for arrays of rank 1, which are wrapped: `rows` is the axis."""
    at: tuple[int, ...]
    row_part: tuple[int, int]
    """First index and the one after the last."""
    column_part: tuple[int, int]
    height: int
    """At most so many pixels."""
    width: int
    reduction: Reduction = "mean"
    clip: bool = False
    """Whether the scale ends at the 99th percentile of absolute values, not at the largest."""
    palette: PaletteName = "dark"


@dataclass(frozen=True)
class HeatMap:
    """Pixels, each of a block of elements."""

    height: int
    width: int
    rgb: bytes
    """Three bytes a pixel, row by row."""
    values: bytes
    """A float64 a pixel in the machine's byte order; NaN or infinite where a block has any."""
    row_edges: tuple[int, ...]
    """First index of each row of pixels, and the index after the last; ``()`` if wrapped."""
    column_edges: tuple[int, ...]
    """The same of columns; of a wrapped array, of all pixels one after the other."""
    limit: float
    """Absolute value at both ends of the colour scale."""
    beyond: int
    """Pixels that lie beyond it."""
    nan: int
    """Elements, not pixels."""
    inf: int
    palette: bytes
    """Colours of the scale from -limit to limit, three bytes each."""
    nan_colour: bytes
    inf_colour: bytes

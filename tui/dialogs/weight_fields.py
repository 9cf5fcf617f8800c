"""What the dialogs about weights say of arrays, files, seeds and initializers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from textual.content import Content
from textual.widgets.option_list import Option

from kerastui.edits.initial import initializer_of
from kerastui.errors import BadEdit
from kerastui.making.results import Named
from kerastui.model import Layer, Weight, safe_text
from kerastui.model.figures import number, size, weight_shape

from .completion import expand

MAX_SEED = 2**32 - 1
MAX_LISTED = 500
"""Arrays that are listed of one file."""


def whole(text: str) -> int | None:
    """Return the seed that was typed; None for what is none."""
    if text.isdigit() and text.isascii() and len(text) <= 10 and int(text) <= MAX_SEED:
        return int(text)
    return None


async def existing_file(text: str, base: Path, pause: float) -> Path | None:
    """Return the file that a text means, after a pause; None for none, or a folder.

    The pause is for whoever goes on typing: the coroutine is cancelled then.
    """
    await asyncio.sleep(pause)
    try:
        path = expand(text.strip(), base).absolute()
        found = bool(text.strip()) and await asyncio.to_thread(path.is_file)
    except (OSError, ValueError):
        return None
    return path if found else None


def in_order(arrays: Sequence[Named], weight: Weight) -> tuple[Named, ...]:
    """Return the arrays that fit a weight first, those called the same before all."""

    def rank(array: Named) -> tuple[bool, bool]:
        name = array.name.rpartition("/")[2]
        return array.source.shape != weight.shape, name != weight.name.rpartition("/")[2]

    return tuple(sorted(arrays, key=rank)[:MAX_LISTED])


def weight_heading(layer: Layer, number: int) -> Content:
    """Say which weight it is: name, shape, dtype, size, and which of how many."""
    weight = layer.weights[number]
    figures = (
        f"  {weight_shape(weight.shape)}  {safe_text(weight.dtype, 20)}  {size(weight.nbytes)}"
    )
    count = len(layer.weights)
    place = f"  {number + 1} of {count}" if count > 1 else ""
    return Content.assemble(
        (safe_text(weight.name, 60), "bold"), figures, (place, "$foreground-muted")
    )


def array_options(arrays: Sequence[Named], weight: Weight) -> list[Option]:
    """Return a row for each array; those of another shape cannot be chosen."""
    rows: list[Option] = []
    for array in arrays:
        fits = array.source.shape == weight.shape
        name = safe_text(array.name, 200) or safe_text(array.source.label, 200)
        shape = f"  {weight_shape(array.source.shape)} {safe_text(array.source.dtype, 20)}"
        text = Content.assemble("✓ " if fits else "  ", name, (shape, "dim"))
        rows.append(Option(text, disabled=not fits))
    return rows


def about_initializer(layer: Layer, weight: Weight) -> str:
    """Say how Keras begins with this weight: ``GlorotUniform: uniform from -0.22 to 0.22``."""
    try:
        initializer = initializer_of(layer, weight)
    except BadEdit as error:
        return str(error)
    spread = initializer.spread(weight.shape)
    first, second = (number(float(f"{x:.3g}")) for x in (spread.first, spread.second))
    words = {
        "constant": f"all {first}",
        "uniform": f"uniform from {first} to {second}",
        "normal": f"normal, mean {first}, standard deviation {second}",
        "truncated": f"normal, mean {first}, standard deviation {second}, cut off beyond two",
        "orthogonal": f"an orthogonal matrix, gain {first}",
        "identity": f"the identity matrix, gain {first}",
    }
    gate = "; ones in the forget gate" if initializer.ones else ""
    return f"{initializer.label}: {words[spread.form]}{gate}."

"""What is said of a matrix's singular values."""

from __future__ import annotations

import math

from textual.content import Content

from kerastui.analysis.matrix_results import Spectrum
from kerastui.model import safe_text
from kerastui.model.figures import count, plural, weight_shape


def seen_as(shape: tuple[int, ...], meanings: tuple[str, ...]) -> str:
    """Return how an array is seen as a matrix, in words."""
    rows, columns = math.prod(shape[:-1]), shape[-1]
    size = weight_shape((rows, columns))
    if len(shape) > 2:
        size = f"{weight_shape(shape)} folded to a matrix of {size}"
    if not meanings:
        return size
    down = ", ".join(safe_text(meaning, 40) for meaning in meanings[:-1])
    return f"{size} (down: {down}; across: {safe_text(meanings[-1], 40)})"


def facts(spectrum: Spectrum) -> Content:
    """Return what the values come to."""
    side = min(spectrum.rows, spectrum.columns)
    rank = f"{count(spectrum.rank)} of {count(side)}"
    if not spectrum.rank:
        return Content("all singular values are 0")
    energies = ", ".join(
        f"{share:.0%} of the energy in {plural(needed, 'value')}"
        for share, needed in spectrum.for_energy
    )
    condition = (
        f"{spectrum.condition:.4g}" if spectrum.condition is not None
        else f"over {spectrum.values[0] / spectrum.floor:.1e}"
    )  # fmt: skip
    parts = [
        ("rank ", "$foreground-muted"), (rank, ""),
        ("   effective rank ", "$foreground-muted"), (f"{spectrum.effective_rank:.1f}", ""),
        ("   stable rank ", "$foreground-muted"), (f"{spectrum.stable_rank:.1f}", ""),
        ("   condition ", "$foreground-muted"), (condition, ""),
        ("\n" + energies, ""),
    ]  # fmt: skip
    if spectrum.values[-1] <= spectrum.floor:
        how = " and of computing it by the Gram matrix" if spectrum.method == "gram" else ""
        noise = f"\nbelow {spectrum.floor:.1e} is the noise of rounded elements{how}"
        parts.append((noise, "$foreground-muted"))
    return Content.assemble(*parts)


def value_line(spectrum: Spectrum, index: int) -> Content:
    """Return a line about one value."""
    value = spectrum.values[index]
    said = f"   {spectrum.cumulative[index]:.2%} of the energy up to here"
    if value <= spectrum.floor:
        said = "   noise" + said
    return Content.assemble(
        (f"value {index + 1}", "bold"), (f"   {value:.6g}", ""), (said, "$foreground-muted")
    )

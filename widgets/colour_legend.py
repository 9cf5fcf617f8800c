"""What a picture's colours mean, in numbers, on one line."""

from __future__ import annotations

from textual.content import Content

from .pixels import SHADES

_CELLS = 21


def colour_legend(
    limit: float,
    palette: bytes,
    odd: tuple[tuple[str, int, bytes], ...] = (),
    *,
    beyond: int = 0,
    shaded: bool = False,
) -> Content:
    """Return a scale from -`limit` to `limit`, and what else there is.

    Args:
        limit: absolute value at both ends.
        palette: colours of the scale, three bytes each.
        odd: names, numbers and colours of elements that are off the scale (NaN, infinite).
        beyond: pixels whose values exceed the limit.
        shaded: whether the picture is drawn without colours.
    """
    count = len(palette) // 3
    cells = min(_CELLS, count)
    parts: list[tuple[str, str]] = [(f"−{limit:.4g} ", "")]
    for cell in range(cells):
        if shaded:
            parts.append((SHADES[cell * len(SHADES) // cells], ""))
            continue
        at = 3 * (cell * (count - 1) // max(1, cells - 1))
        parts.append((" ", f"on #{palette[at : at + 3].hex()}"))
    parts.append((f" {limit:.4g}", ""))
    if beyond:
        parts.append((f"  {beyond:,} beyond", "$text-muted"))
    for name, number, colour in odd:
        if number:
            parts += [("  ", ""), ("■", f"#{colour.hex()}"), (f" {name} {number:,}", "$text-error")]
    return Content.assemble(*parts)

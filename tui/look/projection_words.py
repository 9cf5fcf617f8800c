"""What is said of a projection, and of the point under the cursor."""

from __future__ import annotations

from bisect import bisect_left

from textual.content import Content

from kerastui.analysis.matrix_results import Neighbours, Projection
from kerastui.model import safe_text
from kerastui.model.figures import count

from .vocabulary import Tokens

PLANES = ((0, 1), (0, 2), (1, 2))
"""Pairs of components that are shown, in the order of the key that changes them."""
_TOKENS = {"vocabulary": "tokens"}


def about(projection: Projection, along: str, meanings: tuple[str, ...]) -> Content:
    """Return how many points there are, how much the components explain, what is left out."""
    points, features = _nouns(along, meanings)
    parts = [
        f"{count(projection.points)} {points} as points of {count(projection.features)} {features}"
    ]
    shares = ", ".join(f"{share:.1%}" for share in projection.explained)
    parts.append(f"components 1, 2, 3 explain {shares} of the variance")
    finite = projection.points - projection.left_out
    if len(projection.shown) < finite:
        parts.append(f"{count(len(projection.shown))} of them shown, evenly spaced")
    if projection.left_out:
        parts.append(f"{count(projection.left_out)} with NaN or Inf left out")
    if not projection.exact:
        parts.append("components approximated (randomized)")
    return Content(" · ".join(parts))


def _nouns(along: str, meanings: tuple[str, ...]) -> tuple[str, str]:
    """Return what the points are and what their features are: ``units (columns)``, ``inputs``."""
    if len(meanings) != 2:
        return along, "features"
    down, across = (_TOKENS.get(meaning, safe_text(meaning, 40)) for meaning in meanings)
    return (f"{down} (rows)", across) if along == "rows" else (f"{across} (columns)", down)


def axis_label(projection: Projection, component: int) -> str:
    """Return what stands at an axis."""
    return f"component {component + 1} ({projection.explained[component]:.1%})"


def name_of(number: int, tokens: Tokens) -> str:
    """Return a point's number, and its token if there is one."""
    return f"{number} {tokens[number]}" if number < len(tokens) else str(number)


def mark_of(number: int, tokens: Tokens) -> str:
    """Return what stands beside a point: its token, or else its number."""
    return tokens[number] if number < len(tokens) and tokens[number] else str(number)


def point_line(found: Neighbours | None, number: int, tokens: Tokens, along: str) -> Content:
    """Return a line about the point under the cursor, with its nearest where they fit."""
    noun = along.removesuffix("s")
    parts: list[tuple[str, str]] = [(f"{noun} {name_of(number, tokens)}", "bold")]
    if found is not None:
        parts.append((f"   norm {found.norm:.4g}", "$foreground-muted"))
        near = [f"{name_of(n.number, tokens)} ({n.cosine:.2f})" for n in found.nearest[:5]]
        if near:
            parts.append(("   next to " + ", ".join(near), "$foreground-muted"))
    return Content.assemble(*parts)


def nearest_lines(found: Neighbours | None, tokens: Tokens) -> Content:
    """Return the list of the points next to the one under the cursor, by their cosine."""
    if found is None:
        return Content("")
    lines: list[tuple[str, str]] = [("cosine  next to it\n", "$foreground-muted")]
    for near in found.nearest:
        lines.append((f"{near.cosine:6.3f}  {name_of(near.number, tokens)}\n", ""))
    if not found.nearest:
        lines.append(
            ("none: it has no direction" if not found.norm else "none", "$foreground-muted")
        )
    return Content.assemble(*lines)


def index_of(number: int, shown: tuple[int, ...]) -> int:
    """Return where a number is among ascending ones, or -1."""
    index = bisect_left(shown, number)
    return index if index < len(shown) and shown[index] == number else -1

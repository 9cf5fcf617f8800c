"""Names of files and weights shortened to what tells them from each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from rich.cells import cell_len

from .flow import cut, cut_middle

_ENDS = " -_.=/\\"


def distinct_paths(paths: Sequence[str]) -> tuple[str, ...]:
    """Return of each path as few of its last parts as make all of them different."""
    parts = [PurePath(path).parts for path in paths]
    longest = max((len(names) for names in parts), default=0)
    for count in range(1, longest + 1):
        tails = tuple(str(PurePath(*names[-count:])) for names in parts)
        if len(set(tails)) == len(set(paths)):
            return tails
    return tuple(paths)


def short_names(paths: Sequence[str]) -> tuple[str, ...]:
    """Return what differs in the names of a run's checkpoints: ``01-0.27``, ``02-0.21``, ….

    What all begin and end with is left out, numbers and words are never cut apart.
    """
    names = distinct_paths(paths)
    if len(set(names)) < 2:
        return names
    begin = _common(names)
    rest = tuple(name[begin:] for name in names)
    end = _common(tuple(name[::-1] for name in rest))
    short = tuple(name[: len(name) - end].strip(_ENDS) for name in rest)
    return short if all(short) and len(set(short)) == len(set(names)) else names


def _common(names: Sequence[str]) -> int:
    """Return how many characters all begin with, up to a border between words and numbers."""
    columns = zip(*names, strict=False)
    length = next((i for i, column in enumerate(columns) if len(set(column)) > 1), -1)
    length = min(map(len, names)) if length < 0 else length
    while length and any(_within(name, length) for name in names):
        length -= 1
    return length


def _within(name: str, place: int) -> bool:
    """Whether a word or a number goes on at `place`; a point between digits belongs to it."""
    if place >= len(name):
        return False
    before, after = name[place - 1], name[place]
    if before.isdigit() or (before == "." and name[place - 2 : place - 1].isdigit()):
        return after.isdigit() or (after == "." and name[place + 1 : place + 2].isdigit())
    return before.isalpha() and after.isalpha()


def short_path(path: str, width: int) -> str:
    """Shorten a weight's path to `width` cells: ``batch_n…n_12/moving_vari…``.

    The layer keeps its end, where Keras puts the number, and the weight its beginning.
    """
    layer, slash, weight = path.rpartition("/")
    if cell_len(path) <= width or not slash or width < 16:
        return cut_middle(path, width)
    weight = cut(weight, max(width // 2 - 1, width - 1 - cell_len(layer)))
    return f"{cut_middle(layer, width - 1 - cell_len(weight))}/{weight}"

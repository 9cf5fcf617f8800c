"""The rows of the table of statistics: weights, or layers; which are left, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from kerastui.analysis.merged import merged_weights
from kerastui.analysis.results import WeightStatistics
from kerastui.model import Model
from kerastui.model.figures import plural

from ..widgets.statistics_columns import Column, StatRow, ordered
from ..widgets.statistics_flags import is_odd, words
from .statistics_known import weights_of

Key = tuple[int, int]
WHOLE = -1
"""In place of a weight's number: the layer as a whole."""


@dataclass
class Arrangement:
    """Which rows are shown, in which order, and over which range their histograms go."""

    words: str = ""
    """What the filter asks for."""
    only_odd: bool = False
    by_layer: bool = False
    sorting: Column | None = None
    """None: the model's order."""
    reverse: bool = False
    one_range: bool = False

    @property
    def depends_on_figures(self) -> bool:
        """Whether rows may stand elsewhere once more is known of them."""
        return bool(self.words or self.only_odd or self.sorting)

    def arrange(self, rows: Sequence[StatRow]) -> list[StatRow]:
        """Return the rows that are shown, in their order."""
        return ordered(chosen(rows, self.words, self.only_odd), self.sorting, self.reverse)


def rows_of(
    model: Model, index: int, found: Sequence[WeightStatistics] | None, by_layer: bool
) -> list[StatRow]:
    """Return the rows of a layer (-1: of weights that no layer owns), with figures if known."""
    if by_layer:
        return [_whole(model, index, found)]
    layer = model.layers[index] if index >= 0 else None
    rows: list[StatRow] = []
    for number, weight in enumerate(weights_of(model, index)):
        here = found[number] if found else None
        path = f"{layer.path}/{weight.name}" if layer else weight.stored_name
        rows.append(
            StatRow(
                (index, number), path, layer.class_name if layer else "", weight.shape, "",
                here.dtype if here else weight.dtype, weight.size, here,
            )
        )  # fmt: skip
    return rows


def _whole(model: Model, index: int, found: Sequence[WeightStatistics] | None) -> StatRow:
    weights = weights_of(model, index)
    layer = model.layers[index] if index >= 0 else None
    path = layer.path if layer else "(of no layer)"
    dtypes = " ".join(dict.fromkeys(weight.dtype for weight in weights))
    return StatRow(
        (index, WHOLE), path, layer.class_name if layer else "", (),
        plural(len(weights), "weight"), dtypes, sum(weight.size for weight in weights),
        merged_weights(path, index, found) if found else None,
    )  # fmt: skip


def chosen(rows: Sequence[StatRow], text: str, only_odd: bool) -> list[StatRow]:
    """Return the rows that a filter leaves.

    Words apart from each other have to be found all: in the path (or as a glob over it), as the
    class, a dtype or a flag; ``class:``, ``flag:``, ``dtype:`` and ``path:`` say which.
    """
    wanted = [_parsed(word) for word in text.casefold().split()]
    if not wanted and not only_odd:
        return list(rows)
    return [
        row
        for row in rows
        if (not only_odd or is_odd(row.found)) and all(_matches(row, *word) for word in wanted)
    ]


_FIELDS = ("path", "class", "flag", "dtype")


def _parsed(word: str) -> tuple[str, str]:
    field, colon, rest = word.partition(":")
    return (field, rest) if colon and field in _FIELDS else ("", word)


def _matches(row: StatRow, field: str, word: str) -> bool:
    if not word:
        return True
    if field in ("", "path") and _in_path(row.path.casefold(), word):
        return True
    if field in ("", "class") and word in row.class_name.casefold():
        return True
    if field in ("", "dtype") and word in row.dtype.casefold():
        return True
    return field in ("", "flag") and row.found is not None and _flagged(row.found, word)


def _in_path(path: str, word: str) -> bool:
    return fnmatchcase(path, word) if any(sign in word for sign in "*?[") else word in path


def _flagged(found: WeightStatistics, word: str) -> bool:
    if not found.readable and "unreadable".startswith(word):
        return True
    return any(word in f"{flag.name} {words(flag, ())}".casefold() for flag in found.flags)

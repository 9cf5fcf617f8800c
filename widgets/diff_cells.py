"""What stands in the cells of the table of differences; `diff_table` turns it into strips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from kerastui.analysis.compare_results import LayerChange, WeightChange
from kerastui.model import safe_text
from kerastui.model.figures import count, plural, weight_shape

from .change_figures import bar, has_new_nan, heat, nonfinite, percent
from .diff_rows import DiffRow, Group
from .flow import cut_middle, pad
from .layer_rows import BOX_SIGNS, Cell, cell_length, fit
from .signs import FIXED

SIGNS = {"same": " ", "moved": "!", "added": "+", "removed": "-", "changed": "~"}
"""Before a row; told by shape, so that no colour is needed to read them."""
_STYLES = {"same": "muted", "moved": "hot", "added": "on", "removed": "hot", "changed": "changed"}
_STATES = {
    "changed": "changed", "shape": "of another shape", "added": "added", "removed": "removed",
    "unreadable": "not readable",
}  # fmt: skip
_LEFT = 8
"""Cells before the name: sign, blank, flags, blank."""
_CHANGE = 9


@dataclass(frozen=True)
class DiffColumns:
    """Widths in cells; 0 means that there is no room for the column."""

    name: int
    class_name: int
    bar: int
    words: int

    @classmethod
    def natural(cls, groups: Sequence[Group]) -> DiffColumns:
        """Return the widths that show everything, within reason; of many layers some are asked."""
        groups = [*groups[:: max(1, len(groups) // 500)], *groups[-2:]]
        names = [2 + cell_length(safe_text(group.title, 100)) for group in groups]
        names += [
            4 + cell_length(safe_text(weight.name, 60))
            for group in groups
            for weight in group.weights[:8]
        ]
        classes = (len(group.layer.class_name) for group in groups if group.layer)
        return cls(
            name=max(16, min(44, max(names, default=0))),
            class_name=2 + max(14, min(22, max(classes, default=0))),
            bar=9,
            words=44,
        )

    def fit(self, width: int) -> DiffColumns:
        """Share `width` cells out: names are cut before words are, then columns leave."""
        room = width - _LEFT - _CHANGE
        name = max(16, min(self.name, max(min(22, room), room - 32)))
        room -= name
        class_name = self.class_name if room >= self.class_name + 26 else 0
        room -= class_name
        bars = self.bar if room >= self.bar + 34 else 0
        room -= bars
        words = max(0, min(self.words, room))
        return DiffColumns(name + max(0, room - words), class_name, bars, words)


def header_cells(columns: DiffColumns) -> list[Cell]:
    """Return the cells of the heading row."""
    titles = (
        ("  flags", _LEFT, False),
        ("  layer", columns.name, False),
        ("  class", columns.class_name, False),
        ("change", _CHANGE, True),
        ("", columns.bar, False),
        ("  what", columns.words, False),
    )
    return [Cell(fit(text, width, right), "header") for text, width, right in titles if width]


def row_cells(
    groups: Sequence[Group], row: DiffRow, columns: DiffColumns, unfolded: Collection[int]
) -> list[Cell]:
    """Return the cells of one row."""
    group = groups[row.group]
    if row.weight >= 0:
        return _weight_cells(group.weights[row.weight], columns, slot=group.kind == "state")
    sign = group.sign
    fold = ("▾ " if row.group in unfolded else "▸ ") if group.weights else "  "
    name = _name(fold, group.title, columns.name)
    class_name = safe_text(group.layer.class_name, 60) if group.layer else ""
    style = "muted" if group.same else "text"
    return [
        Cell(f"{SIGNS[sign]} ", _STYLES[sign]),
        _flags(group.layer if group.has_flags else None),
        Cell(name, style),
        *_middle(class_name, group.largest, columns),
        *_words(_odd(group.weights), words_of(group), columns.words, group.same),
    ]


def _name(before: str, name: str, width: int) -> str:
    """Return a name in `width` cells; where it is too long its middle goes."""
    return pad(before + cut_middle(safe_text(name, 500), width - len(before)), width)


def _middle(text: str, change: float | None, columns: DiffColumns) -> Iterator[Cell]:
    if columns.class_name:
        yield Cell("  " + fit(text, columns.class_name - 2), "class")
    tone = heat(change)
    figure = "" if change is None else percent(change)
    yield Cell(fit(figure, _CHANGE, right=True), tone)
    if columns.bar:
        yield Cell(fit(" " + bar(change, columns.bar - 1), columns.bar), tone)


def _words(odd: str, words: str, width: int, same: bool) -> Iterator[Cell]:
    """Draw words; those that begin with what is odd, with that as a warning."""
    text = fit("  " + words, width)
    end = len(odd) + 2 if odd else 0
    if odd and words.startswith(odd):
        yield Cell(text[:end], "changed")
        text = text[end:]
    yield Cell(text, "muted" if same else "words")


def _flags(layer: LayerChange | None) -> Cell:
    """Draw whether a layer can be trained, in the old file and (if it differs) in the new one."""
    if layer is None or layer.status != "both":
        return Cell(" " * (_LEFT - 2))
    if layer.effective is not None:
        old, new = (BOX_SIGNS["all" if flag else "none"] for flag in layer.effective)
        return Cell(f"{old} → {new} ", "changed")
    if layer.frozen:
        return Cell(f"{BOX_SIGNS['none']}     ", "muted")
    return Cell(f"{BOX_SIGNS['all'] if layer.weights else ' '}     ", "on")


def _odd(weights: Sequence[WeightChange]) -> str:
    """Say how many weights have other NaN or Inf than before."""
    new = sum(has_new_nan(weight.numbers) for weight in weights)
    if new:
        return f"new NaN in {plural(new, 'weight')}"
    other = sum(bool(nonfinite(weight.numbers)) for weight in weights)
    return f"other NaN or Inf in {plural(other, 'weight')}" if other else ""


def words_of(group: Group) -> str:
    """Say in a few words what differs."""
    layer = group.layer
    words = [text for text in (_odd(group.weights), group.note) if text]
    if layer is not None:
        if layer.status != "both":
            return f"{layer.status}, {plural(len(layer.weights), 'weight')}"
        if group.sign == "moved":
            words.append("frozen, yet moved")
        if was := _old_name(layer):
            words.append(f"was {was}")
    states = Counter(_state_word(weight) for weight in group.weights if not weight.same)
    if states:
        total = len(group.weights)
        words += [f"{count(n)} of {count(total)} {state}" for state, n in states.items()]
    if layer is not None and layer.settings:
        words.append(plural(len(layer.settings), "setting"))
    if layer is not None and (layer.trainable or layer.effective):
        words.append("flag")
    return " · ".join(words) or ("same" if group.same else "differ")


def _old_name(layer: LayerChange) -> str:
    """Return what a layer was called; with its place where it is elsewhere now."""
    name = layer.old_path.rpartition("/")[2]
    if name != layer.path.rpartition("/")[2]:
        return safe_text(name, 60)
    return safe_text(layer.old_path, 200) if layer.renamed else ""


def _state_word(weight: WeightChange) -> str:
    if weight.rounded:
        return "rounded"
    return _STATES.get(weight.state, "of another dtype")


def _weight_cells(weight: WeightChange, columns: DiffColumns, *, slot: bool) -> list[Cell]:
    sign = "same" if weight.same else "changed"
    if weight.state in ("added", "removed"):
        sign = weight.state
    fixed = f" {FIXED}" if not weight.trained and not slot else ""
    name = _name("    ", weight.name, columns.name - len(fixed)) + fixed
    shape = weight.new_shape if weight.new_shape is not None else weight.old_shape
    return [
        Cell(f"{SIGNS[sign]} ", _STYLES[sign]),
        Cell(" " * (_LEFT - 2)),
        Cell(name, "muted" if weight.same else "text"),
        *_middle(weight_shape(shape or ()), weight.relative, columns),
        *_words(nonfinite(weight.numbers), weight_words(weight), columns.words, weight.same),
    ]


def weight_words(weight: WeightChange) -> str:
    """Say in a few words how a weight differs."""
    if weight.state == "unreadable":
        return safe_text(weight.problem, 300)
    if weight.state == "shape":
        return f"{weight_shape(weight.old_shape or ())} → {weight_shape(weight.new_shape or ())}"
    words = ["rounded"] if weight.rounded else []
    if weight.state != "changed":
        words.append(weight.state)
    numbers = weight.numbers
    if numbers is not None and weight.state == "changed":
        if odd := nonfinite(numbers):
            words.append(odd)
        if numbers.max_abs is not None:
            words.append(f"max {numbers.max_abs:.2g}")
        if numbers.cosine is not None:
            words.append(f"cos {numbers.cosine:.4f}")
        words.append(f"{count(numbers.differing)} differ")
    both = weight.old_shape is not None and weight.new_shape is not None
    if both and weight.old_dtype != weight.new_dtype:
        words.append(f"{safe_text(weight.old_dtype, 20)} → {safe_text(weight.new_dtype, 20)}")
    return " · ".join(words) or "changed"

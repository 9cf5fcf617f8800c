"""What is to be said about a difference between two models, in lines."""

from __future__ import annotations

from collections.abc import Sequence

from kerastui.analysis.compare_results import (
    Comparison,
    Frozen,
    LayerChange,
    SettingChange,
    StateChange,
    WeightChange,
)
from kerastui.model import safe_text
from kerastui.model.figures import count, plural, weight_shape

from .change_figures import has_new_nan, nonfinite, percent
from .diff_cells import weight_words, words_of
from .diff_rows import Group
from .flow import BLANK, Line, Run, cells, flow, glue, heading, labelled, pad
from .signs import FIXED, flag

_HOW = {
    "content": "found by its content: class, shapes and bytes of all weights",
    "name": "found by its name, at another place",
    "structure": "found by what is inside it",
    "place": "found by its place: class, shapes and the layers around it are the same",
}
_NAMED = 8
"""Layers that a sentence names."""
_MANY_WEIGHTS = 100
"""Weights of one layer, or slots, that are listed here; the table has them all."""


def answer(frozen: Frozen) -> tuple[str, str]:
    """Say whether frozen layers stayed frozen, and in which role (see `flow`) that is drawn."""
    if not frozen.known:
        return "frozen layers: a file with weights only does not say which are", "muted"
    if not frozen.layers:
        if frozen.only_new:
            return f"frozen layers: none in both files; {_only_new(frozen)}", "muted"
        return "frozen layers: none that both files call frozen", "muted"
    if frozen.stayed is None:
        unread = f"weights of {_names(frozen.unreadable)} cannot be read"
        return f"frozen layers stayed frozen: that cannot be told, {unread}", "changed"
    if frozen.stayed:
        return f"frozen layers stayed frozen: yes ({plural(frozen.layers, 'layer')})", "on"
    moved = f"{count(len(frozen.moved))} of {count(frozen.layers)} moved"
    return f"frozen layers stayed frozen: no, {moved}: {_names(frozen.moved)}", "changed"


def _only_new(frozen: Frozen) -> str:
    """Tell of layers that were frozen after the old file was saved."""
    which = f"{count(frozen.only_new)} that only the new one calls frozen"
    if not frozen.only_new_moved:
        return f"of {which}, none moved"
    moved = f"{count(len(frozen.only_new_moved))} moved: {_names(frozen.only_new_moved)}"
    return f"of {which}, {moved}"


def moved_statistics(frozen: Frozen) -> str:
    """Say which frozen layers' moving statistics moved, "" for none; that is another matter."""
    if not frozen.statistics:
        return ""
    which = plural(len(frozen.statistics), "frozen layer")
    return f"moving statistics of {which} moved: {_names(frozen.statistics)}"


def odd_numbers(found: Comparison) -> str:
    """Say how many weights have NaN or Inf that they had not, "" for none."""
    weights = [weight for layer in found.layers for weight in layer.weights]
    weights += [*found.loose, *found.state.slots]
    new = sum(has_new_nan(weight.numbers) for weight in weights)
    other = sum(bool(nonfinite(weight.numbers)) for weight in weights) - new
    counts = ((new, "new NaN"), (other, "other NaN or Inf"))
    said = [
        f"{plural(n, 'weight')} {'has' if n == 1 else 'have'} {what}" for n, what in counts if n
    ]
    return ", ".join(said)


def _names(paths: Sequence[str]) -> str:
    more = f" and {count(len(paths) - _NAMED)} more" if len(paths) > _NAMED else ""
    return ", ".join(safe_text(path, 100) for path in paths[:_NAMED]) + more


def difference_story(found: Comparison, group: Group, weight: int, width: int) -> list[Line]:
    """Tell all about a layer, or about a section that is none; `weight` is looked at first."""
    if weight >= 0:
        return _weight_story(group, group.weights[weight], width)
    title = safe_text(group.title, 1000)
    lines = flow([(title, "title")], width)
    if group.layer is not None:
        lines += _layer_lines(group.layer, width)
    else:
        lines += flow([(words_of(group), "subtitle")], width)
    if group.kind == "model":
        lines += settings_table("Model", found.model, width)
    if group.kind == "compile":
        lines += settings_table("compile()", found.compile, width)
    if group.kind == "state":
        lines += _state_lines(found.state, width)
    if group.weights:
        lines += heading("Slots" if group.kind == "state" else "Weights", width)
        lines += _weight_lines(group.weights, width)
    return lines


def _layer_lines(layer: LayerChange, width: int) -> list[Line]:
    lines = flow([(safe_text(layer.class_name, 100) or "no class given", "subtitle")], width)
    rows: list[tuple[Run, Sequence[Run]]] = []
    if layer.status != "both":
        side = "new" if layer.status == "added" else "old"
        lines += flow([(f"only in the {side} file", "changed")], width)
    if layer.old_path:
        rows.append((("was", "label"), [(safe_text(layer.old_path, 500), "changed")]))
    if layer.how in _HOW:
        rows.append((("matched", "label"), [(_HOW[layer.how], "")]))
    for label, pair in (("own flag", layer.trainable), ("effective", layer.effective)):
        if pair is not None:
            old, new = flag(pair[0]), flag(pair[1])
            rows.append(((label, "label"), [(glue(old[0]), old[1]), (" → ", "muted"),
                                            (glue(new[0]), "changed")]))  # fmt: skip
    if layer.frozen:
        rows.append((("frozen", "label"), [("in both files", "")]))
    if rows:
        lines += [BLANK, *labelled(rows, width)]
    moved = [w for w in layer.weights if w.trained and w.moved]
    if layer.frozen and moved:
        names = ", ".join(safe_text(weight.name, 60) for weight in moved)
        lines += flow([(f"Both files call it frozen, yet {names} moved.", "changed")], width)
    return lines + settings_table("Settings", layer.settings, width)


def settings_table(title: str, changes: Sequence[SettingChange], width: int) -> list[Line]:
    """Return settings as three columns: name, old value, new value, each wrapped in its own."""
    if not changes:
        return []
    widest = max(cells([(safe_text(change.name, 60), "")]) for change in changes)
    name = min(widest, max(8, width // 3))
    side = max(6, (width - name - 4) // 2)
    columns = (name, side, width - name - side - 4)
    lines = heading(title, width)
    lines += _columns([("", ""), ("old", "label"), ("new", "label")], columns)
    for change in changes:
        old = (safe_text(change.old, 2000), "") if change.old else ("not stated", "muted")
        new = (safe_text(change.new, 2000), "changed") if change.new else ("not stated", "muted")
        lines += _columns([(safe_text(change.name, 200), "label"), old, new], columns)
    return lines


def _columns(texts: Sequence[Run], widths: Sequence[int]) -> list[Line]:
    """Lay texts out side by side, as many lines as the longest takes."""
    wrapped = [flow([run], width) for run, width in zip(texts, widths, strict=True)]
    lines: list[Line] = []
    for i in range(max(map(len, wrapped))):
        line: list[Run] = []
        for part, width in zip(wrapped, widths, strict=True):
            runs = part[i] if i < len(part) else ()
            line += [*runs, (" " * (width - cells(runs) + 2), "")]
        lines.append(tuple(line[:-1]))
    return lines


def _weight_lines(weights: Sequence[WeightChange], width: int) -> list[Line]:
    lines: list[Line] = []
    for weight in weights[:_MANY_WEIGHTS]:
        change = weight.relative
        figure = f"{percent(change):>8}  " if change is not None else f"{'':>8}  "
        fixed = f" {FIXED}" if not weight.trained else ""
        role = "muted" if weight.same else "strong"
        lines += flow([(safe_text(weight.name, 200) + fixed, role)], width, hang=2)
        words = weight_words(weight)
        lines += flow(
            [(words, "muted" if weight.same else "")], width, first=((figure, "label"),), hang=10
        )
    if len(weights) > _MANY_WEIGHTS:
        rest = count(len(weights) - _MANY_WEIGHTS)
        lines += flow([(f"… and {rest} more, in the table", "muted")], width)
    return lines


def _state_lines(state: StateChange, width: int) -> list[Line]:
    if not state.reason:
        return []
    return [BLANK, *flow([(safe_text(state.reason, 500), "")], width)]


def _weight_story(group: Group, weight: WeightChange, width: int) -> list[Line]:
    """Tell all figures of one weight."""
    if group.layer is not None:
        title = f"{safe_text(group.layer.path, 500)}/{safe_text(weight.name, 200)}"
    else:
        title = safe_text(weight.name, 500)
    lines = flow([(title, "title")], width)
    lines += flow([("rounded" if weight.rounded else weight.state, "subtitle")], width)
    if weight.problem:
        lines += flow([(safe_text(weight.problem, 500), "changed")], width)
    rows: list[tuple[Run, Sequence[Run]]] = [
        (("old", "label"), [(_array(weight.old_shape, weight.old_dtype), "")]),
        (("new", "label"), [(_array(weight.new_shape, weight.new_dtype), "")]),
    ]
    if not weight.trained and group.kind != "state":
        kind = "moving statistics" if weight.statistics else "never trained, frozen or not"
        rows.append((("kind", "label"), [(f"{FIXED} {kind}", "")]))
    lines += [BLANK, *labelled(rows, width)]
    if weight.numbers is not None:
        lines += heading("Difference", width) + labelled(_figures(weight), width)
    return lines


def _array(shape: tuple[int, ...] | None, dtype: str) -> str:
    return "not there" if shape is None else f"{weight_shape(shape)}  {safe_text(dtype, 30)}"


def _figures(weight: WeightChange) -> list[tuple[Run, Sequence[Run]]]:
    numbers = weight.numbers
    assert numbers is not None
    share = f" ({numbers.differing / numbers.count:.1%})" if numbers.count else ""
    texts = [("NaN and Inf", nonfinite(numbers))] if numbers.nonfinite else []
    texts += [
        ("elements that differ", f"{count(numbers.differing)} of {count(numbers.count)}{share}"),
        ("relative change", percent(weight.relative)),
        ("largest difference", _number(numbers.max_abs)),
        ("norm of the old", _number(numbers.l2_old)),
        ("norm of the difference", _number(numbers.l2_difference)),
        ("cosine", "–" if numbers.cosine is None else f"{numbers.cosine:.9g}"),
    ]
    if numbers.nonfinite:
        texts.append(("not finite, differing", count(numbers.nonfinite)))
    return [((pad(label, 1), "label"), [(text, "")]) for label, text in texts]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.6g}"

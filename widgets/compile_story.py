"""The compile section in lines: optimizer, and outputs × loss × loss weight × metrics."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from kerastui.model import Compile, FunctionName, OutputCompile, safe_text
from kerastui.model.figures import count, number

from .flow import BLANK, GLUE, Line, Run, flow, glue, heading, labelled, pad
from .signs import CUSTOM

_MANY = 200
"""Outputs that are listed before the rest is only counted."""
_GAP = 2
_YES, _NO = "●", "·"

NOT_COMPILED = (
    "The file keeps no optimizer, no losses and no metrics. The model can predict; to train it, "
    "a script has to call model.compile(…) after loading."
)


def compile_story(section: Compile | None, width: int) -> list[Line]:
    """Tell what the model is trained with, or that it is not compiled."""
    if section is None:
        lines = flow([("Not compiled", "title")], width)
        return [*lines, BLANK, *flow([(NOT_COMPILED, "muted")], width)]
    lines = _optimizer(section, width)
    lines += _outputs(section.outputs, width)
    if section.other:
        lines += heading("Other settings", width)
        rows = [((safe_text(k), "label"), [(safe_text(v, 500), "")]) for k, v in section.other]
        lines += labelled(rows, width)
    lines += _legend(section, width)
    return lines


def _optimizer(section: Compile, width: int) -> list[Line]:
    optimizer = section.optimizer
    lines = flow([("Optimizer", "title"), ("  ", ""), *_name(optimizer, "subtitle")], width)
    rows: list[tuple[Run, Sequence[Run]]] = [
        ((safe_text(label), "label"), [(safe_text(value, 500), "")])
        for label, value in (optimizer.settings if optimizer is not None else ())
    ]
    if section.has_optimizer_state:
        sign, means = f"●{GLUE}saved.", " Training can go on where it stopped."
    else:
        sign, means = f"○{GLUE}not{GLUE}saved.", " Training starts with a fresh optimizer."
    role = "on" if section.has_optimizer_state else "off"
    rows.append((("state", "label"), [(sign, role), (means, "muted")]))
    return [*lines, *labelled(rows, width, indent=2)]


def _outputs(outputs: Sequence[OutputCompile], width: int) -> list[Line]:
    if not outputs:
        return []
    one = len(outputs) == 1
    lines = heading("Output" if one else f"{count(len(outputs))} outputs", width)
    shown = outputs[:_MANY]
    table = None if one else _table(shown, width)
    if not one:
        lines += [*flow([(_rule(outputs, table is not None), "muted")], width), BLANK]
    lines += table if table is not None else _cards(shown, width, not one)
    if len(outputs) > len(shown):
        lines += flow([(f"and {count(len(outputs) - len(shown))} more outputs", "muted")], width)
    if not one:
        lines += [BLANK, *_total(shown, width)]
    return lines


def _rule(outputs: Sequence[OutputCompile], table: bool) -> str:
    """Say how losses and metrics are shared out in this model."""
    first = outputs[0]
    every = all(
        (one.metrics, one.weighted_metrics) == (first.metrics, first.weighted_metrics)
        for one in outputs
    )
    if every and (first.metrics or first.weighted_metrics):
        return "Losses go to outputs one to one; every metric is computed for every output."
    if table:
        return f"Losses go to outputs one to one; {_YES} shows where a metric is computed."
    return "Losses go to outputs one to one; each output has the metrics listed with it."


def _table(outputs: Sequence[OutputCompile], width: int) -> list[Line] | None:
    """Return the table, or None when it is wider than the panel."""
    metrics = _metric_columns(outputs)
    losses = [_text(one.loss) for one in outputs]
    texts = [
        ("output", [safe_text(one.output) for one in outputs]),
        ("loss", losses),
        ("× weight", [_weight(one) for one in outputs]),
    ]
    widths = [max(cell_len(title), *map(cell_len, column)) for title, column in texts]
    names = [_metric_title(*metric) for metric in metrics]
    total = sum(widths) + _GAP * (len(widths) - 1)
    total += sum(cell_len(name) + _GAP for name in names) + (3 if names else 0)
    if total > width:
        return None
    bar: Run = ("  │", "rule")
    head: list[Run] = [
        (pad("output", widths[0]) + "  ", "label"),
        (pad("loss", widths[1]) + "  ", "label"),
        (pad("× weight", widths[2], right=True), "label"),
    ]
    head += [bar, *(("  " + name, "label") for name in names)] if names else []
    lines: list[Line] = [tuple(head), (("─" * total, "rule"),)]
    for one, loss in zip(outputs, losses, strict=True):
        row: list[Run] = [
            (pad(safe_text(one.output), widths[0]) + "  ", "strong"),
            (pad(loss, widths[1]) + "  ", _role(one.loss, "")),
            (pad(_weight(one), widths[2], right=True), ""),
        ]
        row += [bar] if names else []
        for metric, name in zip(metrics, names, strict=True):
            has = metric[0] in (one.weighted_metrics if metric[1] else one.metrics)
            side = (cell_len(name) - 1) // 2
            mark = " " * side + (_YES if has else _NO)
            row.append(("  " + pad(mark, cell_len(name)), "on" if has else "muted"))
        lines.append(tuple(row))
    return lines


def _cards(outputs: Sequence[OutputCompile], width: int, weights: bool) -> list[Line]:
    """Return a paragraph for each output, for narrow panels and single outputs."""
    lines: list[Line] = []
    for i, one in enumerate(outputs):
        if i:
            lines.append(BLANK)
        lines += flow([(safe_text(one.output), "strong")], width)
        rows: list[tuple[Run, Sequence[Run]]] = [
            (("loss", "label"), [*_name(one.loss, ""), *_settings(one.loss)])
        ]
        if weights or one.loss_weight is not None:
            rows.append((("× weight", "label"), [(_weight(one), "")]))
        for label, functions in (
            ("metrics", one.metrics),
            ("weighted metrics", one.weighted_metrics),
        ):
            if functions or label == "metrics":
                rows.append(((label, "label"), _listed(functions)))
        lines += labelled(rows, width, indent=2)
    return lines


def _total(outputs: Sequence[OutputCompile], width: int) -> list[Line]:
    """Return the sum that training makes small."""
    parts: list[str] = []
    for one in outputs:
        if one.loss is not None:
            weight = "" if one.loss_weight is None else f"{number(one.loss_weight)} × "
            parts.append(glue(f"{weight}{safe_text(one.output)}"))
    if len(parts) < 2:
        return []
    runs: list[Run] = [("total loss = ", "label"), (f" +{GLUE}".join(parts), "")]
    return flow(runs, width, hang=4)


def _legend(section: Compile, width: int) -> list[Line]:
    """Explain the sign of custom functions, if there are any."""
    functions: list[FunctionName | None] = [section.optimizer]
    for one in section.outputs:
        functions += [one.loss, *one.metrics, *one.weighted_metrics]
    names = dict.fromkeys(safe_text(f.name) for f in functions if f is not None and f.custom)
    if not names:
        return []
    listed = ", ".join(list(names)[:8]) + (" …" if len(names) > 8 else "")
    why = (
        f" Keras does not know {listed}: the file keeps only the name, not the code. "
        "Give it in custom_objects when loading, or load with compile=False."
    )
    return [BLANK, *flow([(f"{CUSTOM}{GLUE}custom.", "custom"), (why, "muted")], width)]


def _metric_columns(outputs: Sequence[OutputCompile]) -> list[tuple[FunctionName, bool]]:
    """Return every metric once, in order of appearance; True for weighted ones."""
    columns: dict[tuple[FunctionName, bool], None] = {}
    for one in outputs:
        columns.update(((metric, False), None) for metric in one.metrics)
        columns.update(((metric, True), None) for metric in one.weighted_metrics)
    return list(columns)


def _metric_title(metric: FunctionName, weighted: bool) -> str:
    return _text(metric) + (" (weighted)" if weighted else "")


def _listed(functions: Sequence[FunctionName]) -> list[Run]:
    runs: list[Run] = []
    for function in functions:
        if runs:
            runs.append((", ", "muted"))
        runs += [*_name(function, ""), *_settings(function)]
    return runs or [("none", "muted")]


def _settings(function: FunctionName | None) -> list[Run]:
    if function is None or not function.settings:
        return []
    inside = ", ".join(f"{safe_text(k)}={safe_text(v)}" for k, v in function.settings)
    return [(f" ({inside})", "muted")]


def _text(function: FunctionName | None) -> str:
    if function is None:
        return "none"
    return (f"{CUSTOM} " if function.custom else "") + safe_text(function.name)


def _role(function: FunctionName | None, otherwise: str) -> str:
    if function is None:
        return "muted"
    return "custom" if function.custom else otherwise


def _name(function: FunctionName | None, role: str) -> list[Run]:
    return [(glue(_text(function)), _role(function, role))]


def _weight(one: OutputCompile) -> str:
    """Return the loss weight; where the file states none, Keras takes 1."""
    if one.loss is None:
        return "–"
    return "1" if one.loss_weight is None else number(one.loss_weight)

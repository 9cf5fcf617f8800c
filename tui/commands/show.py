"""Print the layers of a model file, everything as JSON, or the edits that a session left."""

from __future__ import annotations

import argparse
import json
import sys

from kerastui.errors import BadEdit
from kerastui.files import open_model
from kerastui.model import Model, safe_text

from .paint import cells, fit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``kerastui show``."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument(
        "--json", action="store_true", help="print JSON (schema: docs/show-json.md)"
    )
    parser.add_argument(
        "--edits", action="store_true",
        help="print the edits that a session left unsaved, as JSON for `kerastui apply`",
    )  # fmt: skip
    parser.add_argument(
        "--layers", metavar="GLOB", help="only layers whose name (or path, with a /) matches"
    )


def run(options: argparse.Namespace) -> int:
    """Carry out the command and return its exit status. Raises KerastuiError."""
    if options.edits:
        from .show_edits import show_edits

        show_edits(options.model)
        return 0
    show(options.model, as_json=options.json, layers=options.layers)
    return 0


def show(path: str, *, as_json: bool = False, layers: str | None = None) -> None:
    """Print the model file at `path`. Raises KerastuiError.

    Args:
        path: the model file.
        as_json: print JSON of the schema in `kerastui.model.as_json`.
        layers: glob; print only the layers that match.
    """
    model = open_model(path)
    only = _matching(model, path, layers) if layers is not None else None
    text = _as_json(model, only) if as_json else _as_text(model, only)
    sys.stdout.write(text + "\n")


def _matching(model: Model, path: str, layers: str) -> tuple[int, ...]:
    from kerastui.edits.matching import match_layers  # the edits are of no use to the rest

    only = match_layers(model, layers)
    if not only:
        raise BadEdit(f"No layer of {path} matches {layers!r}; `kerastui show` lists their names.")
    return only


def _as_json(model: Model, only: tuple[int, ...] | None) -> str:
    from kerastui.model.as_json import model_as_json

    # ASCII only: escapes of terminals and bidirectional marks come out as \uXXXX.
    return json.dumps(model_as_json(model, only), indent=2, ensure_ascii=True)


def _as_text(model: Model, only: tuple[int, ...] | None) -> str:
    indices = range(len(model.layers)) if only is None else only
    rows = [_row(model, i) for i in indices]
    widths = [max((cells(row[k]) for row in rows), default=0) for k in range(4)]
    lines = [_heading(model)]
    for box, name, class_name, weights, count in rows:
        line = (
            f"{box} {fit(name, widths[1])}  {fit(class_name, widths[2])}  "
            f"{fit(weights, widths[3])}  {count:>13}"
        )
        lines.append(line.rstrip())
    lines.append(_totals(model))
    lines.extend(safe_text(note, 400) for note in model.notes)
    return "\n".join(lines)


_SIGNS = {"all": "[x]", "none": "[ ]", "some": "[-]", "locked": "[/]", "absent": "   "}


def _row(model: Model, index: int) -> tuple[str, str, str, str, str]:
    from kerastui.model.summary import kernel_summary

    layer = model.layers[index]
    count = model.subtree_parameters[index]
    return (
        _SIGNS[model.boxes[index]],
        "  " * min(layer.depth, 40) + safe_text(layer.name, 120),
        safe_text(layer.class_name, 60),
        kernel_summary(layer),
        f"{count:,}" if count else "",
    )


def _heading(model: Model) -> str:
    parts = [safe_text(model.file.path)]
    if model.class_name:
        parts.append(f'{safe_text(model.class_name)} "{safe_text(model.name)}"')
    if model.keras_version:
        backend = f" on {safe_text(model.backend)}" if model.backend else ""
        parts.append(f"Keras {safe_text(model.keras_version)}{backend}")
    return " · ".join(parts)


def _totals(model: Model) -> str:
    counts = model.parameters
    if not model.has_flags:
        return f"{counts.total:,} parameters · weights only, no trainable flags"
    return (
        f"{counts.total:,} parameters · {counts.trainable:,} trainable · {counts.frozen:,} frozen"
    )

"""``kerastui freeze`` and ``kerastui unfreeze``: set trainable flags by pattern and save."""

from __future__ import annotations

import argparse
import os
import sys

from kerastui.edits import Document, choices, match_layers, require_flags
from kerastui.errors import BadEdit, UsageError
from kerastui.files import open_model
from kerastui.model import Model, safe_text
from kerastui.saving import save


def set_flags(options: argparse.Namespace) -> None:
    """Carry out a parsed ``freeze`` or ``unfreeze`` command. Raises KerastuiError."""
    target = _target(options)
    model = open_model(options.model)
    require_flags(model)
    indices = _match(model, options)
    document = Document(model)
    before = document.model.boxes
    if options.command == "unfreeze" and options.only:
        document.set_states(choices.only(model, indices))
    else:
        document.set_trainable(indices, options.command == "unfreeze")
    saved = save(document, target)
    changed = sum(
        old != new and bool(layer.weights)
        for old, new, layer in zip(before, document.model.boxes, model.layers, strict=True)
    )
    counts = document.model.parameters
    slots = f" {saved.slots.sentence}" if saved.slots.touched else ""
    for warning in saved.warnings:
        sys.stderr.write(f"kerastui: {safe_text(warning, 600)}\n")
    sys.stdout.write(
        f"{safe_text(target)}: {changed:,} layer{'' if changed == 1 else 's'} changed; "
        f"{counts.trainable:,} of {counts.total:,} parameters trainable.{slots}\n"
    )


def _target(options: argparse.Namespace) -> str:
    if options.in_place:
        return options.model
    output: str = options.output
    if os.path.exists(output) and not options.force and not _same(output, options.model):  # noqa: PTH110
        raise UsageError(f"{output} exists already; add --force to replace it.")
    return output


def _same(one: str, other: str) -> bool:
    return os.path.exists(other) and os.path.samefile(one, other)  # noqa: PTH110, PTH121


def _match(model: Model, options: argparse.Namespace) -> tuple[int, ...]:
    found: set[int] = set()
    for pattern in options.patterns:
        hits = match_layers(model, pattern, regex=options.regex, class_name=options.class_name)
        if not hits:
            kind = "class" if options.class_name else "name"
            raise BadEdit(
                f"No layer of {options.model} has a {kind} that matches {pattern!r}; "
                "`kerastui show` lists them."
            )
        found.update(hits)
    if not choices.leaves(model, found):
        raise BadEdit("The layers that match have no weights, so there is nothing to change.")
    return tuple(sorted(found))

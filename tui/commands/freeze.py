"""Make layers frozen (freeze) or trainable (unfreeze), by pattern, and save."""

from __future__ import annotations

import argparse
import sys

from kerastui.edits import Document, SetOptimizerState, choices, match_layers, require_flags
from kerastui.errors import BadEdit
from kerastui.files import open_model
from kerastui.model import Model, safe_text
from kerastui.saving import save

from .output import add_output_arguments, target_of
from .planned import print_plan, print_warnings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``kerastui freeze`` and ``kerastui unfreeze``."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument(
        "patterns", metavar="PATTERN", nargs="+",
        help="glob on layer names, or on paths if it contains a /",
    )  # fmt: skip
    add_output_arguments(parser)
    parser.add_argument("--regex", action="store_true", help="patterns are regular expressions")
    parser.add_argument(
        "--class-name", action="store_true", help="patterns are about classes (Conv*)"
    )
    parser.add_argument(
        "--drop-optimizer", action="store_true",
        help="drop the optimizer's state altogether, instead of realigning its slots",
    )  # fmt: skip
    trainable = parser.prog.endswith("unfreeze")
    parser.set_defaults(trainable=trainable, only=False)
    if trainable:
        parser.add_argument(
            "--only", action="store_true", help="exactly these trainable, all others frozen"
        )


def run(options: argparse.Namespace) -> int:
    """Carry out the command and return its exit status. Raises KerastuiError."""
    target = target_of(options)
    model = open_model(options.model)
    require_flags(model)
    indices = _match(model, options)
    document = Document(model)
    before = document.model.boxes
    if options.only:
        document.set_states(choices.only(model, indices))
    else:
        document.set_trainable(indices, options.trainable)
    if options.drop_optimizer and model.compile is not None:
        document.apply(SetOptimizerState(kept=False))
    if options.dry_run:
        print_plan(document)
        return 0
    saved = save(document, target, backup=options.backup)
    changed = sum(
        old != new and bool(layer.weights)
        for old, new, layer in zip(before, document.model.boxes, model.layers, strict=True)
    )
    counts = document.model.parameters
    slots = f" {saved.slots.sentence}" if saved.slots.touched else ""
    print_warnings(saved.warnings)
    sys.stdout.write(
        f"{safe_text(str(target))}: {changed:,} layer{'' if changed == 1 else 's'} changed; "
        f"{counts.trainable:,} of {counts.total:,} parameters trainable.{slots}\n"
    )
    return 0


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

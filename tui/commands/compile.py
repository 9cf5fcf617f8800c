"""Change the compile section: learning rate and other settings, losses, metrics; or drop it.

Without a change, print it. Values are written in the form of the Keras that wrote the file.
--loss, --loss-weight and --metrics take OUTPUT=VALUE where the model has several outputs;
"none" takes a loss or a metric away, and clears a setting such as clipnorm. Names that neither
Keras nor the file knows are refused, but for package>name and with --any-name.

  kerastui compile model.h5 --learning-rate 1e-4 --drop-state --in-place
  kerastui compile model.keras --loss price=huber --metrics cls=accuracy,auc -o out.keras
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from kerastui.edits import Document, Edit, SetCompile, SetOptimizerState
from kerastui.edits.compile_known import check_names
from kerastui.edits.compile_typed import (
    loss_edit,
    metrics_edit,
    only_output,
    setting_edit,
    weight_edit,
)
from kerastui.errors import UsageError
from kerastui.files import open_model
from kerastui.model import FunctionName, Model, safe_text
from kerastui.saving import save

from .output import add_output_arguments, target_of
from .planned import change_text, print_plan, print_warnings

_OTHERWISE = "For your own, write package>name as it is registered, or give --any-name."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``kerastui compile``."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--learning-rate", metavar="X", help="the optimizer's learning rate")
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[],
        help="another setting of the optimizer (repeatable)",
    )  # fmt: skip
    for name, value, text in (
        ("--loss", "NAME", "the loss of an output"),
        ("--loss-weight", "X", "how much an output's loss counts"),
        ("--metrics", "A,B", "what is computed for an output"),
        ("--weighted-metrics", "A,B", "what is computed with sample weights"),
    ):
        parser.add_argument(
            name, metavar=f"[OUTPUT=]{value}", action="append", default=[],
            help=f"{text} (repeatable)",
        )  # fmt: skip
    parser.add_argument(
        "--drop-state", action="store_true", help="drop the optimizer's slots and iteration count"
    )
    parser.add_argument("--drop", action="store_true", help="drop the whole compile section")
    parser.add_argument(
        "--any-name",
        action="store_true",
        help="take names of losses and metrics that nobody knows",
    )
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Carry out the command and return its exit status. Raises KerastuiError."""
    model = open_model(options.model)
    edits = _edits(model, options)
    if not edits:
        _print_section(model)
        return 0
    if not options.any_name:
        check_names(model, edits, _OTHERWISE)
    target = target_of(options)
    document = Document(model)
    document.apply(*edits)
    if options.dry_run:
        print_plan(document)
        return 0
    changes = document.changes
    saved = save(document, target, backup=options.backup)
    print_warnings(saved.warnings)
    slots = f" {saved.slots.sentence}" if saved.slots.touched else ""
    lines = [change_text(change) for change in changes]
    count = f"{len(changes):,} change{'' if len(changes) == 1 else 's'}"
    lines.append(f"{safe_text(str(target))}: {count}.{slots}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _edits(model: Model, options: argparse.Namespace) -> list[Edit]:
    """Return the edits that are asked for. Raises BadEdit, UsageError."""
    found: list[Edit] = []
    pairs = [_pair(text) for text in options.set]
    if options.learning_rate is not None:
        pairs.insert(0, ("learning_rate", options.learning_rate))
    if pairs:
        found.append(setting_edit(pairs))
    found += [loss_edit(*_of_output(model, text)) for text in options.loss]
    found += [weight_edit(*_of_output(model, text)) for text in options.loss_weight]
    found += [metrics_edit(model, *_of_output(model, text)) for text in options.metrics]
    found += [
        metrics_edit(model, *_of_output(model, text), weighted=True)
        for text in options.weighted_metrics
    ]
    if options.drop and (found or options.drop_state):
        raise UsageError("--drop takes the whole section away; leave the other changes out.")
    if options.drop:
        found.append(SetCompile())
    if options.drop_state:
        found.append(SetOptimizerState(kept=False))
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"--set takes NAME=VALUE, such as --set beta_1=0.95, not {text!r}.")
    return name.strip(), value


def _of_output(model: Model, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    return (name, value) if equals else (only_output(model), text)


def _print_section(model: Model) -> None:
    compiled = model.compile
    if compiled is None:
        sys.stdout.write("not compiled\n")
        return
    lines: list[str] = []
    if compiled.optimizer is not None:
        lines.append(f"optimizer: {safe_text(compiled.optimizer.name)}")
        lines += [f"  {safe_text(k)}: {safe_text(v)}" for k, v in compiled.optimizer.settings]
    lines.append(f"optimizer state: {'saved' if compiled.has_optimizer_state else 'none'}")
    for row in compiled.outputs[:1000]:
        weight = "" if row.loss_weight is None else f" × {row.loss_weight:g}"
        loss = safe_text(row.loss.name) if row.loss else "none"
        lines.append(f"{safe_text(row.output)}: {loss}{weight}; metrics: {_names(row.metrics)}")
    sys.stdout.write("\n".join(lines) + "\n")


def _names(functions: Sequence[FunctionName]) -> str:
    return ", ".join(safe_text(f.name) for f in functions) or "none"

"""What ``--dry-run`` prints: what saving would change, line by line."""

from __future__ import annotations

import sys

from kerastui.edits import Document
from kerastui.edits.changes import Change, CompileChange, DtypeChange, WeightChange
from kerastui.model import safe_text
from kerastui.saving import plan_save


def print_plan(document: Document) -> None:
    """Print the changes and what comes with them; warnings go to standard error.

    Raises SaveFailed, FileChanged: what a save would refuse, this refuses too.
    """
    plan = plan_save(document)
    lines = [change_text(change) for change in document.changes] or ["no changes"]
    if plan.reordered:
        paths = ", ".join(safe_text(path, 100) for path in plan.reordered)
        lines.append(f"weights listed in another order: {paths}")
    if plan.slots.touched:
        lines.append(plan.slots.sentence)
    print_warnings(plan.warnings)
    sys.stdout.write("\n".join(lines) + "\n")


def change_text(change: Change) -> str:
    """Return a change as a line: what it is about, before → after."""
    if isinstance(change, CompileChange):
        path = safe_text(change.name, 300)
    else:
        path = safe_text(change.path, 300) or "the model itself"
    if isinstance(change, (WeightChange, DtypeChange)):
        path += f"/{safe_text(change.name, 100)}"
    return f"{path}: {safe_text(change.before, 300)} → {safe_text(change.after, 300)}"


def print_warnings(warnings: tuple[str, ...]) -> None:
    """Print one sentence a line to standard error."""
    for warning in warnings:
        sys.stderr.write(f"kerastui: {safe_text(warning, 600)}\n")

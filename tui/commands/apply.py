"""Apply a list of edits (docs/edits-json.md) to a model file and save.

The edits are those that the screen makes; `kerastui show --edits MODEL` prints the ones that a
session left unsaved. All are applied or none. Relative paths of arrays count from the folder
of EDITS.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kerastui.edits import Document
from kerastui.edits.codec import MAX_BYTES, apply_in_order, edits_from_json
from kerastui.files import open_model
from kerastui.files.detect import cannot_open
from kerastui.model import safe_text
from kerastui.model.figures import plural
from kerastui.saving import save
from kerastui.saving.complete import complete_source

from ..paths import absolute
from .output import add_output_arguments, target_of
from .planned import print_plan, print_warnings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``kerastui apply``."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("edits", metavar="EDITS", help="a JSON file; - for standard input")
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Carry out the command and return its exit status. Raises KerastuiError."""
    target = target_of(options)
    text, what = _read(options.edits)
    base = absolute(Path(options.edits).parent if options.edits != "-" else Path())
    model = open_model(options.model)
    edits = edits_from_json(text, what, str(base), complete_source)
    apply_in_order(model, edits, what)
    document = Document(model)
    document.apply(*edits)
    if options.dry_run:
        print_plan(document)
        return 0
    changes = len(document.changes)
    saved = save(document, target, backup=options.backup)
    print_warnings(saved.warnings)
    slots = f" {saved.slots.sentence}" if saved.slots.touched else ""
    sys.stdout.write(
        f"{safe_text(str(target))}: {plural(len(edits), 'edit')} applied, "
        f"{plural(changes, 'change')} written and read back.{slots}\n"
    )
    return 0


def _read(path: str) -> tuple[bytes, str]:
    """Return the JSON and what to call it. Raises UnreadableFile."""
    if path == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1), "standard input"
    try:
        with Path(path).open("rb") as stream:
            return stream.read(MAX_BYTES + 1), safe_text(path)
    except (OSError, ValueError) as error:
        raise cannot_open(path, error) from error

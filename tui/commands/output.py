"""Where a command writes: ``-o OUT`` or ``--in-place``, the same for all commands that save."""

from __future__ import annotations

import argparse
import os

from kerastui.errors import UsageError
from kerastui.model import Destination


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``-o``, ``--in-place``, ``--dry-run``, ``--force`` and ``--backup``."""
    target = parser.add_mutually_exclusive_group()
    target.add_argument("-o", "--output", metavar="OUT", help="write another file")
    target.add_argument("--in-place", action="store_true", help="change MODEL itself")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, write nothing"
    )
    parser.add_argument("--force", action="store_true", help="let OUT replace a file")
    parser.add_argument(
        "--backup", action="store_true", help="keep a file that is replaced, beside it, as .bak"
    )


def target_of(options: argparse.Namespace) -> Destination:
    """Return the file that is to be written, and whether it may replace one.

    Raises UsageError when none is named, or another one is in the way.
    """
    if not (options.output or options.in_place or options.dry_run):
        raise UsageError("say where to write: -o OUT, --in-place, or --dry-run for nowhere.")
    if not options.output:
        return Destination(options.model, "anything")
    output: str = options.output
    may_replace = options.force or _same(output, options.model)
    if os.path.exists(output) and not may_replace:  # noqa: PTH110
        raise UsageError(f"{output} exists already; add --force to replace it.")
    return Destination(output, "anything" if may_replace else "nothing")


def _same(one: str, other: str) -> bool:
    return all(map(os.path.exists, (one, other))) and os.path.samefile(one, other)  # noqa: PTH121

"""Where a command writes: ``-o OUT`` or ``--in-place``, the same for all commands that save."""

from __future__ import annotations

import argparse
import os

from kerastui.errors import UsageError


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


def target_of(options: argparse.Namespace) -> str:
    """Return the file that is to be written.

    Raises UsageError when none is named, or another one is in the way.
    """
    if not (options.output or options.in_place or options.dry_run):
        raise UsageError("say where to write: -o OUT, --in-place, or --dry-run for nowhere.")
    if not options.output:
        return options.model
    output: str = options.output
    if os.path.exists(output) and not options.force and not _same(output, options.model):  # noqa: PTH110
        raise UsageError(f"{output} exists already; add --force to replace it.")
    return output


def _same(one: str, other: str) -> bool:
    return os.path.exists(other) and os.path.samefile(one, other)  # noqa: PTH110, PTH121

"""The command line: ``kerastui MODEL`` and the commands that need no screen."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from kerastui.errors import KerastuiError, UsageError
from kerastui.model.text import safe_text

EPILOG = """\
examples:
  kerastui model.h5                                   look at it, freeze layers, save
  kerastui show model.keras                           print the layers
  kerastui freeze model.h5 'block[1-4]_*' --in-place  freeze layers by name
  kerastui unfreeze model.h5 head --only -o out.h5    train the head alone
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`.")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    from kerastui import __version__

    parser = _Parser(
        prog="kerastui",
        description="Look into a Keras model file, freeze layers, save it back.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="kerastui [MODEL | FOLDER]\n       kerastui COMMAND MODEL …",
    )
    parser.add_argument("--version", action="version", version=f"kerastui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    show = commands.add_parser("show", help="print the layers, or everything as JSON")
    show.add_argument("model", metavar="MODEL")
    show.add_argument("--json", action="store_true", help="print JSON (schema: docs/show-json.md)")
    show.add_argument(
        "--layers", metavar="GLOB", help="only layers whose name (or path, with a /) matches"
    )
    for name, verb in (("freeze", "frozen"), ("unfreeze", "trainable")):
        command = commands.add_parser(name, help=f"make layers {verb} and save")
        _add_flag_arguments(command, name)
    return parser


def _add_flag_arguments(command: argparse.ArgumentParser, name: str) -> None:
    command.add_argument("model", metavar="MODEL")
    command.add_argument(
        "patterns", metavar="PATTERN", nargs="+",
        help="glob on layer names, or on paths if it contains a /",
    )  # fmt: skip
    target = command.add_mutually_exclusive_group(required=True)
    target.add_argument("-o", "--output", metavar="OUT", help="write another file")
    target.add_argument("--in-place", action="store_true", help="change MODEL itself")
    command.add_argument("--regex", action="store_true", help="patterns are regular expressions")
    command.add_argument(
        "--class-name", action="store_true", help="patterns are about classes (Conv*)"
    )
    command.add_argument("--force", action="store_true", help="let -o OUT replace a file")
    if name == "unfreeze":
        command.add_argument(
            "--only", action="store_true", help="exactly these trainable, all others frozen"
        )


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit status; errors are one sentence on stderr."""
    try:
        options = build_parser().parse_args(arguments)
        if options.command is None:
            raise UsageError("name one model file, or a command; see `kerastui --help`.")
        if options.command == "show":
            from .commands.show import show

            show(options.model, as_json=options.json, layers=options.layers)
        else:
            from .commands.freeze import set_flags

            set_flags(options)
        sys.stdout.flush()
    except KerastuiError as error:
        print(f"kerastui: {safe_text(error, 2000)}", file=sys.stderr)  # noqa: T201
        return 2
    except BrokenPipeError:
        # `kerastui show … | head`: not an error; keep the interpreter's exit quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except KeyboardInterrupt:
        print("kerastui: interrupted; nothing was changed.", file=sys.stderr)  # noqa: T201
        return 130
    return 0

"""The command line: options of the screen, and the commands that need no screen."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from kerastui.errors import KerastuiError, SessionError, UsageError
from kerastui.model.text import safe_text

from .main import COMMANDS, open_screen
from .standard_streams import ready, silence, tell

EPILOG = """\
commands, each with --help of its own:
  show MODEL                    print the layers, or everything as JSON
  weights MODEL [PATTERN]       print statistics of weights; --fail-on nan,inf,dead
  diff OLD NEW [MODEL…]         compare files: layers, settings, flags, every weight, state
  freeze MODEL PATTERN…         make layers frozen and save
  unfreeze MODEL PATTERN…       make layers trainable and save
  rename MODEL OLD NEW          rename a layer, many by a pattern, or what Keras named
  set MODEL WEIGHT              other values or another dtype: --from, --expression, --dtype …
  transplant MODEL OTHER        take over weights from another file by matching names
  head MODEL                    cut the last layers, append a Dense layer
  apply MODEL EDITS             apply edits from a JSON file, those of the screen
  compile MODEL                 change losses, metrics, the optimizer's settings; drop its state
  convert IN OUT                between legacy HDF5, .keras and weights only
  eval MODEL EXPR…              load the model with Keras and evaluate expressions

examples:
  kerastui model.h5                                   look at it, freeze layers, save
  kerastui show model.keras                           print the layers
  kerastui diff before.h5 fine_tuned.keras            did the frozen layers stay frozen?
  kerastui diff epoch_*.keras --screen                which weights are still moving?
  kerastui freeze model.h5 'block[1-4]_*' --in-place  freeze layers by name
  kerastui unfreeze model.h5 head --only -o out.h5    train the head alone
  kerastui rename model.h5 'conv2d_(\\d+)' 'enc_conv_\\1' --regex --dry-run
  kerastui set model.h5 head/kernel --initialize --seed 1 -o new.h5
  kerastui set model.keras '*' --dtype float16 -o small.keras
  kerastui transplant mine.h5 vgg16.h5 vgg16 --in-place
  kerastui convert old.hdf5 new.keras
  kerastui eval model.h5 'model.predict(x)' --input x.npy --save-as y.npy
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`.")


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit status; errors are one sentence on stderr."""
    ready()
    command = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    try:
        status = _command(command, arguments[1:]) if command else _screen(arguments)
        sys.stdout.flush()
    except KerastuiError as error:
        complain(error)
        return 2
    except BrokenPipeError:
        silence()  # `kerastui show … | head`: not an error
        return 0
    except OSError as error:  # of a model file it would be a KerastuiError
        if error.filename is None:
            silence()
        where = "standard output" if error.filename is None else safe_text(error.filename, 300)
        tell(f"{where} cannot be written: {safe_text(error.strerror or error, 200)}.")
        return 2
    except KeyboardInterrupt:
        tell("interrupted; nothing was changed.")
        return 130
    return status


def complain(error: KerastuiError) -> None:
    """Print an error's sentence on stderr, and below it the lines that it brings along."""
    tell(safe_text(error, 2000))
    for line in error.lines if isinstance(error, SessionError) else ():
        print(f"  {safe_text(line, 1000)}", file=sys.stderr)  # noqa: T201


def _command(name: str, arguments: Sequence[str]) -> int:
    """Run a command: a module of `commands` with ``add_arguments`` and ``run``."""
    package = __name__.rpartition(".")[0]
    command = importlib.import_module(f"{package}.commands.{_MODULES.get(name, name)}")
    parser = _Parser(prog=f"kerastui {name}", allow_abbrev=False, description=command.__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_arguments(parser)
    return command.run(parser.parse_intermixed_args(arguments))


_MODULES = {"unfreeze": "freeze"}


def _screen(arguments: Sequence[str]) -> int:
    from kerastui import __version__

    from ..widgets.graphics import CHOICES, VARIABLE
    from .keras_options import add_options, read_options

    parser = _Parser(
        prog="kerastui",
        description="Look into a Keras model file, freeze layers, evaluate, save it back.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="kerastui [OPTIONS] [MODEL | FOLDER]\n       kerastui COMMAND MODEL …",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"kerastui {__version__}")
    parser.add_argument("models", metavar="MODEL", nargs="*", help="a model file, or a folder")
    add_options(parser).add_argument(
        "--load", action="store_true", help="start Keras at once, not when it is first needed"
    )
    parser.add_argument(
        "--graphics",
        choices=CHOICES,
        help=f"how pictures are drawn (also ${VARIABLE}); auto: as the terminal's name promises",
    )
    parsed = parser.parse_intermixed_args(arguments)
    if parsed.graphics:
        os.environ[VARIABLE] = parsed.graphics
    models: list[str] = parsed.models
    for name in COMMANDS:
        if name in models[:1]:
            raise UsageError(f"write the command first: `kerastui {name} …`.")
    if len(models) > 1:
        raise UsageError(
            f"{models[0]!r} is no command ({', '.join(COMMANDS)}), and the screen shows one "
            "model file; see `kerastui --help`."
        )
    return open_screen(models[0] if models else None, read_options(parsed))

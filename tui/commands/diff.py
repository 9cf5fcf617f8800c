"""Compare model files: layers, settings, flags, every weight, the optimizer's state.

Two files: what differs, layer by layer, and whether the layers that both call frozen kept their
weights. Formats may differ. Three and more, say the checkpoints of one run in order: how far
every weight moved from one to the next. Nothing is imported from Keras.

Exit status: 0 the same model, 1 differences, 2 a file is of no use.
"""

from __future__ import annotations

import argparse
import json
import os
import sys

from kerastui.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``kerastui diff``."""
    parser.add_argument("models", metavar="MODEL", nargs="+", help="two model files, or more")
    parser.add_argument("--json", action="store_true", help="as JSON (docs/diff-json.md)")
    parser.add_argument("--all", action="store_true", help="list what is the same, too")
    parser.add_argument("--screen", action="store_true", help="show it on the screen")


def run(options: argparse.Namespace) -> int:
    """Carry out the command and return its exit status. Raises KerastuiError."""
    models: list[str] = options.models
    if len(models) < 2:
        raise UsageError("give two model files to compare, or more: kerastui diff OLD NEW.")
    if options.screen:
        return _screen(models)
    return _two(models[0], models[1], options) if len(models) == 2 else _many(models, options)


def _screen(models: list[str]) -> int:
    """Show it on the screen; files are read while Textual is being imported."""
    from ..diff_request import Comparing

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("--screen needs a terminal; without it the differences are printed.")
    twice = {path for path in models if models.count(path) > 1}
    if twice:
        raise UsageError(f"{twice.pop()} is given twice; a file can only be compared with others.")
    comparing = Comparing([os.path.abspath(path) for path in models])  # noqa: PTH100
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from ..diff_app import DiffApp

    DiffApp(comparing).run()
    comparing.close()
    return 0


def _two(old: str, new: str, options: argparse.Namespace) -> int:
    from kerastui.analysis.compare import compare

    with _Progress() as progress:
        found = compare(old, new, progress)
    if options.json:
        from kerastui.analysis.compare_json import comparison_as_json

        _write_json(comparison_as_json(found))
    else:
        from .diff_text import comparison_text

        _write(comparison_text(found, _colours(), everything=options.all))
    return 0 if found.same else 1


def _many(models: list[str], options: argparse.Namespace) -> int:
    from kerastui.analysis.trail import trail

    with _Progress() as progress:
        found = trail(models, progress)
    if options.json:
        from kerastui.analysis.compare_json import trail_as_json

        _write_json(trail_as_json(found))
    else:
        from .diff_trail import trail_text

        _write(trail_text(found, _colours(), everything=options.all))
    return 1 if found.moving or found.missing else 0


class _Progress:
    """A line on standard error, on a terminal only, where it takes long enough to be seen."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._written = False

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._written:
            sys.stderr.write("\r\x1b[K")

    def __call__(self, share: float) -> None:
        if self._shown:
            sys.stderr.write(f"\rcomparing … {share:4.0%}")
            sys.stderr.flush()
            self._written = True


def _colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _write_json(value: object) -> None:
    _write(json.dumps(value, indent=2, allow_nan=False))


def _write(text: str) -> None:
    sys.stdout.write(text + "\n")

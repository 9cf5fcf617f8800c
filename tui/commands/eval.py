"""Load a model with Keras, evaluate expressions and print the value of the last one.

model, K, keras, tf, np, L['layer'], W['layer/kernel'] and x (see --input) are at hand, and
statements work too. What the code prints is printed while it runs. Exit status: 0, 1 if the
code raised an exception, 2 for bad input, 130 after Ctrl+C.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from kerastui.errors import UsageError, WorkerDied
from kerastui.session.client import Session
from kerastui.session.protocol import Value

from ..keras_batch import load_model, wait
from ..keras_options import add_options, read_options
from .eval_streams import Streams, ended_by_signals
from .eval_value import as_json, shown

_MADE = ("zeros", "ones", "normal")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``kerastui eval``."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument(
        "expressions", metavar="EXPR", nargs="+",
        help="Python; several run in one namespace (write -- before one that begins with -)",
    )  # fmt: skip
    parser.add_argument(
        "--input", metavar="FILE",
        help="x: .npy, .npz, .csv, an image, FILE.h5:/DATASET, or zeros, ones, normal",
    )  # fmt: skip
    parser.add_argument("--save-as", metavar="OUT.npy", help="write the value, an array, here")
    parser.add_argument(
        "--json", action="store_true", help="print the value as JSON (docs/eval-json.md)"
    )
    add_options(parser)


def run(parsed: argparse.Namespace) -> int:
    """Carry out the command and return its exit status. Raises KerastuiError."""
    options = read_options(parsed)
    _check_input(parsed.input)
    _check_output(parsed.save_as, parsed.model, parsed.input)
    streams = Streams(printed=sys.stderr if parsed.json else sys.stdout)
    session = Session(streams.receive)
    streams.on_broken = session.kill
    try:
        with ended_by_signals():
            load_model(session, parsed.model, options, streams.note)
            if parsed.input:
                _set_input(session, parsed.input, streams)
            streams.begin()
            return _evaluate(session, parsed, streams)
    except WorkerDied as error:
        if streams.broken:
            raise BrokenPipeError from None
        if session.versions is not None:
            streams.show_noise()
        if not streams.evaluating:
            raise
        streams.note(str(error))
        return 1
    except KeyboardInterrupt:
        session.kill()
        streams.note("interrupted.")
        return 130
    finally:
        session.close()


def _evaluate(session: Session, parsed: argparse.Namespace, streams: Streams) -> int:
    value: Value | None = None
    for expression in parsed.expressions:
        result = wait(session.eval(expression).future)
        if result.lost:
            streams.note(f"… {result.lost:,} more characters were printed.")
        if result.status == "interrupted":
            raise KeyboardInterrupt
        if result.trouble is not None:
            streams.show_noise()
            streams.error(result.trouble.traceback or result.trouble.message)
            return 1
        value = result.value
    if parsed.save_as:
        _save(session, value, parsed.save_as, streams)
    if parsed.json:
        streams.write(sys.stdout, as_json(session, value) + "\n")
    elif value is not None:
        streams.end_line()
        for text in shown(session, value):
            streams.write(sys.stdout, text)
    return 0


def _set_input(session: Session, given: str, streams: Streams) -> None:
    file = "" if given in _MADE else str(Path(given).absolute())
    made = wait(session.set_input("file" if file else given, file=file))
    for note in made.notes:
        streams.note(f"{note}.")


def _check_input(given: str | None) -> None:
    """See that the file is there, before seconds go into starting Keras. Raises UsageError."""
    file = (given or "").partition(":/")[0]
    if file and file not in _MADE and not Path(file).exists():
        raise UsageError(f"--input {given}: there is no such file.")


def _check_output(target: str | None, *sources: str | None) -> None:
    """See that OUT.npy can be written and that nothing else is lost. Raises UsageError."""
    if target is None:
        return
    path = Path(target)
    if path.suffix != ".npy":
        raise UsageError(f"--save-as writes .npy; name it so, not {target}.")
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(
            f"--save-as {target}: "
            + ("that is a folder." if path.is_dir() else f"there is no folder {path.parent}.")
        )
    if not os.access(path.parent, os.W_OK):
        raise UsageError(f"--save-as {target}: the folder {path.parent} cannot be written to.")
    if path.exists() and path.stat().st_size:
        if any(source and _same(path, source) for source in sources):
            raise UsageError(f"--save-as {target} would overwrite what is read.")
        with path.open("rb") as stream:
            if stream.read(6) != b"\x93NUMPY":
                raise UsageError(f"--save-as {target}: that file exists and is no .npy.")


def _same(path: Path, other: str) -> bool:
    return Path(other).exists() and path.samefile(other)


def _save(session: Session, value: Value | None, target: str, streams: Streams) -> None:
    if value is None or value.form in ("none", "string", "model", "figure"):
        what = "there is no value" if value is None else f"the value is a {value.type}"
        raise UsageError(f"--save-as {target}: {what}, and only arrays can be saved.")
    shape = wait(session.export(value.id, target))
    streams.note(f"saved {target}: an array of shape {shape}.")

"""A model live in Keras without a screen: everything was said on the command line."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from kerastui.checks.code_scan import CodeFinding, scan
from kerastui.errors import LoadFailed, NotAModelFile
from kerastui.files import open_model, read_configs
from kerastui.model import Model
from kerastui.session import answers
from kerastui.session.answers import Answer
from kerastui.session.client import Session
from kerastui.session.inside.classics import offered
from kerastui.session.protocol import Loaded, Need, Versions
from kerastui.session.tables import flags_of, instances_of, rows_of

from .custom_answers import answer
from .keras_options import KerasOptions

T = TypeVar("T")
Say = Callable[[str], object]
_COMPILED = frozenset({"metric", "loss", "optimizer", "schedule"})
"""Kinds of names that only the compile section needs."""
_IMPORTS_NO_MORE = (3, 12)
"""Keras that no longer imports the modules that a file names."""
_MAX_PLACES = 20


def load_model(session: Session, path: str, options: KerasOptions, say: Say) -> Loaded:
    """Start Keras and load a model file; `say` is given what is worth a note.

    The file is read and looked through while TensorFlow is imported. Raises KerastuiError;
    ``fields["lines"]`` of a LoadFailed says more, line by line: what is missing, where code is.
    """
    started = session.start(options.python, options.keras, options.paths, options.memory_limit)
    model = open_model(path)
    if not model.has_flags:
        raise NotAModelFile(
            f"{path} holds weights only, and there is no model to load them into: name the "
            "full model file."
        )
    found = scan(*read_configs(path))
    versions = wait(started)
    needs_trust = found.needs_consent_in(importing=_imports_modules(versions))
    if needs_trust and not options.trust:
        raise _code(path, found.findings, found.why)
    chosen = _answers(session, path, options, say)
    loaded = _load(session, model, chosen, options, trust=needs_trust)
    _tell(loaded, say)
    return loaded


def wait(future: Future[T]) -> T:
    """Return a future's result; Ctrl+C is heeded meanwhile. Raises SessionError."""
    return future.result()


def _imports_modules(versions: Versions) -> bool:
    numbers = tuple(int(n) for n in versions.keras.split(".")[:2] if n.isdigit())
    return numbers < _IMPORTS_NO_MORE


def _code(path: str, findings: tuple[CodeFinding, ...], why: str) -> LoadFailed:
    places = [f"{f.layer or 'the model'}: {f.what}" for f in findings if f.runs or f.imports]
    more = len(places) - _MAX_PLACES
    lines = [*places[:_MAX_PLACES], *([f"… and {more:,} more"] if more > 0 else []), why]
    return LoadFailed(
        f"{path} holds code that loading may run; if you trust it, add --trust.",
        why="code",
        lines=tuple(line for line in lines if line),
    )


def _answers(session: Session, path: str, options: KerasOptions, say: Say) -> list[Answer]:
    """Return what stands for the names that Keras lacks. Raises LoadFailed if some do not."""
    needs = [
        need for need in wait(session.needs(path)) if options.compile or need.kind not in _COMPILED
    ]
    got, missing = answer(
        session,
        needs,
        given=options.custom_objects,
        expressions=dict(options.custom_expressions),
        remembered=answers.recall(Path(path).parent),
    )
    lacking: list[Need] = []
    for need in missing:
        classic = offered(need.name, need.kind)
        if classic:
            say(f"the {need.kind} {need.name} was not given: kerastui's own {classic} is used.")
            got.append(Answer(need.name, need.kind, "classic", classic))
        else:
            lacking.append(need)
    if lacking:
        raise _missing(path, lacking)
    return got


def _missing(path: str, needs: list[Need]) -> LoadFailed:
    count = "a custom object" if len(needs) == 1 else f"{len(needs)} custom objects"
    ways = "--custom-objects FILE_OR_MODULE or --custom-object NAME=EXPRESSION"
    if all(need.kind in _COMPILED for need in needs):
        ways += ", or leave the compile section out with --no-compile"
    return LoadFailed(
        f"{path} needs {count} that nobody gave; use {ways}:",
        why="missing",
        lines=tuple(need.describe() for need in needs),
    )


def _load(
    session: Session, model: Model, chosen: list[Answer], options: KerasOptions, trust: bool
) -> Loaded:
    try:
        return wait(
            session.load(
                model.file.path,
                rows=rows_of(model),
                flags=flags_of(model),
                answers=[one.row() for one in chosen],
                instances=instances_of(model),
                compile=options.compile,
                trust=trust,
            )
        )
    except LoadFailed as error:
        old = options.keras == "keras" and model.keras_version[:1] in ("1", "2")
        if error.fields.get("why") != "keras" or not old:
            raise
        hint = "Files of older Keras often load with --keras tf_keras."
        raise LoadFailed(str(error), **{**error.fields, "lines": (hint,)}) from error


def _tell(loaded: Loaded, say: Say) -> None:
    for line in loaded.printed.splitlines():
        say(line)
    if loaded.left_out:
        say("Compiled without " + ", ".join(loaded.left_out) + ".")
    if loaded.uncompiled:
        say(f"Not compiled: {loaded.uncompiled}.")
    if loaded.missing:
        say("Not in the live model: " + ", ".join(loaded.missing[:10]) + ".")

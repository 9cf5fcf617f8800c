"""What stands for the names that a model needs and Keras lacks, as far as it was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kerastui.session.answers import Answer
from kerastui.session.client import Session
from kerastui.session.inside.scripts import is_module_name
from kerastui.session.protocol import Need


def answer(
    session: Session,
    needs: Sequence[Need],
    given: Sequence[str] = (),
    expressions: Mapping[str, str] | None = None,
    remembered: Mapping[str, Answer] | None = None,
) -> tuple[list[Answer], list[Need]]:
    """Return answers, and the needs that nobody met. Waits for the Keras process.

    The first of these that has a name counts: an expression of the command line, the first
    file or module of the command line that defines it, what is remembered for the folder.
    An expression counts also for a name that Keras would know by itself: who gives it means
    it. A class of another Keras (`Need.own`) that nobody gave is not missing: it is Keras
    who has to say no. Raises SessionError (a file that cannot be read, a dead process).

    Args:
        session: reads the files, where the user's modules are importable.
        needs: of the model file.
        given: Python files and modules.
        expressions: by name, or by name without its package.
        remembered: earlier answers, by name.
    """
    expressions, remembered = expressions or {}, remembered or {}
    sources = _sources(session, needs, given)
    answers: list[Answer] = []
    missing: list[Need] = []
    for need in needs:
        found = _expression(need, expressions) or sources.get(need.name)
        if found is None and need.name in remembered:
            found = remembered[need.name]
        if found is not None:
            answers.append(replace(found, name=need.name, kind=need.kind))
        elif not need.own:
            missing.append(need)
    known = {name for need in needs for name in (need.name, need.plain_name)}
    answers += [Answer(n, "", "expression", e) for n, e in expressions.items() if n not in known]
    return answers, missing


def _expression(need: Need, expressions: Mapping[str, str]) -> Answer | None:
    for name in (need.name, need.plain_name):
        if name in expressions:
            return Answer(need.name, need.kind, "expression", expressions[name])
    return None


def _sources(session: Session, needs: Sequence[Need], given: Sequence[str]) -> dict[str, Answer]:
    """Return, by name, the first file or module that defines it."""
    found: dict[str, Answer] = {}
    names = [need.name for need in needs]
    for where in given:
        module = is_module_name(where) and not Path(where).is_file()
        value = where if module else str(Path(where).expanduser().absolute())
        for name in session.defines(value, names).result() if names else ():
            found.setdefault(name, Answer(name, "", "module" if module else "file", value))
    return found

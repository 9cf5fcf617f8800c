"""What the form for custom objects holds: a row for each missing name, and its answer so far.

Pure state without a widget: `CustomObjectsDialog` shows it and puts keys into it.
"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from kerastui.model import safe_text
from kerastui.session.answers import Answer
from kerastui.session.inside.classics import offered
from kerastui.session.inside.scripts import is_module_name
from kerastui.session.protocol import Need

from .completion import expand

Way = Literal["source", "expression", "classic", "standin", "keras"]
"""``source``: a file or module; ``keras``: left to Keras, as only another Keras has the class."""
Standing = Literal["answered", "open", "problem", "keras", "unneeded"]
_COMPILE_KINDS = frozenset({"metric", "loss", "optimizer", "schedule"})


@dataclass(frozen=True)
class Source:
    """A Python file or importable module, as `Session.defines` and an `Answer` take it."""

    how: Literal["file", "module"]
    value: str
    """An absolute path, or a dotted name."""


@dataclass(frozen=True)
class Look:
    """What a file or module was found to define."""

    names: tuple[str, ...] = ()
    """Those of the missing names that it defines."""
    problem: str = ""
    """Why it could not be read."""


@dataclass
class FormRow:
    """One missing name."""

    need: Need
    classic: str
    """kerastui's own function of that name, or ""."""
    way: Way | None = None
    """What the user chose; None for what is offered."""
    source: str = ""
    """As typed; empty for the file of another row that defines the name."""
    expression: str = ""
    problem: str = ""
    """Why the answer did not serve, when it was tried."""
    details: str = ""
    """The traceback, as Python prints it."""

    @property
    def ways(self) -> tuple[Way, ...]:
        """What can be chosen."""
        first: tuple[Way, ...] = ("keras",) if self.need.own else ()
        own: tuple[Way, ...] = ("classic",) if self.classic else ()
        return (*first, "source", "expression", *own, "standin")

    def forget_problem(self) -> None:
        """The answer is another one now."""
        self.problem = self.details = ""

    @property
    def only_compiles(self) -> bool:
        """Whether nothing but the compile section needs it."""
        return self.need.kind in _COMPILE_KINDS


@dataclass
class CustomForm:
    """All rows, and what was found out about the files that were given."""

    rows: list[FormRow]
    base: Path
    """Where relative paths start."""
    compile: bool = True
    """Whether the compile section is loaded."""
    looks: dict[Source, Look] = field(default_factory=dict[Source, Look])

    @classmethod
    def of(
        cls,
        needs: Sequence[Need],
        kept: Mapping[str, Answer],
        problems: Sequence[Mapping[str, Any]] = (),
        base: Path | None = None,
    ) -> CustomForm:
        """Return the form with earlier answers filled in, and what was wrong with them."""
        wrong = {str(p.get("name", "")): p for p in problems}
        rows: list[FormRow] = []
        for need in needs:
            row = FormRow(need, offered(need.name, need.kind))
            if need.name in kept:
                _fill(row, kept[need.name])
            problem = wrong.get(need.name, {})
            row.problem = str(problem.get("message", ""))
            row.details = str(problem.get("details", ""))
            rows.append(row)
        return cls(rows, base or Path.cwd())

    # -- one row --------------------------------------------------------------------------------

    def way(self, row: FormRow) -> Way:
        """Return how a row is answered: the user's choice, or else what is nearest.

        A file that was given for another row and defines this name comes first: it is the
        user's own code. Then Keras's own classes are left to Keras, then comes a classic.
        """
        if row.way is not None:
            return row.way
        if self._offer(row) is not None:
            return "source"
        return "keras" if row.need.own else "classic" if row.classic else "source"

    def source(self, row: FormRow) -> Source | None:
        """Return the file or module of a row: its own, or that of a row that has one for it."""
        return read_source(row.source, self.base) if row.source.strip() else self._offer(row)

    def typed_sources(self) -> list[Source]:
        """Return the files and modules that are typed in some row and in use there."""
        rows = (r for r in self.rows if r.source.strip() and r.way == "source")
        found = (read_source(row.source, self.base) for row in rows)
        return list(dict.fromkeys(s for s in found if s is not None))

    def _offer(self, row: FormRow) -> Source | None:
        for source in self.typed_sources():
            look = self.looks.get(source)
            if look is not None and row.need.name in look.names:
                return source
        return None

    def look(self, row: FormRow) -> Look | None:
        """Return what is known about the file or module of a row."""
        source = self.source(row)
        return None if source is None else self.looks.get(source)

    def standing(self, row: FormRow) -> Standing:
        """Return whether a row is answered."""
        lacks = self._lacks(row)
        if lacks and row.only_compiles and not self.compile:
            return "unneeded"
        look = self.look(row) if self.way(row) == "source" else None
        if row.problem or (look is not None and look.problem):
            return "problem"
        if lacks:
            return "open"
        return "keras" if self.way(row) == "keras" else "answered"

    def _lacks(self, row: FormRow) -> bool:
        way = self.way(row)
        if way == "source":
            look = self.look(row)
            return self.source(row) is None or (look is not None and bool(look.problem))
        text = row.expression.strip()
        return way == "expression" and (not text or bool(syntax_problem(text)))

    def answer(self, row: FormRow) -> Answer | None:
        """Return the answer of a row, or None for a name that is left to Keras."""
        name, kind, way = row.need.name, row.need.kind, self.way(row)
        if way == "keras":
            return None
        if self.standing(row) == "unneeded":
            return Answer(name, kind, "standin")
        if way == "source":
            source = self.source(row)
            return None if source is None else Answer(name, kind, source.how, source.value)
        if way == "expression":
            return Answer(name, kind, "expression", row.expression.strip())
        return Answer(name, kind, way, row.classic if way == "classic" else "")

    # -- all of them ----------------------------------------------------------------------------

    def is_open(self, row: FormRow) -> bool:
        """Whether loading has to wait for this row; an answer that failed may be tried again."""
        return self._lacks(row) and not (row.only_compiles and not self.compile)

    def first_open(self, after: int = -1) -> int | None:
        """Return the first row after `after`, around the end, that has no answer yet."""
        count = len(self.rows)
        order = ((after + 1 + i) % count for i in range(count))
        return next((i for i in order if self.is_open(self.rows[i])), None)

    def stand_in_for_rest(self) -> int:
        """Give a stand-in to each row that has no answer; return how many."""
        rows = [row for row in self.rows if self.is_open(row)]
        for row in rows:
            row.way = "standin"
            row.forget_problem()
        return len(rows)

    def answers(self) -> list[Answer]:
        """Return all answers."""
        found = (self.answer(row) for row in self.rows)
        return [answer for answer in found if answer is not None]


def read_source(text: str, base: Path) -> Source | None:
    """Return the file or module that `text` means; None if it cannot be either.

    A file of that name counts first, as with ``--custom-objects``.
    """
    text = text.strip()
    if not text:
        return None
    try:
        path = expand(text, base)
    except ValueError:
        return None
    if is_module_name(text) and not os.path.isfile(path):  # noqa: PTH113  as NUL-proof as expand
        return Source("module", text)
    return Source("file", os.path.abspath(path))  # noqa: PTH100  as typed: links are kept


@lru_cache(maxsize=256)
def syntax_problem(text: str) -> str:
    """Say what keeps `text` from being a Python expression; "" if nothing does. Safe to show."""
    if not text.strip():
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        return f"This is no Python expression: {safe_text(error.msg)}."
    except (ValueError, RecursionError, MemoryError) as error:
        return f"This cannot be parsed: {safe_text(error)}."
    return ""


def _fill(row: FormRow, kept: Answer) -> None:
    if kept.how in ("file", "module"):
        row.way, row.source = "source", kept.value
    elif kept.how == "expression":
        row.way, row.expression = "expression", kept.value
    elif kept.how == "standin":
        row.way = "standin"
    elif row.classic:
        row.way = "classic"

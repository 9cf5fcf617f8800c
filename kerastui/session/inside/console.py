"""Running what the user types."""

from __future__ import annotations

import ast
import sys
import textwrap
from typing import Any

from . import standins, summaries, tracebacks
from .changes import can_change
from .interrupts import Gate
from .namespace import Space
from .printing import Printing


class Console:
    """Evaluates code in the user's namespace, one piece after the other."""

    def __init__(self, space: Space, gate: Gate, printing: Printing) -> None:
        self.space = space
        self.folders: list[str] = []
        """Where the user's own files lie: their frames are shown in tracebacks."""
        self.may_have_changed = False
        """Whether the last code could have changed a model."""
        self._gate = gate
        self._printing = printing

    def evaluate(self, code: str, number: int) -> tuple[dict[str, Any], bytes]:
        """Run `code` and return a message about its value or its exception.

        ``status`` is ``ok``, ``error`` or ``interrupted``. SystemExit is an error like any
        other; the process goes on.
        """
        self._printing.begin(number)
        self.may_have_changed = False
        try:
            message, data = self._gate.run(lambda: self._run(code, number))
        except KeyboardInterrupt:
            message, data = {"status": "interrupted"}, b""
        except BaseException as error:  # the border of the user's code
            message, data = {"status": "error", "error": self._told(error)}, b""
        if self._printing.lost:
            message["lost"] = self._printing.lost
        return {"printed": self._printing.total, **message}, data

    def _run(self, code: str, number: int) -> tuple[dict[str, Any], bytes]:
        name = f"<console {number}>"
        code = textwrap.dedent(code)
        tracebacks.remember(name, code)
        tree = ast.parse(code, name)
        self.may_have_changed = can_change(tree)
        self.space.prepare(code)
        names = self.space.names
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        if tree.body:
            exec(compile(tree, name, "exec", dont_inherit=True), names)
        if last is None:
            return self._picture({"status": "ok"}, b"")
        expression = ast.Expression(last.value)  # type: ignore[attr-defined]
        value = eval(compile(expression, name, "eval", dont_inherit=True), names)
        about, data = summaries.summarize(value, str(number))
        if value is not None:
            self.space.history.keep(str(number), value)
            names["__"], names["_"] = names.get("_"), value
        return self._picture({"status": "ok", "value": about}, data)

    def _picture(self, message: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        """Add what pyplot has drawn, as notebooks do."""
        drawn = summaries.open_figure() if "matplotlib.pyplot" in sys.modules else b""
        if drawn and not data:
            about = message.get("value") or {"id": "", "type": "Figure", "module": "matplotlib"}
            return {**message, "value": {**about, "form": "figure"}}, drawn
        return message, data

    def _told(self, error: BaseException) -> dict[str, Any]:
        try:
            told = tracebacks.short(error, self.folders)
        except Exception as inner:  # an exception that cannot even be shown
            told = {"type": type(error).__name__, "message": f"({type(inner).__name__})"}
            told.update(line=0, traceback=type(error).__name__)
        refused = standins.reason(error)
        if refused:  # else it is deep inside what Keras says around it
            told["message"] = refused
        if isinstance(error, SystemExit):
            told["traceback"] += "\nThe code asked to exit; Keras goes on."
        # Frames hold on to arrays; the next evaluation may need the memory.
        error.__traceback__ = None
        return told

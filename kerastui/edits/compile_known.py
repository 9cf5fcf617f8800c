"""Whether Keras knows the losses and metrics that somebody typed."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator

from ..errors import BadEdit
from ..model import Compile, Model, safe_text
from ..model.known_functions import Role, defaults, is_known_function, names_of
from .changes import Edit
from .compile_outputs import SetLoss, SetMetrics

_KINDS: dict[Role, str] = {"losses": "loss", "metrics": "metric"}


class UnknownName(BadEdit):
    """A loss or metric that neither Keras nor the file knows: a slip, or somebody's own."""


def check_names(model: Model, edits: Iterable[Edit], otherwise: str) -> None:
    """Raise UnknownName for the first loss or metric that nobody knows.

    Known are those of the file's Keras, those that the file's compile section names already,
    and registered ones (``package>name``), which whoever loads the file has to bring.

    Args:
        model: the description that the edits are for.
        edits: what was asked for.
        otherwise: a sentence on how to have the name all the same, for the message.
    """
    keras3 = model.keras_version.startswith("3")
    own = set(_named(model.compile))
    for role, name in _asked(edits):
        if not (is_known_function(role, name, keras3) or name in own or ">" in name.strip(">")):
            raise UnknownName(f"{_problem(role, name, keras3)} {otherwise}")


def _problem(role: Role, name: str, keras3: bool) -> str:
    known = {known.lower(): known for known in (*defaults(role), *names_of(role, keras3))}
    close = difflib.get_close_matches(name.lower(), known, n=3)
    meant = f"; did you mean {' or '.join(known[one] for one in close)}?" if close else "."
    return f"{safe_text(name, 60)!r} is no {_KINDS[role]} that the file's Keras knows{meant}"


def _asked(edits: Iterable[Edit]) -> Iterator[tuple[Role, str]]:
    """Yield the names of functions that edits ask for; objects say by themselves what they are."""
    for edit in edits:
        texts: list[tuple[Role, str]] = []
        if isinstance(edit, SetLoss):
            texts = [("losses", edit.loss)]
        elif isinstance(edit, SetMetrics):
            texts = [("metrics", metric) for metric in edit.metrics]
        for role, text in texts:
            value = json.loads(text)
            if isinstance(value, str):
                yield role, value


def _named(compiled: Compile | None) -> Iterator[str]:
    """Yield the names of the functions in the file's compile section."""
    for row in compiled.outputs if compiled else ():
        for function in (row.loss, *row.metrics, *row.weighted_metrics):
            if function is not None:
                yield function.name

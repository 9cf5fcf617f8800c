"""Which losses, metrics, optimizers and schedules today's Keras resolves (from data).

The names were taken from Keras 3.15 and tf_keras 2.21; see ``known_functions.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

Role = Literal["losses", "metrics", "optimizers"]


@cache
def _data() -> Mapping[str, Any]:
    return json.loads(Path(__file__).with_name("known_functions.json").read_text("utf-8"))


@cache
def _functions(role: Role, keras3: bool) -> frozenset[str]:
    table: Mapping[str, list[str]] = _data()[role]
    return frozenset(table["functions"] + (table["keras3"] if keras3 else []))


def names_of(role: Role, keras3: bool) -> tuple[str, ...]:
    """Return the bare names that today's Keras resolves, in order."""
    return tuple(sorted(_functions(role, keras3)))


def is_known_function(role: Role, name: str, keras3: bool) -> bool:
    """Whether a bare name resolves in today's Keras.

    In a file older than Keras 3 a name such as ``precision`` or ``dice`` was somebody's own
    function, although Keras 3 has since given the name to a class of its own.
    """
    return name in _functions(role, keras3) or name in defaults(role)


def is_known_class(role: Role, name: str) -> bool:
    """Whether today's Keras has a class of this name."""
    return name in defaults(role)


def defaults(role: Role) -> Mapping[str, Mapping[str, Any]]:
    """The classes of a role, each with the settings it has by default."""
    return _data()[role]["classes"]


def is_schedule(name: str) -> bool:
    """Whether this is one of Keras's learning rate schedules."""
    return name in _data()["schedules"]

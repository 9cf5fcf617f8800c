"""What the command line says of the Keras process: `KerasOptions`, for the screen and `eval`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kerastui.errors import UsageError

if TYPE_CHECKING:
    import argparse

_SIZE = re.compile(r"(\d+(?:\.\d+)?) *([kmgt]?)(?:i?b)?", re.IGNORECASE)
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}
SMALLEST_LIMIT = 1 << 30
"""Bytes. Importing TensorFlow takes half of it; with less, nothing could be loaded."""


@dataclass(frozen=True)
class KerasOptions:
    """Whose Keras runs, with what, and what the user gives it."""

    python: str | None = None
    """The interpreter, or the folder of its environment; None to find one."""
    keras: str = "keras"
    """``keras``, or ``tf_keras`` for Keras 2."""
    paths: tuple[str, ...] = ()
    """Folders that the user's modules are imported from, besides the working directory."""
    memory_limit: int | None = None
    """Bytes; 0 for none, None for the default (nine tenths of the machine's)."""
    custom_objects: tuple[str, ...] = ()
    """Python files and modules that define what models need and Keras lacks."""
    custom_expressions: tuple[tuple[str, str], ...] = ()
    """Names of custom objects, each with a Python expression."""
    trust: bool = False
    """Code in the file may run, and nobody is asked."""
    load: bool = False
    """The screen starts Keras at once, not when it is first needed."""
    compile: bool = True
    """Whether the compile section is loaded too."""


def add_options(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:  # pyright: ignore[reportPrivateUsage]
    """Add the options that `read_options` reads; return their group, for one more."""
    group = parser.add_argument_group("Keras")
    add = group.add_argument
    add("--python", metavar="PATH", help="the interpreter that has Keras, or its environment; "
        "default: the active environment if it has Keras, else kerastui's own")  # fmt: skip
    add("--keras", choices=("keras", "tf_keras"), default="keras",
        help="tf_keras: Keras 2, for files that Keras 3 refuses")  # fmt: skip
    add("--path", metavar="DIR", action="append", default=[],
        help="import your modules from here too (repeatable)")  # fmt: skip
    add("--memory-limit", metavar="SIZE",
        help="most memory that Keras may take, such as 8G; 0: no limit")  # fmt: skip
    add("--custom-objects", metavar="FILE_OR_MODULE", action="append", default=[],
        help="take custom objects that the model needs from here (repeatable)")  # fmt: skip
    add("--custom-object", metavar="NAME=EXPRESSION", action="append", default=[],
        help="define one custom object, with K, keras, tf and np at hand (repeatable)")  # fmt: skip
    add("--trust", action="store_true",
        help="run code that the file holds, as Lambda layers do; nobody is asked")  # fmt: skip
    add("--no-compile", action="store_true", help="load without optimizer, loss and metrics")
    return group


def read_options(parsed: argparse.Namespace) -> KerasOptions:
    """Return the options of a parsed command line. Raises UsageError."""
    return KerasOptions(
        python=parsed.python,
        keras=parsed.keras,
        paths=tuple(_folder(text) for text in parsed.path),
        memory_limit=None if parsed.memory_limit is None else read_size(parsed.memory_limit),
        custom_objects=tuple(parsed.custom_objects),
        custom_expressions=tuple(_definition(text) for text in parsed.custom_object),
        trust=parsed.trust,
        load=getattr(parsed, "load", False),
        compile=not parsed.no_compile,
    )


def read_size(text: str) -> int:
    """Return bytes for ``8G``, ``512 MB`` or ``1.5g`` (powers of 1024). Raises UsageError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--memory-limit {text!r} is no size; write 8G or 6000M, or 0 for none.")
    size = int(float(found[1]) * (1 << _UNITS[found[2].lower()]))
    if 0 < size < SMALLEST_LIMIT:
        raise UsageError(f"--memory-limit {text} is too little for Keras; give at least 1G.")
    return size


def _folder(text: str) -> str:
    if not Path(text).expanduser().is_dir():
        raise UsageError(f"--path {text} is no folder.")
    return text


def _definition(text: str) -> tuple[str, str]:
    name, equals, expression = text.partition("=")
    if not (equals and name.strip() and expression.strip()):
        raise UsageError(
            f"--custom-object {text!r} is no NAME=EXPRESSION, such as 'f1=my_project.f1'."
        )
    return name.strip(), expression.strip()

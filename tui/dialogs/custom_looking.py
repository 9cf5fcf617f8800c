"""What the form of custom objects asks the Keras process for, and what it answers in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass

from kerastui.errors import KerastuiError
from kerastui.session.answers import Answer

from .custom_form import Look, Source

Defines = Callable[[str, Sequence[str]], Future[tuple[str, ...]]]
"""Asks which of some names a file or module defines, as `Session.defines` does."""


@dataclass(frozen=True)
class CustomObjects:
    """What was answered."""

    answers: tuple[Answer, ...]
    remember: bool
    """For the model's folder."""
    compile: bool
    """Whether to load the compile section."""
    keras: str
    """``keras`` or ``tf_keras``."""


def looks_at(
    sources: Sequence[Source], names: Sequence[str], defines: Defines
) -> Iterator[tuple[Source, Look]]:
    """Yield what each source defines, or what is wrong with it; waits, so on a thread.

    Ends with the Keras process.
    """
    for source in sources:
        try:
            look = Look(tuple(defines(source.value, names).result()))
        except CancelledError:
            return
        except KerastuiError as error:
            look = Look(problem=str(error))
        yield source, look

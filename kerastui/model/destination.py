"""Where a file is to be written, and what may be lost by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .model import FileIdentity

Consent = FileIdentity | Literal["nothing", "anything"]
"""What may be replaced: a certain file in a certain state, no file at all, or whatever is there."""


@dataclass(frozen=True)
class Destination:
    """A file to be written, by somebody who was asked what may be replaced (``os.PathLike``).

    Between question and writing another program may write there too: only what the answer was
    about is replaced.
    """

    path: str
    replaces: Consent = "nothing"

    def __fspath__(self) -> str:
        return self.path

    def __str__(self) -> str:
        return self.path


Goal = str | Destination
"""Where to write; a plain path replaces whatever is there."""


def consent_of(target: object) -> Consent:
    """Return what may be replaced at `target`, a path or a `Destination`."""
    return target.replaces if isinstance(target, Destination) else "anything"

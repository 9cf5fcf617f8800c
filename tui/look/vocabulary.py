"""Names for the rows of an embedding: a text file with one token a line."""

from __future__ import annotations

from pathlib import Path

from kerastui.errors import UnreadableFile
from kerastui.model import safe_text
from kerastui.model.figures import size

from ..paths import path_text

MAX_BYTES = 64 << 20
_LONGEST = 40


def read_tokens(path: Path, most: int) -> tuple[str, ...]:
    """Return the lines of a file, safe to show, at most so many. Raises UnreadableFile."""
    try:
        if not path.is_file():
            raise UnreadableFile(f"{path_text(path)} is no file: name one with a token a line.")
        if (found := path.stat().st_size) > MAX_BYTES:
            raise UnreadableFile(
                f"{path_text(path)} has {size(found)}: a vocabulary has at most {size(MAX_BYTES)}."
            )
        text = path.read_text("utf-8-sig", errors="replace")
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableFile(f"{path_text(path)} cannot be read: {reason}.") from error
    lines = text.split("\n")  # nothing else ends a token
    if lines and not lines[-1]:
        lines.pop()
    return tuple(safe_text(line.removesuffix("\r"), _LONGEST) for line in lines[:most])


def find_token(tokens: tuple[str, ...], sought: str, after: int) -> int | None:
    """Return the number of the next token that is, or else has in it, what is sought."""
    wanted = sought.casefold()
    order = [*range(after + 1, len(tokens)), *range(min(after + 1, len(tokens)))]
    same = next((i for i in order if tokens[i].casefold() == wanted), None)
    if same is not None and same != after:
        return same
    return next((i for i in order if wanted in tokens[i].casefold()), None)

"""Names for the rows of an embedding: a text file with one token a line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kerastui.errors import KerastuiError, UnreadableFile
from kerastui.model import safe_text
from kerastui.model.figures import count, size

from ..paths import path_text

if TYPE_CHECKING:
    from textual.app import App

Tokens = tuple[str, ...]
"""Names of points, from 0 on; safe to show."""

MAX_BYTES = 64 << 20
_LONGEST = 40


def read_tokens(path: Path, most: int) -> Tokens:
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


def find_token(tokens: Tokens, sought: str, after: int) -> int | None:
    """Return the number of the next token that is, or else has in it, what is sought."""
    wanted = sought.casefold()
    order = [*range(after + 1, len(tokens)), *range(min(after + 1, len(tokens)))]
    same = next((i for i in order if tokens[i].casefold() == wanted), None)
    if same is not None and same != after:
        return same
    return next((i for i in order if wanted in tokens[i].casefold()), None)


async def ask_tokens(
    app: App[Any], folder: Path, points: int, present: str
) -> tuple[Tokens, str] | None:
    """Ask for a file and read it; return its tokens and its path, None if nothing changes.

    What is wrong with it, or too little in it, is told. Await this in a worker.
    """
    from ..dialogs.vocabulary import VocabularyDialog

    dialog = VocabularyDialog(points, folder, present)
    path = cast("str | None", await app.push_screen_wait(dialog))
    if not path:
        return None if path is None else ((), "")
    try:
        tokens = await asyncio.to_thread(read_tokens, Path(path), points)
    except KerastuiError as error:
        app.notify(safe_text(str(error), 600), markup=False, severity="error")
        return None
    if len(tokens) < points:
        names = f"{count(len(tokens))} names for {count(points)} points"
        app.notify(f"{names}: the others keep their numbers.", markup=False)
    return tokens, path

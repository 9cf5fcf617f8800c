"""Paths in the form in which people read them."""

from __future__ import annotations

import os
from pathlib import Path

from kerastui.model import safe_text


def path_text(path: Path | str, limit: int = 200) -> str:
    """Return a path safe to show, with ``~`` for the home folder."""
    text = os.fspath(path)
    home = os.path.expanduser("~")  # noqa: PTH111  never raises
    if home not in ("", os.sep, "~") and (text == home or text.startswith(home + os.sep)):
        text = "~" + text[len(home) :]
    return safe_text(text, limit)


def absolute(path: Path | str, base: Path | None = None) -> Path:
    """Return `path` without ``..``, symlinks kept; relative ones start at `base`.

    Does not raise when the present folder has been deleted: home stands in for it.
    """
    try:
        return Path(os.path.abspath(base / path if base else path))  # noqa: PTH100
    except FileNotFoundError:
        return Path(os.path.normpath(Path(os.path.expanduser("~")) / path))  # noqa: PTH111


def keep_end(text: str, width: int) -> str:
    """Return `text` on at most `width` cells: of a long path the end matters."""
    from rich.cells import cell_len, chop_cells

    if cell_len(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    pieces = chop_cells(text[::-1], width - 1)
    return "…" + pieces[0][::-1]

"""Completing the name of a Python file or an importable module. Blocking: for a thread."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from .completion import MAX_OPTIONS, MAX_READ, Completion, common_beginning, complete


def complete_source(text: str, base: Path, folders: Sequence[Path] = ()) -> Completion:
    """Return what could follow `text`: folders and Python files, or modules.

    Modules are looked for where text has no separator: in `base`, then in `folders`. What
    is installed elsewhere is not listed, but may be typed.
    """
    files = complete(text, base)
    hidden = "" if text.rpartition(os.sep)[2].startswith("_") else "__"  # __pycache__, __init__
    options = [
        option
        for option in files.options
        if option.endswith((os.sep, ".py"))
        and not (hidden and Path(option).name.startswith(hidden))
    ]
    if text and _is_dotted(text):
        taken = {option.removesuffix(".py").rstrip(os.sep) for option in options}
        options += _modules(text, [base, *folders], taken)
    options = options[:MAX_OPTIONS]
    common = common_beginning(options)
    longest = common if len(common) >= len(text) and common.startswith(text) else text
    return replace(files, options=tuple(options), common=longest)


def _is_dotted(text: str) -> bool:
    *whole, last = text.split(".")
    return all(part.isidentifier() for part in whole) and (not last or last.isidentifier())


def _modules(text: str, folders: Iterable[Path], taken: set[str]) -> Iterator[str]:
    """Yield dotted names that begin with `text`; those that are completed as files are left out."""
    head, dot, last = text.rpartition(".")
    seen = set(taken)
    for folder in folders:
        for name in sorted(_importable(folder.joinpath(*head.split(".")) if head else folder)):
            found = head + dot + name
            if name.startswith(last) and found not in seen:
                seen.add(found)
                yield found


def _importable(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count >= MAX_READ:
                    return
                name = entry.name.removesuffix(".py")
                if not name.isidentifier() or name.startswith("__"):
                    continue
                is_package = name == entry.name and os.path.isfile(  # noqa: PTH113
                    os.path.join(entry.path, "__init__.py")  # noqa: PTH118
                )
                if name != entry.name or is_package:
                    yield name
    except (OSError, ValueError):
        return

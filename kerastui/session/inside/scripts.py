"""Running a user's Python file, module or expression, and telling errors as Python would.

The user's code runs in the Keras process, on its main thread, so SIGINT reaches it. What it
prints goes where the process prints; `Printed` keeps megabytes of it from being piled up.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import io
import linecache
import sys
import traceback
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

MAX_SOURCE = 8 << 20
"""Bytes of a Python file that kerastui reads; a longer one is no source file."""
MAX_PRINTED = 1 << 20
"""Characters kept of what a file prints while it is imported."""


class UserCodeError(Exception):
    """The user's code failed: one sentence, and the place and traceback as Python shows."""

    def __init__(self, sentence: str, *, file: str = "", line: int = 0, details: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.file = file
        self.line = line
        self.details = details

    def row(self) -> dict[str, Any]:
        """Return it as a plain dictionary."""
        return {
            "message": self.sentence,
            "file": self.file,
            "line": self.line,
            "details": self.details,
        }


class Printed(io.TextIOBase):
    """Stands in for stdout and stderr: keeps the first characters, counts the rest."""

    def __init__(self, limit: int = MAX_PRINTED) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._room = limit
        self.lost = 0

    def writable(self) -> bool:
        """Text can be written."""
        return True

    def write(self, text: str, /) -> int:
        """Keep what there is room for."""
        kept = text[: self._room]
        if kept:
            self._parts.append(kept)
            self._room -= len(kept)
        self.lost += len(text) - len(kept)
        return len(text)

    def text(self) -> str:
        """Return what was kept, with a last line that says what was not."""
        end = f"\n… and {self.lost:,} characters more" if self.lost else ""
        return "".join(self._parts) + end


def is_module_name(value: str) -> bool:
    """Whether it reads as ``my_project.metrics`` and not as a path."""
    parts = value.split(".")
    return value[-3:] != ".py" and all(part.isidentifier() for part in parts)


def read_source(path: str) -> str:
    """Return a Python file's text, decoded as Python does (PEP 263). Raises UserCodeError."""
    try:
        if Path(path).is_dir():
            raise UserCodeError(f"{path} is a folder, not a Python file.", file=path)
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_SOURCE + 1)
    except OSError as error:
        why = error.strerror or str(error)
        raise UserCodeError(f"Cannot read {path}: {why}.", file=path) from error
    if len(data) > MAX_SOURCE:
        raise UserCodeError(f"{path} is too long to be a Python file.", file=path)
    try:
        return importlib.util.decode_source(data)
    except (SyntaxError, UnicodeDecodeError) as error:
        sentence = f"{path} is not Python source text: {error}."
        raise UserCodeError(sentence, file=path) from error


def parse(source: str, path: str) -> ast.Module:
    """Return the syntax tree. Raises UserCodeError with the line for a syntax error."""
    try:
        return ast.parse(source, path)
    except SyntaxError as error:
        raise _syntax(error, path) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UserCodeError(f"{path} cannot be parsed: {error}.", file=path) from error


def _syntax(error: SyntaxError, path: str) -> UserCodeError:
    line = error.lineno or 0
    return UserCodeError(
        f"{path}, line {line}: {type(error).__name__}: {error.msg}",
        file=path,
        line=line,
        details="".join(traceback.format_exception_only(type(error), error)),
    )


def run_file(path: str) -> dict[str, Any]:
    """Import a Python file as a fresh module and return its names.

    Its folder is put first on ``sys.path``, as for a script, and stays there: functions may
    import later, when they are called. The module's name is the file's stem, unless a
    module of that name is loaded already from elsewhere. Raises UserCodeError.
    """
    place = Path(path).expanduser().absolute()
    path, folder, stem = str(place), str(place.parent), place.stem
    source = read_source(path)
    parse(source, path)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    loaded = sys.modules.get(stem)
    ours = getattr(loaded, "__kerastui__", False)
    name = stem if stem.isidentifier() and (loaded is None or ours) else "kerastui_user_" + stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:  # a file without .py
        loader = SourceFileLoader(name, path)
        spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    vars(module)["__kerastui__"] = True
    sys.modules[name] = module
    linecache.checkcache(path)
    try:
        # Compiled from the text just read: a cached .pyc may be older than an edited file.
        exec(compile(source, path, "exec"), vars(module))
    except BaseException as error:
        sys.modules.pop(name, None)
        raise_told(error, path)
    return vars(module)


def run_module(name: str) -> dict[str, Any]:
    """Import a module by its dotted name and return its names. Raises UserCodeError."""
    try:
        importlib.invalidate_caches()
        return vars(importlib.import_module(name))
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            where = ", ".join(p or str(Path.cwd()) for p in sys.path[:3])
            raise UserCodeError(
                f"There is no module {error.name}; Python looked in {where}, …; "
                "give the file instead, or its folder with --path."
            ) from error
        raise_told(error, name)
    except BaseException as error:
        raise_told(error, name)
    raise AssertionError


def run_expression(text: str, names: dict[str, Any]) -> Any:
    """Return the value of one expression with `names` at hand. Raises UserCodeError."""
    file = "<expression>"
    text = text.strip()
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    try:
        code = compile(text, file, "eval")
    except SyntaxError as error:
        problem = _syntax(error, file)
        problem.sentence = f"This is no Python expression: {error.msg}."
        raise problem from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UserCodeError(f"This cannot be parsed: {error}.") from error
    try:
        return eval(code, names)
    except BaseException as error:
        raise_told(error, file)
    raise AssertionError


def raise_told(error: BaseException, where: str) -> None:
    """Raise what the user's code raised as a UserCodeError. KeyboardInterrupt passes as it is."""
    if isinstance(error, (KeyboardInterrupt, UserCodeError)):
        raise error
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_users(f.filename)]
    file, line = (frames[-1].filename, frames[-1].lineno or 0) if frames else (where, 0)
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno or 0
    if isinstance(error, SystemExit):
        said = "it calls sys.exit({})".format("" if error.code is None else repr(error.code))
    else:
        said = f"{type(error).__name__}: {_message(error)}".rstrip(": ")
    place = f"{file}, line {line}" if line else file
    raise UserCodeError(
        f"{place}: {said}", file=file, line=line, details=_traceback(error, frames)
    ) from error


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as inner:
        return f"(its message cannot be shown: {type(inner).__name__})"


def _is_users(filename: str) -> bool:
    """Whether a frame is the user's: not ours, not the import machinery's."""
    here = Path(__file__).absolute().parent
    return not filename.startswith("<frozen ") and Path(filename).parent != here


def _traceback(error: BaseException, frames: list[traceback.FrameSummary]) -> str:
    """The traceback as Python prints it, without our frames."""
    try:
        tail = traceback.format_exception_only(type(error), error)
    except Exception:
        tail = [f"{type(error).__name__}\n"]
    head = ["Traceback (most recent call last):\n"] if frames else []
    return "".join(head + traceback.format_list(frames[-40:]) + tail)

"""What is wrong, or noteworthy, about a path that somebody wants to save to. Blocking."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from kerastui.model import Destination, FileIdentity, Format, figures

from ..paths import absolute, path_text
from .completion import expand


@dataclass(frozen=True)
class Target:
    """A path as typed, looked at."""

    text: str
    path: Path | None = None
    """None when `text` is no path at all."""
    problem: str = ""
    """Why it cannot be saved there, a sentence; "" if nothing is in the way."""
    warning: str = ""
    """What to think about first."""
    there: FileIdentity | None = None
    """The file that is there and would be replaced."""
    is_folder: bool = False
    """The path is an existing folder."""

    @property
    def destination(self) -> Destination | None:
        """Where to write, for somebody who agrees to lose what is there; None for no path."""
        return None if self.path is None else Destination(str(self.path), self.there or "nothing")


def look_at(text: str, base: Path, file_format: Format | None = None) -> Target:
    """Check whether a file could be written at `text`. Never raises."""
    if not text.strip():
        return Target(text, problem="Type where to save the file.")
    try:
        path = absolute(expand(text, base))
        return _look(text, path, file_format)
    except ValueError as error:
        return Target(text, problem=f"This is not a path: {error}.")
    except OSError as error:
        reason = error.strerror or str(error)
        return Target(text, problem=f"{path_text(text)}: {reason}. Choose another place.")


def _look(text: str, path: Path, file_format: Format | None) -> Target:
    shown = path_text(path)
    info = _stat(path)
    if info is not None and stat.S_ISDIR(info.st_mode):
        why = f"{shown} is a folder: type a file name after it."
        return Target(text, path, why, is_folder=True)
    if text.endswith(("/", os.sep)):
        return Target(text, path, f"The folder {shown} does not exist. Create it first.")
    if info is not None and not stat.S_ISREG(info.st_mode):
        return Target(text, path, f"{shown} is not a regular file. Choose another name.")
    problem = _folder_problem(path.parent)
    if problem:
        return Target(text, path, problem)
    if info is None:
        return Target(text, path, warning=_name_warning(path, file_format))
    about = f"{figures.size(info.st_size)}, written {figures.age(time.time() - info.st_mtime)}"
    there = FileIdentity.of(path, info)
    if not os.access(path, os.W_OK):
        return Target(
            text, path, f"{shown} is write-protected ({about}). Choose another name.", there=there
        )
    return Target(text, path, warning=f"{path_text(path.name)} exists: {about}.", there=there)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _folder_problem(folder: Path) -> str:
    info = _stat(folder)
    if info is None:
        return f"The folder {path_text(folder)} does not exist. Create it first, or choose another."
    if not stat.S_ISDIR(info.st_mode):
        return f"{path_text(folder)} is a file, not a folder. Choose another place."
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"You have no permission to write in {path_text(folder)}. Choose another folder."
    return ""


def _name_warning(path: Path, file_format: Format | None) -> str:
    """Keras goes by the name: say so when name and format would disagree."""
    name = path.name.casefold()
    if file_format == "keras" and not name.endswith(".keras"):
        return "The file stays a Keras 3 archive; Keras loads those only when named *.keras."
    if file_format == "hdf5" and name.endswith(".keras"):
        return "The file stays HDF5; Keras 3 loads that only when named *.h5 or *.hdf5."
    if file_format == "keras-weights" and not name.endswith(".weights.h5"):
        return "Keras 3 loads weights only from files named *.weights.h5."
    return ""

"""Whose Keras? Which Python interpreter runs the Keras process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..errors import NoKeras

_PACKAGES = ("keras", "tf_keras")
_PROBE = (
    "import importlib.util as u, sys; "
    "sys.exit(0 if any(u.find_spec(n) for n in sys.argv[1:]) else 3)"
)
_PROBE_SECONDS = 20.0


def choose(python: str | None = None, environ: Mapping[str, str] | None = None) -> str:
    """Return the interpreter for the Keras process.

    `python` (``--python``) is taken at its word: an executable, or the folder of a virtual
    environment. Otherwise the active virtual or conda environment, if it has Keras, else
    the interpreter that runs kerastui. Raises NoKeras.
    """
    if python:
        return _given(python)
    environ = os.environ if environ is None else environ
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        folder = environ.get(variable, "")
        found = _executable(Path(folder)) if folder else None
        if found is not None and has_keras(found):
            return str(found)
    return sys.executable


def has_keras(executable: Path) -> bool:
    """Whether an interpreter can import a Keras: a look into its folders, else it is asked.

    TensorFlow is not imported.
    """
    for folder in _site_packages(executable):
        if any((folder / name / "__init__.py").exists() for name in _PACKAGES):
            return True
    try:
        done = subprocess.run(
            [str(executable), "-c", _PROBE, *_PACKAGES],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _given(python: str) -> str:
    path = Path(python).expanduser()
    if path.is_dir():
        inside = _executable(path)
        if inside is None:
            raise NoKeras(f"{python} is a folder without a Python interpreter in it.")
        return str(inside)
    if path.is_file():
        if not os.access(path, os.X_OK):
            raise NoKeras(f"{python} cannot be run: it is not executable.")
        return str(path.absolute())  # not resolved: a virtual environment is its link
    found = shutil.which(python) if os.sep not in python else None
    if found is None:
        raise NoKeras(f"There is no interpreter {python}.")
    return found


def _executable(folder: Path) -> Path | None:
    for place in ("bin/python", "bin/python3", "python.exe", "Scripts/python.exe"):
        path = folder / place
        if path.is_file():
            return path
    return None


def _site_packages(executable: Path) -> list[Path]:
    root = executable.parent.parent
    return [*root.glob("lib/python3*/site-packages"), *root.glob("Lib/site-packages")]

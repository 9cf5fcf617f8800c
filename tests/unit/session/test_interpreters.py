"""Whose Keras: interpreters that are none, have none, or have one that is too old."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kerastui.errors import KerastuiError, NoKeras
from kerastui.session import Session, State, interpreters


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with nothing in it."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


def site_packages(folder: Path) -> Path:
    return next(folder.glob("lib/python3*/site-packages"))


def refused(python: str, keras: str = "keras") -> KerastuiError:
    """Start with an interpreter that must be refused, and return what is said."""
    session = Session()
    try:
        with pytest.raises(KerastuiError) as caught:
            session.start(python=python, keras=keras).result(60)
        assert session.state in (State.FAILED, State.DEAD)
        assert session.detail == str(caught.value)
        return caught.value
    finally:
        session.close()


def test_a_path_where_nothing_is() -> None:
    error = refused("/no/such/python")
    assert isinstance(error, NoKeras)
    assert "/no/such/python" in str(error)


def test_a_file_that_cannot_be_run(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("hello")
    assert "not executable" in str(refused(str(notes)))
    notes.chmod(0o755)
    error = refused(str(notes))
    assert isinstance(error, NoKeras)
    assert "cannot be started" in str(error)
    assert "notes.txt" in str(error)


def test_a_folder_without_an_interpreter(tmp_path: Path) -> None:
    assert "without a Python interpreter" in str(refused(str(tmp_path)))


def test_a_program_that_is_no_python() -> None:
    error = refused("/bin/true")
    assert isinstance(error, NoKeras)
    assert "exit status 0" in str(error)
    assert "/bin/true" in str(error)


def test_a_program_that_prints_for_ever(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexec yes\n")
    program.chmod(0o755)
    error = refused(str(program))
    assert isinstance(error, NoKeras)
    assert "no Python" in str(error)


def test_an_environment_without_keras(bare: Path) -> None:
    for keras, package in (("keras", "keras tensorflow"), ("tf_keras", "tf_keras")):
        error = refused(str(bare), keras)
        assert isinstance(error, NoKeras)
        assert f"pip install {package}" in str(error)
        assert str(bare) in str(error)


def test_a_keras_that_is_too_old(bare: Path) -> None:
    """The real ones need a Python that nobody has any more; only their version is asked."""
    package = site_packages(bare) / "keras"
    package.mkdir()
    (package / "__init__.py").write_text("__version__ = '2.2.4'\n")
    try:
        said = str(refused(str(bare)))
        assert "2.2.4" in said
        assert "too old" in said
        assert "Keras 3" in said
    finally:
        (package / "__init__.py").unlink()
        package.rmdir()


def test_a_keras_that_does_not_import(bare: Path) -> None:
    module = site_packages(bare) / "keras.py"
    module.write_text("raise RuntimeError('numpy is broken')\n")
    try:
        assert "RuntimeError: numpy is broken" in str(refused(str(bare)))
        module.write_text("import os\nos._exit(9)\n")
        assert "exit status 9" in str(refused(str(bare)))
    finally:
        module.unlink()


def test_a_start_that_prints_does_not_garble_the_talk(bare: Path) -> None:
    start = site_packages(bare) / "sitecustomize.py"
    start.write_text("print('welcome to the cluster')\n")
    try:
        assert "pip install" in str(refused(str(bare)))
    finally:
        start.unlink()


def test_the_active_environment_counts_only_with_keras(bare: Path) -> None:
    assert interpreters.choose(environ={"VIRTUAL_ENV": str(bare)}) == sys.executable
    package = site_packages(bare) / "tf_keras"
    package.mkdir()
    (package / "__init__.py").touch()
    try:
        chosen = interpreters.choose(environ={"VIRTUAL_ENV": str(bare)})
        assert Path(chosen) == bare / "bin" / "python"
        assert interpreters.choose(environ={"CONDA_PREFIX": str(bare)}) == chosen
    finally:
        (package / "__init__.py").unlink()
        package.rmdir()

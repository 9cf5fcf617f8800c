"""What an install brings: every package, its data, the entry point; nothing else."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"kerastui": "kerastui", "tui": "kerastui/tui", "widgets": "kerastui/widgets"}
"""Folder in the checkout → where an install puts it."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from a copy of the checkout, without the network."""
    source = tmp_path_factory.mktemp("source")
    for folder in FOLDERS:
        ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / folder, source / folder, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--no-cache-dir", "--wheel-dir", str(source / "dist")]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = (source / "dist").glob("*.whl")
    return zipfile.ZipFile(path)


def on_disk() -> set[str]:
    """The files of the code folders, under the names that an install gives them."""
    return {
        f"{installed}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, installed in FOLDERS.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


def test_every_file_of_the_code_folders_is_shipped(wheel: zipfile.ZipFile) -> None:
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert on_disk() - shipped == set(), "add the package, or its data, to pyproject.toml"
    assert shipped - on_disk() == set()


def test_styles_types_and_data_are_among_them(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "kerastui/py.typed" in names
    assert any(re.fullmatch(r"kerastui/tui/.*\.tcss", name) for name in names)
    assert any(re.fullmatch(r"kerastui/model/.*\.json", name) for name in names)


def test_nothing_is_installed_beside_the_package(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"kerastui"}


def test_metadata(wheel: zipfile.ZipFile) -> None:
    (folder,) = {n.partition("/")[0] for n in wheel.namelist() if ".dist-info/" in n}
    metadata = wheel.read(f"{folder}/METADATA").decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert "Provides-Extra: tensorflow" in metadata
    assert f"{folder}/licenses/LICENSE" in wheel.namelist()
    entry = wheel.read(f"{folder}/entry_points.txt").decode()
    assert "kerastui = kerastui.tui.main:main" in entry


def test_keras_is_an_extra_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    plain = " ".join(project["dependencies"]).lower()
    assert "keras" not in plain
    assert "tensorflow" not in plain
    extra = " ".join(project["optional-dependencies"]["tensorflow"])
    assert "tensorflow" in extra


def test_version_is_said_once() -> None:
    import kerastui

    assert importlib.metadata.version("kerastui") == kerastui.__version__

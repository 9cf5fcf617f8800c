"""A file that appears, or becomes another, between a question and the writing is not replaced."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from unit.saving.hand_made import write_model
from unit.saving.test_save import flags, frozen, names

from kerastui import save
from kerastui.analysis.export_file import written_whole
from kerastui.errors import SaveFailed
from kerastui.model import Destination, FileIdentity
from kerastui.saving import landing
from kerastui.saving.atomic import draft_beside
from kerastui.tui.main import main

THEIRS = b"written by somebody else"


@pytest.fixture(params=["links", "no links"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once as it is, once as on a file system without hard links."""

    def refuse(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    if request.param == "no links":
        monkeypatch.setattr(os, "link", refuse)


def agreed(path: Path) -> Destination:
    return Destination(str(path), FileIdentity.of(path, path.stat()))


def write(goal: Destination) -> None:
    with written_whole(goal) as file:
        file.write(b"mine")


@pytest.mark.usefixtures("links")
def test_what_nobody_agreed_to_lose_stays(tmp_path: Path):
    path = tmp_path / "out.bin"
    write(Destination(str(path)))
    assert path.read_bytes() == b"mine"
    with pytest.raises(SaveFailed, match="was to be a new file"):
        write(Destination(str(path)))
    path.write_bytes(THEIRS)
    write(agreed(path))  # what was asked about
    assert path.read_bytes() == b"mine"
    goal = agreed(path)
    path.write_bytes(THEIRS)
    with pytest.raises(SaveFailed, match="not the file any more"):
        write(goal)
    assert path.read_bytes() == THEIRS
    path.unlink()
    write(goal)  # nothing is lost
    assert (path.read_bytes(), names(tmp_path)) == (b"mine", ["out.bin"])


@pytest.mark.usefixtures("links")
@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_no_moment_is_too_late_to_appear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str
):
    """Whatever comes after the last look is found by the step that gives the name."""
    path, real = tmp_path / "out.bin", landing.check_consent

    def looked(target: Path, consent: Any) -> None:
        real(target, consent)
        if not os.path.lexists(path):
            {
                "file": lambda: path.write_bytes(THEIRS),
                "folder": path.mkdir,
                "link": lambda: path.symlink_to("nowhere"),
            }[there]()

    monkeypatch.setattr(landing, "check_consent", looked)
    with pytest.raises(SaveFailed, match="another program has made one"), draft_beside(path) as d:
        d.put_in_place("nothing")
    assert names(tmp_path) == ["out.bin"]
    assert (path.is_symlink(), path.is_dir()) == (there == "link", there == "folder")
    assert there != "file" or path.read_bytes() == THEIRS


def test_a_claim_that_cannot_be_made_good_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError), draft_beside(tmp_path / "out.bin") as draft:
        draft.put_in_place("nothing")
    assert names(tmp_path) == []


@pytest.mark.parametrize("existing", [False, True])
def test_a_save_does_not_replace_what_came_meanwhile(tmp_path: Path, existing: bool):
    path, goal = write_model(tmp_path / "m.h5", [20, 10, 5]), tmp_path / "copy.h5"
    if existing:
        goal.write_bytes(b"old")
        (tmp_path / "copy.h5.bak").write_bytes(b"older")

    def progress(stage: str, fraction: float) -> None:
        if stage == "verifying":
            goal.write_bytes(THEIRS)

    target = agreed(goal) if existing else Destination(str(goal))
    with pytest.raises(SaveFailed, match="was not replaced"):
        save(frozen(path), target, backup=True, progress=progress)
    assert goal.read_bytes() == THEIRS
    assert not existing or (tmp_path / "copy.h5.bak").read_bytes() == b"older"
    assert len(names(tmp_path)) == 2 + existing
    assert save(frozen(path), agreed(goal)).path == str(goal)
    assert flags(goal) == [False, True]


def test_the_opened_file_is_replaced_whatever_name_the_dialog_gave_it(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [20, 10, 5])
    save(frozen(path), agreed(path))
    assert flags(path) == [False, True]


def test_commands_do_not_replace_what_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    path, goal = write_model(tmp_path / "m.h5", [20, 10, 5]), tmp_path / "out.h5"

    def then(module: Any, name: str) -> None:
        real = getattr(module, name)

        def checked(*args: Any) -> Any:
            goal.write_bytes(THEIRS)
            return real(*args)

        monkeypatch.setattr(module, name, checked)

    then(import_module("kerastui.saving.save"), "verify")
    then(import_module("kerastui.convert.convert"), "check_legacy")
    commands = [
        ["freeze", str(path), "*", "-o", str(goal)],
        ["convert", str(path), str(goal)],
    ]
    for command in commands:
        goal.unlink(missing_ok=True)
        assert main(command) == 2
        assert "another program has made one" in capsys.readouterr().err
        assert goal.read_bytes() == THEIRS
        assert names(tmp_path) == ["m.h5", "out.h5"]
        goal.unlink()
        assert main([*command, "--force"]) == 0

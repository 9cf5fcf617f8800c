"""What the user answered is kept for the folder, consent for a content; damage is survived."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kerastui.session import answers
from kerastui.session.answers import Answer

F1 = Answer("f1", "metric", "file", "/home/me/metrics.py")
ACT = Answer("<lambda>", "activation", "expression", "lambda x: K.relu(x, max_value=20.0)")
LAYER = Answer("pkg>ConvDNA", "layer", "standin")


def test_answers_belong_to_a_folder(tmp_path: Path) -> None:
    here, there = tmp_path / "a", tmp_path / "b"
    here.mkdir()
    answers.remember(here, [F1, ACT])
    answers.remember(here, [LAYER])
    assert answers.recall(here) == {"f1": F1, "<lambda>": ACT, "pkg>ConvDNA": LAYER}
    assert answers.recall(there) == {}
    (tmp_path / "link").symlink_to(here)
    assert set(answers.recall(tmp_path / "link")) == {"f1", "<lambda>", "pkg>ConvDNA"}
    better = Answer("f1", "metric", "classic", "fmeasure")
    answers.remember(here, [better])
    assert answers.recall(here)["f1"] == better
    answers.forget(here, ["f1"])
    assert set(answers.recall(here)) == {"<lambda>", "pkg>ConvDNA"}
    answers.forget(here)
    assert answers.recall(here) == {}
    assert not list(here.iterdir())  # never beside the model


def test_the_file_is_where_xdg_says_and_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "cfg"))
    answers.remember(tmp_path, [ACT])
    file = tmp_path / "cfg" / "kerastui" / "custom_objects.json"
    assert answers.store() == file
    text = file.read_text("utf-8")
    assert "lambda x: K.relu(x, max_value=20.0)" in text
    assert json.loads(text)["folders"][os.path.realpath(tmp_path)][0] == ACT.row()
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert answers.store().is_absolute()
    assert {p.suffix for p in file.parent.iterdir()} <= {".json", ".lock"}


def test_consent_is_for_a_content(tmp_path: Path) -> None:
    file = tmp_path / "m.h5"
    file.write_bytes(b"x" * 3_000_000)
    content = answers.content_hash(file)
    assert content == hashlib.sha256(b"x" * 3_000_000).hexdigest()
    assert not answers.may_run(content)
    answers.agree(content, file)
    assert answers.may_run(content)
    file.write_bytes(b"y")
    assert not answers.may_run(answers.content_hash(file))
    answers.remember(tmp_path, [F1])
    assert answers.may_run(content)
    answers.withdraw(content)
    assert not answers.may_run(content)
    assert not answers.may_run("")
    with pytest.raises(ValueError, match="SHA-256"):
        answers.agree("m.h5", file)
    with pytest.raises(InterruptedError):
        answers.content_hash(file, stop=lambda: True)
    with pytest.raises(OSError, match=r"absent\.h5"):
        answers.content_hash(tmp_path / "absent.h5")


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"folders": 3, "may_run": []}',
        b'{"folders": {"X": "text"}}',
        b'{"folders": {"X": [1, null, {"name": 3}, {"name": "a", "how": "shell"}, {}]}}',
    ],
)
def test_a_damaged_file_counts_as_empty(tmp_path: Path, damage: bytes) -> None:
    file = answers.store()
    file.parent.mkdir(parents=True)
    place = json.dumps(os.path.realpath(tmp_path)).strip('"').encode()
    file.write_bytes(damage.replace(b'"X"', b'"' + place + b'"'))
    assert answers.recall(tmp_path) == {}
    assert not answers.may_run("0" * 64)
    answers.remember(tmp_path, [F1])
    answers.agree("0" * 64, "m.h5")
    assert answers.recall(tmp_path) == {"f1": F1}
    assert answers.may_run("0" * 64)
    try:
        whole = isinstance(json.loads(damage), dict)
    except (ValueError, RecursionError):
        whole = False
    assert file.with_suffix(".damaged").exists() is (not whole)


def test_what_others_wrote_into_the_file_stays(tmp_path: Path) -> None:
    file = answers.store()
    file.parent.mkdir(parents=True)
    file.write_text('{"note": "mine", "folders": {"/elsewhere": []}}', "utf-8")
    answers.remember(tmp_path, [F1])
    data = json.loads(file.read_text("utf-8"))
    assert data["note"] == "mine"
    assert "/elsewhere" in data["folders"]


def test_the_oldest_folders_give_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_FOLDERS", 3)
    for i in range(5):
        answers.remember(tmp_path / str(i), [F1])
    answers.remember(tmp_path / "2", [ACT])
    answers.remember(tmp_path / "5", [F1])
    kept = [i for i in range(6) if answers.recall(tmp_path / str(i))]
    assert kept == [2, 4, 5]


def test_a_folder_that_cannot_be_written_is_an_oserror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", "utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(blocked))
    assert answers.recall(tmp_path) == {}
    assert not answers.may_run("0" * 64)
    with pytest.raises(OSError):
        answers.remember(tmp_path, [F1])


def test_several_kerastuis_at_once_lose_nothing(tmp_path: Path) -> None:
    program = (
        "import sys; from kerastui.session import answers as a\n"
        "for i in range(20):\n"
        "    a.remember(sys.argv[1], [a.Answer(f'{sys.argv[2]}{i}', '', 'classic')])\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), name]) for name in "abc"
    ]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    assert len(answers.recall(tmp_path)) == 60


def test_names_of_any_text(tmp_path: Path) -> None:
    odd = Answer("\ud800\x1b[2J\n", "metric", "expression", "λ\u202e")
    answers.remember(tmp_path, [odd, F1])
    assert answers.recall(tmp_path)["f1"] == F1

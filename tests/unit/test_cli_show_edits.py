"""``kerastui show --edits`` prints what ``kerastui apply`` takes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kerastui.edits import Document, SetTrainable, SetWeight
from kerastui.files import open_model
from kerastui.journal.folder import paths_of
from kerastui.journal.recorder import Recorder
from kerastui.model import ArraySource
from kerastui.tui.cli import run
from kerastui.tui.leftovers import journals_folder

SAMPLES = Path(__file__).parents[2] / "sample_models"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(shutil.copy(SAMPLES / "digits_cnn.h5", tmp_path / "m.h5"))


@pytest.fixture
def session(file: Path):
    """Begin an editing session that never saves."""
    recorders: list[Recorder] = []

    def begin() -> tuple[Document, Callable[[], bool]]:
        document = Document(open_model(file))
        document.watcher = Recorder(journals_folder(), document, pytest.fail)
        recorders.append(document.watcher)
        return document, recorders[-1].flush

    yield begin
    for recorder in recorders:
        recorder.discard()


def test_without_a_session_the_list_is_empty_and_can_be_applied(file: Path, capsys):
    assert run(["show", "--edits", str(file)]) == 0
    text = capsys.readouterr().out
    assert json.loads(text) == {"kerastui_edits": 1, "edits": []}
    edits = file.with_name("edits.json")
    edits.write_text(text)
    assert run(["apply", str(file), str(edits), "--in-place"]) == 0


def test_what_a_session_left_can_be_applied(file: Path, session, capsys):
    document, flush = session()
    layer = next(layer for layer in document.model.layers if layer.weights)
    weight = layer.weights[0]
    values = file.with_name("values.npy")
    np.save(values, np.ones(weight.shape, "float32"))
    source = ArraySource(str(values), "", weight.shape, "float32", "ones").stamped()
    document.apply(SetTrainable((layer.path,), not layer.trainable))
    document.apply(SetWeight(layer.path, weight.name, source))
    document.undo()
    document.redo()
    assert flush()
    assert run(["show", str(file), "--edits"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    edits, out = file.with_name("edits.json"), file.with_name("out.h5")
    edits.write_text(told.out)
    assert run(["apply", str(file), str(edits), "-o", str(out)]) == 0
    assert "2 edits applied, 2 changes" in capsys.readouterr().out
    assert open_model(out)[layer.path].trainable is not layer.trainable


def test_what_is_odd_is_said_beside_it(file: Path, session, capsys):
    for flag in (True, False):
        document, flush = session()
        document.apply(*(SetTrainable((la.path,), flag) for la in document.model.layers[1:3]),
                       SetTrainable((document.model.layers[-1].path,), not flag))  # fmt: skip
        assert flush()
    third, flush = session()
    third.apply(SetTrainable((third.model.layers[-1].path,), False))
    assert flush()
    damaged = paths_of(journals_folder(), file)[0] / "journal.jsonl"
    damaged.write_bytes(b"?" + damaged.read_bytes())
    os.utime(file, (1, 1))
    assert run(["show", "--edits", str(file)]) == 0
    told = capsys.readouterr()
    assert len(json.loads(told.out)["edits"]) == 3
    lines = told.err.splitlines()
    assert "is passed over, because it is damaged" in lines[0]
    assert "2 sessions left edits" in lines[1]
    assert "was changed since these edits were made" in lines[2]


def test_there_has_to_be_a_file(tmp_path: Path, capsys):
    assert run(["show", "--edits", str(tmp_path / "none.h5")]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_a_file_that_is_no_model_is_said_to_be_none(tmp_path: Path, capsys) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    assert run(["show", str(path), "--edits"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"kerastui: {path}")
    assert said.err.count("\n") == 1

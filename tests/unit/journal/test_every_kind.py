"""Edits of every kind through histories and journals, on a real model's description."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from unit.edits.test_codec import EXAMPLES, digits

from kerastui.edits import AppendDense, CutHead, Document, Edit, Rename, SetLoss, SetTrainable
from kerastui.edits.effects import effects
from kerastui.edits.replay import repeat
from kerastui.errors import BadEdit
from kerastui.journal.folder import paths_of
from kerastui.journal.recall import read
from kerastui.journal.recorder import Recorder

MORE = (
    *EXAMPLES,
    Rename((("b", "conv1"), ("digit", "answer"))),
    SetTrainable(("conv2", ""), False),
    SetLoss.named("answer", "mae"),
    CutHead("dense"),
    AppendDense("answer", 4, "softmax", 3),
)
steps = st.lists(
    st.sampled_from(MORE) | st.sampled_from(["undo", "redo"]) | st.integers(0, 9), max_size=10
)


def do(document: Document, step: Edit | str | int) -> None:
    try:
        if step == "undo":
            document.undo()
        elif step == "redo":
            document.redo()
        elif isinstance(step, int):
            if step < len(document.history):
                document.undo_step(step)
        elif not isinstance(step, str):
            document.apply(step)
    except BadEdit as error:
        assert "\n" not in str(error)


@settings(max_examples=80)
@given(steps)
def test_history_edits_and_journal_say_the_same(chosen: list[Edit | str | int]):
    with tempfile.TemporaryDirectory() as name:
        document, troubles = Document(digits()), list[str]()
        recorder = Recorder(Path(name), document, troubles.append)
        document.watcher = recorder
        for step in chosen:
            before, history = document.model, document.history
            do(document, step)
            if document.history == history:
                assert document.model is before
        again = document.original
        for step in document.history:
            assert not effects(again, step.before)
            again = repeat(step, again)
        assert not effects(again, document.model)
        net = document.original
        for edit in document.edits:
            net = edit.apply(net)
        assert not effects(net, document.model)
        assert recorder.flush(60)
        folders = paths_of(Path(name), document.model.file.path)
        recalled = read(folders[0]) if folders else None
        told = document.original
        for edit in recalled.edits if recalled is not None else ():
            told = edit.apply(told)
        assert not effects(told, document.model)
        assert troubles == []
        recorder.discard()

"""Journals: what is written comes back, whatever happened meanwhile."""

from __future__ import annotations

import errno
import os
import random
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.edits.test_trainable import tree_model
from unit.edits.test_undo_step import act, cells
from unit.edits.test_weights import saved, source

from kerastui.edits import Document, Rename, SetTrainable, SetWeight
from kerastui.errors import BadEdit, JournalDamaged
from kerastui.journal import keeper
from kerastui.journal.folder import Folder, create, key_of, left_behind, lock, paths_of, sweep
from kerastui.journal.lines import line
from kerastui.journal.recall import Recalled, is_saved, read, redo, same_file
from kerastui.journal.recorder import Recorder
from kerastui.model import ArraySource, Model
from kerastui.tui import leftovers


def model() -> Model:
    return tree_model([("base", True, [("a", True), ("b", False)]), ("head", True), ("c", True)])


class Desk:
    """A document whose journal is written, as a screen has it."""

    def __init__(self, root: Path, described: Model | None = None) -> None:
        self.root = root
        self.troubles: list[str] = []
        self.document = Document(model() if described is None else described)
        self.recorder = Recorder(root, self.document, self.troubles.append)
        self.document.watcher = self.recorder

    @property
    def folder(self) -> Path:
        """Where the journal is, which must be written."""
        assert self.recorder.flush(60)
        (folder,) = paths_of(self.root, self.document.model.file.path)
        return folder

    def recalled(self) -> Recalled:
        found = read(self.folder)
        assert found is not None
        return found

    def dies(self) -> None:
        """Let the lock go as a killed process does."""
        assert self.recorder.flush(60)
        for folder in self.recorder._writer._owned:
            folder.release()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journals"


@pytest.fixture
def desk(root: Path) -> Iterator[Desk]:
    made = Desk(root)
    yield made
    made.recorder.discard()


def test_steps_come_back_in_order(desk: Desk):
    document = desk.document
    document.apply(SetTrainable(("head",), False), title="freeze head")
    document.apply(Rename((("c", "tail"),)))
    document.apply(SetWeight("tail", "kernel", source("one")))
    document.undo()
    found = desk.recalled()
    assert [entry.title for entry in found.done] == ["freeze head", "rename c to tail"]
    assert len(found.undone) == 1
    assert same_file(found.file, document.original.file)
    again, lost = redo(found, model())
    assert cells(again.model) == cells(document.model)
    assert len(again.history) == 2
    assert [c.path for c in again.changes] == [c.path for c in document.changes]
    assert len(lost) == 1  # /values/one.npy is nowhere


def test_nothing_is_written_before_the_first_step(desk: Desk, root: Path):
    desk.document.undo()
    assert desk.recorder.flush(60)
    assert not root.exists()


def test_only_the_user_can_read_it(desk: Desk):
    desk.document.apply(SetTrainable(("head",), False))
    for path in (desk.root, desk.folder):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in desk.folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_gone_after_a_save_and_begins_anew(desk: Desk):
    document = desk.document
    document.apply(SetTrainable(("head",), False))
    folder = desk.folder
    document.saved_as(saved(document.model, 5))
    assert desk.recorder.flush(60)
    assert paths_of(desk.root, "m.h5") == []
    document.undo()  # past the save: what is left is a change of the file
    found = desk.recalled()
    assert desk.folder == folder
    assert found.file.mtime_ns == 5
    assert found.edits == (SetTrainable(("head",), True),)
    document.redo()
    again, _ = redo(desk.recalled(), document.original)
    assert not again.changed
    desk.recorder.discard()
    assert list(desk.root.iterdir()) == []


@pytest.mark.parametrize("later", [False, True])
def test_killed_between_putting_the_file_in_place_and_removing_the_journal(desk: Desk, later: bool):
    """What is on the disk then is what was about to be saved; the names would not fit again."""
    document = desk.document
    document.apply(Rename((("head", "top"),)))
    document.saving()
    written = saved(document.model, 5)
    if later:
        document.apply(SetTrainable(("top",), False))
    recalled = desk.recalled()
    desk.dies()
    assert is_saved(recalled, written) is not later
    assert not is_saved(recalled, document.original), "the save did not get that far"
    assert not is_saved(recalled, saved(desk.document.original, 5)), "somebody else's file"
    found = leftovers.look_for(desk.root, written)
    assert len(found.leftovers) == later
    found.release()
    if not later:
        assert paths_of(desk.root, "m.h5") == []


def test_a_file_that_is_closed_is_not_written_through(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """Its number is the next file's: a lock that is being written through cannot be let go of."""
    synced: list[int] = []
    monkeypatch.setattr(keeper.os, "fsync", synced.append)
    slow = threading.Event()
    desk.recorder._writer._keeper._worker.put(lambda: slow.wait(60) and None)
    desk.document.apply(SetTrainable(("head",), False))
    assert desk.recorder.flush(60)
    closed = desk.recorder._writer._descriptor
    desk.document.saved_as(saved(desk.document.model, 5))
    assert desk.recorder.flush(60)
    with Path(os.devnull).open() as other:
        if other.fileno() != closed:
            os.dup2(other.fileno(), closed)
        slow.set()
        assert desk.recorder._writer._keeper._worker.wait(60)
        if other.fileno() != closed:
            os.close(closed)
    assert synced
    assert closed not in synced


def test_edits_that_came_while_it_was_saved_stay(desk: Desk):
    document = desk.document
    document.apply(SetTrainable(("head",), False))
    meant = document.model
    document.apply(SetTrainable(("c",), False))
    document.saved_as(saved(meant, 5), unchanged_since=meant)
    assert desk.recalled().edits == (SetTrainable(("c",), False),)


def test_after_saving_elsewhere_it_is_for_the_other_file(desk: Desk):
    from dataclasses import replace

    document = desk.document
    document.apply(SetTrainable(("head",), False))
    written = saved(document.model, 5)
    document.saved_as(replace(written, file=replace(written.file, path="other.h5")))
    document.apply(SetTrainable(("c",), False))
    assert desk.recorder.flush(60)
    assert paths_of(desk.root, "m.h5") == []
    assert len(paths_of(desk.root, "other.h5")) == 1
    desk.recorder.discard()
    assert list(desk.root.iterdir()) == []


@settings(max_examples=60)
@given(st.data())
def test_after_any_history_the_journal_gives_the_description(data: st.DataObject):
    with tempfile.TemporaryDirectory() as name:
        desk = Desk(Path(name))
        document = desk.document
        for number in range(data.draw(st.integers(1, 12))):
            act(document, data, number)
        assert desk.recorder.flush(60)
        folders = paths_of(desk.root, "m.h5")
        if folders:
            found = read(folders[0])
            assert found is not None
            assert same_file(found.file, document.original.file)
            again = Document(document.original)
            for edit in found.edits:  # not `redo`: the values of this test are nowhere
                again.apply(edit)
            assert cells(again.model) == cells(document.model)
        else:
            assert not document.changed
        assert desk.troubles == []
        desk.recorder.discard()


# -- what is left behind --------------------------------------------------------------------------


def test_what_a_dead_process_left_is_found_by_one_other(desk: Desk):
    desk.document.apply(SetTrainable(("head",), False))
    path = desk.folder
    assert left_behind(desk.root, "m.h5") == []  # it lives
    desk.dies()
    (found,) = left_behind(desk.root, os.path.abspath("m.h5"))  # noqa: PTH100
    assert found.path == path
    assert left_behind(desk.root, "m.h5") == []  # the first who asks has it
    assert left_behind(desk.root, "n.h5") == []
    found.release()
    sweep(desk.root)
    assert path.exists()


def test_the_newest_comes_first_and_each_process_has_its_own(root: Path):
    desks = [Desk(root) for _ in range(3)]
    for place, desk in enumerate(desks):
        desk.document.apply(SetTrainable(("head", "c", "base/a")[: place + 1], False))
        assert desk.recorder.flush(60)
    for desk in desks:
        desk.dies()
    found = left_behind(root, "m.h5")
    sizes = [len(read(f.path).edits[0].paths) for f in found]  # type: ignore[union-attr]
    assert sizes == [3, 2, 1]
    for folder in found:
        folder.remove()
    assert list(root.iterdir()) == []


def test_a_journal_is_taken_up_and_goes_on(desk: Desk, root: Path):
    old = desk.document
    old.apply(SetTrainable(("head",), False))
    old.apply(SetTrainable(("c",), False))
    old.undo()
    with desk.folder.joinpath("journal.jsonl").open("ab") as stream:
        stream.write(b'0badc0de {"do":"app')  # what the crash cut off
    desk.dies()
    (folder,) = left_behind(root, "m.h5")
    found = read(folder.path)
    assert found is not None
    new = Desk(root)
    new.document.adopt(redo(found, new.document.original)[0])
    new.recorder.adopt(folder)
    new.document.redo()
    new.document.apply(SetTrainable(("base/a",), False))
    assert new.folder == folder.path
    again, _ = redo(new.recalled(), model())
    assert cells(again.model) == cells(new.document.model)
    assert len(again.history) == 3
    new.recorder.discard()
    assert not folder.path.exists()


def test_folders_without_a_journal_are_swept(root: Path):
    live = create(root, "m.h5")
    dead = create(root, "m.h5")
    dead.release()
    odd = root / "0-old"
    odd.mkdir()
    fresh = root / "0-fresh"
    fresh.mkdir()
    os.utime(odd, (1, 1))
    sweep(root)
    assert live.path.exists()
    assert fresh.exists()
    assert not dead.path.exists()
    assert not odd.exists()
    assert lock(live.path) is None
    live.remove()
    assert lock(live.path) is None
    sweep(root / "nowhere")


def test_links_lead_to_the_same_journal(tmp_path: Path):
    (tmp_path / "m.h5").write_bytes(b"")
    (tmp_path / "link.h5").symlink_to("m.h5")
    assert key_of(tmp_path / "link.h5") == key_of(tmp_path / "m.h5")
    assert key_of(tmp_path / "x.h5") != key_of(tmp_path / "m.h5")
    assert key_of("\udcff.h5")


# -- values ---------------------------------------------------------------------------------------


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / "kerastui-weights-x"
    folder.mkdir()
    (folder / "k.npy").write_bytes(b"values")
    return folder


def console(folder: Path) -> SetWeight:
    return SetWeight(
        "head", "kernel", ArraySource(str(folder / "k.npy"), "", (2, 3), "float32", "console")
    )


def settled(desk: Desk) -> Recalled:
    assert desk.recorder.flush(60)
    assert desk.recorder._writer._keeper._worker.wait(60)
    return desk.recalled()


def test_values_in_temporary_files_are_kept(desk: Desk, temporary: Path):
    desk.document.apply(console(temporary))
    desk.document.undo()
    desk.document.redo()
    found = settled(desk)
    for path in temporary.iterdir():
        path.unlink()
    again, lost = redo(found, model())
    assert lost == ()
    kept = again.model["head"].weights[0].replaced
    assert kept is not None
    assert Path(kept.file).parent == desk.folder / "values"
    assert Path(kept.file).read_bytes() == b"values"
    assert kept.label == "console"


def test_values_stay_while_undone_steps_may_need_them(desk: Desk, temporary: Path):
    desk.document.apply(console(temporary))
    settled(desk)
    values = desk.folder / "values"
    desk.document.saved_as(saved(desk.document.model, 5))
    assert desk.recorder.flush(60)
    assert list(values.iterdir())
    desk.recorder.discard()
    assert not values.exists()


def test_values_beyond_the_cap_are_said_and_lost(
    desk: Desk, temporary: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(keeper, "MAX_BYTES", 5)
    desk.document.apply(console(temporary), SetTrainable(("c",), False))
    found = settled(desk)
    assert len(desk.troubles) == 1
    assert "6 B are too large" in desk.troubles[0]
    again, lost = redo(found, model())
    assert lost == ()  # the file of the dead process is still there
    (temporary / "k.npy").unlink()
    again, lost = redo(found, model())
    assert [edit.path for edit in lost] == ["head"]
    assert [change.path for change in again.changes] == ["c"]


# -- damage ---------------------------------------------------------------------------------------


@pytest.fixture
def written(desk: Desk) -> tuple[Path, bytes]:
    desk.document.apply(SetTrainable(("head",), False))
    desk.document.apply(Rename((("c", "tail"),)))
    desk.document.undo()
    path = desk.folder / "journal.jsonl"
    return path, path.read_bytes()


def test_cut_off_at_every_byte_it_gives_the_steps_before(written: tuple[Path, bytes]):
    path, data = written
    for length in range(len(data) + 1):
        path.write_bytes(data[:length])
        whole = data[:length].count(b"\n")
        found = read(path.parent)
        if whole == 0:
            assert found is None
        else:
            assert found is not None
            assert len(found.done) + len(found.undone) == min(whole - 1, 2)


def test_a_byte_that_changed_anywhere_is_noticed(written: tuple[Path, bytes]):
    path, data = written
    end = data.rindex(b"\n", 0, -1)
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x5A]) + data[place + 1 :])
        try:
            found = read(path.parent)
        except JournalDamaged as error:
            assert "damaged" in str(error)
        else:  # the last newline is gone: the line before it was not finished
            assert place == len(data) - 1 > end
            assert found is not None
            assert len(found.done) == 2


@pytest.mark.parametrize(
    ("records", "says"),
    [
        ([{"kerastui_journal": 2, "file": {}}], "version 2, and this kerastui reads version 1"),
        ([{"kerastui_journal": 1}], "does not say which file"),
        ([{"kerastui_journal": 1, "file": {"path": 3}}], "does not say which file"),
        ([{"do": "undo"}], "its first line is missing"),
        ([[]], "line 1 is no step"),
        (["HEAD", {"do": "undo"}], "line 2 is no step"),
        (["HEAD", {"do": "redo"}], "line 2 is no step"),
        (["HEAD", {"do": "dance"}], "line 2 is no step"),
        (["HEAD", {"edits": []}], "line 2 is no step"),
        (["HEAD", {"do": "apply", "title": "x", "edits": 3}], "line 2 is no step"),
        (["HEAD", {"do": "apply", "title": "x", "edits": [{"edit": "new"}]}], "unknown kind"),
        (["HEAD", {"do": []}], "line 2 is no step"),
    ],
)
def test_what_is_no_journal_is_one_sentence(
    written: tuple[Path, bytes], records: list[object], says: str
):
    path, data = written
    head = data.split(b"\n")[0] + b"\n"
    path.write_bytes(b"".join(head if r == "HEAD" else line(r) for r in records))  # type: ignore[arg-type]
    with pytest.raises(JournalDamaged, match=says):
        read(path.parent)


def test_what_is_set_aside_is_not_found_again(desk: Desk):
    desk.document.apply(SetTrainable(("head",), False))
    desk.dies()
    (folder,) = left_behind(desk.root, "m.h5")
    aside = folder.set_aside()
    assert (aside / "journal.jsonl").exists()
    assert left_behind(desk.root, "m.h5") == []
    sweep(desk.root)
    assert aside.exists()


def test_steps_that_do_not_fit_another_file_are_refused(desk: Desk):
    desk.document.apply(SetTrainable(("head",), False))
    with pytest.raises(BadEdit):
        redo(desk.recalled(), tree_model([("other", True)]))


# -- troubles -------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_made_is_said_once(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    desk = Desk(tmp_path / "file" / "journals")
    for flag in (False, True, False):
        desk.document.apply(SetTrainable(("head",), flag))
    assert desk.recorder.flush(60)
    (trouble,) = desk.troubles
    assert trouble.startswith("Edits cannot be kept for the case of a crash (")
    desk.recorder.discard()


def test_a_full_disk_leaves_what_was_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    desk.document.apply(SetTrainable(("head",), False))
    folder, real = desk.folder, os.write

    def full(descriptor: int, data: memoryview) -> int:
        if len(data) < 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data[: len(data) // 2])

    monkeypatch.setattr("kerastui.journal.writer.os.write", full)
    desk.document.apply(SetTrainable(("c",), False))
    assert desk.recorder.flush(60)
    monkeypatch.undo()
    desk.document.apply(SetTrainable(("base/a",), False))  # means nothing without the one before
    assert [e.edits for e in desk.recalled().done] == [(SetTrainable(("head",), False),)]
    assert "No space left" in desk.troubles[0]
    desk.document.saved_as(saved(desk.document.model, 5))
    desk.document.apply(SetTrainable(("c",), True))
    assert desk.recalled().edits == (SetTrainable(("c",), True),)
    assert desk.folder == folder


# -- kill -9 --------------------------------------------------------------------------------------

EDITING = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from unit.edits.test_trainable import tree_model
from kerastui.edits import Document, SetTrainable
from kerastui.journal.recorder import Recorder

document = Document(tree_model([(f"d{i}", True) for i in range(50)]))
document.watcher = Recorder(Path(sys.argv[1]), document, print)
for number in range(1, 100_000):
    layer = document.model.layers[number % 50]
    document.apply(SetTrainable((layer.path,), not layer.trainable))
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
    time.sleep(0.002)  # nobody types faster than 500 keys a second
"""


def test_a_process_that_is_killed_loses_its_last_step_at_most(tmp_path: Path):
    tests = str(Path(__file__).parents[2])
    for seed in range(6):
        root = tmp_path / str(seed)
        child = subprocess.Popen(
            [sys.executable, "-c", EDITING, str(root), tests], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        goal = random.Random(seed).randint(1, 120)
        for _ in range(goal):
            child.stdout.readline()
        child.kill()
        rest = child.stdout.read().split("\n")[:-1]
        child.wait()
        told = int(rest[-1]) if rest else goal
        (folder,) = left_behind(root, "m.h5")
        found = read(folder.path)
        steps = 0 if found is None else len(found.done)
        assert told - 1 <= steps <= told + 1, (told, steps)
        folder.remove()


def test_a_folder_is_locked_once(root: Path):
    folder = create(root, "m.h5")
    assert isinstance(folder, Folder)
    assert lock(folder.path) is None
    folder.release()
    again = lock(folder.path)
    assert again is not None
    again.remove()

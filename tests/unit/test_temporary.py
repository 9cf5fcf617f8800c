"""Temporary folders of kerastuis that were killed go; those of live ones and of journals stay."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kerastui.tui import temporary

OWNER = """
import sys, tempfile, time
tempfile.tempdir = sys.argv[1]
from kerastui.tui import temporary
folders = [temporary.make(temporary.VALUES) for _ in range(2)] + [temporary.make(temporary.WEIGHTS)]
for folder in folders:
    (folder.path / "0.npy").write_bytes(b"values")
print(*(folder.path.name for folder in folders), flush=True)
time.sleep(60)
"""


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_they_go_when_their_owner_is_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place, journals = tmp_path / "tmp", tmp_path / "journals"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    mine = temporary.make(temporary.VALUES)
    foreign = place / "kerastui-values.txt"
    foreign.touch()
    elsewhere = tmp_path / "precious"
    elsewhere.mkdir()
    (place / f"{temporary.VALUES}link").symlink_to(elsewhere)
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(place)], stdout=subprocess.PIPE, text=True
    ) as owner:
        try:
            assert owner.stdout is not None
            theirs = owner.stdout.readline().split()
            before = names_in(place)
            temporary.sweep(journals)
            assert names_in(place) == before, "it lives"
        finally:
            owner.send_signal(signal.SIGKILL)
    journal = journals / "key-1" / "journal.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_text(f'{{"file": "{place / theirs[0]}/0.npy"}}')
    temporary.sweep(journals)
    left = {mine.path.name, foreign.name, f"{temporary.VALUES}link"}
    assert set(names_in(place)) == left | {theirs[0]}, "a journal may need it"
    journal.unlink()
    temporary.sweep(journals)
    assert set(names_in(place)) == left
    assert elsewhere.exists()
    mine.remove()
    assert set(names_in(place)) == left - {mine.path.name}

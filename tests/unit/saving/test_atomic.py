"""Drafts beside the target: found again, removed, never in the way."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kerastui.saving import atomic
from kerastui.saving.atomic import draft_beside, sweep


def test_a_draft_is_hidden_beside_the_target_and_gone_afterwards(tmp_path: Path):
    target = tmp_path / "model.h5"
    with draft_beside(target) as draft:
        assert draft.path.parent == tmp_path
        assert draft.path.name.startswith(".model.h5.kerastui-")
        assert stat.S_IMODE(draft.path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == []


def test_a_name_of_full_length_still_fits(tmp_path: Path):
    with draft_beside(tmp_path / ("ü" * 120 + "123456789.h5")) as draft:
        os.write(draft.descriptor, b"x")
        draft.settle(None)
        draft.put_in_place()
    assert (tmp_path / ("ü" * 120 + "123456789.h5")).read_bytes() == b"x"


def test_an_exception_leaves_nothing(tmp_path: Path):
    with pytest.raises(ValueError, match="stop"), draft_beside(tmp_path / "m.h5"):
        raise ValueError("stop")
    assert list(tmp_path.iterdir()) == []


def test_sweeping_removes_drafts_of_dead_processes_of_this_host_only(tmp_path: Path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    host = atomic._host()
    stale = tmp_path / f".m.h5.kerastui-{host}-{process.pid}-abc123.tmp"
    other_host = tmp_path / f".m.h5.kerastui-{'0' * 6}-{process.pid}-abc123.tmp"
    alive = tmp_path / f".m.h5.kerastui-{host}-{os.getppid()}-abc123.tmp"
    folder = tmp_path / f".n.h5.kerastui-{host}-{process.pid}-abc124.tmp"
    mine = tmp_path / ".m.h5.tmp"
    for file in (stale, other_host, alive, mine):
        file.write_bytes(b"")
    folder.mkdir()
    assert sweep(tmp_path) == 1
    assert sorted(tmp_path.iterdir()) == sorted([other_host, alive, mine, folder])


def test_sweeping_a_folder_that_is_not_there():
    assert sweep(Path("/nonexistent/folder")) == 0


def test_mode_follows_umask_for_a_new_file_and_the_old_file_for_an_old_one(tmp_path: Path):
    target = tmp_path / "m.h5"
    old = os.umask(0o027)
    try:
        with draft_beside(target, 0o664) as draft:
            draft.settle(None)
            draft.put_in_place()
    finally:
        os.umask(old)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    target.chmod(0o604)
    with draft_beside(target) as draft:
        draft.settle(target.stat())
        draft.put_in_place()
    assert stat.S_IMODE(target.stat().st_mode) == 0o604

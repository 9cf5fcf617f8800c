"""The file that a save replaces, kept as NAME.bak where that was asked for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from unit.saving.hand_made import write_model
from unit.saving.test_save import flags, frozen, names

from kerastui import save
from kerastui.errors import SaveFailed
from kerastui.saving import atomic


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_the_old_file_stays_under_another_name(
    tmp_path: Path, links: bool, monkeypatch: pytest.MonkeyPatch
):
    def no_link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(atomic.os, "link", no_link)
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    path.chmod(0o640)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_123_456_789))
    old = path.read_bytes()
    saved = save(frozen(path), backup=True)
    kept = tmp_path / "m.h5.bak"
    assert saved.backup == str(kept)
    assert kept.read_bytes() == old
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    assert kept.stat().st_mtime_ns == 1_600_000_000_123_456_789
    assert flags(path) == [False, True]
    assert names(tmp_path) == ["m.h5", "m.h5.bak"]
    second = path.read_bytes()
    save(frozen(path, "dense_1"), backup=True)
    assert kept.read_bytes() == second
    assert names(tmp_path) == ["m.h5", "m.h5.bak"]


def test_a_backup_that_is_the_target_already(tmp_path: Path):
    """As a save that was killed between the two leaves it."""
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    old = path.read_bytes()
    document = frozen(path)
    (tmp_path / "m.h5.bak").hardlink_to(path)
    save(document, backup=True)
    assert (tmp_path / "m.h5.bak").read_bytes() == old
    assert flags(path) == [False, True]
    assert names(tmp_path) == ["m.h5", "m.h5.bak"]


def test_nothing_replaced_nothing_kept(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    saved = save(frozen(path), tmp_path / "new.h5", backup=True)
    assert saved.backup == ""
    assert names(tmp_path) == ["m.h5", "new.h5"]


def test_a_folder_of_the_backups_name(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    old = path.read_bytes()
    (tmp_path / "m.h5.bak").mkdir()
    with pytest.raises(SaveFailed, match="is no ordinary file"):
        save(frozen(path), backup=True)
    assert path.read_bytes() == old
    assert names(tmp_path) == ["m.h5", "m.h5.bak"]

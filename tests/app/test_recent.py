"""The list of recent files: order, damage, two programs at once, a home that is read-only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kerastui.tui import recent


@pytest.fixture
def state(isolated_home: Path) -> Path:
    return isolated_home / "state" / "kerastui" / "recent.json"


def test_last_opened_comes_first(state: Path, tmp_path: Path) -> None:
    assert recent.load() == []
    for name in ("a.h5", "b.h5", "a.h5"):
        recent.add(tmp_path / name)
    assert recent.load() == [tmp_path / "a.h5", tmp_path / "b.h5"]
    assert recent.state_file() == state
    assert json.loads(state.read_text())["version"] == 1


def test_relative_paths_and_symlinks(state: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.h5").symlink_to(tmp_path / "real.h5")
    recent.add("link.h5")
    assert recent.load() == [tmp_path / "link.h5"]


def test_is_capped(state: Path, tmp_path: Path) -> None:
    for i in range(recent.MAX_FILES + 10):
        recent.add(tmp_path / f"{i}.h5")
    assert len(recent.load()) == recent.MAX_FILES
    assert recent.load()[0].name == f"{recent.MAX_FILES + 9}.h5"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"files": 3}',
        b'{"files": [1, null, {}, "", "rel", "/a\\u0000"]}',
        b"\xff\xfe\x00",
        b'{"files":' + b"[" * 100_000,
        b'{"files": ["/x", "/x"]}' + b" " * 2_000_000,
    ],
)
def test_damage_is_an_empty_list(state: Path, tmp_path: Path, damage: bytes) -> None:
    state.parent.mkdir(parents=True)
    state.write_bytes(damage)
    assert recent.load() in ([], [Path("/x")])
    recent.add(tmp_path / "a.h5")
    assert recent.load()[0] == tmp_path / "a.h5"


def test_names_that_are_not_unicode(state: Path, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9-\x1b[2J.h5"))
    recent.add(odd)
    assert recent.load() == [odd]


def test_home_that_cannot_be_written(isolated_home: Path, tmp_path: Path, monkeypatch) -> None:
    blocked = isolated_home / "file"
    blocked.write_text("a file where a folder should be")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    recent.add(tmp_path / "a.h5")
    assert recent.load() == []


def test_relative_state_home_is_ignored(isolated_home: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert recent.state_file().is_absolute()
    assert isolated_home in recent.state_file().parents


def test_nothing_is_left_beside_the_list(state: Path, tmp_path: Path) -> None:
    recent.add(tmp_path / "a.h5")
    assert {p.name for p in state.parent.iterdir()} == {"recent.json", "recent.lock"}


def test_failed_write_keeps_the_old_list(state: Path, tmp_path: Path, monkeypatch) -> None:
    recent.add(tmp_path / "a.h5")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    recent.add(tmp_path / "b.h5")
    assert recent.load() == [tmp_path / "a.h5"]
    assert {p.name for p in state.parent.iterdir()} == {"recent.json", "recent.lock"}


def test_threads_at_once_lose_nothing(state: Path, tmp_path: Path) -> None:
    threads = [threading.Thread(target=recent.add, args=(tmp_path / f"{i}.h5",)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {p.name for p in recent.load()} == {f"{i}.h5" for i in range(20)}


def test_two_programs_at_once_lose_nothing(state: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from kerastui.tui import recent\n"
        "for i in range(7): recent.add(f'{sys.argv[1]}-{i}.h5')"
    )
    programs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / str(n))]) for n in range(3)
    ]
    assert [program.wait(60) for program in programs] == [0, 0, 0]
    assert len(recent.load()) == 21


@pytest.mark.skipif(sys.platform == "win32", reason="flock")
def test_a_lock_that_is_kept_does_not_keep_us(state: Path, tmp_path: Path) -> None:
    import fcntl

    state.parent.mkdir(parents=True)
    with state.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        recent.add(tmp_path / "a.h5")
    assert recent.load() == [tmp_path / "a.h5"]


def test_importing_it_loads_nothing_heavy() -> None:
    code = (
        "import sys; import kerastui.tui.recent\n"
        "bad = {'textual', 'h5py', 'platformdirs', 'rich'} & set(sys.modules); assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

"""The file picker: what it finds, every key, slow disks, hostile names."""

from __future__ import annotations

import os
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dialog_host import ALL_SIZES, NOTHING, SIZES, Host, shown, until
from textual.pilot import Pilot

from kerastui.clerk.client import Clerk
from kerastui.errors import ClerkDied
from kerastui.model import figures
from kerastui.tui import picker_scan
from kerastui.tui.dialogs.keys import KeysScreen
from kerastui.tui.picker import PickerScreen
from kerastui.tui.picker_listing import Finds
from kerastui.tui.picker_rows import Columns, FileRows
from kerastui.tui.picker_scan import Entry, arrange, looks_like_model, matching, natural, scan

HDF5 = b"\x89HDF\r\n\x1a\n"
NOW = 1_800_000_000.0


@dataclass
class Seen:
    """What a glance tells."""

    format: str | None
    keras_version: str
    problem: str = ""


def glance(path: str) -> Seen:
    if "broken" in path:
        return Seen(None, "", f"{path} is a Git LFS pointer: run git lfs pull.")
    if path.endswith(".keras"):
        return Seen("keras", "3.3.3")
    return Seen("hdf5-weights" if "weights" in path else "hdf5", "2.2.4")


@pytest.fixture
def models(isolated_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """~/models: two folders, five model files of several ages and sizes, and other things."""
    monkeypatch.setattr(time, "time", lambda: NOW)
    folder = isolated_home / "models"
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "old").mkdir()
    (folder / "notes.txt").write_text("x" * 500)
    (folder / ".hidden.h5").write_bytes(HDF5)
    (folder / "checkpoints" / "epoch_10.h5").write_bytes(HDF5)
    (folder / "checkpoints" / "epoch_2.h5").write_bytes(HDF5)
    for i, name in enumerate(["b.hdf5", "a.keras", "weights.h5", "broken.h5", "z10.h5"]):
        (folder / name).write_bytes(HDF5 + b"x" * 10 ** (i + 1))
        os.utime(folder / name, (NOW - 100 * 60**i / 50, NOW - 100 * 60**i / 50))
    os.utime(folder / "old", (NOW - 9e6, NOW - 9e6))
    os.utime(folder / "checkpoints", (NOW - 9e5, NOW - 9e5))
    (isolated_home / "empty").mkdir()
    return folder


def host(folder: Path, recents: list[Path] | None = None, look: Any = glance, **more: Any) -> Host:
    return Host(lambda: PickerScreen(folder, recents or [], glance=look), **more)


def rows(app: Host) -> list[str]:
    """Names of the entries shown, in order."""
    listing = app.screen.query_one(FileRows).listing
    return [row.entry.name for row in listing.rows if row.entry]


def current(app: Host) -> str:
    row = app.screen.query_one(FileRows).current
    return "" if row is None else row.entry.name if row.entry else ".."


async def ready(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: not pilot.app.screen._finds.scanning)


ALL = ["checkpoints", "old", "a.keras", "b.hdf5", "broken.h5", "weights.h5", "z10.h5"]


@pytest.mark.parametrize("size", SIZES)
async def test_lists_model_files_with_details(models: Path, size: tuple[int, int]) -> None:
    app = host(models)
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        assert rows(app) == ALL
        assert current(app) == "a.keras"
        await until(pilot, lambda: "3.3.3" in shown(app))
        await until(pilot, lambda: "✗ not readable" in shown(app))
        text = shown(app)
        line = next(line for line in text.splitlines() if "a.keras" in line)
        assert line.split() == [
            "▸",
            "a.keras",
            "Keras",
            "archive",
            "3.3.3",
            "108",
            "B",
            "2",
            "minutes",
            "ago",
        ]
        assert "5 model files" in text
        assert "notes.txt" not in text
        assert ".hidden" not in text


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (["enter"], "a.keras"),
        (["down", "enter"], "b.hdf5"),
        (["down", "down", "up", "enter"], "b.hdf5"),
        (["end", "enter"], "z10.h5"),
        (["ctrl+end", "enter"], "z10.h5"),
        (["pagedown", "enter"], "z10.h5"),
        (["w", "enter"], "weights.h5"),
        ([*"b h", "enter"], "b.hdf5"),
        ([*"ZZ", "backspace", "enter"], "z10.h5"),
        (["ctrl+t", "enter"], "b.hdf5"),
        (["ctrl+t", "ctrl+t", "enter"], "z10.h5"),
        (["ctrl+t", "ctrl+t", "ctrl+t", "enter"], "a.keras"),
    ],
)
async def test_choosing(models: Path, size, keys: list[str], name: str) -> None:
    app = host(models)
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        assert app.result == models / name


@pytest.mark.parametrize("key", ["left", "backspace", "ctrl+up"])
async def test_up_and_back_into_a_folder(models: Path, key: str) -> None:
    app = host(models / "checkpoints")
    async with app.run_test() as pilot:
        await ready(pilot)
        assert rows(app) == ["epoch_2.h5", "epoch_10.h5"]
        await pilot.press(key)
        await until(pilot, lambda: rows(app) == ALL)
        assert current(app) == "checkpoints"
        await pilot.press("right")
        await until(pilot, lambda: rows(app) == ["epoch_2.h5", "epoch_10.h5"])
        await pilot.press("home", "up", "enter")
        await until(pilot, lambda: rows(app) == ALL)
        await pilot.press("enter")
        await until(pilot, lambda: "epoch_2.h5" in rows(app))


async def test_a_filter_finds_folders_too(models: Path) -> None:
    app = host(models)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press(*"check", "enter")
        await until(pilot, lambda: "epoch_2.h5" in rows(app))


async def test_keys_of_the_filter_edit_it_once_something_is_typed(models: Path) -> None:
    app = host(models)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press(*"ab", "left", "backspace")
        await pilot.pause()
        assert app.screen.query_one("#filter").value == "b"
        assert rows(app) == ["b.hdf5", "broken.h5"]
        await pilot.press("escape")
        await pilot.pause()
        assert rows(app) == ALL
        assert app.result is NOTHING
        await pilot.press("escape")
        await pilot.pause()
        assert app.result is None


async def test_ctrl_c_leaves(models: Path) -> None:
    app = host(models)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert app.result is None


async def test_filter_without_match(models: Path) -> None:
    app = host(models)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press(*"nosuch", "enter")
        await pilot.pause()
        assert "Nothing here matches" in shown(app)
        assert app.result is NOTHING


async def test_home_and_reload(models: Path, isolated_home: Path) -> None:
    app = host(models)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("~")
        await until(pilot, lambda: "models" in rows(app) and "empty" in rows(app))
        (isolated_home / "new.h5").write_bytes(HDF5)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "new.h5" in rows(app))


async def test_question_mark_lists_the_keys(models: Path) -> None:
    app = host(models)
    async with app.run_test(size=(200, 50)) as pilot:
        await ready(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, KeysScreen)
        for word in ("Open", "Sort", "Path", "Reload", "Folder up"):
            assert word in shown(app)


async def test_mouse(models: Path) -> None:
    app = host(models)
    async with app.run_test(size=(120, 30)) as pilot:
        await ready(pilot)
        files = app.screen.query_one(FileRows)
        y = next(
            i
            for i, row in enumerate(files.listing.rows)
            if row.entry and row.entry.name == "b.hdf5"
        )
        await pilot.click(FileRows, offset=(8, y + 1))
        await pilot.pause()
        assert current(app) == "b.hdf5"
        assert app.result is NOTHING
        width = files.row_width
        for x, first in ((width - 3, "b.hdf5"), (width - 20, "z10.h5"), (4, "a.keras")):
            columns = Columns.fit(width)
            at = {"b.hdf5": sum(columns) - 2, "z10.h5": 2 + sum(columns[:4]) - 3, "a.keras": x}[
                first
            ]
            await pilot.click(FileRows, offset=(at, 0))
            await until(pilot, lambda first=first: rows(app)[2] == first)
        assert current(app) == "a.keras" or current(app) == "b.hdf5"
        y = next(
            i
            for i, row in enumerate(files.listing.rows)
            if row.entry and row.entry.name == "z10.h5"
        )
        await pilot.click(FileRows, offset=(8, y + 1))
        await pilot.click(FileRows, offset=(8, y + 1))
        await pilot.pause()
        assert app.result == models / "z10.h5"


# -- recent files -------------------------------------------------------------------------------


async def test_recent_files_are_on_top_if_they_exist(models: Path, isolated_home: Path) -> None:
    recents = [
        models / "checkpoints" / "epoch_2.h5",
        isolated_home / "gone.h5",
        models,
        models / "z10.h5",
    ]
    app = host(models, recents)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "Recent files" in shown(app))
        await ready(pilot)
        assert rows(app) == ["epoch_2.h5", "z10.h5", *ALL]
        assert "~/models/checkpoints" in shown(app)
        assert current(app) == "epoch_2.h5"
        await pilot.press(*"checkpoints")  # recent files are found by folder as well
        await pilot.pause()
        assert rows(app) == ["epoch_2.h5", "checkpoints"]
        await pilot.press("enter")
        await pilot.pause()
        assert app.result == recents[0]


async def test_five_recent_files_until_one_types(models: Path) -> None:
    many = [models / "checkpoints" / f"r{i}.h5" for i in range(12)]
    for path in many:
        path.write_bytes(HDF5)
    app = host(models, many)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "r4.h5" in rows(app))
        await ready(pilot)
        assert "r5.h5" not in rows(app)
        await pilot.press("r")
        await until(pilot, lambda: "r11.h5" in rows(app))


# -- a typed path -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_typed_path_with_completion(models: Path, size) -> None:
    app = host(models)
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("ctrl+l", *"che", "tab")
        field = app.screen.query_one("#path")
        await until(pilot, lambda: field.value == f"{models}{os.sep}checkpoints{os.sep}")
        await pilot.press(*"epoch_2", "tab")
        await until(pilot, lambda: field.value.endswith("epoch_2.h5"))
        await pilot.press("enter")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result == models / "checkpoints" / "epoch_2.h5"


async def test_slash_begins_a_path(models: Path) -> None:
    app = host(models)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("slash")
        await pilot.pause()
        assert app.screen.query_one("#path").value == "/"
        await pilot.press("ctrl+u", *"~/models/notes.txt", "enter")
        await until(pilot, lambda: app.result is not NOTHING)
        assert app.result == models / "notes.txt"  # whatever it is: opening it will tell


async def test_typed_folder_is_listed(models: Path) -> None:
    app = host(models)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("ctrl+l", *"checkpoints", "enter")
        await until(pilot, lambda: "epoch_2.h5" in rows(app))
        await pilot.press("left")  # the focus is in the filter again
        await until(pilot, lambda: rows(app) == ALL)


async def test_typed_nonsense_is_told_in_place(models: Path) -> None:
    app = host(models)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("ctrl+l", *"nosuch.h5", "enter")
        await until(pilot, lambda: "✗" in shown(app))
        assert "No such file or directory" in " ".join(shown(app).split())
        await pilot.press("escape")
        await pilot.pause()
        assert app.result is NOTHING
        assert app.screen.focused.id == "filter"


# -- folders with nothing, folders that cannot be read ------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_empty_state(models: Path, isolated_home: Path, size) -> None:
    app = host(isolated_home / "empty")
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "No Keras model files in ~/empty." in shown(app))
        assert "no recent files" in shown(app)
        assert "Press ~ for the home folder" in shown(app)
        await pilot.press("enter")  # the way up is all there is
        await until(pilot, lambda: "models" in rows(app))


async def test_folder_that_cannot_be_read(models: Path) -> None:
    app = host(models / "nosuch")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "This folder cannot be read: No such file" in shown(app))


async def test_saved_model_says_so(models: Path) -> None:
    (models / "old" / "saved_model.pb").write_bytes(b"x")
    app = host(models / "old")
    async with app.run_test(size=(200, 50)) as pilot:
        await until(pilot, lambda: "SavedModel" in shown(app))


async def test_files_that_cannot_be_read_say_why(models: Path) -> None:
    app = host(models)
    async with app.run_test(size=(200, 50)) as pilot:
        await ready(pilot)
        await pilot.press(*"broken")
        await until(pilot, lambda: "✗ ~/models/broken.h5 is a Git LFS pointer" in shown(app))


async def test_a_clerk_that_dies_spoils_one_row_only(models: Path) -> None:
    def dying(path: str) -> Seen:
        if path.endswith("b.hdf5"):
            raise ClerkDied("The file process has stopped.")
        return glance(path)

    app = host(models, look=dying)
    async with app.run_test() as pilot:
        await ready(pilot)
        await until(pilot, lambda: shown(app).count("2.2.4") == 2 and "3.3.3" in shown(app))


@pytest.mark.parametrize("size", SIZES)
async def test_real_files_seen_by_the_real_clerk(models_dir: Path, size: tuple[int, int]) -> None:
    folder = models_dir / "made" / "keras-2.2.4"
    clerk = Clerk()
    app = host(folder, look=lambda path: clerk.call("glance", path))
    try:
        async with app.run_test(size=size) as pilot:
            await ready(pilot)
            finds = app.screen._finds
            seen = app.screen.query_one(FileRows).seen
            assert seen
            await until(pilot, lambda: all(e.path in finds.details for e in seen))
            details = [finds.details[entry.path] for entry in seen]
            assert all(detail.format and not detail.problem for detail in details)
            assert any(detail.keras_version[:1].isdigit() for detail in details)
    finally:
        clerk.close()


async def test_hostile_names_are_not_drawn(models: Path) -> None:
    name = "e\x1b[2Jvil\u202e[red].h5"
    (models / name).write_bytes(HDF5)
    (models / "fold\x9ber").mkdir()
    bytes_name = os.fsencode(models) + b"/caf\xe9.h5"
    Path(os.fsdecode(bytes_name)).write_bytes(HDF5)
    app = host(models)
    async with app.run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        text = shown(app)
        assert "e␛[2Jvil\\u202e[red].h5" in text
        assert not set(text) & {"\x1b", "\x9b", "\u202e"}
        await pilot.press("v", "i", "l", "enter")
        await pilot.pause()
        assert app.result == models / name


# -- slow disks and great folders ---------------------------------------------------------------


async def test_partial_results_while_a_scan_goes_on(models: Path, monkeypatch) -> None:
    go_on = threading.Event()
    real = picker_scan.looks_like_model

    def slow(path: Path) -> bool:
        assert go_on.wait(60)
        return real(path)

    (models / "model_without_extension").write_bytes(HDF5 + b"x" * 500)
    monkeypatch.setattr(picker_scan, "looks_like_model", slow)
    monkeypatch.setattr(picker_scan, "_BATCH_SECONDS", 0.0)
    app = host(models)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "a.keras" in rows(app))
        assert "so far …" in shown(app)
        await pilot.press("down", "down")
        before = current(app)
        go_on.set()
        await until(pilot, lambda: "model_without_extension" in rows(app))
        assert current(app) == before  # the cursor stays with its file
        await ready(pilot)


async def test_leaving_does_not_wait_for_a_disk_that_hangs(models: Path) -> None:
    hang = threading.Event()

    def stuck(path: str) -> Seen:
        hang.wait(60)
        return glance(path)

    app = host(models, look=stuck)
    async with app.run_test() as pilot:
        await ready(pilot)
        start = time.perf_counter()
        await pilot.press("escape")
        await until(pilot, lambda: app.result is None)
        assert time.perf_counter() - start < 15  # seconds; not the disk's 60
    hang.set()


async def test_five_thousand_files_do_not_freeze_the_screen(tmp_path: Path) -> None:
    for i in range(5000):
        (tmp_path / f"epoch_{i}.h5").touch()
    glanced: list[str] = []

    def count(path: str) -> Seen:
        glanced.append(path)
        return Seen("hdf5", "2.2.4")

    app = host(tmp_path, look=count)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "5,000 model files" in shown(app))
        assert rows(app)[:3] == ["epoch_0.h5", "epoch_1.h5", "epoch_2.h5"]
        slowest = 0.0
        for key in ["end", "home", *"4999", "escape", "ctrl+t", "ctrl+t", "pagedown"]:
            start = time.process_time()
            await pilot.press(key)
            slowest = max(slowest, time.process_time() - start)
        assert slowest < 1.0
        await pilot.pause(0.3)
        assert len(glanced) < 500  # only what is seen is looked into


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_any_size(models: Path, size: tuple[int, int]) -> None:
    app = host(models, [models / "z10.h5"])
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: len(rows(app)) == 8)
        await pilot.press("down", "pagedown", "up", "end", "home", "ctrl+l", "a", "down", "escape")
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.press(*"b.hd", "enter")
        await pilot.pause()
        assert app.result == models / "b.hdf5"


# -- without a screen ---------------------------------------------------------------------------


def found(folder: Path, stopped: Callable[[], bool] = lambda: False) -> tuple[list[str], str]:
    entries: list[Entry] = []
    problem = scan(folder, lambda batch: entries.extend(batch), stopped)
    return sorted(entry.name for entry in entries), problem


def test_goes_by_content_where_the_name_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(HDF5 + b"x" * 200)
    (tmp_path / "userblock.bin").write_bytes(b"\0" * 512 + HDF5 + b"x" * 200)
    (tmp_path / "text.dat").write_bytes(b"x" * 5000)
    (tmp_path / "tiny.bin").write_bytes(HDF5)
    (tmp_path / "other.json").write_bytes(HDF5 + b"x" * 200)
    (tmp_path / "EMPTY.H5").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "archive.model", "w") as file:
        file.writestr("metadata.json", '{"keras_version": "3.0.0"}' + " " * 200)
    with zipfile.ZipFile(tmp_path / "document.odt", "w") as file:
        file.writestr("mimetype", "x" * 300)
    names, problem = found(tmp_path)
    assert names == ["EMPTY.H5", "archive.model", "model", "userblock.bin"]
    assert problem == ""


def test_real_files_are_recognised_without_their_extension(models_dir: Path) -> None:
    for pattern in ("*.h5", "*.hdf5", "*.keras"):
        for path in list(models_dir.rglob(pattern))[:12]:
            assert looks_like_model(path), path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes")
def test_pipes_and_dead_links_are_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.h5")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dead.h5").symlink_to(tmp_path / "nosuch")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "real.h5").write_bytes(b"")
    (tmp_path / "link.h5").symlink_to(tmp_path / "real.h5")
    assert found(tmp_path)[0] == ["link.h5", "real.h5"]
    assert not looks_like_model(tmp_path / "pipe")


def test_keras_own_hidden_folder_is_shown(tmp_path: Path) -> None:
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".git").mkdir()
    assert found(tmp_path)[0] == [".keras"]


def test_a_scan_can_be_stopped(tmp_path: Path) -> None:
    for i in range(50):
        (tmp_path / f"{i}.h5").touch()
    assert found(tmp_path, stopped=lambda: True) == ([], "")


def test_natural_order_and_sorts() -> None:
    names = ["epoch_10.h5", "Epoch_9.h5", "a", "epoch_009b", "2", "10", "1" * 6000, "٣"]
    assert sorted(names, key=natural)[:4] == ["2", "٣", "10", "1" * 6000]
    assert sorted(names, key=natural)[4:] == ["a", "Epoch_9.h5", "epoch_009b", "epoch_10.h5"]
    entries = [
        Entry(Path("/f"), True),
        Entry(Path("/b"), False, 5, 9),
        Entry(Path("/a"), False, 9, 5),
    ]
    assert [e.name for e in arrange(entries, "name")] == ["f", "a", "b"]
    assert [e.name for e in arrange(entries, "age")] == ["f", "b", "a"]
    assert [e.name for e in arrange(entries, "size")] == ["f", "a", "b"]
    assert [e.name for e in matching(entries, "B")] == ["b"]


@pytest.mark.parametrize("width", [1, 5, 20, 40, 76, 116, 196])
def test_columns_fit(width: int) -> None:
    assert sum(Columns.fit(width)) + 2 <= max(width, 3)


def test_root_has_no_way_up() -> None:
    root = Path(Path.cwd().anchor)
    listing = Finds(root, root, scanning=False).listing()
    assert not any(row.kind == "up" for row in listing.rows)
    assert figures.plural(0, "model file") in Finds(root, root, scanning=False).summary()


@pytest.mark.parametrize("size", [*SIZES, (40, 12)])
def test_snapshot(snap_compare, models: Path, size: tuple[int, int]) -> None:
    async def rest(pilot: Any) -> None:
        await ready(pilot)
        await pilot.pause(0.5)

    recents = [models / "checkpoints" / "epoch_2.h5"]
    os.utime(recents[0], (NOW - 7200, NOW - 7200))
    assert snap_compare(host(models, recents), terminal_size=size, run_before=rest)


def test_snapshot_path(snap_compare, models: Path) -> None:
    async def rest(pilot: Any) -> None:
        await ready(pilot)
        await pilot.press("ctrl+l", "ctrl+u", *"~/models/")
        await pilot.pause(0.5)

    assert snap_compare(host(models, theme="textual-light"), run_before=rest)

"""Two models, and a run's checkpoints, on the screen: how it looks, and from key to numbers."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from comparisons import checkpoints, comparison
from dialog_host import NOTHING, Host, shown, until

from kerastui.errors import UnreadableFile
from kerastui.tui.dialogs.compare import CompareDialog
from kerastui.tui.dialogs.compare_files import candidates, in_order, look_for
from kerastui.tui.dialogs.offered import Offered
from kerastui.tui.dialogs.path_field import PathField
from kerastui.tui.diff_app import DiffApp
from kerastui.tui.diff_request import Comparing
from kerastui.tui.diff_screen import DiffScreen
from kerastui.tui.look.screen import LookScreen

SIZES = [(80, 24), (120, 40)]


class Ready(Comparing):
    """A comparison whose result is known, or never comes (None)."""

    def __init__(self, paths: tuple[str, ...], found: Any) -> None:
        self.result = found
        super().__init__(paths)

    def begin(self, paths: Any) -> None:
        self.paths, self.future = tuple(paths), Future()
        if isinstance(self.result, Exception):
            self.future.set_exception(self.result)
        elif self.result is not None:
            self.future.set_result(self.result)


def two() -> DiffApp:
    return DiffApp(Ready(("/models/base.h5", "/models/tuned.keras"), comparison()))


def many() -> DiffApp:
    return DiffApp(Ready(checkpoints().files, checkpoints()))


async def settle(pilot: Any) -> None:
    await until(pilot, lambda: pilot.app.screen.has_class("-found"))
    await pilot.pause(0.1)


@pytest.mark.parametrize("size", SIZES)
def test_two_models(snap_compare, size: tuple[int, int]) -> None:
    async def look(pilot: Any) -> None:
        await settle(pilot)
        await pilot.press("enter", "n", "n", "enter", "down")
        await pilot.pause(0.1)

    assert snap_compare(two(), terminal_size=size, run_before=look)


@pytest.mark.parametrize("size", SIZES)
def test_checkpoints(snap_compare, size: tuple[int, int]) -> None:
    async def look(pilot: Any) -> None:
        await settle(pilot)
        await pilot.press("down", "space", "down", "down")
        await pilot.pause(0.1)

    assert snap_compare(many(), terminal_size=size, run_before=look)


async def test_keys_of_the_screen(tmp_path: Path) -> None:
    app = two()
    copied: list[str] = []
    app.copy_to_clipboard = copied.append
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, DiffScreen)
        assert "stayed frozen: no, 1 of 3 moved: block1_conv2" in shown(app)
        await pilot.press("tab")  # the details have no room here
        assert "Both files call it frozen" in shown(app)
        await pilot.press("tab", "enter", "down", "y")
        assert copied == ["block1_conv2/kernel"]
        await pilot.press("slash", *"drop", "enter")
        assert [screen.table.current_group.title] == ["dropout"]  # pyright: ignore
        await pilot.press("escape")
        assert screen.table.row_count > 3
        await pilot.press("x")
        assert screen.comparing.paths == ("/models/tuned.keras", "/models/base.h5")
        await settle(pilot)
        data, text = screen.reports()
        assert json.loads(data)["frozen"]["moved"] == ["block1_conv2"]
        assert "\x1b" not in text


async def test_waiting_and_trouble() -> None:
    waiting = Ready(("/a.h5", "/b.h5"), None)
    waiting.share = 0.42
    app = DiffApp(waiting)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "42%" in shown(app))
        await pilot.press("s", "slash", "tab", "x")  # nothing is there yet
        await pilot.press("escape")
        await pilot.pause()
    assert app.return_code == 0
    app = DiffApp(Ready(("/a.h5", "/b.h5"), UnreadableFile("/b.h5 is gone.")))
    async with app.run_test() as pilot:
        await until(pilot, lambda: "✗ /b.h5 is gone." in shown(app))


async def test_from_the_explorer_to_a_weight(explorer, sample_dir: Path, tmp_path: Path) -> None:
    runs = Path(shutil.copytree(sample_dir / "checkpoints", tmp_path / "runs"))
    for number, checkpoint in enumerate(sorted(runs.glob("*.keras")), 1):
        os.utime(checkpoint, (number, number))  # the one written last is the newer
    async with explorer(runs / "weights-01-0.27.keras", (120, 40)) as pilot:
        app = pilot.app
        await pilot.press("down", "down", "space", "D")
        await until(pilot, lambda: isinstance(app.screen, CompareDialog))
        app.screen.query_one(PathField).set_value("weights-02-0.21.keras")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, DiffScreen))
        await settle(pilot)
        unsaved = "▲ 1 change is not saved: weights-01-0.27.keras is compared as"
        await until(pilot, lambda: unsaved in shown(app))
        await pilot.press("enter", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, LookScreen))
        assert app.screen.subject.path == "hidden/kernel"
        assert app.screen.subject.model.file.path.endswith("weights-02-0.21.keras")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DiffScreen))
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, LookScreen))
        kinds = "float32 − float32, computed in float64   Dense"
        await until(pilot, lambda: kinds in shown(app))
        await pilot.press("2")
        await until(pilot, lambda: "[0, 0] = " in shown(app))
        assert "0x" not in shown(app)  # it is stored nowhere
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, DiffScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.explorer)


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str], Path]:
    for number, name in enumerate(("w_2.h5", "w_10.h5", "other.keras", "notes.txt", "a b.h5")):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (number, number))
    (tmp_path / "folder").mkdir()
    return lambda name: tmp_path / name


def test_files_that_are_offered(run: Callable[[str], Path]) -> None:
    found = candidates(run("w_2.h5"), [run("w_10.h5"), Path("/else/where.h5")])
    assert [c.label for c in found] == ["w_10.h5", "a b.h5", "other.keras", "/else/where.h5"]
    assert [c.is_alike for c in found] == [True, False, False, False]


@pytest.mark.parametrize(
    ("text", "names", "problem"),
    [
        ("w_10.h5", ["w_10.h5"], ""),
        ("w_*.h5", ["w_10.h5"], ""),  # itself is not another file
        ("a b.h5", ["a b.h5"], ""),
        ("w_10.h5 'a b.h5'", ["w_10.h5", "a b.h5"], ""),
        ("", [], ""),
        ("w_2.h5", [], "w_2.h5 is this very file: choose another one."),
        ("nothing.h5", [], "nothing.h5: there is no such file."),
        ("x*.h5", [], "No file has a name like x*.h5."),
        ("folder", [], "folder is a folder: type a file, or a pattern for many."),
        ("a\0b", [], "This is not a path: a path cannot contain the character NUL."),
    ],
)
def test_files_that_are_typed(
    run: Callable[[str], Path], text: str, names: list[str], problem: str
) -> None:
    found = look_for(text, (), run("w_2.h5"), run(""))
    assert [Path(path).name for path, _ in found.files] == names
    assert found.problem.removeprefix(f"{run('')}/") == problem


def test_the_order_of_files(run: Callable[[str], Path]) -> None:
    own, others = ("r/w_2.h5", 5.0), [("r/w_10.h5", 1.0), ("r/w_1.h5", 9.0)]
    assert in_order(own, others, "name") == ("r/w_1.h5", "r/w_2.h5", "r/w_10.h5")
    assert in_order(own, others, "time") == ("r/w_10.h5", "r/w_2.h5", "r/w_1.h5")
    assert in_order(own, others[:1], "old") == ("r/w_2.h5", "r/w_10.h5")
    assert in_order(own, others[:1], "new") == ("r/w_10.h5", "r/w_2.h5")


def dialog(run: Callable[[str], Path]) -> Host:
    return Host(lambda: CompareDialog(str(run("w_2.h5")), lambda: [Path("/else/where.h5")]))


async def offered(pilot: Any) -> None:
    await until(pilot, lambda: pilot.app.screen.query_one(Offered).option_count > 0)


@pytest.mark.parametrize("size", SIZES)
def test_dialog(snap_compare, run: Callable[[str], Path], size: tuple[int, int]) -> None:
    async def mark(pilot: Any) -> None:
        await offered(pilot)
        await pilot.press("tab", "space", "down", "space")
        assert "space mark · a run" in shown(pilot.app)
        await pilot.pause(0.2)

    assert snap_compare(dialog(run), terminal_size=size, run_before=mark)


@pytest.mark.parametrize(
    ("text", "keys", "names"),
    [
        ("w_10.h5", ("enter",), ("w_2.h5", "w_10.h5")),  # what was written last is the newer one
        ("w_10.h5", ("ctrl+t", "enter"), ("w_10.h5", "w_2.h5")),
        ("*.h5", ("enter",), ("a b.h5", "w_2.h5", "w_10.h5")),
        ("w_2.h5", ("enter", "tab", "tab", "enter"), ()),  # itself: told, nothing is compared
        ("", ("tab", "a", "down", "space", "enter"), ("a b.h5", "w_2.h5", "w_10.h5")),
        ("", ("down", "enter"), ("w_2.h5", "w_10.h5")),
    ],
)
async def test_what_the_dialog_asks(
    run: Callable[[str], Path], text: str, keys: tuple[str, ...], names: tuple[str, ...]
) -> None:
    app = dialog(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await offered(pilot)
        app.screen.query_one(PathField).set_value(text)
        await pilot.pause(0.1)
        assert "tab to the list · ^t order" in shown(app) and "space mark" not in shown(app)
        await pilot.press(*keys)
        if not names:
            await until(pilot, lambda: "this very file: choose another" in shown(app))
            await pilot.press("escape")
        await until(pilot, lambda: app.result is not NOTHING)
    assert tuple(Path(path).name for path in app.result or ()) == names

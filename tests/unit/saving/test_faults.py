"""Whatever happens during a save, the target is the whole old or the whole new file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from unit.saving.hand_made import write_model
from unit.saving.test_save import flags, frozen, names

from kerastui import save
from kerastui.clerk.server import Desk
from kerastui.errors import SaveFailed
from kerastui.saving import atomic

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of Unix")

SAVER = """
import json, resource, sys
from kerastui import Document, open_model, save
from kerastui.errors import SaveFailed
path, target, limit = json.loads(sys.argv[1])
document = Document(open_model(path))
document.set_trainable([0], not document.model.layers[0].trainable)
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
print("ready", flush=True)
sys.stdin.readline()
try:
    save(document, target)
except SaveFailed as error:
    print(error)
    sys.exit(3)
"""


def saver(path: Path, target: Path | None = None, limit: int = 0) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SAVER, json.dumps([str(path), str(target or path), limit])],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


KILLER = """
import json, os, random, signal, sys, time
from pathlib import Path
from unit.saving.kinds_of_save import KINDS
from kerastui import save
folder, times = Path(sys.argv[1]), int(sys.argv[2])
draw, counts = random.Random(1), {}
for kind, prepare in KINDS.items():
    place = folder / kind
    place.mkdir()
    path, edited = prepare(place)
    old = path.read_bytes()
    spare = place / "new"
    save(edited(path), spare)  # everything is imported now
    began = time.perf_counter()
    save(edited(path), spare)
    took = time.perf_counter() - began
    new = spare.read_bytes()
    spare.unlink()
    listed = sorted(os.listdir(place))
    counts[kind] = {"old": 0, "new": 0, "debris": 0, "most": 0}
    for _ in range(times):
        if path.read_bytes() != old:
            path.write_bytes(old)
        document = edited(path)
        child = os.fork()
        if child == 0:
            save(document)
            os._exit(0)
        time.sleep(draw.uniform(0, 1.3 * took))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        there = path.read_bytes()
        assert there in (old, new), f"{kind}: neither old nor new"
        counts[kind]["old" if there == old else "new"] += 1
        debris = len(os.listdir(place)) - len(listed)
        counts[kind]["debris"] += bool(debris)
        counts[kind]["most"] = max(counts[kind]["most"], debris)
print(json.dumps(counts))
"""


def test_killed_at_random_moments(tmp_path: Path):
    """The old file or the new one each time; what is left beside it goes with the next start."""
    command = [sys.executable, "-c", KILLER, str(tmp_path), "75"]
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    counts = json.loads(result.stdout)
    assert sum(c["old"] + c["new"] for c in counts.values()) >= 300
    for kind, count in counts.items():
        assert count["old"] > 5, counts
        assert count["debris"] > 5, counts  # killed in the midst of it
        assert count["most"] <= 3, counts  # swept by the saves in between
        desk = Desk()
        place = next(p for p in (tmp_path / kind).iterdir() if p.name.startswith("model."))
        (tmp_path / kind / f".model.h5.kerastui-{atomic._host()}-4194304-abcdef.tmp").touch()
        desk.tidy(str(place))  # as when a screen opens the file
        assert [n for n in names(tmp_path / kind) if n.startswith(".")] == []


FILLER = """
import json, os, random, resource, sys
from pathlib import Path
from unit.saving.kinds_of_save import KINDS
from kerastui import save
from kerastui.errors import SaveFailed
folder, times = Path(sys.argv[1]), int(sys.argv[2])
draw, counts = random.Random(2), {}
for kind, prepare in KINDS.items():
    place = folder / kind
    place.mkdir()
    path, edited = prepare(place)
    old = path.read_bytes()
    save(edited(path), place / "new")
    new = (place / "new").read_bytes()
    (place / "new").unlink()
    listed = sorted(os.listdir(place))
    counts[kind] = {"failed": 0, "saved": 0}
    for k in range(times):
        if path.read_bytes() != old:
            path.write_bytes(old)
        document = edited(path)
        near_the_end = (len(new) - 2000, len(new) + 100)
        limit = draw.randrange(*near_the_end) if k % 2 else draw.randrange(len(new))
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            try:
                save(document)
            except SaveFailed as error:
                os._exit(3 if "untouched" in str(error) else 4)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, 3), f"{kind}, room for {limit}: {status}"
        assert path.read_bytes() == (old if status else new), f"{kind}, room for {limit}"
        assert sorted(os.listdir(place)) == listed, f"{kind}, room for {limit}"
        counts[kind]["failed" if status else "saved"] += 1
print(json.dumps(counts))
"""


def test_no_more_room_at_any_byte(tmp_path: Path):
    """Half of the limits are near the end, where HDF5 and the archive's directory are written."""
    command = [sys.executable, "-c", FILLER, str(tmp_path), "40"]
    result = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    for count in json.loads(result.stdout).values():
        assert count["failed"] > 20, result.stdout


@pytest.mark.parametrize("part", [0.0, 0.3, 0.99, "exactly"])
def test_a_limit_on_file_sizes(tmp_path: Path, part: float | str):
    path = write_model(tmp_path / "m.h5", [500, 500, 10])
    old = path.read_bytes()
    limit = len(old) if part == "exactly" else max(1, int(len(old) * float(part)))
    process = saver(path, limit=limit)
    out, errors = process.communicate("\n", timeout=60)
    assert errors == ""
    if part != "exactly":  # HDF5 may find the few bytes it needs inside the file
        assert process.returncode == 3
        assert "larger than the system allows" in out
    if process.returncode == 3:
        assert path.read_bytes() == old
    assert names(tmp_path) == ["m.h5"]


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of a megabyte; skips where nothing may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no permission to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("free", [0, 4096, 100_000, 505_000])
def test_a_full_disk(small_disk: Path, free: int):
    path = write_model(small_disk / "m.h5", [500, 250, 10])
    old = path.read_bytes()
    left = os.statvfs(small_disk)
    room = left.f_bavail * left.f_frsize - free
    (small_disk / "filler").write_bytes(b"\0" * max(room, 0))
    with pytest.raises(SaveFailed, match="disk is full"):
        save(frozen(path))
    assert path.read_bytes() == old
    assert names(small_disk) == ["filler", "m.h5"]
    (small_disk / "filler").unlink()


def test_a_full_disk_while_hdf5_writes(small_disk: Path):
    """The copy fits, what HDF5 adds to it does not: every amount of room from none on."""
    long = write_model(small_disk / "m.h5", [100, 250, 10], kind="variable")
    old = long.read_bytes()
    outcomes = set()
    for pages in range(4):
        left = os.statvfs(small_disk)
        need = -(-len(old) // 4096) * 4096 + pages * 4096
        filler = small_disk / "filler"
        filler.write_bytes(b"\0" * max(0, left.f_bavail * left.f_frsize - need))
        try:
            save(frozen(long))
            outcomes.add("saved")
            assert flags(long) == [False, True]
        except SaveFailed as error:
            outcomes.add("failed")
            assert "disk is full" in str(error)
            assert long.read_bytes() == old
        filler.unlink()
        assert names(small_disk) == ["m.h5"]
        long.write_bytes(old)
    assert "saved" in outcomes


def test_saving_on_another_file_system(small_disk: Path, tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [100, 50, 10])
    save(frozen(path), small_disk / "m.h5")
    assert flags(small_disk / "m.h5") == [False, True]
    assert flags(path) == [True, True]


def test_a_read_only_file_system(small_disk: Path):
    path = write_model(small_disk / "m.h5", [100, 50, 10])
    document = frozen(path)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(SaveFailed, match=r"read-only|write-protected"):
        save(document)
    assert flags(path) == [True, True]


def test_no_permission_to_write(tmp_path: Path):
    """As another user, for nothing is forbidden to root."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    path = write_model(folder / "m.h5", [100, 50, 10])
    path.chmod(0o666)
    folder.chmod(0o555)
    # Imported first: another user may not be able to read the packages. Then relative to the
    # folder, for the same reason.
    code = f"""
import os
import kerastui.files, kerastui.saving, kerastui.edits
os.chdir({str(folder)!r})
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
""" + SAVER.replace("import json, resource, sys", "import json, sys")
    process = subprocess.run(
        [sys.executable, "-c", code, json.dumps(["m.h5", "m.h5", 0])],
        input="\n", text=True, capture_output=True, check=False,
    )  # fmt: skip
    folder.chmod(0o755)
    assert (process.returncode, process.stderr) == (3, "")
    assert "no permission to write" in process.stdout
    assert flags(path) == [True, True]
    assert names(folder) == ["m.h5"]

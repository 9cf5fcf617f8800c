"""Rewriting an archive: changed members read back, all others are the same bytes and entries."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerastui.errors import SaveFailed
from kerastui.saving import archive as archives
from kerastui.saving.archive import rewrite


def rewritten(source: Path, changes: dict[str, bytes | Path]) -> Path:
    target = source.with_suffix(".new")
    with source.open("rb") as old, target.open("wb+") as new:
        rewrite(old.fileno(), new.fileno(), changes)
    return target


def entries(path: Path) -> list[tuple[object, ...]]:
    with zipfile.ZipFile(path) as archive:
        return [
            (i.filename, i.compress_type, i.date_time, i.extra, i.comment, i.external_attr,
             i.internal_attr, i.create_system, i.create_version)
            for i in archive.infolist()
        ]  # fmt: skip


member = st.tuples(
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    st.binary(max_size=3000),
    st.tuples(st.integers(1980, 2100), st.integers(1, 12), st.integers(1, 28)),
    st.sampled_from([b"", b"\x99\x99\x04\x00abcd"]),
    st.booleans(),
)


END = b"PK\x05\x06"
"""What Python's zipfile looks for from behind: a comment with it makes an archive unreadable."""


@settings(max_examples=40)
@given(members=st.lists(member, min_size=1, max_size=5), data=st.data())
def test_only_the_changed_members_differ(tmp_path_factory, members, data: st.DataObject):
    source = tmp_path_factory.mktemp("zip") / "model.keras"
    with zipfile.ZipFile(source, "w") as archive:
        for number, (method, content, day, extra, wide) in enumerate(members):
            info = zipfile.ZipInfo(f"m{number}", (*day, 1, 2, 4))
            info.compress_type, info.extra, info.comment = method, extra, b"said"
            info.external_attr = 0o640 << 16
            with archive.open(info, "w", force_zip64=wide) as stream:
                stream.write(content)
        archive.comment = data.draw(st.binary(max_size=20).filter(lambda text: END not in text))
        comment = archive.comment
    changed = data.draw(st.sets(st.integers(0, len(members) - 1), max_size=3))
    new = {f"m{n}": data.draw(st.binary(max_size=5000)) for n in changed}
    result = rewritten(source, dict(new))
    assert entries(result) == entries(source)
    with zipfile.ZipFile(result) as archive, zipfile.ZipFile(source) as old:
        assert archive.testzip() is None
        assert archive.comment == comment
        for info, was in zip(archive.infolist(), old.infolist(), strict=True):
            assert archive.read(info) == new.get(info.filename, old.read(was))


def test_a_stream_without_sizes_in_its_headers(tmp_path: Path):
    class Pipe(io.RawIOBase):
        data = b""

        def writable(self) -> bool:
            return True

        def write(self, piece) -> int:
            self.data += bytes(piece)
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        archive.writestr("a", b"1" * 100)
        archive.writestr("config.json", b"{}")
        archive.writestr("b", b"2" * 100, zipfile.ZIP_DEFLATED)
    source = tmp_path / "model.keras"
    source.write_bytes(pipe.data)
    inner = tmp_path / "inner"
    inner.write_bytes(os.urandom(5000))
    result = rewritten(source, {"config.json": b"[1]", "b": inner})
    with zipfile.ZipFile(result) as archive:
        assert archive.testzip() is None
        assert archive.read("a") == b"1" * 100
        assert archive.read("config.json") == b"[1]"
        assert archive.read("b") == inner.read_bytes()


def test_bytes_before_the_first_member_and_between_stay(tmp_path: Path):
    source = tmp_path / "model.keras"
    with zipfile.ZipFile(source, "w") as archive:
        archive.fp.write(b"padding before")
        archive.start_dir = archive.fp.tell()
        archive.writestr("a", b"aa")
        archive.fp.seek(archive.start_dir)
        archive.fp.write(b"padding between")
        archive.start_dir = archive.fp.tell()
        archive.writestr("b", b"bb")
    result = rewritten(source, {"b": b"longer than before"})
    raw = result.read_bytes()
    assert raw.startswith(b"padding before")
    assert b"padding between" in raw
    with zipfile.ZipFile(result) as archive:
        assert archive.testzip() is None
        assert archive.read("a") == b"aa"


def test_over_65535_members_need_zip64(tmp_path: Path):
    source = tmp_path / "model.keras"
    with zipfile.ZipFile(source, "w") as archive:
        for number in range(65_600):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
        archive.writestr(zipfile.ZipInfo("config.json"), b"{}")
    result = rewritten(source, {"config.json": b"changed"})
    with zipfile.ZipFile(result) as archive:
        assert len(archive.infolist()) == 65_601
        assert archive.read("config.json") == b"changed"


def copy_what_is_there(source: int, start: int, length: int, target: int, *_: object) -> None:
    """Copy a stretch as `copy_range` does, but leave holes as holes: they take no time then."""
    at, end, to = start, start + length, os.lseek(target, 0, os.SEEK_CUR)
    while at < end:
        try:
            data = min(os.lseek(source, at, os.SEEK_DATA), end)
        except OSError:  # no more of it
            break
        stop = min(os.lseek(source, data, os.SEEK_HOLE), end)
        os.pwrite(target, os.pread(source, stop - data, data), to + data - start)
        at = stop
    os.lseek(target, to + length, os.SEEK_SET)


def test_a_member_beyond_four_gigabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Sparse: takes no space. The offset of what follows needs zip64 before and after."""
    monkeypatch.setattr(archives, "copy_range", copy_what_is_there)
    source = tmp_path / "model.keras"
    size = (4 << 30) + 10
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("config.json", b"{}")
        info = zipfile.ZipInfo("model.weights.h5")
        info.file_size = info.compress_size = size
        with archive.open(info, "w", force_zip64=True) as stream:
            stream.write(b"begin")
            hole = size - 8
            archive.fp.seek(hole - 5, os.SEEK_CUR)
            archive.fp.write(b"end")
            stream._file_size = stream._compress_size = size
        archive.writestr("assets/x", b"after")
    with source.open("rb") as old, (tmp_path / "new").open("wb+") as new:
        rewrite(old.fileno(), new.fileno(), {"config.json": b"longer"})
    with zipfile.ZipFile(tmp_path / "new") as archive:
        assert archive.read("config.json") == b"longer"
        assert archive.read("assets/x") == b"after"
        assert archive.getinfo("model.weights.h5").file_size == size
        assert archive.getinfo("assets/x").header_offset > 4 << 30
    (tmp_path / "new").unlink()
    source.unlink()


@pytest.mark.parametrize("damage", ["cut", "count", "magic", "no such member"])
def test_what_cannot_be_rewritten_is_refused(tmp_path: Path, damage: str):
    source = tmp_path / "model.keras"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("a", b"aa")
        archive.writestr("b", b"bb")
    raw = source.read_bytes()
    if damage == "cut":
        raw = raw[:-10]
    if damage == "count":
        raw = raw[:-14] + b"\x02\x00\x09\x00" + raw[-10:]
    if damage == "magic":
        raw = raw.replace(b"PK\x01\x02", b"PK\x01\x09")
    source.write_bytes(raw)
    with pytest.raises(SaveFailed):
        rewritten(source, {"c" if damage == "no such member" else "a": b"new"})

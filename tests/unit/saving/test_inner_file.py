"""New values in a ``.keras`` archive: written where the old ones lie, or else packed anew."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from unit.saving.kinds_of_save import SAMPLES
from unit.saving.test_save import names

from kerastui import Document, open_model, save
from kerastui.edits import SetWeight
from kerastui.errors import SaveFailed
from kerastui.files.archive import CONFIG, WEIGHTS
from kerastui.model import ArraySource
from kerastui.saving import carry_out, inner_file


def packed(path: Path, how: str = "stored") -> Path:
    """Write the sample again: stored, deflated, with checksums behind, or in compressed chunks."""
    with zipfile.ZipFile(SAMPLES / "digits_cnn.keras") as old:
        members = {info: old.read(info) for info in old.infolist()}
    if how == "chunked":
        weights = next(info for info in members if info.filename == WEIGHTS)
        members[weights] = _chunked(members[weights])
    stream = io.BytesIO()
    # What cannot be positioned gets checksums behind the data.
    sink = stream if how != "descriptors" else _Pipe(stream)
    with zipfile.ZipFile(sink, "w") as new:
        for info, data in members.items():
            method = zipfile.ZIP_DEFLATED if how == "deflated" else zipfile.ZIP_STORED
            new.writestr(info, data, method)
        new.comment = b"kept"
    path.write_bytes(stream.getvalue())
    return path


def _chunked(data: bytes) -> bytes:
    stream = io.BytesIO(data)
    with h5py.File(stream, "r+") as file:
        values = file[first_kernel(file)][()]
        path = first_kernel(file)
        del file[path]
        # All equal is compressed to nothing; random values then need more room.
        file.create_dataset(path, data=np.zeros_like(values), chunks=True, compression="gzip")
    return stream.getvalue()


def first_kernel(file: h5py.File) -> str:
    found: list[str] = []
    file.visititems(
        lambda n, d: found.append(n) if isinstance(d, h5py.Dataset) and d.ndim > 1 else None
    )
    return next(name for name in found if name.startswith("layers"))


class _Pipe(io.RawIOBase):
    def __init__(self, stream: io.BytesIO) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data, /) -> int:
        return self._stream.write(data)


def replaced(path: Path, folder: Path) -> tuple[Document, np.ndarray, str]:
    document = Document(open_model(path))
    layer = next(layer for layer in document.model.layers if layer.weights)
    weight = layer.weights[0]
    values = np.random.default_rng(1).random(weight.shape, dtype="float32")
    np.save(folder / "values.npy", values)
    source = ArraySource(str(folder / "values.npy"), "", weight.shape, "float32", "file")
    document.apply(SetWeight(layer.path, weight.name, source))
    return document, values, weight.dataset


@pytest.mark.parametrize("how", ["stored", "deflated", "descriptors", "chunked"])
@pytest.mark.parametrize("with_flags", [False, True])
def test_new_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, with_flags: bool):
    path = packed(tmp_path / "m.keras", how)
    unpacked: list[int] = []
    unpack = carry_out.unpack

    def unpack_and_tell(*args) -> None:
        unpacked.append(1)
        unpack(*args)

    monkeypatch.setattr(carry_out, "unpack", unpack_and_tell)
    document, values, dataset = replaced(path, tmp_path)
    if with_flags:  # the configuration in front becomes longer or shorter
        document.set_trainable([i for i, layer in enumerate(document.model.layers)], False)
    with zipfile.ZipFile(path) as old, h5py.File(io.BytesIO(old.read(WEIGHTS))) as file:
        had_state = "optimizer/vars/2" in file
        before = [
            (i.filename, i.date_time, i.compress_type, i.flag_bits & 8) for i in old.infolist()
        ]
        others = {n: old.read(n) for n in old.namelist() if n not in (WEIGHTS, CONFIG)}
    save(document)
    with zipfile.ZipFile(path) as new, h5py.File(io.BytesIO(new.read(WEIGHTS))) as file:
        assert new.testzip() is None
        assert new.comment == b"kept"
        found = [(i.filename, i.date_time, i.compress_type) for i in new.infolist()]
        assert found == [entry[:3] for entry in before]
        assert {n: new.read(n) for n in others} == others
        assert np.array_equal(file[dataset][()], values)
    assert bool(unpacked) == (how != "stored" or (with_flags and had_state))
    assert names(tmp_path) == ["m.keras", "values.npy"]


def test_what_goes_beyond_the_end_is_packed_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Should HDF5 need more room after all, the members behind the weights stay whole."""
    path = packed(tmp_path / "m.keras")
    write = inner_file.write_values

    def write_more(file: h5py.File, values, progress) -> None:
        write(file, values, progress)
        file.create_dataset("more", data=np.ones(100_000))
        del file["more"]

    monkeypatch.setattr(inner_file, "write_values", write_more)
    document, values, dataset = replaced(path, tmp_path)
    save(document)
    with zipfile.ZipFile(path) as new, h5py.File(io.BytesIO(new.read(WEIGHTS))) as file:
        assert new.testzip() is None
        assert np.array_equal(file[dataset][()], values)
        assert "more" not in file
    assert names(tmp_path) == ["m.keras", "values.npy"]


@pytest.mark.parametrize("harm", ["a weight", "another member"])
def test_harm_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str):
    path = packed(tmp_path / "m.keras")
    old = path.read_bytes()
    write = inner_file.write_values

    def write_and_harm(file: h5py.File, values, progress) -> None:
        write(file, values, progress)
        other = next(p for p in reversed(_datasets(file)) if file[p].size and file[p].dtype == "f4")
        file[other][...] = file[other][...] + 1

    rewrite = carry_out.zips.rewrite

    def rewrite_and_harm(source: int, target: int, *rest) -> None:
        import os

        rewrite(source, target, *rest)
        at = old.index(b"PK\x03\x04") + 40  # in the name or the data of the first member
        os.pwrite(target, bytes([os.pread(target, 1, at + 40)[0] ^ 1]), at + 40)

    if harm == "a weight":
        monkeypatch.setattr(inner_file, "write_values", write_and_harm)
    else:
        monkeypatch.setattr(carry_out.zips, "rewrite", rewrite_and_harm)
    document, _, _ = replaced(path, tmp_path)
    with pytest.raises(SaveFailed, match="old file is untouched"):
        save(document)
    assert path.read_bytes() == old
    assert names(tmp_path) == ["m.keras", "values.npy"]


def _datasets(file: h5py.File) -> list[str]:
    found: list[str] = []
    file.visititems(lambda n, d: found.append(n) if isinstance(d, h5py.Dataset) else None)
    return found

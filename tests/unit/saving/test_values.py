"""New values for weights: from every kind of source, into every kind of dataset, or not at all."""

from __future__ import annotations

import os
import threading
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.saving.h5_compare import differences, outline
from unit.saving.hand_made import write_model
from unit.saving.test_save import names

from kerastui import ArraySource, Document, SetWeight, open_model, save
from kerastui.errors import SaveCancelled, SaveFailed
from kerastui.saving import plan_save, sources
from kerastui.saving.values import converted

KERNEL = "/model_weights/dense_0/dense_0/kernel:0"
BFLOAT16 = np.dtype("V2")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with one model, a Dense of 6 × 4 and one of 4 × 2."""
    (tmp_path / "models").mkdir()
    return write_model(tmp_path / "models" / "m.h5", [6, 4, 2])


def numbers(shape: tuple[int, ...] = (6, 4)) -> np.ndarray:
    return np.random.default_rng(3).normal(size=shape).astype("float32")


def npy(folder: Path, array: np.ndarray, name: str = "new.npy") -> ArraySource:
    np.save(folder / name, array)
    return ArraySource(str(folder / name), "", array.shape, array.dtype.name, name)


def edited(path: Path, source: ArraySource, layer: str = "dense_0") -> Document:
    document = Document(open_model(path))
    document.apply(SetWeight(layer, "kernel", source))
    return document


def stored(path: Path, dataset: str = KERNEL) -> np.ndarray:
    with h5py.File(path) as file:
        return file[dataset][()]


# -- sources ----------------------------------------------------------------------------------


def of_npy(folder: Path, array: np.ndarray) -> ArraySource:
    return npy(folder, array)


def of_fortran(folder: Path, array: np.ndarray) -> ArraySource:
    return npy(folder, np.asfortranarray(array))


def of_big_endian(folder: Path, array: np.ndarray) -> ArraySource:
    return npy(folder, np.asfortranarray(array.astype(">f8")))


def of_npz(folder: Path, array: np.ndarray) -> ArraySource:
    np.savez(folder / "x.npz", other=np.zeros(3), kernel=array)
    return ArraySource(str(folder / "x.npz"), "kernel", array.shape, "float32", "x.npz")


def of_packed_npz(folder: Path, array: np.ndarray) -> ArraySource:
    np.savez_compressed(folder / "x.npz", other=np.zeros(3), kernel=np.asfortranarray(array))
    return ArraySource(str(folder / "x.npz"), "kernel", array.shape, "float32", "x.npz")


def of_hdf5(folder: Path, array: np.ndarray) -> ArraySource:
    with h5py.File(folder / "x.h5", "w") as file:
        file.create_dataset("a/b", data=array, chunks=(2, 3), compression="gzip")
    return ArraySource(str(folder / "x.h5"), "/a/b", array.shape, "float32", "x.h5")


def of_archive(folder: Path, array: np.ndarray, method: int = zipfile.ZIP_STORED) -> ArraySource:
    of_hdf5(folder, array)
    with zipfile.ZipFile(folder / "x.keras", "w", method) as archive:
        archive.writestr("config.json", "{}")
        archive.write(folder / "x.h5", "model.weights.h5")
    return ArraySource(str(folder / "x.keras"), "/a/b", array.shape, "float32", "x.keras")


def of_packed_archive(folder: Path, array: np.ndarray) -> ArraySource:
    return of_archive(folder, array, zipfile.ZIP_DEFLATED)


KINDS = [
    of_npy, of_fortran, of_big_endian, of_npz, of_packed_npz, of_hdf5, of_archive,
    of_packed_archive,
]  # fmt: skip


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("budget", [1 << 20, 7])
def test_every_kind_of_source(model: Path, tmp_path: Path, make: Any, budget: int, monkeypatch):
    monkeypatch.setattr(sources, "BUDGET", budget)
    array = numbers()
    old = model.read_bytes()
    document = edited(model, make(tmp_path, array).stamped())
    plan = plan_save(document)
    assert [c.name for c in plan.weights] == ["kernel"]
    assert (plan.flags, plan.slots.touched) == ((), False)
    save(document, tmp_path / "out.h5")
    assert model.read_bytes() == old
    assert differences(model, tmp_path / "out.h5") == {KERNEL}
    np.testing.assert_array_equal(stored(tmp_path / "out.h5"), array)
    save(document)
    assert model.read_bytes() == (tmp_path / "out.h5").read_bytes()
    assert not document.changed
    assert names(model.parent) == ["m.h5"]


shapes = st.lists(st.integers(0, 5), min_size=0, max_size=4).map(tuple)


@given(shapes, st.booleans(), st.integers(1, 40), st.data())
def test_blocks_follow_the_file_and_leave_nothing_out(shape, fortran, budget, data):
    chunks = data.draw(st.none() | st.tuples(*(st.integers(1, max(n, 1)) for n in shape)))
    before, sources.BUDGET = sources.BUDGET, budget * 4
    try:
        order = "F" if fortran else "C"
        array = np.arange(np.prod(shape, dtype=int)).reshape(shape, order=order)
        found = [
            array[index].ravel(order=order)
            for index in sources.blocks(shape, 4, fortran=fortran, chunks=chunks or None)
        ]
    finally:
        sources.BUDGET = before
    largest = 4 * budget if chunks else budget
    assert all(0 < block.size <= largest for block in found)
    assert np.array_equal(np.concatenate([[], *found]), array.ravel(order=order))


# -- datasets ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "storage"),
    [("<f4", {"chunks": (2, 3)}), ("<f2", {"chunks": (4, 2), "compression": "gzip"}),
     (">f8", {"chunks": (6, 4), "shuffle": True, "fletcher32": True, "compression": "lzf"}),
     ("<f4", {"maxshape": (None, 4), "fillvalue": 3}), ("<i4", {}), ("?", {}), ("<u1", {})],
)  # fmt: skip
def test_the_dataset_keeps_dtype_storage_attributes(tmp_path: Path, dtype: str, storage: Any):
    def more(file: h5py.File) -> None:
        del file[KERNEL]
        made = file.create_dataset(KERNEL, data=np.ones((6, 4), dtype), **storage)
        made.attrs["unit"] = "volt"

    path = write_model(tmp_path / "m.h5", [6, 4, 2], more=more)
    array = (np.arange(24).reshape(6, 4) % 2).astype("float64")
    save(edited(path, npy(tmp_path, np.asfortranarray(array))), tmp_path / "out.h5")
    assert differences(path, tmp_path / "out.h5") == {KERNEL}
    with h5py.File(path) as old, h5py.File(tmp_path / "out.h5") as new:
        a, b = outline(old)[KERNEL], outline(new)[KERNEL]
        assert a[:8] == b[:8]  # all but the size of the stored bytes and the bytes
        assert outline(old)[KERNEL + "@unit"] == outline(new)[KERNEL + "@unit"]
    np.testing.assert_array_equal(stored(tmp_path / "out.h5"), array)


def test_not_a_number_infinity_and_signed_zero_stay(model: Path, tmp_path: Path):
    array = numbers()
    array.flat[:5] = [np.nan, np.inf, -np.inf, -0.0, np.float32(1e-42)]
    array.view("<u4").flat[5] = 0x7FC12345  # a NaN with a message
    save(edited(model, npy(tmp_path, array)))
    assert stored(model).tobytes() == array.tobytes()


def test_scalars_and_empty_weights(tmp_path: Path):
    def more(file: h5py.File) -> None:
        group = file["model_weights/dense_0"]
        group.attrs["weight_names"] = [b"scale", b"nothing"]
        group["scale"], group["nothing"] = np.float32(1), np.zeros((0, 3), "float32")

    path = write_model(tmp_path / "m.h5", [6, 4, 2], more=more)
    document = Document(open_model(path))
    scale, nothing = document.model["dense_0"].weights
    document.apply(
        SetWeight("dense_0", scale.name, npy(tmp_path, np.float64(2.5), "a.npy")),
        SetWeight("dense_0", nothing.name, npy(tmp_path, np.zeros((0, 3)), "b.npy")),
    )
    save(document)
    assert stored(path, scale.dataset) == 2.5
    assert not document.changed


@pytest.mark.parametrize(
    ("given_", "dtype"),
    [([1e300], "float32"), ([70000.0], "float16"), ([0.5], "int32"), ([np.nan], "int64"),
     ([-1], "uint8"), ([2**40], "int32"), ([2], "bool"), ([1j], "float32"), ([3.4e38], BFLOAT16)],
)  # fmt: skip
def test_what_a_dtype_cannot_hold_is_refused(given_: list, dtype: Any):
    assert converted(np.array(given_), np.dtype(dtype)) is None


def test_a_weight_that_cannot_hold_the_values_is_left_alone(model: Path, tmp_path: Path):
    old = model.read_bytes()
    with pytest.raises(SaveFailed, match="kernel:0 is float32 and cannot hold"):
        save(edited(model, npy(tmp_path, np.full((6, 4), 1e200))))
    assert model.read_bytes() == old
    assert names(model.parent) == ["m.h5"]


@given(st.lists(st.floats(width=32), min_size=1, max_size=30))
def test_bfloat16_is_rounded_as_tensorflows_type(values: list[float]):
    """To nearest, ties to even: what ml_dtypes does, which is what Keras stores."""
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.array(values, "float32")
    expected = array.astype(ml_dtypes.bfloat16)
    made = converted(array, BFLOAT16)
    if np.any(np.isfinite(array) & ~np.isfinite(expected.astype("float32"))):
        assert made is None
        return
    assert made is not None
    back = converted(made, np.dtype("float32"))
    np.testing.assert_array_equal(back, expected.astype("float32"))
    assert converted(made, BFLOAT16) is made


def test_a_bfloat16_weight(tmp_path: Path):
    def more(file: h5py.File) -> None:
        del file[KERNEL]
        file.create_dataset(KERNEL, data=np.zeros((6, 4), BFLOAT16)).attrs["dtype"] = "bfloat16"

    path = write_model(tmp_path / "m.h5", [6, 4, 2], more=more)
    array = numbers()
    save(edited(path, npy(tmp_path, array)))
    halves = stored(path).view("<u2").astype("<u4") << 16
    assert np.allclose(halves.view("<f4"), array, rtol=2**-8)
    # and from there to another weight of the same file, which is read before it is replaced
    source = ArraySource(str(path), KERNEL, (6, 4), "void16", "itself")
    save(edited(write_model(tmp_path / "n.h5", [6, 4, 2]), source))
    np.testing.assert_array_equal(stored(tmp_path / "n.h5"), halves.view("<f4"))


def test_two_weights_of_one_file_change_places(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [4, 4, 4])
    document = Document(open_model(path))
    first, second = (document.model[f"dense_{i}"].weights[0].dataset for i in (0, 1))
    a, b = stored(path, first), stored(path, second)
    for layer, dataset in (("dense_0", second), ("dense_1", first)):
        source = ArraySource(str(path), dataset, (4, 4), "float32", dataset)
        document.apply(SetWeight(layer, "kernel", source.stamped()))
    save(document)
    np.testing.assert_array_equal(stored(path, first), b)
    np.testing.assert_array_equal(stored(path, second), a)


# -- what can go wrong ------------------------------------------------------------------------


def gone(source: ArraySource) -> None:
    Path(source.file).unlink()


def cut_off(source: ArraySource) -> None:
    os.truncate(source.file, Path(source.file).stat().st_size - 5)


def pickled(source: ArraySource) -> None:
    np.save(source.file, np.full((6, 4), {"a": 1}), allow_pickle=True)


def texts(source: ArraySource) -> None:
    np.save(source.file, np.full((6, 4), "text"))


def another_shape(source: ArraySource) -> None:
    np.save(source.file, np.zeros((4, 6), "float32"))


def nonsense(source: ArraySource) -> None:
    Path(source.file).write_bytes(b"\x93NUMPY\x01\x00\xff\xff" + b"(" * 70000)


def no_array(source: ArraySource) -> None:
    Path(source.file).write_text("<html>")


def damaged_zip(source: ArraySource) -> None:
    Path(source.file).write_bytes(b"PK\x03\x04" + bytes(100))


def not_that_member(source: ArraySource) -> None:
    with Path(source.file).open("wb") as file:
        np.savez(file, another=numbers())


def a_pipe(source: ArraySource) -> None:
    Path(source.file).unlink()
    os.mkfifo(source.file)


def linked(source: ArraySource) -> None:
    with h5py.File(source.file + ".other", "w") as file:
        file["k"] = numbers()
    with h5py.File(source.file, "w") as file:
        file["kernel"] = h5py.ExternalLink(source.file + ".other", "/k")


TROUBLES = {
    gone: "no longer exists", cut_off: "cut off", pickled: "never unpickled",
    texts: "not numbers", another_shape: r"\(4, 6\) now", nonsense: "cannot be read",
    no_array: "cut off or damaged|no HDF5|cannot", damaged_zip: "cannot be read",
    not_that_member: "cannot be read", a_pipe: "no ordinary file", linked: "no dataset",
}  # fmt: skip


@pytest.mark.parametrize("spoil", TROUBLES)
def test_sources_that_are_of_no_use(model: Path, tmp_path: Path, spoil: Any):
    """One clear sentence that names the file; nothing is written, nothing left behind."""
    old = model.read_bytes()
    given_ = npy(tmp_path, numbers(), "new.npy")
    if spoil in (not_that_member, linked):
        given_ = ArraySource(given_.file, "kernel", (6, 4), "float32", "x")
    document = edited(model, given_)
    spoil(given_)
    with pytest.raises(SaveFailed, match=TROUBLES[spoil]) as caught:
        save(document)
    assert "new.npy" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "Nothing was written" in str(caught.value)
    if spoil is not cut_off:  # which shows when it is read
        with pytest.raises(SaveFailed, match=TROUBLES[spoil]):
            plan_save(document)
    assert model.read_bytes() == old
    assert names(model.parent) == ["m.h5"]
    document.revert(["dense_0"])
    save(document)  # nothing to do any more


def test_a_source_that_was_changed_since_it_was_chosen(model: Path, tmp_path: Path):
    document = edited(model, npy(tmp_path, numbers()).stamped())
    np.save(tmp_path / "new.npy", numbers() + 1)
    os.utime(tmp_path / "new.npy", (1, 1))
    with pytest.raises(SaveFailed, match="has changed since it was chosen"):
        save(document)


@pytest.mark.parametrize("where", ["soft", "external link", "external storage", "hard", "virtual"])
def test_only_this_weight_of_this_file_is_ever_written(tmp_path: Path, where: str):
    """A hostile file whose weight is somebody else's data, or another weight's too."""
    victim = tmp_path / "victim.h5"
    with h5py.File(victim, "w") as file:
        file["k"] = np.ones((6, 4), "float32")
    (tmp_path / "victim.raw").write_bytes(bytes(96))

    def more(file: h5py.File) -> None:
        if where == "hard":
            file["again"] = file[KERNEL]
            return
        del file[KERNEL]
        if where == "soft":
            file["k"] = np.ones((6, 4), "float32")
            file[KERNEL] = h5py.SoftLink("/k")
        elif where == "external link":
            file[KERNEL] = h5py.ExternalLink("victim.h5", "/k")
        elif where == "virtual":
            layout = h5py.VirtualLayout((6, 4), "float32")
            layout[:] = h5py.VirtualSource(str(victim), "k", (6, 4))
            file.create_virtual_dataset(KERNEL, layout)
        else:
            storage = [(str(tmp_path / "victim.raw"), 0, 96)]
            file.create_dataset(KERNEL, (6, 4), "float32", external=storage)

    path = write_model(tmp_path / "m.h5", [6, 4, 2], more=more)
    before = victim.read_bytes(), path.read_bytes(), (tmp_path / "victim.raw").read_bytes()
    document = Document(open_model(path))
    if where != "hard":  # reading does not even list it, so it is put there by hand
        clean = open_model(write_model(tmp_path / "clean.h5", [6, 4, 2]))
        document.original = document.model.with_layer(0, clean["dense_0"])
        document.model = document.original
    document.apply(SetWeight("dense_0", "kernel", npy(tmp_path, numbers())))
    with pytest.raises(SaveFailed):
        save(document)
    now = victim.read_bytes(), path.read_bytes(), (tmp_path / "victim.raw").read_bytes()
    assert now == before


def test_progress_and_cancelling(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(sources, "BUDGET", 4096)
    path = write_model(tmp_path / "m.h5", [100, 300, 2])
    document = edited(path, npy(tmp_path, numbers((100, 300))))
    seen: list[float] = []
    save(document, tmp_path / "out.h5", progress=lambda _, part: seen.append(part))
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert len(seen) > 50
    for stop in (2, len(seen) // 2, len(seen) - 4):
        asked = iter(range(10_000))
        with pytest.raises(SaveCancelled):
            save(document, tmp_path / "out2.h5", cancelled=lambda a=asked, s=stop: next(a) > s)
        assert "out2.h5" not in names(tmp_path)
    assert threading.active_count() < 20
    assert document.changed


def test_several_layers_that_share_a_dataset_must_agree(model: Path, tmp_path: Path):
    document = Document(open_model(model))
    first = document.model["dense_0"]
    twin = document.model["dense_1"].with_fields(weights=first.weights)
    document.original = document.model = document.model.with_layer(1, twin)
    document.apply(SetWeight("dense_0", "kernel", npy(tmp_path, numbers(), "a.npy")))
    document.apply(SetWeight("dense_1", "kernel", npy(tmp_path, numbers(), "b.npy")))
    with pytest.raises(SaveFailed, match="share the dataset"):
        save(document)

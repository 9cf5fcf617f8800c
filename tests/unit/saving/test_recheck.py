"""What a save writes is compared with its source: each thing that must not differ is noticed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from unit.saving.hand_made import write_model
from unit.saving.test_save import flags, frozen, names

from kerastui import Document, open_model, save
from kerastui.edits import Rename
from kerastui.errors import SaveCancelled, SaveFailed
from kerastui.files.read_at import filler_of
from kerastui.saving import carry_out, recheck, unchanged
from kerastui.saving.spans import Span, first_difference, joined


def extras(file: h5py.File) -> None:
    mine = file.create_group("mine")
    mine.create_dataset("chunked", data=np.arange(5000.0), chunks=(1000,), compression="gzip")
    file["mine/twin"] = mine["chunked"]
    mine["soft"] = h5py.SoftLink("/mine/chunked")
    mine.create_dataset("text", data=["a", "ü"], dtype=h5py.string_dtype())


WEIGHTS = "model_weights/dense_{0}/dense_{0}/kernel:0"


def one_value(file: h5py.File) -> None:
    file[WEIGHTS.format(1)][0, 0] += 1


def a_chunk(file: h5py.File) -> None:
    file["mine/chunked"][10] += 1


def swapped(file: h5py.File) -> None:
    """Two weights of one shape, each under the other's name: no description tells."""
    group = file["model_weights"]
    group.move("dense_0/dense_0/kernel:0", "spare")
    group.move("dense_1/dense_1/kernel:0", "dense_0/dense_0/kernel:0")
    group.move("spare", "dense_1/dense_1/kernel:0")


def an_attribute(file: h5py.File) -> None:
    file[WEIGHTS.format(1)].attrs["odd"] = 1


def gone(file: h5py.File) -> None:
    del file["mine/text"]


HARMS = [
    *((harm, True) for harm in (one_value, swapped, an_attribute)),
    *((harm, False) for harm in (one_value, a_chunk, swapped, an_attribute, gone)),
]


@pytest.mark.parametrize(("harm", "plain"), HARMS)
def test_harm_done_to_what_was_to_stay(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    harm: Callable[[h5py.File], None],
    plain: bool,
):
    """In a file that is read directly, and in one with structures that libhdf5 has to read."""
    path = write_model(tmp_path / "m.h5", [40, 40, 40], **({} if plain else {"more": extras}))
    old = path.read_bytes()
    opened = carry_out.opened

    @contextmanager
    def opened_and_harmed(where: Path, mode: str):
        with opened(where, mode) as file:
            yield file
            if mode == "r+":
                harm(file)

    monkeypatch.setattr(carry_out, "opened", opened_and_harmed)
    with pytest.raises(SaveFailed, match="not what was meant"):
        save(frozen(path))
    assert path.read_bytes() == old
    assert names(tmp_path) == ["m.h5"]
    monkeypatch.undo()
    asked: list[bool] = []
    by_libhdf5 = unchanged._by_libhdf5

    def tell(*args: Any) -> Any:
        asked.append(True)
        return by_libhdf5(*args)

    monkeypatch.setattr(unchanged, "_by_libhdf5", tell)
    save(frozen(path))
    assert flags(path) == [False, True]
    assert bool(asked) is not plain


@pytest.mark.parametrize(("harmed", "noticed"), [(0, True), (1, False)])
def test_of_a_big_model_the_groups_that_were_touched_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harmed: int, noticed: bool
):
    monkeypatch.setattr(recheck, "LIMIT", 1000)
    path = write_model(tmp_path / "m.h5", [40, 40, 40])
    write = carry_out.rename_stored

    def write_and_harm(file: h5py.File, found: object) -> None:
        file[WEIGHTS.format(harmed)][0, 0] += 1
        write(file, found)  # type: ignore[arg-type]

    monkeypatch.setattr(carry_out, "rename_stored", write_and_harm)
    document = Document(open_model(path))
    document.apply(Rename((("dense_0", "first"),)))
    if noticed:
        with pytest.raises(SaveFailed, match="values of weights"):
            save(document)
    else:
        save(document)


def test_verification_can_be_cancelled(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [400, 400, 400])
    old, seen = path.read_bytes(), list[float]()

    def report(stage: str, fraction: float) -> None:
        if stage == "verifying":
            seen.append(fraction)

    with pytest.raises(SaveCancelled):
        save(frozen(path), progress=report, cancelled=lambda: len(seen) >= 2)
    assert path.read_bytes() == old
    assert names(tmp_path) == ["m.h5"]


def test_stretches_that_touch_are_read_as_one(tmp_path: Path):
    spans = [Span(100, 200, 10), Span(0, 0, 50), Span(110, 210, 5), Span(50, 60, 7)]
    assert joined(spans) == [Span(0, 0, 50), Span(50, 60, 7), Span(100, 200, 15)]
    (tmp_path / "old").write_bytes(data := bytes(range(256)))
    (tmp_path / "new").write_bytes(bytes(100) + data)
    with (tmp_path / "old").open("rb") as old, (tmp_path / "new").open("rb") as new:
        files = filler_of(old.fileno()), filler_of(new.fileno())
        told: list[float] = []
        same = [Span(0, 100, 100), Span(120, 220, 3)]
        assert first_difference(*files, same, told.append) is None
        assert told == [103]
        other = Span(120, 221, 3)
        assert first_difference(*files, [*same[:1], other], told.append) == other
        beyond = Span(250, 350, 10)  # both end there: nothing can be said
        assert first_difference(*files, [beyond], told.append) == beyond
        based = files[0], filler_of(new.fileno(), 100)
        assert first_difference(*based, [Span(0, 0, 256)], told.append) is None

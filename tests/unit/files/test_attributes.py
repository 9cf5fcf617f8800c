"""Lists of names: both storage forms, whole and in pieces, read and written back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerastui.errors import UnreadableFile
from kerastui.files.attributes import read_names, read_text, write_names

MANY = [f"block_{i}/some_layer_with_a_long_name/kernel:0" for i in range(5000)]


@pytest.fixture
def file(tmp_path: Path) -> Any:
    with h5py.File(tmp_path / "a.h5", "w") as opened:
        yield opened


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (np.array([b"ab", b"cde"]), ["ab", "cde"]),
        (np.array(["äb", "c"], dtype=object), ["äb", "c"]),
        ([b"x"], ["x"]),
        (np.array([]), []),
        (h5py.Empty("S1"), []),
        (np.array([b"\xff"]), ["\udcff"]),
    ],
)
def test_every_form_is_read(file: Any, value: Any, names: list[str]) -> None:
    file.attrs["n"] = value
    assert read_names(file, "n") == names
    assert read_names(file["/"].id, "n") == names
    assert read_names(file, "absent") is None


def test_texts(file: Any) -> None:
    file.attrs["s"], file.attrs["b"], file.attrs["list"] = "ä", np.bytes_(b"b"), [b"one"]
    file.attrs["two"], file.attrs["number"] = [b"a", b"b"], 5
    assert [read_text(file, name) for name in ("s", "b", "list", "no")] == ["ä", "b", "one", None]
    for name in ("two", "number"):
        with pytest.raises(UnreadableFile):
            read_text(file, name)


@pytest.mark.parametrize("kind", ["S", "O"])
def test_long_lists_are_split_and_joined(file: Any, kind: str) -> None:
    file.attrs["n"] = np.array([b"a"] if kind == "S" else ["a"], dtype=kind)
    write_names(file, "n", MANY)
    assert "n" not in file.attrs and len(file.attrs) > 1
    assert read_names(file, "n") == MANY
    assert all(name.startswith("n") and name[1:].isdigit() for name in file.attrs)
    before = list(file.attrs)
    write_names(file, "n", MANY[::-1])
    assert list(file.attrs) == before and read_names(file, "n") == MANY[::-1]
    write_names(file, "n", MANY[:2])
    assert list(file.attrs) == ["n0"] and read_names(file, "n") == MANY[:2]


@pytest.mark.parametrize("kind", ["S", "O"])
def test_the_form_stays(file: Any, kind: str) -> None:
    file.attrs["n"] = np.array([b"ab", b"c"] if kind == "S" else ["ab", "c"], dtype=kind)
    before = file.attrs.get_id("n").get_type()
    write_names(file, "n", ["c", "ab"])
    assert file.attrs.get_id("n").get_type().equal(before)
    assert read_names(file, "n") == ["c", "ab"]
    with pytest.raises(KeyError):
        write_names(file, "absent", ["x"])


def test_a_name_that_fits_in_no_attribute(file: Any) -> None:
    file.attrs["n"] = np.array([b"a"])
    with pytest.raises(ValueError, match="too long"):
        write_names(file, "n", ["x" * 70_000])
    assert read_names(file, "n") == ["a"]


NAMES = st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), max_size=20)


@given(old=st.sampled_from(["S", "O"]), names=NAMES)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, old: str, names: list[str]
) -> None:
    with h5py.File(tmp_path_factory.getbasetemp() / "p.h5", "w") as file:
        file.attrs["n"] = np.array([b"a"] if old == "S" else ["a"], dtype=old)
        write_names(file, "n", names)
        assert read_names(file, "n") == names

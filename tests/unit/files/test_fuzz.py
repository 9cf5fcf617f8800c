"""Files cut off at any byte, and files with any bytes changed: never anything but our errors."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from conftest import MODELS_DIR
from hypothesis import given, settings
from hypothesis import strategies as st

from kerastui.errors import KerastuiError
from kerastui.files import glance, open_model

from .made import plain_model, write_archive

REAL = [
    "made/keras-1.2.2-tf/seq_merge.hdf5",
    "made/tf-2.4.4/stateful_lstm.hdf5",
    "made/tf-2.13.1/v3fmt.keras",
    "made/tf-2.13.1/subclassed_weights.h5",
    "made/keras-3.15/adam.keras",
]


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("whole")
    paths = [plain_model(folder / "m.h5"), write_archive(folder / "m.keras")]
    if MODELS_DIR is not None:
        paths += [MODELS_DIR / name for name in REAL]
    return [path.read_bytes() for path in paths]


def survives(path: Path, data: bytes) -> bool:
    """Open what may be broken; return whether it could be opened."""
    path.write_bytes(data)
    seen = glance(path)
    assert seen.size == len(data)
    try:
        model = open_model(path)
    except KerastuiError as error:
        assert str(error) and "\n" not in str(error)
        return False
    pickle.dumps(model)
    assert model.parameters.total >= 0 and len(model.boxes) == len(model.layers)
    return True


@settings(max_examples=250)
@given(which=st.integers(0, 6), part=st.floats(0, 1, exclude_max=True))
def test_cut_off_anywhere(
    originals: list[bytes], tmp_path_factory: pytest.TempPathFactory, which: int, part: float
) -> None:
    data = originals[which % len(originals)]
    path = tmp_path_factory.getbasetemp() / "cut.h5"
    assert not survives(path, data[: int(len(data) * part)])


FLIPS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=30)


@settings(max_examples=500)
@given(which=st.integers(0, 6), flips=FLIPS, head=st.booleans())
def test_bytes_changed_anywhere(
    originals: list[bytes],
    tmp_path_factory: pytest.TempPathFactory,
    which: int,
    flips: list[tuple[float, int]],
    head: bool,
) -> None:
    data = bytearray(originals[which % len(originals)])
    reach = min(len(data), 6000) if head else len(data)
    for part, value in flips:
        data[int(reach * part)] = value
    opened = survives(tmp_path_factory.getbasetemp() / "flipped.h5", bytes(data))
    assert opened or flips

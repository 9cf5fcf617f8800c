"""Where values are found in files of every build, beside what h5py reads."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerastui.files.arrays import open_arrays
from kerastui.files.flat import Flat

VALUES = np.arange(2 * 3000 * 5, dtype="f4").reshape(2, 3000, 5)
BLOCKS = [
    (slice(0, 2), slice(0, 3000), slice(0, 5)),
    (slice(1, 2), slice(7, 2900), slice(3, 4)),  # far apart, few of each
    (slice(0, 2), slice(2999, 3000), slice(0, 5)),
    (slice(0, 2), slice(5, 5), slice(0, 5)),
]


def write(path: Path, **options: Any) -> None:
    with h5py.File(path, "w", **options) as file:
        for dtype in ("f4", ">f8", "i2", "c8", "?"):
            file[f"a/b/{dtype}"] = VALUES.astype(dtype)
        file.create_dataset("unwritten", (2, 3000, 5), "f4", fillvalue=3)
        file["linked"] = file["a/b/f4"]


@pytest.mark.parametrize("options", [{}, {"libver": "latest"}, {"userblock_size": 512}])
@pytest.mark.parametrize("packing", [None, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_blocks_of_every_build(options: Any, packing: int | None, tmp_path: Path) -> None:
    plain, path = tmp_path / "a.h5", tmp_path / "a.keras"
    write(plain, **options)
    if packing is not None:
        if options.get("userblock_size"):
            pytest.skip("h5py would look for the file at the beginning of the member")
        with zipfile.ZipFile(path, "w", packing) as archive:
            archive.writestr("config.json", "{}")
            archive.write(plain, "model.weights.h5")
    quick = not options and packing != zipfile.ZIP_DEFLATED
    with (
        h5py.File(plain, locking=False) as file,
        open_arrays(str(plain if packing is None else path)) as arrays,
    ):
        for name in ("a/b/f4", "a/b/>f8", "a/b/i2", "a/b/c8", "a/b/?", "unwritten", "linked"):
            array, expected = arrays.array(f"/{name}"), np.asarray(file[name])
            assert array.shape == expected.shape and array.dtype == expected.dtype
            for block in BLOCKS:
                assert np.array_equal(array.read(block), expected[block])
            if array.in_one_run:
                found = array.read_run(7, np.empty(100, array.dtype))
                assert np.array_equal(found, expected.reshape(-1)[7:107])
            plain_type = name in ("a/b/f4", "a/b/i2", "linked")
            assert isinstance(array.blocks, Flat) == (quick and plain_type)


def test_plain_weights_do_without_h5py(tmp_path: Path) -> None:
    write(tmp_path / "a.h5")
    program = (
        "import sys\nfrom kerastui.files.arrays import open_arrays\n"
        f"with open_arrays({str(tmp_path / 'a.h5')!r}) as arrays:\n"
        "    print(arrays.array('/a/b/f4').read((slice(1, 2),) * 3).item(), 'h5py' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == [b"15006.0", b"False"]

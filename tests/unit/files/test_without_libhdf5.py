"""What Keras writes is read without libhdf5: importing it would take longer than reading."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from kerastui.files import header_parts

OPEN = """
import sys
sys.modules["h5py"] = sys.modules["numpy"] = None  # an import of either fails
from kerastui.files import glance, open_model, read_configs
for path in sys.argv[1:]:
    model = open_model(path)
    assert glance(path).format == model.format, path
    assert model.format not in ("hdf5", "keras") or read_configs(path)[0], path
    print(path, len(model.layers))
"""


def test_sample_models_open_without_h5py_and_numpy(sample_dir: Path) -> None:
    paths = [str(p) for p in sorted(sample_dir.iterdir()) if p.suffix in (".h5", ".keras")]
    found = subprocess.run([sys.executable, "-c", OPEN, *paths], capture_output=True, text=True)
    assert found.stderr == ""
    counts = [int(line.rpartition(" ")[2]) for line in found.stdout.splitlines()]
    assert len(counts) == len(paths) > 3 and min(counts) > 0


@pytest.mark.parametrize("name", ["float16", "float32", "float64", "int8", "int64", "uint32"])
def test_types_of_numbers_are_known_as_libhdf5_encodes_them(name: str) -> None:
    message: bytes = h5py.h5t.py_create(np.dtype(name).newbyteorder("<")).encode()
    body = message[2:]  # without the two bytes of its own that `encode` puts before
    assert (name, np.dtype(name).itemsize) in [
        what for known, what in header_parts._PLAIN_TYPES.items() if body.startswith(known)
    ]


def test_a_type_of_another_byte_order_is_left_to_libhdf5() -> None:
    body = h5py.h5t.py_create(np.dtype(">f4")).encode()[2:]
    assert not any(body.startswith(known) for known in header_parts._PLAIN_TYPES)
    assert header_parts._type_name(body) == ("float32", 4)

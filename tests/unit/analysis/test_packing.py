"""4-bit numbers that Keras packs two in a byte: told by the layer, unpacked as they are read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerastui.analysis.looking import Looking
from kerastui.analysis.statistics import statistics_of
from kerastui.files import open_model
from kerastui.model import Layer, Weight
from kerastui.model.axes import axes
from kerastui.model.packing import Packing, packing_of
from kerastui.model.places import Kept

INT4 = {"class_name": "Int4DTypePolicy", "config": {"mode": "int4/128", "source_name": "float32"}}
GPTQ = {"class_name": "GPTQDTypePolicy", "config": {"mode": "gptq/4/128"}}
Sizes = dict[str, tuple[str, tuple[int, ...]]]


def layer_of(kind: str, policy: object, sizes: Sizes, **config: Any) -> Layer:
    weights = [Weight(n, n, f"/w/{n}", shape, dtype) for n, (dtype, shape) in sizes.items()]
    return Layer(
        "x", "x", kind, trainable=True, weights=tuple(weights), config={"dtype": policy, **config}
    )


def packings(layer: Layer) -> dict[str, Packing]:
    found = {weight.name: packing_of(layer, weight) for weight in layer.weights}
    return {name: packing for name, packing in found.items() if packing}


def test_sizes_that_keras_gives_tell_the_packed_axis() -> None:
    """Shapes as Keras 3.15 saves them, by name (HDF5) and without (archives)."""
    scales: Sizes = {
        "kernel_scale": ("float32", (1, 7)), "kernel_zero": ("int8", (1, 7)),
        "g_idx": ("float32", (90,)),
    }  # fmt: skip
    dense = layer_of("Dense", INT4, {"kernel": ("int8", (90, 4)), **scales}, units=7)
    assert packings(dense) == {"kernel": Packing(1, 7, "int4")}
    nameless = {f"vars/{n}": size for n, size in enumerate([("int8", (90, 4)), *scales.values()])}
    assert packings(layer_of("Dense", INT4, nameless, units=7)) == {"vars/0": Packing(1, 7, "int4")}
    older = layer_of("Dense", "int4_from_float32", {"kernel": ("int8", (32, 63))}, units=63)
    assert packings(older) == {"kernel": Packing(0, 64, "int4")}
    table: Sizes = {
        "embeddings": ("int8", (20, 5)), "embeddings_zero": ("int8", (20, 1)),
        "reverse_embeddings": ("int8", (5, 20)),
    }  # fmt: skip
    assert packings(layer_of("ReversibleEmbedding", INT4, table, output_dim=9)) == {
        "embeddings": Packing(1, 9, "int4"), "reverse_embeddings": Packing(0, 9, "int4")
    }  # fmt: skip
    einsum: Sizes = {
        "kernel": ("int8", (9, 8)), "bias": ("float32", (3, 5)),
        "kernel_scale": ("float32", (1, 15)), "g_idx": ("float32", (9,)),
    }  # fmt: skip
    half = {**dict(list(einsum.items())[:2]), "vars/2": einsum["kernel_scale"]}  # in archives
    assert packings(layer_of("EinsumDense", INT4, half)) == {"kernel": Packing(1, 15, "int4")}
    named = {f"query/{name}": size for name, size in einsum.items()}
    assert packings(layer_of("EinsumDense", INT4, einsum)) == {"kernel": Packing(1, 15, "int4")}
    assert packings(layer_of("X", INT4, named)) == {"query/kernel": Packing(1, 15, "int4")}
    turned = layer_of("Dense", GPTQ, {"kernel": ("uint8", (4, 90))}, units=7)
    assert packings(turned) == {"kernel": Packing(0, 7, "uint4")}
    assert axes(turned, turned.weights[0]) == axes(dense, dense.weights[0])[::-1] != ()


@pytest.mark.parametrize("policy", ["int8", {"config": ["int4"]}, {"config": {"name": 4}}, None, 3])
def test_other_policies_pack_nothing(policy: object) -> None:
    assert not packings(layer_of("Dense", policy, {"kernel": ("int8", (90, 4))}, units=7))


def packed(values: np.ndarray, axis: int, kind: str) -> np.ndarray:
    """As `keras.quantizers.pack_int4` does: an odd axis is filled up with a zero."""
    rows = np.moveaxis(values, axis, 0)
    rows = np.concatenate([rows, np.zeros((len(rows) % 2, *rows.shape[1:]), int)])
    both = ((rows[::2] & 15) | ((rows[1::2] & 15) << 4)).astype("u1").view(kind)
    return np.moveaxis(both, 0, axis)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("kind", ["int4", "uint4"])
@pytest.mark.parametrize("storage", [{}, {"chunks": (3, 4), "compression": "gzip"}])
def test_any_window_of_the_numbers(axis: int, kind: str, storage: Any, tmp_path: Path) -> None:
    low, high = (-8, 8) if kind == "int4" else (0, 16)
    values = np.random.default_rng(1).integers(low, high, (13, 11))
    path = tmp_path / "m.h5"
    stored = packed(values, axis, kind.replace("4", "8"))
    with h5py.File(path, "w") as file:
        file.create_dataset("w", data=stored, **storage)
    place = Kept(
        open_model(str(path)).file, kind.replace("4", "8"), Packing(axis, [13, 11][axis], kind)
    )
    looking = Looking(lambda: False)
    for rows, columns in (((0, 0, 13), (1, 0, 11)), ((0, 3, 4), (1, 5, 1)), ((0, 4, 1), (1, 1, 6))):
        found = looking.window(place, "/w", rows, columns, ())
        assert np.array_equal(found.values, values[found.rows][:, found.columns])
    histogram = looking.histogram(lambda *_: None, place, "/w", None, None, 16)
    assert histogram and sum(histogram.counts) == values.size
    assert (histogram.low, histogram.high) == (values.min(), values.max())
    largest = looking.find(lambda *_: None, place, "/w", "largest", None)
    assert largest and largest.index == np.unravel_index(values.argmax(), values.shape)
    asis = looking.window(place.file, "/w", (0, 0, 9), (1, 0, 3), ())
    assert np.array_equal(asis.values, stored[:9, :3])
    looking.close()


def test_statistics_count_no_filling(tmp_path: Path) -> None:
    values = np.random.default_rng(2).integers(-8, 8, (6, 7))
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["w/kernel"] = packed(values, 1, "int8")
    layer = layer_of("Dense", INT4, {"kernel": ("int8", (6, 4))}, units=7)
    (row,) = statistics_of(replace(open_model(str(path)), layers=(layer,), extra=()))
    assert row.shape == (6, 7) and row.dtype == "int4" and row.has("packed")
    assert row.figures is not None
    assert (row.figures.count, row.figures.zeros) == (42, np.count_nonzero(values == 0))
    assert row.figures.std == pytest.approx(values.std())


def test_a_file_that_is_not_as_described_shows_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["w"] = np.arange(6, dtype="i1")
    place = Kept(open_model(str(path)).file, "int8", Packing(1, 9, "int4"))
    looking = Looking(lambda: False)
    assert looking.window(place, "/w", (0, 0, 6), None, ()).values[5] == (5,)
    looking.close()

"""What is odd about weights: filters, moving statistics, weights as an initializer draws them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from generate import Spec, write_model
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_arrays import stored

from kerastui.analysis import filters, streaming
from kerastui.analysis.figures import figures_of
from kerastui.analysis.filters import dead_filters, duplicate_filters, filter_axis
from kerastui.analysis.initial_look import looks_initial
from kerastui.analysis.results import WeightStatistics
from kerastui.analysis.statistics import statistics_of
from kerastui.draws import draw
from kerastui.edits.initial import initializer_of
from kerastui.files import open_model
from kerastui.model import Layer, Weight


def flags(rows: tuple[WeightStatistics, ...]) -> dict[str, set[str]]:
    return {row.path: {flag.name for flag in row.flags} for row in rows}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A chain of Conv2D and BatchNormalization with random weights, which a test spoils."""
    path = tmp_path / "m.h5"
    write_model(path, Spec(layers=8, filters=6))
    return path


def spoil(path: Path, name: str, values: Any) -> None:
    with h5py.File(path, "r+") as file:
        layer = name.split("/")[0]
        dataset = file[f"model_weights/{layer}/{name}:0"]
        assert isinstance(dataset, h5py.Dataset)
        dataset[...] = values


def test_a_sound_model_has_no_flags(model: Path) -> None:
    rows = statistics_of(open_model(str(model)), duplicates=True)
    assert len(rows) == 14
    assert not any(row.flags or row.problem for row in rows)


def test_flags_of_values(model: Path) -> None:
    spoil(model, "block1_conv/bias", [0, 1, np.nan, 2, np.inf, np.nan])
    spoil(model, "block1_bn/beta", 0)
    spoil(model, "block1_bn/gamma", 0.25)
    rows = statistics_of(open_model(str(model)))
    found = flags(rows)
    assert found.pop("block1_conv/bias") == {"nan", "inf"}
    assert found.pop("block1_bn/beta") == {"zero"}
    assert found.pop("block1_bn/gamma") == {"constant"}
    assert not any(found.values())
    (row,) = (row for row in rows if row.path == "block1_conv/bias")
    assert [(flag.name, flag.count) for flag in row.flags] == [("nan", 2), ("inf", 1)]


def test_moving_statistics(model: Path) -> None:
    spoil(model, "block1_bn/moving_mean", 0)
    spoil(model, "block1_bn/moving_variance", 1)
    spoil(model, "block2_bn/moving_variance", [1, 0, 2, 1e-9, 1, 1e-5])
    rows = statistics_of(open_model(str(model)))
    found = flags(rows)
    assert found["block1_bn/moving_mean"] == {"zero", "untouched"}
    assert found["block1_bn/moving_variance"] == {"constant", "untouched"}
    (row,) = (row for row in rows if row.path == "block2_bn/moving_variance")
    assert [(flag.name, flag.indices) for flag in row.flags] == [("variance", (1, 3))]


def test_filters_of_a_model(model: Path) -> None:
    with h5py.File(model, "r+") as file:
        kernel: Any = file["model_weights/block1_conv/block1_conv/kernel:0"]
        kernel[..., 2] = 1e-12
        kernel[..., 5] = kernel[..., 0]
    rows = statistics_of(open_model(str(model)), duplicates=True)
    (row,) = (row for row in rows if row.flags)
    dead, same = row.flags
    assert (dead.name, dead.count, dead.indices, dead.axis) == ("dead", 1, (2,), 3)
    assert (same.name, same.groups, same.indices) == ("duplicates", ((0, 5),), (5,))


@settings(max_examples=60)
@given(st.data())
def test_filters_along_any_axis(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(*[st.integers(2, 5)] * data.draw(st.integers(2, 4))))
    axis = data.draw(st.integers(0, len(shape) - 1))
    dtype = data.draw(st.sampled_from(["<f4", ">f2", "<f8", "i1", "<c8"]))
    values = np.random.default_rng(1).integers(1, 100, shape).astype(dtype)
    rows = np.moveaxis(values, axis, 0)
    side = shape[axis]
    dead = set(data.draw(st.lists(st.integers(0, side - 1), max_size=side - 1)))
    for place in dead:
        rows[place] = 0
    copied, onto = data.draw(st.tuples(st.integers(0, side - 1), st.integers(0, side - 1)))
    rows[onto] = rows[copied]
    flat = rows.reshape(side, -1)
    gone = [i for i in range(side) if not flat[i].any()]
    groups = [
        tuple(j for j in range(side) if np.array_equal(flat[i], flat[j]))
        for i in range(side)
        if i not in gone
    ]
    expected = tuple(dict.fromkeys(group for group in groups if len(group) > 1))
    chunks = data.draw(st.none() | st.tuples(*(st.integers(1, s) for s in shape)))
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(streaming, "PIECE", 16)
        patch.setattr(filters, "_GLANCE", 16)
        patch.setattr(filters, "SLICE", 3)
        with stored(Path(folder), values, chunks=chunks) as array:
            found = dead_filters(array, axis, 1.0)
            same = duplicate_filters(array, axis, found.indices if found else ())
    assert (found.indices if found else ()) == tuple(gone)
    assert (same.groups if same else ()) == expected


def test_two_signs_do_not_cancel_in_the_hash(tmp_path: Path) -> None:
    values = np.ones((4, 2))
    values[1:3, 1] = -1
    with stored(tmp_path, values) as array:
        assert duplicate_filters(array, 1) is None


def test_which_axis_is_the_filters() -> None:
    def axis(class_name: str, name: str, *shape: int, **config: Any) -> int | None:
        weight = Weight(name, name, "/w", shape, "float32")
        return filter_axis(Layer("l", "l", class_name, True, config=config), weight)

    assert axis("Conv2D", "kernel", 3, 3, 4, 8) == 3
    assert axis("Conv2DTranspose", "kernel", 3, 3, 8, 4) == 2
    assert axis("Dense", "kernel", 4, 8) == 1
    assert axis("LSTM", "recurrent_kernel", 4, 16) == 1
    assert axis("Conv2D", "W", 8, 4, 3, 3, dim_ordering="th") == 0
    assert axis("Mine", "kernel", 4, 8) == 1
    assert axis("Dense", "bias", 8) is None
    assert axis("GRU", "bias", 2, 24) is None
    assert axis("Embedding", "embeddings", 100, 8) is None
    assert axis("Mine", "table", 4, 8) is None


INITIALIZERS = (
    "GlorotUniform", "GlorotNormal", "HeNormal", "LecunUniform", "RandomNormal", "RandomUniform",
    "TruncatedNormal", "Orthogonal",
)  # fmt: skip


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_drawn_weights_look_never_trained(tmp_path: Path, name: str, dtype: str) -> None:
    weight = Weight("kernel", "kernel", "/d/w", (3, 3, 16, 32), dtype)
    config = {"kernel_initializer": {"class_name": name, "config": {}}, "groups": 1}
    layer = Layer("c", "c", "Conv2D", True, weights=(weight,), config=config)
    drawn = draw(initializer_of(layer, weight), weight.shape, seed=5)
    # As some training moves them: a tenth larger, and each by a tenth of their spread.
    moved = drawn * 1.1 + np.random.default_rng(1).normal(0, drawn.std() / 10, drawn.shape)
    for values, expected in ((drawn, True), (moved, False), (drawn + drawn.std() / 5, False)):
        with stored(tmp_path, values.astype(dtype)) as array:
            assert looks_initial(layer, weight, figures_of(array), array) is expected


def test_a_normal_is_no_uniform(tmp_path: Path) -> None:
    """Same mean and deviation, another distribution."""
    weight = Weight("kernel", "kernel", "/d/w", (200, 300), "float32")
    config = {"kernel_initializer": {"class_name": "RandomNormal", "config": {"stddev": 0.05}}}
    layer = Layer("d", "d", "Dense", True, weights=(weight,), config=config)
    side = 0.05 * np.sqrt(3)
    values = np.random.default_rng(1).uniform(-side, side, weight.shape).astype("f4")
    with stored(tmp_path, values) as array:
        assert looks_initial(layer, weight, figures_of(array), array) is False


def test_a_zero_bias_is_untrained_only_beside_such_a_kernel(model: Path) -> None:
    spoil(model, "block1_conv/bias", 0)
    spoil(model, "block2_conv/bias", 0)
    layer = open_model(str(model))["block2_conv"]
    kernel = layer.weights[0]
    spoil(model, "block2_conv/kernel", draw(initializer_of(layer, kernel), kernel.shape, 1))
    found = flags(statistics_of(open_model(str(model))))
    assert found["block1_conv/bias"] == {"zero"}
    assert found["block2_conv/bias"] == {"zero", "untrained"}
    assert found["block2_conv/kernel"] == {"untrained"}


@pytest.fixture
def lonely(tmp_path: Path) -> Path:
    """A model whose convolutions have no bias, with kernels as a normal distribution has them."""
    path = tmp_path / "lonely.h5"
    write_model(path, Spec(layers=8, filters=6))
    model = open_model(str(path))
    with h5py.File(path, "r+") as opened:
        file: Any = opened
        config = json.loads(file.attrs["model_config"])
        for layer in config["config"]["layers"]:
            if layer["class_name"] == "Conv2D":
                layer["config"] |= {
                    "kernel_initializer": {"class_name": "RandomNormal", "config": {}},
                    "use_bias": False,
                }
        file.attrs["model_config"] = json.dumps(config)
        for layer in model.layers:
            for weight in layer.weights:
                begun = {"gamma": 1, "moving_variance": 1}.get(weight.name, 0)
                file[weight.dataset][...] = begun
            if layer.class_name == "Conv2D":
                group = file[f"model_weights/{layer.name}"]
                group.attrs["weight_names"] = group.attrs["weight_names"][:1]
                kernel = np.random.default_rng(1).normal(0, 0.05, layer.weights[0].shape)
                file[layer.weights[0].dataset][...] = kernel
    return path


def test_a_kernel_alone_is_as_new_as_its_file(lonely: Path) -> None:
    """What looks as drawn may have been trained a little: a bias somewhere tells."""

    def untrained() -> set[str]:
        rows = statistics_of(open_model(str(lonely)))
        return {row.path for row in rows if row.has("untrained") and row.path.endswith("kernel")}

    kernels = {"block1_conv/kernel", "block2_conv/kernel"}
    assert untrained() == kernels
    for steps, expected in ((0, kernels), (3, set[str]())):
        with h5py.File(lonely, "r+") as file:
            file.pop("optimizer_weights", None)
            file.create_group("optimizer_weights")["iterations:0"] = np.int64(steps)
            file["optimizer_weights"].attrs["weight_names"] = [b"iterations:0"]
        assert untrained() == expected
    with h5py.File(lonely, "r+") as file:
        del file["optimizer_weights"]
    spoil(lonely, "block1_bn/beta", [0, 0, 0, 1e-3, 0, 0])
    assert untrained() == set()
    spoil(lonely, "block1_bn/beta", 0)
    spoil(lonely, "block1_bn/moving_mean", 1e-3)
    assert untrained() == set()


def test_orthogonal_weights_are_so_to_the_last_digits(tmp_path: Path) -> None:
    """Small steps leave the norm and take the right angles."""
    for shape in ((64, 256), (3, 3, 32, 16)):
        weight = Weight("kernel", "kernel", "/d/w", shape, "float32")
        layer = Layer("d", "d", "Dense", True, config={"kernel_initializer": "orthogonal"})
        drawn = draw(initializer_of(layer, weight), shape, 1)
        steps = 3e-4 * np.sign(np.random.default_rng(1).normal(0, 1, shape)).astype("f4")
        moved = drawn + steps
        moved *= np.linalg.norm(drawn) / np.linalg.norm(moved)
        for values, expected in ((drawn, True), (moved, False)):
            with stored(tmp_path, values) as array:
                assert looks_initial(layer, weight, figures_of(array), array) is expected


def test_depthwise_kernels_have_one_initializer_by_either_name() -> None:
    for name in ("kernel", "depthwise_kernel"):
        weight = Weight(name, name, "/d/w", (3, 3, 4, 1), "float32")
        config = {"depthwise_initializer": {"class_name": "HeNormal", "config": {}}}
        layer = Layer("d", "d", "DepthwiseConv2D", True, config=config)
        assert initializer_of(layer, weight).label == "HeNormal"


def test_an_lstm_bias_as_it_begins(tmp_path: Path) -> None:
    weight = Weight("bias", "bias", "/d/w", (40,), "float32")
    layer = Layer("l", "l", "LSTM", True, weights=(weight,))
    begun = np.zeros(40, "f4")
    begun[10:20] = 1
    for values, expected in ((begun, True), (begun[::-1], False), (np.zeros(40, "f4"), False)):
        with stored(tmp_path, values) as array:
            assert looks_initial(layer, weight, figures_of(array), array) is expected


def test_saturated_float16(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["a/half"] = np.array([1, -65504], "f2")
        file["a/fine"] = np.array([1, 65000], "f2")
        file["a/single"] = np.array([1, 65504], "f4")
    found = flags(statistics_of(open_model(str(path))))
    assert sorted(map(sorted, found.values())) == [[], [], ["saturated"]]

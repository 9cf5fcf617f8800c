"""Whole files compared: two formats, edited copies, renamed layers, frozen layers, checkpoints."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerastui.analysis.compare import compare
from kerastui.analysis.compare_results import Comparison, LayerChange
from kerastui.analysis.trail import trail
from kerastui.convert import convert
from kerastui.edits import Document, Rename, SetTrainable
from kerastui.files import open_model
from kerastui.saving import save

Copy = Callable[..., Path]


@pytest.fixture
def copy(sample_dir: Path, tmp_path: Path) -> Copy:
    def copy(name: str, as_name: str = "") -> Path:
        return Path(shutil.copy(sample_dir / name, tmp_path / (as_name or name)))

    return copy


def edited(path: Path, target: Path, *edits: Any) -> Path:
    document = Document(open_model(path))
    document.apply(*edits)
    save(document, target)
    return target


def differing(found: Comparison) -> dict[str, LayerChange]:
    return {layer.path: layer for layer in found.layers if not layer.same}


def add_to(path: Path, dataset: str, what: float) -> None:
    with h5py.File(path, "r+") as file:
        file[dataset][...] += what


@pytest.mark.parametrize("name", ["digits_cnn", "two_outputs"])
def test_one_model_in_two_formats_is_the_same(sample_dir: Path, name: str) -> None:
    found = compare(sample_dir / f"{name}.h5", sample_dir / f"{name}.keras")
    assert differing(found) == {}
    assert found.compile == ()
    assert (found.state.status, found.state.same, found.same) == ("compared", True, True)


def test_weights_alone_are_compared_by_name(sample_dir: Path) -> None:
    found = compare(sample_dir / "digits_cnn.h5", sample_dir / "digits_cnn.weights.h5")
    assert found.same
    assert not found.frozen.known
    assert sum(len(layer.weights) for layer in found.layers) == 11


def test_flags_and_renames_of_an_edited_copy(sample_dir: Path, tmp_path: Path) -> None:
    source = sample_dir / "transfer.h5"
    target = edited(
        source,
        tmp_path / "t.h5",
        Rename((("fc1", "head"), ("digits_base", "base"))),
        SetTrainable(("dense_1",), False),
    )
    found = compare(source, target)
    changed = differing(found)
    assert changed["head"].old_path == "fc1"
    assert changed["head"].how == "content"
    assert changed["base"].old_path == "digits_base"
    inside = next(layer for layer in found.layers if layer.path == "base/block1_conv1")
    assert (inside.old_path, inside.renamed) == ("digits_base/block1_conv1", False)
    assert changed["dense_1"].trainable == (True, False)
    assert {layer.status for layer in found.layers} == {"both"}
    assert all(w.state == "identical" for layer in found.layers for w in layer.weights)
    assert all(not layer.settings for layer in found.layers)


def test_frozen_layers_that_moved_are_named(copy: Copy) -> None:
    old, new = copy("transfer.h5", "old.h5"), copy("transfer.h5", "new.h5")
    assert compare(old, new).frozen.stayed is True
    places = {
        f"{layer.path}/{weight.name}": weight.dataset
        for layer in open_model(new).layers
        for weight in layer.weights
    }
    add_to(new, places["fc1/kernel"], 0.5)
    add_to(new, places["digits_base/block1_bn/moving_mean"], 0.5)
    found = compare(old, new)
    assert found.frozen.stayed is True
    assert found.frozen.statistics == ("digits_base/block1_bn",)
    add_to(new, places["digits_base/block1_conv2/bias"], 0.25)
    found = compare(old, new)
    assert found.frozen.stayed is False
    assert found.frozen.moved == ("digits_base/block1_conv2",)
    (bias,) = (w for w in differing(found)["digits_base/block1_conv2"].weights if not w.same)
    assert (bias.name, bias.state) == ("bias", "changed")
    assert bias.numbers is not None
    assert bias.numbers.max_abs == pytest.approx(0.25)


def test_renamed_and_trained_since(copy: Copy, tmp_path: Path) -> None:
    """What is neither called nor filled as before is found between the same two layers."""
    old = copy("digits_cnn.h5")
    new = edited(old, tmp_path / "new.h5", Rename((("conv2", "features"), ("digit", "answer"))))
    with h5py.File(new, "r+") as file:
        for name in ("features", "answer"):
            group = file["model_weights"][name]
            group[next(d for d in _datasets(group) if "kernel" in d)][...] += 0.5
    found = compare(old, new)
    assert {layer.status for layer in found.layers} == {"both"}
    changed = {layer.path: (layer.old_path, layer.how) for layer in found.layers if layer.old_path}
    assert changed == {"features": ("conv2", "place"), "answer": ("digit", "place")}


def test_optimizer_state_is_compared_by_slot(copy: Copy) -> None:
    old, new = copy("digits_cnn.h5", "old.h5"), copy("digits_cnn.h5", "new.h5")
    with h5py.File(new, "r+") as file:
        names = [n for n in _datasets(file["optimizer_weights"]) if "digit_bias" in n]
        file["optimizer_weights"][names[0]][...] += 1
    found = compare(old, new)
    (slot,) = (slot for slot in found.state.slots if not slot.same)
    assert slot.name.startswith("digit/")
    assert not found.same
    assert differing(found) == {}


def _datasets(group: Any) -> list[str]:
    found: list[str] = []
    group.visititems(lambda name, item: found.append(name) if hasattr(item, "dtype") else None)
    return found


def with_config(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        change(config)
        file.attrs["model_config"] = json.dumps(config)
    return path


def test_settings_are_told_by_name(copy: Copy) -> None:
    def change(config: dict[str, Any]) -> None:
        for layer in config["config"]["layers"]:
            if layer["config"]["name"] == "dropout":
                layer["config"]["rate"] = 0.5
                del layer["config"]["noise_shape"]
            if layer["config"]["name"] == "conv1":
                del layer["config"]["groups"]
                layer["config"]["kernel_initializer"] = "glorot_uniform"
            if layer["config"]["name"] == "bn1":
                layer["config"]["axis"] = 1

    old = copy("digits_cnn.h5", "old.h5")
    changed = differing(compare(old, with_config(copy("digits_cnn.h5", "new.h5"), change)))
    told = {
        path: [(c.name, c.old, c.new) for c in layer.settings] for path, layer in changed.items()
    }
    assert told == {"dropout": [("rate", "0.25", "0.5")], "bn1": [("axis", "-1", "1")]}


def test_names_that_keras_counted_on_go_by_place(copy: Copy) -> None:
    def count_on(config: dict[str, Any]) -> None:
        text = json.dumps(config).replace('"max_pooling2d"', '"max_pooling2d_7"')
        config.clear()
        config.update(json.loads(text.replace('"flatten"', '"flatten_3"')))

    new = with_config(copy("digits_cnn.h5", "new.h5"), count_on)
    found = compare(copy("digits_cnn.h5", "old.h5"), new)
    assert {c.path: (c.old_path, c.how) for c in found.layers if c.renumbered} == {
        "max_pooling2d_7": ("max_pooling2d", "place"),
        "flatten_3": ("flatten", "place"),
    }
    assert found.same


def of_layer(config: dict[str, Any], name: str) -> dict[str, Any]:
    layers = config["config"]["layers"]
    return next(layer for layer in layers if layer["config"]["name"] == name)


def told(found: Comparison) -> list[tuple[str, ...]]:
    """Return all settings that differ: layer ("" for the model), name, old, new."""
    rows = [("", *astuple(change)) for change in found.model]
    return rows + [
        (layer.path, *astuple(change)) for layer in found.layers for change in layer.settings
    ]


def test_how_a_model_is_wired_is_compared(copy: Copy) -> None:
    def in_inference(config: dict[str, Any]) -> None:
        call = of_layer(config, "digits_base")["inbound_nodes"][0]
        call["kwargs"]["training"] = False
        del of_layer(config, "dropout")["inbound_nodes"][0]["kwargs"]["training"]  # as it is anyway

    found = compare(
        copy("transfer.h5", "old.h5"), with_config(copy("transfer.h5", "new.h5"), in_inference)
    )
    assert told(found) == [("digits_base", "call(training)", "", "False")]

    def other_way_round(config: dict[str, Any]) -> None:
        ends = config["config"]["output_layers"]
        config["config"]["output_layers"] = [ends["ink"], ends["digit"]]
        call = of_layer(config, "trunk_and_pixels")["inbound_nodes"][0]
        call["args"][0].reverse()

    found = compare(
        copy("two_outputs.h5", "old.h5"),
        with_config(copy("two_outputs.h5", "new.h5"), other_way_round),
    )
    assert told(found) == [
        ("", "outputs", "digit, ink", "ink, digit"),
        ("trunk_and_pixels", "inputs", "trunk, flatten", "flatten, trunk"),
    ]
    assert not found.same


def test_layers_of_a_sequential_have_an_order(copy: Copy) -> None:
    def reorder(config: dict[str, Any]) -> None:
        layers = config["config"]["layers"]
        layers.insert(3, layers.pop(6))

    new = with_config(copy("digits_cnn.h5", "new.h5"), reorder)
    assert told(compare(copy("digits_cnn.h5", "old.h5"), new)) == [
        ("", "order of layers", "relu1, conv2, max_pooling2d, dropout",
         "dropout, relu1, conv2, max_pooling2d"),
    ]  # fmt: skip


def chain(path: Path, **kernels: Any) -> Path:
    """Write a Sequential of Dense layers, each with one kernel."""
    layers: list[dict[str, Any]] = []
    with h5py.File(path, "w") as file:
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode() for name in kernels]
        for name, kernel in kernels.items():
            inner = group.create_group(name)
            inner.attrs["weight_names"] = [f"{name}/kernel:0".encode()]
            inner.create_dataset(f"{name}/kernel:0", data=kernel)
            config = {"name": name, "trainable": False, "units": len(kernel), "use_bias": False}
            layers.append({"class_name": "Dense", "config": config})
        whole = {"class_name": "Sequential", "config": {"name": "chain", "layers": layers}}
        file.attrs["model_config"] = json.dumps(whole)
        file.attrs["keras_version"] = "2.4.0"
    return path


def test_swapped_names_are_seen_by_content(tmp_path: Path) -> None:
    """Layers of one shape that exchanged names hold what they held, at the places they had."""
    one, two, three = np.random.default_rng(1).standard_normal((3, 4, 4)).astype("f4")
    old = chain(tmp_path / "old.h5", one=one, two=two, three=three)
    new = chain(tmp_path / "new.h5", two=one, one=two, three=three)
    found = compare(old, new)
    assert {c.path: (c.old_path, c.how) for c in found.layers if c.renamed} == {
        "two": ("one", "content"), "one": ("two", "content"),
    }  # fmt: skip
    assert found.frozen.stayed is True
    assert found.model == ()
    moved = chain(tmp_path / "moved.h5", two=two, one=one, three=three)  # names went along
    found = compare(old, moved)
    assert (differing(found), len(found.model), found.same) == ({}, 1, False)


def test_rounding_is_no_moving(tmp_path: Path) -> None:
    """A model that was converted to a smaller dtype kept its frozen layers."""
    kernel = np.random.default_rng(1).standard_normal((4, 4)).astype("f4")
    old = chain(tmp_path / "old.h5", a=kernel, b=kernel)
    new = chain(tmp_path / "new.h5", a=kernel.astype("f2"), b=kernel.astype("f2") + 1)
    for before, after in ((old, new), (new, old)):
        found = compare(before, after)
        assert [w.rounded for layer in found.layers for w in layer.weights] == [True, False]
        assert found.frozen.moved == ("b",)
        assert not found.same


def test_layers_frozen_since_are_told_apart(tmp_path: Path) -> None:
    """A file from before anything was frozen is what a fine-tuned one is often compared with."""
    kernel = np.ones((2, 2), "f4")
    old = edited(
        chain(tmp_path / "x.h5", a=kernel, b=kernel, c=kernel),
        tmp_path / "old.h5",
        SetTrainable(("a", "b"), True),
    )
    found = compare(old, chain(tmp_path / "new.h5", a=kernel, b=kernel * 2, c=kernel)).frozen
    assert (found.layers, found.stayed) == (1, True)
    assert (found.only_new, found.only_new_moved) == (2, ("b",))


def test_a_weight_that_cannot_be_read_is_named(copy: Copy) -> None:
    new = copy("digits_cnn.h5", "new.h5")
    model = open_model(new)
    place = model["digit"].weights[0].dataset
    with h5py.File(new, "r+") as file:
        shape = file[place].shape
        del file[place]
        layout = h5py.VirtualLayout(shape, "f4")
        file.create_virtual_dataset(place, layout)
    found = compare(copy("digits_cnn.h5", "old.h5"), new)
    assert not found.same
    states = {w.state for w in differing(found)["digit"].weights}
    assert states & {"unreadable", "removed"}


def test_checkpoints_are_followed(sample_dir: Path) -> None:
    paths = sorted((sample_dir / "checkpoints").glob("*.keras"))
    found = trail(paths)
    assert [row.path for row in found.rows] == [
        "hidden/kernel", "hidden/bias", "digit/kernel", "digit/bias",
    ]  # fmt: skip
    row = found.rows[0]
    arrays = [np.asarray(_kernel(path), "f8") for path in paths]
    for i, change in enumerate(row.changes):
        expected = np.linalg.norm(arrays[i + 1] - arrays[i]) / np.linalg.norm(arrays[i])
        assert change == pytest.approx(expected)
    whole = np.linalg.norm(arrays[-1] - arrays[0]) / np.linalg.norm(arrays[0])
    assert row.total == pytest.approx(whole)
    assert trail([paths[0]] * 3).moving == ()


def test_layers_are_followed_as_a_whole(copy: Copy) -> None:
    """Weights that stay count in a layer's size; what is never trained is told apart."""
    paths = [copy("digits_cnn.weights.h5", f"{i}.weights.h5") for i in range(3)]
    with h5py.File(paths[1], "r+") as file:
        file["layers/dense/vars/0"][0] += 1
    with h5py.File(paths[2], "r+") as file:
        file["layers/batch_normalization/vars/3"][...] *= 2
    rows = {(row.path, row.trained): row for row in trail(paths).layers}
    with h5py.File(paths[0]) as old, h5py.File(paths[1]) as new:
        before, after = (
            np.concatenate([np.ravel(f[f"layers/dense/vars/{k}"][...]) for k in (0, 1)])
            for f in (old, new)
        )
    change = np.linalg.norm(after - before) / np.linalg.norm(before)
    assert rows["dense", True].changes[0] == pytest.approx(change)
    assert rows["bn1", False].changes == (0.0, pytest.approx(rows["bn1", False].total))
    assert not rows["bn1", True].moving
    assert list(rows)[:3] == [("conv1", True), ("bn1", True), ("bn1", False)]


def _kernel(path: Path) -> Any:
    from kerastui.files import open_inner_hdf5

    with open_inner_hdf5(path) as file:
        assert file is not None
        return file["layers/dense/vars/0"][()]


@pytest.mark.parametrize(
    "name",
    ["made/keras-2.2.4/cnn_custom_metrics.hdf5", "made/keras-2.0.8/finetune_nested_partfrozen.hdf5",
     "made/tf-2.13.1/finetune_nested_partfrozen.hdf5"],
)  # fmt: skip
def test_a_converted_file_is_the_same_model(models_dir: Path, tmp_path: Path, name: str) -> None:
    source, target = models_dir / name, tmp_path / "c.keras"
    convert(source, target, form="keras")
    found = compare(source, target)
    assert all(w.state == "identical" for layer in found.layers for w in layer.weights)
    assert {p: c.settings for p, c in differing(found).items()} == {}


def test_real_files_equal_themselves(models_dir: Path) -> None:
    rows = json.loads((models_dir / "models.json").read_text("utf-8"))
    for row in rows:
        path = models_dir / row["file"]
        if path.stat().st_size < 2 << 20:
            assert compare(path, path).same, row["file"]

"""Compile sections, saved: every real file differs exactly where it must, and goes back."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import pytest
from real_files import full_models
from unit.saving.h5_compare import differences, outline

from kerastui import Document, open_model, save
from kerastui.edits import (
    SetCompile,
    SetLoss,
    SetLossWeight,
    SetMetrics,
    SetOptimizer,
    SetOptimizerState,
)
from kerastui.edits.changes import Edit
from kerastui.model import Model
from kerastui.saving import plan_save
from kerastui.saving.compile_plan import differences as text_edits
from kerastui.saving.jsontext import set_values

TRAINING = "/@training_config"


@pytest.mark.parametrize(
    ("old", "new"),
    [({"a": 1, "b": [1, {"c": None}]}, {"a": 1, "b": [1, {"c": 2.5}]}),
     ({"a": {"o1": "mse"}, "b": {"o1": ["x"]}}, {"a": {"o2": "mse"}, "b": {"o2": ["y"]}}),
     ({"a": None}, {"a": ["mse", "mae"]}),
     ({"a": {"x": 1, "y": 2}}, {"a": {"x": 1, "y": 2, "z": 3}}),
     ({"a": {"x": 1, "y": 2}}, {"a": {"y": 1, "x": 2}}),
     ({"a": True, "b": 1}, {"a": 1, "b": 1.0})],
)  # fmt: skip
def test_splices_make_the_new_value_and_touch_nothing_else(old: Any, new: Any) -> None:
    text = json.dumps(old).replace(", ", " ,\n")
    edits = text_edits(old, new)
    changed = set_values(text, edits.values, edits.keys)
    assert json.dumps(json.loads(changed)) == json.dumps(new)  # and in this order
    assert text_edits(old, json.loads(json.dumps(old))).values == {}


def compiled_files(folder: Path) -> Iterator[tuple[Path, Model]]:
    for path in full_models(folder):
        model = open_model(path)
        if model.compile is not None:
            yield path, model


def edits(model: Model) -> list[Edit]:
    assert model.compile is not None
    output = model.compile.outputs[-1].output
    found: list[Edit] = [
        SetLoss.named(output, "hinge"),
        SetLossWeight(output, 2.0),
        SetMetrics.named(output, "mean_absolute_error", "poisson"),
    ]
    if model.compile.optimizer is not None:
        found.append(SetOptimizer.of(learning_rate=0.25))
    return found


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def inner(data: bytes) -> dict[str, Any]:
    with h5py.File(io.BytesIO(data)) as file:
        return outline(file)


def inner_differences(old: bytes, new: bytes) -> set[str]:
    a, b = inner(old), inner(new)
    return {path for path in a.keys() | b.keys() if a.get(path) != b.get(path)}


def check_differences(path: Path, target: Path, model: Model) -> None:
    """Only the section differs, and Keras 3's copy of the learning rate in the state."""
    assert model.compile is not None
    keeps_rate = (
        model.keras_version.startswith("3")
        and model.compile.has_optimizer_state
        and model.compile.optimizer is not None
    )
    if model.format == "hdf5":
        rates = {p for p in differences(path, target) if p.endswith("/learning_rate")}
        assert bool(rates) == keeps_rate
        assert differences(path, target) - rates == {TRAINING}
        return
    old, new = members(path), members(target)
    assert list(old) == list(new)
    assert {n for n in old if old[n] != new[n]} <= {"config.json", "model.weights.h5"}
    before, after = (json.loads(m["config.json"]) for m in (old, new))
    assert {k for k in before if before[k] != after[k]} == {"compile_config"}
    found = inner_differences(old["model.weights.h5"], new["model.weights.h5"])
    assert found == ({"/optimizer/vars/1"} if keeps_rate else set())


def test_every_real_file_there_and_back(models_dir: Path, tmp_path: Path) -> None:
    count = 0
    for path, model in compiled_files(models_dir):
        there, back = tmp_path / f"there{path.suffix}", tmp_path / f"back{path.suffix}"
        document = Document(model)
        document.apply(*edits(model))
        saved = save(document, there).model
        assert saved.compile is not None
        row = saved.compile.outputs[-1]
        assert (row.loss and row.loss.name, row.loss_weight) == ("hinge", 2.0)
        assert [m.name for m in row.metrics] == ["mean_absolute_error", "poisson"]
        assert model.compile is not None
        for old, new in zip(model.compile.outputs[:-1], saved.compile.outputs, strict=False):
            assert (old.loss, old.metrics) == (new.loss, new.metrics)
        check_differences(path, there, model)
        document = Document(saved)
        document.apply(SetCompile(model.compile.section))
        save(document, back)
        if model.format == "hdf5":
            assert differences(path, back) == set(), path
        else:
            old, new = members(path), members(back)
            assert old["config.json"] == new["config.json"]
            assert not inner_differences(old["model.weights.h5"], new["model.weights.h5"])
        count += 1
    assert count > 50


def test_every_real_file_without_state_and_without_section(
    models_dir: Path, tmp_path: Path
) -> None:
    for path, model in compiled_files(models_dir):
        target = tmp_path / f"out{path.suffix}"
        assert model.compile is not None
        for edit, section in ((SetOptimizerState(kept=False), True), (SetCompile(), False)):
            document = Document(model)
            document.apply(edit)
            if not document.changes:
                assert not model.compile.has_optimizer_state
                continue
            saved = save(document, target)
            assert (saved.model.compile is not None) == section
            assert not (saved.model.compile and saved.model.compile.has_optimizer_state)
            if model.compile.has_optimizer_state:
                assert "dropped" in saved.slots.sentence
            if model.format == "hdf5":
                gone = {p for p in differences(path, target) if "optimizer_weights" not in p}
                assert gone <= ({"/"} if section else {"/", TRAINING}), path
            else:
                old, new = members(path), members(target)
                config = json.loads(new["config.json"])
                assert (config["compile_config"] is not None) == section
                found = inner_differences(old["model.weights.h5"], new["model.weights.h5"])
                assert all(p.startswith("/optimizer") for p in found)


def test_a_dropped_section_comes_back_after_it_was_saved(sample_dir: Path, tmp_path: Path) -> None:
    for name in ("transfer.h5", "digits_cnn.h5"):
        path = Path(shutil.copy(sample_dir / name, tmp_path))
        with h5py.File(path) as file:
            before = file.attrs["training_config"]
        document = Document(open_model(path))
        document.apply(SetCompile())
        save(document)
        assert open_model(path).compile is None
        document.undo()
        assert [c.before for c in document.changes] == ["none"]
        save(document)
        found = open_model(path).compile
        assert found is not None
        assert not found.has_optimizer_state
        with h5py.File(path) as file:
            assert str(file.attrs["training_config"]) == str(before)


def test_state_that_was_dropped_and_saved_does_not_come_back(
    sample_dir: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(sample_dir / "transfer.h5", tmp_path))
    document = Document(open_model(path))
    document.apply(SetOptimizerState(kept=False))
    plan = plan_save(document)
    assert plan.slots.touched
    save(document)
    document.undo()
    assert not document.changed


def test_renamed_and_edited_in_one_save(models_dir: Path, tmp_path: Path) -> None:
    from kerastui.edits import Rename

    path = next(p for p in full_models(models_dir) if p.name == "multi_output_dict.hdf5")
    for first in (0, 1):
        document = Document(open_model(path))
        steps: list[Edit] = [Rename((("price", "value"),)), SetLoss.named("value", "hinge")]
        if first:
            steps = [SetLoss.named("price", "hinge"), Rename((("price", "value"),))]
        for step in steps:
            document.apply(step)
        save(document, tmp_path / "out.h5")
        with h5py.File(tmp_path / "out.h5") as file:
            section = json.loads(file.attrs["training_config"])
        assert section["loss"] == {"value": "hinge", "cls": "categorical_crossentropy"}
        assert section["loss_weights"] == {"value": 1.0, "cls": 0.5}


def test_a_short_loss_that_stays_in_keras_3_hdf5_is_warned_of(models_dir: Path) -> None:
    path = next(p for p in full_models(models_dir) if p.name == "multi_mse_list.h5")
    document = Document(open_model(path))
    document.apply(SetLoss.named("o2", "huber"))
    (warning,) = plan_save(document).warnings
    assert "cannot read the loss 'mse' of o1 back" in warning
    assert "call it mean_squared_error" in warning
    document.apply(SetLoss.named("o1", "mae"))
    assert not plan_save(document).warnings

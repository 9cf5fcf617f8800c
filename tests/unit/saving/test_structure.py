"""Cut and appended heads in files: what is read back is what was meant, nothing else differs."""

from __future__ import annotations

import json
import zipfile
from dataclasses import fields, replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real_files import full_models
from unit.saving.h5_compare import outline

from kerastui.draws import draw
from kerastui.edits import AppendDense, CutHead, Document, Rename, RestoreHead, SetTrainable
from kerastui.edits.graph import output_of
from kerastui.edits.initializers import named
from kerastui.errors import BadEdit, KerastuiError
from kerastui.files import open_model
from kerastui.model import Model
from kerastui.saving import plan_save, save

SMALL = 300_000
"""Bytes of the real files that are tried; larger ones are only larger."""
HEAD = AppendDense("new_head", 3, "softmax", 7)


def models(folder: Path) -> list[tuple[Path, Model]]:
    """The real files that have one output."""
    found: list[tuple[Path, Model]] = []
    for path in full_models(folder):
        if path.stat().st_size > SMALL:
            continue
        try:
            model = open_model(path)
            output_of(model)
        except KerastuiError:
            continue
        found.append((path, model))
    return found


def cuts(model: Model) -> list[str]:
    """Paths of the layers at the top before the last one, and of one in the last nested model."""
    tops = [i for i in model.children(-1) if i < output_of(model)]
    found = [model.layers[i].path for i in tops[-2:]]
    nested = [i for i in model.children(-1) if model.layers[i].kind == "model"]
    if nested:
        inside = list(model.children(nested[-1]))
        found.append(model.layers[inside[-2]].path)
    return found


def same(found: Model, meant: Model) -> None:
    """Check that two descriptions agree in every field of every layer, but for file and notes."""
    assert len(found.layers) == len(meant.layers)
    for new, old in zip(found.layers, meant.layers, strict=True):
        for field in fields(new):
            mine, theirs = getattr(new, field.name), getattr(old, field.name)
            if field.name == "output_shape" and mine is None:
                continue  # told by what was cut: Keras 3 notes it at the layer behind
            assert mine == theirs, (old.path, field.name)
    for name in ("name", "class_name", "format", "trainable", "keras_version", "extra"):
        assert getattr(found, name) == getattr(meant, name)
    one, other = (replace(m.compile, has_optimizer_state=False) if m.compile else None
                  for m in (found, meant))  # fmt: skip
    assert one == other
    assert found.effective == meant.effective
    assert found.parameters == meant.parameters
    assert [layer.end for layer in found.layers] == [layer.end for layer in meant.layers]


def objects(path: Path) -> dict[str, object]:
    """Return all objects of a file; of an archive those inside, and the other members' bytes."""
    if not zipfile.is_zipfile(path):
        with h5py.File(path) as file:
            return outline(file)
    with zipfile.ZipFile(path) as archive:
        found: dict[str, object] = {
            n: archive.read(n) for n in archive.namelist() if not n.endswith(("json", ".h5"))
        }
        with h5py.File(archive.open("model.weights.h5")) as file:
            return found | outline(file)


def check_objects(source: Path, target: Path, before: Model, after: Model) -> None:
    """What is neither cut nor new, no list of names and no state, is as it was."""
    old, new = objects(source), objects(target)
    gone = {w.dataset for x in before.layers for w in x.weights}
    made = {w.dataset for x in after.layers for w in x.weights}
    stay = {x.name for x in before.layers} & {x.name for x in after.layers}
    moved = {
        w.dataset: v.dataset
        for x in after.layers
        if x.name in stay and x.path in before.index
        for w, v in zip(before[x.path].weights, x.weights, strict=True)
    }
    for path in moved:
        assert old[path] == new[moved[path]], path
    changing = (
        "optimizer", "layer_names", "weight_names", "model_config", "training_config", "vars@name",
    )  # fmt: skip
    for path in old.keys() & new.keys():
        if path not in gone | made and not any(word in path for word in changing):
            is_group = isinstance(old[path], tuple) and old[path][0] == "group"  # type: ignore[index]
            assert is_group or old[path] == new[path], path


def test_every_real_file_gets_a_new_head(models_dir: Path, tmp_path: Path):
    done = 0
    for path, model in models(models_dir):
        for number, place in enumerate(cuts(model)):
            document = Document(model)
            try:
                document.apply(CutHead(place), HEAD)
            except BadEdit:
                continue
            target = tmp_path / f"{done}-{number}{path.suffix}"
            plan = plan_save(document)
            saved = save(document, target)
            assert plan.slots == saved.slots
            assert plan.structure == document.changes[: len(plan.structure)]
            same(open_model(target), document.model)
            check_objects(path, target, model, saved.model)
            document.undo()
            assert document.model is model
            done += 1
            target.unlink()
    assert done > 50


def test_only_cut(models_dir: Path, tmp_path: Path):
    done = 0
    for path, model in models(models_dir):
        for place in cuts(model)[-1:]:
            document = Document(model)
            try:
                document.apply(CutHead(place))
            except BadEdit:
                continue
            if document.model is model:
                continue
            target = tmp_path / f"cut{path.suffix}"
            saved = save(document, target)
            same(open_model(target), document.model)
            check_objects(path, target, model, saved.model)
            done += 1
    assert done > 30


def sample(models_dir: Path, name: str) -> Path:
    return next(path for path in full_models(models_dir) if str(path).endswith(name))


@pytest.mark.parametrize(
    "name",
    ["keras-2.0.8/cnn_custom_metrics.hdf5", "keras-3.15/adam.keras", "tf-2.13.1/v3fmt.keras",
     "keras-1.2.2-tf/cnn_prf.hdf5", "tf-2.4.4/finetune_nested_partfrozen.hdf5"],
)  # fmt: skip
def test_new_weights_are_those_of_the_initializer_and_seed(
    models_dir: Path, tmp_path: Path, name: str
):
    path = sample(models_dir, name)
    document = Document(open_model(path))
    document.apply(CutHead(cuts(document.model)[-1]))
    document.apply(replace(HEAD, initializer="he_normal", seed=11))
    target = tmp_path / f"x{path.suffix}"
    model = save(document, target).model
    kernel, bias = model.layers[-1].weights
    inner = target
    if zipfile.is_zipfile(target):
        inner = tmp_path / "inner.h5"
        with zipfile.ZipFile(target) as archive:
            inner.write_bytes(archive.read("model.weights.h5"))
    with h5py.File(inner) as file:
        initializer = named("he_normal")
        assert initializer is not None
        np.testing.assert_array_equal(file[kernel.dataset][()], draw(initializer, kernel.shape, 11))
        assert not np.any(file[bias.dataset][()])


def test_other_words_of_the_configuration_stay(models_dir: Path, tmp_path: Path):
    path = sample(models_dir, "keras-3.15/adam.keras")
    document = Document(open_model(path))
    document.apply(CutHead(cuts(document.model)[-1]), HEAD)
    save(document, tmp_path / "x.keras")
    with zipfile.ZipFile(path) as a, zipfile.ZipFile(tmp_path / "x.keras") as b:
        old, new = (json.loads(z.read("config.json")) for z in (a, b))
        assert a.namelist() == b.namelist()
    entry = new["config"]["layers"].pop()
    like = old["config"]["layers"].pop()
    assert old == new
    assert list(entry) == list(like)
    assert list(entry["config"]) == list(like["config"])
    like["config"]["dtype"].pop("shared_object_id")  # the new policy is nobody else's
    changed = {k for k in entry["config"] if entry["config"][k] != like["config"][k]}
    assert changed <= {"name", "units", "activation"}


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["cut", "append", "rename", "flag", "restore", "undo", "redo"]),
              st.integers(0, 30)),
    max_size=7,
)  # fmt: skip


def act(document: Document, what: str, number: int) -> None:
    layers = document.model.layers
    path = layers[number % len(layers)].path
    if what == "undo":
        document.undo()
    elif what == "redo":
        document.redo()
    elif what == "cut":
        document.apply(CutHead(layers[-1 - number % min(4, len(layers))].path))
    elif what == "append":
        names = ("new_head", "dense_1", "dense", "top", "cls")
        document.apply(AppendDense(names[number % 5], number % 4 + 1, "sigmoid", number))
    elif what == "rename":
        names = ("new_name", "dense_1", "dense_2", "swap")
        document.apply(Rename(((path, names[number % 4]),)))
    elif what == "restore":
        document.apply(RestoreHead(only_new=bool(number % 2)))
    else:
        document.apply(SetTrainable((path,), bool(number % 2)))


@pytest.mark.parametrize(
    "name",
    ["keras-2.0.8/opt_adam.hdf5", "keras-3.15/adam.keras", "tf-2.13.1/v3fmt.keras",
     "tf-2.13.1/finetune_nested_partfrozen.hdf5", "tf-2.4.4/rnn_bidir_td.hdf5"],
)  # fmt: skip
@settings(max_examples=15)
@given(actions=ACTIONS)
def test_random_sequences_read_back_as_described(
    models_dir: Path, tmp_path_factory: pytest.TempPathFactory, name: str,
    actions: list[tuple[str, int]],
):  # fmt: skip
    path = sample(models_dir, name)
    document = Document(open_model(path))
    for what, number in actions:
        try:
            act(document, what, number)
        except BadEdit:
            continue
    wanted = document.model
    again = Document(document.original)
    again.apply(*document.edits)
    same(again.model, wanted)
    target = tmp_path_factory.mktemp("sequence") / f"x{path.suffix}"
    saved = save(document, target)
    kept = replace_places(wanted, saved.model)
    flags = [x.trainable for x in saved.model.layers]
    assert [x.path for x in saved.model.layers] == [x.path for x in kept.layers]
    assert [x.config_at for x in saved.model.layers] == [x.config_at for x in kept.layers]
    held = [i for i, on in enumerate(wanted.tree.holds) if on]
    assert [flags[i] for i in held] == [kept.layers[i].trainable for i in held]
    document.revert_changes(document.changes)
    assert not document.changes
    same(document.model, document.original)


def test_a_new_layer_is_planned_under_the_name_it_has_in_the_end(models_dir: Path):
    path = sample(models_dir, "tf-2.13.1/finetune_nested_partfrozen.hdf5")
    document = Document(open_model(path))
    last = document.model.layers[output_of(document.model)].path
    document.apply(HEAD)
    document.apply(Rename((("new_head", "top"), (last, "old_top"))))
    again = Document(document.original)
    again.apply(*document.edits)
    same(again.model, document.model)
    kernel = document.model["top"].weights[0]
    assert kernel.dataset.startswith("/model_weights/top/top/")


def replace_places(model: Model, written: Model) -> Model:
    """Stored names and places of weights follow when the file is written."""
    layers = [
        layer.with_fields(weights=found.weights)
        for layer, found in zip(model.layers, written.layers, strict=True)
    ]
    return model.with_layers(tuple(layers))


@pytest.mark.parametrize("name", ["keras-2.0.8/opt_adam.hdf5", "keras-3.15/adam.keras"])
def test_a_new_head_can_be_frozen_before_it_is_saved(models_dir: Path, tmp_path: Path, name: str):
    path = sample(models_dir, name)
    document = Document(open_model(path))
    document.apply(HEAD)
    document.apply(SetTrainable((document.model.layers[-1].path,), False))
    saved = save(document, tmp_path / f"x{path.suffix}")
    assert not saved.model.layers[-1].trainable
    assert (
        open_model(tmp_path / f"x{path.suffix}").layers[-1].path == document.model.layers[-1].path
    )


def test_in_place_the_document_goes_on(models_dir: Path, tmp_path: Path):
    path = sample(models_dir, "keras-2.0.8/cnn_custom_metrics.hdf5")
    copy = tmp_path / "model.h5"
    copy.write_bytes(path.read_bytes())
    document = Document(open_model(copy))
    document.apply(CutHead(cuts(document.model)[-1]), HEAD)
    saved = save(document)
    assert document.model is document.original is saved.model
    assert not document.changes
    assert not document.history
    document.apply(SetTrainable(("new_head",), False))
    save(document)
    assert not open_model(copy)["new_head"].trainable
    document.undo()
    assert document.model["new_head"].trainable

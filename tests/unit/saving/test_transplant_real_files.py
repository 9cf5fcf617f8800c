"""Weights taken over between real files of one family, of one era and of two."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from unit.saving.h5_compare import differences

from kerastui import Document, open_model, save
from kerastui.edits.transplant import match

FAMILIES = [
    ("keras-1.2.2-tf/cnn_prf.hdf5", "keras-1.2.2-tf/cnn_weights_only.h5"),
    ("keras-2.0.8/weights-00-0.31250.hdf5", "keras-2.0.8/weights-01-0.37500.hdf5"),
    ("keras-2.0.8/weights-01-0.37500.hdf5", "keras-2.2.4/weights-02-0.31250.hdf5"),
    ("keras-2.2.4/weights-01-0.31250.hdf5", "tf-2.4.4/weights-02-0.37500.hdf5"),
    ("tf-2.4.4/finetune_nested_partfrozen.hdf5", "keras-2.0.8/finetune_nested_partfrozen.hdf5"),
    ("tf-2.13.1/finetune_nested_partfrozen.hdf5", "tf-2.4.4/finetune_nested_partfrozen.hdf5"),
    ("tf-2.4.4/cnn_custom_metrics.hdf5", "keras-2.0.8/cnn_custom_metrics.hdf5"),
]


@pytest.mark.parametrize(("here", "there"), FAMILIES)
def test_every_weight_has_the_others_values(
    models_dir: Path, tmp_path: Path, here: str, there: str
):
    path, other_path = models_dir / "made" / here, models_dir / "made" / there
    model, other = open_model(path), open_model(other_path)
    found = match(model, other, range(len(model.layers)))
    assert found.of("match")
    assert len(found.of("match")) == len(found.pairs)
    document = Document(model)
    document.apply(*found.edits, title="transplant")
    target = tmp_path / path.name
    save(document, target)
    places = {w.dataset for layer in model.layers for w in layer.weights}
    assert differences(path, target) <= places
    with h5py.File(target) as new, h5py.File(other_path) as old:
        for pair in found.pairs:
            weight = next(w for w in model[pair.path].weights if w.name == pair.name)
            assert pair.source is not None
            np.testing.assert_array_equal(new[weight.dataset][()], old[pair.source.member][()])


def test_a_part_from_a_file_of_its_own(models_dir: Path, tmp_path: Path):
    """A nested model's weights, from a file of that model alone, as before fine-tuning."""
    path = models_dir / "made" / "tf-2.13.1/finetune_nested_partfrozen.hdf5"
    model = open_model(path)
    root = next(i for i, layer in enumerate(model.layers) if layer.kind == "model")
    inside = range(root, model.layers[root].end)
    found = match(model, model, inside, model.layers[root].path)
    assert {pair.path for pair in found.pairs} == {
        model.layers[i].path for i in inside if model.layers[i].weights
    }
    document = Document(model)
    document.apply(*found.edits)
    save(document, tmp_path / "same.hdf5")
    assert differences(path, tmp_path / "same.hdf5") == set()

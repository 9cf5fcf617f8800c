"""Every full model of other people, converted there and back, without Keras."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import MODELS_DIR
from real_files import full_models

from kerastui import open_model
from kerastui.convert import convert
from kerastui.errors import UnreadableFile

from .files import contents, long_losses

FILES = full_models(MODELS_DIR) if MODELS_DIR else []
SMALL = [p for p in FILES if p.stat().st_size < 1_700_000 and "Variational" not in str(p)]
pytestmark = pytest.mark.skipif(not FILES, reason="no real model files")


@pytest.fixture(params=SMALL, ids=lambda p: f"{p.parent.name}/{p.name}")
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A real file as a ``.keras`` archive."""
    target = tmp_path / "model.keras"
    convert(request.param, target)
    before, after = open_model(request.param), open_model(target)
    assert after.format == "keras"
    assert sum(len(layer.weights) for layer in after.layers) > 0
    if before.keras_version[:2] not in ("1.", ""):  # Keras 1 named and nested otherwise
        flags = {layer.path: (layer.trainable, layer.parameters) for layer in before.layers}
        assert (
            flags.items()
            <= {layer.path: (layer.trainable, layer.parameters) for layer in after.layers}.items()
        )
    return target


def test_an_archive_comes_back_from_hdf5_object_by_object(archive: Path, tmp_path: Path) -> None:
    convert(archive, tmp_path / "there.h5")
    convert(tmp_path / "there.h5", tmp_path / "back.keras")
    before, after = contents(archive), contents(tmp_path / "back.keras")
    if before[0]["compile_config"] and "optimizer" not in before[0]["compile_config"]:
        before[0]["compile_config"] = {}  # HDF5 cannot hold a loss without an optimizer
    assert long_losses(after[0]) == long_losses(before[0])
    assert after[1] == before[1]


def test_an_archive_comes_back_from_tf_keras_the_same_model(archive: Path, tmp_path: Path) -> None:
    convert(archive, tmp_path / "there.h5", dialect="tf_keras")
    convert(tmp_path / "there.h5", tmp_path / "back.keras")
    before, after = open_model(archive), open_model(tmp_path / "back.keras")
    for old, new in zip(before.layers, after.layers, strict=True):
        for part in ("path", "class_name", "kind", "trainable", "inbound", "weights"):
            assert getattr(new, part) == getattr(old, part), (old.path, part)
    arrays = [
        {name: what for name, what in contents(path)[1].items() if name.startswith("layers")}
        for path in (archive, tmp_path / "back.keras")
    ]
    assert arrays[0] == arrays[1]


def test_weights_alone_are_the_same_as_in_the_full_files(archive: Path, tmp_path: Path) -> None:
    convert(archive, tmp_path / "k.weights.h5")
    convert(archive, tmp_path / "full.h5")
    convert(archive, tmp_path / "legacy.h5", form="hdf5-weights")
    full = open_model(tmp_path / "full.h5")
    legacy = open_model(tmp_path / "legacy.h5")
    keras3 = open_model(tmp_path / "k.weights.h5")
    assert legacy.format == "hdf5-weights"
    assert keras3.format == "keras-weights"
    assert legacy.parameters.total == full.parameters.total == keras3.parameters.total


def test_a_model_whose_layers_are_in_its_code_is_refused(models_dir: Path, tmp_path: Path) -> None:
    (source,) = (path for path in FILES if "Variational" in str(path))
    with pytest.raises(UnreadableFile, match=r"a class of its own \(VAE\)"):
        convert(source, tmp_path / "a.keras")
    assert not list(tmp_path.iterdir())


def test_two_thousand_layers(models_dir: Path, tmp_path: Path) -> None:
    source = models_dir / "made" / "keras-3.15" / "chunked_layer_names.h5"
    convert(source, tmp_path / "a.keras")
    convert(tmp_path / "a.keras", tmp_path / "b.h5")
    before, after = open_model(source), open_model(tmp_path / "b.h5")
    assert [layer.path for layer in after.layers] == [layer.path for layer in before.layers]
    assert after.parameters == before.parameters

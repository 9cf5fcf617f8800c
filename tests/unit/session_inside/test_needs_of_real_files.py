"""What `needs.find` says of real files, against what real Keras says when it loads them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from real_files import config_of, full_models, unknown_name

from kerastui.session.inside import needs

pytestmark = pytest.mark.keras


def dummies(keras: Any, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Something of the right sort for every name that is missing."""

    def make(row: dict[str, Any]) -> Any:
        if row["kind"] == "model":
            return type(row["plain_name"], (keras.Model,), {})
        if row["today"] and row["kind"] == "layer":
            return getattr(keras.layers, row["plain_name"])
        if row["kind"] == "layer":
            return standin(keras, row["plain_name"])
        if row["kind"] == "optimizer":
            return keras.optimizers.Adam

        def function(*args: Any, **kwargs: Any) -> Any:
            return args[-1]

        function.__name__ = row["plain_name"]
        return function

    return {row["name"]: make(row) for row in rows}


def standin(keras: Any, name: str) -> Any:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        keras.layers.Layer.__init__(self, name=kwargs.get("name"))

    def call(self: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        return x

    return type(name, (keras.layers.Layer,), {"__init__": init, "call": call})


def failure(era: Any, path: Path, objects: dict[str, Any], compiled: bool) -> BaseException | None:
    """Load as a user would, and return what Keras raises. No code of files is run: the
    lambdas of these files are of another Python, and are refused or cannot be read."""
    try:
        era.keras.models.load_model(os.fspath(path), custom_objects=objects, compile=compiled)
    except BaseException as error:
        return error
    return None


def found(era: Any, path: Path, compiled: bool = True) -> list[dict[str, Any]]:
    config, training = config_of(path)
    if not compiled:
        config, training = {**config, "compile_config": None}, None
    return needs.find(config, training, era.keras, flavour=era.flavour)


@pytest.mark.parametrize("compiled", [True, False])
def test_nothing_is_missed_and_nothing_made_up(era: Any, models_dir: Path, compiled: bool) -> None:
    """On every file: with what find() lists given, no name is unknown any more; and what
    Keras calls unknown without it is on the list."""
    shown = 0
    for path in full_models(models_dir):
        rows = found(era, path, compiled)
        names = {row["name"] for row in rows}
        bare = failure(era, path, {}, compiled)
        unknown = unknown_name(bare) if bare is not None else ""
        if unknown:
            shown += 1
            assert unknown in names or unknown in {r["plain_name"] for r in rows}, path
        if not bare:
            lazy = {row["kind"] for row in rows} <= {"metric", "loss"}
            assert not rows or lazy, f"{path}: loads, so nothing is missing, but {names}"
        full = failure(era, path, dummies(era.keras, rows), compiled) if rows else bare
        assert full is None or not unknown_name(full), f"{path}: {full}"
    assert shown >= (10 if era.new else 5)


def test_each_name_listed_is_one_that_keras_lacks(era: Any, models_dir: Path) -> None:
    """Leave one out of what is given: Keras fails, and where it says a name, says that."""
    told = 0
    for path in full_models(models_dir):
        rows = found(era, path, compiled=False)
        if len(rows) < 2:
            continue
        objects = dummies(era.keras, rows)
        whole = failure(era, path, objects, compiled=False)
        for row in rows:
            rest = {name: value for name, value in objects.items() if name != row["name"]}
            error = failure(era, path, rest, compiled=False)
            if whole is None:
                assert error is not None, f"{path}: {row['name']} was not needed"
            name = unknown_name(error) if error is not None else ""
            if name:
                told += 1
                assert name in (row["name"], row["plain_name"]), f"{path}: {row['name']}: {error}"
    assert told >= 2


def test_deeplc_needs_exactly_its_lambda(era: Any, models_dir: Path) -> None:
    (path,) = models_dir.glob("found/pypi_deeplc*/*.hdf5")
    (row,) = found(era, path)
    assert (row["name"], row["kind"], row["own"]) == ("<lambda>", "activation", False)
    assert row["uses"][0] == "activation of conv1d_462"
    assert len(row["uses"]) > 11

    def fixed(x: Any) -> Any:
        return era.K.relu(x, negative_slope=0.1, max_value=20.0)

    error = failure(era, path, {"<lambda>": fixed}, compiled=False)
    assert error is None


def test_the_metrics_of_keras_1(era: Any, models_dir: Path) -> None:
    rows = found(era, models_dir / "made/keras-1.2.2-tf/cnn_prf.hdf5")
    named = {row["name"] for row in rows if row["kind"] == "metric"}
    # Keras 3 has given precision and recall to classes of its own.
    assert named == ({"fmeasure"} if era.new else {"precision", "recall", "fmeasure"})
    _config, training = config_of(models_dir / "made/keras-1.2.2-tf/cnn_prf.hdf5")
    told = needs.shadowed(training, era.keras, keras_version="1.2.2", flavour=era.flavour)
    assert told == (["precision", "recall"] if era.new else [])


def test_names_of_other_kerases_are_marked_as_their_own(era: Any, models_dir: Path) -> None:
    for path in full_models(models_dir):
        for row in found(era, path):
            authors = path.parent.name.startswith(("pypi", "gh_")) or row["plain_name"] in (
                "swish_c", "Scale", "contrastive", "precision", "recall", "f1", "fmeasure",
            )  # fmt: skip
            if row["own"]:
                assert row["today"] or row["plain_name"] in (
                    "Convolution2D", "Merge", "Highway", "MaxoutDense", "Deconvolution2D",
                    "SeparableConvolution2D", "TFOpLambda", "LossScaleOptimizerV3", "Functional",
                )  # fmt: skip
            else:
                assert authors, (path, row)

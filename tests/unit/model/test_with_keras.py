"""The knowledge about layers and functions, held against Keras 3 and tf_keras themselves."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from kerastui.model import Layer, Weight
from kerastui.model.axes import axes
from kerastui.model.compile_reading import read_compile
from kerastui.model.explain import explain
from kerastui.model.known_functions import defaults, is_known_function, is_schedule
from kerastui.model.known_layers import class_names, find_weight, is_known, weight_names
from kerastui.model.names import is_auto_named, to_snake_case
from kerastui.model.readable import config_lines

from .layer_zoo import CASES, build

pytestmark = pytest.mark.keras
LIBRARIES = ("keras", "tf_keras")
WRAPPERS = {"Bidirectional", "TimeDistributed", "RNN", "SpectralNormalization"}
NOT_LAYERS = {"InputSpec"}


@pytest.fixture(scope="module", params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Any:
    return pytest.importorskip(request.param)


def description(library: Any, built: Any) -> Layer:
    """The layer as a reader of a file would describe it."""
    saved = library.saving.serialize_keras_object(built)
    variables = built.variables if library.__name__ == "keras" else built.weights
    weights = [
        Weight(n, n, n, tuple(v.shape), "float32", trainable=v.trainable)
        for v in variables
        if "seed_generator" not in (n := v.path if hasattr(v, "path") else v.name)
    ]
    class_name, config = saved["class_name"], saved["config"]
    return Layer("x", built.name, class_name, True, weights=tuple(weights), config=config)


@pytest.fixture(scope="module")
def zoo(library: Any) -> list[Layer]:
    found: list[Layer] = []
    for case in CASES:
        if library.__name__ == "tf_keras" and case[0] == "SpectralNormalization":
            continue  # fails in tf_keras 2.21 beside Keras 3 (two classes called InputSpec)
        if (built := build(library, case)) is not None:
            found.append(description(library, built))
    assert len(found) > 55
    return found


def test_axes_fit_the_rank_of_every_weight(zoo: list[Layer]) -> None:
    for layer in zoo:
        for weight in layer.weights:
            assert len(axes(layer, weight)) == len(weight.shape), (layer.class_name, weight.name)


def test_which_weights_are_trained(zoo: list[Layer]) -> None:
    for layer in zoo:
        for weight in layer.weights:
            known = find_weight(layer.class_name, weight.name)
            assert known is None or known.trainable == weight.trainable, weight.name


def test_sizes_on_axes_are_what_the_arguments_say(zoo: list[Layer]) -> None:
    """A kernel whose axes were named in the wrong order would show here."""
    sizes = {"filters": "filters", "units": "units", "features": "output_dim", "heads": "num_heads",
             "vocabulary": "input_dim", "depth multiplier": "depth_multiplier"}  # fmt: skip
    checked = 0
    for layer in zoo:
        for weight in layer.weights:
            for name, size in zip(axes(layer, weight), weight.shape, strict=True):
                key = sizes.get(name)
                if key and key in layer.config:
                    assert size == layer.config[key], (layer.class_name, weight.name, name)
                    checked += 1
    assert checked > 50


def test_names_of_variables_in_keras_own_order(zoo: list[Layer]) -> None:
    for layer in zoo:
        if not layer.weights or layer.class_name in WRAPPERS:
            continue
        real = [w.name.partition(":")[0] for w in layer.weights]
        named = weight_names(layer.class_name, layer.config, len(real))
        assert named is not None, (layer.class_name, real)
        for ours, theirs in zip(named, real, strict=True):
            known = find_weight(layer.class_name, ours)
            assert known is not None
            assert theirs.endswith(known.names), (layer.class_name, ours, theirs)


def test_own_variables_of_an_archive_have_these_names() -> None:
    keras = pytest.importorskip("keras")
    for case in CASES:
        built = build(keras, case)
        if built is None:
            continue
        own = [v.name for v in built._trainable_variables + built._non_trainable_variables]
        if own:
            layer = description(keras, built)
            named = weight_names(layer.class_name, layer.config, len(own))
            assert named == tuple(own), layer.class_name


def test_every_layer_with_weights_is_explained_with_its_numbers(zoo: list[Layer]) -> None:
    for layer in zoo:
        if layer.weights:
            assert explain(layer), layer.class_name


def test_no_setting_of_a_plain_layer_is_marked_as_changed(library: Any) -> None:
    """Layers built with nothing but required arguments have only defaults."""
    checked: set[str] = set()
    for case in CASES:
        if set(case[1]) <= _required(library, case[0]) and case[0] not in WRAPPERS:
            built = build(library, case)
            if built is not None:
                changed = [x.label for x in config_lines(description(library, built)) if x.changed]
                assert changed == [], case[0]
                checked.add(case[0])
    assert {"Dense", "Conv2D", "LSTM", "BatchNormalization", "MultiHeadAttention"} <= checked


def _required(library: Any, class_name: str) -> set[str]:
    owner = getattr(library.layers, class_name, None)
    if owner is None:
        return set()
    parameters = inspect.signature(owner.__init__).parameters.values()
    return {p.name for p in parameters if p.default is inspect.Parameter.empty}


def test_every_class_is_known_and_nothing_else(library: Any) -> None:
    names = {n for n in dir(library.layers) if inspect.isclass(getattr(library.layers, n))}
    missing = names - class_names() - NOT_LAYERS
    assert missing == set()
    assert not is_known("InputSpec")


def test_automatic_names_are_recognized(zoo: list[Layer]) -> None:
    for layer in zoo:
        name = layer.name
        # the name comes from the Python class, the class name in the file from the public one
        assert is_auto_named(name, layer.class_name) or layer.class_name == "GroupQueryAttention"


def test_snake_case_is_theirs(library: Any) -> None:
    if library.__name__ == "keras":
        from keras.src.utils.naming import to_snake_case as theirs
    else:
        from tf_keras.src.utils.generic_utils import to_snake_case as theirs
    for name in class_names():
        assert to_snake_case(name) == theirs(name)


@pytest.mark.parametrize("role", ["losses", "metrics"])
def test_what_keras_3_resolves_is_known(role: Any) -> None:
    keras = pytest.importorskip("keras")
    module = __import__(f"keras.src.{role}", fromlist=["ALL_OBJECTS_DICT"])
    base = {"Loss", "LossFunctionWrapper", "Metric", "MeanMetricWrapper", "metric",
            "mean_metric_wrapper", "Reduction"}  # fmt: skip
    for name in set(module.ALL_OBJECTS_DICT) - base:
        assert is_known_function(role, name, keras3=True), name
    for name in defaults(role):
        assert hasattr(getattr(keras, role), name) or hasattr(
            getattr(pytest.importorskip("tf_keras"), role), name
        )


@pytest.mark.parametrize("role", ["losses", "metrics"])
def test_names_known_in_old_files_resolve_somewhere_today(role: Any) -> None:
    keras, tf_keras = pytest.importorskip("keras"), pytest.importorskip("tf_keras")
    from kerastui.model import known_functions

    special = {"accuracy", "acc", "ACC", "crossentropy", "ce"}  # compile() resolves these itself
    for name in set(known_functions._data()[role]["functions"]) - special:
        assert any(_resolves(getattr(library, role), name) for library in (keras, tf_keras)), name


def _resolves(module: Any, name: str) -> bool:
    try:
        return module.get(name) is not None
    except (ValueError, TypeError):
        return False


def test_optimizers_and_schedules(library: Any) -> None:
    for name in dir(library.optimizers):
        owner = getattr(library.optimizers, name)
        if inspect.isclass(owner) and name != "Optimizer":
            assert name in defaults("optimizers"), name
            assert is_known_function("optimizers", name.lower(), keras3=False)
    for name in dir(library.optimizers.schedules):
        if name[0].isupper() and name != "LearningRateSchedule":
            assert is_schedule(name)


METRICS: list[Any] = [
    ["mse", "mae"],
    [["mse", "mae"], ["mape"]],
    {"a": ["mae"], "b": "mse"},
    {"b": ["mae", "mse"]},
    [["mse"], "mae"],
    ["mse"],
    ["mse", "mae", "mape"],
]


@pytest.mark.parametrize("metrics", METRICS, ids=str)
def test_metrics_of_two_outputs_are_those_that_keras_computes(library: Any, metrics: Any) -> None:
    import numpy as np

    inputs = library.Input((4,))
    outputs = [library.layers.Dense(n, name=name)(inputs) for n, name in ((1, "a"), (2, "b"))]
    model = library.Model(inputs, outputs)
    model.compile("sgd", ["mse", "mae"], metrics=metrics, run_eagerly=True)
    data = np.zeros((2, 4)), [np.zeros((2, 1)), np.zeros((2, 2))]
    config = model.get_compile_config()
    found = read_compile(config, ["a", "b"], keras_version=library.__version__)
    assert found is not None
    told = {f"{row.output}_{m.name}" for row in found.outputs for m in row.metrics}
    try:
        model.evaluate(*data, verbose=0)
    except ValueError:  # Keras 3 with a flat list of another length
        assert library.__name__ == "keras"
        assert any("refuses" in text for _, text in found.other)
        return
    results = model.evaluate(*data, verbose=0, return_dict=True)
    assert told == {name for name in results if not name.endswith("loss")}
    assert read_compile(config, ["a", "b"]) == found  # the era is told without the version, too

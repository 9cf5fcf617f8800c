"""Models with custom objects of every kind, saved by real Keras, then looked at without them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from real_files import config_of, unknown_name

from kerastui.session.inside import needs

pytestmark = pytest.mark.keras


def objects_for(era: Any) -> dict[str, Any]:
    """A custom object of every kind, by name."""
    keras, tf = era.keras, era.tf

    def my_act(x: Any) -> Any:
        return x * 2

    def my_init(shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        return tf.zeros(shape, dtype or "float32")

    class MyInit(keras.initializers.Initializer):
        def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
            return tf.ones(shape, dtype or "float32")

        def get_config(self) -> Any:
            return {}

    class MyReg(keras.regularizers.Regularizer):
        def __call__(self, x: Any) -> Any:
            return 0.01 * tf.reduce_sum(tf.abs(x))

        def get_config(self) -> Any:
            return {}

    class MyCon(keras.constraints.Constraint):
        def __call__(self, w: Any) -> Any:
            return w

        def get_config(self) -> Any:
            return {}

    class MyCell(keras.layers.SimpleRNNCell):
        pass

    class MyDense(keras.layers.Dense):
        pass

    def my_loss(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_mean(tf.square(y_true - y_pred))

    def my_metric(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_mean(tf.abs(y_true - y_pred))

    class MyMetric(keras.metrics.MeanSquaredError):
        pass

    class MyOpt(keras.optimizers.SGD):
        pass

    class MySchedule(keras.optimizers.schedules.ExponentialDecay):
        pass

    local = locals()
    return {name: local[name] for name in local if name.lower().startswith("my")}


KINDS = {
    "my_act": "activation",
    "my_init": "initializer",
    "MyInit": "initializer",
    "MyReg": "regularizer",
    "MyCon": "constraint",
    "MyCell": "layer",
    "MyDense": "layer",
    "my_loss": "loss",
    "my_metric": "metric",
    "MyMetric": "metric",
    "MyOpt": "optimizer",
    "MySchedule": "schedule",
}


def build(era: Any, o: dict[str, Any]) -> Any:
    """A model in a model, with a cell, wrappers, and a custom object in every place."""
    keras = era.keras
    inner_in = keras.Input((5, 4), name="inner_in")
    x = keras.layers.RNN(o["MyCell"](3), return_sequences=True, name="cells")(inner_in)
    x = keras.layers.TimeDistributed(o["MyDense"](4, activation=o["my_act"]), name="each")(x)
    inner = keras.Model(inner_in, x, name="inner")
    inputs = keras.Input((5, 4), name="inputs")
    x = inner(inputs)
    x = keras.layers.LSTM(3, recurrent_activation=o["my_act"], name="lstm")(x)
    x = keras.layers.Dense(
        2,
        kernel_initializer=o["MyInit"](),
        bias_initializer=o["my_init"],
        kernel_regularizer=o["MyReg"](),
        bias_constraint=o["MyCon"](),
        name="out",
    )(x)
    model = keras.Model(inputs, x, name="outer")
    model.compile(
        optimizer=o["MyOpt"](learning_rate=o["MySchedule"](0.1, 10, 0.9)),
        loss=o["my_loss"],
        metrics=[o["my_metric"], o["MyMetric"](name="m")],
    )
    return model


@pytest.fixture(scope="module")
def made(era: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The objects, and the model saved by this Keras as HDF5 and as an archive."""
    objects = objects_for(era)
    model = build(era, objects)
    model.train_on_batch(era.K.eval(era.K.ones((2, 5, 4))), era.K.eval(era.K.ones((2, 2))))
    folder = tmp_path_factory.mktemp("made")
    paths = {"h5": folder / f"{era.flavour}.h5", "keras": folder / f"{era.flavour}.keras"}
    # The archive first: Keras 3.15 loses the optimizer when HDF5 is written before it.
    model.save(paths["keras"])
    model.save(paths["h5"])
    return objects, paths


def rows_of(era: Any, path: Path) -> list[dict[str, Any]]:
    config, training = config_of(path)
    return needs.find(config, training, era.keras, flavour=era.flavour)


def load(era: Any, path: Path, objects: dict[str, Any]) -> BaseException | None:
    try:
        era.keras.models.load_model(path, custom_objects=objects)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("form", ["h5", "keras"])
def test_every_kind_is_found_with_its_place(era: Any, made: Any, form: str) -> None:
    _objects, paths = made
    rows = {row["plain_name"]: row for row in rows_of(era, paths[form]) if not row["own"]}
    assert set(rows) == set(KINDS)
    for name, kind in KINDS.items():
        assert rows[name]["kind"] == kind
    assert rows["my_act"]["uses"] == [
        "activation of inner/each/my_dense",
        "recurrent_activation of lstm",
    ]
    assert rows["MyCell"]["uses"] == ["inner/cells/my_cell"]
    assert rows["MyDense"]["uses"] == ["inner/each/my_dense"]
    assert rows["MyCon"]["uses"] == ["bias_constraint of out"]
    assert rows["my_loss"]["uses"] == ["loss"]
    assert rows["MySchedule"]["uses"] == ["learning rate"]


def test_an_archive_loads_with_what_is_listed_and_fails_without_any(era: Any, made: Any) -> None:
    objects, paths = made
    rows = rows_of(era, paths["keras"])
    given = {row["name"]: objects[row["plain_name"]] for row in rows}
    assert load(era, paths["keras"], given) is None
    for name in given:
        rest = {key: value for key, value in given.items() if key != name}
        error = load(era, paths["keras"], rest)
        # tf_keras keeps the bare name of these, and fails when they are used.
        lazy = not era.new and KINDS[name] in ("schedule", "regularizer")
        assert error is not None or lazy, f"{name} was not needed"
        if error is not None and unknown_name(error):
            assert name in unknown_name(error)


def test_registered_names_are_the_keys(era: Any, tmp_path: Path) -> None:
    keras = era.keras
    register = (keras.saving if era.new else keras.utils).register_keras_serializable
    registry = (keras.saving if era.new else keras.utils).get_custom_objects()
    before = dict(registry)

    @register(package="shop", name="Scaled")
    class Mine(keras.layers.Layer):
        def call(self, x: Any) -> Any:
            return x * 2

    @register(package="shop")
    def twice(x: Any) -> Any:
        return x * 2

    inputs = keras.Input((3,))
    x = Mine(name="mine")(keras.layers.Dense(3, activation=twice, name="d")(inputs))
    model = keras.Model(inputs, x)
    for form in ("keras", "h5"):
        path = tmp_path / f"m.{form}"
        model.save(path)
        assert rows_of(era, path) == []  # registered in this process: nothing is missing
        added = {key: registry[key] for key in registry if key not in before}
        for key in added:
            del registry[key]
        try:
            rows = {row["name"]: row for row in rows_of(era, path)}
            assert set(rows) == {"shop>Scaled", "shop>twice"}
            assert rows["shop>Scaled"]["plain_name"] == "Scaled"
            assert rows["shop>Scaled"]["kind"] == "layer"
            # tf_keras 2.21 cannot read back a registered activation that it wrote to HDF5.
            assert load(era, path, dict(added)) is None or (form == "h5" and not era.new)
            assert load(era, path, {}) is not None
        finally:
            registry.update(added)
    for key in [key for key in registry if key not in before]:
        del registry[key]


def test_a_model_of_keras_alone_needs_nothing(era: Any, tmp_path: Path) -> None:
    keras = era.keras
    layers = keras.layers
    inputs = keras.Input((6, 8, 3))
    x = layers.SeparableConv2D(4, 3, activation="swish", depthwise_initializer="he_normal")(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.TimeDistributed(layers.Dense(5, activation="gelu"))(x)
    x = layers.Reshape((24, 5))(x)
    x = layers.Bidirectional(layers.GRU(4, kernel_regularizer="l2"))(x)
    x = layers.Dense(3, "softmax", kernel_constraint=keras.constraints.MaxNorm(2.0))(x)
    model = keras.Model(inputs, x)
    schedule = keras.optimizers.schedules.PolynomialDecay(0.1, 100)
    model.compile(
        keras.optimizers.Adam(schedule),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["accuracy", "mae", keras.metrics.AUC()],
    )
    for form in ("keras", "h5"):
        path = tmp_path / f"m.{form}"
        model.save(path)
        wrapped = {"Dense", "GRU"} if form == "h5" and era.new else set()
        rows = rows_of(era, path)
        assert {row["name"] for row in rows} <= wrapped, rows
        assert all(row["own"] and row["today"] for row in rows)


def test_hostile_configurations_are_walked_to_their_end(era: Any) -> None:
    deep: Any = {"class_name": "Mine", "config": {"name": "m"}}
    for _ in range(20_000):
        deep = {"class_name": "Functional", "config": {"name": "f", "layers": [deep]}}
    rows = needs.find(deep, None, era.keras, flavour=era.flavour)
    assert [row["name"] for row in rows] == ["Mine"]
    assert len(rows[0]["uses"][0]) < 5000
    for odd in (None, 3, "text", [], [[1]], {}, {"class_name": []}, {"class_name": "A"}):
        needs.find(odd, odd, era.keras, flavour=era.flavour)
    many = [{"class_name": "Mine", "config": {"name": f"m{i}"}} for i in range(5000)]
    model = {"class_name": "Functional", "config": {"name": "f", "layers": many}}
    (row,) = needs.find(model, None, era.keras, flavour=era.flavour)
    assert len(row["uses"]) == 1000
    assert row["more_uses"] == 4000
    weird = {
        "class_name": "Dense",
        "config": {"name": ["x"], "activation": {"class_name": "function", "config": 3},
                   "kernel_initializer": {"class_name": "A" * 10**6, "config": None}},
    }  # fmt: skip
    model = {"class_name": "Functional", "config": {"layers": [weird, None, 7]}}
    needs.find(model, {"loss": {"a": [None, {"class_name": 3}]}, "metrics": 5}, era.keras,
               flavour=era.flavour)  # fmt: skip


def test_finding_imports_nothing_that_a_file_names(era: Any) -> None:
    import sys

    layer = {"module": "antigravity", "class_name": "Fly", "config": {}, "registered_name": "Fly"}
    model = {"module": "keras", "class_name": "Functional", "config": {"layers": [layer]}}
    rows = needs.find(model, None, era.keras, flavour=era.flavour)
    assert "Fly" in {row["name"] for row in rows}
    assert "antigravity" not in sys.modules

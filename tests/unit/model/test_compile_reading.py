"""The compile section of every era, against what real Keras does with it.

What flat lists of metrics mean was found by training with Keras 3.15 and tf_keras 2.21; the
test marked ``keras`` in test_with_keras.py does it again.
"""

from __future__ import annotations

from typing import Any

import pytest

from kerastui.model import Compile
from kerastui.model.compile_reading import read_compile

TWO = ("price", "cls")
LEGACY: dict[str, Any] = {
    "optimizer_config": {"class_name": "Adam", "config": {"lr": 0.0010000000474974513}},
    "sample_weight_mode": None,
    "loss_weights": None,
}
KERAS3: dict[str, Any] = {
    "optimizer": "adam", "loss": "mse", "loss_weights": None, "metrics": None,
    "weighted_metrics": None, "run_eagerly": False, "steps_per_execution": 1, "jit_compile": False,
}  # fmt: skip


def read(config: dict[str, Any], outputs: tuple[str, ...] = ("out",), **more: Any) -> Compile:
    found = read_compile(config, outputs, **more)
    assert found is not None
    return found


def table(found: Compile) -> dict[str, tuple[str | None, list[str]]]:
    return {
        row.output: (row.loss and row.loss.name, [m.name for m in row.metrics])
        for row in found.outputs
    }


@pytest.mark.parametrize("config", [None, {}, {"metrics": None}, [], "x", 3])
def test_not_compiled(config: Any) -> None:
    assert read_compile(config, ["out"]) is None


def test_a_list_of_metrics_is_computed_for_every_output_before_keras_3() -> None:
    config = {**LEGACY, "loss": ["mse", "categorical_crossentropy"], "metrics": ["mse", "mae"]}
    assert table(read(config, TWO)) == {
        "price": ("mse", ["mse", "mae"]),
        "cls": ("categorical_crossentropy", ["mse", "mae"]),
    }


def test_keras_3_takes_a_list_as_long_as_the_outputs_one_to_one() -> None:
    found = read({**KERAS3, "metrics": ["mse", "mae"]}, TWO)
    assert table(found) == {"price": ("mse", ["mse"]), "cls": ("mse", ["mae"])}
    assert found.other == ()


def test_the_version_decides_over_the_keys() -> None:
    found = read({**KERAS3, "metrics": ["mse", "mae"]}, TWO, keras_version="2.13.1")
    assert table(found)["price"] == ("mse", ["mse", "mae"])


def test_tensorflow_2_13_archives_are_told_by_the_order_of_their_keys() -> None:
    config = {"optimizer": "adam", "loss": "mse", "metrics": ["mse", "mae"], "loss_weights": None}
    assert table(read(config, TWO))["cls"] == ("mse", ["mse", "mae"])


def test_keras_3_refuses_a_list_of_another_length_and_that_is_said() -> None:
    found = read({**KERAS3, "metrics": ["accuracy"]}, TWO)
    assert table(found)["cls"] == ("mse", ["accuracy"])
    assert found.other == (
        ("metrics", "a list of 1 for 2 outputs: Keras 3 refuses to train with it"),
    )


def test_lists_by_output() -> None:
    config = {**KERAS3, "metrics": [["mse", "mae"], ["mape"]]}
    assert table(read(config, TWO))["price"][1] == ["mse", "mae"]
    assert table(read(config, TWO))["cls"][1] == ["mape"]
    mixed = {**LEGACY, "loss": "mse", "metrics": [["mse"], "mae"]}
    assert table(read(mixed, TWO)) == {"price": ("mse", ["mse"]), "cls": ("mse", ["mae"])}


def test_tables_by_output_and_loss_weights() -> None:
    config = {
        **LEGACY,
        "loss": {"cls": "categorical_crossentropy", "price": "mse"},
        "metrics": {"cls": "accuracy", "price": ["mae"]},
        "loss_weights": {"price": 1.0, "cls": 0.5},
    }
    found = read(config, TWO)
    assert table(found) == {
        "price": ("mse", ["mae"]),
        "cls": ("categorical_crossentropy", ["accuracy"]),
    }
    assert [row.loss_weight for row in found.outputs] == [1.0, 0.5]


def test_what_fits_no_output_is_not_lost() -> None:
    config = {**LEGACY, "loss": {"price": "mse", "old": "mae"}, "metrics": {"gone": ["mape", "f1"]}}
    assert read(config, TWO).other == (
        ("loss of ‘old’, which is no output", "mae"),
        ("metrics of ‘gone’, which is no output", "mape; f1"),
    )
    longer = read({**LEGACY, "loss": ["mse", "mae", "mape"]}, TWO)
    assert longer.other == (("loss of ‘output 3’, which is no output", "mape"),)


def test_a_short_list_leaves_outputs_without() -> None:
    found = read({**LEGACY, "loss": ["mse"], "loss_weights": [0.5]}, TWO)
    assert table(found)["cls"][0] is None
    assert [row.loss_weight for row in found.outputs] == [0.5, None]


def test_unknown_outputs_are_named_by_the_section() -> None:
    by_name = read_compile({**LEGACY, "loss": {"a": "mse", "b": "mae"}}, [])
    by_place = read_compile({**LEGACY, "loss": ["mse", "mae"]}, [])
    single = read_compile({**LEGACY, "loss": "mse"}, [])
    assert by_name and by_place and single
    assert list(table(by_name)) == ["a", "b"]
    assert list(table(by_place)) == ["output 1", "output 2"]
    assert list(table(single)) == ["output"]


def wrapped(name: str, function: object) -> dict[str, Any]:
    config = {"name": name, "dtype": "float32", "fn": function}
    return {"class_name": "MeanMetricWrapper", "config": config}


@pytest.mark.parametrize(
    ("metric", "name", "custom", "settings"),
    [
        ("accuracy", "accuracy", False, ()),
        ("acc", "acc", False, ()),
        ("cosine_proximity", "cosine_proximity", False, ()),
        ("f1", "f1", True, ()),
        ("precision", "precision", True, ()),
        ("fmeasure", "fmeasure", True, ()),
        (wrapped("accuracy", "categorical_accuracy"), "accuracy", False,
         (("function", "categorical_accuracy"),)),
        (wrapped("mse", "mean_squared_error"), "mse", False, ()),
        (wrapped("mean_absolute_error", "mean_absolute_error"), "mean_absolute_error", False, ()),
        (wrapped("recall", "recall"), "recall", True, ()),
        (wrapped("score", "f1"), "f1", True, (("name", "score"),)),
        (wrapped("f1", {"class_name": "function", "config": "f1"}), "f1", True, ()),
        ({"class_name": "AUC", "config": {"name": "auc", "num_thresholds": 200, "curve": "PR"}},
         "AUC", False, (("curve", "PR"),)),
        ({"class_name": "Precision", "config": {"name": "precision_2", "thresholds": None}},
         "Precision", False, ()),
        ({"class_name": "Addons>F1Score", "config": {}}, "Addons>F1Score", True, ()),
        ({"class_name": "Custom>Recall", "config": {}}, "Recall", True, ()),
        ("Custom>mse", "mse", True, ()),
    ],
)  # fmt: skip
def test_metrics_of_older_files(
    metric: Any, name: str, custom: bool, settings: tuple[tuple[str, str], ...]
) -> None:
    found = read({**LEGACY, "loss": "mse", "metrics": [metric]}).outputs[0].metrics[0]
    assert (found.name, found.custom, found.settings) == (name, custom, settings)


@pytest.mark.parametrize(
    ("metric", "name", "custom"),
    [
        ("precision", "precision", False),  # Keras 3 has the class; Keras 2 had no such name
        ("f1", "f1", True),
        ({"module": "builtins", "class_name": "function", "config": "f1",
          "registered_name": "function"}, "f1", True),
        ({"module": "builtins", "class_name": "function", "config": "Custom>f1",
          "registered_name": "function"}, "f1", True),
        ({"module": "builtins", "class_name": "function", "config": "categorical_accuracy",
          "registered_name": "function"}, "categorical_accuracy", False),
        ({"module": "builtins", "class_name": "function", "config": "precision",
          "registered_name": "function"}, "precision", True),
        ({"module": "keras.metrics", "class_name": "F1Score", "config": {"name": "f1_score"},
          "registered_name": None}, "F1Score", False),
        ({"module": "mine", "class_name": "F1Score", "config": {},
          "registered_name": "mine>F1Score"}, "F1Score", True),
        ({"class_name": "__lambda__", "config": {"value": ["4wAA", None, None]}}, "<lambda>", True),
    ],
)  # fmt: skip
def test_metrics_of_keras_3(metric: Any, name: str, custom: bool) -> None:
    found = read({**KERAS3, "metrics": [metric]}).outputs[0].metrics[0]
    assert (found.name, found.custom) == (name, custom)


def test_tensorflow_prefixes_of_outputs_are_dropped() -> None:
    metrics = [[wrapped("price_mse", "mean_squared_error")], [wrapped("cls_f1", "f1")]]
    found = read({**LEGACY, "loss": "mse", "metrics": metrics}, TWO)
    assert table(found) == {"price": ("mse", ["mse"]), "cls": ("mse", ["f1"])}


def test_loss_objects() -> None:
    loss = {
        "class_name": "BinaryCrossentropy",
        "config": {"reduction": "auto", "name": "binary_crossentropy", "from_logits": True,
                   "label_smoothing": 0.0, "axis": -1, "fn": "binary_crossentropy"},
    }  # fmt: skip
    found = read({**LEGACY, "loss": loss}, TWO).outputs
    assert [row.loss and row.loss.name for row in found] == ["BinaryCrossentropy"] * 2
    assert found[0].loss and found[0].loss.settings == (("from_logits", "True"),)
    own = read({**LEGACY, "loss": "contrastive"}).outputs[0].loss
    dice = read({**LEGACY, "loss": "dice"}).outputs[0].loss
    todays_dice = read({**KERAS3, "loss": "dice"}).outputs[0].loss
    assert own and own.custom
    assert dice and dice.custom
    assert todays_dice and not todays_dice.custom


def test_brackets_around_a_single_loss_do_not_matter() -> None:
    loss = read({**LEGACY, "loss": [["mse"]]}).outputs[0].loss
    assert loss and (loss.name, loss.custom) == ("mse", False)


def test_optimizer_settings_are_readable() -> None:
    config = {
        "name": "Adam", "weight_decay": None, "clipnorm": 1.0, "global_clipnorm": None,
        "use_ema": False, "ema_momentum": 0.99, "jit_compile": False, "is_legacy_optimizer": False,
        "learning_rate": 0.0010000000474974513, "beta_1": 0.9, "decay": 0.0, "amsgrad": False,
    }  # fmt: skip
    optimizer = {"class_name": "Custom>Adam", "config": config}
    found = read({"optimizer_config": optimizer, "loss": "mse"}).optimizer
    assert found and (found.name, found.custom) == ("Adam", False)
    assert found.settings == (("clipnorm", "1"), ("learning_rate", "0.001"), ("beta_1", "0.9"))


def test_schedules_are_named_with_their_settings() -> None:
    schedule = {
        "module": "keras.optimizers.schedules", "class_name": "ExponentialDecay",
        "config": {"initial_learning_rate": 0.001, "decay_steps": 100, "decay_rate": 0.9,
                   "staircase": False, "name": None},
        "registered_name": None,
    }  # fmt: skip
    optimizer = {"class_name": "SGD", "config": {"learning_rate": schedule}}
    found = read({"optimizer_config": optimizer, "loss": "mse"}).optimizer
    text = "ExponentialDecay(initial_learning_rate=0.001, decay_steps=100, decay_rate=0.9)"
    assert found and found.settings == (("learning_rate", text),)


def test_a_loss_scale_optimizer_shows_what_it_wraps() -> None:
    inner = {"class_name": "Custom>Mine", "config": {"learning_rate": 0.1}}
    optimizer = {
        "class_name": "LossScaleOptimizerV3",
        "config": {"inner_optimizer": inner, "dynamic": True, "initial_scale": 32768.0},
    }
    found = read({"optimizer_config": optimizer, "loss": "mse"}).optimizer
    assert found and found.custom  # because of what is inside
    assert found.settings[0] == ("inner_optimizer", "Mine(learning_rate=0.1)")


def test_further_options_only_when_they_matter() -> None:
    config = {**KERAS3, "jit_compile": True, "run_eagerly": False, "steps_per_execution": 10}
    assert read(config).other == (("steps_per_execution", "10"), ("jit_compile", "True"))
    assert read({**LEGACY, "loss": "mse", "sample_weight_mode": "temporal"}).other == (
        ("sample_weight_mode", "temporal"),
    )

"""Edits of the compile section on descriptions: what they change, refuse, and take back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from unit.edits.test_rename import transfer

from kerastui import Document
from kerastui.edits import (
    CompileChange,
    SetCompile,
    SetLoss,
    SetLossWeight,
    SetMetrics,
    SetOptimizer,
    SetOptimizerState,
)
from kerastui.edits.codec import edits_from_json, edits_to_json
from kerastui.edits.compile_typed import loss_names, metric_names, metrics_edit, only_output
from kerastui.errors import BadEdit
from kerastui.model import Model
from kerastui.model.compile_reading import read_compile

ADAM: dict[str, Any] = {
    "class_name": "Adam",
    "config": {"name": "adam", "learning_rate": 0.001, "clipnorm": None, "global_clipnorm": None,
               "clipvalue": None, "beta_1": 0.9, "amsgrad": False},
}  # fmt: skip
SCHEDULE: dict[str, Any] = {
    "class_name": "ExponentialDecay",
    "config": {"initial_learning_rate": 0.1, "decay_steps": 100, "name": "decay"},
}
TWO: dict[str, Any] = {
    "loss": ["mse", "categorical_crossentropy"], "loss_weights": None,
    "metrics": [["mae"], ["accuracy"]], "weighted_metrics": None, "run_eagerly": False,
    "optimizer_config": ADAM,
}  # fmt: skip


def compiled(
    section: dict[str, Any] | None = None,
    outputs: tuple[str, ...] = ("price", "cls"),
    version: str = "3.5.0",
    file_format: str = "keras",
) -> Model:
    from dataclasses import replace

    model = replace(transfer(), keras_version=version, format=file_format)  # pyright: ignore[reportArgumentType]
    return model.with_compile(read_compile(section or TWO, outputs, True, version))


def section(model: Model) -> dict[str, Any]:
    assert model.compile is not None
    return json.loads(model.compile.section)


@pytest.mark.parametrize(
    ("loss", "version", "after"),
    [("mse", "3.5.0", ["mse", "huber"]), (["mse", "hinge"], "2.4.0", ["mse", "huber"]),
     ({"price": "mse", "cls": "hinge"}, "2.0.8", {"price": "mse", "cls": "huber"})],
)  # fmt: skip
def test_a_loss_is_put_into_the_form_that_is_there(loss: Any, version: str, after: Any) -> None:
    model = SetLoss.named("cls", "huber").apply(compiled({**TWO, "loss": loss}, version=version))
    assert section(model)["loss"] == after
    assert model.compile is not None
    assert [row.loss and row.loss.name for row in model.compile.outputs] == ["mse", "huber"]


@pytest.mark.parametrize(
    ("metrics", "version", "config", "after"),
    [(["mae", "mse"], "2.2.4", {"lr": 0.1}, {"price": ["mae", "mse"], "cls": ["acc"]}),
     (["mae", "mse"], "2.4.0", {"name": "a"}, [["mae", "mse"], ["acc"]]),
     (["mae", "mse"], "3.5.0", {"name": "a"}, [["mae"], ["acc"]]),
     (None, "3.5.0", {"name": "a"}, [[], ["acc"]]),
     ({"price": ["mae"]}, "2.4.0", {"name": "a"}, {"price": ["mae"], "cls": ["acc"]})],
)  # fmt: skip
def test_metrics_keep_what_the_other_outputs_have(
    metrics: Any, version: str, config: Any, after: Any
) -> None:
    optimizer = {"class_name": "SGD", "config": config}
    before = compiled({**TWO, "metrics": metrics, "optimizer_config": optimizer}, version=version)
    model = SetMetrics.named("cls", "acc").apply(before)
    assert section(model)["metrics"] == after
    assert model.compile is not None
    assert before.compile is not None
    assert model.compile.outputs[0].metrics == before.compile.outputs[0].metrics


def test_loss_weights_are_complete() -> None:
    listed = SetLossWeight("cls", 0.5).apply(compiled())
    assert section(listed)["loss_weights"] == [1.0, 0.5]
    by_name = compiled({**TWO, "loss": {"price": "mse", "cls": "mse"}})
    assert section(SetLossWeight("cls", 0.5).apply(by_name))["loss_weights"] == {
        "price": 1.0,
        "cls": 0.5,
    }


def test_a_short_loss_is_written_in_full_where_keras_3_could_not_read_it() -> None:
    legacy = SetLoss.named("cls", "MSE").apply(compiled(file_format="hdf5"))
    assert section(legacy)["loss"] == ["mse", "mean_squared_error"]
    assert section(SetLoss.named("cls", "mse").apply(compiled()))["loss"] == ["mse", "mse"]


@pytest.mark.parametrize("name", ["lr", "learning_rate"])
def test_the_learning_rate_by_either_name(name: str) -> None:
    old = {**TWO, "optimizer_config": {"class_name": "SGD", "config": {"lr": 0.1}}}
    for given, own in ((TWO, "learning_rate"), (old, "lr")):
        model = SetOptimizer.of(**{name: 0.5}).apply(compiled(given))
        assert section(model)["optimizer_config"]["config"][own] == 0.5


def test_settings_of_a_schedule_and_of_a_wrapped_optimizer() -> None:
    inner = {"class_name": "Adam", "config": {**ADAM["config"], "learning_rate": SCHEDULE}}
    wrapped = {"class_name": "LossScaleOptimizer",
               "config": {"inner_optimizer": inner, "initial_scale": 32768.0}}  # fmt: skip
    model = compiled({**TWO, "optimizer_config": wrapped})
    edit = SetOptimizer(
        (("learning_rate.decay_steps", "7"), ("initial_scale", "2.0"), ("amsgrad", "true"))
    )
    config = section(edit.apply(model))["optimizer_config"]["config"]
    assert config["initial_scale"] == 2.0
    assert config["inner_optimizer"]["config"]["amsgrad"] is True
    schedule = config["inner_optimizer"]["config"]["learning_rate"]["config"]
    assert schedule["decay_steps"] == 7
    plain = SetOptimizer.of(learning_rate=0.1).apply(model)
    assert section(plain)["optimizer_config"]["config"]["inner_optimizer"]["config"][
        "learning_rate"
    ] == 0.1  # fmt: skip


@pytest.mark.parametrize(
    ("edit", "said"),
    [(SetOptimizer.of(momentum=0.9), "Adam has no setting 'momentum'"),
     (SetOptimizer.of(learning_rate="fast"), "learning_rate has to be a number of at least 0"),
     (SetOptimizer.of(learning_rate=True), "learning_rate has to be a number"),
     (SetOptimizer.of(learning_rate=float("nan")), "learning_rate has to be a number"),
     (SetOptimizer.of(beta_1=1.5), "beta_1 has to be a number from 0 to 1"),
     (SetOptimizer.of(amsgrad=None), "amsgrad has to be true or false"),
     (SetOptimizer.of(clipnorm=1.0, clipvalue=1.0), "not both"),
     (SetOptimizer((("amsgrad", "{"),)), "no JSON value"),
     (SetLoss.named("nowhere", "mse"), "The model has no output 'nowhere'; it has price, cls."),
     (SetLoss.named("cls", "a\nb"), "A loss is a name"),
     (SetMetrics.named("cls", ""), "A metric is a name"),
     (SetLossWeight("cls", float("inf")), "A loss weight is a number"),
     (SetCompile('{"metrics": []}'), "names neither")],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(edit: Any, said: str) -> None:
    model = compiled()
    with pytest.raises(BadEdit) as caught:
        edit.apply(model)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_model_that_is_not_compiled_takes_no_such_edit() -> None:
    model = compiled().with_compile(None)
    for edit in (SetOptimizer.of(learning_rate=0.1), SetOptimizerState(kept=False)):
        with pytest.raises(BadEdit, match="is not compiled"):
            edit.apply(model)


def test_two_outputs_of_one_name_are_told_apart_by_nobody() -> None:
    with pytest.raises(BadEdit, match="Several outputs are called 'a'"):
        SetLoss.named("a", "mse").apply(compiled(outputs=("a", "a")))
    with pytest.raises(BadEdit, match="say which one: price, cls"):
        only_output(compiled())


EDITS = (
    SetOptimizer.of(learning_rate=0.5, clipnorm=1.0),
    SetLoss.named("price", "huber"),
    SetLossWeight("price", 3.0),
    SetMetrics.named("cls", "auc", "accuracy"),
    SetMetrics.named("cls", "mse", weighted=True),
    SetOptimizerState(kept=False),
)


def test_changes_say_before_and_after_and_are_taken_back_one_by_one() -> None:
    document = Document(compiled())
    document.apply(*EDITS)
    changes = [c for c in document.changes if isinstance(c, CompileChange)]
    assert [(c.name, c.before, c.after) for c in changes] == [
        ("learning_rate", "0.001", "0.5"),
        ("clipnorm", "none", "1"),
        ("loss of price", "mse", "huber"),
        ("loss weight of price", "1", "3"),
        ("metrics of cls", "accuracy", "auc, accuracy"),
        ("weighted metrics of cls", "none", "mse"),
        ("optimizer state", "saved", "none"),
    ]
    again = Document(document.original)
    again.apply(*document.edits)
    assert again.changes == document.changes
    for number, change in enumerate(changes, 1):
        document.revert_changes([change])
        assert len(document.changes) == len(changes) - number
    while document.undo():
        pass
    assert document.model is document.original


def test_dropping_the_section_and_undoing() -> None:
    document = Document(compiled())
    document.apply(SetCompile())
    assert document.model.compile is None
    assert [(c.before, c.after) for c in document.changes] == [("Adam", "none"), ("saved", "none")]
    again = Document(document.original)  # as the clerk does before it saves
    again.apply(*document.edits)
    assert again.model.compile is None
    document.revert_changes(document.changes)
    assert not document.changes
    assert section(document.model) == TWO
    assert document.model.compile is not None
    assert document.model.compile.has_optimizer_state


def test_metrics_that_stay_keep_their_settings() -> None:
    auc = {"class_name": "AUC", "config": {"name": "auc", "num_thresholds": 7}}
    model = compiled({**TWO, "metrics": [["mae"], [auc]]})
    edit = metrics_edit(model, "cls", "mse, AUC")
    assert section(edit.apply(model))["metrics"] == [["mae"], ["mse", auc]]


def test_edits_have_a_json_form() -> None:
    edits = (*EDITS, SetCompile(), SetCompile('{"loss": "mse"}', ("a",)))
    assert edits_from_json(edits_to_json(edits)) == edits
    with pytest.raises(BadEdit, match="'weight' has to be a number"):
        edits_from_json(
            '{"kerastui_edits": 1, "edits": [{"edit": "set_loss_weight", "output": "a",'
            ' "weight": "x"}]}'
        )


def test_names_for_completion_are_of_the_files_keras() -> None:
    assert "huber" in loss_names(compiled())
    assert "r2_score" in metric_names(compiled())
    assert "r2_score" not in metric_names(compiled(version="2.4.0"))

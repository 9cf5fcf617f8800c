"""Code hidden in configurations is found, at any depth and in any spelling; the rest is clean."""

from __future__ import annotations

import base64
import json
import marshal
import time
from pathlib import Path
from typing import Any

import pytest
from real_files import config_of, full_models

from kerastui.checks.code_scan import ScanResult, scan

CODE = base64.b64encode(marshal.dumps((lambda x: x).__code__)).decode()


def layer(class_name: str, name: str = "suspect", **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": name, "trainable": True, **config}}


def model(*layers: dict[str, Any], name: str = "m") -> dict[str, Any]:
    return {"class_name": "Functional", "config": {"name": name, "layers": list(layers)}}


def function(module: Any, name: Any) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def dense(**config: Any) -> dict[str, Any]:
    return layer("Dense", **config)


LAMBDA = layer("Lambda", function=[CODE, None, None], function_type="lambda")
FOUND = {
    "lambda of Keras 2": (model(LAMBDA), "bytecode"),
    "lambda as a bare string": (model(layer("Lambda", function=CODE)), "bytecode"),
    "lambda of Keras 1, raw text": (
        model(layer("Lambda", function=["ã\x01\x00\x00", None, None])), "bytecode"),
    "lambda's output shape": (
        model(layer("Lambda", function="named", function_type="function",
                    output_shape=[CODE, None, None], output_shape_type="lambda")), "bytecode"),
    "lambda's mask": (
        model(layer("Lambda", function="f", function_type="function", mask=[CODE, None, None])),
        "bytecode"),
    "lambda of Keras 3": (
        model(layer("Lambda", function={"class_name": "__lambda__", "config": {
            "code": CODE, "defaults": None, "closure": None}})), "bytecode"),
    "registered under another name": (
        model(layer("keras>Lambda", function=[CODE, None, None])), "bytecode"),
    "in TimeDistributed": (
        model(layer("TimeDistributed", name="td", layer=LAMBDA)), "bytecode"),
    "in Bidirectional's backward layer": (
        model(layer("Bidirectional", name="b", backward_layer=LAMBDA)), "bytecode"),
    "in an old Sequential": ({"class_name": "Sequential", "config": [LAMBDA]}, "bytecode"),
    "the whole model is one": (LAMBDA, "bytecode"),
    "activation": (
        model(dense(activation={"class_name": "__lambda__", "config": {"value": [CODE]}})),
        "bytecode"),
    "regularizer in a list in a dictionary": (
        model(dense(odd={"a": [[{"b": {"class_name": "__lambda__", "config": {}}}]]})),
        "bytecode"),
    "os.system": (model(dense(activation=function("os", "system"))), "function"),
    "subprocess": (model(dense(activation=function("subprocess", "Popen"))), "function"),
    "eval": (model(dense(activation=function("builtins", "eval"))), "function"),
    "some module": (model(dense(activation=function("evil.things", "run"))), "function"),
    "module is no text": (model(dense(activation=function(["os"], "system"))), "function"),
    "get_file": (model(dense(activation=function("keras.utils", "get_file"))), "function"),
    "unsafe mode": (
        model(dense(activation=function("keras.config", "enable_unsafe_deserialization"))),
        "function"),
    "inner path of Keras": (
        model(dense(activation=function("keras.src.utils.file_utils", "get_file"))), "function"),
    "load_model": (model(dense(activation=function("keras.models", "load_model"))), "function"),
    "array_to_img": (
        model(dense(activation=function("keras.utils", "array_to_img"))), "function"),
    "tf_keras's": (
        model(dense(activation=function("tf_keras.utils", "get_file"))), "function"),
    "get_file as a class": (
        model({"module": "keras.utils", "class_name": "get_file", "config": {"origin": "http:"},
               "registered_name": None}), "function"),
    "a class of the library": (
        model({"module": "subprocess", "class_name": "Popen", "config": {}}), "class"),
    "Dense of another module": (
        model({"module": "evil", "class_name": "Dense", "config": {"name": "d"}}), "class"),
    "Dense registered as another": (
        model({"module": "keras.layers", "class_name": "Dense", "config": {"name": "d"},
               "registered_name": "evil>Dense"}), "class"),
    "TFSMLayer": (model(layer("TFSMLayer", filepath="/tmp/x")), "file"),
    "hub": (model(layer("KerasLayer", handle="https://tfhub.dev/x")), "file"),
    "torch": (model(layer("TorchModuleWrapper", module="gASV")), "pickle"),
    "vocabulary path": (model(layer("StringLookup", vocabulary="/etc/passwd")), "file"),
    "vocabulary address": (
        model(layer("Custom>TextVectorization", vocabulary="http://a/b")), "file"),
    "write_file": (model(layer("TFOpLambda", function="io.write_file")), "operator"),
    "py_function": (model(layer("TFOpLambda", function="py_function")), "operator"),
    "raw_ops": (model(layer("TFOpLambda", function="raw_ops.WriteFile")), "operator"),
    "operator is no text": (model(layer("TFOpLambda", function=["nn.relu"])), "operator"),
    "graph operator": (
        model(layer("TensorFlowOpLayer", node_def='{"name": "w", "op": "WriteFile"}')),
        "operator"),
    "class method": (
        model(layer("ClassMethod", cls_symbol="data.Dataset", method_name="from_generator")),
        "operator"),
    "type specification": (
        model(dense(spec={"class_name": "__typespec__", "spec_name": "X", "module": "evil",
                          "config": []})), "class"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    config, kind = FOUND[name]
    result = scan(config)
    assert result.verdict == "found"
    assert result.needs_consent
    assert kind in {f.kind for f in result.findings if f.runs}


@pytest.mark.parametrize("name", FOUND)
def test_found_in_a_nested_model_and_in_the_compile_section(name: str) -> None:
    config, kind = FOUND[name]
    inner = model(dense(), {**config, "name": "in"}, name="inner")
    deep = {"module": "keras", **model(dense(name="d"), inner), "compile_config": {"x": config}}
    result = scan(deep)
    assert result.verdict == "found"
    places = {f.layer for f in result.findings if f.kind == kind}
    assert any(p.startswith("inner") for p in places)
    assert any(p.startswith("compile section") for p in places)
    assert scan(None, {"loss": {"a": [config]}}).findings[0].layer.startswith("compile section")


def test_escapes_in_the_text_hide_nothing() -> None:
    """Scanners that search raw bytes are blind to this; the parsed value is what counts."""
    text = json.dumps(model(LAMBDA))
    hidden = text.replace("Lambda", "".join(f"\\u{ord(c):04x}" for c in "Lambda"))
    hidden = hidden.replace("function", "\\u0066unction")
    assert b"Lambda" not in hidden.encode()
    assert scan(json.loads(hidden)) == scan(model(LAMBDA))


def test_the_layer_and_the_key_are_told() -> None:
    wrapped = layer("TimeDistributed", name="each", layer=LAMBDA)
    (finding,) = scan(model(model(wrapped, name="vgg"))).findings
    assert finding.layer == "vgg/each/suspect"
    assert finding.where == "function"
    assert finding.bytecode == CODE
    odd = model(dense(activation=function("os", "system")))
    (finding,) = scan(odd).findings
    assert (finding.layer, finding.where) == ("suspect", "activation")
    assert "os.system" in finding.what


CLEAN = {
    "plain": model(dense(activation="relu"), layer("Conv2D", kernel_initializer={
        "class_name": "GlorotUniform", "config": {"seed": None}})),
    "Keras 3": model({"module": "keras.layers", "class_name": "Dense", "registered_name": None,
                      "config": {"name": "d", "dtype": {
                          "module": "keras", "class_name": "DTypePolicy",
                          "config": {"name": "float32"}, "registered_name": None}}}),
    "own functions": model(dense(activation=function("keras.activations", "gelu")),
                           dense(activation=function("keras.src.activations", "relu6"))),
    "ops": model(layer("Lambda", function=function("keras.ops", "relu"))),
    "vocabulary in place": model(layer("StringLookup", vocabulary=["a", "/etc/passwd"])),
    "operators": model(layer("TFOpLambda", function="math.multiply"),
                       layer("TFOpLambda", function="__operators__.add"),
                       layer("SlicingOpLambda", function="__operators__.getitem"),
                       layer("TensorFlowOpLayer", node_def='{"op": "Relu"}')),
    "tensors in calls": model({**dense(), "inbound_nodes": [{"args": [{
        "class_name": "__keras_tensor__", "config": {"shape": [None], "keras_history": ["a", 0, 0]}
    }], "kwargs": {}}]}),
    "a layer called function": model(dense(name="__lambda__"), layer("Lambdas", name="os.system")),
    "null": None,
}  # fmt: skip


@pytest.mark.parametrize("name", CLEAN)
def test_clean(name: str) -> None:
    assert scan(CLEAN[name]) == ScanResult("clean")


@pytest.mark.parametrize(
    ("config", "imports"),
    [
        (model(dense(activation=function("builtins", "my_activation"))), False),
        (model(layer("Lambda", function="euclidean", function_type="function")), False),
        (model({"module": "my_shop.layers", "class_name": "Mine", "config": {"name": "a"}}), True),
        (model({"module": None, "class_name": "VAE", "config": {}}), False),
    ],
)
def test_names_of_the_users_own_are_no_code(config: Any, imports: bool) -> None:
    """They run only what the user gives; tf_keras would import the module, so there it asks."""
    result = scan(config)
    assert result.verdict == "clean"
    assert not result.needs_consent
    assert not any(f.runs for f in result.findings)
    assert result.needs_consent_in(importing=True) is imports
    assert not result.needs_consent_in(importing=False)


@pytest.mark.parametrize(
    ("config", "training"),
    [("text", None), (3, None), (model(), "text"), (model(), 1.5), (True, None)],
)
def test_what_is_no_object_cannot_be_told(config: Any, training: Any) -> None:
    result = scan(config, training)
    assert result.verdict == "could not tell"
    assert result.needs_consent
    assert result.why


def test_what_was_found_stays_found_when_the_rest_cannot_be_told() -> None:
    result = scan(model(LAMBDA), "text")
    assert result.verdict == "could not tell"
    assert result.findings


def test_depth_and_size_are_no_hiding_place(monkeypatch: pytest.MonkeyPatch) -> None:
    deep: Any = LAMBDA
    for i in range(100_000):
        deep = {"class_name": "Functional", "config": {"layers": [deep]}} if i % 2 else [deep]
    started = time.process_time()
    result = scan({"config": deep})
    assert result.verdict == "found"
    assert len(result.findings) == 1
    assert time.process_time() - started < 5
    monkeypatch.setattr("kerastui.checks.code_scan.MAX_ITEMS", 1000)
    many = scan(model(*[dense(name=f"d{i}") for i in range(2000)]))
    assert many.verdict == "could not tell"


def test_names_that_are_no_names() -> None:
    odd: Any = {
        1: {"class_name": 5, "config": None},
        None: [{"class_name": ["Lambda"], "config": {"function": 3}}],
        "class_name": {"class_name": "Lambda"},
        "config": {"class_name": "function"},
    }
    assert scan(odd).verdict in ("clean", "found")
    assert scan(model(layer("Lambda", name="x" * 10**6, function=[CODE]))).verdict == "found"
    huge = model(layer("Lambda", function=None, output_shape=[1, 2], mask={}))
    assert scan(huge).verdict == "clean"


def test_a_big_honest_model_is_scanned_quickly() -> None:
    layers = [dense(name=f"d{i}", kernel_initializer={"class_name": "Zeros", "config": {}})
              for i in range(20_000)]  # fmt: skip
    started = time.process_time()
    assert scan(model(*layers)).verdict == "clean"
    assert time.process_time() - started < 5


LAMBDAS = {
    "CarND-BehavioiurCloning-P3/model.h5",
    "CarND-Behavioral-Cloning-P3/model.hdf5",
    "lambda_cropping.hdf5",
    "siamese_lambda_customloss.hdf5",
}


def test_real_files(models_dir: Path) -> None:
    """Exactly the files with Lambda bytecode; nothing in any other."""
    seen = 0
    for path in full_models(models_dir):
        result = scan(*config_of(path))
        expected = any(path.as_posix().endswith(name) for name in LAMBDAS)
        assert result.verdict == ("found" if expected else "clean"), path
        assert all(f.bytecode for f in result.findings if f.runs)
        seen += expected
    assert seen >= 6

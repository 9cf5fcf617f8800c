"""What counts as code in one entry of a configuration.

After the advisories CVE-2024-3660 (Lambda bytecode), CVE-2025-1550 and -8747, -9906
(arbitrary module and function, gadgets of Keras itself), -9905 (``.h5`` ignored safe mode),
-49655 (Torch pickle), -12058 (vocabulary path), CVE-2026-1462 (TFSMLayer), and the sources
of Keras 3.15, tf_keras 2.21 and Keras 1 and 2. Names that are allowed are listed; what is
not on a list is reported.
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from ..model import known_layers
from .code_names import (
    KERAS_FUNCTION_MODULES,
    NO_MODELING,
    harmless_tf_operator,
    suspicious_graph_operator,
)

_LOOKUPS = frozenset({"StringLookup", "IntegerLookup", "IndexLookup", "TextVectorization"})
_LAMBDA_PARTS = ("function", "output_shape", "mask")
# Functions of Keras files that Keras finds by name among its own, not in that module.
_OWN_ROOTS = ("keras", "tf_keras")
_STDLIB = frozenset(sys.stdlib_module_names) | {"__builtin__", "nt", "posix"}
_PATH = re.compile(r"[a-z][a-z0-9+.-]*://|[/\\~]|\.[A-Za-z0-9]{1,6}\Z")


@dataclass(frozen=True)
class Hit:
    """A rule that applied."""

    kind: str
    what: str
    where: str = ""
    runs: bool = True
    imports: bool = False
    bytecode: str | None = None


def judge(entry: dict[Any, Any], inside: str = "") -> Iterator[Hit]:
    """Yield what one dictionary brings; `inside`: it is the config of an object of that class."""
    name: Any = entry.get("class_name")
    config: Any = entry.get("config")
    settings = cast("dict[str, Any]", config) if isinstance(config, dict) else {}
    if inside.rsplit(">", 1)[-1] == "Lambda":
        yield from _lambda_parts(entry)
    if not isinstance(name, str):
        return
    if name == "__lambda__":
        yield from _lambda_object(config)
    elif name == "__typespec__":
        yield from _typespec(entry)
    elif name == "function":
        yield from _function(entry, config)
    else:
        yield from _class(entry, name)
        yield from _special(name, settings)


def _lambda_parts(settings: dict[Any, Any]) -> Iterator[Hit]:
    """The configuration of a Lambda layer of Keras 1 and 2, and of Keras 3's named form."""
    for part in _LAMBDA_PARTS:
        value: Any = settings.get(part)
        kind: Any = settings.get(f"{part}_type")
        if isinstance(value, list):
            items = cast("list[Any]", value)
            if items and isinstance(items[0], str):
                yield _bytecode(items[0], part)
        elif isinstance(value, str):
            # Old Keras takes the string for bytecode if the type says so, or if it is silent.
            if kind == "function" or (kind is None and value.isidentifier()):
                yield Hit(
                    "name", f"A Lambda layer calls the function {value} by name.", part, runs=False
                )
            else:
                yield _bytecode(value, part)


def _bytecode(text: str, where: str) -> Hit:
    return Hit(
        "bytecode",
        "A Lambda layer brings Python bytecode that runs when the model is loaded or used.",
        where,
        bytecode=text,
    )


def _lambda_object(config: Any) -> Iterator[Hit]:
    """``{"class_name": "__lambda__", "config": {"code" or "value": …}}``."""
    code: Any = None
    if isinstance(config, dict):
        settings = cast("dict[str, Any]", config)
        code = settings.get("code", settings.get("value"))
    while isinstance(code, list) and code:
        code = cast("list[Any]", code)[0]
    what = "A lambda object brings Python bytecode that runs when the model is loaded or used."
    yield Hit("bytecode", what, bytecode=code if isinstance(code, str) else None)


def _typespec(entry: dict[Any, Any]) -> Iterator[Hit]:
    module = entry.get("module")
    root = module.split(".", 1)[0] if isinstance(module, str) else ""
    if root not in ("tensorflow", *_OWN_ROOTS):
        spec = entry.get("spec_name")
        yield Hit("class", f"A type specification names {module}.{spec}, which Keras would import.")


def _function(entry: dict[Any, Any], config: Any) -> Iterator[Hit]:
    """A function named by module and name."""
    module: Any = entry.get("module")
    name = config if isinstance(config, str) else str(config)
    full = f"{module}.{name}"
    if module is None or module == "__main__":
        yield Hit("name", f"The function {name} is named; it must be given.", runs=False)
    elif not isinstance(module, str):
        yield Hit("function", f"The function {name} has a module that is no text.")
    elif module == "builtins":
        # Keras 3 means its own functions and custom objects by this module, never Python's;
        # tf_keras imports what the module says.
        if hasattr(builtins, name.rsplit(".", 1)[-1]):
            yield Hit("function", f"Python's own function {name} is named as a model's function.")
    elif _root(module) in _OWN_ROOTS:
        yield from _keras_symbol(module, name)
    else:
        yield Hit("function", f"The function {full} is named, which Keras would import and call.")


def _keras_symbol(module: str, name: str) -> Iterator[Hit]:
    """A function of Keras: only what models are made of."""
    public = re.sub(
        r"\A(tf_)?keras\.(api\.|src\.)*(_v\d\.|_tf_keras\.)?(keras\.)?", "keras.", module
    )
    full = f"{public}.{name}"
    allowed = any(public == own or public.startswith(own + ".") for own in KERAS_FUNCTION_MODULES)
    if full in NO_MODELING or name in {n.rsplit(".", 1)[-1] for n in NO_MODELING}:
        allowed = False
    if not allowed or "__" in name:
        yield Hit(
            "function", f"{module}.{name} is no function of models, but a tool of Keras: "
            "it can read, write or download files, or switch safety off.",
        )  # fmt: skip


def _class(entry: dict[Any, Any], name: str) -> Iterator[Hit]:
    """A class named by module and name."""
    module: Any = entry.get("module")
    registered: Any = entry.get("registered_name")
    if name.startswith("__"):  # Keras's own marks for tensors, slices, bytes
        return
    if isinstance(module, str) and module not in ("__main__", ""):
        root = _root(module)
        if root in _OWN_ROOTS:
            if name[:1].islower():
                yield from _keras_symbol(module, name)
            yield from _disguise(name, registered)
        elif root in _STDLIB:
            yield Hit("class", f"{module}.{name} of Python's own library is named as a class.")
        elif known_layers.is_known(name) and root not in ("tensorflow", "builtins"):
            yield Hit("class", f"{name} is Keras's own class, but the file takes it from {module}.")
        else:
            runs = root in ("tensorflow", "numpy", "torch", "jax")
            what = f"The class {module}.{name} is named; it must be given."
            yield Hit("class", what, runs=runs, imports=True)
    elif module is not None and not isinstance(module, str):
        yield Hit("class", f"The class {name} has a module that is no text.")


def _disguise(name: str, registered: Any) -> Iterator[Hit]:
    if isinstance(registered, str) and registered not in ("", name, f"Custom>{name}"):
        plain = registered.rsplit(">", 1)[-1]
        if plain != name or ">" in registered:
            yield Hit(
                "class",
                f"Keras's class {name} is registered as {registered}: another may take its place.",
            )


def _special(name: str, settings: dict[str, Any]) -> Iterator[Hit]:
    """Layers of Keras that read files, unpickle or call what they are told."""
    if name in ("TFSMLayer", "SavedModelLayer"):
        path = settings.get("filepath")
        yield Hit("file", f"{name} loads and runs the SavedModel {path}.", "filepath")
    elif name == "KerasLayer":
        handle = settings.get("handle")
        yield Hit("file", f"TensorFlow Hub's layer loads and runs {handle}.", "handle")
    elif name in ("TorchModuleWrapper", "FlaxLayer", "JaxLayer"):
        yield Hit("pickle", f"{name} unpickles or unmarshals what the file brings.")
    elif name.rsplit(">", 1)[-1] in _LOOKUPS:
        vocabulary = settings.get("vocabulary")
        if isinstance(vocabulary, str):
            yield Hit("file", f"{name} reads its vocabulary from {vocabulary}.", "vocabulary")
        weights = settings.get("idf_weights")
        if isinstance(weights, str):
            yield Hit("file", f"{name} reads weights from {weights}.", "idf_weights")
    elif name in ("TFOpLambda", "SlicingOpLambda"):
        function = settings.get("function")
        if not isinstance(function, str) or not harmless_tf_operator(function):
            what = f"A layer calls tf.{function}, which is no operator of models."
            yield Hit("operator", what, "function")
    elif name == "ClassMethod":
        symbol = settings.get("cls_symbol")
        if symbol not in ("RaggedTensor", "SparseTensor", "sparse.SparseTensor"):
            method = settings.get("method_name")
            yield Hit("operator", f"A layer calls {method} of tf.{symbol}.", "cls_symbol")
    elif name in ("InstanceMethod", "InstanceProperty"):
        attribute = settings.get("attr_name")
        if not isinstance(attribute, str) or attribute.startswith("_"):
            yield Hit("operator", f"A layer takes the hidden attribute {attribute}.", "attr_name")
    elif name == "TensorFlowOpLayer":
        operator = suspicious_graph_operator(settings.get("node_def"))
        if operator:
            yield Hit("operator", f"A layer holds the graph operator {operator}.", "node_def")


def _root(module: str) -> str:
    return module.split(".", 1)[0]

# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false
# (Tensors and arrays of whatever backend: they have no types here.)
"""Which names the running Keras knows, asked of its own tables.

Keras 3 keeps a dictionary a kind (``ALL_OBJECTS_DICT``), Keras 2 looks names up in the
globals of the module that holds ``deserialize``. Both are found through the public function
(``keras.losses.deserialize.__module__``), which works for ``keras``, ``tf_keras`` and
``tf.keras`` of every age. Nothing here instantiates, unmarshals, or imports anything that
is not part of Keras already imported.
"""

from __future__ import annotations

import sys
from typing import Any

PLURALS = {
    "layer": "layers",
    "activation": "activations",
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
    "loss": "losses",
    "metric": "metrics",
    "optimizer": "optimizers",
}
"""Kind of a name → the public module of Keras that resolves it."""

# Not in any table, and resolved all the same, by what compile() does with the strings.
COMPILE_WORDS = {
    "metric": {"accuracy", "acc", "crossentropy", "ce"},
    "loss": {"crossentropy", "ce"},
}
_BUILTIN_MODULES = (
    "activations",
    "constraints",
    "initializers",
    "losses",
    "metrics",
    "optimizers",
    "regularizers",
)
# Packages that Keras 3 itself imports when a file names them.
_SISTERS = ("keras", "keras_hub", "keras_cv", "keras_nlp")


class Known:
    """The tables of one Keras (``flavour`` is ``keras3`` or ``keras2``)."""

    def __init__(self, keras: Any, flavour: str) -> None:
        self.keras = keras
        self.new = flavour == "keras3"
        self._tables: dict[str, Any] = {}
        self.registered: dict[str, Any] = _registered(keras)

    def table(self, kind: str) -> Any:
        """Return the dictionary that Keras looks names of this kind up in."""
        if kind not in self._tables:
            self._tables[kind] = self._find_table(kind)
        return self._tables[kind]

    def name(self, kind: str, name: str) -> bool:
        """Whether Keras resolves a bare name (or a ``class_name``) of this kind."""
        if name in self.registered or name in COMPILE_WORDS.get(kind, ()):
            return True
        if kind == "optimizer":
            return self._optimizer(name)
        table = self.table(kind)
        return name in table

    def bare_layer(self, name: str) -> bool:
        """Whether a layer without a module is found where Keras 3 looks only for customs."""
        return name in self.registered or (not self.new and self.name("layer", name))

    def symbol(self, module: str, name: str, function: bool = False) -> bool:
        """Whether ``module`` and ``name`` of a file lead to something that Keras takes."""
        if name in self.registered:
            return True
        root = module.split(".", 1)[0]
        if root in ("keras", "tf_keras") and self._public(module, name) is not None:
            return True
        if function and module == "builtins":
            return any(self._public("keras." + m, name) is not None for m in _BUILTIN_MODULES)
        if self.new:
            return root in _SISTERS and self._in_module(module, name)
        if root == "keras":
            module = self.keras.__name__.split(".", 1)[0] + module[len("keras") :]
        return self._in_module(module, name)

    def today(self, kind: str, name: str) -> str:
        """Return the public path of Keras's own object of this name, or ``""``."""
        part = PLURALS.get(kind, "optimizers.schedules" if kind == "schedule" else "")
        for where in (part, "models") if kind in ("layer", "model") else (part,):
            if where and self._public("keras." + where, name) is not None:
                return f"keras.{where}.{name}"
        return ""

    def _optimizer(self, name: str) -> bool:
        table = self.table("optimizer")
        if self.new:
            return name.lower() in table
        public = {key.lower() for key in table}
        # Names of old versions that Keras 2 maps to today's (from its source).
        return name.lower() in public or name.lower() in (
            "lossscaleoptimizer",
            "lossscaleoptimizerv1",
            "lossscaleoptimizerv3",
            "experimentaladadelta",
            "experimentaladagrad",
            "experimentaladam",
            "experimentalsgd",
        )

    def _find_table(self, kind: str) -> Any:
        if kind == "schedule":
            return _public_names(self.keras.optimizers.schedules)
        public = getattr(self.keras, PLURALS[kind])
        home = sys.modules.get(getattr(public.deserialize, "__module__", ""))
        if home is None:
            return _public_names(public)
        if self.new:
            return self._table_of_keras3(kind, home)
        if kind == "optimizer":
            return _public_names(public)
        fill = getattr(home, "populate_deserializable_objects", None)
        if fill is not None:
            fill()  # a table for each thread, filled when first needed
            return home.LOCAL.ALL_OBJECTS
        if kind == "activation":
            return {**_activation_layers(home), **_callables(vars(home))}
        return vars(home)

    def _table_of_keras3(self, kind: str, home: Any) -> Any:
        if kind == "layer":
            models = ("InputLayer", "Functional", "Model", "Sequential")
            return {**vars(home), **dict.fromkeys(models)}
        return getattr(home, "ALL_OBJECTS_DICT", None) or _public_names(
            getattr(self.keras, PLURALS[kind])
        )

    def _public(self, module: str, name: str) -> Any:
        """Keras's exported object of that path. Attributes are read, nothing is called."""
        ours = sys.modules.get(self.keras.__name__.split(".", 1)[0] + ".src.api_export")
        lookup = getattr(ours, "get_symbol_from_name", None)
        if lookup is not None:
            return lookup(f"{module}.{name}")
        found = self.keras
        for part in module.split(".")[1:] + name.split("."):
            found = getattr(found, part, None)
            if found is None:
                return None
        return found

    def _in_module(self, module: str, name: str) -> bool:
        """Whether an already imported module has it (a file never makes us import one)."""
        found = vars(sys.modules[module]).get(name) if module in sys.modules else None
        if found is None and name.count(".") == 1 and module in sys.modules:
            outer, inner = name.split(".")
            found = getattr(vars(sys.modules[module]).get(outer), inner, None)
        return isinstance(found, type) if self.new else found is not None


def _registered(keras: Any) -> dict[str, Any]:
    """Everything registered with ``register_keras_serializable`` in this process."""
    for holder in ("saving", "utils"):
        getter = getattr(getattr(keras, holder, None), "get_custom_objects", None)
        if getter is not None:
            return getter()
    return {}


def _public_names(module: Any) -> dict[str, Any]:
    return {n: getattr(module, n) for n in dir(module) if not n.startswith("_")}


def _activation_layers(home: Any) -> dict[str, Any]:
    """Keras 2 also takes the layers PReLU, LeakyReLU, … as activations."""
    layers = getattr(home, "activation_layers", None) or getattr(home, "advanced_activations", None)
    return _callables(vars(layers)) if layers is not None else {}


def _callables(names: Any) -> dict[str, Any]:
    return {name: value for name, value in names.items() if callable(value)}

# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
# (Values of a JSON file are narrowed where they are used; they have no types before.)
"""Stand-ins for what nobody gives, so that a model can be looked at and edited anyway.

A layer becomes a `Layer` that holds the file's weights and refuses to compute. Keras builds
models by asking each layer for its output's shape; that a stand-in answers (from the file,
else its input's shape). Real numbers it refuses, and says why.

`instances` tells what the file knows, by the name of each layer of the class::

    {"convSpliceSite": {"weights": [{"name": "kernel", "shape": [11, 4, 300],
                                     "dtype": "float32", "path": "vars/0"}, …],
                        "output_shape": [None, 90, 300], "channels": 300}}

``output_shape`` and ``channels`` (the size of the output's last axis, see
`standin_shapes.channels`) may be missing.
``path`` is the dataset's place below the layer's group: it matters for ``.keras`` archives,
where weights of inner layers lie in groups of their own (``_dense/vars/0``).
"""

from __future__ import annotations

import re
import sys
from typing import Any

from .standin_shapes import shape_after
from .standin_tree import hold

_REFUSAL = re.compile(
    r"(?:'[^\n]*' is|This model has) a stand-in for [^\n]*: give the real (?:class|function) "
    r"to evaluate\."
)


class StandInError(Exception):
    """Somebody evaluated a model through a stand-in.

    A plain Exception on purpose: TensorFlow's tracing raises those anew as what they were.
    """


def refusal(name: str, layer: str = "") -> str:
    """Return the sentence with which a stand-in refuses."""
    if layer:
        return f"{layer!r} is a stand-in for {name}: give the real class to evaluate."
    return f"This model has a stand-in for {name}: give the real function to evaluate."


def reason(error: BaseException) -> str:
    """Return the refusal inside an error that Keras wrapped around it, or ``""``."""
    seen = 0
    found: BaseException | None = error
    while found is not None and seen < 20:
        match = _REFUSAL.search(str(found))
        if match:
            return match.group()
        found, seen = found.__cause__ or found.__context__, seen + 1
    return ""


def is_standin(obj: Any) -> bool:
    """Whether a live layer, function or class is a stand-in."""
    return bool(stands_for(obj))


def stands_for(obj: Any) -> str:
    """Return the name of the class or function that a stand-in replaces, or ``""``."""
    return str(getattr(obj, "_kerastui_stand_in_for", ""))


def make(
    keras: Any, name: str, instances: dict[str, Any] | None = None, kind: str = "layer"
) -> type:
    """Return a class for custom_objects in place of the layer (or model) class `name`."""
    base = keras.Model if kind == "model" else keras.layers.Layer
    known = instances or {}
    plain = name.rsplit(">", 1)[-1]

    class StandIn(base):
        _kerastui_stand_in_for = plain

        def __init__(self, _config: Any = None, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self._kerastui_config = dict(_config or {})
            only = next(iter(known.values()), {}) if kind == "model" else {}
            self._kerastui_about = known.get(self.name) or only
            hold(keras, self, self._kerastui_about.get("weights") or [])
            self.built = True

        @classmethod
        def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
            kept = ("name", "trainable", "input_shape", "batch_input_shape")
            given = {k: config[k] for k in kept if config.get(k) is not None}
            if isinstance(config.get("dtype"), str):
                given["dtype"] = config["dtype"]
            return cls(_config=config, **given)

        def build(self, input_shape: Any = None) -> None:
            """Nothing to make: the weights are there."""
            self.built = True

        def build_from_config(self, config: Any) -> None:
            """Nothing to make: the weights are there."""

        def call(self, inputs: Any, *args: Any, **named: Any) -> Any:
            if being_built(inputs):
                return _pass(keras, self, inputs)
            raise StandInError(refusal(plain, self.name))

        def compute_output_shape(self, input_shape: Any, *args: Any, **named: Any) -> Any:
            return shape_after(self, input_shape)

        def compute_output_spec(self, inputs: Any, *args: Any, **named: Any) -> Any:
            """Keras 3 asks this when it builds a model; `call` is for numbers only."""
            shape = shape_after(self, _one(inputs).shape)
            return keras.KerasTensor(shape, dtype=self.compute_dtype)

        def get_config(self) -> Any:
            return dict(self._kerastui_config)

    StandIn.__name__ = StandIn.__qualname__ = plain
    StandIn.__doc__ = f"A stand-in of kerastui for {plain}: it holds weights and computes nothing."
    return StandIn


def instead_of(keras: Any, name: str, kind: str) -> Any:
    """Return a stand-in for something other than a layer, or None where it is left out.

    Metrics, losses, optimizers and schedules are left out. Initializers and constraints
    only matter before loading, regularizers only in training: they do nothing. Functions
    refuse to compute.
    """
    if kind in ("metric", "loss", "optimizer", "schedule"):
        return None
    plain = name.rsplit(">", 1)[-1]
    if kind in ("activation", "function"):
        return _function(plain)

    class Neutral:
        _kerastui_stand_in_for = plain

        def __init__(self, *args: Any, **config: Any) -> None:
            self._config = config

        def __call__(self, value: Any = None, *args: Any, **named: Any) -> Any:
            if kind == "initializer":
                return keras.initializers.get("zeros")(value, *args, **named)
            return 0.0 if kind == "regularizer" else value

        def get_config(self) -> Any:
            return self._config

        @classmethod
        def from_config(cls, config: Any) -> Any:
            return cls(**config)

    Neutral.__name__ = Neutral.__qualname__ = plain
    return Neutral


def _function(name: str) -> Any:
    def function(x: Any, *args: Any, **named: Any) -> Any:
        if being_built(x):
            return x
        raise StandInError(refusal(name))

    function.__name__ = function.__qualname__ = name
    function._kerastui_stand_in_for = name  # pyright: ignore[reportFunctionMemberAccess]
    return function


def being_built(x: Any) -> bool:
    """Whether Keras is only finding out shapes (no numbers will come of it).

    Keras 3 passes a KerasTensor or opens a symbolic scope; on TensorFlow both Keras trace
    in a graph called ``…scratch_graph``. `predict` traces in a graph of another name.
    """
    x = _one(x)
    if type(x).__name__ == "KerasTensor":
        return True
    scopes = sys.modules.get("keras.src.backend.common.symbolic_scope")
    inside = getattr(scopes, "in_symbolic_scope", None)
    if inside is not None and inside():
        return True
    # An eager tensor raises AttributeError for its graph: getattr's default then.
    return "scratch_graph" in str(getattr(getattr(x, "graph", None), "name", ""))


def _one(x: Any) -> Any:
    """The first of several inputs."""
    while isinstance(x, (list, tuple, dict)) and x:
        x = next(iter(x.values())) if isinstance(x, dict) else x[0]
    return x


def _pass(keras: Any, layer: Any, x: Any) -> Any:
    """While Keras 2 traces: something of the output's shape."""
    x = _one(x)
    shape = shape_after(layer, tuple(x.shape))
    if tuple(shape) == tuple(x.shape):
        return x
    # Not keras.backend.placeholder: that makes an input of a model.
    return sys.modules["tensorflow"].compat.v1.placeholder(layer.compute_dtype, shape)

"""Running the model up to a layer, and the shapes of all outputs."""

from __future__ import annotations

from typing import Any

from .arrays import as_array
from .live import Live

_BATCH = 32
"""Samples that go through the model at once, as in ``predict``."""


class CannotRun(ValueError):
    """The output of a layer cannot be had; the message is one sentence."""


class _Reached(BaseException):
    """Ends the run when the layer has answered. Keras wraps Exceptions, not this."""


def output_of(live: Live, path: str, x: Any) -> Any:
    """Return what the layer at `path` gives for the inputs `x` (as `inputs.fit` makes them).

    The model runs as it is, in inference mode, until that layer has been called, whether it
    lies in the model, in a nested one or in a wrapper. A layer that is used at several
    places answers for the first one. Raises CannotRun, KeyError, and what the model raises.
    """
    node = live[path]
    if type(node.layer).__name__ == "InputLayer":
        return _input(live, path, x)
    count = _count(x)
    fixed = live.model.inputs[0].shape[0] is not None if live.model.inputs else True
    step = count if fixed or count <= _BATCH else _BATCH
    pieces = [
        _once(live.model, node.layers, _slice(x, start, step), path)
        for start in range(0, count, step)
    ]
    return pieces[0] if len(pieces) == 1 else _join(pieces)


def _once(model: Any, layers: list[Any], x: Any, path: str) -> Any:
    seen: dict[int, Any] = {}

    def spy(layer: Any, call: Any) -> Any:
        def answer(*args: Any, **named: Any) -> Any:
            output = call(*args, **named)
            seen.setdefault(id(layer), output)
            if len(seen) == len(layers):
                raise _Reached
            return output

        return answer

    if len(layers) == 1 and layers[0] is model:
        return _numbers(_call(model, x), path)
    for layer in layers:
        object.__setattr__(layer, "call", spy(layer, layer.call))
    try:
        _call(model, x)
    except _Reached:
        pass
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")
    if not seen:
        raise CannotRun(f"The model's outputs do not need {path}, so it was never called.")
    outputs = [_numbers(seen[id(layer)], path) for layer in layers if id(layer) in seen]
    return outputs[0] if len(outputs) == 1 else outputs


def _call(model: Any, x: Any) -> Any:
    return model(_arranged(model, x), training=False)


def _arranged(model: Any, x: Any) -> Any:
    """Return inputs in the structure that the model was made with.

    `x` is one array, or a list in the order of ``model.inputs``. A model whose inputs are a
    dictionary, or a list of one, takes them so too, but Keras 3 warns each time.
    """
    structure = getattr(model, "_inputs_struct", None)
    if structure is None or isinstance(x, dict):
        return x
    values = x if isinstance(x, (list, tuple)) else [x]
    by_tensor = {id(tensor): value for tensor, value in zip(model.inputs, values)}

    def fill(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: fill(one) for key, one in part.items()}
        if isinstance(part, (list, tuple)):
            return [fill(one) for one in part]
        return by_tensor[id(part)]

    try:
        return fill(structure)
    except KeyError:
        return x


def _numbers(output: Any, path: str) -> Any:
    if isinstance(output, (list, tuple)):
        return [_numbers(item, path) for item in output]
    if isinstance(output, dict):
        return {key: _numbers(item, path) for key, item in output.items()}
    array = as_array(output)
    if array is None:
        raise CannotRun(
            f"{path} runs inside a loop over time, where its output has no numbers yet: run to "
            "the layer around it."
        )
    return array


def _input(live: Live, path: str, x: Any) -> Any:
    """Return what reaches an input: of the model itself, or of a nested model."""
    model, name = live.model, live[path].layer.name
    outer = path.rpartition("/")[0]
    if outer:
        model = live[outer].layer
        x = _arguments(live, outer, x)
    names = [str(getattr(t, "name", "")).partition(":")[0] for t in model.inputs]
    listed = getattr(model, "input_names", None)
    names = list(listed) if isinstance(listed, (list, tuple)) else names
    place = names.index(name) if name in names else 0
    if isinstance(x, dict):
        return x.get(name)
    return x[place] if isinstance(x, (list, tuple)) else x


def _arguments(live: Live, path: str, x: Any) -> Any:
    """Return what a nested model is called with."""
    layer = live[path].layer
    found: list[Any] = []

    def spy(*args: Any, **named: Any) -> Any:
        found.append(args[0] if args else next(iter(named.values())))
        raise _Reached

    object.__setattr__(layer, "call", spy)
    try:
        _call(live.model, x)
    except _Reached:
        return _numbers(found[0], path)
    finally:
        object.__delattr__(layer, "call")
    raise CannotRun(f"The model's outputs do not need {path}, so it was never called.")


def _count(x: Any) -> int:
    first = next(iter(x.values())) if isinstance(x, dict) else x
    return int((first[0] if isinstance(first, (list, tuple)) else first).shape[0])


def _slice(x: Any, start: int, step: int) -> Any:
    if isinstance(x, dict):
        return {k: v[start : start + step] for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [v[start : start + step] for v in x]
    return x[start : start + step]


def _join(pieces: list[Any]) -> Any:
    import numpy as np

    first = pieces[0]
    if isinstance(first, list):
        return [_join([p[i] for p in pieces]) for i in range(len(first))]
    if isinstance(first, dict):
        return {key: _join([p[key] for p in pieces]) for key in first}
    return np.concatenate(pieces)


def output_shapes(live: Live) -> dict[str, Any]:
    """Return the output shape of every layer that has one: path → shape, None for free axes.

    A layer with several outputs has a list of shapes. What is inside wrappers has none.
    """
    shapes: dict[str, Any] = {}
    for path, node in live.nodes.items():
        shape = _output_shape(node.layer)
        if shape is not None:
            shapes[path] = shape
    return shapes


def _output_shape(layer: Any) -> Any:
    try:
        output = layer.output
    except (AttributeError, ValueError, RuntimeError):
        # Called at several places: Keras does not say which; the first one serves.
        nodes = getattr(layer, "_inbound_nodes", None) or []
        output = None
        for node in nodes[:1]:
            output = getattr(node, "output_tensors", None) or getattr(node, "outputs", None)
        if isinstance(output, (list, tuple)) and len(output) == 1:
            output = output[0]
    return _shape(output)


def _shape(output: Any) -> Any:
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, (list, tuple)):
        return [_shape(item) for item in output]
    if output is None or not hasattr(output, "shape"):
        return None
    try:
        return [None if n is None else int(n) for n in output.shape]
    except (TypeError, ValueError):
        return None

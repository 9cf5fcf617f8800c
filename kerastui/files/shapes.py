"""Output shapes of all layers, from what the file tells and what rules make certain.

Models are taken from the innermost outwards, each in its own order, so that no recursion
follows the file's nesting. What a layer's inputs are comes from its calls, in a Sequential
from the layer before; where no rule reaches, Keras 3's ``build_config`` of the layer that
is fed says the shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model import Call, Reference, Shape
from ..model.output_shapes import output_shapes, recurrent_shape
from .config_tree import Node, Tree, plain_shape
from .entries import is_list

Shapes = tuple[Shape, ...]
_OPERATION_MODULES = ("keras.src.ops", "keras.ops", "keras.src.layers.core.tf")


def find_shapes(tree: Tree) -> list[Shape | None]:
    """Return the shape of each node's single output, None where it is not certain."""
    found = _Shapes(tree)
    for index in range(len(tree.nodes) - 1, -1, -1):
        if tree.nodes[index].kind == "model":
            found.run(tree.nodes[index], index)
    found.run(tree.top, -1)
    return found.result


class _Shapes:
    def __init__(self, tree: Tree) -> None:
        self.nodes = tree.nodes
        self.result: list[Shape | None] = [None] * len(tree.nodes)
        self.inputs: dict[int, list[Shape | None]] = {}
        """For each finished model the shapes its own inputs have."""
        self.outputs: dict[int, Shapes | None] = {}

    def run(self, model: Node, index: int) -> None:
        """Find the shapes of the layers directly inside one model."""
        calls = any(self.nodes[i].calls for i in model.children)
        if calls or model.outputs:
            self._functional(model, index)
        else:
            self._sequential(model, index)

    def _sequential(self, model: Node, index: int) -> None:
        current = model.input_shape or plain_shape(model.config.get("build_input_shape"))
        first = self.nodes[model.children[0]] if model.children else None
        if first is not None:
            before = self.inputs.get(model.children[0], [])
            current = _declared(first) or current or (before[0] if len(before) == 1 else None)
        self.inputs[index] = [current]
        for place, i in enumerate(model.children):
            node = self.nodes[i]
            entering = self._merged(node) if node.base == "Merge" else _maybe(current)
            shapes = self._apply(i, entering)
            after = model.children[place + 1] if place + 1 < len(model.children) else -1
            if shapes is None and after >= 0:
                hint = _free_batch(self.nodes[after].input_shape)
                shapes = (hint,) if hint else None
            current = shapes[0] if shapes and len(shapes) == 1 else None
            self._set(i, shapes)
        self.outputs[index] = (current,) if current else None

    def _merged(self, node: Node) -> Shapes:
        """Return what the branches of Keras 1's Merge give out."""
        leaving = [self.outputs.get(i) for i in node.children]
        return tuple(s[0] for s in leaving if s) if all(leaving) else ()

    def _functional(self, model: Node, index: int) -> None:
        by_name = {self.nodes[i].name: i for i in model.children}
        hints = self._hints(model)
        called: dict[str, list[Shapes | None]] = {}
        inputs: list[Shape | None] = []
        for i in _in_order(self.nodes, model, by_name):
            node = self.nodes[i]
            if not node.calls:
                shape = _declared(node)
                called[node.name] = [(shape,) if shape else None]
                inputs.append(shape)
                self._set(i, called[node.name][0])
                continue
            results: list[Shapes | None] = []
            for number, call in enumerate(node.calls):
                shapes = self._apply(i, self._entering(node, call, called))
                if shapes is None:
                    hint = hints.get(Reference(node.name, number, 0))
                    shapes = (hint,) if hint else None
                results.append(shapes)
            called[node.name] = results
            self._set(i, results[0])
        self.inputs[index] = inputs
        leaving = [self._from(reference, called) for reference in model.outputs]
        known = [shape for shape in leaving if shape is not None]
        self.outputs[index] = tuple(known) if leaving and len(known) == len(leaving) else None

    def _hints(self, model: Node) -> dict[Reference, Shape]:
        """Return the shapes that Keras 3 notes for the inputs of layers called once."""
        hints: dict[Reference, Shape] = {}
        for i in model.children:
            node = self.nodes[i]
            shape = _free_batch(node.input_shape)
            if shape and len(node.calls) == 1 and len(node.calls[0]) == 1:
                hints[node.calls[0][0]] = shape
        return hints

    def _entering(self, node: Node, call: Call, called: dict[str, list[Shapes | None]]) -> Shapes:
        shapes = [self._from(reference, called) for reference in call]
        if len(call) == 1 and shapes[0] is None and len(node.calls) == 1:
            shapes = [_free_batch(node.input_shape)]
        known = [shape for shape in shapes if shape is not None]
        return tuple(known) if len(known) == len(shapes) else ()

    def _from(self, reference: Reference, called: dict[str, list[Shapes | None]]) -> Shape | None:
        """Return the shape of one tensor; a layer called often must say which call."""
        results = called.get(reference.layer)
        if not results:
            return None
        if len(results) == 1 or all(r == results[0] for r in results):
            shapes = results[0]
        elif 0 <= reference.node < len(results):
            shapes = results[reference.node]
        else:
            return None
        if shapes is None or not 0 <= reference.tensor < len(shapes):
            return None
        return shapes[reference.tensor]

    def _apply(self, index: int, inputs: Shapes) -> Shapes | None:
        """Return what a node makes of its inputs."""
        node = self.nodes[index]
        if node.base == "InputLayer":
            shape = _declared(node)
            return (shape,) if shape else None
        if node.kind == "model":
            expected = self.inputs.get(index)
            return self.outputs.get(index) if expected and list(inputs) == expected else None
        if not inputs:
            return None
        special = _SPECIAL.get(node.base)
        if special is not None:
            shape = special(self, node, inputs)
            return (shape,) if shape else None
        if node.module.startswith(_OPERATION_MODULES):
            return None  # an operator of the same name may take constants too
        return output_shapes(node.base, node.config, inputs)

    def _set(self, index: int, shapes: Shapes | None) -> None:
        node = self.nodes[index]
        if node.kind == "model":
            shapes = self.outputs.get(index) or shapes
        if shapes is not None and len(shapes) == 1:
            self.result[index] = shapes[0]

    def wrapped(self, node: Node) -> Node | None:
        """Return the one layer that a wrapper wraps (the first of a Bidirectional's)."""
        return self.nodes[node.children[0]] if node.children else None

    def outputs_of(self, index: int) -> Shapes | None:
        """Return what a finished model gives out."""
        return self.outputs.get(index)


def _in_order(nodes: list[Node], model: Node, by_name: dict[str, int]) -> list[int]:
    """Return a model's layers so that what feeds a layer comes before it.

    Keras writes them so, except where a layer is called again further down.
    """
    order: list[int] = []
    state: dict[int, bool] = {}  # False: waiting for its inputs, True: placed
    for start in model.children:
        stack = [start]
        while stack:
            i = stack[-1]
            if state.get(i):
                stack.pop()
                continue
            waits = [] if i in state else [
                j for call in nodes[i].calls for r in call
                if (j := by_name.get(r.layer)) is not None and j not in state
            ]  # fmt: skip
            state[i] = not waits
            if waits:
                stack.extend(waits)
            else:
                state[i] = True
                order.append(i)
                stack.pop()
    return order


def _maybe(shape: Shape | None) -> Shapes:
    return (shape,) if shape else ()


def _declared(node: Node) -> Shape | None:
    """Return the input shape that a layer's own configuration states."""
    for key in ("batch_shape", "batch_input_shape"):
        value: Any = node.config.get(key)
        if is_list(value):
            return plain_shape(value)
    return None


def _free_batch(shape: Shape | None) -> Shape | None:
    """Return a noted shape if its batch axis is free: a number may come from a real batch."""
    return shape if shape and shape[0] is None else None


def _time_distributed(found: _Shapes, node: Node, inputs: Shapes) -> Shape | None:
    inner = found.wrapped(node)
    if inner is None or len(inputs) != 1 or len(inputs[0]) < 3:
        return None
    batch, time, *rest = inputs[0]
    one = (batch, *rest)
    if inner.kind == "model":
        index = node.children[0]
        wanted = found.inputs.get(index)
        shapes = found.outputs_of(index) if wanted == [one] else None
    elif inner.kind == "layer":
        shapes = output_shapes(inner.base, inner.config, [one])
    else:
        shapes = None
    return (batch, time, *shapes[0][1:]) if shapes and len(shapes) == 1 else None


def _bidirectional(found: _Shapes, node: Node, inputs: Shapes) -> Shape | None:
    inner = found.wrapped(node)
    if inner is None or len(inputs) != 1 or inner.config.get("return_state"):
        return None
    shapes = output_shapes(inner.base, inner.config, inputs)
    if not shapes or len(shapes) != 1:
        return None
    *rest, size = shapes[0]
    mode = node.config.get("merge_mode", "concat")
    if mode == "concat" and len(node.children) > 1:
        other = found.nodes[node.children[1]]
        more = output_shapes(other.base, other.config, inputs)
        if not more or more[0][:-1] != tuple(rest) or size is None or more[0][-1] is None:
            return None
        return (*rest, size + more[0][-1])
    if mode == "concat":
        return None if size is None else (*rest, size * 2)
    return shapes[0] if mode in ("sum", "mul", "ave") else None


def _rnn(found: _Shapes, node: Node, inputs: Shapes) -> Shape | None:
    cell = found.wrapped(node)
    while cell is not None and cell.children:
        cell = found.nodes[cell.children[-1]]
    if cell is None or cell.base not in ("LSTMCell", "GRUCell", "SimpleRNNCell"):
        return None
    return recurrent_shape(node.config, cell.config.get("units"), inputs)


def _wrapped_alone(found: _Shapes, node: Node, inputs: Shapes) -> Shape | None:
    inner = found.wrapped(node)
    if inner is None or inner.kind != "layer":
        return None
    shapes = output_shapes(inner.base, inner.config, inputs)
    return shapes[0] if shapes and len(shapes) == 1 else None


_SPECIAL: dict[str, Callable[[_Shapes, Node, Shapes], Shape | None]] = {
    "TimeDistributed": _time_distributed,
    "Bidirectional": _bidirectional,
    "RNN": _rnn,
    "SpectralNormalization": _wrapped_alone,
}

"""A weight's new values by an expression: computed, summed up, and written to a ``.npy``.

What is elementwise goes block by block, and so does a new beginning by the initializer; only
what needs the whole array (``w.mean()``, ``w[::-1]``, an orthogonal matrix) has it in memory.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from ..draws import draw, draw_blocks
from ..edits.initial import initializer_of
from ..edits.initializers import named
from ..errors import BadEdit
from ..files.bfloat16 import BFLOAT16
from ..model import ArraySource, Layer, Weight, safe_text
from ..saving.sources import Array, Reader, SourceFiles, blocks
from ..saving.values import converted
from .expressions import Given, evaluate, is_elementwise, parse
from .results import OWN, Made, Recipe
from .summary import Tally

_DRAWN = {
    "zeros": "zeros", "ones": "ones", "normal": "random_normal", "uniform": "random_uniform",
    "truncated_normal": "truncated_normal", "orthogonal": "orthogonal", "identity": "identity",
    "glorot_uniform": "glorot_uniform", "glorot_normal": "glorot_normal",
    "he_uniform": "he_uniform", "he_normal": "he_normal", "lecun_uniform": "lecun_uniform",
    "lecun_normal": "lecun_normal",
}  # fmt: skip
"""Names in an expression, and the initializers that they stand for."""
_SETTINGS = frozenset({"mean", "stddev", "minval", "maxval", "gain"})


def make(
    layer: Layer, weight: Weight, present: ArraySource, recipe: Recipe, target: str | None = None
) -> Made:
    """Compute a weight's new values, and write them to the file `target` if there is one.

    Args:
        layer: the weight's layer, whose configuration names the initializer.
        weight: the weight.
        present: where its present values are.
        recipe: what to compute.
        target: a ``.npy`` to write; None: only sum up.

    Raises BadEdit for an expression that is wrong or gives another shape, or values that the
    weight's dtype cannot hold; SaveFailed when the present values cannot be read; OSError.
    """
    tree = parse(recipe.expression)
    before, sink = Tally(), _Sink(layer, weight, target)
    with SourceFiles() as files, files.reader(present) as reader:
        if _is_own(tree):
            for block in _blocks(reader):
                before.add(block[1])
            for drawn in draw_blocks(initializer_of(layer, weight), weight.shape, recipe.seed):
                sink.put_next(drawn)
        elif is_elementwise(tree) and not _names(tree) & (_DRAWN.keys() | {OWN}):
            for index, w in _blocks(reader):
                before.add(w)
                sink.put(index, evaluate(tree, Given({"w": w}, {})), w.shape)
        else:
            w = _whole(reader, before)
            given = Given({"w": w}, _drawing(layer, weight, recipe.seed), _SETTINGS)
            sink.put((...,), evaluate(tree, given), w.shape)
    source = sink.close(safe_text(recipe.expression.strip(), 40))
    after = sink.tally.summary(weight.shape, weight.dtype)  # which the file's weight keeps
    return Made(before.summary(weight.shape, weight.dtype), after, source)


class _Sink:
    """Takes the result in parts: checks, counts, and writes it."""

    def __init__(self, layer: Layer, weight: Weight, target: str | None) -> None:
        self.tally = Tally()
        self.dtype = np.dtype("float32")
        self._what = safe_text(f"{layer.path}/{weight.name}", 200)
        self._weight = weight
        self._stored = BFLOAT16 if weight.dtype == "bfloat16" else np.dtype(weight.dtype)
        self._target = target
        self._array: Any = None
        self._done = 0

    def put(self, index: tuple[Any, ...], value: object, shape: tuple[int, ...]) -> None:
        """Take the part at `index`, which has to have `shape`, or one element for all."""
        block = np.asarray(value)
        if block.shape not in ((), shape):
            raise BadEdit(
                f"The expression gives an array of shape {block.shape}, but {self._what} has "
                f"{self._weight.shape}{_axis(block.shape, self._weight.shape)}."
            )
        block = self._checked(block)
        self.tally.add(np.broadcast_to(block, shape))
        if self._target is not None:
            self._opened()[index] = block

    def put_next(self, block: Array) -> None:
        """Take the elements that follow, in C order."""
        block = self._checked(block)
        self.tally.add(block)
        if self._target is not None:
            self._opened().reshape(-1)[self._done : self._done + block.size] = block
        self._done += block.size

    def close(self, label: str) -> ArraySource | None:
        """Finish the file and say where it is."""
        if self._target is None:
            return None
        array = self._opened()
        if isinstance(array, np.memmap):
            array.flush()
        else:
            np.save(self._target, array, allow_pickle=False)
        shape = self._weight.shape
        return ArraySource(self._target, "", shape, self.dtype.name, label).stamped()

    def _checked(self, block: Array) -> Array:
        if block.dtype.kind not in "biuf":
            raise BadEdit(
                f"The expression gives {safe_text(block.dtype.name, 30)}, but {self._what} needs "
                "real numbers."
            )
        floating = self._stored == BFLOAT16 or self._stored.kind == "f"
        if block.dtype.kind != "f" and floating:
            block = block.astype("float32")
        if not self._done and self._array is None:
            self.dtype = block.dtype
        block = block.astype(self.dtype, copy=False)
        if converted(block, self._stored) is None:
            raise BadEdit(
                f"Some of the new values cannot be held by {self._what}, which is "
                f"{self._weight.dtype}."
            )
        return block

    def _opened(self) -> Any:
        if self._array is None:
            shape = self._weight.shape
            if self._weight.size and shape and self._target is not None:
                make_file = np.lib.format.open_memmap
                self._array = make_file(self._target, "w+", self.dtype, shape)
            else:
                self._array = np.zeros(shape, self.dtype)
        return self._array


def _axis(given: tuple[int, ...], needed: tuple[int, ...]) -> str:
    if len(given) != len(needed):
        return ""
    axis = next(i for i, (a, b) in enumerate(zip(given, needed, strict=True)) if a != b)
    return f": axis {axis} must be {needed[axis]}, not {given[axis]}"


def _blocks(reader: Reader) -> Iterator[tuple[tuple[slice, ...], Array]]:
    """Yield the present values, narrow floating-point numbers as float32."""
    for index in blocks(reader.shape, 8, fortran=reader.fortran, chunks=None):
        yield index, _widened(reader.read(index))


def _whole(reader: Reader, before: Tally) -> Array:
    w: Array | None = None
    for index, block in _blocks(reader):
        before.add(block)
        if w is None:
            w = np.empty(reader.shape, block.dtype)
        w[index] = block
    return np.zeros(reader.shape, "float32") if w is None else w


def _widened(block: Array) -> Array:
    if block.dtype == BFLOAT16 or block.dtype.kind == "f":
        wide = block.dtype.kind == "f" and block.dtype.itemsize > 4
        made = converted(block, np.dtype("float64" if wide else "float32"))
        return block if made is None else made
    return block.astype(block.dtype.newbyteorder("="))


def _is_own(tree: ast.expr) -> bool:
    if isinstance(tree, ast.Call) and not tree.args and not tree.keywords:
        tree = tree.func
    return isinstance(tree, ast.Name) and tree.id == OWN


def _names(tree: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


def _drawing(layer: Layer, weight: Weight, seed: int) -> dict[str, Callable[..., Any]]:
    """Return the functions that make arrays of the weight's shape."""

    def by_name(name: str, *sizes: object, seed: int = seed, **settings: float) -> Array:
        if sizes:
            raise BadEdit(f"{name} makes an array of the weight's shape; it takes no other.")
        found = named({"class_name": name, "config": settings})
        if found is None:
            raise BadEdit(f"{name} needs finite numbers.")
        return draw(found, weight.shape, _whole_seed(seed))

    def own(*, seed: int = seed) -> Array:
        return draw(initializer_of(layer, weight), weight.shape, _whole_seed(seed))

    return {OWN: own, **{name: partial(by_name, full) for name, full in _DRAWN.items()}}


def _whole_seed(seed: object) -> int:
    if type(seed) is not int or seed < 0:
        raise BadEdit("A seed is a whole number that is not below zero.")
    return seed

"""Expressions over a weight's present values: ``w * 0.9``, ``where(abs(w) < 1e-3, 0, w)``.

An expression is parsed, never executed: a walk over its syntax tree computes it with NumPy,
and knows nothing but the names in `FUNCTIONS`, `w`, and what `Given` brings. There are no
imports, no strings, no comprehensions, and of attributes only ``w.T`` and ``w.mean()`` with its
like; powers and shapes cannot make numbers or arrays that fill the memory.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from ..errors import BadEdit
from ..model import safe_text

MAX_TEXT = 1000
"""Characters of an expression."""
_GROWTH = 4
"""How many times as large as `w` an array on the way may be."""
_SMALL = 1 << 20
"""Elements that an array on the way may have in any case."""

Value = Any
Function = Callable[..., Value]

_operator: Any = operator
_BINARY: Mapping[type[ast.operator], Function] = {
    ast.Add: _operator.add, ast.Sub: _operator.sub, ast.Mult: _operator.mul,
    ast.Div: _operator.truediv, ast.FloorDiv: _operator.floordiv, ast.Mod: _operator.mod,
    ast.Pow: _operator.pow,
}  # fmt: skip
_UNARY: Mapping[type[ast.unaryop], Function] = {
    ast.USub: _operator.neg, ast.UAdd: _operator.pos, ast.Invert: np.logical_not,
    ast.Not: np.logical_not,
}  # fmt: skip
_COMPARE: Mapping[type[ast.cmpop], Function] = {
    ast.Lt: _operator.lt, ast.LtE: _operator.le, ast.Gt: _operator.gt, ast.GtE: _operator.ge,
    ast.Eq: _operator.eq, ast.NotEq: _operator.ne,
}  # fmt: skip
_LOGICAL: Mapping[type[ast.operator], Function] = {
    ast.BitAnd: np.logical_and, ast.BitOr: np.logical_or, ast.BitXor: np.logical_xor,
}  # fmt: skip

ELEMENTWISE = (
    "abs", "sign", "sqrt", "square", "exp", "expm1", "log", "log1p", "log2", "log10", "sin",
    "cos", "tanh", "arctan", "floor", "ceil", "rint", "isnan", "isfinite", "nan_to_num",
    "minimum", "maximum", "clip", "where", "logical_not", "logical_and", "logical_or",
)  # fmt: skip
"""Of NumPy: each element of the result depends on the same element alone."""
REDUCING = ("mean", "std", "var", "sum", "min", "max", "median", "prod")
"""Of NumPy: with ``axis`` and ``keepdims``."""
MOVING = ("transpose", "flip", "roll", "sort", "swapaxes", "moveaxis", "round", "cumsum")
"""Of NumPy: the whole array is needed."""
_KEYWORDS = frozenset({"axis", "keepdims", "seed", "decimals", "nan", "posinf", "neginf"})

FUNCTIONS: dict[str, Function] = {
    name: getattr(np, name) for name in (*ELEMENTWISE, *REDUCING, *MOVING)
} | {"norm": np.linalg.norm}


class Given:
    """What an expression may name besides functions of NumPy.

    Args:
        values: by name: arrays, numbers (``w``, ``pi``).
        functions: by name; called with numbers and keywords of `_KEYWORDS` or `keywords`.
        keywords: more keywords that functions take.
    """

    def __init__(
        self,
        values: Mapping[str, Value],
        functions: Mapping[str, Function],
        keywords: frozenset[str] = frozenset(),
    ) -> None:
        self.values = values
        self.functions = {**FUNCTIONS, **functions}
        self.keywords = _KEYWORDS | keywords


def parse(text: str) -> ast.expr:
    """Return the syntax tree. Raises BadEdit for what is no expression."""
    if len(text) > MAX_TEXT:
        raise BadEdit(f"The expression has over {MAX_TEXT:,} characters; write a .npy instead.")
    if not text.strip():
        raise BadEdit("The expression is empty; write one over w, such as w * 0.9.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is spelled oddly
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = f" (column {error.offset})" if isinstance(error, SyntaxError) and error.offset else ""
        raise BadEdit(f"This is no expression{at}: {safe_text(text, 100)}") from None


def is_elementwise(tree: ast.expr) -> bool:
    """Whether each element of the result depends on the same element of ``w`` alone."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            return False
        if isinstance(node, ast.Call) and not (
            isinstance(node.func, ast.Name) and node.func.id in ELEMENTWISE
        ):
            return False
    return True


def evaluate(tree: ast.expr, given: Given) -> Value:
    """Return what an expression amounts to. Raises BadEdit with what is wrong in it."""
    try:
        with np.errstate(all="ignore"):
            return _Walk(given).value(tree)
    except OverflowError:
        raise BadEdit("The expression makes numbers that are too large.") from None
    except (TypeError, ValueError, IndexError, ZeroDivisionError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadEdit(f"The expression cannot be computed: {safe_text(said, 200)}.") from None
    except RecursionError:
        raise BadEdit("The expression is nested too deep.") from None
    except MemoryError:
        raise BadEdit("There is not enough memory for what the expression makes.") from None


class _Walk:
    """Computes one tree."""

    def __init__(self, given: Given) -> None:
        self._given = given
        size = max((np.size(value) for value in given.values.values()), default=0)
        self._limit = max(_GROWTH * size, _SMALL)

    def value(self, node: ast.expr) -> Value:
        """Return a node's value."""
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return self._name(node)
            case ast.BinOp():
                return self._binary(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.Compare():
                return self._compare(node)
            case ast.Call():
                return self._call(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.List() | ast.Tuple():
                return self._list(node)
            case _:
                raise _not_allowed(node)

    def _constant(self, node: ast.Constant) -> Value:
        if node.value is Ellipsis or node.value is None or isinstance(node.value, (bool, float)):
            return node.value
        if isinstance(node.value, int) and abs(node.value) < 1 << 62:
            return node.value
        raise _not_allowed(node)

    def _name(self, node: ast.Name) -> Value:
        if node.id in self._given.values:
            return self._given.values[node.id]
        if node.id in self._given.functions:  # `zeros` means `zeros()`
            return self._given.functions[node.id]()
        known = ", ".join([*self._given.values, *sorted(self._given.functions)])
        raise BadEdit(f"{safe_text(node.id, 60)!r} is not known here; known are {known}.")

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        kind = type(node.op)
        self._check_size(left, right)
        if kind in _LOGICAL:
            return _LOGICAL[kind](left, right)
        if kind not in _BINARY:
            raise _not_allowed(node)
        if isinstance(left, int) and isinstance(right, int):
            left = float(left)  # whole numbers of any length would fill the memory
        return _BINARY[kind](left, right)

    def _unary(self, node: ast.UnaryOp) -> Value:
        return _UNARY[type(node.op)](self.value(node.operand))

    def _compare(self, node: ast.Compare) -> Value:
        if len(node.ops) != 1 or type(node.ops[0]) not in _COMPARE:
            raise BadEdit("Compare two things at a time: (a < w) & (w < b).")
        left, right = self.value(node.left), self.value(node.comparators[0])
        self._check_size(left, right)
        return _COMPARE[type(node.ops[0])](left, right)

    def _call(self, node: ast.Call) -> Value:
        positional: list[Value] = []
        if isinstance(node.func, ast.Attribute) and not _is_numpy(node.func.value):
            if node.func.attr not in REDUCING:
                raise _not_allowed(node)
            positional, name = [self.value(node.func.value)], node.func.attr
        else:
            name = _function_name(node.func)
        function = self._given.functions.get(name)
        if function is None:
            known = ", ".join(sorted(self._given.functions))
            raise BadEdit(f"{safe_text(name, 60)!r} is no function here; there are {known}.")
        positional += [self.value(argument) for argument in node.args]
        named: dict[str, Value] = {}
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg not in self._given.keywords:
                raise BadEdit(f"{name} takes no argument {safe_text(keyword.arg or '**', 40)!r}.")
            named[keyword.arg] = self.value(keyword.value)
        self._check_size(*positional)
        return function(*positional, **named)

    def _attribute(self, node: ast.Attribute) -> Value:
        if _is_numpy(node.value) and node.attr in ("pi", "e"):
            return getattr(np, node.attr)
        if _is_numpy(node.value) and node.attr in self._given.functions:
            return self._given.functions[node.attr]()
        if node.attr != "T":
            raise _not_allowed(node)
        return np.transpose(self.value(node.value))

    def _subscript(self, node: ast.Subscript) -> Value:
        array = self.value(node.value)
        if not isinstance(array, np.ndarray):
            raise BadEdit("Only arrays have parts in square brackets.")
        return cast("Any", array)[self._index(node.slice)]

    def _index(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Tuple):
            return tuple(self._index(part) for part in node.elts)
        if isinstance(node, ast.Slice):
            parts = [
                None if p is None else self.value(p) for p in (node.lower, node.upper, node.step)
            ]
            return slice(*parts)
        index = self.value(node)
        if index is None or index is Ellipsis or type(index) is int:
            return index
        raise BadEdit("Parts are taken by whole numbers and slices; use where for conditions.")

    def _list(self, node: ast.List | ast.Tuple) -> Value:
        values = [self.value(part) for part in node.elts]
        return tuple(values) if isinstance(node, ast.Tuple) else np.array(values)

    def _check_size(self, *values: Value) -> None:
        shapes = [np.shape(v) for v in values if hasattr(v, "dtype")]
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            return  # NumPy says better what does not fit
        size = 1
        for length in shape:
            size *= length
        if size > self._limit:
            raise _too_large()


def _is_numpy(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy")


def _function_name(node: ast.expr) -> str:
    """Return the name of what is called: ``abs``, or ``np.abs``."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    raise _not_allowed(node)


def _not_allowed(node: ast.AST) -> BadEdit:
    shown = safe_text(ast.unparse(node)[:80], 80)
    return BadEdit(
        f"{shown!r} is not possible in an expression: there are numbers, w, operators and "
        "functions of NumPy, nothing else. For more, use the console."
    )


def _too_large() -> BadEdit:
    return BadEdit("The expression makes an array much larger than the weight.")

"""The value of an expression, for people and as JSON."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator
from typing import Any

from kerastui.errors import SessionError
from kerastui.session.client import Session
from kerastui.session.protocol import Value

from ..console_values import describe
from ..keras_batch import wait

_WHOLE = 1000
"""Elements of an array that is printed whole, as in NumPy."""
_EDGE = 3
"""Places at either end of an axis that are printed of a larger one."""
_MAX_AXES = 8
_FEW = 8
"""Items of a container that are shown with their values."""


def shown(session: Session, value: Value) -> Iterator[str]:
    """Yield a value as text: strings plainly and whole, arrays described and with values.

    So are the arrays of a small container (the outputs of a model, say).
    """
    if value.form == "none":
        return
    if value.form == "string":
        yield from _whole_string(session, value)
        return
    few = value.form == "items" and len(value.items) == value.length <= _FEW
    if few:
        yield f"{value.type} of {value.length}\n"
        for place, item in enumerate(value.items):
            yield f"{item.key or place}: "
            yield from shown(session, item)
        return
    yield describe(value) + "\n"
    if value.form == "array" and math.prod(value.shape):
        yield _numbers(session, value) + "\n"


def _whole_string(session: Session, value: Value) -> Iterator[str]:
    yield value.text
    seen, last = len(value.text), value.text
    while seen < value.length and (piece := wait(session.text(value.id, seen))):
        yield piece
        seen, last = seen + len(piece), piece
    if not last.endswith("\n"):
        yield "\n"


def _numbers(session: Session, value: Value) -> str:
    """Return the values as NumPy prints them; of a large array only its corners are fetched."""
    import numpy as np

    if math.prod(value.shape) <= _WHOLE or len(value.shape) > _MAX_AXES:
        array = wait(session.fetch(value.id)).to_numpy()
    else:
        array = _corners(session, value)
    lines = np.array2string(
        array,
        threshold=_WHOLE,
        edgeitems=_EDGE,
        max_line_width=100,
        formatter={"object": str},
    )
    return str(lines)


def _corners(session: Session, value: Value) -> Any:
    """Return an array of the shape in which only what is printed has been filled in.

    The rest is memory that is never touched, and so takes none.
    """
    import numpy as np

    edges = [((0, _EDGE), (n - _EDGE, n)) if n > 2 * _EDGE else ((0, n),) for n in value.shape]
    array: Any = None
    for corner in itertools.product(*edges):
        part = wait(session.fetch(value.id, corner)).to_numpy()
        if array is None:
            array = np.zeros(value.shape, part.dtype)
        array[tuple(slice(*place) for place in corner)] = part
    return array


def as_json(session: Session, value: Value | None) -> str:
    """Return ``{"type", "dtype", "shape", "value"}`` in ASCII: see docs/eval-json.md.

    Raises SessionError for a value that is too large.
    """
    if value is None or value.form == "none":
        plain: dict[str, Any] = dict.fromkeys(("type", "dtype", "shape", "value"))
        plain["type"] = "NoneType"
    else:
        plain = wait(session.plain(value.id))
    try:
        return json.dumps(plain, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(plain), allow_nan=False)
    except RecursionError:
        raise SessionError("The value is too deeply nested for JSON.") from None


def _finite(value: Any) -> Any:
    """Return a JSON value in which NaN and infinities, for which JSON has no numbers, are text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        return [_finite(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value

"""K: the classic Keras backend functions, working eagerly on the Keras of today.

``K.eval(K.variable(np.array(...)))`` and all the rest of ``keras.backend`` of Keras 2, with
its names, arguments, defaults and formulas (``hard_sigmoid`` is Keras 2's). What cannot
exist any more answers with a hint (`k_gone`).
"""

from __future__ import annotations

import difflib
import sys
from typing import Any

from .k_arrays import Arrays
from .k_conv import Convolutions
from .k_gone import HINTS
from .k_math import Maths
from .k_native import Native
from .k_nn import Neural
from .k_sequences import Sequences
from .k_state import State


class Backend(State, Arrays, Maths, Neural, Convolutions, Sequences):
    """K for Keras 3, on any of its backends."""

    def __getattr__(self, name: str) -> Any:
        """Say what is near to a name that does not exist. Raises AttributeError."""
        raise AttributeError(missing(type(self), name))


class NativeBackend(Native):
    """K for Keras 2."""


def make(keras: Any, tf: Any = None) -> Any:
    """Return K for this Keras module. `tf` is needed for Keras 2 (tf_keras) only."""
    if hasattr(keras, "ops"):
        k: Any = Backend(keras)
    else:
        k = NativeBackend(keras, tf or sys.modules["tensorflow"])
    for name, hint in HINTS.items():
        setattr(k, name, hint)
    return k


def missing(k: Any, name: str) -> str:
    """Return one sentence for a K function that there never was."""
    names = [n for n in dir(k) if not n.startswith("_")]
    near = difflib.get_close_matches(name, names, 1)
    hint = f"; did you mean K.{near[0]}?" if near else ""
    return f"K has no function {name}{hint}"

"""What all the K functions share: Keras, its operations, conversion, hints."""

from __future__ import annotations

from typing import Any

import numpy as np


class Base:
    """Holds the Keras 3 module. Subclasses add K functions as methods."""

    def __init__(self, keras: Any) -> None:
        self._keras = keras
        self._ops = keras.ops

    def _t(self, x: Any) -> Any:
        """Return a tensor (a symbolic tensor stays as it is)."""
        if self._symbolic(x):
            return x
        return self._ops.convert_to_tensor(x)

    def _f(self, x: Any) -> Any:
        """Return a floating point tensor."""
        x = self._t(x)
        return x if "float" in self._name(x) else self._ops.cast(x, self._floatx())

    def _symbolic(self, x: Any) -> bool:
        return isinstance(x, self._keras.KerasTensor)

    def _name(self, x: Any) -> str:
        """The dtype's name."""
        dtype = getattr(x, "dtype", None)
        if dtype is None:
            dtype = np.asarray(x).dtype
        return str(getattr(dtype, "name", dtype)).rsplit(".", 1)[-1]

    def _rank(self, x: Any) -> int:
        return len(x.shape if hasattr(x, "shape") else np.shape(x))

    def _floatx(self) -> str:
        return self._keras.config.floatx()

    def _channels_first(self, data_format: Any) -> bool:
        """Whether the data format (or Keras's default) is channels_first."""
        found = data_format or self._keras.config.image_data_format()
        if found not in ("channels_first", "channels_last"):
            raise ValueError(f"Unknown data_format: {found}")
        return found == "channels_first"


class HintError(RuntimeError):
    """A K function that has no meaning any more; the message says what to write today."""

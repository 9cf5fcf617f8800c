"""The names that code in the console finds: ``model``, ``K``, ``L['conv1']``, ``x`` and more."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .arrays import as_array
from .live import Live


class Layers(Mapping[str, Any]):
    """``L['block/conv1']``: any layer, by the path that the table shows."""

    def __init__(self, live: Live | None) -> None:
        self._live = live

    def __getitem__(self, path: str) -> Any:
        if self._live is None:
            raise KeyError("no model is loaded")
        try:
            return self._live[path].layer
        except KeyError:
            raise KeyError(_near(path, list(self))) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._live.nodes if self._live else ())

    def __len__(self) -> int:
        return len(self._live.nodes) if self._live else 0

    def __repr__(self) -> str:
        return f"<{len(self):,} layers by path: L[{next(iter(self), 'name')!r}] …>"

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)


class Weights(Mapping[str, Any]):
    """``W['conv1/kernel']``: any weight as an array; assigning to it sets the weight."""

    def __init__(self, live: Live | None) -> None:
        self._live = live

    def __getitem__(self, path: str) -> Any:
        import numpy as np

        return np.array(as_array(self._variable(path)))

    def __setitem__(self, path: str, value: Any) -> None:
        import numpy as np

        variable = self._variable(path)
        array = np.asarray(value)
        if tuple(array.shape) != tuple(variable.shape):
            raise ValueError(f"{path} has shape {tuple(variable.shape)}, not {array.shape}")
        variable.assign(array)

    def _variable(self, path: str) -> Any:
        if self._live is None:
            raise KeyError("no model is loaded")
        try:
            return self._live.weight(path)
        except KeyError:
            raise KeyError(_near(path, list(self))) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._live.weight_paths() if self._live else ())

    def __len__(self) -> int:
        return len(self._live.weight_paths()) if self._live else 0

    def __repr__(self) -> str:
        return f"<{len(self):,} weights by path: W[{next(iter(self), 'layer/kernel')!r}] …>"

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)


class History:
    """The last values, as ``Out[3]`` and for the screen's questions about them."""

    def __init__(self, count: int = 50, size: int = 1 << 28) -> None:
        self._count = count
        self._size = size
        self._values: dict[str, Any] = {}

    def keep(self, name: str, value: Any) -> None:
        """Keep a value; let go of the oldest over 50 values or 256 MB (the newest stays)."""
        self._values[name] = value
        while len(self._values) > 1 and (len(self._values) > self._count or self._over()):
            del self._values[next(iter(self._values))]

    def _over(self) -> bool:
        return sum(_bytes(v) for v in self._values.values()) > self._size

    def get(self, name: str) -> Any:
        """Return a value, or a part of it (``7.2``). Raises KeyError when it was let go."""
        first, _, rest = name.partition(".")
        value = self._values[first]
        for step in rest.split(".") if rest else ():
            value = list(value.values() if isinstance(value, dict) else value)[int(step)]
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()

    def __getitem__(self, number: int) -> Any:
        try:
            return self._values[str(number)]
        except KeyError:
            raise KeyError(f"the value of [{number}] is not kept any more") from None

    def __repr__(self) -> str:
        return f"<values of {', '.join(self._values) or 'nothing yet'}>"


class Space:
    """The module in which the user's code runs, with names that are made when needed."""

    def __init__(self, keras: Any, tf: Any, import_tf: Callable[[], Any] | None = None) -> None:
        """`tf`: TensorFlow if it is imported already; `import_tf` imports it."""
        self._import_tf = import_tf
        self.module = types.ModuleType("__main__", "What you type runs here.")
        self.names: dict[str, Any] = self.module.__dict__
        self.keras = keras
        self.tf = tf
        self.history = History()
        self._backend: Any = None
        # Classes and functions defined here say so, and can be pickled.
        sys.modules["__main__"] = self.module
        import numpy as np

        self.names.update(
            {"keras": keras, "np": np, "L": Layers(None), "W": Weights(None), "Out": self.history}
        )
        if tf is not None:
            self.names["tf"] = tf

    def attach(self, live: Live) -> None:
        """Bind the names of a model that was loaded."""
        self.names.update({"model": live.model, "L": Layers(live), "W": Weights(live)})
        self.names.pop("layer", None)
        self.names.pop("x", None)

    def prepare(self, code: str) -> None:
        """Make the costly names that occur in `code`."""
        if "K" not in self.names and re.search(r"\bK\b", code):
            self.names["K"] = self.backend()
        if "tf" not in self.names and re.search(r"\btf\b", code):
            found = self._import_tf() if self._import_tf is not None else None
            if found is not None:  # else the user sees NameError: there is no TensorFlow
                self.names["tf"] = found

    def backend(self) -> Any:
        """Return ``K``, the classic backend functions on today's Keras."""
        if self._backend is None:
            from . import backend

            self._backend = backend.make(self.keras, self.tf)
        return self._backend


def _bytes(value: Any) -> int:
    size = getattr(value, "nbytes", 0)
    if isinstance(size, int):
        return size
    if isinstance(value, (list, tuple)) and len(value) < 1000:
        return sum(_bytes(v) for v in value)
    return 0


def _near(path: Any, known: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(str(path), known[:5000], 3)
    return f"{path}; did you mean {', '.join(close)}?" if close else str(path)

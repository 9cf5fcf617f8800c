"""kerastui: read, understand, edit and save Keras model files, without Keras.

The core is importable without a screen::

    import kerastui
    model = kerastui.open_model("model.h5")
    document = kerastui.Document(model)
    document.apply(kerastui.SetTrainable(("conv1",), trainable=False))
    kerastui.save(document, "frozen.h5")

Names are loaded when first used, so that `import kerastui` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .edits import Document as Document
    from .edits import SetTrainable as SetTrainable
    from .edits import SetWeight as SetWeight
    from .errors import KerastuiError as KerastuiError
    from .files import open_model as open_model
    from .model import ArraySource as ArraySource
    from .model import Layer as Layer
    from .model import Model as Model
    from .model import Weight as Weight
    from .saving import save as save

__version__ = "0.1.0"

_HOMES = {
    "Document": ".edits",
    "SetTrainable": ".edits",
    "SetWeight": ".edits",
    "KerastuiError": ".errors",
    "open_model": ".files",
    "ArraySource": ".model",
    "Layer": ".model",
    "Model": ".model",
    "Weight": ".model",
    "save": ".saving",
}

__all__ = [  # noqa: RUF022  (the order people meet them in)
    "open_model",
    "Model",
    "Layer",
    "Weight",
    "ArraySource",
    "Document",
    "SetTrainable",
    "SetWeight",
    "save",
    "KerastuiError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(home, __name__), name)
    globals()[name] = value
    return value

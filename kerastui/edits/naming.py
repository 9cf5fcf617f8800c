"""What a layer may be called: the rules of Keras, TensorFlow and HDF5.

Tried with Keras 3.15 and tf_keras 2.21 on TensorFlow 2.21 (build, fit, save, load): both
refuse a ``/`` or an empty name, TensorFlow whatever is not in its pattern for scopes (a
backslash passes that and then fails in the graph), tf_keras also a name that begins with
``_``, ``-`` or ``>``, and HDF5 takes ``.`` for the group itself. Sources:
`keras/src/ops/operation.py`, `tensorflow/python/framework/ops.py`
(``_VALID_SCOPE_NAME_REGEX``), `keras/src/models/sequential.py` and `ops/function.py` (unique
names within a model).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from ..model import Model, safe_text

MAX_NAME = 1000
"""Characters of a new name. Keras has no limit; lists of names in HDF5 have."""
_SCOPE = re.compile(r"[A-Za-z0-9_.>-]*\Z")
_ROOT = re.compile(r"[A-Za-z0-9.]")
_FREE_BACKENDS = frozenset({"jax", "torch", "numpy", "openvino"})
_RESERVED = "top_level_model_weights"


def spelling_problem(name: str, model: Model) -> str:
    """Return a sentence on why nothing in `model` can be called `name`; "" if it can."""
    if not name:
        return "A name cannot be empty."
    if "/" in name:
        return "A name cannot contain /, which joins the names of nested layers."
    if len(name) > MAX_NAME:
        return f"A name of {len(name):,} characters is too long; {MAX_NAME:,} are enough."
    if name == "." or not name.isprintable():
        return f"‘{safe_text(name, 60)}’ cannot be a name: HDF5 could not keep it."
    if name == _RESERVED:
        return f"{name} cannot be a name: Keras keeps the model's own weights under it."
    if model.backend in _FREE_BACKENDS:
        return ""
    if not _SCOPE.match(name):
        odd = safe_text("".join(dict.fromkeys(c for c in name if not _SCOPE.match(c))), 20)
        shown = "a space" if odd == " " else odd
        return f"TensorFlow takes letters from A to Z, digits and _ . - > in a name; not {shown}."
    if not _is_keras3(model) and not _ROOT.match(name):
        return "With Keras 2 on TensorFlow a name begins with a letter, a digit or a dot."
    return ""


def name_problems(model: Model, names: Mapping[str, str]) -> dict[str, str]:
    """Return for each new name that cannot be given a sentence on why.

    Args:
        model: the description.
        names: layer path → new name, all given at once (two names may change places); the
            path ``""`` is the model itself.
    """
    found: dict[str, str] = {}
    touched: dict[int, dict[int, str]] = {}
    for path, name in names.items():
        problem = place_problem(model, path) or spelling_problem(name, model)
        if problem:
            found[path] = problem
        elif path:
            index = model.index[path]
            touched.setdefault(model.layers[index].parent, {})[index] = name
    for parent, given in touched.items():
        found.update(_sibling_problems(model, parent, given))
    return found


def place_problem(model: Model, path: str) -> str:
    """Return a sentence on why what lies at `path` keeps the name it has; "" if it need not."""
    if model.format == "hdf5-other":
        return "This file holds no Keras model, so there is nothing to rename."
    if not path:
        return "" if model.name else "This file keeps no name for the model itself."
    if path not in model.index:
        return f"There is no layer {safe_text(path)} in this model."
    layer = model[path]
    wrapped = layer.parent >= 0 and model.layers[layer.parent].kind == "wrapper"
    if model.has_flags and wrapped and "name" not in layer.config:
        return f"This file keeps no name for {safe_text(path)}; Keras makes one up."
    if model.format == "keras-weights" and not layer.weights:
        return (
            f"{safe_text(path)} has no weights, and this file names only layers that have; "
            "rename it in the full model file."
        )
    return ""


def _sibling_problems(model: Model, parent: int, given: Mapping[int, str]) -> dict[str, str]:
    """Names are unique within a model, and what refers to a layer does so by its name."""
    layers = model.layers
    inside = list(model.children(parent))
    old = Counter(layers[i].name for i in inside)
    new = Counter(given.get(i, layers[i].name) for i in inside)
    called = {name for i in inside for name in layers[i].inbound}
    found: dict[str, str] = {}
    for index, name in given.items():
        layer = layers[index]
        if new[name] > 1:
            whom = "another layer here" if old[name] == 0 else "a layer here already"
            found[layer.path] = f"{safe_text(name)} is the name of {whom}; names are unique."
        elif old[layer.name] > 1 and layer.name in called:
            found[layer.path] = (
                f"{old[layer.name]} layers are called {safe_text(layer.name)}; which of them the "
                "others are connected to cannot be told from the file."
            )
    return found


def _is_keras3(model: Model) -> bool:
    return model.keras_version.startswith("3") or model.format == "keras-weights"

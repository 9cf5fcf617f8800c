"""Layer names in a Keras 3 ``.weights.h5``: an attribute on the group of a layer's variables.

Paths come from classes and Keras loads by them; the attribute ``name`` is what the layer was
called when it was saved, for whoever looks into the file. Older Keras 3 wrote none; then it
is put in, as today's Keras does.
"""

from __future__ import annotations

from typing import Any

import h5py

from ..errors import SaveFailed
from ..files.attributes import has_attribute
from ..files.guards import is_group
from ..model import Layer, Model, safe_text
from .flags import write_text
from .state_edit import inside

_h5py: Any = h5py
_LABEL = "name"


def labels_of(before: Model, after: Model) -> dict[str, str]:
    """Return the groups of variables whose layers have other names, and these names."""
    return {
        _group(old): new.name
        for old, new in zip(before.layers, after.layers, strict=True)
        if old is not new and old.name != new.name
    }


def write_labels(file: Any, labels: dict[str, str]) -> None:
    """Write the names into an open file. Raises SaveFailed where there is no place for one."""
    for path, name in labels.items():
        handle = inside(file, path)
        if not is_group(handle):
            raise SaveFailed(
                f"The file has no group {safe_text(path, 200)} that could hold a name; nothing was "
                "written."
            )
        group: Any = _h5py.Group(handle)
        if has_attribute(group, _LABEL):
            write_text(group, _LABEL, name)
        else:
            group.attrs[_LABEL] = name


def _group(layer: Layer) -> str:
    weight = layer.weights[0]
    return f"{weight.dataset[: -len(weight.stored_name) - 1]}/vars"

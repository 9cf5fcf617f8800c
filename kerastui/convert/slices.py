"""What stands in brackets, ``x[:, 1:3, ...]``, in either dialect."""

from __future__ import annotations

from typing import Any

from ..files.entries import is_list, is_object

GETITEM = "__operators__.getitem"
_ENDS = ("start", "stop", "step")


def slice_today(spec: Any) -> Any:
    """Return a ``slice_spec`` of tf.keras as Keras 3 writes the key of its GetItem."""
    if is_list(spec):
        return [slice_today(item) for item in spec]
    if not is_object(spec):
        return spec
    if spec.get("class_name") == "__ellipsis__":
        return {"class_name": "__ellipsis__", "config": {}}
    return {"class_name": "__slice__", "config": {end: spec.get(end) for end in _ENDS}}


def slice_of_keras2(key: Any) -> Any:
    """Return the key of Keras 3's GetItem as tf.keras's ``slice_spec``."""
    if is_list(key):
        return [slice_of_keras2(item) for item in key]
    if not is_object(key):
        return key
    if key.get("class_name") == "__ellipsis__":
        return {"class_name": "__ellipsis__"}
    config = key.get("config")
    return config if is_object(config) else key

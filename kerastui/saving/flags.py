"""Trainable flags in a model's configuration: which texts change where."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import SaveFailed
from ..files.attributes import HEADER_LIMIT
from ..files.low import h5a, h5s, h5t
from ..model import Model
from .jsontext import Path

CONFIG_ATTRIBUTE = "model_config"
_MESSAGE_LIMIT = 65_535
"""Bytes of a message in an object header (HDF5 file format specification, IV.A.1)."""


def as_writable(before: Model, after: Model) -> Model:
    """Return `after` with flags that mean something to Keras, and only those.

    A wrapper and a recurrent layer contain layers that hold no weights in the description (a
    cell, a backward layer that is made from the forward one). Keras builds them by their own
    flags, so they follow the layer they are part of. What holds no weights at all and states
    no flag (an InputLayer) gets none: its class does not take the argument.
    """
    layers = after.layers
    follow: dict[bool, list[int]] = {True: [], False: []}
    for i, (old, new) in enumerate(zip(before.layers, layers, strict=True)):
        if old.trainable is new.trainable:
            continue
        if not new.states_trainable and not after.tree.holds[i]:
            follow[old.trainable].append(i)
        elif new.kind != "model" and new.weights:
            follow[new.trainable] += [
                inner
                for inner in range(i + 1, new.end)
                if not layers[inner].weights and layers[inner].states_trainable
            ]
    for value, indices in follow.items():
        indices = [i for i in indices if after.layers[i].trainable is not value]
        if indices:
            after = after.with_flags(indices, value)
    return after


def flags_differ(before: Model, after: Model) -> bool:
    """Whether any flag is another; the configuration stays as it is if none is."""
    return before.trainable is not after.trainable or any(
        old.trainable is not new.trainable
        for old, new in zip(before.layers, after.layers, strict=True)
        if old is not new
    )


def changed_values(before: Model, after: Model) -> dict[Path, str]:
    """Return where in the configuration which flag has to stand, as JSON text."""
    values: dict[Path, str] = {}
    if before.trainable is not after.trainable:
        values["config", "trainable"] = _text(after.trainable)
    for old, new in zip(before.layers, after.layers, strict=True):
        if old.trainable is not new.trainable:
            values[(*new.config_at, "config", "trainable")] = _text(new.trainable)
    return values


def _text(value: bool) -> str:
    return "true" if value else "false"


def write_text(file: Any, name: str, text: str) -> None:
    """Write a text attribute of the root; a new one is of the form of ``model_config``."""
    if name in file.attrs:
        _replace_text(file, name, text)
        return
    raw = text.encode("utf-8", "surrogateescape")
    kind = h5a.open(file.id, CONFIG_ATTRIBUTE.encode()).get_type()
    if not kind.is_variable_str():
        kind = h5t.py_create(np.dtype(f"S{max(len(raw), 1)}"))
        if len(raw) > HEADER_LIMIT:
            kind = h5t.py_create(np.dtype("O", metadata={"vlen": bytes}), logical=True)
    fresh = h5a.create(file.id, name.encode(), kind, h5s.create(h5s.SCALAR))
    if kind.is_variable_str():
        _write_variable(fresh, (), raw)
    else:
        fresh.write(np.array(raw, dtype=f"S{len(raw)}"), kind)


def _replace_text(file: Any, name: str, text: str) -> None:
    """Replace a text attribute of the root by another text, stored in the same way.

    Kept are: variable or fixed length, character set, padding, scalar or one-element array.
    A fixed-length text that grows over what an object header takes becomes variable; one
    that is longer already lies elsewhere (dense storage), and stays of fixed length.
    """
    raw = text.encode("utf-8", "surrogateescape")
    handle = h5a.open(file.id, name.encode())
    kind = handle.get_type()
    if not isinstance(kind, h5t.TypeStringID):
        raise SaveFailed(f"The file's attribute {name} is no text; nothing was written.")
    shape = handle.shape or ()
    if kind.is_variable_str():
        _write_variable(handle, shape, raw)
        return
    size = int(kind.get_size())
    spare = size - len(_fixed_bytes(handle, shape, size))
    wanted = max(len(raw) + (1 if spare > 0 else 0), 1)
    space = handle.get_space()
    h5a.delete(file.id, name.encode())
    if wanted > HEADER_LIMIT and size <= _MESSAGE_LIMIT:
        # HDF5 may write what it cannot read again, a few dozen bytes below 64 KiB already.
        free = h5t.py_create(np.dtype("O", metadata={"vlen": bytes}), logical=True)
        _write_variable(h5a.create(file.id, name.encode(), free, space), shape, raw)
        return
    fixed = kind.copy()
    fixed.set_size(wanted)
    fresh = h5a.create(file.id, name.encode(), fixed, space)
    fresh.write(np.array(raw, dtype=f"S{wanted}").reshape(shape), fixed)


def _fixed_bytes(handle: Any, shape: tuple[int, ...], size: int) -> bytes:
    """Return the value of a fixed-length text attribute without its padding."""
    value = np.empty(shape, dtype=f"S{size}")
    handle.read(value)
    flat: list[bytes] = value.ravel().tolist()
    return flat[0] if flat else b""


def _write_variable(handle: Any, shape: tuple[int, ...], raw: bytes) -> None:
    value = np.empty(shape, dtype=np.dtype("O", metadata={"vlen": bytes}))
    value[...] = raw
    handle.write(value)

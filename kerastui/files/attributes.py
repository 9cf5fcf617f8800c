"""Attributes of HDF5 objects as Keras writes them: texts, and lists of names.

Keras's name lists (``layer_names``, ``weight_names``) exist as arrays of fixed-length bytes,
of variable-length strings, as empty float arrays, and split over ``layer_names0``,
``layer_names1``, … when one would pass HDF5's limit of 64 KiB for an attribute in an object
header (`keras/src/legacy/saving/legacy_h5_format.py`, ``save_attributes_to_hdf5_group``).

Every function takes an `h5py.Group`/`File`/`Dataset` or its low-level handle. Type and size
are looked at before a value is read.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from ..errors import UnreadableFile, UnsafeFile
from . import low as libhdf5
from .header_parts import Unusual
from .headers import FastGroup, watched_strings
from .low import low

MAX_TEXT = 64 << 20
"""Bytes of one text attribute (the ``model_config`` of 2,000 layers has 1.75 MB)."""
MAX_NAMES = 64 << 20
"""Bytes of one list of names, all its chunks together."""
HEADER_LIMIT = 64512
"""Bytes of one attribute above which Keras splits a list of names."""
MAX_CHUNKS = 10_000


def has_attribute(obj: Any, name: str) -> bool:
    """Whether `obj` has the attribute `name`."""
    if isinstance(obj, FastGroup):
        return obj.strings(name.encode()) is not None
    return bool(libhdf5.h5a.exists(low(obj), name.encode()))


def read_text(obj: Any, name: str, limit: int = MAX_TEXT) -> str | None:
    """Return a text attribute, whichever way it is stored; None if there is none.

    Raises UnsafeFile over `limit` bytes, UnreadableFile if it is no text.
    """
    handle = low(obj)
    if not has_attribute(handle, name):
        return None
    values = _strings(handle, name, limit)
    if len(values) != 1:
        raise UnreadableFile(f"The file's attribute {name!r} is not one text; the file is damaged.")
    return _decode(values[0])


def read_text_of(obj: Any, fast: FastGroup | None, name: str, limit: int = MAX_TEXT) -> str | None:
    """Return a text attribute of `obj`, whose quickly read twin is `fast`; as `read_text`.

    The quick reader goes first: damaged texts can hang libhdf5, which it notices.
    """
    if fast is not None:
        try:
            return read_text(fast, name, limit)
        except (Unusual, struct.error, IndexError):
            pass  # not what h5py usually writes: libhdf5 has the last word
    return read_text(obj, name, limit)


def read_names(group: Any, name: str) -> list[str] | None:
    """Return a list of names such as ``weight_names``, whole or in chunks; None if absent.

    Raises UnsafeFile when it is too long, UnreadableFile when it holds no names.
    """
    raw = read_raw_names(group, name)
    return None if raw is None else [_decode(value) for value in raw]


def read_raw_names(group: Any, name: str) -> list[bytes] | None:
    """Return a list of names as bytes, exactly as stored (names need not be valid UTF-8)."""
    handle = low(group)
    if has_attribute(handle, name):
        return _strings(handle, name, MAX_NAMES)
    names: list[bytes] = []
    budget = MAX_NAMES
    for number in range(MAX_CHUNKS):
        if not has_attribute(handle, f"{name}{number}"):
            return names if number else None
        chunk = _strings(handle, f"{name}{number}", budget)
        budget -= sum(map(len, chunk))
        names += chunk
    raise UnsafeFile(f"The list {name!r} is split into over {MAX_CHUNKS:,} pieces.")


def write_names(group: Any, name: str, names: Sequence[str | bytes]) -> None:
    """Replace a list of names, as Keras does: in chunks when it is too long for one attribute.

    Keeps the way the old list was stored (fixed-length bytes or variable-length strings).
    Raises ValueError when a single name does not fit, KeyError when `group` has no such list.
    """
    handle = low(group)
    old = [name] if has_attribute(handle, name) else chunk_names(handle, name)
    if not old:
        raise KeyError(name)
    variable = _is_variable(handle, old[0])
    raw = [n.encode("utf-8", "surrogateescape") if isinstance(n, str) else n for n in names]
    chunks = _split(raw, variable)
    fresh = [name] if len(chunks) == 1 and old == [name] else _numbered(name, len(chunks))
    for stale in set(old) - set(fresh):
        libhdf5.h5a.delete(handle, stale.encode())
    for attribute, chunk in zip(fresh, chunks, strict=True):
        _write(handle, attribute, chunk, variable)


def chunk_names(obj: Any, name: str) -> list[str]:
    """Return the attributes that a split list consists of: ``name0``, ``name1`` and so on."""
    handle = low(obj)
    found: list[str] = []
    while len(found) < MAX_CHUNKS and libhdf5.h5a.exists(handle, f"{name}{len(found)}".encode()):
        found.append(f"{name}{len(found)}")
    return found


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name}{i}" for i in range(count)]


def _strings(handle: Any, name: str, limit: int) -> list[bytes]:
    """Return the elements of a string attribute; an empty array of any type is no elements."""
    if isinstance(handle, FastGroup):
        found = handle.strings(name.encode()) or []
        if sum(map(len, found)) > limit:
            raise UnsafeFile(f"The attribute {name!r} is longer than {limit:,} bytes.")
        return found
    try:
        attribute = libhdf5.h5a.open(handle, name.encode())
        space = attribute.get_space()
        kind = space.get_simple_extent_type()
        shape: tuple[int, ...] = attribute.shape or ()
        count = 0 if kind == libhdf5.h5s.NULL else int(space.get_simple_extent_npoints())
        stored = attribute.get_type()
        size = max(int(stored.get_size()), 1)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise _damaged(name) from error
    if count == 0:
        return []
    if not isinstance(stored, libhdf5.h5t.TypeStringID):
        raise UnreadableFile(
            f"The file's attribute {name!r} holds numbers where text belongs; the file is damaged."
        )
    variable = bool(stored.is_variable_str())
    if count * size > limit:
        raise UnsafeFile(
            f"The attribute {name!r} declares {count * size:,} bytes; "
            f"kerastui reads at most {limit:,}."
        )
    values = _watched(handle, name) if variable else None
    if values is None:
        values = _read(attribute, name, shape, size, variable)
    if sum(map(len, values)) > limit:
        raise UnsafeFile(f"The attribute {name!r} is longer than {limit:,} bytes.")
    return values


def _watched(handle: Any, name: str) -> list[bytes] | None:
    """Read variable-length strings without libhdf5 where that is possible (see `headers`)."""
    try:
        info = libhdf5.h5o.get_info(handle)
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise _damaged(name) from error
    return watched_strings(int(info.fileno), int(info.addr), name.encode())


def _read(
    attribute: Any, name: str, shape: tuple[int, ...], size: int, variable: bool
) -> list[bytes]:
    import numpy as np

    try:
        if variable:
            array: Any = np.empty(shape, dtype=np.dtype("O", metadata={"vlen": bytes}))
        else:
            array = np.empty(shape, dtype=f"S{size}")
        attribute.read(array)
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        raise _damaged(name) from error
    flat: list[Any] = array.ravel().tolist()
    return [value if isinstance(value, bytes) else b"" for value in flat]


def _damaged(name: str) -> UnreadableFile:
    return UnreadableFile(f"The attribute {name!r} cannot be read: the file is damaged.")


def _decode(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _is_variable(handle: Any, name: str) -> bool:
    stored = libhdf5.h5a.open(handle, name.encode()).get_type()
    return isinstance(stored, libhdf5.h5t.TypeStringID) and bool(stored.is_variable_str())


def _split(names: list[bytes], variable: bool) -> list[list[bytes]]:
    """Cut `names` into as few even pieces as fit, the way Keras and tf_keras do."""
    widest = 16 if variable else max(map(len, names), default=1)
    if widest > HEADER_LIMIT:
        raise ValueError("a name is too long for an HDF5 attribute")
    count = 1
    while count * HEADER_LIMIT < widest * len(names):
        count += 1
    step = -(-len(names) // count) if names else 1
    return [names[i : i + step] for i in range(0, max(len(names), 1), step)]


def _write(handle: Any, name: str, names: list[bytes], variable: bool) -> None:
    """Write one attribute; in place when type and length stay, so that nothing else moves.

    Texts of fixed length get the length of the longest, as h5py writes them, unless they had
    room to spare.
    """
    import numpy as np

    width = max(map(len, names), default=1) or 1
    if variable:
        values: Any = np.array(names, dtype=np.dtype("O", metadata={"vlen": bytes}))
        kind = libhdf5.h5t.py_create(np.dtype("O", metadata={"vlen": str}), logical=True)
    else:
        values = np.array(names, dtype=f"S{width}")
        kind = libhdf5.h5t.py_create(values.dtype, logical=True)
    attribute: Any = None
    if libhdf5.h5a.exists(handle, name.encode()):
        attribute = libhdf5.h5a.open(handle, name.encode())
        stored = attribute.get_type()
        same_type = isinstance(stored, libhdf5.h5t.TypeStringID) and (
            variable or _fits(handle, name, int(stored.get_size()), width)
        )
        if not same_type or attribute.shape != (len(names),):
            attribute = None
            libhdf5.h5a.delete(handle, name.encode())
    if attribute is None:
        space = libhdf5.h5s.create_simple((len(names),))
        attribute = libhdf5.h5a.create(handle, name.encode(), kind, space)
    if names:
        attribute.write(values)


def _fits(handle: Any, name: str, size: int, width: int) -> bool:
    """Whether texts of `width` bytes go where texts of `size` bytes are, in the same way."""
    if size <= width:
        return size == width
    return max(map(len, _strings(handle, name, MAX_NAMES)), default=0) < size

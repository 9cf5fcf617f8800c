"""The datasets that a save leaves alone: still the same objects, and where their bytes lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..errors import SaveFailed
from ..files.guards import QUICK_ERRORS
from ..files.header_parts import Unusual
from ..files.headers import FastGroup
from ..files.low import Handle, h5d, h5o, low
from ..model import safe_text
from .spans import Span

PlaceOf = Callable[[str], "str | None"]
"""Old path of a dataset → its new one; None where its values change, or it goes."""
_DATASET = 1  # H5O_TYPE_DATASET


def unchanged(
    old: Any, new: Any, quick: tuple[FastGroup | None, FastGroup | None], place_of: PlaceOf
) -> list[tuple[Span, str]]:
    """Return the stretches of datasets that stay, each with the dataset's old path.

    Raises SaveFailed where one is not the same object under the name that it is to have.
    """
    if quick[0] is not None and quick[1] is not None:
        try:
            return list(_directly(*quick, place_of))
        except QUICK_ERRORS:
            pass  # libhdf5 has the last word, also on what looks wrong
    return list(_by_libhdf5(low(old), low(new), place_of))


def _directly(
    old: FastGroup | None, new: FastGroup | None, place_of: PlaceOf
) -> Iterator[tuple[Span, str]]:
    """Yield the same, read without libhdf5. Raises Unusual for all that it does not know."""
    assert old is not None
    assert new is not None
    groups = {"": new}
    stack, seen = [("", old)], {old.address}
    while stack:
        path, group = stack.pop()
        for name in group.members:
            inner, below = group.child(name), f"{path}/{name.decode('utf-8', 'surrogateescape')}"
            if isinstance(inner, FastGroup):
                if inner.address not in seen:
                    seen.add(inner.address)
                    stack.append((below, inner))
                continue
            place = place_of(below)
            if inner is None or place is None:
                continue
            if _address(place, groups) != inner.address:
                raise Unusual("another object")
            if _header(old, inner.address) != _header(new, inner.address):
                raise Unusual("another header")
            start, length = inner.place
            yield Span(start, start, length), below


def _address(path: str, groups: dict[str, FastGroup]) -> int | None:
    """Return the address of what is at `path`."""
    outer, _, name = path.rpartition("/")
    return _group(outer, groups).members.get(_raw(name))


def _group(path: str, groups: dict[str, FastGroup]) -> FastGroup:
    """Return the group at `path`, and remember it in `groups`; the root is there."""
    known = groups.get(path)
    if known is None:
        outer, _, name = path.rpartition("/")
        found = _group(outer, groups).child(_raw(name))
        if not isinstance(found, FastGroup):
            raise Unusual("no group")
        known = groups[path] = found
    return known


def _header(group: FastGroup, address: int) -> bytes:
    """Return an object header, without its continuations: type, shape, place of the data."""
    read = group.headers.read
    return read(address, 16 + int.from_bytes(read(address, 16)[8:12], "little"))


def _by_libhdf5(old: Handle, new: Handle, place_of: PlaceOf) -> Iterator[tuple[Span, str]]:
    """Yield the stretches of unchanged datasets, each with the dataset's old path."""
    before, after = _datasets(old), _datasets(new)
    for path, known in before.items():
        place = place_of(path)
        if place is None:
            continue
        if (after.get(place) or _look_up(new, place)) != known:
            raise differs(f"{safe_text(path, 200)} is not where it was to be")
        left, right = (h5d.open(f, _raw(p)) for f, p in ((old, path), (new, place)))
        if left.shape != right.shape or not left.get_type().equal(right.get_type()):
            raise differs(f"{safe_text(path, 200)} differs")
        here, there = _stretches(left), _stretches(right)
        if [length for _, length in here] != [length for _, length in there]:
            raise differs(f"{safe_text(path, 200)} differs")
        for (a, length), (b, _) in zip(here, there, strict=True):
            yield Span(a, b, length), path


_Object = tuple[int, int]
"""Address and number of attributes."""


def _datasets(file: Handle) -> dict[str, _Object]:
    """Return the datasets that the file itself holds by path, each object once."""
    found: dict[str, _Object] = {}

    def note(name: bytes, info: Any) -> None:
        if info.type == _DATASET:
            found["/" + name.decode("utf-8", "surrogateescape")] = info.addr, info.num_attrs

    h5o.visit(file, note, info=True)
    return found


def _look_up(file: Handle, path: str) -> _Object | None:
    """Return what is at `path`: one of several names of an object, or nothing."""
    try:
        info = h5o.get_info(file, _raw(path))
    except (KeyError, RuntimeError):
        return None
    return info.addr, info.num_attrs


def _stretches(dataset: Handle) -> list[tuple[int, int]]:
    """Return where the dataset's bytes lie in the file: offset and length."""
    offset = dataset.get_offset()
    if offset is not None:
        return [(offset, dataset.get_storage_size())]
    if dataset.get_create_plist().get_layout() != h5d.CHUNKED:
        return []  # compact data lie in the header; others in no file, or another one
    found: list[tuple[int, int]] = []

    def note(chunk: Any) -> None:
        found.append((chunk.byte_offset, chunk.size))

    dataset.chunk_iter(note)
    return found


def _raw(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")


def differs(what: str) -> SaveFailed:
    """Return the error for what a save did not mean to write."""
    return SaveFailed(f"What was written is not what was meant: {what}; the old file is untouched.")

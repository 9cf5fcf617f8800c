"""Whether a ``.keras`` archive that was written anew differs from its source as it was to."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py

from ..errors import SaveFailed
from ..files.archive import CONFIG, WEIGHTS, Archive
from ..files.guards import fast_root
from ..files.read_at import filler_of
from .archive import Member, read_directory
from .atomic import Draft
from .copying import Progress
from .plan import Work
from .recheck import LIMIT, Side, recheck
from .spans import Span, first_difference

_h5py: Any = h5py
_OFFSET, _EXTRA_LENGTH = 15, 10
"""Fields of a directory entry that may differ."""


def check_archive(source: int, draft: Draft, path: Path, work: Work, progress: Progress) -> None:
    """Compare the draft with the archive at `path`, open in `source`. Raises SaveFailed.

    Members that stay have to be the same bytes, header included; the HDF5 file inside is
    compared object by object where it was written to. Over `LIMIT` weights that were not
    touched are not read.
    """
    inner = work.touches_state or bool(work.values)
    changed = {name for name, is_other in ((CONFIG, work.text), (WEIGHTS, inner)) if is_other}
    spans = list(_unchanged(source, draft.descriptor, changed))
    if sum(span.length for span in spans) > LIMIT:
        spans = [span for span in spans if span.length <= LIMIT]
    readers = filler_of(source), filler_of(draft.descriptor)
    if first_difference(*readers, spans, progress) is not None:
        raise _differs()
    if inner:
        with _opened(path) as old, _opened(draft.path) as new:
            recheck(old, new, work, progress)


def _unchanged(old: int, new: int, changed: set[str]) -> Iterator[Span]:
    before, after = _places(old), _places(new)
    if len(before) != len(after):
        raise _differs()
    for (member, begin, end), (other, start, stop) in zip(before, after, strict=True):
        if member.name != other.name:
            raise _differs()
        if member.name.decode("utf-8", "replace") in changed:
            continue
        if end - begin != stop - start or _stated(member) != _stated(other):
            raise _differs()
        yield Span(begin, start, end - begin)


def _places(archive: int) -> list[tuple[Member, int, int]]:
    """Return the members as they lie, each with where it begins and where the next one does."""
    start, members, _ = read_directory(archive)
    lying = sorted(members, key=lambda member: member.offset)
    bounds = [*(member.offset for member in lying), start]
    return [(m, *pair) for m, pair in zip(lying, pairwise(bounds), strict=True)]


def _stated(member: Member) -> tuple[object, ...]:
    fields = [f for i, f in enumerate(member.fields) if i not in (_OFFSET, _EXTRA_LENGTH)]
    return (*fields, member.comment, member.size, member.packed)


@contextmanager
def _opened(path: Path) -> Generator[Side]:
    """Open the HDF5 file inside, and what reads its bytes."""
    with Archive(path) as archive:
        stream: Any = archive.open_weights()
        if stream is None:
            raise _differs()
        place = archive.weights_place()

        def fill(offset: int, buffer: memoryview) -> int:
            stream.seek(offset)
            return stream.readinto(buffer)

        with _h5py.File(stream, "r") as file:
            if place is None:
                yield Side(file, None, fill)
            else:
                root = fast_root(archive.file, *place)
                yield Side(file, root, filler_of(archive.file.fileno(), place[0]))


def _differs() -> SaveFailed:
    return SaveFailed(
        "What was written is not what was meant: members of the archive differ; the old file is "
        "untouched."
    )

"""Carrying a plan out on a draft: a copy of an HDF5 file, or an archive written anew."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py

from ..errors import SaveFailed
from ..files.archive import CONFIG, MAX_CONFIG, WEIGHTS, Archive
from ..files.attributes import write_names
from ..files.detect import open_raw
from ..files.guards import fast_root
from ..files.read_at import filler_of
from ..model import Model
from . import archive as zips
from .atomic import Draft, draft_beside
from .beside import beside
from .copying import Progress, clone, copy_range, write_all
from .flags import CONFIG_ATTRIBUTE, write_text
from .inner_file import fits, write_where_it_lies
from .labels import write_labels
from .opening import opened
from .plan import Work, plan_archive, plan_hdf5
from .recheck import Side, recheck
from .recreate import recreate
from .renaming import rename_stored
from .state_edit import apply_named, apply_numbered, inside, named_entries
from .values import write_values

_h5py: Any = h5py  # it has no type information


def copy_whole(source: int, draft: Draft, progress: Progress) -> None:
    """Copy the file in descriptor `source` to the draft."""
    size = os.fstat(source).st_size
    if clone(source, draft.descriptor):
        progress(size)
    else:
        copy_range(source, 0, size, draft.descriptor, progress)


def edit_hdf5(
    source: int, draft: Draft, path: Path, before: Model, after: Model, progress: Progress
) -> Work:
    """Copy an HDF5 file, open in `source`, to the draft and edit the copy; return what was done."""
    with beside(lambda: _plan(path, before, after)) as planning:
        copy_whole(source, draft, progress)
    draft.sync()  # edits are little; most of the file is on its way to the disk meanwhile
    work = planning.result()
    with opened(draft.path, "r+") as file:
        for name, text in ((CONFIG_ATTRIBUTE, work.text), ("training_config", work.training)):
            if text:
                write_text(file, name, text)
        if work.training_goes:
            del file.attrs["training_config"]
        for order in work.orders:
            write_names(inside(file, order.group), "weight_names", order.new)
        for place, plan in work.states.items():
            if plan.remove:
                del file[place]
            elif plan.entries is not None:
                state: Any = file[place]
                apply_named(state, named_entries(state)[0], plan)
        recreate(file, work.dtypes)
        write_values(file, work.values, progress)
        write_labels(file, work.labels)
        if work.names is not None:
            rename_stored(file, work.names)
        file.flush()
    return work


def _plan(path: Path, before: Model, after: Model) -> Work:
    with opened(path, "r") as file:
        return plan_hdf5(file, before, after)


def check_hdf5(source: int, draft: Draft, path: Path, work: Work, progress: Progress) -> None:
    """Compare the draft with the HDF5 file that it was made of. Raises SaveFailed."""
    with _side(path, source) as old, _side(draft.path, draft.descriptor) as new:
        recheck(old, new, work, progress)


@contextmanager
def _side(path: Path, descriptor: int) -> Generator[Side]:
    with open_raw(path) as raw, opened(path, "r") as file:
        root = fast_root(raw, 0, os.fstat(raw.fileno()).st_size)
        yield Side(file, root, filler_of(descriptor))


def edit_archive(
    source: int, draft: Draft, path: Path, before: Model, after: Model, progress: Progress
) -> Work:
    """Write a ``.keras`` archive anew with other flags or values; return what was done."""
    work = look_into_archive(path, before, after)
    changes: dict[str, bytes | Path] = {}
    if work.text:
        changes[CONFIG] = work.text.encode("utf-8", "surrogateescape")
    if not work.touches_state and not work.values:
        zips.rewrite(source, draft.descriptor, changes, progress)
        return work
    with Archive(path) as archive:
        stream = archive.open_weights()
        if stream is None:
            raise SaveFailed("The archive has lost its weights; nothing was written.")
        small = not work.touches_state and not work.dtypes
        if small and fits(source, archive, stream, work.values):
            zips.rewrite(source, draft.descriptor, changes, progress)
            if write_where_it_lies(draft, work.values, progress):
                return work
            draft.empty()
        with draft_beside(draft.target, 0o600) as inner:
            unpack(source, archive, stream, inner, progress)
            _edit_inner(inner, work, progress)
            changes[WEIGHTS] = inner.path
            zips.rewrite(source, draft.descriptor, changes, progress)
    return work


def _edit_inner(inner: Draft, work: Work, progress: Progress) -> None:
    with opened(inner.path, "r+") as file:
        for place, plan in work.states.items():
            group: Any = file[place]
            apply_numbered(group, plan)
        recreate(file, work.dtypes)
        write_values(file, work.values, progress)
        file.flush()


def unpack(source: int, archive: Archive, stream: Any, inner: Draft, progress: Progress) -> None:
    """Copy the HDF5 file inside an archive, which `stream` reads, to the draft `inner`."""
    place = archive.weights_place()
    if place is not None:
        copy_range(source, *place, inner.descriptor, progress)
    else:
        while piece := stream.read(1 << 20):
            write_all(inner.descriptor, piece)
            progress(len(piece))
    inner.close()


def look_into_archive(path: Path, before: Model, after: Model) -> Work:
    """Return the work on a ``.keras`` archive, without writing anything."""
    with Archive(path) as archive:
        raw = archive.read(CONFIG, MAX_CONFIG) or b""
        text = raw.decode("utf-8", "surrogateescape")
        stream = archive.open_weights()
        if stream is None:
            return plan_archive(text, None, before, after)
        with _h5py.File(stream, "r") as weights:
            return plan_archive(text, weights, before, after)

"""Carrying a plan out on a draft: a copy of an HDF5 file, or an archive written anew."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import h5py

from ..errors import SaveFailed
from ..files.archive import CONFIG, MAX_CONFIG, WEIGHTS, Archive
from ..files.attributes import read_names, write_names
from ..files.guards import is_group
from ..model import Model
from . import archive as zips
from .atomic import Draft, draft_beside
from .copying import Progress, clone, copy_range, write_all
from .flags import CONFIG_ATTRIBUTE, write_text
from .labels import write_labels
from .plan import Work, plan_archive, plan_hdf5
from .recreate import recreate
from .renaming import StoredNames, rename_stored
from .state_edit import apply_named, apply_numbered, inside, named_entries
from .values import verify_values, write_values

_h5py: Any = h5py  # it has no type information


def copy_whole(source: int, draft: Draft, progress: Progress) -> None:
    """Copy the file in descriptor `source` to the draft."""
    size = os.fstat(source).st_size
    if clone(source, draft.descriptor):
        progress(size)
    else:
        copy_range(source, 0, size, draft.descriptor, progress)


def edit_hdf5(source: int, draft: Draft, before: Model, after: Model, progress: Progress) -> Work:
    """Copy an HDF5 file to the draft and edit the copy; return what was done."""
    copy_whole(source, draft, progress)
    with opened(draft.path, "r+") as file:
        work = plan_hdf5(file, before, after)
        objects = _outline(file)
        for name, text in ((CONFIG_ATTRIBUTE, work.text), ("training_config", work.training)):
            if text:
                write_text(file, name, text)
        for order in work.orders:
            write_names(inside(file, order.group), "weight_names", order.new)
        for path, plan in work.states.items():
            if plan.remove:
                del file[path]
                objects[0].remove(path.strip("/"))
            elif plan.entries is not None:
                state: Any = file[path]
                apply_named(state, named_entries(state)[0], plan)
        recreate(file, work.dtypes)
        write_values(file, work.values, progress)
        write_labels(file, work.labels)
        if work.names is not None:
            rename_stored(file, work.names)
            objects = _renamed(objects, work.names)
        file.flush()
    with opened(draft.path, "r") as file:
        if _outline(file) != objects or any(
            tuple(read_names(inside(file, group), "weight_names") or ()) != names
            for group, names in work.final_orders()
        ):
            raise SaveFailed(
                "What was written is not what was meant (groups or attributes differ); "
                "the old file is untouched."
            )
        verify_values(file, work.final_values(), progress)
    return work


Outline = tuple[list[str], list[str], list[str]]
"""What lies at the root and in the group of weights: members, attributes, members."""


def _outline(file: Any) -> Outline:
    weights = is_group(inside(file, "model_weights"))
    names = sorted(file["model_weights"]) if weights else []
    # A list of names that grows may be split into several attributes.
    attributes = sorted(name for name in file.attrs if not name.startswith("layer_names"))
    return sorted(file), attributes, names


def _renamed(objects: Outline, names: StoredNames) -> Outline:
    """Return what the outline becomes when groups get other names."""
    root, attributes, inside_weights = objects
    if not names.is_flat:
        return root, attributes, []
    if names.root:
        return root, attributes, names.listing(inside_weights)
    return names.listing(root), attributes, inside_weights


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
    with Archive(path) as archive, draft_beside(draft.target, 0o600) as inner:
        stream = archive.open_weights()
        if stream is None:
            raise SaveFailed("The archive has lost its weights; nothing was written.")
        _unpack(source, archive, stream, inner, progress)
        with opened(inner.path, "r+") as file:
            for place, plan in work.states.items():
                group: Any = file[place]
                apply_numbered(group, plan)
            recreate(file, work.dtypes)
            write_values(file, work.values, progress)
            file.flush()
        with opened(inner.path, "r") as file:
            verify_values(file, work.values, progress)
        changes[WEIGHTS] = inner.path
        zips.rewrite(source, draft.descriptor, changes, progress)
    return work


def _unpack(source: int, archive: Archive, stream: Any, inner: Draft, progress: Progress) -> None:
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


@contextmanager
def opened(path: Path, mode: str) -> Generator[Any]:
    """Open an HDF5 file; a failure to close after another failure does not hide that one."""
    # The draft is ours alone; some network file systems have no locks at all.
    file: Any = _h5py.File(path, mode, locking=False)
    try:
        yield file
    except BaseException:
        with suppress(OSError, RuntimeError, ValueError):
            file.close()
        raise
    file.close()

"""A file whose model ends otherwise, written beside the target for the time of a save."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py

from ..errors import SaveFailed
from ..files.archive import CONFIG, MAX_CONFIG, WEIGHTS, Archive
from ..model import FileIdentity, Model
from . import archive as zips
from .atomic import Draft, draft_beside
from .carry_out import copy_whole, unpack
from .copying import Progress
from .flags import CONFIG_ATTRIBUTE, write_text
from .opening import opened
from .regroup import check_new, regroup_archive, regroup_legacy
from .restructure import (
    Restructuring,
    plan_archive_structure,
    plan_hdf5_structure,
    restructured,
)
from .slots import SlotReport
from .verify import verify

_h5py: Any = h5py


@dataclass(frozen=True)
class Staged:
    """A file with the layers that are wanted, and what is left to be done to it."""

    path: Path
    before: Model
    """What the file is, as read from it."""
    after: Model
    report: SlotReport
    """What happens to the optimizer's state in all."""


@contextmanager
def staged(
    source: Path, target: Path, before: Model, after: Model, progress: Progress
) -> Generator[Staged]:
    """Write the file at `source` with the layers of `after`; it is gone at the end.

    Raises SaveFailed, OSError.
    """
    middle, wanted = restructured(before, after)
    with draft_beside(target, 0o600) as draft, source.open("rb") as stream:
        if before.format == "keras":
            work = _archive(stream.fileno(), draft, source, before, after, progress)
        else:
            work = _hdf5(stream.fileno(), draft, before, after, progress)
        found = verify(draft.path, middle)
        draft.path.chmod(stat.S_IMODE(os.fstat(stream.fileno()).st_mode))
        identity = FileIdentity.of(draft.path, draft.path.stat())
        # Kept is what no file says: how shapes were told before.
        middle = replace(middle, file=identity, compile=found.compile, notes=found.notes)
        yield Staged(draft.path, middle, replace(wanted, file=identity), work.report)


def look_into_structure(path: Path, before: Model, after: Model) -> Restructuring:
    """Return what staging would do, without writing anything. Raises SaveFailed, OSError."""
    if before.format == "keras":
        return _look_into_archive(path, before, after)
    with opened(path, "r") as file:
        return plan_hdf5_structure(file, before, after)


def _made(after: Model) -> dict[int, Any]:
    structure = after.structure
    if structure is None:
        return {}
    new = (i for i, origin in enumerate(structure.origins) if origin < 0)
    return dict(zip(new, structure.made, strict=True))


def _hdf5(
    source: int, draft: Draft, before: Model, after: Model, progress: Progress
) -> Restructuring:
    copy_whole(source, draft, progress)
    with opened(draft.path, "r+") as file:
        work = plan_hdf5_structure(file, before, after)
        write_text(file, CONFIG_ATTRIBUTE, work.text)
        if work.training:
            write_text(file, "training_config", work.training)
        regroup_legacy(file, work, _made(after))
        file.flush()
    with opened(draft.path, "r") as file:
        check_new(file, work, _made(after))
    return work


def _archive(
    source: int, draft: Draft, path: Path, before: Model, after: Model, progress: Progress
) -> Restructuring:
    work = _look_into_archive(path, before, after)
    changes: dict[str, bytes | Path] = {CONFIG: work.text.encode("utf-8", "surrogateescape")}
    with Archive(path) as archive, draft_beside(draft.target, 0o600) as inner:
        stream = archive.open_weights()
        if stream is None:
            raise SaveFailed("The archive has lost its weights; nothing was written.")
        unpack(source, archive, stream, inner, progress)
        with opened(inner.path, "r+") as file:
            regroup_archive(file, work, _made(after))
            file.flush()
        with opened(inner.path, "r") as file:
            check_new(file, work, _made(after))
        changes[WEIGHTS] = inner.path
        zips.rewrite(source, draft.descriptor, changes, progress)
    return work


def _look_into_archive(path: Path, before: Model, after: Model) -> Restructuring:
    with Archive(path) as archive:
        text = (archive.read(CONFIG, MAX_CONFIG) or b"").decode("utf-8", "surrogateescape")
        stream = archive.open_weights()
        if stream is None:
            raise SaveFailed("The archive has lost its weights; nothing was written.")
        with _h5py.File(stream, "r") as weights:
            return plan_archive_structure(text, weights, before, after)

"""Saving a document: copy, apply, verify, rename. The target is the old or the new, never less."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..edits import Document
from ..edits.head_hints import head_warnings
from ..edits.structure_changes import with_structure
from ..errors import FileChanged, KerastuiError, SaveCancelled, SaveFailed
from ..model import Consent, FileIdentity, Model, consent_of
from .archive_check import check_archive
from .atomic import Draft, backup_of, copy_attributes, draft_beside, keep_backup, sweep
from .carry_out import check_hdf5, copy_whole, edit_archive, edit_hdf5
from .compile_plan import DROPPED, drops_state
from .copying import Progress
from .failures import check_backup, check_target, failed
from .flags import as_writable
from .landing import check_consent
from .plan import UNCHANGED, Work
from .recheck import LIMIT
from .same_file import changed, check_identity, reread
from .slots import SlotReport
from .staging import staged
from .values import bytes_of, check_values, values_of
from .verify import verify


@dataclass(frozen=True)
class Saved:
    """What was written."""

    path: str
    """As the user gave it."""
    model: Model
    """The description as read back from it."""
    slots: SlotReport
    """What happened to the optimizer's state."""
    warnings: tuple[str, ...] = ()
    """One sentence each on what Keras will not do as the flags say."""
    backup: str = ""
    """Where the file that was replaced is kept; "" where none was asked for, or replaced."""


def save(
    document: Document,
    target: str | os.PathLike[str] | None = None,
    *,
    overwrite_changed: bool = False,
    backup: bool = False,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Saved:
    """Write the document to `target`, by default to the file it was read from.

    A symbolic link is followed, not replaced; mode, owner and extended attributes of an
    existing target stay. Until the rename at the end the target is untouched.

    Args:
        document: what to save. After saving in place its `original` is what was written.
        target: the file to write; a plain path replaces whatever is there, a `Destination`
            what its user agreed to.
        overwrite_changed: go on when the file on disk is not the one that was opened; the
            edits are then applied to the file as it is now.
        backup: keep the file that is replaced as ``NAME.bak``, instead of an earlier one.
        progress: called with a stage and a fraction from 0 to 1.
        cancelled: asked between pieces; when it answers yes the save ends.

    Raises:
        FileChanged: the file on disk was replaced or altered after it was opened.
        SaveCancelled: `cancelled` said so.
        SaveFailed: anything else; nothing was written.
    """
    given = os.fspath(document.original.file.path if target is None else target)
    source = Path(document.original.file.path)
    goal = _resolved(given)
    job = _Job(
        document, source, goal, consent_of(target), overwrite_changed, backup, progress, cancelled
    )
    try:
        saved = replace(job.run(), path=given)
    except KerastuiError:
        raise
    except (OSError, RuntimeError, EOFError) as error:
        raise failed(given, error) from error
    where = replace(saved.model.file, path=given)
    saved = replace(saved, model=replace(saved.model, file=where))
    if job.in_place:
        document.saved_as(saved.model)
    return saved


def _resolved(target: str) -> Path:
    try:
        return Path(os.path.realpath(target, strict=False))
    except (OSError, ValueError) as error:
        raise failed(target, error if isinstance(error, OSError) else OSError(22, "")) from error


@dataclass
class _Job:
    """One save, from the checks to the rename."""

    document: Document
    source: Path
    target: Path
    consent: Consent
    overwrite_changed: bool
    backup: bool
    progress: Callable[[str, float], None] | None
    cancelled: Callable[[], bool] | None
    kept: str = ""
    real: tuple[Path, FileIdentity] | None = None
    """The file that was opened, where `source` is one that was made of it."""

    @property
    def in_place(self) -> bool:
        """Whether the file that was opened is the one that is written."""
        opened = self.real[0] if self.real else self.source
        return self.target == Path(os.path.realpath(opened))

    def run(self) -> Saved:
        """Save. Raises KerastuiError, OSError, RuntimeError (from HDF5), EOFError."""
        check_target(self.target)
        self._check_consent()
        if self.backup:
            check_backup(backup_of(self.target))
        before, after = self._models()
        if self.in_place and before is after:
            return Saved("", after, UNCHANGED)
        sweep(self.target.parent)
        self._stage("copying", 0.0)
        return self._save(before, after) if after.structure is None else self._staged(before, after)

    def _staged(self, before: Model, after: Model) -> Saved:
        """Save a model with other layers: first a file that has them, then all else in it."""
        progress = self._counting("copying", 0.0, 0.3, before.file.size)
        with staged(self.source, self.target, before, after, progress) as stage:
            check_identity(self.source, before.file)
            job = replace(self, source=stage.path, real=(self.source, before.file))
            saved = job._save(stage.before, stage.after)
        self.kept = job.kept
        warnings = (*saved.warnings, *head_warnings(before, after))
        slots = DROPPED if drops_state(before, after) else stage.report
        return replace(saved, slots=slots, warnings=warnings)

    def _save(self, before: Model, after: Model) -> Saved:
        check_values(values_of(before, after))
        with self._opened_source() as source:
            status = os.fstat(source)
            with draft_beside(self.target, status.st_mode & 0o777) as draft:
                with self._unless_changed(source, before.file):
                    work = self._write(source, status.st_size, draft, before, after)
                    draft.sync()
                    found = self._verify(source, draft, work)
                    draft.synced()
                self._finish(draft, before.file)
        identity = FileIdentity.of(self.target, self.target.stat())
        model = replace(found, file=identity)
        self._stage("saved", 1.0)
        return Saved("", model, work.report, tuple(work.warnings), self.kept)

    def _models(self) -> tuple[Model, Model]:
        """Return the descriptions of the file as it is on disk, and as it is meant to be."""
        document = self.document
        before, after = document.original, document.model
        try:
            check_identity(self.source, before.file)
        except FileChanged:
            if not self.overwrite_changed:
                raise
            before, after = reread(self.source, document)
        if not document.changed:
            return before, before
        return before, as_writable(with_structure(before, after), after)

    def _write(self, source: int, size: int, draft: Draft, before: Model, after: Model) -> Work:
        replaced = bytes_of(before, after)
        unpacked = size if replaced and before.format == "keras" else 0
        progress = self._counting("copying", 0.0, 0.7, size + unpacked + replaced)
        if after is before:
            copy_whole(source, draft, progress)
            return Work(before, after)
        if before.format == "keras":
            return edit_archive(source, draft, self.source, before, after, progress)
        return edit_hdf5(source, draft, self.source, before, after, progress)

    def _verify(self, source: int, draft: Draft, work: Work) -> Model:
        self._stage("verifying", 0.7)
        found = verify(draft.path, work.meant)
        if work.before is not work.after:
            size = min(os.fstat(source).st_size, LIMIT) + bytes_of(work.before, work.after)
            progress = self._counting("verifying", 0.75, 0.99, size)
            check = check_archive if work.before.format == "keras" else check_hdf5
            check(source, draft, self.source, work, progress)
        return found

    def _finish(self, draft: Draft, identity: FileIdentity) -> None:
        draft.reopen()
        like = self.target.stat() if self.target.exists() else None
        if like is not None:
            copy_attributes(self.target, draft)
        draft.settle(like)
        self._ask()
        self._check_sources(identity)
        check_target(self.target)
        if self.backup and like is not None:
            self._check_consent()
            self.kept = str(keep_backup(self.target))
            self._check_sources(identity)  # where there are no links a backup takes its time
        draft.put_in_place("anything" if self.in_place else self.consent)

    def _check_consent(self) -> None:
        """Raise SaveFailed where the target may not be replaced.

        The file that was opened may, as it is asked for by its name; that it is the same still
        is checked by itself.
        """
        if not self.in_place:
            check_consent(self.target, self.consent)

    def _check_sources(self, identity: FileIdentity) -> None:
        for path, then in ((self.source, identity), *([self.real] if self.real else [])):
            check_identity(path, then)

    @contextmanager
    def _opened_source(self) -> Generator[int]:
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(self.source, flags)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def _unless_changed(self, source: int, then: FileIdentity) -> Generator[None]:
        """Raise FileChanged, rather than what comes of it, if the source changes meanwhile."""
        self._check_source(source, then)
        try:
            yield
        except (SaveFailed, OSError, RuntimeError, EOFError):
            self._check_source(source, then)
            raise
        self._check_source(source, then)

    def _check_source(self, source: int, then: FileIdentity) -> None:
        if FileIdentity.of(self.source, os.fstat(source)).state != then.state:
            raise changed(self.source)

    def _counting(self, stage: str, begin: float, end: float, size: int) -> Progress:
        """Return what counts bytes, `size` in all, and moves the fraction from begin to end."""
        done = 0

        def report(count: float) -> None:
            nonlocal done
            done += int(count)
            self._stage(stage, begin + (end - begin) * min(1.0, done / max(size, 1)))

        return report

    def _stage(self, stage: str, fraction: float) -> None:
        if fraction < 1.0:
            self._ask()
        if self.progress is not None:
            self.progress(stage, fraction)

    def _ask(self) -> None:
        if self.cancelled is not None and self.cancelled():
            raise SaveCancelled("The save was cancelled; the old file is untouched.")

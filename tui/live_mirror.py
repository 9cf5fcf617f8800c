"""Keeps a document and the live model alike: flags and weights, both ways.

Before an evaluation the live model gets what the table shows; after it the document gets, as
edits, what the code has changed. Evaluations come one at a time, so each finds the effects of
the one before already settled.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kerastui.edits import SetWeight
from kerastui.errors import BadEdit
from kerastui.model import ArraySource, Model, safe_text
from kerastui.session.client import Session
from kerastui.session.protocol import Changes, FlagChange, Result, WeightChange

from . import temporary
from .live_names import live_flags, live_path, path_here

if TYPE_CHECKING:
    from kerastui.clerk.client import Clerk
    from kerastui.edits.document import Document
    from kerastui.journal.folder import Folder

T = TypeVar("T")
Key = tuple[str, str]
"""A layer's path in the live model, and a weight's name."""


class Mirror:
    """What the live model was given, and what of its changes the document has not yet.

    Args:
        session: the Keras process.
        clerk: reads the values that weights have in the file.
    """

    def __init__(self, session: Session, clerk: Clerk) -> None:
        self._session = session
        self._clerk = clerk
        self._lock = threading.Lock()
        self._news: list[WeightChange] = []
        """Changes of weights that the process told (in a thread) and nobody took."""
        self._unsettled = 0
        """The evaluation whose effects on weights were not told yet; 0 for none."""
        self._live: dict[Key, ArraySource] = {}
        """Where the values that live weights have also lie; others are as they were loaded."""
        self._original: Model | None = None
        """What was loaded."""
        self._folder: Folder | None = None
        self._names = itertools.count(1)

    def close(self) -> None:
        """Remove the files of weights."""
        if self._folder is not None:
            self._folder.remove()

    def loaded(self, original: Model) -> None:
        """The live model is as in the file that `original` describes."""
        with self._lock:
            self._news.clear()
            self._unsettled = 0
        self._live.clear()
        self._original = original

    def note(self, changes: Changes) -> None:
        """Take what the process tells of changed weights; called from its thread."""
        with self._lock:
            self._news.extend(changes.weights)
            if changes.number >= self._unsettled:
                self._unsettled = 0

    def live_path(self, document: Document, path: str) -> str:
        """Return what the live model calls the layer at `path` of the document."""
        return live_path(document.model, self._original, path)

    # -- before an evaluation -------------------------------------------------------------------

    async def before(self, document: Document) -> None:
        """Give the live model the flags and weights that the table shows."""
        await self.settle(document, wait=True)
        model = document.model
        if model.has_flags:
            await _got(self._session.set_trainable(live_flags(model, self._original)))
        await self._give_weights(document)

    async def _give_weights(self, document: Document) -> None:
        loaded = self._original
        wanted = {
            (live_path(document.model, loaded, path), name): source
            for (path, name), source in replaced_weights(document).items()
        }
        for key, source in wanted.items():
            if self._live.get(key) != source:
                await self._give(key, source)
                self._live[key] = source
        for key in [k for k in self._live if k not in wanted]:
            # A file with other layers was made to be loaded; it has all values of the file.
            made = loaded if document.model.structure is not None else None
            file = made or document.original
            here = path_here(file, loaded, key[0])
            await self._give(key, in_file(file, (here, key[1])))
            del self._live[key]

    async def _give(self, key: Key, source: ArraySource) -> None:
        file = source.file
        if source.member or not file.endswith(".npy"):
            file = str(self.private() / f"given-{next(self._names)}.npy")
            await _got(self._clerk.submit("export", source, file))
        await _got(self._session.set_weight(*key, file))

    # -- after it -------------------------------------------------------------------------------

    async def after(self, document: Document, result: Result) -> None:
        """Make flags that code has set an edit, and remember that weights may follow."""
        with self._lock:
            if result.looking:
                self._unsettled = result.number
        if result.flags:
            take_flags(document, result.flags, self._original)
            # What Keras and the table make of a container's flag differs: the table's counts.
            flags = live_flags(document.model, self._original)
            await _got(self._session.set_trainable(flags))

    async def settle(self, document: Document, wait: bool = False) -> bool:
        """Make weights that code has assigned edits; return whether there were any.

        Args:
            document: gets the edits.
            wait: have the process look for changes now, if it has not yet.
        """
        if wait and self._unsettled:
            told = await _got(self._session.diff())
            self.note(Changes(self._unsettled, told.weights))
        with self._lock:
            news, self._news = self._news, []
        newest = {(change.path, change.name): change for change in news}
        if newest:
            await self._take(document, list(newest.values()))
        return bool(newest)

    async def _take(self, document: Document, changes: Sequence[WeightChange]) -> None:
        # Not saved since; with other layers, what was loaded was made of the file as it is.
        as_loaded = self._original is document.original or document.model.structure is not None
        edits: list[SetWeight] = []
        for change in changes:
            key = (change.path, change.name)
            here = path_here(document.model, self._original, change.path)
            if change.as_loaded and as_loaded:
                self._live.pop(key, None)
                edits.append(SetWeight(here, change.name, None))
                continue
            made = await _got(self._session.export_weight(*key))
            kept = str(self.private() / Path(made).name)
            await asyncio.to_thread(shutil.move, made, kept)
            source = ArraySource(kept, "", change.shape, change.dtype, "console")
            self._live[key] = source
            edits.append(SetWeight(here, change.name, source))
        names = ", ".join(f"{edit.path}/{edit.name}" for edit in edits[:2])
        more = f" and {len(changes) - 2} more" if len(changes) > 2 else ""
        document.apply(*edits, title=f"console: {safe_text(names, 80)}{more}")

    def private(self) -> Path:
        """Return a folder for files that go with the program."""
        if self._folder is None:
            self._folder = temporary.make(temporary.WEIGHTS)
        return self._folder.path


def replaced_weights(document: Document) -> dict[tuple[str, str], ArraySource]:
    """Return where weights that differ from the document's file come from, by path and name."""
    if document.model is document.original:
        return {}
    return {
        (layer.path, weight.name): weight.replaced
        for layer, old in zip(document.model.layers, document.base.layers, strict=True)
        if layer.weights is not old.weights
        for weight in layer.weights
        if weight.replaced is not None
    }


def in_file(original: Model, key: tuple[str, str]) -> ArraySource:
    """Return where the values lie that a weight has in the file, by path there and name."""
    path, name = key
    layer = original.layers[original.index[path]]
    weight = next(w for w in layer.weights if w.name == name)
    return ArraySource(original.file.path, weight.dataset, weight.shape, weight.dtype, "file")


def take_flags(
    document: Document, flags: Sequence[FlagChange], loaded: Model | None = None
) -> None:
    """Make flags that code has set an edit of the document, which is one step to undo.

    `loaded` describes the live model, whose layers may have other names by now.
    """
    model = document.model
    if not flags or not model.has_flags:
        return
    wanted = list(model.effective)
    for change in flags:
        place = model.index.get(path_here(model, loaded, change.path))
        if place is not None:
            wanted[place] = change.trainable
    try:
        document.set_states(wanted, "console: trainable")
    except BadEdit:
        return  # the file keeps no such flag: the live model is set back to what it has


async def _got(future: Future[T]) -> T:
    return await asyncio.wrap_future(future)

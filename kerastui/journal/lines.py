"""Lines of a journal: JSON with a checksum before it, so that damage shows."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from ..edits.changes import Edit
from ..edits.codec import edit_to_fields
from ..model import FileIdentity, Model

VERSION = 1
MARK = "kerastui_journal"


def line(record: Mapping[str, Any]) -> bytes:
    """Return a record as one line of ASCII."""
    text = json.dumps(record, separators=(",", ":")).encode("ascii")
    return b"%08x %s\n" % (zlib.crc32(text), text)


def text_of(raw: bytes) -> bytes | None:
    """Return the JSON of a line (without its newline); None if its checksum is another."""
    text = raw[9:]
    return text if raw[:9] == b"%08x " % zlib.crc32(text) else None


def header(file: FileIdentity, now: float) -> dict[str, Any]:
    """Return the first record: which file the edits are for, as it was on disk."""
    return {
        MARK: VERSION,
        "file": {
            "path": file.path, "size": file.size, "mtime_ns": file.mtime_ns,
            "inode": file.inode, "device": file.device,
        },
        "began": int(now),
    }  # fmt: skip


def applied(title: str, edits: Sequence[Edit], base: str, now: float) -> dict[str, Any]:
    """Return the record of a step. Files below `base`, the journal's folder, are named by it."""
    fields = [edit_to_fields(edit, base) for edit in edits]
    return {"do": "apply", "title": title, "edits": fields, "at": int(now)}


def state(edits: Sequence[Edit], base: str, now: float) -> dict[str, Any]:
    """Return a record after which nothing counts but these edits, from the file on."""
    return {**applied("unsaved changes", edits, base, now), "do": "state"}


def kept(file: str, name: str) -> dict[str, Any]:
    """Return the record that the array in `file` also lies in `name`, in the folder."""
    return {"do": "kept", "file": file, "as": name}


def saving(model: Model) -> dict[str, Any]:
    """Return the record that the file is about to be written as `model` describes it."""
    return {"do": "saving", "as": fingerprint(model)}


def fingerprint(model: Model) -> str:
    """Return what stays of a description when it is written and read back, as a checksum.

    Values of weights are not in it: it tells a file from others that were never saved so, not
    from one with other values.
    """
    layers = [
        (x.path, x.class_name, x.trainable, [(w.name, w.shape, w.dtype) for w in x.weights])
        for x in model.layers
    ]
    compiled = model.compile
    rows = compiled and (compiled.optimizer, compiled.outputs)
    text = repr((model.name, model.class_name, model.trainable, layers, rows))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


UNDO: Mapping[str, Any] = {"do": "undo"}
REDO: Mapping[str, Any] = {"do": "redo"}

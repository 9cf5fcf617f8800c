"""A first glance at a file, for a list of files: cheap, and it never raises."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

from ..errors import KerastuiError, UnreadableFile
from ..model import Format
from .attributes import has_attribute, read_text_of
from .detect import cannot_open, detect, open_raw
from .guards import HDF5_ERRORS, child, fast_root, is_group, links, open_hdf5, read_root
from .headers import FastGroup
from .low import Handle


@dataclass(frozen=True)
class Glance:
    """What a file picker shows of a file."""

    path: str
    size: int
    """Bytes; 0 for what is no file."""
    mtime_ns: int
    format: Format | None
    """None when it is no model file, or not readable."""
    keras_version: str = ""
    problem: str = ""
    """One sentence on why it cannot be opened, "" when nothing speaks against it."""

    @property
    def is_model(self) -> bool:
        """Whether kerastui can open it as a model or as weights of one."""
        return self.format not in (None, "hdf5-other")


def glance(path: str | os.PathLike[str]) -> Glance:
    """Return format, Keras version, size and age of a file without reading its model.

    Neither weights nor the configuration are read: a few small attributes of an HDF5 file,
    or the directory and ``metadata.json`` of an archive. Errors end up in `Glance.problem`.
    """
    name = os.fspath(path)
    try:
        found = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError) as error:
        return Glance(name, 0, 0, None, problem=str(cannot_open(path, error)))
    size = found.st_size if stat.S_ISREG(found.st_mode) else 0
    try:
        _, container = detect(path)
        kind, version = _archive(path) if container == "zip" else _hdf5(path)
    except KerastuiError as error:
        return Glance(name, size, found.st_mtime_ns, None, problem=str(error))
    return Glance(name, size, found.st_mtime_ns, kind, version)


def _hdf5(path: str | os.PathLike[str]) -> tuple[Format, str]:
    with open_raw(path) as raw:
        try:
            return read_root(
                fast_root(raw, 0, os.fstat(raw.fileno()).st_size),
                lambda: open_hdf5(path),
                lambda root, fast: (_kind(root), _version(root, fast)),
            )
        except HDF5_ERRORS as error:
            raise UnreadableFile(f"{os.fspath(path)} is damaged.") from error


def _kind(root: Handle) -> Format:
    if has_attribute(root, "model_config"):
        return "hdf5"
    if has_attribute(root, "layer_names") or has_attribute(root, "layer_names0"):
        return "hdf5-weights"
    return "keras-weights" if is_keras3(root) else "hdf5-other"


def is_keras3(root: Handle) -> bool:
    """Whether Keras 3 wrote this file of weights: variables lie in groups called ``vars``."""
    members = [name for name, _ in links(root)]
    if {b"layers", b"_layer_checkpoint_dependencies", b"vars"} & set(members):
        return True
    for name in members[:100]:
        try:
            group = child(root, name)
            if is_group(group) and is_group(child(group, b"vars")):
                return True
        except UnreadableFile:
            continue
    return False


def _version(root: Handle, fast: FastGroup | None) -> str:
    try:
        return read_text_of(root, fast, "keras_version", 4096) or ""
    except UnreadableFile:
        return ""


def _archive(path: str | os.PathLike[str]) -> tuple[Format, str]:
    from .archive import MAX_METADATA, METADATA, Archive
    from .json_text import parse_object

    with Archive(path) as archive:
        try:
            version = parse_object(
                archive.read(METADATA, MAX_METADATA) or b"{}", "metadata.json"
            ).get("keras_version")
        except UnreadableFile:
            version = ""
    return "keras", version if isinstance(version, str) else ""

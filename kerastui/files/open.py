"""`open_model`: a model file in, a description out. No weight value is read."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any

from ..errors import UnreadableFile
from ..model import FileIdentity, Format, Model
from .attributes import has_attribute, read_names, read_text_of
from .config_tree import Tree, read_tree
from .describe import describe, read_compile_section
from .detect import detect, open_raw
from .first_glance import is_keras3
from .guards import (
    HDF5_ERRORS,
    child,
    damaged,
    fast_root,
    inner_hdf5,
    is_group,
    links,
    open_hdf5,
    read_root,
    read_weights,
)
from .headers import FastGroup
from .json_text import parse_json, parse_object
from .legacy import LegacyWeights, Problems, loose, read_legacy
from .legacy_model import Owned, give_legacy
from .low import Handle

if TYPE_CHECKING:
    from .archive import Archive
    from .rows import Row

_BESIDES = frozenset({b"optimizer_weights", b"model_weights"})


def open_model(path: str | os.PathLike[str]) -> Model:
    """Read the model file at `path` into a description.

    Raises UnreadableFile (absent, damaged, cut off), NotAModelFile (whole, but something
    else) or UnsafeFile (a guard refused it), each with one sentence for the user.
    """
    identity, container = detect(path)
    collecting = gc.isenabled()
    gc.disable()  # a description is many small objects that all live: passes over them are lost
    try:
        return _archive(path, identity) if container == "zip" else _open_hdf5(path, identity)
    finally:
        if collecting:
            gc.enable()


def _open_hdf5(path: str | os.PathLike[str], identity: FileIdentity) -> Model:
    with open_raw(path) as raw:
        try:
            same = os.fstat(raw.fileno()).st_ino == identity.inode
            return read_root(
                fast_root(raw, 0, identity.size) if same else None,
                lambda: open_hdf5(path),
                lambda root, fast: _hdf5(root, fast, identity),
            )
        except UnreadableFile as error:
            raise _about(error, identity.path) from error
        except HDF5_ERRORS as error:
            raise _about(damaged("its structure cannot be read"), identity.path) from error


def _about(error: UnreadableFile, path: str) -> UnreadableFile:
    """Return the same error with the file's path in its sentence."""
    text = str(error)
    return error if path in text else type(error)(f"{path}: {text}")


# --- HDF5 ----------------------------------------------------------------------------------


def _hdf5(root: Handle, fast: FastGroup | None, identity: FileIdentity) -> Model:
    text = read_text_of(root, fast, "model_config")
    if text is not None:
        return _legacy_model(root, fast, text, identity)
    from .rows import legacy_rows

    for name in ("layer_names", "layer_names0"):
        if has_attribute(root, name):
            weights = read_weights(root, fast, lambda top: read_legacy(top, "", _BESIDES))
            return _without_config(
                root, fast, identity, "hdf5-weights", legacy_rows(weights), weights
            )
    if is_keras3(root):
        rows, result = read_weights(root, fast, _keras3_weights)
        return _without_config(root, fast, identity, "keras-weights", rows, result)
    rows, result = read_weights(root, fast, _other)
    return _without_config(root, fast, identity, "hdf5-other", rows, result)


def _keras3_weights(root: Handle) -> tuple[list[Row], LegacyWeights]:
    from .groups import keras3_rows

    problems, result = Problems(), LegacyWeights()
    rows = keras3_rows(root, problems)
    if is_group(child(root, b"vars")):
        result.extra += loose(root, "", b"vars", problems)
    result.notes += problems.notes
    return rows, result


def _other(root: Handle) -> tuple[list[Row], LegacyWeights]:
    from .groups import other_rows

    problems, result = Problems(), LegacyWeights()
    rows = other_rows(root, problems)
    result.notes.append(
        "This HDF5 file has no Keras model in it; its groups are shown as they are."
    )
    result.notes += problems.notes
    return rows, result


def _legacy_model(root: Handle, fast: FastGroup | None, text: str, identity: FileIdentity) -> Model:
    config = parse_object(text, "model_config")
    tree = read_tree(config)
    owned = read_weights(root, fast, lambda top: _legacy_weights(top, tree))
    notes = list[str]()
    parsed = _training_config(root, fast, notes)
    version = _text_or_empty(root, fast, "keras_version")
    compiled = read_compile_section(
        parsed, tree, read_weights(root, fast, _has_slots), version, notes
    )
    backend = _text_or_empty(root, fast, "backend")
    return describe(identity, "hdf5", tree, owned, compiled, notes, version, backend)


def _legacy_weights(root: Handle, tree: Tree) -> Owned:
    group = child(root, b"model_weights")
    if group is not None and is_group(group):
        return give_legacy(tree, read_legacy(group, "/model_weights"))
    if has_attribute(root, "layer_names") or has_attribute(root, "layer_names0"):
        return give_legacy(tree, read_legacy(root, "", _BESIDES))
    return Owned(notes=["The file has a configuration, but no weights (model_weights)."])


def _has_slots(root: Handle) -> bool:
    try:
        group = child(root, b"optimizer_weights")
        return is_group(group) and bool(read_names(group, "weight_names"))
    except UnreadableFile:
        return False


def _text_or_empty(root: Handle, fast: FastGroup | None, name: str) -> str:
    """Return a short text attribute, "" when it is absent or unusable."""
    try:
        return read_text_of(root, fast, name, 4096) or ""
    except UnreadableFile:
        return ""


def _without_config(
    root: Handle,
    fast: FastGroup | None,
    identity: FileIdentity,
    kind: Format,
    rows: list[Row],
    found: LegacyWeights,
) -> Model:
    from .rows import to_layers

    return Model(
        file=identity,
        format=kind,
        name="",
        class_name="",
        keras_version=_text_or_empty(root, fast, "keras_version"),
        backend=_text_or_empty(root, fast, "backend"),
        layers=to_layers(rows),
        notes=tuple(found.notes),
        extra=tuple(found.extra),
    )


# --- .keras --------------------------------------------------------------------------------


def _archive(path: str | os.PathLike[str], identity: FileIdentity) -> Model:
    from .archive import CONFIG, MAX_CONFIG, MAX_METADATA, METADATA, Archive

    with Archive(path) as archive:
        try:
            raw = archive.read(CONFIG, MAX_CONFIG)
            config = parse_object(raw or b"", "config.json")
            tree = read_tree(config)
            metadata = _metadata(archive.read(METADATA, MAX_METADATA))
            owned, slots = _archive_weights(archive, tree)
            notes = list[str]()
            version = metadata.get("keras_version")
            version = version if isinstance(version, str) else ""
            compiled = read_compile_section(
                config.get("compile_config"), tree, slots, version, notes
            )
        except UnreadableFile as error:
            raise _about(error, identity.path) from error
        except HDF5_ERRORS as error:
            raise _about(damaged("its structure cannot be read"), identity.path) from error
    return describe(identity, "keras", tree, owned, compiled, notes, version, "")


def _archive_weights(archive: Archive, tree: Tree) -> tuple[Owned, bool]:
    """Return the layers' weights, and whether the optimizer's state is there too."""
    from .archive import WEIGHTS
    from .keras3 import give_keras3

    if WEIGHTS not in archive.members:
        return Owned(notes=["The archive holds no weights (model.weights.h5)."]), False
    place = archive.weights_place()

    def work(root: Handle, fast: FastGroup | None) -> tuple[Owned, bool]:
        owned = read_weights(root, fast, lambda top: give_keras3(tree, top))
        return owned, read_weights(root, fast, _has_state)

    fast = fast_root(archive.file, *place) if place else None
    return read_root(fast, lambda: inner_hdf5(archive), work)


def _metadata(raw: bytes | None) -> dict[str, Any]:
    if raw is None:
        return {}
    try:
        return parse_object(raw, "metadata.json")
    except UnreadableFile:
        return {}


def _has_state(root: Handle) -> bool:
    try:
        for name in (b"optimizer", b"_optimizer"):
            group = child(root, name)
            variables = child(group, b"vars") if is_group(group) else None
            if is_group(variables) and links(variables):
                return True
    except UnreadableFile:
        return False
    return False


def _training_config(root: Handle, fast: FastGroup | None, notes: list[str]) -> Any:
    """Return the parsed compile section; the model is shown without it when it is broken."""
    try:
        text = read_text_of(root, fast, "training_config")
        return None if text is None else parse_json(text, "training_config")
    except UnreadableFile as error:
        notes.append(str(error))
        return None

"""The file that is converted: its description, its texts, and its arrays kept open."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import h5py

from ..errors import UnreadableFile
from ..files import open_model
from ..files.archive import CONFIG, MAX_CONFIG, Archive
from ..files.attributes import read_text
from ..files.guards import Refused, descend, inner_hdf5, is_dataset, is_group, open_hdf5, stored
from ..files.json_text import parse_json, parse_object
from ..files.low import low
from ..model import Model, safe_text
from ..saving.arrange import Entry as SlotEntry
from ..saving.layouts import Style
from ..saving.slots import style_of
from ..saving.state_edit import named_entries, numbered_entries

_h5py: Any = h5py  # it has no type information


@dataclass(frozen=True)
class State:
    """The optimizer's state in a file: its arrays in order, and the era's way of laying it out."""

    places: tuple[str, ...]
    """Absolute HDF5 paths."""
    entries: tuple[SlotEntry, ...]
    style: Style


@dataclass(frozen=True)
class Source:
    """An opened file with a configuration."""

    model: Model
    config: dict[str, Any]
    compiled: dict[str, Any] | None
    """``training_config`` or ``compile_config``, None where there is none."""
    file: Any
    """The `h5py.File` with the arrays; None for an archive without weights."""
    state: State | None

    @property
    def major(self) -> int:
        """The era: 1, 2 or 3."""
        first = self.model.keras_version.partition(".")[0]
        if first.isdecimal() and int(first):
            return min(int(first), 3)
        return 3 if self.model.format == "keras" else 1

    def array(self, path: str) -> Any:
        """Return the dataset at an absolute path. Raises UnreadableFile."""
        found = descend(low(self.file), path.encode("utf-8", "surrogateescape"))
        if not is_dataset(found):
            raise UnreadableFile(f"The weight {safe_text(path)} of the file is missing.")
        stored(found)  # refuses what lies in another file
        return _h5py.Dataset(found)


@contextmanager
def opened_source(path: str | os.PathLike[str]) -> Generator[Source]:
    """Open a full model file. Raises UnreadableFile and its kin, also for weights only."""
    model = open_model(path)
    if not model.has_flags:
        raise UnreadableFile(
            f"{os.fspath(path)} holds weights only, without a configuration; the classes of its "
            "layers are not known, so there is nothing to convert it by."
        )
    if not model.layers and model.extra:
        raise UnreadableFile(
            f"{os.fspath(path)} is a model of a class of its own ({safe_text(model.class_name)}): "
            "which layers it has is in its code alone, so it cannot be converted without."
        )
    with ExitStack() as stack:
        if model.format == "keras":
            archive = stack.enter_context(Archive(path))
            config = parse_object(archive.read(CONFIG, MAX_CONFIG) or b"", CONFIG)
            compiled = config.get("compile_config")
            file: Any = stack.enter_context(inner_hdf5(archive))
        else:
            file = stack.enter_context(open_hdf5(path))
            config = parse_object(read_text(file, "model_config") or "", "model_config")
            text = read_text(file, "training_config")
            compiled = None if text is None else parse_json(text, "training_config")
        state = None if file is None else _state(file, model)
        yield Source(model, config, compiled or None, file, state)


def _state(file: Any, model: Model) -> State | None:
    try:
        if model.format != "keras":
            return _named(file)
        # The archives of TensorFlow 2.12 – 2.15 hold what its own optimizers keep.
        return _numbered(file, "tf211" if model.keras_version.startswith("2.") else "keras3")
    except Refused:
        raise
    except (KeyError, ValueError):
        return None


def _numbered(file: Any, style: Style) -> State | None:
    for name in ("optimizer", "_optimizer"):
        group = descend(low(file), f"{name}/vars".encode())
        if is_group(group):
            entries = tuple(numbered_entries(_h5py.Group(group)))
            places = tuple(f"/{name}/vars/{i}" for i in range(len(entries)))
            return State(places, entries, style) if entries else None
    return None


def _named(file: Any) -> State | None:
    group = descend(low(file), b"optimizer_weights")
    if not is_group(group):
        return None
    names, entries = named_entries(_h5py.Group(group))
    places = tuple(f"/optimizer_weights/{name}" for name in names)
    return State(places, tuple(entries), style_of(names)) if names else None

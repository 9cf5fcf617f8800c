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
from ..files.guards import descend, inner_hdf5, is_dataset, open_hdf5, stored
from ..files.json_text import parse_json, parse_object
from ..files.low import low
from ..model import Model, safe_text
from ..saving.stored_state import State, stored_state

_h5py: Any = h5py  # it has no type information


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
        state = None if file is None else stored_state(file, model)
        yield Source(model, config, compiled or None, file, state)

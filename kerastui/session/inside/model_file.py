"""A look into a model file before Keras sees it: what kind, which configuration, what code.

The screen's process has scanned the file more thoroughly (`kerastui.checks`); this is the
second lock, in the process that would run the code. Needs h5py, which Keras brings along.
"""

from __future__ import annotations

import json
import os
import zipfile
from typing import Any

MAX_CONFIG = 1 << 26
_HDF5 = b"\x89HDF\r\n\x1a\n"
_CODE_CLASSES = frozenset({"__lambda__", "TFSMLayer", "TorchModuleWrapper"})


class Refused(Exception):
    """The file is not given to Keras.

    `why` is ``file``, ``code`` (at `places`), ``links`` or ``answers`` (with `problems`, rows
    as of `scripts.UserCodeError`).
    """

    def __init__(
        self,
        why: str,
        sentence: str,
        places: list[str] | None = None,
        problems: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.why = why
        self.places = places or []
        self.problems = problems or []


class ModelFile:
    """What a file is: ``form`` is ``hdf5`` or ``archive``."""

    def __init__(self, path: str) -> None:
        """Raises Refused for what is no full model file."""
        self.path = os.path.abspath(path)
        self.training: Any = None
        self.keras_version = ""
        self.form = _form(self.path)
        if self.form == "hdf5":
            self._read_hdf5()
        else:
            self._read_archive()
        if not isinstance(self.config, dict):
            raise Refused("file", f"The configuration in {path} is not a model's.")

    def _read_hdf5(self) -> None:
        import h5py

        with h5py.File(self.path, "r") as file:
            if "model_config" not in file.attrs:
                raise Refused(
                    "file",
                    f"{os.path.basename(self.path)} holds weights only, and Keras needs the "
                    "model to load them into: open the full model file.",
                )
            self.config: Any = _json(file.attrs["model_config"])
            if "training_config" in file.attrs:
                self.training = _json(file.attrs["training_config"])
            version = file.attrs.get("keras_version", b"")
            self.keras_version = _text(version)

    def _read_archive(self) -> None:
        with zipfile.ZipFile(self.path) as archive:
            names = archive.namelist()
            if names.count("config.json") != 1:
                raise Refused("file", f"{self.path} has no config.json, or two of them.")
            self.config = _json(_member(archive, "config.json"))
            if names.count("metadata.json") == 1:
                about = _json(_member(archive, "metadata.json"))
                if isinstance(about, dict):
                    self.keras_version = str(about.get("keras_version", ""))
        if isinstance(self.config, dict):
            self.training = self.config.get("compile_config")

    def code(self) -> list[str]:
        """Return the places of code that loading would run (``lambda_1 (Lambda)``)."""
        found: list[str] = []
        stack: list[tuple[Any, str]] = [(self.config, ""), (self.training, "compile")]
        while stack:
            value, name = stack.pop()
            if isinstance(value, list):
                stack += [(item, name) for item in value if isinstance(item, (dict, list))]
            elif isinstance(value, dict):
                config = value.get("config")
                if isinstance(config, dict) and isinstance(config.get("name"), str):
                    name = config["name"]
                kind = value.get("class_name")
                if kind in _CODE_CLASSES or (kind == "Lambda" and _has_code(config)):
                    found.append(f"{name} ({kind})" if name else str(kind))
                stack += [(v, name) for v in value.values() if isinstance(v, (dict, list))]
        return sorted(set(found))

    def refuse_links(self) -> None:
        """Raise Refused when the HDF5 data would be read from another file."""
        if self.form != "hdf5":
            return
        import h5py

        with h5py.File(self.path, "r") as file:
            seen: set[Any] = set()
            stack = [file]
            while stack:
                group = stack.pop()
                for name in group:
                    link = group.get(name, getlink=True)
                    if not isinstance(link, h5py.HardLink):
                        raise Refused("links", f"{name!r} in this file is a link; refused.")
                    item = group[name]
                    if isinstance(item, h5py.Group):
                        address = h5py.h5o.get_info(item.id).addr
                        if address not in seen:
                            seen.add(address)
                            stack.append(item)
                    elif isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
                        raise Refused(
                            "links", f"{item.name!r} keeps its numbers in another file; refused."
                        )

    def for_keras(self, folder: str) -> str:
        """Return a path whose ending says what the file is: Keras goes by the name.

        TensorFlow 2.11 wrote HDF5 into ``.keras``. Then a link is made in `folder`.
        """
        ending = ".keras" if self.form == "archive" else ".h5"
        name = os.path.basename(self.path)
        given = os.path.splitext(name)[1].lower()
        if given == ending or (ending == ".h5" and given == ".hdf5"):
            return self.path
        link = os.path.join(folder, os.path.splitext(name)[0][:100] + ending)
        if os.path.lexists(link):
            os.unlink(link)
        try:
            os.symlink(self.path, link)
        except OSError:
            import shutil

            shutil.copyfile(self.path, link)
        return link


def _has_code(config: Any) -> bool:
    """Whether a Lambda's configuration holds code, and not only a function's name."""
    if not isinstance(config, dict):
        return False
    return any(
        isinstance(config.get(key), (list, dict))
        for key in ("function", "output_shape", "mask")
        if not _is_shape(config.get(key))
    )


def _is_shape(value: Any) -> bool:
    return isinstance(value, list) and all(n is None or isinstance(n, int) for n in value)


def _form(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            start = stream.read(8)
    except IsADirectoryError:
        raise Refused("file", f"{path} is a folder; a SavedModel cannot be loaded.") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise Refused("file", f"Cannot read {path}: {why}.") from error
    if zipfile.is_zipfile(path) and start[:2] == b"PK":
        return "archive"
    if start == _HDF5:
        return "hdf5"
    import h5py

    if h5py.is_hdf5(path):  # after a user block
        return "hdf5"
    raise Refused("file", f"{path} is neither an HDF5 file nor a .keras archive.")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as stream:
        data = stream.read(MAX_CONFIG + 1)
    if len(data) > MAX_CONFIG:
        raise Refused("file", f"{name} is over {MAX_CONFIG:,} bytes long.")
    return data


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _json(value: Any) -> Any:
    try:
        return json.loads(_text(value))
    except (ValueError, RecursionError) as error:
        raise Refused("file", f"The file's configuration is not readable: {error}") from error

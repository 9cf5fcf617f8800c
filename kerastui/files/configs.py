"""`read_configs`: the parsed configurations of a model file, for whoever looks for code."""

from __future__ import annotations

import os
from typing import Any

from .attributes import read_text_of
from .detect import detect, open_raw
from .guards import HDF5_ERRORS, damaged, fast_root, open_hdf5, read_root
from .json_text import parse_json, parse_object

_TEXTS = ("model_config", "training_config")


def read_configs(path: str | os.PathLike[str]) -> tuple[Any, Any]:
    """Return the parsed ``model_config`` and ``training_config``, None where there is none.

    Of a ``.keras`` archive it is ``config.json``, which has the compile section within.
    Raises UnreadableFile and its kin, as `open_model` does.
    """
    identity, container = detect(path)
    if container == "zip":
        from .archive import CONFIG, MAX_CONFIG, Archive

        with Archive(path) as archive:
            return parse_object(archive.read(CONFIG, MAX_CONFIG) or b"", "config.json"), None
    try:
        with open_raw(path) as raw:
            found = read_root(
                fast_root(raw, 0, identity.size),
                lambda: open_hdf5(path),
                lambda root, fast: [read_text_of(root, fast, name) for name in _TEXTS],
            )
    except HDF5_ERRORS as error:
        raise damaged("its configuration cannot be read") from error
    model, training = (
        None if text is None else parse_json(text, name)
        for text, name in zip(found, _TEXTS, strict=True)
    )
    return model, training

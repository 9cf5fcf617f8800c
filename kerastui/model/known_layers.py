"""What is known about Keras's layer classes (from data): ``known_layers.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _data() -> Mapping[str, Any]:
    return json.loads(files(__package__).joinpath("known_layers.json").read_text("utf-8"))


@cache
def class_names() -> frozenset[str]:
    """Every layer class that Keras 3.15 or tf_keras 2.21 has."""
    data = _data()
    return frozenset(data["keras3"]) | frozenset(data["tf_keras"])


def is_known(class_name: str) -> bool:
    """Whether today's Keras (Keras 3 or tf_keras) has a layer class of this name."""
    return class_name in class_names()

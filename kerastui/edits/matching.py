"""Choosing layers by pattern: glob or regular expression, on names, paths or classes."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate

from ..errors import BadEdit
from ..model import Model


def match_layers(
    model: Model, pattern: str, *, regex: bool = False, class_name: bool = False
) -> tuple[int, ...]:
    """Return the indices of the layers that `pattern` selects, in the model's order.

    A glob (``block1_*``) must match a layer's whole name, or its whole path when the pattern
    contains ``/`` (``vgg16/block1_*``; ``*`` crosses ``/``). A regular expression must be
    found somewhere in the name (in the path, if the pattern contains ``/``). With
    `class_name` the same is done on the class (``Conv*``). Case counts, as it does in Keras.

    Raises:
        BadEdit: the regular expression does not compile.
    """
    if not pattern:
        return ()
    test = _tester(pattern, regex)
    if class_name:
        by_class: dict[str, bool] = {}
        for layer in model.layers:
            if layer.class_name not in by_class:
                by_class[layer.class_name] = test(layer.class_name)
        return tuple(i for i, layer in enumerate(model.layers) if by_class[layer.class_name])
    if "/" in pattern:
        return tuple(i for i, layer in enumerate(model.layers) if test(layer.path))
    return tuple(i for i, layer in enumerate(model.layers) if test(layer.name))


def find_layers(model: Model, text: str) -> tuple[int, ...]:
    """Return the indices of the layers whose path or class contains `text`, ignoring case.

    Layers whose name begins with `text` come first: that is what a search jumps to.
    """
    if not text:
        return ()
    needle = text.casefold()
    first: list[int] = []
    rest: list[int] = []
    for i, layer in enumerate(model.layers):
        if layer.name.casefold().startswith(needle):
            first.append(i)
        elif needle in layer.path.casefold() or needle in layer.class_name.casefold():
            rest.append(i)
    return tuple(first + rest)


def _tester(pattern: str, regex: bool) -> Callable[[str], bool]:
    if not regex:
        whole = re.compile(translate(pattern))
        return lambda text: whole.match(text) is not None
    try:
        part = re.compile(pattern)
    except re.error as error:
        raise BadEdit(f"The regular expression {pattern!r} is not valid: {error}.") from None
    return lambda text: part.search(text) is not None

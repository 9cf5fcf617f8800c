"""How a stand-in holds weights so that Keras's loaders find them again.

Legacy HDF5 files give a layer's weights by order: they become weights of the stand-in
itself, in that order. A ``.keras`` archive looks inner layers up by attribute
(``_dense/vars/0``) or, in a list, by class name and number (``blocks/dense_1/vars/0``, see
Keras's ``saving_lib._load_state``): the stand-in gets inner holders that answer to the same
paths.
"""

from __future__ import annotations

from typing import Any


def hold(keras: Any, layer: Any, weights: list[dict[str, Any]]) -> None:
    """Give `layer` variables of the shapes in `weights`, at the paths they have in the file."""
    inner: list[tuple[list[str], dict[str, Any]]] = []
    names = _names(weights)
    paths = _relative([str(w.get("path") or "") for w in weights])
    for name, weight, parts in zip(names, weights, paths):
        if "vars" in parts[1:]:
            inner.append((parts[: parts.index("vars")], weight))
        else:
            _add(layer, name, weight)
    if inner:
        _attach(keras, layer, _tree(inner))


def _relative(paths: list[str]) -> list[list[str]]:
    """Split paths, and drop the part that leads to the layer itself if they have it.

    A path from the file's root (``layers/q_dense/vars/0``) begins with what all of the
    layer's weights have in common.
    """
    split = [p.replace("\\", "/").strip("/").split("/") for p in paths]
    if not any(p.startswith(("/", "layers/", "_layer_checkpoint")) for p in paths):
        return split
    groups = [parts[: parts.index("vars")] if "vars" in parts else parts for parts in split]
    common = groups[0]
    for group in groups:
        while common != group[: len(common)]:
            common = common[:-1]
    return [parts[len(common) :] for parts in split]


def _add(layer: Any, name: str, weight: dict[str, Any]) -> None:
    layer.add_weight(
        name=name,
        shape=tuple(int(n) for n in weight["shape"]),
        dtype=str(weight.get("dtype") or "float32"),
        initializer="zeros",
        trainable=bool(weight.get("trainable", True)),
    )


def _names(weights: list[dict[str, Any]]) -> list[str]:
    """Names for variables: as in the file, inner names joined by dots, each one once."""
    found: list[str] = []
    for weight in weights:
        text = str(weight.get("name") or "weight").rsplit(":", 1)[0]
        clean = (
            "".join(c if c.isalnum() or c in "_.-" else "." for c in text).strip(".-") or "weight"
        )
        if not clean.isascii():
            clean = "weight"
        name, number = clean, 1
        while name in found:
            name, number = f"{clean}_{number}", number + 1
        found.append(name)
    return found


def _tree(inner: list[tuple[list[str], dict[str, Any]]]) -> dict[str, Any]:
    """``{"vars": […], "inside": {name: tree}}``."""
    root: dict[str, Any] = {"vars": [], "inside": {}}
    for parts, weight in inner:
        node = root
        for part in parts:
            node = node["inside"].setdefault(part, {"vars": [], "inside": {}})
        node["vars"].append(weight)
    return root


def _attach(keras: Any, layer: Any, tree: dict[str, Any]) -> None:
    for attribute, below in tree["inside"].items():
        if not attribute.isidentifier() or hasattr(layer, attribute):
            continue  # a path that no attribute can have: those weights stay in the file
        setattr(layer, attribute, _holder_or_list(keras, attribute, below))


def _holder_or_list(keras: Any, name: str, tree: dict[str, Any]) -> Any:
    """A group with arrays is a layer's, one with only groups is a list of layers."""
    if tree["vars"] or not all(_is_layer(below) for below in tree["inside"].values()):
        return _holder(keras, name, tree)
    return [_holder(keras, part, below) for part, below in sorted_parts(tree["inside"])]


def _is_layer(tree: dict[str, Any]) -> bool:
    return bool(tree["vars"])


def sorted_parts(inside: dict[str, Any]) -> list[tuple[str, Any]]:
    """``dense``, ``dense_1``, …, ``dense_10`` in the order in which Keras counts them."""

    def key(item: tuple[str, Any]) -> tuple[str, int]:
        head, _, tail = item[0].rpartition("_")
        return (head, int(tail)) if head and tail.isdigit() else (item[0], 0)

    return sorted(inside.items(), key=key)


def _holder(keras: Any, name: str, tree: dict[str, Any]) -> Any:
    # Keras finds members of a list by their class's name in snake case.
    cls = type(name, (keras.layers.Layer,), {"__doc__": "Holds weights of an inner layer."})
    holder = cls(name=name.strip("_") or "inner")
    weights = sorted(tree["vars"], key=lambda w: _index(w))
    for name_of, weight in zip(_names(weights), weights):
        _add(holder, name_of, weight)
    _attach(keras, holder, tree)
    holder.built = True
    return holder


def _index(weight: dict[str, Any]) -> int:
    last = str(weight.get("path") or "").rsplit("/", 1)[-1]
    return int(last) if last.isdigit() else 0

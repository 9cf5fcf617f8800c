"""From what was read to the description: configuration, weights, shapes, compile section."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..model import Compile, FileIdentity, Format, Layer, Model
from ..model.compile_reading import read_compile
from ..model.names import is_auto_named
from .config_tree import Tree, too_deep
from .entries import is_object
from .legacy_model import Owned
from .shapes import find_shapes


def read_compile_section(
    config: Any, tree: Tree, slots: bool, version: str, notes: list[str]
) -> Compile | None:
    """Return the compile section; what has an unknown form adds a note instead.

    `slots` says whether the file holds the optimizer's state, `version` is Keras's.
    """
    if config is not None and (not is_object(config) or too_deep(config)):
        notes.append("The file's compile section has an unknown form and is not shown.")
        config = None
    outputs = [reference.layer for reference in tree.top.outputs]
    if not outputs and tree.top.children:
        outputs = [tree.nodes[tree.top.children[-1]].name]
    ends = tree.top.config.get("output_layers")
    if not is_object(ends) or len(ends) != len(outputs):
        return read_compile(config, outputs, slots, version)
    found = read_compile(config, list(ends), slots, version)
    return replace(found, keyed=True) if found else None


def describe(
    identity: FileIdentity,
    kind: Format,
    tree: Tree,
    owned: Owned,
    compiled: Compile | None,
    notes: list[str],
    version: str,
    backend: str,
) -> Model:
    """Return the description made of a configuration, its weights and what else was read."""
    shapes, outputs = find_shapes(tree), _outputs(tree)
    return Model(
        file=identity,
        format=kind,
        name=tree.top.name,
        class_name=tree.top.class_name,
        keras_version=version,
        backend=backend,
        layers=tuple(
            Layer(
                path=node.path,
                name=node.name,
                class_name=node.class_name,
                trainable=node.trainable,
                kind=node.kind,
                depth=node.depth,
                parent=node.parent,
                end=node.end,
                weights=owned.weights.get(index, ()),
                config=node.config,
                config_at=node.at,
                states_trainable=node.states_trainable,
                calls=node.calls,
                outputs=outputs.get((node.parent, node.name), ()),
                output_shape=shapes[index],
                auto_named=is_auto_named(node.name, node.class_name),
                module=node.module,
            )
            for index, node in enumerate(tree.nodes)
        ),
        trainable=tree.top.trainable,
        compile=compiled,
        notes=tuple(tree.notes + owned.notes + notes),
        extra=tuple(owned.extra),
    )


def _outputs(tree: Tree) -> dict[tuple[int, str], tuple[tuple[int, int], ...]]:
    """Return by enclosing node and name which results of a layer its model gives out."""
    found: dict[tuple[int, str], tuple[tuple[int, int], ...]] = {}
    models = [(-1, tree.top), *((i, node) for i, node in enumerate(tree.nodes) if node.outputs)]
    for index, model in models:
        for reference in model.outputs:
            key = index, reference.layer
            found[key] = (*found.get(key, ()), (reference.node, reference.tensor))
    return found

"""The edit that gives layers, and the model, other names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..errors import BadEdit
from ..model import Compile, Layer, Model, safe_text
from ..model.names import is_auto_named
from ..model.paths import Paths
from .dense import places_for_name
from .forms import Fields, form
from .naming import name_problems
from .output_names import output_places, with_output_names
from .references import with_references


@form("rename")
@dataclass(frozen=True)
class Rename:
    """Give the layers at these paths other names, all at once.

    Everything in the description that refers to them follows: paths of what is inside, which
    layer feeds which, a nested model's list of outputs, the outputs of the compile section.
    Stored names and places of weights stay those of the file until it is saved; those of layers
    that the file does not have yet follow at once.
    """

    names: tuple[tuple[str, str], ...]
    """(layer path, new name); the path ``""`` is the model itself."""

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        if len(self.names) == 1:
            path, name = self.names[0]
            return f"rename {path or 'the model'} to {name}"
        return f"rename {len(self.names):,} layers"

    def apply(self, model: Model) -> Model:
        """Return the model with the new names. Raises BadEdit when one of them cannot be."""
        names = dict(self.names)
        problems = name_problems(model, names)
        if problems:
            raise BadEdit(_sentence(problems, names))
        given = {
            model.index[path]: name
            for path, name in names.items()
            if path and model[path].name != name
        }
        own = names.get("", model.name)
        if not given and own == model.name:
            return model
        return model.with_names(
            tuple(_layers(model, given)), own, renamed_compile(model.compile, model, given)
        )

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        return {"names": dict(self.names)}

    @classmethod
    def from_fields(cls, fields: Fields) -> Rename:
        """Return the edit of a JSON object. Raises BadEdit."""
        return cls(fields.pairs("names"))

    def moved(self, to: Callable[[str], str]) -> Rename:
        """Return the same edit for a description in which layers have other paths."""
        return Rename(tuple((to(path), name) for path, name in self.names))


def names_between(before: Model, after: Model) -> Rename | None:
    """Return the edit that gives the layers of `before` the names of `after`, if any differ.

    Both describe the same layers, in the same order.
    """
    names = [("", after.name)] if after.name != before.name else []
    names += [
        (old.path, new.name)
        for old, new in zip(before.layers, after.layers, strict=True)
        if old is not new and old.name != new.name
    ]
    return Rename(tuple(names)) if names else None


def name_mapping(before: Model, after: Model) -> dict[str, dict[str, str]]:
    """Return what was called how, for whoever has to find a layer again by its old name.

    ``{"layers": {old path: new path}}`` for every layer with another name or place, and
    ``"model": {old: new}`` if the model itself was renamed.
    """
    found: dict[str, dict[str, str]] = {
        "layers": {
            old.path: new.path
            for old, new in zip(before.layers, after.layers, strict=True)
            if old is not new and old.path != new.path
        }
    }
    if before.name != after.name:
        found["model"] = {before.name: after.name}
    return found


def consequences(before: Model, after: Model) -> tuple[str, ...]:
    """Return what users of the file should know of the new names, one sentence each."""
    pairs = zip(before.layers, after.layers, strict=True)
    return consequences_of(
        before,
        (i for i, (old, new) in enumerate(pairs) if old is not new and old.name != new.name),
    )


def consequences_of(model: Model, indices: Iterable[int]) -> tuple[str, ...]:
    """Return what users of the file should know when the layers at `indices` are renamed."""
    renamed = [layer for i in indices if (layer := model.layers[i]).parent < 0]
    if not renamed:
        return ()
    said = [
        "load_weights(by_name=True) and get_layer find the renamed layers by their new names "
        "only; weights from files with the old names are passed over without a word."
    ]
    names = {layer.name for layer in renamed}
    inputs = [safe_text(x.name) for x in renamed if x.class_name == "InputLayer"]
    rows = model.compile.outputs if model.compile and not model.compile.keyed else ()
    outputs = [safe_text(row.output) for row in rows if row.output in names]
    for what, found in (("inputs", inputs), ("outputs", outputs)):
        if found:
            said.append(
                f"Scripts that feed data by name need new keys for the {what} {_list(found)}."
            )
    return tuple(said)


def _list(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")


def _sentence(problems: Mapping[str, str], names: Mapping[str, str]) -> str:
    path, problem = next(iter(problems.items()))
    what = safe_text(path) or "the model"
    more = f" ({len(problems) - 1:,} other names are not possible either.)"
    first = f"{what} cannot be called {safe_text(names[path], 80) or 'nothing'}: {problem}"
    return first + (more if len(problems) > 1 else "")


def _layers(model: Model, given: Mapping[int, str]) -> Iterator[Layer]:
    """Yield the layers with new names, paths and references; the others as they are."""
    paths = Paths()
    inside = _by_parent(model, given)
    made: list[str] = []
    for index, layer in enumerate(model.layers):
        name = given.get(index, layer.name)
        path = paths.take(made[layer.parent] if layer.parent >= 0 else "", name)
        made.append(path)
        fresh: dict[str, Any] = {}
        if path != layer.path:
            fresh["path"] = path
        if index in given:
            fresh["name"] = name
            fresh["auto_named"] = is_auto_named(name, layer.class_name)
            if model.is_new(index):
                fresh["weights"] = places_for_name(model, layer, name)
        siblings = inside.get(layer.parent)
        if siblings and any(source in siblings for source in layer.inbound):
            fresh["calls"] = tuple(
                tuple(r._replace(layer=siblings.get(r.layer, r.layer)) for r in call)
                for call in layer.calls
            )
        config = _config(layer, fresh.get("name"), inside.get(index))
        if config is not layer.config:
            fresh["config"] = config
        yield layer.with_fields(**fresh) if fresh else layer


def _by_parent(model: Model, given: Mapping[int, str]) -> dict[int, dict[str, str]]:
    """Return for each enclosing layer (-1: the model) old names → new names inside it."""
    found: dict[int, dict[str, str]] = {}
    for index, name in given.items():
        layer = model.layers[index]
        found.setdefault(layer.parent, {})[layer.name] = name
    return found


def _config(layer: Layer, name: str | None, inside: Mapping[str, str] | None) -> Mapping[str, Any]:
    config = layer.config
    if name is not None and "name" in config:
        config = {**config, "name": name}
    if inside and layer.kind == "model":
        ends = ("input_layers", "output_layers")
        config = {k: with_references(v, inside) if k in ends else v for k, v in config.items()}
    return config


def renamed_compile(
    compiled: Compile | None, model: Model, given: Mapping[int, str]
) -> Compile | None:
    """Return the compile section with the new names of outputs."""
    names = {model.layers[i].name: n for i, n in given.items() if model.layers[i].parent < 0}
    if compiled is None or compiled.keyed:
        return compiled
    outputs = [row.output for row in compiled.outputs]
    if not any(output in names for output in outputs):
        return compiled
    rows = tuple(replace(row, output=names.get(row.output, row.output)) for row in compiled.outputs)
    return replace(
        compiled, outputs=rows, section=_section(compiled.section, outputs, names, model)
    )


def _section(text: str, outputs: list[str], names: Mapping[str, str], model: Model) -> str:
    if not text:
        return ""
    section = json.loads(text)
    numbered = not model.keras_version.startswith("3")
    places = output_places(section, outputs, names, numbered=numbered)
    return json.dumps(with_output_names(section, places))

"""The edits that cut a model's head and give it a new one: what comes before transfer learning.

Layers that stay are told by where they were in the file (`model.structure`), so names, flags
and values of weights can change before and after. An appended layer's values are drawn when
the file is written, from its initializer and seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..errors import BadEdit
from ..model import Layer, Model, NewDense, Reference, Shape, Structure, safe_text
from ..model.names import is_auto_named
from .class_paths import class_groups
from .cutting import with_output, without_behind
from .dense import INITIALIZERS, activations, dense_config, dense_weights, legacy_group
from .features import features_of
from .forms import Fields, form
from .graph import check_form, is_sequential, output_of
from .initializers import named
from .naming import spelling_problem
from .restoring import restored

MAX_UNITS = 1_000_000
MAX_SEED = (1 << 63) - 1


@form("cut_head")
@dataclass(frozen=True)
class CutHead:
    """Make the layer at `path` the last one: all that lies behind it goes.

    The path may lead into nested models; these end at the layer then, too. Its result must
    be one tensor through which all paths to the model's only output go.
    """

    path: str

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        return f"cut behind {safe_text(self.path, 120)}"

    def apply(self, model: Model) -> Model:
        """Return the model that ends at the layer. Raises BadEdit where it cannot be cut."""
        _check_format(model)
        index = model.index.get(self.path)
        if index is None:
            raise BadEdit(f"There is no layer {safe_text(self.path, 200)!r} in this model.")
        cut, kept = without_behind(model, index)
        if len(kept) == len(model.layers):
            return model
        return replace(cut, structure=_cut_structure(model, kept, index))

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        return {"layer": self.path}

    @classmethod
    def from_fields(cls, fields: Fields) -> CutHead:
        """Return the edit of a JSON object. Raises BadEdit."""
        return cls(fields.text("layer"))

    def moved(self, to: Callable[[str], str]) -> CutHead:
        """Return the same edit for a description in which layers have other paths."""
        return CutHead(to(self.path))


@form("append_dense")
@dataclass(frozen=True)
class AppendDense:
    """Put a Dense layer with a bias behind the model's only output."""

    name: str
    units: int
    activation: str = "linear"
    seed: int = 0
    initializer: str = "glorot_uniform"
    """Of the kernel; the bias begins with zeros."""

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        what = f"Dense {self.units:,} {self.activation}" if self.activation != "linear" else (
            f"Dense {self.units:,}"
        )  # fmt: skip
        return f"append {safe_text(self.name, 80)} ({safe_text(what, 60)})"

    def apply(self, model: Model) -> Model:
        """Return the model with the layer at its end. Raises BadEdit where it cannot be."""
        _check_format(model)
        self.check(model)
        last = output_of(model)
        features = features_of(model, last)
        sequential = is_sequential(model, -1)
        layer = self._layer(model, last, features, sequential)
        before = model.layers[last]
        layers = list(model.layers)
        if not sequential:
            layers[last] = before.with_fields(outputs=())
        layers.append(layer)
        return replace(
            model,
            layers=tuple(layers),
            compile=with_output(model, self.name),
            structure=_longer(model, NewDense(self.initializer, self.seed)),
        )

    def check(self, model: Model) -> None:
        """Raise BadEdit for a name, units, an activation or an initializer that cannot be."""
        problem = spelling_problem(self.name, model)
        if not problem and any(model.layers[i].name == self.name for i in model.children(-1)):
            problem = f"{safe_text(self.name)} is the name of a layer here already."
        if problem:
            raise BadEdit(problem)
        if not 1 <= self.units <= MAX_UNITS:
            raise BadEdit(f"A Dense layer has 1 to {MAX_UNITS:,} units, not {self.units:,}.")
        known = activations(model)
        if self.activation not in known:
            raise BadEdit(
                f"{safe_text(self.activation, 60)!r} is no activation that this file's Keras has; "
                f"it has {', '.join(known)}."
            )
        if self.initializer not in INITIALIZERS or named(self.initializer) is None:
            raise BadEdit(
                f"{safe_text(self.initializer, 60)!r} is no initializer for a kernel; there are "
                f"{', '.join(INITIALIZERS)}."
            )
        if not 0 <= self.seed <= MAX_SEED:
            raise BadEdit("A seed is a whole number that is not below zero.")

    def _layer(self, model: Model, last: int, features: int, sequential: bool) -> Layer:
        before = model.layers[last]
        index = len(model.layers)
        number = int(max(model.layers[i].config_at for i in model.children(-1))[-1]) + 1
        calls = () if sequential else ((Reference(before.name, *before.outputs[0]),),)
        config = dense_config(
            model, self.name, self.units, self.activation, self.initializer, features
        )
        layer = Layer(
            path=self.name,
            name=self.name,
            class_name="Dense",
            trainable=True,
            end=index + 1,
            config=config,
            config_at=(*before.config_at[:-1], number),
            calls=calls,
            outputs=() if sequential else ((0, 0),),
            output_shape=head_shape(before.output_shape, self.units),
            auto_named=is_auto_named(self.name, "Dense"),
            module="keras.layers" if model.format == "keras" else "",
        )
        group = legacy_group(self.name)
        if model.format == "keras":
            longer = replace(model, layers=(*model.layers, layer))
            group = class_groups(longer)[index]
        weights = dense_weights(model, self.name, (features, self.units), group)
        return layer.with_fields(weights=weights)

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        return {
            "name": self.name, "units": self.units, "activation": self.activation,
            "seed": self.seed, "initializer": self.initializer,
        }  # fmt: skip

    @classmethod
    def from_fields(cls, fields: Fields) -> AppendDense:
        """Return the edit of a JSON object. Raises BadEdit."""
        numbers: list[int] = []
        for field, default in (("units", None), ("seed", 0)):
            value = fields.value(field) if default is None else fields.value(field, default)
            if type(value) is not int:
                raise fields.wrong(field, "a whole number")
            numbers.append(value)
        return cls(
            fields.text("name"), numbers[0], fields.text("activation", "linear"), numbers[1],
            fields.text("initializer", "glorot_uniform"),
        )  # fmt: skip


@form("restore_head")
@dataclass(frozen=True)
class RestoreHead:
    """Take appended layers away and, unless `only_new`, bring back the ones that were cut.

    Those come back as they were when they were cut; names, flags and values of the others stay.
    """

    only_new: bool = False

    def describe(self) -> str:
        """Say in a few words what the edit does."""
        return "without the new head" if self.only_new else "the head as in the file"

    def apply(self, model: Model) -> Model:
        """Return the model with the file's layers at its end. Raises BadEdit."""
        structure = model.structure
        if structure is None:
            return model
        if self.only_new:
            last = max(i for i, origin in enumerate(structure.origins) if origin >= 0)
            if last == len(model.layers) - 1:
                return model
            return _without_new(model)
        return restored(model, structure)

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of its JSON object."""
        return {"only_new": self.only_new}

    @classmethod
    def from_fields(cls, fields: Fields) -> RestoreHead:
        """Return the edit of a JSON object. Raises BadEdit."""
        return cls(fields.flag("only_new"))


def head_shape(before: Shape | None, units: int) -> Shape | None:
    """Return the output shape of a Dense layer behind an output of shape `before`."""
    return None if before is None else (*before[:-1], units)


def _check_format(model: Model) -> None:
    if not model.has_flags:
        raise BadEdit(
            "This file holds weights only, no layers that could be cut or appended to; open the "
            "full model file."
        )
    places = [model.layers[i].config_at for i in model.children(-1)]
    if not places:
        raise BadEdit("The model has no layers.")
    check_form(model, -1)
    if any("\\" in weight.dataset for layer in model.layers for weight in layer.weights):
        raise BadEdit(
            "The archive joins the names of its groups with backslashes, as Windows had it; save "
            "it with a later Keras first."
        )


def _origins(model: Model) -> tuple[int, ...]:
    return model.structure.origins if model.structure else tuple(range(len(model.layers)))


def _cut_structure(model: Model, kept: list[int], index: int) -> Structure | None:
    old = _origins(model)
    origins = tuple(old[i] for i in kept)
    structure = model.structure or Structure(model, old)
    new = sum(origin < 0 for origin in origins)
    if not new and len(origins) == len(structure.whole.layers):
        return None
    cut_at = structure.cut_at
    gone = set(old) - set(origins) - {-1}
    if gone and old[index] >= 0:
        cut_at = _deeper(structure.whole, old[index], cut_at)
    return replace(structure, origins=origins, cut_at=cut_at, made=structure.made[:new])


def _deeper(whole: Model, at: int, before: int) -> int:
    """Return the innermost of two cuts: a model may have been cut inside before."""
    inside = before >= 0 and at <= before < whole.layers[at].end
    return before if inside else at


def _longer(model: Model, made: NewDense) -> Structure:
    structure = model.structure or Structure(model, _origins(model))
    return replace(structure, origins=(*structure.origins, -1), made=(*structure.made, made))


def _without_new(model: Model) -> Model:
    """Return the model without appended layers."""
    last = next(i for i in model.children(-1) if _feeds_new(model, i))
    return CutHead(model.layers[last].path).apply(model)


def _feeds_new(model: Model, index: int) -> bool:
    """Whether a layer of the file is the one before the first appended layer."""
    origins = _origins(model)
    first = next(i for i, origin in enumerate(origins) if origin < 0)
    inbound = model.layers[first].inbound
    if inbound:
        return model.layers[index].name == inbound[0]
    return model.layers[index].end == first

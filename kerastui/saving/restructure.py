"""Which layers are cut and which are new, worked into a copy of the file.

The copy then is a whole file of its own that says what it would have said had its Keras made
the model so: with the names, flags and values of the old file. All other edits are made on it
as on any file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ..edits.cutting import output_name
from ..edits.output_names import output_places
from ..edits.references import find_references
from ..edits.structure_changes import new_layers, with_structure
from ..errors import SaveFailed
from ..files.attributes import read_text
from ..files.json_text import parse_object
from ..model import Model
from .flags import CONFIG_ATTRIBUTE
from .jsontext import Path, set_items, set_values
from .layouts import Style
from .new_entries import entry_text
from .plan import NO_STATE, object_of, state_groups
from .renaming import STATE
from .slots import SlotPlan, SlotReport, optimizer_of, plan_slots, style_of
from .state_edit import inside, named_entries, numbered_entries


@dataclass
class Restructuring:
    """What becomes of a file whose model ends otherwise."""

    before: Model
    """As it is in the file."""
    middle: Model
    """With other layers at the end, and all else as it is in the file."""
    origins: tuple[int, ...]
    """For each layer of `middle` which one of `before` it is; -1 for a new one."""
    text: str = ""
    """The new configuration."""
    training: str = ""
    """The new compile section of a legacy file; "" where it stays as it is."""
    states: dict[str, SlotPlan] = field(default_factory=dict[str, SlotPlan])
    report: SlotReport = NO_STATE
    """What happens to the optimizer's state when all other edits are made as well."""

    @property
    def gone(self) -> list[int]:
        """Indices of the layers of `before` that are cut."""
        stay = set(self.origins)
        return [i for i in range(len(self.before.layers)) if i not in stay]


def restructured(before: Model, after: Model) -> tuple[Model, Model]:
    """Return the file's description with the layers of `after`; and `after` as an edit of it."""
    structure = after.structure
    if structure is None:
        return before, after
    middle = with_structure(before, after)
    frozen = [i for i, layer in new_layers(after) if not layer.trainable]
    middle = replace(middle.with_flags(frozen, False), structure=None)
    layers = tuple(
        layer.with_fields(weights=_in_place(layer.weights, found.weights))
        for layer, found in zip(after.layers, middle.layers, strict=True)
    )
    return middle, replace(after, layers=layers, structure=None)


def _in_place(weights: Sequence[Any], found: Sequence[Any]) -> tuple[Any, ...]:
    """Return weights with the places that they have once the layers are there."""
    return tuple(
        replace(w, stored_name=there.stored_name, dataset=there.dataset)
        if (w.stored_name, w.dataset) != (there.stored_name, there.dataset)
        else w
        for w, there in zip(weights, found, strict=True)
    )


def plan_hdf5_structure(file: Any, before: Model, after: Model) -> Restructuring:
    """Return what becomes of a legacy file. Raises SaveFailed."""
    middle, _ = restructured(before, after)
    work = Restructuring(before, middle, _origins(after))
    text = read_text(file, CONFIG_ATTRIBUTE)
    if text is None:
        raise SaveFailed("The file has lost its model_config; nothing was written.")
    work.text = _new_config(work, text)
    training = read_text(file, "training_config")
    section = object_of(training)
    if training is not None:
        work.training = _new_section(work, training, section, ())
    state = inside(file, STATE)
    if state is not None:
        names, entries = named_entries(state)
        if entries:
            optimizer = optimizer_of(section, style_of(names))
            work.states["/" + STATE] = plan_slots(before, middle, entries, optimizer, work.origins)
            work.report = plan_slots(before, after, entries, optimizer, work.origins).report
    return work


def plan_archive_structure(config: str, weights: Any, before: Model, after: Model) -> Restructuring:
    """Return what becomes of an archive; `weights` is the HDF5 file inside. Raises SaveFailed."""
    middle, _ = restructured(before, after)
    work = Restructuring(before, middle, _origins(after))
    compiled = object_of(config).get("compile_config")
    section = cast("dict[str, Any]", compiled) if isinstance(compiled, dict) else {}
    work.text = _new_section(work, config, section, ("compile_config",)) or config
    work.text = _new_config(work, work.text)
    style: Style = "keras3" if before.keras_version.startswith("3") else "tf211"
    optimizer = optimizer_of(section, style)
    for path, group in state_groups(weights):
        entries = numbered_entries(group)
        plan = plan_slots(before, middle, entries, optimizer, work.origins)
        # An archive without the group would not load; the iteration alone does no harm.
        plan = replace(plan, entries=(0,), remove=False) if plan.remove else plan
        work.states[path] = plan
        if len(work.states) == 1:  # an inner optimizer's is stored twice
            net = plan_slots(before, after, entries, optimizer, work.origins)
            work.report = net.report
    return work


def _origins(model: Model) -> tuple[int, ...]:
    return model.structure.origins if model.structure else tuple(range(len(model.layers)))


def _new_config(work: Restructuring, text: str) -> str:
    """Return the configuration with other outputs, without what is cut, with what is new."""
    config = parse_object(text, CONFIG_ATTRIBUTE)
    text = set_values(text, _outputs(work, config))
    before, middle = work.before, work.middle
    gone = set(work.gone)
    new = [entry_text(middle, i) for i, origin in enumerate(work.origins) if origin < 0]
    containers = {before.layers[i].parent for i in gone} - gone
    # Innermost first: places of what lies around them stay.
    for container in sorted(containers | {-1}, reverse=True):
        inside_it = list(before.children(container))
        place: Path = before.layers[inside_it[0]].config_at[:-1]
        positions = {int(before.layers[i].config_at[-1]) for i in inside_it if i in gone}
        extra = new if container < 0 else []
        if positions or extra:
            text = set_items(text, place, len(inside_it), positions, extra)
    return text


def _outputs(work: Restructuring, config: Mapping[str, Any]) -> dict[Path, str]:
    """Return the new references in ``output_layers`` of the model and of nested ones."""
    before, middle = work.before, work.middle
    values: dict[Path, str] = {}
    places = {origin: i for i, origin in enumerate(work.origins) if origin >= 0}
    models = [(-1, -1), *((o, i) for o, i in places.items() if before.layers[o].kind == "model")]
    for old, new in models:
        leaving = [middle.layers[i] for i in middle.children(new) if middle.layers[i].outputs]
        had = [before.layers[i] for i in before.children(old) if before.layers[i].outputs]
        if len(leaving) != 1 or len(had) != 1 or len(had[0].outputs) != 1:
            continue  # a Sequential, or several outputs, which nothing changes
        name, tensor = leaving[0].name, leaving[0].outputs[0]
        if (name, tensor) == (had[0].name, had[0].outputs[0]):
            continue
        at = (*(before.layers[old].config_at if old >= 0 else ()), "config", "output_layers")
        value: Any = config
        for step in at:
            value = value[step]
        for place, _ in find_references(value, {had[0].name}):
            values |= {
                (*at, *place[:-1], number): json.dumps(part)
                for number, part in enumerate((name, *tensor))
            }
    return values


def _new_section(work: Restructuring, text: str, section: Mapping[str, Any], place: Path) -> str:
    """Return a text in which a compile section names the new output; "" if it need not."""
    compiled = work.before.compile
    old, new = output_name(work.before), output_name(work.middle)
    if old == new or (compiled is not None and compiled.keyed):
        return ""
    numbered = not work.before.keras_version.startswith("3")
    found = output_places(section, [old], {old: new}, numbered=numbered)
    values = {(*place, *at): json.dumps(name) for at, name in found.values.items()}
    keys = {(*place, *at): key for at, key in found.keys.items()}
    return set_values(text, values, keys) if values or keys else ""

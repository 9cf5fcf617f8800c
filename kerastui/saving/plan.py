"""What a save will touch, found out before anything is written."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ..edits import DtypeChange, FlagChange, RenameChange, WeightChange, consequences
from ..edits.structure_changes import StructureChange
from ..errors import SaveFailed
from ..files.attributes import read_names, read_text
from ..files.config_tree import read_tree
from ..files.describe import read_compile_section
from ..files.detect import open_raw
from ..files.guards import fast_root, is_group, read_weights
from ..files.json_text import parse_object
from ..files.low import low
from ..model import ArraySource, Layer, Model, safe_text
from .compile_plan import (
    archive_edits,
    new_training,
    plan_state,
    section_differs,
    section_warnings,
)
from .flags import CONFIG_ATTRIBUTE, changed_values, flags_differ
from .jsontext import set_values
from .labels import labels_of
from .layouts import Style
from .loaders import Loader, part_of, trained_order
from .name_texts import TextEdits, config_edits, names_differ
from .recreate import dtypes_of
from .renaming import StoredNames, plan_names, with_places
from .slots import SlotPlan, SlotReport, style_of
from .state_edit import inside, named_entries, numbered_entries
from .values import values_of
from .weight_order import Reordered, plan_order

_STATE = "optimizer_weights"
NO_STATE = SlotReport(reason="The file holds no optimizer state.")
UNCHANGED = SlotReport(reason="No flag was changed, so the optimizer's state is as it was.")


@dataclass(frozen=True)
class SavePlan:
    """What a save touches; for a dialog. Everything else stays as it is, to the byte."""

    structure: tuple[StructureChange, ...] = ()
    """Layers that are cut, and new ones."""
    flags: tuple[FlagChange, ...] = ()
    names: tuple[RenameChange, ...] = ()
    """Layers, and the model, that get other names."""
    weights: tuple[WeightChange, ...] = ()
    """Weights that get other values."""
    dtypes: tuple[DtypeChange, ...] = ()
    """Weights that get another dtype."""
    reordered: tuple[str, ...] = ()
    """Top-level layers whose list of weights has to be put in another order."""
    slots: SlotReport = NO_STATE
    """What happens to the optimizer's state."""
    warnings: tuple[str, ...] = ()
    """One sentence each on what Keras will not do as the flags say, and the like."""


@dataclass
class Work:
    """A plan in full detail, ready to be carried out."""

    before: Model
    after: Model
    text: str = ""
    """The new configuration; "" where it stays as it is."""
    training: str = ""
    """The new compile section of a legacy file; "" where it stays as it is, or goes."""
    training_goes: bool = False
    """Whether a legacy file loses its compile section."""
    names: StoredNames | None = None
    """What is called otherwise in a legacy file; None where all keep their names."""
    labels: dict[str, str] = field(default_factory=dict[str, str])
    """Names on the groups of a Keras 3 file of weights, by absolute path."""
    values: dict[str, ArraySource] = field(default_factory=dict[str, ArraySource])
    """New values of datasets, by absolute path."""
    dtypes: dict[str, str] = field(default_factory=dict[str, str])
    """Datasets that get another dtype, by absolute path."""
    orders: list[Reordered] = field(default_factory=list[Reordered])
    states: dict[str, SlotPlan] = field(default_factory=dict[str, SlotPlan])
    """Absolute paths of groups with optimizer state, and what becomes of them."""
    warnings: list[str] = field(default_factory=list[str])

    @property
    def report(self) -> SlotReport:
        """What happens to the optimizer's state (an inner optimizer's is stored twice)."""
        if not self.states and not flags_differ(self.before, self.after):
            return UNCHANGED
        return next((plan.report for plan in self.states.values()), NO_STATE)

    @property
    def meant(self) -> Model:
        """The description that the written file has to give."""
        return with_places(self.after, self.names.places) if self.names else self.after

    def final_orders(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the lists of weights that moved, with the names that groups and weights get."""
        pairs = [(order.group, order.new) for order in self.orders]
        return [self.names.order(*pair) for pair in pairs] if self.names else pairs

    def final_values(self) -> dict[str, ArraySource]:
        """Return the new values by where the datasets will be."""
        return values_of(self.before, self.meant) if self.values else {}

    @property
    def touches_state(self) -> bool:
        """Whether any group of optimizer state changes."""
        return any(plan.entries is not None for plan in self.states.values())


def plan_hdf5(file: Any, before: Model, after: Model) -> Work:
    """Return the work on an HDF5 file: a legacy model, or one of weights only.

    Raises SaveFailed when it cannot be done right.
    """
    work = Work(before, after, values=values_of(before, after), dtypes=dtypes_of(before, after))
    flags, names = flags_differ(before, after), names_differ(before, after)
    if names and before.format == "keras-weights":
        work.labels = labels_of(before, after)
    elif names:
        work.names = _stored_names(file, before, after)
    section = section_differs(before, after)
    if before.format == "hdf5" and (flags or names or section):
        text = read_text(file, CONFIG_ATTRIBUTE)
        if text is None:
            raise SaveFailed("The file has lost its model_config; nothing was written.")
        if section:
            _plan_training(work, read_text(file, "training_config"))
        if flags or names:
            _plan_texts(work, text)
        if flags:
            native: Loader = "keras3" if before.keras_version.startswith("3") else "tf_keras"
            work.orders = plan_order(before, after, native, lambda group: _names(file, group))
        if flags or section:
            _plan_named_state(work, file)
    work.warnings += warnings_for(work)
    return work


def _stored_names(file: Any, before: Model, after: Model) -> StoredNames:
    """Find out what is called otherwise, from lists that are read directly where that does."""
    with open_raw(file.filename) as raw:
        quick = fast_root(raw, 0, os.fstat(raw.fileno()).st_size)
        return read_weights(low(file), quick, lambda root: plan_names(root, before, after))


def _plan_training(work: Work, training: str | None) -> None:
    """Find out the new compile section of a legacy file."""
    text = new_training(training, work.before, work.after)
    work.training_goes = text is None and training is not None
    work.training = text if text is not None and text != training else ""


def _plan_texts(work: Work, text: str) -> None:
    """Find out the new configuration."""
    before, after = work.before, work.after
    edits = TextEdits(changed_values(before, after))
    if names_differ(before, after):
        edits.add(config_edits(parse_object(text, CONFIG_ATTRIBUTE), before, after))
    if before.format == "keras":
        edits.add(archive_edits(before, after))
    work.text = set_values(text, edits.values, edits.keys) if edits else ""
    rows = before.compile.outputs if before.compile else ()
    if work.text and len({row.output for row in rows}) < len(rows):
        _read_compile_again(work)


def _read_compile_again(work: Work) -> None:
    """See what the compile section says of outputs that share a layer, under new names.

    tf.keras numbers them, and a description does not tell a number from a name.
    """
    config = parse_object(work.text, CONFIG_ATTRIBUTE)
    section = object_of(work.training) if work.training else config.get("compile_config")
    if section:
        version = work.before.keras_version
        compiled = read_compile_section(section, read_tree(config), False, version, [])
        work.after = replace(work.after, compile=compiled)


def _plan_named_state(work: Work, file: Any) -> None:
    """Find out what becomes of a legacy file's optimizer state."""
    state = inside(file, _STATE)
    if is_group(state):
        names, entries = named_entries(state)
        if entries:
            style = style_of(names)
            work.states["/" + _STATE] = plan_state(work.before, work.after, entries, style)


def plan_archive(config: str, weights: Any, before: Model, after: Model) -> Work:
    """Return the work on a ``.keras`` archive; `weights` is the HDF5 file inside.

    Names stand in its configuration alone: its weights' paths come from classes.
    """
    work = Work(before, after, values=values_of(before, after), dtypes=dtypes_of(before, after))
    flags, section = flags_differ(before, after), section_differs(before, after)
    if flags or section or names_differ(before, after):
        _plan_texts(work, config)
    if flags or section:
        style: Style = "keras3" if before.keras_version.startswith("3") else "tf211"
        for level, (path, group) in enumerate(state_groups(weights)):
            plan = plan_state(before, after, numbered_entries(group), style, level)
            # The group itself stays, empty: it loads in both Keras, and training begins afresh.
            work.states[path] = replace(plan, entries=(), remove=False) if plan.remove else plan
    work.warnings += warnings_for(work)
    return work


def state_groups(weights: Any) -> list[tuple[str, Any]]:
    """Return the groups of numbered state: the optimizer's, and those inside it."""
    found: list[tuple[str, Any]] = []
    path = "/optimizer" if is_group(inside(weights, "/optimizer")) else "/_optimizer"
    while weights is not None and len(found) < 4:
        if not is_group(inside(weights, f"{path}/vars")):
            break
        group = weights[f"{path}/vars"]
        if len(group):
            found.append((f"{path}/vars", group))
        path += "/inner_optimizer"
    return found


def _names(file: Any, path: str) -> Sequence[str]:
    group = inside(file, path)
    names = read_names(group, "weight_names") if is_group(group) else None
    return names or ()


def object_of(text: str | None) -> Mapping[str, Any]:
    """Return a JSON object; {} for what is none."""
    try:
        value: Any = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def warnings_for(work: Work) -> list[str]:
    """Return what the user should know about the new names, and how Keras reads the flags."""
    before, after = work.before, work.after
    found = [*consequences(before, after), *section_warnings(before, after)]
    if not flags_differ(before, after):
        return found
    found += [
        f"Keras 3 and tf_keras read the weights inside {safe_text(after.layers[o.layer].path)} in "
        "different orders with these flags; the file is written for the Keras that made it."
        for o in work.orders
        if not o.agreed
    ]
    found += [
        f"The custom layer {_named(new)} does not state trainable in its configuration; its class "
        "has to accept the argument for the file to load."
        for old, new in zip(before.layers, after.layers, strict=True)
        if not new.states_trainable and old.trainable is not new.trainable
    ]
    trained = {v.layer for v in trained_order(part_of(after, -1), "keras3")}
    effective = after.effective
    found += [
        f"Keras 3 goes on training {_named(layer)}, although it is frozen in the file; freeze it "
        "in your script as well."
        for i, layer in enumerate(after.layers)
        if not effective[i] and i in trained
    ]
    return found


def _named(layer: Layer) -> str:
    return f"{safe_text(layer.path)} ({safe_text(layer.class_name)})"

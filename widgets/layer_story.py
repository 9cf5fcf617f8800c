"""What is to be said about one layer, or about the whole model, in lines."""

from __future__ import annotations

from collections import Counter

from kerastui.model import Format, Layer, Model, safe_text
from kerastui.model.explain import explain
from kerastui.model.figures import count, plural, shape, size
from kerastui.model.readable import config_lines

from . import signs
from .flow import BLANK, GLUE, Line, Run, flow, glue, heading, labelled
from .weight_rows import WeightRows, axes_of

_MANY = 12
"""Names of feeding layers that are listed before the rest is only counted."""
_MANY_WEIGHTS = 100
"""Weights of one layer that are listed here; the Weights tab has them all."""

_STANDING_IN = (
    "A stand-in in live Keras: it holds the weights under their names, and nothing can be "
    "evaluated through it. Give the real class to run the model."
)

_FORMATS: dict[Format, str] = {
    "hdf5": "HDF5, full model",
    "keras": "Keras 3 archive (.keras)",
    "hdf5-weights": "HDF5, weights only",
    "keras-weights": "Keras 3 weights (.weights.h5)",
    "hdf5-other": "HDF5 without Keras inside",
}


def layer_story(
    model: Model, index: int, original: Model | None, width: int, standin: bool = False
) -> list[Line]:
    """Tell all about the layer at `index`; `original` is the model as it is in the file.

    `standin`: whether it is none in live Keras, where a pass-through holds its weights.
    """
    layer = model.layers[index]
    lines = _title(layer, width)
    if standin:
        lines += flow([(_STANDING_IN, "changed")], width)
    lines += _state(model, index, original, width)
    if sentences := explain(layer):
        lines.append(BLANK)
        for sentence in sentences:
            lines += flow([(safe_text(sentence, 1000), "")], width)
    lines += _inside(model, index, width)
    lines += _weights(layer, width)
    lines += _connections(model, index, width)
    lines += _config(layer, width)
    return lines


def model_story(model: Model, width: int) -> list[Line]:
    """Tell about the model as a whole, for when no layer is highlighted."""
    parameters = model.parameters
    keras = safe_text(model.keras_version) + (
        f" on {safe_text(model.backend)}" if model.backend else ""
    )
    rows: list[tuple[str, str]] = [
        ("class", safe_text(model.class_name)),
        ("file", _FORMATS[model.format]),
        ("Keras", keras or "the file does not say"),
        ("layers", count(len(model.layers))),
        ("parameters", f"{count(parameters.total)} ({size(parameters.total_bytes)})"),
    ]
    name = safe_text(model.name) or "a model without a name"
    lines = flow([(name, "title")], width)
    lines += [BLANK, *_rows(rows, width)]
    if model.notes:
        lines += heading("Notes", width)
        for note in model.notes:
            lines += flow([(safe_text(note, 1000), "")], width, first=(("• ", "muted"),), hang=2)
    return lines


def _title(layer: Layer, width: int) -> list[Line]:
    runs: list[Run] = [(safe_text(layer.name) or "(no name)", "title"), ("  ", "")]
    runs.append((safe_text(layer.class_name), "subtitle"))
    if outer := layer.path.rpartition("/")[0]:
        runs += [(", in ", "muted"), (safe_text(outer), "muted")]
    lines = flow(runs, width)
    if layer.auto_named:
        lines += flow([(f"{signs.AUTO_NAMED} Keras made this name up", "muted")], width, hang=2)
    if layer.module and layer.module.partition(".")[0] not in ("keras", "tensorflow"):
        custom = f"{signs.CUSTOM} from {safe_text(layer.module)}, not part of Keras"
        lines += flow([(custom, "custom")], width, hang=2)
    return lines


def _state(model: Model, index: int, original: Model | None, width: int) -> list[Line]:
    box = model.boxes[index]
    word, because = _state_words(model, index)
    sign = signs.BOX_SIGNS[box].strip()
    runs: list[Run] = [(f"{sign}{GLUE}{word}" if sign else word, signs.BOX_ROLES[box])]
    if change := _change(model, index, original):
        runs += [("   ", ""), (glue(f"{signs.CHANGED} {change}"), "changed")]
    lines = [BLANK, *flow(runs, width, hang=2)]
    if because:
        lines += flow([(because, "muted")], width, first=(("  ", ""),), hang=2)
    return lines


def _change(model: Model, index: int, original: Model | None) -> str:
    """Say what differs from the file: the layer's own flag, or how many inside it."""
    if original is None or original is model or len(original.layers) != len(model.layers):
        return ""
    layer = model.layers[index]
    if model.is_new(index):
        return "new, not in the file"
    before = original.layers[index : layer.end]
    if before[0].trainable is not layer.trainable:
        return f"was {signs.flag(before[0].trainable)[0]}"
    pairs = zip(before, model.layers[index : layer.end], strict=True)
    inside = sum(old.trainable is not new.trainable for old, new in pairs)
    return f"{plural(inside, 'change')} inside" if inside else ""


def _state_words(model: Model, index: int) -> tuple[str, str]:
    """Return the trainable state in words, and a sentence that explains it or ``""``."""
    layer, box = model.layers[index], model.boxes[index]
    if box == "absent":
        if not model.has_flags:
            return "this file holds weights only: no trainable flags", ""
        return "no weights: nothing to freeze", ""
    frozen_outer = _frozen_ancestor(model, index)
    if box == "locked":
        return f"frozen by {frozen_outer}", (
            "Its own flag is on, but Keras trains nothing inside a frozen model or wrapper."
        )
    if box == "some":
        on, holding = _trained_inside(model, index)
        return "partly frozen", f"{count(on)} of {plural(holding, 'layer')} with weights trainable"
    if box == "none" and layer.trainable and not frozen_outer:
        return "frozen", "Its own flag is on; everything inside it is frozen."
    if box == "none" and frozen_outer:
        return "frozen", f"By its own flag, and by {frozen_outer}."
    return ("trainable" if box == "all" else "frozen"), (
        "" if layer.states_trainable else "The file does not say; Keras takes it as trainable."
    )


def _frozen_ancestor(model: Model, index: int) -> str:
    """Return who freezes the layer from outside, nearest first, or ``""``."""
    parent = model.layers[index].parent
    direct = True
    while parent >= 0:
        if not model.layers[parent].trainable:
            return ("its parent " if direct else "") + safe_text(model.layers[parent].name)
        parent, direct = model.layers[parent].parent, False
    return "" if model.trainable else "the whole model's own flag"


def _trained_inside(model: Model, index: int) -> tuple[int, int]:
    """Count the layers of a subtree that are trained, and those that have weights."""
    holding = [i for i in range(index, model.layers[index].end) if model.layers[i].weights]
    return sum(model.effective[i] for i in holding), len(holding)


def _inside(model: Model, index: int, width: int) -> list[Line]:
    """Sum up what a nested model or a wrapper holds."""
    layer = model.layers[index]
    if layer.end <= index + 1:
        return []
    inner = model.layers[index + 1 : layer.end]
    leaves = (one for i, one in enumerate(inner, index + 1) if one.end == i + 1)
    classes = Counter(one.class_name for one in leaves)
    kinds = [glue(f"{count(n)} {safe_text(name)}") for name, n in classes.most_common(_MANY)]
    if len(classes) > _MANY:
        kinds.append(f"{plural(len(classes) - _MANY, 'class', 'classes')} more")
    on, holding = _trained_inside(model, index)
    rows = [("layers", f"{count(len(inner))}: " + ", ".join(kinds))]
    if model.has_flags and holding:
        rows.append(("trainable", f"{count(on)} of {plural(holding, 'layer')} with weights"))
    total = model.subtree_parameters[index]
    nbytes = sum(one.nbytes for one in model.layers[index : layer.end])
    return [*heading("Inside", width, _amount(total, nbytes)), *_rows(rows, width)]


def _weights(layer: Layer, width: int) -> list[Line]:
    if not layer.weights:
        return []
    lines = heading("Weights", width, _amount(layer.parameters, layer.nbytes))
    shown = layer.weights[:_MANY_WEIGHTS]
    layout = WeightRows(shown, width)
    for weight in shown:
        lines += layout.lines(weight, axes_of(layer, weight))
    if len(layer.weights) > len(shown):
        more = f"and {count(len(layer.weights) - len(shown))} more, see the Weights tab"
        lines += flow([(more, "muted")], width)
    return lines


def _connections(model: Model, index: int, width: int) -> list[Line]:
    layer = model.layers[index]
    rows: list[tuple[str, str]] = []
    if feeders := _feeders(model, index):
        rows.append(("fed by", feeders))
    if layer.output_shape is not None:
        rows.append(("gives", shape(layer.output_shape)))
    fixed = layer.parameters - layer.trainable_parameters
    if fixed:
        rows.append(("never trained", f"{count(fixed)} of {count(layer.parameters)} parameters"))
    return [*heading("In the model", width), *_rows(rows, width)] if rows else []


def _feeders(model: Model, index: int) -> str:
    layer = model.layers[index]
    if layer.inbound:
        names = [safe_text(name) for name in layer.inbound[:_MANY]]
        more = len(layer.inbound) - len(names)
        return ", ".join(names) + (f" and {count(more)} more" if more else "")
    outer = model.layers[layer.parent].class_name if layer.parent >= 0 else model.class_name
    above = index - 1
    while above > layer.parent and model.layers[above].parent != layer.parent:
        above = model.layers[above].parent
    if outer != "Sequential" or above <= layer.parent:
        return ""
    return f"{safe_text(model.layers[above].name)}, the one above"


def _config(layer: Layer, width: int) -> list[Line]:
    config = config_lines(layer)
    if not config:
        return []
    changed = any(line.changed for line in config)
    note: list[Run] = [(glue("• not the default"), "muted")] if changed else []
    rows: list[tuple[Run, list[Run]]] = []
    for line in config:
        mark, role = ("• ", "strong") if line.changed else ("  ", "")
        label = (mark.replace(" ", GLUE) + safe_text(line.label), "label")
        rows.append((label, [(safe_text(line.value, 2000), role)]))
    return [*heading("Configuration", width, note), *labelled(rows, width)]


def _rows(rows: list[tuple[str, str]], width: int) -> list[Line]:
    return labelled([((label, "label"), [(value, "")]) for label, value in rows], width)


def _amount(parameters: int, nbytes: int) -> list[Run]:
    return [(f"{count(parameters)} · {size(nbytes)}", "muted")]

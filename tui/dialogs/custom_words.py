"""The words of the form for custom objects: what a row, and each way to answer it, means.

All text of the file is made safe here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from kerastui.model import safe_text
from kerastui.model.figures import plural
from kerastui.session.inside.classics import offered
from kerastui.session.protocol import Need

from .custom_form import CustomForm, FormRow, Look, Source, Standing, Way

Tone = Literal["", "problem", "warning"]
SIGNS: dict[Standing, str] = {
    "answered": "✓", "open": "?", "problem": "✗", "keras": "·", "unneeded": "·",
}  # fmt: skip
WAYS: dict[Way, str] = {
    "keras": "leave to Keras", "source": "file or module", "expression": "expression",
    "classic": "kerastui's own", "standin": "stand-in",
}  # fmt: skip
_KERAS_1 = frozenset(["precision", "recall", "fbeta_score", "fmeasure", "matthews_correlation"])
_LEFT_OUT = "It is left out: the model is loaded without compiling that part."
_STANDINS = {
    "layer": "A pass-through holds the layer's weights under their names, to be seen and "
    "edited; evaluating through it is refused.",
    "model": "A pass-through holds the model's weights under their names, to be seen and "
    "edited; evaluating through it is refused.",
    "metric": _LEFT_OUT,
    "loss": _LEFT_OUT,
    "optimizer": _LEFT_OUT,
    "schedule": _LEFT_OUT,
    "activation": "Shapes pass through it; evaluating through it is refused.",
    "function": "Shapes pass through it; evaluating through it is refused.",
    "initializer": "It makes zeros; the file brings the weights, so nothing is lost.",
    "regularizer": "It adds nothing to the loss; only training would notice.",
    "constraint": "It changes nothing; only training would notice.",
}


def where_used(need: Need) -> str:
    """Say the kind of a name and where it is used: ``activation of conv1d_462 and 11 more``."""
    where = safe_text(need.uses[0], 120) if need.uses else ""
    kind = safe_text(need.kind, 30)
    more = len(need.uses[1:]) + need.more_uses
    said = where if where.startswith(kind) or not where else f"{kind}, {where}"
    return (said or kind) + (f" and {more:,} more" if more and where else "")


def short_answer(form: CustomForm, row: FormRow) -> str:
    """Say in a few words how a row is answered."""
    way, standing = form.way(row), form.standing(row)
    if standing == "unneeded":
        return "not needed"
    if way == "keras":
        return "left to Keras"
    if way == "expression":
        return safe_text(row.expression.strip(), 100)
    if way == "classic":
        return "kerastui's own"
    if way == "standin":
        return "left out" if row.only_compiles else "stand-in"
    source = form.source(row)
    return "" if source is None else short_source(source)


def short_source(source: Source) -> str:
    """Return a file's name or a module's."""
    return safe_text(Path(source.value).name if source.how == "file" else source.value, 100)


def about_way(row: FormRow, way: Way) -> str:
    """Say what a way to answer means for a row."""
    need = row.need
    if way == "expression":
        return "Python, with K, keras, tf and np at hand."
    if way == "standin":
        return _STANDINS.get(need.kind, "Something that does nothing takes its place.")
    if way == "keras":
        today = f" Today it is {safe_text(need.today, 80)}." if need.today else ""
        return f"{own_class(need)}{today} Nobody but that Keras has it."
    name = offered(need.name, need.kind)
    if name in _KERAS_1:
        return f"{name} with Keras 1's definition, computed batch by batch."
    return f"{name}, ready made."


def own_class(need: Need) -> str:
    """Say that a name is no custom object at all."""
    return f"{safe_text(need.plain_name, 60)} is a class of another Keras version."


def about_look(form: CustomForm, row: FormRow, *, tried: bool) -> tuple[str, Tone]:
    """Say what the file or module of a row defines, with the tone of a `PathField.set_note`."""
    source, look = form.source(row), form.look(row)
    if source is None:
        return "my_project/metrics.py or my_project.metrics", ""
    if look is None:
        return "looking …", ""
    if look.problem:
        return safe_text(look.problem, 400), "problem" if tried else ""
    said = defined(form, look)
    if row.need.name not in look.names:
        name = safe_text(row.need.plain_name, 60)
        return f"{name} is not seen to be defined there. {said}".strip(), "warning"
    of = "" if row.source.strip() else f"{short_source(source)}, given before, "
    return f"{of}{said}", ""


def defined(form: CustomForm, look: Look) -> str:
    """Say which of the missing names a file defines, and how many not."""
    if not look.names:
        return ""
    names = {row.need.name: row.need.plain_name for row in form.rows}
    shown = [safe_text(names.get(n, n), 40) for n in look.names[:6]]
    rest = len(look.names) - len(shown)
    listed = ", ".join(shown) + (f" and {rest:,} more" if rest else "")
    return f"defines {listed} ({len(look.names):,} of {len(form.rows):,})"


def intro(rows: Sequence[FormRow], keras: str) -> str:
    """Say what is asked."""
    count = len(rows)
    name = "tf_keras" if keras == "tf_keras" else "Keras"
    return f"{name} lacks {plural(count, 'name')} of this file. Say where each comes from."

"""`convert`: one model file into another era's form, without Keras and without the model's code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import KerastuiError, SaveFailed, UsageError
from ..model import Consent, Model
from ..saving.atomic import Draft, draft_beside, sweep
from ..saving.failures import check_target, failed
from ..saving.landing import check_consent
from .compiling import to_compile_config, to_training_config
from .report import Report
from .source import Source, opened_source
from .state import Slot, plan_state
from .tables import Dialect
from .target import Target, make_target, retree
from .to_keras2 import to_keras2
from .to_keras3 import Translator
from .verify import check_archive, check_legacy
from .weights import plan_weights
from .write import (
    keras_version,
    open_new,
    write_archive,
    write_keras3_weights,
    write_legacy_weights,
    write_slots,
)

Form = Literal["keras", "hdf5", "keras-weights", "hdf5-weights"]
"""``keras``: archive; ``hdf5``: legacy full model; ``keras-weights``: Keras 3 ``.weights.h5``;
``hdf5-weights``: legacy weights by layer name."""


class WouldLose(KerastuiError):
    """Something has no counterpart, and losing nothing was asked for."""

    title = "Not converted"


@dataclass(frozen=True)
class Converted:
    """What was written."""

    path: str
    form: Form
    model: Model
    """The description as read back."""
    lost: tuple[str, ...]
    """One sentence each on what has no counterpart."""


def form_for(path: str | os.PathLike[str], weights_only: bool = False) -> Form:
    """Return the form that a file name's ending asks for. Raises UsageError."""
    name = os.fspath(path).lower()
    if name.endswith(".keras"):
        if weights_only:
            raise UsageError("Weights alone go into a .weights.h5 or .h5 file, not into .keras.")
        return "keras"
    if name.endswith(".weights.h5"):
        return "keras-weights"
    if name.endswith((".h5", ".hdf5", ".hdf")):
        return "hdf5-weights" if weights_only else "hdf5"
    raise UsageError(
        f"{os.fspath(path)} ends in nothing that names a format; end it in .keras, .h5 or "
        ".weights.h5, or say which with --to."
    )


def convert(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    form: Form | None = None,
    dialect: Dialect = "keras3",
    drop_optimizer: bool = False,
    strict: bool = False,
    replace: bool = False,
    dry_run: bool = False,
) -> Converted:
    """Write the model file `source` as `target` in another form; `source` is only read.

    Args:
        source: a full model, legacy HDF5 of any era or a ``.keras`` archive.
        target: the file to write; it appears whole or not at all.
        form: the form to write, by default what the ending of `target` says.
        dialect: for legacy HDF5, the Keras that is to load it.
        drop_optimizer: leave the optimizer's state out.
        strict: raise instead of losing anything.
        replace: `target` may exist already.
        dry_run: find out what would be lost, and write nothing; the description that comes
            back is the source's.

    Raises:
        UnreadableFile: and its kin, for a source that cannot be read or has no configuration.
        WouldLose: with `strict`, when something has no counterpart; nothing was written.
        SaveFailed: nothing was written.
        UsageError: arguments that make no sense.
    """
    wanted = form or form_for(target)
    place = Path(os.path.realpath(target))
    if place.exists() and Path(source).exists() and place.samefile(source):
        raise UsageError(f"{os.fspath(target)} is the file that is converted; name another.")
    if place.exists() and not replace:
        raise UsageError(f"{os.fspath(target)} exists already; add --force to replace it.")
    try:
        if dry_run:
            return _look(source, target, wanted, dialect, drop_optimizer)
        check_target(place)
        consent = "anything" if replace else "nothing"
        return _convert(source, target, place, consent, wanted, dialect, drop_optimizer, strict)
    except KerastuiError:
        raise
    except RecursionError as error:
        raise SaveFailed("The model is nested too deep to be converted.") from error
    except (OSError, RuntimeError, EOFError) as error:
        raise failed(target, error) from error


def _look(
    path: str | os.PathLike[str],
    given: str | os.PathLike[str],
    form: Form,
    dialect: Dialect,
    drop_optimizer: bool,
) -> Converted:
    """Return what converting would come to."""
    report = Report()
    with opened_source(path) as source:
        _plan_for(source, form, dialect, drop_optimizer, report)
        return Converted(os.fspath(given), form, source.model, report.sentences)


def _plan_for(
    source: Source, form: Form, dialect: Dialect, drop_optimizer: bool, report: Report
) -> _Plan:
    if form in ("keras", "keras-weights"):
        dialect = "keras3"
    return _plan(source, dialect, drop_optimizer or "weights" in form, report)


def _convert(
    path: str | os.PathLike[str],
    given: str | os.PathLike[str],
    place: Path,
    consent: Consent,
    form: Form,
    dialect: Dialect,
    drop_optimizer: bool,
    strict: bool,
) -> Converted:
    report = Report()
    with opened_source(path) as source:
        plan = _plan_for(source, form, dialect, drop_optimizer, report)
        if strict and report.sentences:
            raise WouldLose(f"Nothing was written (--strict). {' '.join(report.sentences)}")
        sweep(place.parent)
        with draft_beside(place) as draft:
            _write(source, plan, form, draft)
            draft.reopen()
            if form == "keras" or form == "keras-weights":
                model = check_archive(draft.path, source, plan.target, plan.slots, form)
            else:
                model = check_legacy(draft.path, source, plan.target, plan.slots, form)
            check_consent(place, consent)
            draft.settle(place.stat() if place.exists() else None)
            check_target(place)
            draft.put_in_place(consent)
    return Converted(os.fspath(given), form, model, report.sentences)


@dataclass(frozen=True)
class _Plan:
    target: Target
    compiled: dict[str, Any] | None
    """``compile_config`` or ``training_config``, by the form."""
    slots: list[Slot]
    dialect: Dialect
    version: str


def _plan(source: Source, dialect: Dialect, drop_state: bool, report: Report) -> _Plan:
    model = source.model
    shapes = {layer.path: layer.output_shape for layer in model.layers}
    translator = Translator(source.major, shapes, report)
    name = model.name or {"Sequential": "sequential"}.get(model.class_name, "model")
    config = translator.model(source.config, name)
    outputs = [r.layer for r in retree(config).top.outputs] or [""]
    compiled: dict[str, Any] | None = None
    if source.compiled is not None:
        compiled = to_compile_config(source.compiled, source.major, outputs, report)
    training: dict[str, Any] | None = compiled
    if dialect == "tf_keras":
        config = to_keras2(config, report)
    tree = retree(config)
    target = make_target(
        config, tree, plan_weights(source, tree, report), ":0" if dialect == "tf_keras" else ""
    )
    if dialect == "tf_keras" and compiled is not None:
        training = to_training_config(compiled, dialect, report)
    slots: list[Slot] = []
    if training is not None and not drop_state:
        slots = plan_state(source, target, training, dialect, report)
    return _Plan(target, compiled, slots, dialect, keras_version(model, dialect))


def _write(source: Source, plan: _Plan, form: Form, draft: Draft) -> None:
    draft.close()
    writers: dict[Form, Callable[[Source, _Plan, Draft], None]] = {
        "keras": _write_keras,
        "keras-weights": _write_keras_weights,
        "hdf5": _write_hdf5,
        "hdf5-weights": _write_hdf5_weights,
    }
    writers[form](source, plan, draft)


def _write_keras(source: Source, plan: _Plan, draft: Draft) -> None:
    config = dict(plan.target.config)
    config["compile_config"] = plan.compiled or {}
    with draft_beside(draft.target, 0o600) as inner:
        inner.close()
        with open_new(inner.path) as file:
            write_keras3_weights(file, source, plan.target, plan.slots)
        draft.reopen()
        write_archive(draft.descriptor, config, plan.version, inner.path)


def _write_keras_weights(source: Source, plan: _Plan, draft: Draft) -> None:
    with open_new(draft.path) as file:
        write_keras3_weights(file, source, plan.target, ())


def _write_hdf5(source: Source, plan: _Plan, draft: Draft) -> None:
    report = Report()
    config = {k: v for k, v in plan.target.config.items() if k not in ("compile_config", "name")}
    registered = plan.target.config.get("registered_name")
    if isinstance(registered, str) and ">" in registered:
        config["class_name"] = registered
    with open_new(draft.path) as file:
        file.attrs["keras_version"] = plan.version
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        if plan.compiled is not None:
            training = to_training_config(plan.compiled, plan.dialect, report)
            if training is not None:
                file.attrs["training_config"] = json.dumps(training)
        group: Any = file.create_group("model_weights")
        group.attrs["keras_version"] = plan.version
        group.attrs["backend"] = "tensorflow"
        write_legacy_weights(group, source, plan.target, plan.dialect)
        write_slots(file, source, plan.slots)


def _write_hdf5_weights(source: Source, plan: _Plan, draft: Draft) -> None:
    with open_new(draft.path) as file:
        file.attrs["keras_version"] = plan.version
        file.attrs["backend"] = "tensorflow"
        write_legacy_weights(file, source, plan.target, plan.dialect)

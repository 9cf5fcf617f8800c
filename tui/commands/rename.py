r"""Rename layers, or the model itself, and save: everything that refers to them moves along.

Without --regex, OLD is one layer's name or path (or the model's name). With it, OLD is a
regular expression found in names, and NEW may use its groups: 'conv2d_(\d+)' 'enc_conv_\1'.
--name-unnamed, without OLD and NEW, gives the layers that Keras named meaningful names from
position and class (block2_conv1).

After a rename, load_weights(by_name=True) from files with the old names finds nothing for the
renamed layers; --mapping writes which layer was called how.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from kerastui.analysis.export_file import save_bytes
from kerastui.edits import Document
from kerastui.edits.bulk_rename import Preview, Proposed, preview_names, preview_pattern
from kerastui.edits.proposals import propose_names
from kerastui.edits.rename import Rename, consequences, name_mapping
from kerastui.errors import BadEdit, SaveFailed, UsageError
from kerastui.files import open_model
from kerastui.model import Destination, Model, safe_text
from kerastui.saving import save

from .output import add_output_arguments, target_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``kerastui rename``."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("names", metavar="OLD NEW", nargs="*")
    parser.add_argument("--regex", action="store_true", help="OLD is a regular expression")
    parser.add_argument(
        "--name-unnamed", action="store_true", help="name the layers that Keras named"
    )
    add_output_arguments(parser)
    parser.add_argument("--mapping", metavar="FILE", help="write old → new paths of layers as JSON")


def run(options: argparse.Namespace) -> int:
    """Carry out the command and return its exit status. Raises KerastuiError."""
    _check_usage(options)
    target = target_of(options)
    if options.mapping and os.path.exists(options.mapping) and not options.force:  # noqa: PTH110
        raise UsageError(f"{options.mapping} exists already; add --force to replace it.")
    model = open_model(options.model)
    document = Document(model)
    rename = _rename(model, options)
    if document.apply(rename) is model:
        raise BadEdit(f"{rename.names[0][0] or 'The model'} is called so already.")
    if options.dry_run:
        _print_changes(model, document.model)
        return 0
    saved = save(document, target, backup=options.backup)
    _say(saved.warnings, hint=not options.mapping)
    if options.mapping:
        goal = Destination(options.mapping, "anything" if options.force else "nothing")
        _write_mapping(goal, name_mapping(model, document.model))
    sys.stdout.write(f"{safe_text(str(target))}: {_count(rename)} renamed.\n")
    return 0


def _check_usage(options: argparse.Namespace) -> None:
    count = len(options.names)
    if options.name_unnamed and (count or options.regex):
        raise UsageError("--name-unnamed makes the names itself; leave OLD, NEW and --regex out.")
    if not options.name_unnamed and count != 2:
        raise UsageError("give the OLD and the NEW name; see `kerastui rename --help`.")


def _rename(model: Model, options: argparse.Namespace) -> Rename:
    """Return the edit. Raises BadEdit when nothing, or nothing possible, is asked for."""
    if options.name_unnamed:
        preview = preview_names(model, propose_names(model))
        if not preview.rows:
            raise BadEdit(f"Keras named no layer of {options.model}; there is nothing to name.")
        return _checked(preview)
    old, new = options.names
    if not options.regex:
        return Rename(((_one(model, old), new),))
    preview = preview_pattern(model, old, new)
    if preview.problem:
        raise BadEdit(preview.problem)
    if not preview.matched:
        raise BadEdit(
            f"No layer of {options.model} has a name that matches {old!r}; "
            "`kerastui show` lists them."
        )
    if not preview.rows:
        raise BadEdit("The layers that match are called so already.")
    return _checked(preview)


def _one(model: Model, name: str) -> str:
    """Return the path of the one layer that is called so, "" for the model itself."""
    if name in model.index:
        return name
    found = [layer.path for layer in model.layers if layer.name == name]
    if len(found) > 1:
        paths = ", ".join(found[:5]) + (" …" if len(found) > 5 else "")
        raise BadEdit(f"{len(found)} layers are called {name!r}; give the path of one: {paths}.")
    if found:
        return found[0]
    if name and name == model.name:
        return ""
    raise BadEdit(f"There is no layer {name!r} in this model; `kerastui show` lists them.")


def _checked(preview: Preview) -> Rename:
    """Return the edit if all its names can be given; else list those that cannot."""
    if preview.problems:
        for row in preview.rows:
            if row.problem:
                sys.stderr.write(f"{_line(row)}: {safe_text(row.problem, 300)}\n")
        raise BadEdit(
            f"{preview.problems:,} of {len(preview.rows):,} new names cannot be given (listed "
            "above); nothing was renamed."
        )
    return preview.edit


def _line(row: Proposed) -> str:
    return f"{safe_text(row.path, 300)} → {safe_text(row.new, 300)}"


def _print_changes(before: Model, after: Model) -> None:
    if before.name != after.name:
        sys.stdout.write(f"the model: {safe_text(before.name)} → {safe_text(after.name)}\n")
    for old, new in zip(before.layers, after.layers, strict=True):
        if old.name != new.name:
            sys.stdout.write(f"{safe_text(old.path, 300)} → {safe_text(new.name, 300)}\n")
    _say(consequences(before, after), hint=True)


def _say(sentences: Sequence[str], *, hint: bool) -> None:
    for sentence in sentences:
        sys.stderr.write(f"kerastui: {safe_text(sentence, 600)}\n")
    if sentences and hint:
        sys.stderr.write("kerastui: --mapping FILE writes which layer was called how.\n")


def _write_mapping(goal: Destination, mapping: dict[str, dict[str, str]]) -> None:
    try:
        save_bytes(goal, f"{json.dumps(mapping, indent=2)}\n".encode())
    except SaveFailed as error:
        raise SaveFailed(f"The model was saved, but not the mapping: {error}") from error


def _count(rename: Rename) -> str:
    if len(rename.names) == 1:
        path, name = rename.names[0]
        return f"{safe_text(path) or 'the model'} → {safe_text(name)}"
    return f"{len(rename.names):,} layers"

"""Cut a model's head, append a new one, and save: what comes before transfer learning.

--cut takes the layer that is to be the last one (name or path, also inside nested models), or how
many layers to cut from the end. --append takes units and an activation (10:softmax), once for each
new Dense layer. The model must have one output.
"""

from __future__ import annotations

import argparse
import sys

from kerastui.edits import AppendDense, CutHead, Document
from kerastui.edits.dense import INITIALIZERS
from kerastui.edits.graph import layer_before_end, output_of
from kerastui.edits.proposals import free_name
from kerastui.errors import BadEdit, UsageError
from kerastui.files import open_model
from kerastui.model import Model, safe_text
from kerastui.saving import save

from .output import add_output_arguments, target_of
from .planned import print_plan, print_warnings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``kerastui head``."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--cut", metavar="LAYER|N", help="the new last layer, or how many to cut")
    parser.add_argument(
        "--append", metavar="UNITS[:ACTIVATION]", action="append", default=[],
        help="a Dense layer behind the last one; may be given again",
    )  # fmt: skip
    parser.add_argument(
        "--name", action="append", default=[], help="of the new layer; once for each --append"
    )
    parser.add_argument(
        "--seed", metavar="N", type=int, default=0, help="of the new kernels (default: 0)"
    )
    parser.add_argument(
        "--initializer", choices=INITIALIZERS, default=INITIALIZERS[0], help="of the new kernels"
    )
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Carry out the command and return its exit status. Raises KerastuiError."""
    if not options.cut and not options.append:
        raise UsageError("say what to do: --cut LAYER, --append UNITS[:ACTIVATION], or both.")
    if len(options.name) > len(options.append):
        raise UsageError("--name names a layer of --append; there are more names than layers.")
    target = target_of(options)
    model = open_model(options.model)
    document = Document(model)
    if options.cut:
        path = _last(model, options.cut)
        if document.apply(CutHead(path)) is model:
            raise BadEdit(f"{safe_text(path, 200)} is the last layer; there is nothing to cut.")
    for number, wanted in enumerate(options.append):
        units, activation = _units(wanted)
        name = options.name[number] if number < len(options.name) else free_name(document.model)
        edit = AppendDense(name, units, activation, options.seed + number, options.initializer)
        document.apply(edit)
    if options.dry_run:
        print_plan(document)
        return 0
    saved = save(document, target, backup=options.backup)
    print_warnings(saved.warnings)
    last = saved.model.layers[output_of(saved.model)]
    shape = f", output {last.output_shape}" if last.output_shape else ""
    sys.stdout.write(f"{safe_text(str(target))}: ends at {safe_text(last.path)}{shape}.\n")
    return 0


def _last(model: Model, wanted: str) -> str:
    """Return the path of the layer that is to be the last one. Raises BadEdit."""
    if wanted in model.index:
        return wanted
    if wanted.isascii() and wanted.isdecimal():
        return model.layers[layer_before_end(model, int(wanted[:9]))].path
    found = [layer.path for layer in model.layers if layer.name == wanted]
    if len(found) == 1:
        return found[0]
    shown = safe_text(wanted, 100)
    if found:
        raise BadEdit(f"{len(found)} layers are called {shown!r}; give the path of one.")
    raise BadEdit(f"There is no layer {shown!r} in this model; `kerastui show` lists them.")


def _units(wanted: str) -> tuple[int, str]:
    units, _, activation = wanted.partition(":")
    if not (units.isascii() and units.isdecimal()):
        raise UsageError(f"--append takes units and an activation (10:softmax), not {wanted!r}.")
    return int(units[:9]), activation or "linear"

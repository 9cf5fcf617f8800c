"""Give weights other values, or another dtype, and save.

WEIGHT is layer/weight (conv1/kernel), or a pattern over such names ('block*/kernel'). --from takes
a .npy, an .npz or another model file, with :NAME behind it where it holds several arrays.
--expression computes from the present values w with functions of NumPy: 'w * 0.9', 'zeros',
'where(abs(w) < 1e-3, 0, w)', 'normal(stddev=0.02)'. --initialize begins anew as the layer's own
initializer would.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from kerastui.edits import ConvertDtype, Document
from kerastui.edits.dtypes import SIZES, TARGETS
from kerastui.edits.weights import SetWeight, find_weight, match_weights, present_source
from kerastui.errors import BadEdit, UsageError
from kerastui.files import open_model
from kerastui.making.arrays import find_array
from kerastui.making.losses import loss_of
from kerastui.making.making import make
from kerastui.making.results import OWN, Recipe
from kerastui.making.words import loss_text, summary_text
from kerastui.model import Model, safe_text
from kerastui.model.figures import plural
from kerastui.saving import save

from .output import add_output_arguments, target_of
from .planned import print_plan, print_warnings

Names = tuple[tuple[str, str], ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``kerastui set``."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("weight", metavar="WEIGHT", help="layer/weight, or a pattern over them")
    values = parser.add_mutually_exclusive_group()
    values.add_argument(
        "--from", dest="array", metavar="FILE[:NAME]", help="a .npy, .npz or another model file"
    )
    values.add_argument("--expression", metavar="EXPR", help="computed from the present values w")
    values.add_argument(
        "--initialize", action="store_true", help="new values by the layer's own initializer"
    )
    parser.add_argument(
        "--seed", metavar="N", type=int, default=0, help="of what is drawn (default: 0)"
    )
    parser.add_argument("--dtype", choices=TARGETS, help="store the weight so")
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Carry out the command and return its exit status. Raises KerastuiError."""
    if not (options.array or options.expression or options.initialize or options.dtype):
        raise UsageError("say what to set: --from, --expression, --initialize or --dtype.")
    if options.seed < 0:
        raise UsageError("--seed is a whole number that is not below zero.")
    target = target_of(options)
    model = open_model(options.model)
    names = _matching(model, options)
    document = Document(model)
    with tempfile.TemporaryDirectory(prefix="kerastui-values-") as folder:
        if options.array:
            source = find_array(options.array)
            document.apply(SetWeight(*names[0], source))
        elif options.expression or options.initialize:
            _compute(document, names, options, Path(folder))
        if options.dtype:
            _convert(document, names, options.dtype)
        if not document.changed:
            raise BadEdit("The weights are so already.")
        if options.dry_run:
            print_plan(document)
            return 0
        saved = save(document, target, backup=options.backup)
    print_warnings(saved.warnings)
    what = "/".join(names[0]) if len(names) == 1 else plural(len(names), "weight")
    sys.stdout.write(f"{safe_text(str(target))}: {safe_text(what, 300)} written and read back.\n")
    return 0


def _matching(model: Model, options: argparse.Namespace) -> Names:
    """Return the weights that are meant. Raises BadEdit."""
    names = match_weights(model, options.weight)
    if not names:
        every = [f"{layer.path}/{w.name}" for layer in model.layers for w in layer.weights]
        listed = ", ".join(every[:8]) + (" …" if len(every) > 8 else "") if every else "none"
        raise BadEdit(
            f"{options.model} has no weight {options.weight!r}; its weights: "
            f"{safe_text(listed, 400)}."
        )
    if options.array and len(names) > 1:
        raise BadEdit(
            f"{len(names)} weights of {options.model} match {options.weight!r}, and --from is for "
            "one; name it, or use `kerastui transplant`."
        )
    if options.dtype and not (options.array or options.expression or options.initialize):
        floats = tuple(name for name in names if _dtype(model, name) in SIZES)
        return floats or names  # of those that a pattern matches, what can be converted
    return names


def _dtype(model: Model, name: tuple[str, str]) -> str:
    index, number = find_weight(model, *name)
    return model.layers[index].weights[number].dtype


def _compute(document: Document, names: Names, options: argparse.Namespace, folder: Path) -> None:
    """Compute new values, and say what comes of it."""
    edits: list[SetWeight] = []
    for number, (path, name) in enumerate(names):
        index, place = find_weight(document.model, path, name)
        layer = document.model.layers[index]
        recipe = Recipe(options.expression or OWN, options.seed + number)
        made = make(
            layer,
            layer.weights[place],
            present_source(document.model, path, name),
            recipe,
            str(folder / f"{number}.npy"),
        )
        edits.append(SetWeight(path, name, made.source))
        sys.stderr.write(f"{safe_text(f'{path}/{name}', 300)}:\n")
        for word, summary in (("before", made.before), ("after", made.after)):
            sys.stderr.write(f"  {word:6} {summary_text(summary)}\n")
    document.apply(*edits)


def _convert(document: Document, names: Names, dtype: str) -> None:
    """Convert, and say what is lost. Raises BadEdit where values would become infinite."""
    sources = [present_source(document.model, *name) for name in names]
    document.apply(ConvertDtype(names, dtype))
    loss = loss_of(sources, dtype)
    sys.stderr.write(f"{plural(len(names), 'weight')} to {dtype}: {loss_text(loss)}\n")
    if loss.overflows:
        raise BadEdit(
            f"{plural(loss.overflows, 'value')} would become infinite in {dtype}, so nothing was "
            "written; convert other weights, or clip these first."
        )
    sys.stderr.write(
        "The room of the old values stays free inside the file; `h5repack` makes it smaller.\n"
    )

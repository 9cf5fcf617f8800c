"""Take over weights from another model file by matching names, as before fine-tuning, and save.

PATTERN chooses layers of MODEL by name (or by path, if it contains a /), with all that is inside;
without it all are meant. A layer's values come from the layer of OTHER at the same path, or at
the path below the chosen part, or from the only one with the same name; layers that Keras named
(dense_5) go by order where their names do not fit. Weights whose shapes differ, and those that
OTHER does not have, stay as they are and are listed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kerastui.edits import Document, match_layers
from kerastui.edits.transplant import Pair, Transplant, match, require_matches
from kerastui.errors import BadEdit
from kerastui.files import open_model
from kerastui.model import Model, safe_text
from kerastui.model.figures import plural
from kerastui.saving import save

from .output import add_output_arguments, target_of
from .planned import print_plan, print_warnings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``kerastui transplant``."""
    parser.add_argument("model", metavar="MODEL", help="what gets the weights")
    parser.add_argument("other", metavar="OTHER", help="what has them")
    parser.add_argument("pattern", metavar="PATTERN", nargs="?", help="layers of MODEL")
    parser.add_argument(
        "--strict", action="store_true", help="write nothing unless every weight finds its values"
    )
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Carry out the command and return its exit status. Raises KerastuiError."""
    target = target_of(options)
    model, other = open_model(options.model), open_model(options.other)
    found = _matched(model, other, options)
    require_matches(found, options.other)
    _report(found)
    left = len(found.pairs) - len(found.of("match"))
    if left and options.strict:
        raise BadEdit(
            f"{plural(left, 'weight')} of {len(found.pairs):,} would keep their values (listed "
            "above), and --strict asks for all; nothing was written."
        )
    document = Document(model)
    document.apply(*found.edits, title=f"transplant from {Path(options.other).name}")
    if options.dry_run:
        print_plan(document)
        return 0
    saved = save(document, target, backup=options.backup)
    print_warnings(saved.warnings)
    sys.stdout.write(
        f"{safe_text(str(target))}: {plural(len(found.of('match')), 'weight')} taken over from "
        f"{safe_text(options.other)} and read back.\n"
    )
    return 0


def _matched(model: Model, other: Model, options: argparse.Namespace) -> Transplant:
    if options.pattern is None:
        return match(model, other, range(len(model.layers)))
    hits = match_layers(model, options.pattern)
    if not hits:
        raise BadEdit(
            f"No layer of {options.model} has a name that matches {options.pattern!r}; "
            "`kerastui show` lists them."
        )
    pairs: dict[tuple[str, str], Pair] = {}
    for i in hits:
        layer = model.layers[i]
        for pair in match(model, other, range(i, layer.end), layer.path).pairs:
            pairs.setdefault((pair.path, pair.name), pair)
    return Transplant(tuple(pairs.values()))


def _report(found: Transplant) -> None:
    """List the weights that stay as they are."""
    for pair in (*found.of("shape"), *found.of("missing")):
        sys.stderr.write(f"{safe_text(f'{pair.path}/{pair.name}', 300)}: {pair.problem}\n")

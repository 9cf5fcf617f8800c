"""Convert a model file between legacy HDF5, the .keras archive and weights only.

Neither Keras nor the model's own code runs: the configuration is translated by rules, the
weights are copied. What has no counterpart on the other side is named on stderr.
"""

from __future__ import annotations

import argparse
import sys

from kerastui.convert import Form, convert, form_for
from kerastui.model import safe_text

_FORMS: dict[str, Form] = {
    "keras": "keras",
    "hdf5": "hdf5",
    "weights": "keras-weights",
    "legacy-weights": "hdf5-weights",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("model", metavar="IN", help="a full model: legacy HDF5 or .keras")
    parser.add_argument("target", metavar="OUT", help="the file to write")
    parser.add_argument(
        "--to", choices=sorted(_FORMS),
        help="the format, if not by OUT's ending: keras (.keras), hdf5 (.h5, .hdf5), weights "
        "(Keras 3's .weights.h5), legacy-weights (HDF5 by layer name)",
    )  # fmt: skip
    parser.add_argument(
        "--for", dest="dialect", choices=("keras3", "tf_keras"), default="keras3",
        help="which Keras is to load the HDF5 file (default: keras3)",
    )  # fmt: skip
    parser.add_argument(
        "--weights-only", action="store_true", help="into .h5: no configuration, weights by name"
    )
    parser.add_argument(
        "--drop-optimizer", action="store_true", help="leave the optimizer's state out"
    )
    parser.add_argument(
        "--strict", action="store_true", help="write nothing if anything has no counterpart"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what has no counterpart, write nothing"
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")


def run(options: argparse.Namespace) -> int:
    """Carry out a parsed command; return 0. Raises KerastuiError."""
    target: str = options.target
    form = _FORMS[options.to] if options.to else form_for(target, options.weights_only)
    converted = convert(
        options.model,
        target,
        form=form,
        dialect=options.dialect,
        drop_optimizer=options.drop_optimizer,
        strict=options.strict,
        replace=options.force or options.dry_run,
        dry_run=options.dry_run,
    )
    for sentence in converted.lost:
        sys.stderr.write(f"kerastui: {safe_text(sentence, 600)}\n")
    layers, total = len(converted.model.layers), converted.model.parameters.total
    done = "would be written" if options.dry_run else "written and read back"
    sys.stdout.write(f"{safe_text(target)}: {layers:,} layers, {total:,} parameters {done}.\n")
    return 0

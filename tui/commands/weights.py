"""Print figures of a model's weights, and what is odd about them.

PATTERN is a layer (all its weights), layer/weight, or a glob over either ('block*/kernel'); it
also means weights that no layer owns, by their names in the file.
Figures are of finite values; NaN and infinities are counted apart. With --fail-on the exit status
is 1 when any of these is found, so that a training pipeline stops:

  nan inf             values that are none, or infinite
  zero constant       all values are zero, or the same
  dead duplicates     filters or units of norm about 0, or equal to another
  saturated           the largest value that a float16 or float8 holds
  variance untouched  BatchNormalization: moving variance about 0; statistics as before training
  untrained           distributed as the layer's initializer draws it
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from kerastui.analysis.results import FLAGS, WeightStatistics
from kerastui.analysis.statistics import Key, all_weights, statistics_of, weight_at
from kerastui.analysis.statistics_output import as_csv, as_json
from kerastui.edits.matching import match_layers
from kerastui.edits.weights import match_weights
from kerastui.errors import BadEdit, UsageError
from kerastui.files import open_model
from kerastui.model import Model, Weight, safe_text
from kerastui.model.figures import count

from ..standard_streams import put, tell
from .weights_output import as_text

SORTS = ("path", "count", "dtype", "min", "max", "mean", "std", "l1", "l2", "zeros", "nan", "inf")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``kerastui weights``."""
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("pattern", metavar="PATTERN", nargs="?", help="a layer, a weight, a glob")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json",
        action="store_true",
        help="print JSON, with quantiles (schema: docs/weights-json.md)",
    )
    form.add_argument("--csv", action="store_true", help="print CSV, with quantiles")
    parser.add_argument(
        "--sort",
        metavar="KEY",
        choices=SORTS,
        help=f"numbers from the largest: {', '.join(SORTS)} (default: the model's order)",
    )
    parser.add_argument("--reverse", action="store_true", help="the other way round")
    parser.add_argument(
        "--fail-on",
        metavar="FLAGS",
        default="",
        help="exit status 1 if a weight has one of these: nan,inf,dead",
    )


def run(options: argparse.Namespace) -> int:
    """Carry out the command and return its exit status. Raises KerastuiError."""
    failing = _failing(options.fail_on)
    model = open_model(options.model)
    chosen = _chosen(model, options.pattern)
    full = options.json or options.csv
    try:
        rows = statistics_of(model, chosen, quantiles=full, duplicates=True, progress=_progress())
    finally:
        _clear()
    rows = _sorted(rows, options.sort, options.reverse)
    form = as_json if options.json else as_csv if options.csv else as_text
    put(form(rows))
    for note in model.notes:  # weights that could not even be listed, among others
        tell(safe_text(note, 500))
    return _verdict(rows, failing) if failing else _warning(rows)


def _failing(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in FLAGS:
            raise UsageError(f"--fail-on knows no {name!r}; it knows {', '.join(FLAGS)}.")
    return names


def _chosen(model: Model, pattern: str | None) -> tuple[Key, ...]:
    """Return the weights that the pattern means, in the model's order. Raises BadEdit."""
    every = all_weights(model)
    if pattern is None:
        return every
    layers = set[int]()
    for index in match_layers(model, pattern):
        layers |= {index, *range(index + 1, model.layers[index].end)}
    weights = set(match_weights(model, pattern))
    chosen = tuple(
        (index, number)
        for index, number in every
        if (index in layers or _names(model, (index, number)) in weights)
        or (index < 0 and _is_meant(model.extra[number], pattern))
    )
    if not chosen:
        raise BadEdit(
            f"No layer or weight of {model.file.path} matches {pattern!r}; `kerastui weights "
            "MODEL` lists them all."
        )
    return chosen


def _is_meant(weight: Weight, pattern: str) -> bool:
    """Whether a pattern means a weight that no layer owns: by the name that the file has."""
    name = weight.stored_name
    return any(fnmatchcase(text, pattern) for text in (name, name.removesuffix(":0")))


def _names(model: Model, key: Key) -> tuple[str, str] | None:
    layer, weight = weight_at(model, key)
    return (layer.path, weight.name) if layer else None


def _sorted(
    rows: Sequence[WeightStatistics], key: str | None, reverse: bool
) -> tuple[WeightStatistics, ...]:
    if key in ("path", "dtype"):
        return tuple(sorted(rows, key=lambda row: getattr(row, key), reverse=reverse))
    if key is None:
        return tuple(reversed(rows)) if reverse else tuple(rows)
    values = [getattr(row.figures, key, None) for row in rows]
    known = [(value, row) for value, row in zip(values, rows, strict=True) if value is not None]
    known.sort(key=lambda pair: pair[0], reverse=not reverse)
    unknown = [row for value, row in zip(values, rows, strict=True) if value is None]
    return (*(row for _, row in known), *unknown)


def _verdict(rows: Sequence[WeightStatistics], failing: tuple[str, ...]) -> int:
    """Name the weights that have a flag that is not to be; 1 if there are any."""
    bad = False
    for row in rows:
        words = [flag.name for flag in row.flags if flag.name in failing]
        if not row.readable:
            words.append("cannot be read")
        if words:
            bad = True
            tell(f"{safe_text(row.path, 300)}: {', '.join(words)}")
    return 1 if bad else 0


def _warning(rows: Sequence[WeightStatistics]) -> int:
    """Say that some weights have no figures though they should; 0."""
    bad = [safe_text(row.path, 100) for row in rows if not row.readable]
    if bad:
        some = ", ".join(bad[:3]) + (" and more" if len(bad) > 3 else "")
        number = f"{count(len(bad))} of {count(len(rows))}"
        tell(f"{number} weights cannot be read, their rows say why: {some}.")
    return 0


def _progress() -> Callable[[str, float], None] | None:
    """Return what shows progress on a terminal's last line; None where nobody looks."""
    if not sys.stderr.isatty():
        return None

    def report(path: str, part: float) -> None:
        sys.stderr.write(f"\r\x1b[K{part:4.0%} {safe_text(path, 60)}")
        sys.stderr.flush()

    return report


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")

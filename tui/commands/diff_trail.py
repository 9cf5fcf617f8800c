"""How far weights moved from checkpoint to checkpoint, as a table for 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerastui.analysis.compare_results import Trail, TrailRow
from kerastui.model import safe_text
from kerastui.model.figures import count, plural

from ...widgets.change_figures import percent, scale_of, sparkline
from .paint import Paint, cells, fit

WIDTH = 80
_CELL = 8
_LISTED = 10


def trail_text(found: Trail, colours: bool, *, everything: bool = False) -> str:
    """Return the table: weights down, steps from one file to the next across.

    A cell is the L2 norm of the change, in per cent of the weight's own. More steps than fit
    are told in further tables below; the bars, on a scale of powers of ten, show all of them.
    """
    paint = Paint(colours)
    lines = list(_files(found.files))
    rows = found.rows if everything else found.moving
    if rows:
        lines += _tables(rows, len(found.files) - 1, paint)
    still = len(found.rows) - len(found.moving)
    lines += ["", f"{count(len(found.moving))} of {plural(len(found.rows), 'weight')} moved"]
    if still and not everything:
        lines[-1] += f"; {count(still)} never did (--all lists them)"
    if found.missing:
        names = ", ".join(safe_text(path, 60) for path in found.missing[:_LISTED])
        more = " …" if len(found.missing) > _LISTED else ""
        lines.append(f"not in all files, or of other shapes: {names}{more}")
    return "\n".join(line.rstrip() for line in lines)


def _files(files: Sequence[str]) -> Iterator[str]:
    width = len(str(len(files)))
    for number, path in enumerate(files, 1):
        yield f"{number:>{width}}  {fit(safe_text(path, 1000), WIDTH - width - 2)}"


def _tables(rows: Sequence[TrailRow], steps: int, paint: Paint) -> Iterator[str]:
    bars = min(steps, 16)
    name = max(16, min(28, max(cells(safe_text(row.path, 500)) for row in rows)))
    fitting = max(1, (WIDTH - name - 1 - bars - _CELL) // _CELL)
    scale = scale_of(row.changes for row in rows)
    for first in range(0, steps, fitting):
        columns = range(first, min(first + fitting, steps))
        heads = "".join(f"{f'{i + 1}→{i + 2}':>{_CELL}}" for i in columns)
        yield ""
        yield paint("bold", f"{'weight':<{name}} {'':<{bars}}{heads}{f'1→{steps + 1}':>{_CELL}}")
        for row in rows:
            steps_text = "".join(f"{percent(row.changes[i]):>{_CELL}}" for i in columns)
            trend = paint("cyan", sparkline(row.changes, bars, scale))
            path = fit(safe_text(row.path, 500), name)
            yield f"{path} {trend}{steps_text}{percent(row.total):>{_CELL}}"

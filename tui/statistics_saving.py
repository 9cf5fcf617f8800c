"""Saving the table of statistics as CSV or JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kerastui.analysis.export_results import Saved
from kerastui.analysis.results import WeightStatistics
from kerastui.errors import KerastuiError
from kerastui.model import Destination, safe_text
from kerastui.model.figures import count, plural, size

from .look.saving import writable_folder
from .statistics_rows import WHOLE

if TYPE_CHECKING:
    from .statistics_board import StatisticsBoard


def save_table(screen: StatisticsBoard) -> None:
    """Ask where to, and have the rows written that are shown and known."""
    screen.run_worker(_save(screen), group="save table", exclusive=True)


async def _save(screen: StatisticsBoard) -> None:
    from .dialogs.confirm import ErrorDialog
    from .dialogs.save_shown import Offer, SaveShownDialog

    rows, lacking = shown_weights(screen)
    if not rows:
        screen.app.notify("There is nothing to save yet.", markup=False)
        return
    label = plural(len(rows), "weight") + (f", {count(lacking)} not computed yet" * bool(lacking))
    file = screen.model.file.path
    offer = Offer(label, f"{Path(file).stem}-statistics", (".csv", ".json"))
    folder = await asyncio.to_thread(writable_folder, file)
    dialog = SaveShownDialog([offer], folder, (file,))
    goal = cast("Destination | None", await screen.app.push_screen_wait(dialog))
    if goal is None:
        return
    try:
        text = await asyncio.to_thread(_text, rows, Path(goal.path).suffix.casefold())
        saved: Saved = await screen.analyst.ask("save_text", text, goal)
    except KerastuiError as error:
        screen.app.push_screen(ErrorDialog.of(error))
    else:
        screen.app.notify(_said(screen, len(rows), saved), markup=False)


def _said(screen: StatisticsBoard, weights: int, saved: Saved) -> str:
    """Say what was written where; of layers how many, too."""
    what = plural(weights, "weight")
    if screen.how.by_layer:
        layers = sum(row.found is not None for row in screen.table.rows)
        what += f" of {plural(layers, 'layer')}"
    return f"{what} → {safe_text(saved.path, 400)}, {size(saved.bytes)}"


def shown_weights(screen: StatisticsBoard) -> tuple[list[WeightStatistics], int]:
    """Return the figures of the rows that are shown, in their order (of layers all weights).

    Also how many of them are not known.
    """
    rows: list[WeightStatistics] = []
    lacking = 0
    for row in screen.table.rows:
        index, number = row.key
        layer = screen.model.layers[index] if index >= 0 else None
        length = len(layer.weights if layer else screen.model.extra)
        for place in range(length) if number == WHOLE else (number,):
            known = screen.found.get(index)
            lacking += known is None
            rows += [known[place]] if known else []
    return rows, lacking


def _text(rows: Sequence[WeightStatistics], suffix: str) -> str:
    from kerastui.analysis.statistics_output import as_csv, as_json

    return (as_json if suffix == ".json" else as_csv)(rows)

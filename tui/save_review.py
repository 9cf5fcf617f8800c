"""Looking at what a save would do before it is done, and asking where that matters."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kerastui.errors import KerastuiError

if TYPE_CHECKING:
    from kerastui.edits.document import Document
    from kerastui.edits.save_summary import SaveSummary

    from .dialogs.save_plan import SaveChoice
    from .filing_screen import FilingScreen


async def review(screen: FilingScreen, document: Document, target: str) -> SaveChoice | None:
    """Return how to save, None for not at all; asks only where there is something to know.

    A choice to drop the optimizer's state becomes a step of the document.
    """
    from .dialogs.save_plan import SaveChoice, SavePlanDialog

    try:
        future = screen.clerk.submit("plan", document.original, document.edits)
        summary = cast("SaveSummary", await asyncio.wrap_future(future))
    except KerastuiError:
        return SaveChoice()  # the save itself says what is in the way, and offers what to do
    if not summary.worth_asking:
        return SaveChoice()
    path = Path(target)
    compiled = document.model.compile
    dialog = SavePlanDialog(
        path, len(document.changes), summary,
        has_state=compiled is not None and compiled.has_optimizer_state,
        replaces=await asyncio.to_thread(path.exists),
    )  # fmt: skip
    choice = cast("SaveChoice | None", await screen.app.push_screen_wait(dialog))
    if choice is not None and choice.drop_state:
        from kerastui.edits import SetOptimizerState

        document.apply(SetOptimizerState(kept=False))
        screen.refresh_document()
    return choice

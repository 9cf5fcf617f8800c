"""Saving what a view shows."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kerastui.analysis.export_results import Saved
from kerastui.errors import KerastuiError
from kerastui.model import Destination, safe_text

from .subject import Subject
from .view import LookView, Saving

if TYPE_CHECKING:
    from .screen import LookScreen

_UNFIT = re.compile(r"[^\w.]+")
_LONGEST = 80
_WHOLE = "export_weight"


def save_shown(screen: LookScreen, view: LookView) -> None:
    """Ask in which form and where to, and have the analyst write it."""
    screen.run_worker(_save(screen, view), group="save shown", exclusive=True)


async def _save(screen: LookScreen, view: LookView) -> None:
    from ..dialogs.save_shown import Offer, SaveShownDialog

    subject = view.subject or screen.subject
    savings = [saving for saving in view.savings() if saving.request != _WHOLE]
    savings.append(_whole(subject))
    offers = [Offer(s.label, _name(subject, view, s), s.suffixes) for s in savings]
    model_file = subject.model.file.path
    folder = await asyncio.to_thread(writable_folder, model_file)
    dialog = SaveShownDialog(offers, folder, (model_file,))
    goal = cast("Destination | None", await screen.app.push_screen_wait(dialog))
    if goal is not None:
        await _write(screen, savings[dialog.index], goal)


async def _write(screen: LookScreen, saving: Saving, goal: Destination) -> None:
    """Have it written; say in a sentence that it was, or why not."""
    from ..dialogs.confirm import ErrorDialog
    from ..dialogs.progress import Progress, progress_shown

    async def ask(progress: Progress) -> Saved:
        return await screen.analyst.ask(
            saving.request, *saving.args, goal, progress=progress.report
        )

    asked: list[asyncio.Task[Saved]] = []

    def stop() -> None:
        asked[0].cancel()

    try:
        async with progress_shown(screen.app, "Saving", on_cancel=stop) as progress:
            asked.append(asyncio.create_task(ask(progress)))
            saved = await asked[0]
    except KerastuiError as error:
        screen.app.push_screen(ErrorDialog.of(error))
    except asyncio.CancelledError:
        if not asked or not asked[0].cancelled():  # the screen is leaving
            raise
        _tell(screen, "Stopped: nothing was saved.")
    else:
        _tell(screen, saved.sentence)


def _tell(screen: LookScreen, sentence: str) -> None:
    screen.notify(safe_text(sentence, 600), markup=False)


def _whole(subject: Subject) -> Saving:
    suffixes = (".npy", ".csv") if len(subject.weight.shape) <= 2 else (".npy",)
    return Saving("Whole weight", suffixes, _WHOLE, (subject.place, subject.dataset))


def _name(subject: Subject, view: LookView, saving: Saving) -> str:
    """Return a name for the file: ``conv1-kernel-histogram``, of the whole ``conv1-kernel``."""
    words = subject.path
    if saving.request != _WHOLE:
        words += f" {view.NAME.casefold()}"
    return _UNFIT.sub("-", words)[-_LONGEST:].strip("-.") or "weight"


def writable_folder(model_file: str) -> Path:
    """Return the folder of the model file, or the present one if that can only be read."""
    beside = Path(model_file).absolute().parent
    return beside if os.access(beside, os.W_OK) else Path.cwd()

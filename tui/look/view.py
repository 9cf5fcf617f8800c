"""What every view of a weight has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.containers import Vertical

from .analyst import Analyst
from .subject import Subject

if TYPE_CHECKING:
    from .figures_asking import FiguresAsked
    from .screen import LookScreen


@dataclass(frozen=True)
class Saving:
    """A way of saving what a view shows: the analyst is asked `request(*args, target path)`."""

    label: str
    """As offered: ``Picture``, ``This slice``, ``Whole weight``."""
    suffixes: tuple[str, ...]
    """Formats that the request can write: ``.png``, ``.svg``, ``.npy``, ``.csv``."""
    request: str
    args: tuple[Any, ...]


class LookView(Vertical):
    """One way of looking at a weight: a tab of `LookScreen`.

    A view is made when its tab is first seen. `look_at` is called then, and each time another
    weight is looked at while it is seen. Questions go to `analyst`, in Textual workers
    (``@work(exclusive=True, group=…)``): a new one ends the one before.
    """

    NAME: ClassVar[str] = ""
    """Title of the tab."""

    DEFAULT_CSS = """
    LookView { height: 1fr; }
    """

    subject: Subject | None = None
    """What is looked at."""

    @classmethod
    def suits(cls, subject: Subject) -> bool:
        """Whether this view has anything to show of a weight; other tabs are hidden."""
        return True

    def look_at(self, subject: Subject) -> None:
        """Show another weight; extend it in views."""
        self.subject = subject

    def savings(self) -> tuple[Saving, ...]:
        """Return the ways of saving what is seen now, the best one first."""
        return ()

    def focus_content(self) -> None:
        """Let what the keys act on have them."""
        for widget in self.query("*"):
            if widget.focusable and widget.display:
                widget.focus()
                return

    @property
    def analyst(self) -> Analyst:
        """Who answers questions about numbers."""
        return cast("LookScreen", self.screen).analyst

    @property
    def figures(self) -> FiguresAsked:
        """Who knows figures of the model's weights."""
        return cast("LookScreen", self.screen).figures

"""What saving a document will do besides its changes, in words: for a dialog."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SaveSummary:
    """The clerk's answer about a save that has not begun."""

    reordered: tuple[str, ...] = ()
    """Top-level layers whose list of weights is put in another order."""
    slots: str = ""
    """What happens to the optimizer's state; "" where nothing does."""
    warnings: tuple[str, ...] = ()
    """One sentence each."""

    @property
    def worth_asking(self) -> bool:
        """Whether there is anything to know before the file is written."""
        return bool(self.slots or self.warnings)

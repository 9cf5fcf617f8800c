"""A comparison that is under way in a clerk of its own."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from kerastui.clerk.client import Clerk


class Comparing:
    """Two model files, or a run's checkpoints, being compared; begun when this is made.

    It knows no screen and imports none, so that it can begin while Textual is still being
    imported. The clerk stays for what is asked afterwards, until `close`.

    Args:
        paths: two files, the older one first, or more in their order.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.clerk = Clerk()
        self.paths: tuple[str, ...] = ()
        """The files, in their order."""
        self.share: float | None = None
        """How much is done, from 0 to 1; None before anybody knows."""
        self.future: Future[Any] = Future()
        """What comes of it: a `Comparison` or a `Trail`, or a KerastuiError."""
        self.begin(paths)

    def begin(self, paths: Sequence[str]) -> None:
        """Compare these; what is under way is stopped."""
        self.stop()
        self.paths, self.share = tuple(paths), None
        request = ("compare", *self.paths) if len(self.paths) == 2 else ("trail", self.paths)
        self.future = self.clerk.submit(*request, progress=self._note)  # pyright: ignore[reportArgumentType]

    def _note(self, stage: str, share: float) -> None:
        """Take down what the clerk says, on another thread: the screen looks at it now and then."""
        self.share = share

    def stop(self) -> None:
        """Stop what is under way."""
        if not self.future.done():
            self.clerk.cancel(self.future)

    def close(self) -> None:
        """Let the clerk end."""
        self.clerk.cancel()
        self.clerk.close()

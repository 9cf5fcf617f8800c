"""How the worker says no."""

from __future__ import annotations

from typing import Any


class Failed(Exception):
    """A request that cannot be met; `fields` go into the answer.

    ``why`` among them is one word for the screen (``kind`` is the message's own).
    """

    def __init__(self, message: str, /, **fields: Any) -> None:
        super().__init__(message)
        self.fields = {"message": message, **fields}

"""The signs and words that tell a layer's state, the same in every widget.

State is never told by colour alone: each sign differs in shape, and each has a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .layer_rows import AUTO_NAMED, BOX_SIGNS, CHANGED

if TYPE_CHECKING:
    from kerastui.model import Box

__all__ = ["AUTO_NAMED", "BOX_ROLES", "BOX_SIGNS", "CHANGED", "CUSTOM", "FIXED", "flag"]

CUSTOM = "★"
"""A name that Keras does not know."""
FIXED = "◇"
"""A weight that is never trained, frozen or not: moving statistics and the like."""

BOX_ROLES: dict[Box, str] = {
    "all": "on",
    "none": "off",
    "some": "partly",
    "locked": "partly",
    "absent": "muted",
}
"""The role (see `flow`) in which the sign of a box is drawn."""


def flag(trainable: bool) -> tuple[str, str]:
    """Return sign and word of a flag, and the role that colours them."""
    sign = BOX_SIGNS["all" if trainable else "none"]
    return (f"{sign} trainable", "on") if trainable else (f"{sign} frozen", "off")

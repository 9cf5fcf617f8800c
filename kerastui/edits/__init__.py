"""What may change, and the history of it."""

from .document import Document, Edit, FlagChange, Step
from .trainable import SetTrainable, plan, require_flags, toward

__all__ = [
    "Document",
    "Edit",
    "FlagChange",
    "SetTrainable",
    "Step",
    "plan",
    "require_flags",
    "toward",
]

"""What may change, and the history of it."""

from . import choices
from .document import Document, Edit, FlagChange, Step
from .matching import find_layers, match_layers
from .trainable import SetTrainable, plan, require_flags, toward

__all__ = [
    "Document",
    "Edit",
    "FlagChange",
    "SetTrainable",
    "Step",
    "choices",
    "find_layers",
    "match_layers",
    "plan",
    "require_flags",
    "toward",
]

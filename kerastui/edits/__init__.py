"""What may change, and the history of it."""

from . import choices
from .changes import Change, Edit, FlagChange, WeightChange
from .document import Document
from .history import Step
from .matching import find_layers, match_layers
from .trainable import SetTrainable, plan, require_flags, toward
from .weights import SetWeight

__all__ = [
    "Change",
    "Document",
    "Edit",
    "FlagChange",
    "SetTrainable",
    "SetWeight",
    "Step",
    "WeightChange",
    "choices",
    "find_layers",
    "match_layers",
    "plan",
    "require_flags",
    "toward",
]

"""What may change, and the history of it."""

from . import choices
from .changes import Change, DtypeChange, Edit, FlagChange, RenameChange, WeightChange
from .document import Document
from .dtypes import ConvertDtype
from .history import Step
from .matching import find_layers, match_layers
from .naming import name_problems, spelling_problem
from .rename import Rename, consequences, name_mapping, names_between
from .trainable import SetTrainable, plan, require_flags, toward
from .weights import SetWeight

__all__ = [
    "Change",
    "ConvertDtype",
    "Document",
    "DtypeChange",
    "Edit",
    "FlagChange",
    "Rename",
    "RenameChange",
    "SetTrainable",
    "SetWeight",
    "Step",
    "WeightChange",
    "choices",
    "consequences",
    "find_layers",
    "match_layers",
    "name_mapping",
    "name_problems",
    "names_between",
    "plan",
    "require_flags",
    "spelling_problem",
    "toward",
]

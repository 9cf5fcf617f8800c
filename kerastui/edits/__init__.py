"""What may change, and the history of it."""

from . import choices
from .changes import Change, DtypeChange, Edit, FlagChange, RenameChange, WeightChange
from .compile_changes import CompileChange
from .compile_optimizer import SetOptimizer
from .compile_outputs import SetLoss, SetLossWeight, SetMetrics
from .compile_whole import SetCompile, SetOptimizerState
from .document import Document
from .dtypes import ConvertDtype
from .history import Step
from .matching import find_layers, match_layers
from .naming import name_problems, spelling_problem
from .rename import Rename, consequences, name_mapping, names_between
from .structure import AppendDense, CutHead, RestoreHead
from .structure_changes import CutChange, NewLayerChange
from .trainable import SetTrainable, plan, require_flags, toward
from .weights import SetWeight

__all__ = [
    "AppendDense",
    "Change",
    "CompileChange",
    "ConvertDtype",
    "CutChange",
    "CutHead",
    "Document",
    "DtypeChange",
    "Edit",
    "FlagChange",
    "NewLayerChange",
    "Rename",
    "RenameChange",
    "RestoreHead",
    "SetCompile",
    "SetLoss",
    "SetLossWeight",
    "SetMetrics",
    "SetOptimizer",
    "SetOptimizerState",
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

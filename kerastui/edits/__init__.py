"""What may change, and the history of it.

Names are loaded when first used: a screen that shows a model edits nothing yet.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import choices

if TYPE_CHECKING:
    from .changes import Change as Change
    from .changes import DtypeChange as DtypeChange
    from .changes import Edit as Edit
    from .changes import FlagChange as FlagChange
    from .changes import RenameChange as RenameChange
    from .changes import WeightChange as WeightChange
    from .compile_changes import CompileChange as CompileChange
    from .compile_optimizer import SetOptimizer as SetOptimizer
    from .compile_outputs import SetLoss as SetLoss
    from .compile_outputs import SetLossWeight as SetLossWeight
    from .compile_outputs import SetMetrics as SetMetrics
    from .compile_whole import SetCompile as SetCompile
    from .compile_whole import SetOptimizerState as SetOptimizerState
    from .document import Document as Document
    from .dtypes import ConvertDtype as ConvertDtype
    from .history import Step as Step
    from .matching import find_layers as find_layers
    from .matching import match_layers as match_layers
    from .naming import name_problems as name_problems
    from .naming import spelling_problem as spelling_problem
    from .rename import Rename as Rename
    from .rename import consequences as consequences
    from .rename import name_mapping as name_mapping
    from .rename import names_between as names_between
    from .structure import AppendDense as AppendDense
    from .structure import CutHead as CutHead
    from .structure import RestoreHead as RestoreHead
    from .structure_changes import CutChange as CutChange
    from .structure_changes import NewLayerChange as NewLayerChange
    from .trainable import SetTrainable as SetTrainable
    from .trainable import plan as plan
    from .trainable import require_flags as require_flags
    from .trainable import toward as toward
    from .weights import SetWeight as SetWeight

_HOMES = {
    name: module
    for module, names in {
        "changes": ("Change", "DtypeChange", "Edit", "FlagChange", "RenameChange", "WeightChange"),
        "compile_changes": ("CompileChange",),
        "compile_optimizer": ("SetOptimizer",),
        "compile_outputs": ("SetLoss", "SetLossWeight", "SetMetrics"),
        "compile_whole": ("SetCompile", "SetOptimizerState"),
        "document": ("Document",),
        "dtypes": ("ConvertDtype",),
        "history": ("Step",),
        "matching": ("find_layers", "match_layers"),
        "naming": ("name_problems", "spelling_problem"),
        "rename": ("Rename", "consequences", "name_mapping", "names_between"),
        "structure": ("AppendDense", "CutHead", "RestoreHead"),
        "structure_changes": ("CutChange", "NewLayerChange"),
        "trainable": ("SetTrainable", "plan", "require_flags", "toward"),
        "weights": ("SetWeight",),
    }.items()
    for name in names
}

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


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value

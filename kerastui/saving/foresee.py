"""What a save would touch, for whoever is to decide on it. Nothing is written."""

from __future__ import annotations

from pathlib import Path

from ..edits import Document, DtypeChange, FlagChange, RenameChange, WeightChange
from ..edits.head_hints import head_warnings
from ..edits.structure_changes import CutChange, NewLayerChange
from ..errors import KerastuiError
from ..model import Model
from .carry_out import look_into_archive
from .compile_plan import DROPPED, drops_state
from .failures import failed
from .flags import as_writable
from .opening import opened
from .plan import UNCHANGED, SavePlan, Work, plan_hdf5, warnings_for
from .restructure import restructured
from .same_file import check_identity
from .staging import look_into_structure
from .values import check_values, values_of


def plan_save(document: Document) -> SavePlan:
    """Return what saving the document would touch. Raises SaveFailed, FileChanged.

    Reads the file's lists, no arrays; nothing is written.
    """
    changes = document.changes
    if not changes:
        return SavePlan(slots=UNCHANGED)
    path = Path(document.original.file.path)
    before = document.original
    try:
        check_identity(path, before.file)
        after = as_writable(document.base, document.model)
        if after.structure is not None:
            structure = look_into_structure(path, before, after)
            slots = DROPPED if drops_state(before, after) else structure.report
            work = Work(*restructured(before, after))
            work.values = values_of(work.before, work.after)
            work.warnings = [*warnings_for(work), *head_warnings(before, after)]
        else:
            work = _look(path, before, after)
            slots = work.report
        check_values(work.values)
        links = path.stat().st_nlink
    except KerastuiError:
        raise
    except (OSError, RuntimeError) as error:
        raise failed(path, error) from error
    warnings = list(work.warnings)
    if links > 1:
        warnings.append(
            f"{path} is one file under {links} names (hard links); saving in place parts them, "
            "the others keep the old contents."
        )
    paths = tuple(after.layers[order.layer].path for order in work.orders)
    return SavePlan(
        flags=tuple(c for c in changes if isinstance(c, FlagChange)),
        names=tuple(c for c in changes if isinstance(c, RenameChange)),
        weights=tuple(c for c in changes if isinstance(c, WeightChange)),
        dtypes=tuple(c for c in changes if isinstance(c, DtypeChange)),
        reordered=paths,
        structure=tuple(c for c in changes if isinstance(c, (CutChange, NewLayerChange))),
        slots=slots,
        warnings=tuple(warnings),
    )


def _look(path: Path, before: Model, after: Model) -> Work:
    if before.format == "keras":
        return look_into_archive(path, before, after)
    with opened(path, "r") as file:
        return plan_hdf5(file, before, after)

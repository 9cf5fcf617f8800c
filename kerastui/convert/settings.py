"""Settings of one layer: which of them another era's class takes, and what is lost."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from ..files.entries import is_object
from ..model import safe_text
from ..model.eras import HARMLESS, MEANINGLESS
from .report import Report


def keep_known(
    settings: dict[str, Any], known: Collection[str], report: Report, where: str, to: str
) -> dict[str, Any]:
    """Return the settings that a class takes; what is lost by that is reported.

    None, False, empty values and those that `eras.HARMLESS` lists mean what the class does
    without the setting.
    """
    kept: dict[str, Any] = {}
    for key, value in settings.items():
        if key in known:
            kept[key] = value
        elif (
            key not in MEANINGLESS
            and value is not None
            and value is not False
            and value not in ({}, [], "")
            and value not in HARMLESS.get(key, ())
        ):
            shown = safe_text(json.dumps(value), 60)
            report.lost(f"the setting {key} ({shown}) has no counterpart in {to}.", where)
    return kept


def policy_today(dtype: Any) -> Any:
    """Return a dtype policy in Keras 3's form; a plain name stays one."""
    if not is_object(dtype) or "class_name" not in dtype:
        return dtype
    config = dtype.get("config")
    name = config.get("name") if is_object(config) else None
    if not isinstance(name, str):
        return "float32"
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": name},
        "registered_name": None,
    }


def policy_name(dtype: Any) -> Any:
    """Return the name of a dtype policy in any form."""
    config = dtype.get("config") if is_object(dtype) else None
    return config.get("name") if is_object(config) else dtype

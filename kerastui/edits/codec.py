"""Edits as a JSON document, and back: what `kerastui apply` takes (docs/edits-json.md).

::

    {"kerastui_edits": 1,
     "edits": [{"edit": "set_trainable", "layers": ["conv1"], "trainable": false}, …]}

The edits' own fields are declared beside the edits (`forms`). Reading is all or nothing: what
is damaged, unknown or of another version raises one `BadEdit`, and no edit comes back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from typing import Any, cast

from ..errors import BadEdit
from ..model import Model, safe_text
from .changes import Edit  # and with it all edits, which declare their forms
from .forms import Complete, Fields, Formed, class_of, kind_of, kinds

VERSION = 1
MAX_BYTES = 64 << 20
_MARK = "kerastui_edits"


def edits_to_json(edits: Iterable[Edit], base: str = "") -> str:
    """Return a document of edits as ASCII text, an edit a line.

    Args:
        edits: in the order in which they are to be applied.
        base: the folder that the text will lie in; files below it are named relative to it,
            so that the folder can be moved as a whole.
    """
    lines = [json.dumps(edit_to_fields(edit, base)) for edit in edits]
    inside = ",\n    ".join(lines)
    body = f"[\n    {inside}\n  ]" if lines else "[]"
    return f'{{\n  "{_MARK}": {VERSION},\n  "edits": {body}\n}}\n'


def edits_from_json(
    text: str | bytes, what: str = "The JSON", base: str = "", complete: Complete | None = None
) -> tuple[Edit, ...]:
    """Return the edits of a document.

    Args:
        text: the document.
        what: what to call it in messages (``edits.json``).
        base: the folder that it lies in, from which relative paths of files count.
        complete: finds out shape and dtype of arrays that are named by their file alone;
            without it they are refused.

    Raises BadEdit.
    """
    value = parse(text, what)
    if not isinstance(value, dict) or _MARK not in value:
        raise BadEdit(f"{what} is no list of edits of kerastui: it has no {_MARK!r}.")
    document = cast("dict[str, Any]", value)
    version, edits = document.pop(_MARK), document.pop("edits", None)
    if type(version) is not int or version != VERSION:
        raise BadEdit(
            f"{what} is of version {safe_text(version, 20)}, and this kerastui reads version "
            f"{VERSION}; nothing was applied."
        )
    if document:
        name = safe_text(next(iter(document)), 60)
        raise BadEdit(f"{what}: {name!r} is no field of it; nothing was applied.")
    if not isinstance(edits, list):
        raise BadEdit(f"{what}: 'edits' has to be a list; nothing was applied.")
    found = cast("list[object]", edits)
    return edits_from_fields(found, what, base, complete)


def edit_to_fields(edit: Edit, base: str = "") -> dict[str, Any]:
    """Return an edit's JSON object. Raises TypeError for an edit without a form."""
    fields = {"edit": kind_of(edit), **cast(Formed, edit).to_fields()}
    return _relative(fields, base) if base else fields


def edits_from_fields(
    values: Sequence[object], what: str, base: str = "", complete: Complete | None = None
) -> tuple[Edit, ...]:
    """Return the edits of JSON objects, as `edits_from_json`. Raises BadEdit."""
    return tuple(
        _edit(value, f"{what}, edit {number}", base, complete)
        for number, value in enumerate(values, 1)
    )


def apply_in_order(model: Model, edits: Sequence[Edit], what: str) -> None:
    """Raise BadEdit, naming the edit, unless all edits can be applied one after the other."""
    for number, edit in enumerate(edits, 1):
        try:
            model = edit.apply(model)
        except BadEdit as error:
            named = safe_text(edit.describe(), 120)
            raise BadEdit(f"{what}, edit {number} ({named}): {error}") from None


def parse(text: str | bytes, what: str) -> Any:
    """Return JSON's value; keys that are given twice are refused. Raises BadEdit.

    NaN and Infinity are taken: compile sections of model files may hold them.
    """
    if len(text) > MAX_BYTES:
        raise BadEdit(f"{what} has over {MAX_BYTES >> 20} MB; that is no list of edits.")
    try:
        given = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(given, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadEdit(f"{what} is no valid JSON ({where}); nothing was applied.") from None
    except UnicodeDecodeError:
        raise BadEdit(f"{what} is no UTF-8 text; nothing was applied.") from None
    except RecursionError:
        raise BadEdit(f"{what} is nested too deep; nothing was applied.") from None
    except ValueError as error:
        raise BadEdit(f"{what}: {safe_text(error, 200)}; nothing was applied.") from None


def _edit(value: object, what: str, base: str, complete: Complete | None) -> Edit:
    if not isinstance(value, dict):
        raise BadEdit(f"{what} has to be an object; nothing was applied.")
    values = dict(cast("dict[str, Any]", value))
    kind = values.pop("edit", None)
    cls = class_of(kind) if isinstance(kind, str) else None
    if cls is None:
        shown = safe_text(json.dumps(kind)[:80], 60)
        raise BadEdit(
            f"{what} is of the unknown kind {shown}; this kerastui knows {', '.join(kinds())}."
        )
    fields = Fields(f"{what} ({kind})", values, base, complete)
    edit = cls.from_fields(fields)
    fields.end()
    return edit


def _relative(fields: dict[str, Any], base: str) -> dict[str, Any]:
    """Name the files of arrays below `base` relative to it."""
    start = os.path.join(base, "")  # noqa: PTH118
    done: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            inner = cast("dict[str, Any]", value)
            file = inner.get("file")
            if isinstance(file, str) and "shape" in inner and file.startswith(start):
                rest = file[len(start) :]
                if rest and not os.path.isabs(rest):  # noqa: PTH117
                    value = {**inner, "file": rest}
        done[name] = value
    return done


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise ValueError(f"{safe_text(twice, 60)!r} is given twice, which contradicts itself")
    return found

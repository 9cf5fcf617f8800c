"""Whether two values of a setting mean the same, in whatever words the eras write them."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from ..model.readable import canonical
from ..model.values import as_list, as_mapping, setting

_CUT = ("…", " in all", "bytecode", "<lambda>", "<function>")
"""Texts that do not say all of a value."""
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
_LIKE = {
    "randomuniform": "uniform", "randomnormal": "normal", "hardsigmoidofkeras2": "clipped",
    "sequentiallayers=rescalingscale=0.2,offset=0.5,relumaxvalue=1": "clipped",
}  # fmt: skip
"""Further spellings of the same, as `canonical` has them."""
_KERAS_2 = "hard_sigmoid of Keras 2"
_CODE = frozenset({"function", "output_shape", "mask"})


def same(key: str, old: Any, new: Any) -> bool:
    """Return whether a setting means the same in both files."""
    if type(old) is type(new) and old == new:
        return True
    code = code_of(key, old)
    if code is not None:
        return code == code_of(key, new)
    one, other = setting(key, old), setting(key, new)
    if any(sign in text for sign in _CUT for text in (one, other)):
        return False
    return same_text(one, other)


def same_text(one: str, other: str) -> bool:
    """Return whether two values, as text, mean the same."""
    if one_spelling(one) != one_spelling(other):
        return False
    numbers = _NUMBER.findall(one), _NUMBER.findall(other)
    return len(numbers[0]) != len(numbers[1]) or numbers[0] == numbers[1]  # which have signs


def one_spelling(text: str) -> str:
    """Return names as `canonical` spells them; a minus counts where there are numbers alone."""
    if not any(c.isalpha() for c in text):
        return text
    plain = canonical(text.replace("L1L2Regularizer", "L1L2"))
    return _LIKE.get(plain, plain)


def in_era(key: str, value: Any, keras3: bool) -> Any:
    """Return a value that says of which era it is where that changes its meaning.

    Keras 2's ``hard_sigmoid`` is another function than that of Keras 3.
    """
    if keras3 or not key.endswith("activation"):
        return value
    return _KERAS_2 if one_spelling(setting(key, value)) == "hardsigmoid" else value


def texts(key: str, old: Any, new: Any) -> tuple[str, str]:
    """Return both values as text; the new one says so where its text is the same."""
    one, other = _text(key, old), _text(key, new)
    return one, f"{other} (another)" if one == other else other


def _text(key: str, value: Any) -> str:
    code = code_of(key, value)
    return setting(key, value) if code is None else f"Python bytecode, {len(code[0]):,} bytes"


def code_of(key: str, value: Any) -> tuple[bytes, Any, Any] | None:
    """Return the bytecode in a Lambda's setting, with its defaults and its closure; else None.

    It is compared, never run.
    """
    fields = as_mapping(value)
    if fields is not None and fields.get("class_name") == "__lambda__":
        inner = as_mapping(fields.get("config")) or {}
        parts = [inner.get("code", inner.get("value")), inner.get("defaults"), inner.get("closure")]
    else:
        parts = list(as_list(value) or ())
    if key not in _CODE or len(parts) != 3 or not isinstance(parts[0], str):
        return None
    return _decoded(parts[0]), parts[1], parts[2]


def _decoded(text: str) -> bytes:
    """Return the bytes of code: base64, or in the oldest files each byte as a character."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return text.encode("raw_unicode_escape")

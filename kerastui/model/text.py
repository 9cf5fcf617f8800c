"""Making text from a file fit to be shown.

A model file is untrusted: a layer may be named with terminal escapes, bidirectional
overrides or a megabyte of text. Textual passes ESC and C1 controls to the terminal as
they are, so every string that comes from a file goes through `safe_text` before it is
drawn, printed, put in a title, a tooltip or an error message.
"""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 200
"""Characters shown of one string, unless the caller asks for more."""

_PLAIN = re.compile(r"[ -~]*\Z")
# Characters that change how their neighbours are drawn, or that are not drawn at all.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
    "\U0001d173-\U0001d17a\ud800-\udfff]"
)
_CONTROLS = {code: chr(0x2400 + code) for code in range(0x20)}
_CONTROLS[0x7F] = "\u2421"
_CONTROLS.update({code: f"\\x{code:02x}" for code in range(0x80, 0xA0)})


def safe_text(value: object, limit: int = MAX_LENGTH) -> str:
    r"""Return `value` as one line of text that no terminal acts upon.

    C0 controls and DEL become their control pictures (ESC is shown as ``␛``), C1 controls,
    bidirectional and zero-width characters and lone surrogates become ``\x9b`` or
    ``\u202e``, long runs of combining marks are cut, and text over `limit` characters ends
    in ``…``. Plain ASCII comes back unchanged, at the cost of one regular expression.
    """
    text = value if isinstance(value, str) else str(value)
    if len(text) > limit:
        text = text[: max(0, limit - 1)] + "…"
    if _PLAIN.match(text):
        return text
    text = text.translate(_CONTROLS)
    text = _INVISIBLE.sub(lambda m: _escape(m.group()), text)
    return _thin_marks(text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _thin_marks(text: str) -> str:
    """Keep at most two combining marks in a row ("zalgo" text spills over other rows)."""
    if text.isascii():
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= 2:
            kept.append(character)
    return "".join(kept)

"""What the console's input knows of Python: when code is complete, and its colours."""

from __future__ import annotations

import ast
import codeop
import warnings
from collections.abc import Iterator

_COLOURS = {
    "Keyword": "keyword",
    "Operator.Word": "keyword",
    "Literal.String": "string",
    "Literal.Number": "number",
    "Comment": "comment",
    "Name.Builtin": "builtin",
    "Name.Function": "function",
}


def is_complete(code: str) -> bool:
    """Whether Python would run `code` as it stands; wrong code counts as complete.

    A compound statement of several lines is complete when a blank line ends it, as in
    Python's own console.
    """
    if code.rstrip(" ").endswith("\\"):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if codeop.compile_command(code, symbol="exec") is None:
                return False
            last = ast.parse(code).body[-1:]
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError):
        return True
    ends_inside = code.rpartition("\n")[2].startswith((" ", "\t"))
    return not (last and hasattr(last[0], "body") and ends_inside)


def python_spans(code: str) -> dict[int, list[tuple[int, int, str]]]:
    """Return for each line of `code` the spans (start, end, colour) to draw in colour."""
    from pygments.lexers.python import PythonLexer

    spans: dict[int, list[tuple[int, int, str]]] = {}
    row = column = 0
    for token, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(code):
        colour = _colour_of(str(token).removeprefix("Token."))
        for k, part in enumerate(text.split("\n")):
            if k:
                row, column = row + 1, 0
            if part and colour:
                spans.setdefault(row, []).append((column, column + len(part), colour))
            column += len(part)
    return spans


def _colour_of(token: str) -> str:
    return next((colour for name, colour in _COLOURS.items() if token.startswith(name)), "")


def history_matches(history: list[str], text: str) -> Iterator[str]:
    """Yield the inputs that contain `text`, newest first, each once."""
    seen: set[str] = set()
    for code in reversed(history):
        if text in code and code not in seen:
            seen.add(code)
            yield code

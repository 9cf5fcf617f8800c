"""Finding and evaluating the expression before the cursor, without running anything in it."""

from __future__ import annotations

import ast
import io
import tokenize
from typing import Any, NamedTuple

_SAFE_CALLS = frozenset({"get_layer"})
_OPENING = {"(": ")", "[": "]", "{": "}"}


class Unknown(Exception):
    """The expression has no value that can be had without running code."""


class Token(NamedTuple):
    """A token with its place as an offset into the code."""

    kind: int
    text: str
    start: int
    end: int


class Open(NamedTuple):
    """A bracket before the cursor that is still open."""

    bracket: str
    place: int
    """Index of its token."""


def tokens_before(code: str, position: int) -> tuple[list[Token], str]:
    """Return the tokens of ``code[:position]`` and the text of a string still open ("" if none).

    An open string is cut off, with its quote, before the rest is divided.
    """
    text = code[:position]
    cut, inside = _open_string(text)
    return _tokenize(text[:cut] if cut >= 0 else text), inside


def _open_string(text: str) -> tuple[int, str]:
    """Return where an unfinished string begins (-1: there is none) and what is in it."""
    i, count = 0, len(text)
    while i < count:
        char = text[i]
        if char == "#":
            end = text.find("\n", i)
            if end < 0:
                return -1, ""
            i = end
        elif char in "'\"":
            quote = text[i : i + 3] if text[i : i + 3] in ("'''", '"""') else char
            end = _string_end(text, i + len(quote), quote)
            if end < 0:
                return i, text[i + len(quote) :]
            i = end
            continue
        i += 1
    return -1, ""


def _string_end(text: str, i: int, quote: str) -> int:
    while i < len(text):
        if text[i] == "\\":
            i += 2
        elif text.startswith(quote, i):
            return i + len(quote)
        elif text[i] == "\n" and len(quote) == 1:
            return i
        else:
            i += 1
    return -1


def _tokenize(text: str) -> list[Token]:
    starts = [0]
    for line in text.splitlines(True):
        starts.append(starts[-1] + len(line))
    found: list[Token] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in (tokenize.OP, tokenize.NAME, tokenize.NUMBER, tokenize.STRING):
                (row, column), (end_row, end_column) = token.start, token.end
                found.append(
                    Token(
                        token.type,
                        token.string,
                        starts[row - 1] + column,
                        starts[end_row - 1] + end_column,
                    )
                )
    except (tokenize.TokenError, IndentationError, SyntaxError, IndexError):
        pass  # brackets are still open: the tokens so far are what is wanted
    return found


def open_brackets(tokens: list[Token]) -> list[Open]:
    """Return the brackets that are open at the end, outermost first."""
    stack: list[Open] = []
    for i, token in enumerate(tokens):
        if token.kind == tokenize.OP:
            if token.text in _OPENING:
                stack.append(Open(token.text, i))
            elif token.text in _OPENING.values() and stack:
                stack.pop()
    return stack


def before(tokens: list[Token], end: int) -> str:
    """Return the source of the primary expression (``a.b[0].c``) that ends before token `end`."""
    i = end - 1
    while i >= 0:
        token = tokens[i]
        if token.text in ("]", ")"):
            i = _matching(tokens, i)
            if i < 0:
                return ""
            if i == 0 or not _continues(tokens[i - 1]):
                break
        elif token.kind in (tokenize.NAME, tokenize.STRING, tokenize.NUMBER):
            if i == 0 or tokens[i - 1].text != ".":
                break
            i -= 1
        else:
            return ""
        i -= 1
    if i < 0 or end <= 0:
        return ""
    return " ".join(t.text for t in tokens[i:end])


def _continues(token: Token) -> bool:
    return token.kind in (tokenize.NAME, tokenize.STRING) or token.text in ("]", ")")


def _matching(tokens: list[Token], i: int) -> int:
    depth = 0
    while i >= 0:
        if tokens[i].text in (")", "]", "}"):
            depth += 1
        elif tokens[i].text in ("(", "[", "{"):
            depth -= 1
            if depth == 0:
                return i
        i -= 1
    return -1


def value_of(source: str, names: dict[str, Any]) -> Any:
    """Return what names, attributes and constant subscripts lead to. Raises Unknown.

    No call is made, but ``get_layer('…')`` on a live model.
    """
    import builtins

    try:
        node: Any = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unknown from None
    try:
        return _value(node, names, vars(builtins))
    except Unknown:
        raise
    except Exception as error:
        raise Unknown from error


def _value(node: Any, names: dict[str, Any], more: dict[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        if node.id in names:
            return names[node.id]
        if node.id in more:
            return more[node.id]
    elif isinstance(node, ast.Attribute):
        return getattr(_value(node.value, names, more), node.attr)
    elif isinstance(node, ast.Subscript):
        index = node.slice.value if type(node.slice).__name__ == "Index" else node.slice
        return _value(node.value, names, more)[_value(index, names, more)]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, names, more)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in _SAFE_CALLS and len(node.args) == 1 and not node.keywords:
            return _value(node.func, names, more)(_value(node.args[0], names, more))
    raise Unknown

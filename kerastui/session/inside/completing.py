"""Completion and signatures on live objects."""

from __future__ import annotations

import builtins
import inspect
import keyword
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .expressions import Open, Token, Unknown, before, open_brackets, tokens_before, value_of

MAX_OFFERED = 500
_NAME = re.compile(r"[^\W\d]\w*\Z|\Z")


class Completer:
    """Offers what may be written at the cursor."""

    def __init__(self, names: dict[str, Any], prepare: Callable[[str], None]) -> None:
        """`prepare(code)` makes the names that are only made when they occur."""
        self._names = names
        self._prepare = prepare

    def complete(self, code: str, position: int) -> dict[str, Any]:
        """Return ``start``, from where the text is replaced, and ``offers``.

        An offer has ``text``, and ``kind``: attribute, function, class, module, name,
        keyword, argument, key. At most 500, names with a leading underscore last.
        """
        self._prepare(code)
        tokens, inside = tokens_before(code, position)
        text = code[:position]
        if inside or (text[-1:] in "'\"" and _quote_is_open(text, tokens)):
            return self._strings(tokens, inside, position)
        typed, dotted = _typed(tokens, position)
        start = position - len(typed)
        end = len(tokens) - (1 if typed else 0)
        if dotted:
            offers = self._attributes(before(tokens, end - 1), typed)
        else:
            offers = self._arguments(tokens[:end], typed) + self._known(typed)
        return {"start": start, "offers": _sorted(offers)[:MAX_OFFERED]}

    def signature(self, code: str, position: int) -> dict[str, Any]:
        """Return ``text``, ``parameters``, ``active`` (an index or -1) and ``doc``; {} if none."""
        self._prepare(code)
        tokens, _ = tokens_before(code, position)
        for opened in reversed(open_brackets(tokens)):
            if opened.bracket != "(" or opened.place == 0:
                continue
            source = before(tokens, opened.place)
            if not source or keyword.iskeyword(source):
                continue
            try:
                function = value_of(source, self._names)
                parameters = list(inspect.signature(function).parameters.values())
            except (Unknown, TypeError, ValueError):
                continue
            return _told(source, function, parameters, tokens[opened.place + 1 :])
        return {}

    def _attributes(self, source: str, typed: str) -> list[dict[str, str]]:
        try:
            value = value_of(source, self._names)
            listed = dir(value)
        except Exception:  # the user's own __dir__
            return []
        found = [n for n in listed if isinstance(n, str) and n.startswith(typed)]
        if not typed.startswith("_"):
            found = [n for n in found if not n.startswith("__")]
        return [{"text": n, "kind": _kind(value, n)} for n in found[: 4 * MAX_OFFERED]]

    def _known(self, typed: str) -> list[dict[str, str]]:
        offers: dict[str, str] = {}
        for name in ("K", "tf", *self._names):
            if name.startswith(typed) and (typed or not name.startswith("_")):
                offers[name] = _kind_of(self._names.get(name))
        if typed:
            for name, value in vars(builtins).items():
                if name.startswith(typed):
                    offers.setdefault(name, _kind_of(value))
            for name in keyword.kwlist:
                if name.startswith(typed):
                    offers[name] = "keyword"
        return [{"text": name, "kind": kind} for name, kind in offers.items()]

    def _arguments(self, tokens: list[Token], typed: str) -> list[dict[str, str]]:
        opened = open_brackets(tokens)
        if not opened or opened[-1].bracket != "(" or tokens[-1].text not in ("(", ","):
            return []
        try:
            function = value_of(before(tokens, opened[-1].place), self._names)
            parameters = inspect.signature(function).parameters.values()
        except (Unknown, TypeError, ValueError):
            return []
        given = {t.text for t in tokens[opened[-1].place :]}
        kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        return [
            {"text": p.name + "=", "kind": "argument"}
            for p in parameters
            if p.kind in kinds and p.name.startswith(typed) and p.name not in given
        ]

    def _strings(self, tokens: list[Token], inside: str, position: int) -> dict[str, Any]:
        """Offer keys and layer names inside a string that is being typed."""
        opened = open_brackets(tokens)
        found: Iterable[str] = ()
        if opened and opened[-1].place == len(tokens) - 1:
            found = self._keys(tokens, opened[-1])
        offers = [{"text": key, "kind": "key"} for key in found if key.startswith(inside)]
        return {"start": position - len(inside), "offers": offers[:MAX_OFFERED]}

    def _keys(self, tokens: list[Token], opened: Open) -> list[str]:
        source = before(tokens, opened.place)
        try:
            if opened.bracket == "[":
                return _keys_of(value_of(source, self._names))
            if opened.bracket == "(" and source.endswith("get_layer"):
                model = value_of(source.rpartition(".")[0], self._names)
                return [str(layer.name) for layer in model.layers]
        except Exception:  # the user's own keys()
            return []
        return []


def _quote_is_open(text: str, tokens: list[Token]) -> bool:
    return not tokens or tokens[-1].end < len(text)


def _typed(tokens: list[Token], position: int) -> tuple[str, bool]:
    """Return the name being typed and whether a dot precedes it."""
    if not tokens or tokens[-1].end != position:
        return "", False
    last = tokens[-1].text
    if last == ".":
        return "", True
    if _NAME.match(last):
        return last, len(tokens) > 1 and tokens[-2].text == "."
    return "", False


def _keys_of(value: Any) -> list[str]:
    special = getattr(type(value), "_ipython_key_completions_", None)
    if special is not None:
        keys: Any = special(value)
    elif isinstance(value, Mapping) or hasattr(value, "keys"):
        keys = value.keys()
    elif getattr(getattr(value, "dtype", None), "names", None):
        keys = value.dtype.names
    else:
        return []
    return [key for _, key in zip(range(100_000), keys) if isinstance(key, str)]


def _kind(value: Any, name: str) -> str:
    try:
        return _kind_of(inspect.getattr_static(value, name), "attribute")
    except (AttributeError, TypeError, ValueError):
        return "attribute"


def _kind_of(value: Any, otherwise: str = "name") -> str:
    if isinstance(value, type):
        return "class"
    if inspect.ismodule(value):
        return "module"
    if isinstance(value, (staticmethod, classmethod)) or inspect.isroutine(value):
        return "function"
    return otherwise


def _sorted(offers: list[dict[str, str]]) -> list[dict[str, str]]:
    order = {"argument": 0}
    return sorted(
        offers,
        key=lambda o: (order.get(o["kind"], 1), o["text"].startswith("_"), o["text"].lower()),
    )


def _told(
    source: str, function: Any, parameters: list[inspect.Parameter], tokens: list[Token]
) -> dict[str, Any]:
    shown = [_shown(p) for p in parameters]
    doc = inspect.getdoc(function) or ""
    return {
        "text": f"{source.replace(' ', '')}({', '.join(shown)})",
        "parameters": shown,
        "active": _active(parameters, tokens),
        "doc": doc.strip().split("\n\n")[0][:500],
    }


def _shown(parameter: inspect.Parameter) -> str:
    """Return a parameter as people write it: without ``Any``, and types without quotes."""
    kind = parameter.annotation
    if isinstance(kind, str):
        parameter = parameter.replace(annotation=inspect.Parameter.empty)
        text = str(parameter)
        if kind not in ("Any", "object"):
            name, equals, default = text.partition("=")
            text = f"{name}: {kind}" + (f" = {default}" if equals else "")
    else:
        text = str(parameter if kind is not Any else parameter.replace(annotation=parameter.empty))
    return text if len(text) < 100 else parameter.name


def _active(parameters: list[inspect.Parameter], tokens: list[Token]) -> int:
    depth = place = 0
    last: list[str] = []
    for token in tokens:
        if token.text in ("(", "[", "{"):
            depth += 1
        elif token.text in (")", "]", "}"):
            depth -= 1
        elif token.text == "," and depth == 0:
            place += 1
            last = []
            continue
        last.append(token.text)
    names = [p.name for p in parameters]
    if len(last) > 1 and last[1] == "=" and last[0] in names:
        return names.index(last[0])
    for i, parameter in enumerate(parameters):
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL and place >= i:
            return i
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            return -1
    return place if place < len(parameters) else -1

# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false
# (Tensors and arrays of whatever backend: they have no types here.)
"""The user's answers to missing names, turned into objects for Keras.

An answer is a plain dictionary: ``name`` (the key that Keras looks up), ``kind`` (as in
`needs`), ``how`` and ``value``:

- ``file``: a path to a Python file; ``module``: a dotted name that can be imported;
- ``expression``: Python, evaluated with ``K``, ``keras``, ``tf`` and ``np`` at hand;
- ``classic``: one of `classics`, ``value`` its name (or empty: the name itself);
- ``standin``: for a layer or model a class of `standins`; a metric or loss is left out.
"""

from __future__ import annotations

import ast
import contextlib
import sys
import types
from pathlib import Path
from typing import Any

from . import classics, scripts, standins
from .scripts import Printed, UserCodeError

_FUNCTIONS = frozenset({"activation", "loss", "metric", "function"})
_CLASSES = frozenset({"layer", "model"})


class Resolved:
    """What `resolve` gives: objects by name, problems, names to leave out, what was printed."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}
        self.problems: list[dict[str, Any]] = []
        self.left_out: list[str] = []
        self.printed = ""

    def __iter__(self) -> Any:
        """Unpack as ``objects, problems``."""
        return iter((self.objects, self.problems))


class Resolver:
    """Turns answers into objects; a file that serves many rows runs once."""

    def __init__(
        self, keras: Any, tf: Any = None, k: Any = None, layers: dict[str, Any] | None = None
    ) -> None:
        """`k` is what `backend.make` gave; `layers` what `standins` needs of the file."""
        self.keras = keras
        self.tf = tf
        self.k = k
        self.layers = layers or {}
        self._sources: dict[tuple[str, str], Any] = {}

    def resolve(self, answers: list[dict[str, Any]]) -> Resolved:
        """Resolve all answers; a failing one becomes a problem, the others still count."""
        result, printed = Resolved(), Printed()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            for answer in answers:
                try:
                    found = self._one(answer)
                except UserCodeError as problem:
                    result.problems.append({"name": answer.get("name", ""), **problem.row()})
                    continue
                if found is None:
                    result.left_out.append(answer["name"])
                else:
                    result.objects[answer["name"]] = found
        result.printed = printed.text()
        return result

    def _one(self, answer: dict[str, Any]) -> Any:
        name, how = str(answer["name"]), answer.get("how")
        value, kind = answer.get("value") or "", answer.get("kind") or ""
        if how in ("file", "module"):
            return self._named(self._source(how, str(value)), name, kind, str(value))
        if how == "expression":
            return self._checked(scripts.run_expression(str(value), self.names()), name, kind)
        if how == "classic":
            made = classics.make(self.keras)
            wanted = str(value) or _plain(name)
            if wanted not in made:
                raise UserCodeError(f"kerastui has no classic named {wanted}.")
            return made[wanted]
        if how == "standin":
            if kind in ("layer", "model", ""):
                sort = "model" if kind == "model" else "layer"
                return standins.make(self.keras, name, self.layers.get(name) or {}, sort)
            return standins.instead_of(self.keras, name, kind)
        raise UserCodeError(f"{how!r} is no way to give {name}.")

    def names(self) -> dict[str, Any]:
        """Return the names that expressions may use."""
        import numpy as np

        return {"K": self.k, "keras": self.keras, "tf": self.tf, "np": np}

    def _source(self, how: str, value: str) -> dict[str, Any]:
        if not value:
            raise UserCodeError("No file or module was given.")
        if how == "file" and scripts.is_module_name(value):
            how = "module"
        key = (how, value)
        if key not in self._sources:
            before = set(self._registry())
            try:
                names = scripts.run_file(value) if how == "file" else scripts.run_module(value)
                registry = self._registry()
                new = {k: registry[k] for k in registry if k not in before}
                self._sources[key] = (names, new)
            except UserCodeError as problem:
                self._sources[key] = problem
        found = self._sources[key]
        if isinstance(found, UserCodeError):
            raise found
        names, registered = found
        return {**names, **registered}

    def _named(self, names: dict[str, Any], name: str, kind: str, where: str) -> Any:
        """Find a name in a module: itself, under its package, in CUSTOM_OBJECTS."""
        given = names.get("custom_objects", names.get("CUSTOM_OBJECTS"))
        for table in (given if isinstance(given, dict) else {}, names, self._registry()):
            for key in (name, _plain(name)):
                if key in table:
                    return self._checked(table[key], name, kind)
        if name == "<lambda>":
            return self._only_lambda(names, name, kind, where)
        if "." in name and (name.rsplit(".", 1)[-1] in names):
            return self._checked(names[name.rsplit(".", 1)[-1]], name, kind)
        raise UserCodeError(f"{where} does not define {_plain(name)}.", file=where)

    def _only_lambda(self, names: dict[str, Any], name: str, kind: str, where: str) -> Any:
        """A file gives ``<lambda>`` if one lambda, and only one, is bound in it."""
        found = [v for v in names.values() if getattr(v, "__name__", "") == "<lambda>"]
        if len(found) != 1:
            raise UserCodeError(
                "{} has {} lambdas; name the function for {} in an expression instead.".format(
                    where, len(found) or "no", name
                ),
                file=where,
            )
        return self._checked(found[0], name, kind)

    def _checked(self, value: Any, name: str, kind: str) -> Any:
        """Raise UserCodeError for an object that Keras could not use; wrap what it could not see.

        Keras replaces a bare name by a custom object only if that is a plain function
        (``inspect.isfunction``), so a callable of another sort gets a function around it.
        """
        if isinstance(value, types.ModuleType) or not callable(value):
            raise UserCodeError(f"{_plain(name)} is {_article(value)}, and no class or function.")
        if kind in _CLASSES and not isinstance(value, type):
            raise UserCodeError(f"{_plain(name)} should be a {kind} class, not a function.")
        layers = self.keras.layers
        if kind == "layer" and not (isinstance(value, type) and issubclass(value, layers.Layer)):
            raise UserCodeError(
                f"{_plain(name)} is a class, but no {self.keras.__name__}.layers.Layer: "
                "was it written for another Keras?"
            )
        if kind in _FUNCTIONS and not isinstance(value, (type, types.FunctionType)):
            return _as_function(value, _plain(name))
        return value

    def _registry(self) -> dict[str, Any]:
        for holder in ("saving", "utils"):
            getter = getattr(getattr(self.keras, holder, None), "get_custom_objects", None)
            if getter is not None:
                return getter()
        return {}


def resolve(
    answers: list[dict[str, Any]],
    keras: Any,
    tf: Any = None,
    k: Any = None,
    layers: dict[str, Any] | None = None,
) -> Resolved:
    """Return objects and problems for the answers; unpacks as both.

    KeyboardInterrupt is passed on: a file that loops for ever is ended by SIGINT.
    """
    return Resolver(keras, tf, k, layers).resolve(answers)


def defines(where: str, names: list[str], folders: list[str] | None = None) -> list[str]:
    """Return which of the missing `names` a file or module defines, without running it.

    Reads the syntax tree: functions, classes, assignments, imports, loops over them at the
    top level (also under ``if``, ``try`` and ``with``), the strings of
    ``register_keras_serializable`` and the keys of ``custom_objects``. Raises UserCodeError.
    """
    path = find_module(where, folders) if scripts.is_module_name(where) else where
    tree = scripts.parse(scripts.read_source(path), path)
    bound = _bound(tree)
    return [n for n in names if n in bound or _plain(n) in bound]


def find_module(name: str, folders: list[str] | None = None) -> str:
    """Return the source file of a dotted name, found without importing. Raises UserCodeError."""
    for folder in [*(folders or []), *sys.path]:
        base = Path(folder or ".").joinpath(*name.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return str(path)
    raise UserCodeError(f"There is no module {name}.")


def _bound(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    todo: list[Any] = list(tree.body)
    lambdas = 0
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            names.add(node.name)
            names.update(_registered(node))
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((a.asname or a.name).split(".")[0] for a in node.names)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
            names.update(_keys(targets, node.value))
            lambdas += isinstance(node.value, ast.Lambda)
        todo.extend(c for c in ast.iter_child_nodes(node) if isinstance(c, ast.stmt))
        todo.extend(c for c in ast.iter_child_nodes(node) if isinstance(c, ast.ExceptHandler))
    return names | ({"<lambda>"} if lambdas == 1 else set())


def _registered(node: Any) -> list[str]:
    """The key of ``@register_keras_serializable("package", name="…")``."""
    for call in node.decorator_list:
        called = call.func if isinstance(call, ast.Call) else call
        label = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if label != "register_keras_serializable":
            continue
        given = {"package": "Custom", "name": node.name}
        if isinstance(call, ast.Call):
            pairs = list(zip(("package", "name"), call.args))
            pairs += [(k.arg, k.value) for k in call.keywords if k.arg]
            given.update({k: v.value for k, v in pairs if isinstance(v, ast.Constant)})
        return ["{}>{}".format(given["package"], given["name"])]
    return []


def _keys(targets: list[Any], value: Any) -> list[str]:
    """The keys of ``custom_objects = {"f1": …}``."""
    named = {t.id.lower() for t in targets if isinstance(t, ast.Name)}
    if "custom_objects" not in named or not isinstance(value, ast.Dict):
        return []
    return [k.value for k in value.keys if isinstance(k, ast.Constant) and type(k.value) is str]


def _plain(name: str) -> str:
    return name.rsplit(">", 1)[-1]


def _article(value: Any) -> str:
    kind = type(value).__name__
    return ("an " if kind[:1].lower() in "aeiou" else "a ") + kind


def _as_function(value: Any, name: str) -> Any:
    def function(*args: Any, **kwargs: Any) -> Any:
        return value(*args, **kwargs)

    function.__name__ = function.__qualname__ = name
    return function

"""Finding code in a model's configuration, before anything is loaded.

The scan walks every dictionary and list of the parsed configuration, at any depth, by a
worklist. It imports, unmarshals and runs nothing. What counts is the parsed value: JSON
escapes, decoys and stale bytes make no difference. The rules are in `code_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

from .code_rules import Hit, judge

Verdict = Literal["clean", "found", "could not tell"]
MAX_ITEMS = 5_000_000
"""Dictionaries, lists and values looked at. A model of 20,000 layers has a million."""
_MAX_PATH = 1000
_MAX_NAME = 200


@dataclass(frozen=True)
class CodeFinding:
    """One place where a file brings or names code."""

    kind: str
    """``bytecode``, ``function``, ``class``, ``operator``, ``file``, ``pickle``, ``name``, …"""
    layer: str
    """Path of the layer (``vgg/lambda_1``), or ``compile section``."""
    what: str
    """One clear sentence, text of the file included: pass it through `safe_text`."""
    where: str = ""
    """The key in the layer's configuration (``function``, ``output_shape``)."""
    runs: bool = True
    """Whether loading may run it. If not, it only names what the user would have to give."""
    imports: bool = False
    """Whether tf_keras and Keras before 3.12 would import the module that the file names."""
    bytecode: str | None = None
    """The marshalled code as the file has it: see `disassembly.describe`."""


@dataclass(frozen=True)
class ScanResult:
    """What a scan says; `could not tell` is no `clean`."""

    verdict: Verdict
    findings: tuple[CodeFinding, ...] = ()
    why: str = ""
    """Why the scan could not tell."""

    @property
    def needs_consent(self) -> bool:
        """Whether the user must be asked before any Keras loads the file."""
        return self.verdict != "clean"

    def needs_consent_in(self, *, importing: bool) -> bool:
        """The same for a Keras that imports what a file names, unless it was given.

        That is tf_keras, and Keras before 3.12: a module of the name may lie in the working
        directory, beside a hostile file.
        """
        return self.needs_consent or (importing and any(f.imports for f in self.findings))


@dataclass(frozen=True)
class _Place:
    value: Any
    layer: str
    key: str
    inside: str
    """Class name of the object that holds the value."""


def scan(model_config: Any, compile_config: Any = None) -> ScanResult:
    """Scan a parsed ``model_config`` (or ``config.json``) and ``training_config``.

    The verdict is ``found`` if loading may run something, ``could not tell`` if a part is
    not what Keras writes (text instead of an object) or is too large, else ``clean``; names
    of the user's own classes are listed but make no ``found``. A weights-only file has
    neither part: ``scan(None)`` is clean, as there is nothing that could name code.
    """
    findings: list[CodeFinding] = []
    why = ""
    roots = ((model_config, "", "model_config"), (compile_config, "compile section", "compile"))
    for value, layer, name in roots:
        if value is None:
            continue
        if not isinstance(value, (dict, list)):
            why = why or f"The {name} is {_article(value)} and no JSON object."
            continue
        why = _walk(_Place(value, layer, "", ""), findings) or why
    unique = tuple(dict.fromkeys(findings))
    if why:
        return ScanResult("could not tell", unique, why)
    return ScanResult("found" if any(f.runs for f in unique) else "clean", unique)


def _walk(root: _Place, findings: list[CodeFinding]) -> str:
    """Walk one configuration; return why it could not be walked to its end, or ``""``."""
    todo, seen, top = [root], 0, True
    while todo:
        place = todo.pop()
        seen += 1
        if seen > MAX_ITEMS:
            return f"The configuration has more than {MAX_ITEMS:,} entries."
        if isinstance(place.value, dict):
            entry = cast("dict[Any, Any]", place.value)
            layer = place.layer if top and not place.layer else _layer_path(entry, place.layer)
            top = False
            findings.extend(_finding(h, layer, place.key) for h in judge(entry, place.inside))
            todo.extend(reversed(list(_parts(entry, layer, place.key))))
        elif isinstance(place.value, list):
            items = cast("list[Any]", place.value)
            # Numbers and short strings in long lists (vocabularies) need no look each.
            todo.extend(
                _Place(item, place.layer, place.key, "")
                for item in reversed(items)
                if isinstance(item, (dict, list))
            )
            seen += len(items)
    return ""


def _parts(entry: dict[Any, Any], layer: str, key: str) -> Iterator[_Place]:
    class_name = entry.get("class_name")
    for name, value in entry.items():
        if not isinstance(value, (dict, list)):
            continue
        if name == "compile_config" and isinstance(value, dict):
            yield _Place(value, "compile section", "", "")
        elif name == "config" and isinstance(class_name, str):
            yield _Place(value, layer, key, class_name)
        else:
            yield _Place(value, layer, str(name), "")


def _layer_path(entry: dict[Any, Any], above: str) -> str:
    """The path of a layer's own entry; other entries belong to the layer around them."""
    config: Any = entry.get("config")
    name: Any = entry.get("name")
    if "class_name" not in entry or not isinstance(config, (dict, list)):
        return above
    if isinstance(config, dict):
        settings = cast("dict[str, Any]", config)
        layered = "trainable" in settings or "layers" in settings or "inbound_nodes" in entry
        lambdas = entry.get("class_name") == "Lambda"
        if not (layered or lambdas or "batch_input_shape" in settings):
            return above
        name = settings.get("name", name)
    if not isinstance(name, str):
        name = str(entry.get("class_name"))
    name = name[:_MAX_NAME]
    if len(above) > _MAX_PATH:  # else a deep nest of models costs time without end
        above = above.partition("/…")[0][:_MAX_PATH] + "/…"
    return f"{above}/{name}" if above else name


def _finding(hit: Hit, layer: str, key: str) -> CodeFinding:
    return CodeFinding(
        kind=hit.kind,
        layer=layer or "the model itself",
        what=hit.what,
        where=hit.where or key,
        runs=hit.runs,
        imports=hit.imports,
        bytecode=hit.bytecode,
    )


def _article(value: object) -> str:
    kind = type(value).__name__
    return ("an " if kind[:1] in "aeiou" else "a ") + kind

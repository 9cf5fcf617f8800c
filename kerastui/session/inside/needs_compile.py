# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
# (Values of a JSON file are narrowed where they are used; they have no types before.)
"""Following what a model was compiled with: losses, metrics, optimizer (see `needs`)."""

from __future__ import annotations

from typing import Any

from .needs_layers import SPECIAL, LayerWalk
from .rows import Rows

_WRAPPERS = {
    "MeanMetricWrapper": "metric",
    "SumOverBatchSizeMetricWrapper": "metric",
    "LossFunctionWrapper": "loss",
}


class CompileWalk:
    """`archive`: the section is a ``.keras`` file's ``compile_config``."""

    def __init__(self, rows: Rows, archive: bool) -> None:
        self.rows = rows
        self.known = rows.known
        self.archive = archive
        self._objects = LayerWalk(rows)

    def section(self, training: dict[str, Any]) -> None:
        """Walk a whole ``training_config`` or ``compile_config``."""
        optimizer = training.get("optimizer_config", training.get("optimizer"))
        self._optimizer(optimizer, "optimizer")
        for kind, key in (("loss", "loss"), ("metric", "metrics"), ("metric", "weighted_metrics")):
            for value, output in _flat(training.get(key)):
                use = key.rstrip("s") if key != "loss" else "loss"
                use = use.replace("_", " ") + (" of output " + output if output else "")
                self._one(kind, value, use)

    def names(self, training: dict[str, Any]) -> set[str]:
        """Return the function names among the losses and metrics."""
        found: set[str] = set()
        for key in ("loss", "metrics", "weighted_metrics"):
            for value, _output in _flat(training.get(key)):
                if isinstance(value, str):
                    found.add(value)
        return found

    def _one(self, kind: str, value: Any, use: str) -> None:
        if isinstance(value, str):
            if value and not self.known.name(kind, value):
                self.rows.add(kind, value, use)
            return
        class_name, inner = value["class_name"], value.get("config")
        if class_name in SPECIAL:
            return
        if class_name == "function":
            self._objects.obj(kind, value, use)
            return
        if not self._knows_class(kind, value):
            registered = value.get("registered_name")
            key = registered if isinstance(registered, str) else class_name
            self.rows.add(kind, key, use, value.get("module"), registered)
        elif isinstance(inner, dict) and class_name in _WRAPPERS:
            self._wrapped(kind, inner.get("fn"), use)

    def _knows_class(self, kind: str, value: dict[str, Any]) -> bool:
        class_name, module = value["class_name"], value.get("module")
        registered = value.get("registered_name")
        if registered in self.known.registered or class_name in self.known.registered:
            return True
        if self.archive:
            return isinstance(module, str) and self.known.symbol(module, class_name)
        return self.known.name(kind, class_name) and value.get("module", "") is not None

    def _wrapped(self, kind: str, fn: Any, use: str) -> None:
        """The function inside MeanMetricWrapper or LossFunctionWrapper.

        Keras 3 leaves the name as it is, unless it is a custom object. Names of Keras's own
        functions do no harm until the metric is computed (a repair's business). Aliases of
        its classes (``precision``) do not count: the file's function is somebody's own.
        """
        if isinstance(fn, dict) and isinstance(fn.get("class_name"), str):
            self._objects.obj(kind, fn, use)
        elif isinstance(fn, str) and fn not in self.known.registered:
            public = any(self.known.today(k, fn) for k in ("metric", "loss"))
            if not public and not (self.known.name(kind, fn) and not self.known.new):
                self.rows.add(kind, fn, use)

    def _optimizer(self, value: Any, use: str) -> None:
        if isinstance(value, str):
            if value and not self.known.name("optimizer", value):
                self.rows.add("optimizer", value, use)
            return
        while isinstance(value, dict) and isinstance(value.get("class_name"), str):
            inner = value.get("config")
            inner = inner if isinstance(inner, dict) else {}
            if not self._knows_optimizer(value, inner, use):
                registered = value.get("registered_name")
                key = registered if isinstance(registered, str) else value["class_name"]
                self.rows.add("optimizer", key, use, value.get("module"), registered)
            self._schedule(inner.get("learning_rate"))
            value, use = inner.get("inner_optimizer"), "inner optimizer"

    def _knows_optimizer(self, value: dict[str, Any], inner: dict[str, Any], use: str) -> bool:
        class_name, module = value["class_name"], value.get("module")
        names = (class_name, value.get("registered_name"))
        if any(isinstance(n, str) and n in self.known.registered for n in names):
            return True
        if self.archive or (self.known.new and use == "inner optimizer"):
            return isinstance(module, str) and self.known.symbol(module, class_name)
        if self.known.name("optimizer", class_name):
            return True
        # Keras 3 falls back on the optimizer's own name: so `Custom>Adam` becomes its Adam.
        name = inner.get("name")
        return self.known.new and isinstance(name, str) and self.known.name("optimizer", name)

    def _schedule(self, value: Any) -> None:
        if not isinstance(value, dict) or not isinstance(value.get("class_name"), str):
            return
        name, module = value["class_name"], value.get("module")
        registered = value.get("registered_name")
        if name in self.known.registered or registered in self.known.registered:
            return
        if self.known.new or self.archive:
            known = isinstance(module, str) and self.known.symbol(module, name)
        else:
            known = self.known.name("schedule", name)
        if not known:
            key = registered if isinstance(registered, str) else name
            self.rows.add("schedule", key, "learning rate", module, registered)


def _flat(value: Any) -> list[tuple[Any, str]]:
    """Names and serialized objects in any nesting of lists and outputs, with the output."""
    found: list[tuple[Any, str]] = []
    todo: list[tuple[Any, str]] = [(value, "")]
    while todo:
        item, output = todo.pop()
        if isinstance(item, (list, tuple)):
            todo.extend((part, output) for part in reversed(item))
        elif isinstance(item, dict) and isinstance(item.get("class_name"), str):
            found.append((item, output))
        elif isinstance(item, dict):
            todo.extend((part, str(key)) for key, part in reversed(list(item.items())))
        elif isinstance(item, str):
            found.append((item, output))
    return found

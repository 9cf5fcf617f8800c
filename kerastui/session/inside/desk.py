"""What the worker does: one method a request. All of them run in the main thread."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from . import custom, export, inputs, loading, memory, running, summaries
from .arrays import as_array, dtype_name, part
from .changes import Watch, set_flags
from .completing import Completer
from .console import Console
from .failed import Failed
from .interrupts import Gate
from .keras_flavour import Flavour
from .live import Live, Node
from .model_file import Refused
from .namespace import Space
from .outbox import Outbox
from .printing import Printing
from .standins import reason
from .texts import MAX_TEXT, headline

Answer = tuple[dict[str, Any], Any]


class Desk:
    """Keras, a model, a console."""

    def __init__(self, outbox: Outbox, gate: Gate, idle: Callable[[], bool]) -> None:
        """`idle()`: whether no other request is waiting."""
        self.outbox = outbox
        self.gate = gate
        self.idle = idle
        self.printing = Printing(outbox)
        self.flavour: Flavour | None = None
        self.live: Live | None = None
        self.watch: Watch | None = None
        self._unseen = 0
        """The evaluation whose effects on weights have not been looked at yet."""

    def begin(self, wish: dict[str, Any], importer: Any) -> Answer:
        """Import Keras. `importer(module, report)` is `worker.import_keras`."""
        sys.argv = [""]
        limit = memory.limit(wish.get("memory_limit"))

        def report(stage: str) -> None:
            self.outbox.post({"kind": "progress", "stage": stage})

        try:
            keras, tf = importer(str(wish.get("keras") or "keras"), report)
        except importer.Problem as problem:
            raise Failed(str(problem), why="keras") from None
        self.flavour = Flavour(keras, tf)
        folders = [os.path.abspath(f) for f in wish.get("paths") or []]
        # After Keras: a file named keras.py beside the model is not what is meant.
        sys.path[:0] = [*folders, os.getcwd()]
        self.space = Space(keras, tf, importer.tensorflow)
        self.console = Console(self.space, self.gate, self.printing)
        self.console.folders = [*folders, os.getcwd()]
        self.completer = Completer(self.space.names, self.space.prepare)
        self.loader = loading.Loader(self.flavour, str(wish.get("folder") or ""))
        return {"versions": self.flavour.versions(), "memory_limit": limit}, b""

    def devices(self, wish: dict[str, Any]) -> Answer:
        """Tell the devices (it takes a moment, so it is asked when there is time)."""
        return {"devices": self._keras().devices()}, b""

    def needs(self, wish: dict[str, Any]) -> Answer:
        """Tell which names a file needs that this Keras lacks."""
        self._keras()
        path = str(wish["path"])
        try:
            return {"needs": self.loader.needs(path)}, b""
        except Refused as refused:
            raise Failed("", **self.loader.told(refused, path)) from None

    def defines(self, wish: dict[str, Any]) -> Answer:
        """Tell which of some names a file or module defines, without running it."""
        from .scripts import UserCodeError

        try:
            found = custom.defines(str(wish["where"]), list(wish["names"]), self.console.folders)
        except UserCodeError as error:
            raise Failed(str(error), **error.row()) from None
        return {"names": found}, b""

    def load(self, wish: dict[str, Any]) -> Answer:
        """Load a model; what was loaded before is let go only if that succeeds."""
        self._keras()
        self.printing.begin(int(wish.get("number") or 0))
        try:
            model, notes = self.gate.run(lambda: self.loader.load(wish, self.space.backend()))
        except KeyboardInterrupt:
            raise Failed("Loading was interrupted.", why="interrupted") from None
        except BaseException as error:  # Keras's and the user's code
            raise Failed("", **self.loader.told(error, str(wish["path"]))) from None
        self.live = Live(model, wish.get("rows"))
        if wish.get("flags"):
            set_flags(self.live, dict(wish["flags"]))
        self.watch = Watch(self.live)
        self.space.attach(self.live)
        self.space.history.clear()
        self._unseen = 0
        about = loading.describe(model)
        return {"model": about, "missing": self.live.missing, **notes}, b""

    def eval(self, wish: dict[str, Any]) -> Answer:
        """Evaluate code; tell of changed flags at once, of changed weights afterwards."""
        self._keras()
        number, layer = int(wish["number"]), wish.get("layer")
        if layer and self.live is not None and layer in self.live.nodes:
            self.space.names["layer"] = self.live[layer].layer
        if self.watch is not None and not _is_constant(wish["code"]):
            self.watch.finish()
        message, data = self.console.evaluate(str(wish["code"]), number)
        message["number"] = number
        if self.console.may_have_changed and self.watch is not None:
            message["flags"] = self.watch.flags()
            self._unseen = number
            message["looking"] = True
        return message, data

    def in_idle(self) -> bool:
        """Do a little of what can wait; return whether there is more of it."""
        if self.watch is None:
            return False
        if self._unseen:
            weights = self.watch.weights(stop=lambda: not self.idle())
            if weights is None:
                return True
            message = {"kind": "changes", "number": self._unseen, "weights": weights}
            self._unseen = 0
            self.outbox.post(message)
        return self.watch.advance()

    def diff(self, wish: dict[str, Any]) -> Answer:
        """Tell all that changed and was not told yet."""
        watch = self._watch()
        self._unseen = 0
        return {"flags": watch.flags(), "weights": watch.weights() or []}, b""

    def set_trainable(self, wish: dict[str, Any]) -> Answer:
        """Give the layers the table's flags."""
        live, watch = self._live(), self._watch()
        set_flags(live, {str(p): bool(f) for p, f in dict(wish["flags"]).items()})
        watch.accept_flags()
        return {"trainable_weights": len(live.model.trainable_weights)}, b""

    def set_weight(self, wish: dict[str, Any]) -> Answer:
        """Give a weight the values of a .npy file: the screen undid or redid an edit."""
        import numpy as np

        node, name = self._node(wish)
        variable = node.weights[name]
        values = np.load(str(wish["file"]), allow_pickle=False)
        if values.shape != tuple(variable.shape):
            raise Failed(
                f"{node.path}/{name} has shape {tuple(variable.shape)}, the file {values.shape}."
            )
        variable.assign(values)
        self._watch().accept(node.path, name)
        return {}, b""

    def export(self, wish: dict[str, Any]) -> Answer:
        """Write a weight, or the value of an evaluation, to a .npy file."""
        if wish.get("path"):
            node, name = self._node(wish)
            value = node.weights[name]
        else:
            value = self._value(str(wish["id"]))
        return export.write(value, str(wish["file"])), b""

    def plain(self, wish: dict[str, Any]) -> Answer:
        """Tell a value as JSON has it."""
        value = self._value(str(wish["id"])) if wish.get("id") else None
        array = as_array(value)
        return {
            "type": type(value).__name__,
            "dtype": dtype_name(array.dtype) if array is not None else None,
            "shape": list(array.shape) if array is not None else None,
            "value": summaries.plain(value),
        }, b""

    def fetch(self, wish: dict[str, Any]) -> Answer:
        """Send a part of an array."""
        array = as_array(self._value(str(wish["id"])))
        if array is None:
            raise Failed("This value is no array.")
        return part(array, list(wish.get("index") or []))

    def text(self, wish: dict[str, Any]) -> Answer:
        """Send a part of a string."""
        value = self._value(str(wish["id"]))
        if not isinstance(value, str):
            raise Failed("This value is no string.")
        start = max(0, int(wish.get("start") or 0))
        return {"text": value[start : start + MAX_TEXT], "length": len(value)}, b""

    def complete(self, wish: dict[str, Any]) -> Answer:
        """Offer completions."""
        return self.completer.complete(str(wish["code"]), int(wish["position"])), b""

    def signature(self, wish: dict[str, Any]) -> Answer:
        """Tell the signature of the call at the cursor."""
        return self.completer.signature(str(wish["code"]), int(wish["position"])), b""

    def set_input(self, wish: dict[str, Any]) -> Answer:
        """Read or make ``x``."""
        model, how = self._live().model, str(wish["how"])
        try:
            if how == "file":
                value, notes = inputs.read(str(wish["file"]), model)
            else:
                seed, batch = int(wish.get("seed") or 0), int(wish.get("batch") or 1)
                value, notes = inputs.make(how, model, seed, batch), []
            value, more = inputs.fit(value, model)
        except inputs.BadInput as error:
            raise Failed(str(error), why="input") from None
        self.space.names["x"] = value
        self.space.history.keep("x", value)
        about, _ = summaries.summarize(value, "x")
        return {"value": about, "notes": [*notes, *more]}, b""

    def layer_output(self, wish: dict[str, Any]) -> Answer:
        """Run to a layer with ``x``."""
        live, path = self._live(), str(wish["path"])
        number = int(wish.get("number") or 0)
        if "x" not in self.space.names:
            raise Failed("There is no input yet: load or make x first.", why="input")
        self.printing.begin(number)
        try:
            x, notes = inputs.fit(self.space.names["x"], live.model)
            value = self.gate.run(lambda: running.output_of(live, path, x))
        except KeyboardInterrupt:
            raise Failed("The run was interrupted.", why="interrupted") from None
        except KeyError:
            raise Failed(f"Keras has no layer {path} in this model.") from None
        except (inputs.BadInput, running.CannotRun) as error:
            raise Failed(str(error), why="input") from None
        except BaseException as error:  # the model's own code
            raise Failed(reason(error) or headline(error), why="keras") from None
        name = f"layer {path}"
        self.space.names["_"] = value
        self.space.history.keep(name.replace(".", "·"), value)
        about, _ = summaries.summarize(value, name.replace(".", "·"))
        return {"value": about, "notes": notes}, b""

    def output_shapes(self, wish: dict[str, Any]) -> Answer:
        """Tell every layer's output shape."""
        return {"shapes": running.output_shapes(self._live())}, b""

    def _node(self, wish: dict[str, Any]) -> tuple[Node, str]:
        """Return the layer and the name of the weight that is meant."""
        path, name = str(wish["path"]), str(wish["name"])
        live = self._live()
        if path not in live.nodes or name not in live.nodes[path].weights:
            raise Failed(f"Keras has no weight {path}/{name} in this model.")
        return live.nodes[path], name

    def _value(self, name: str) -> Any:
        try:
            return self.space.history.get(name)
        except (KeyError, IndexError, TypeError):
            raise Failed("This value is not kept any more; evaluate it again.") from None

    def _keras(self) -> Flavour:
        if self.flavour is None:
            raise Failed("Keras has not been imported.", why="keras")
        return self.flavour

    def _live(self) -> Live:
        if self.live is None:
            raise Failed("No model is loaded.", why="model")
        return self.live

    def _watch(self) -> Watch:
        if self.watch is None:
            raise Failed("No model is loaded.", why="model")
        return self.watch


def _is_constant(code: Any) -> bool:
    """Whether code is so short and plain that it changes nothing (digits and operators)."""
    return isinstance(code, str) and not any(c.isalpha() or c == "_" for c in code)

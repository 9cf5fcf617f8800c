"""Loading a model file with the user's answers."""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
from typing import Any

from . import custom, leaving, standin_shapes
from .keras_flavour import Flavour
from .model_file import ModelFile, Refused
from .reasons import needs_other_python, sentence
from .texts import headline, say


class Loader:
    """Loads files with one Keras; remembers the custom objects for later evaluations."""

    def __init__(self, flavour: Flavour, folder: str) -> None:
        """`folder`: a private one, for links with another name; "" to make one."""
        self.flavour = flavour
        self._folder = folder
        self._written_by = ""

    def needs(self, path: str) -> list[dict[str, Any]]:
        """Return a row for each name that the file needs and this Keras lacks (see `needs`).

        Raises Refused.
        """
        from . import needs

        file = ModelFile(path)
        training = None if file.form == "archive" else file.training
        return needs.find(
            file.config, training, self.flavour.keras, flavour=self.flavour.generation
        )

    def load(self, wish: dict[str, Any], k: Any) -> tuple[Any, dict[str, Any]]:
        """Load ``wish["path"]`` and return the model and notes about how it went.

        The wish: ``path``; ``answers`` to missing names (see `custom`); ``instances``, what
        stand-ins need to know of the file; ``compile``; ``trust``, whether code in the file
        may run, and ``sha256``, of the content that this was said of. Raises Refused, and
        whatever Keras raises.
        """
        self._written_by = ""
        file = ModelFile(str(wish["path"]))
        self._written_by = file.keras_version
        self._guard(file, wish)
        resolved = custom.resolve(
            wish.get("answers") or [],
            self.flavour.keras,
            self.flavour.tf,
            k,
            self._instances(file, wish),
        )
        notes: dict[str, Any] = {"problems": resolved.problems, "printed": resolved.printed}
        if resolved.problems:
            raise Refused(
                "answers", str(resolved.problems[0].get("message", "")), problems=resolved.problems
            )
        compiles = bool(wish.get("compile", True)) and not resolved.left_out
        model = self._load(file, resolved.objects, compiles, bool(wish.get("trust")))
        notes["left_out"] = resolved.left_out
        if resolved.left_out and wish.get("compile", True):
            notes["uncompiled"] = self._compile(model, file, resolved)
        return model, notes

    def told(self, error: BaseException, path: str) -> dict[str, Any]:
        """Return why loading failed: ``why``, a sentence, and all that Keras said."""
        if isinstance(error, Refused):
            return {
                "why": error.why,
                "message": str(error),
                "places": error.places[:100],
                "problems": error.problems,
            }
        if isinstance(error, MemoryError):
            return {"why": "memory", "message": "There is not enough memory to load this model."}
        name = "Keras" if self.flavour.is_3 else self.flavour.keras.__name__
        return {
            "why": "python" if needs_other_python(error) else "keras",
            "message": sentence(
                error, f"{name} {self.flavour.version}", os.path.basename(path), self._written_by
            ),
            "details": f"{type(error).__name__}: {say(error, 20_000)}",
            "python": sys.executable,
        }

    def _instances(self, file: ModelFile, wish: dict[str, Any]) -> dict[str, Any]:
        """Return what stand-ins need, under the names that are to be replaced."""
        asked = [a for a in wish.get("answers") or [] if a.get("how") == "standin"]
        known = wish.get("instances") or {}
        if not asked or not known:
            return {}
        shapes = {
            name: about["weights"][0]["shape"]
            for layers in known.values()
            for name, about in layers.items()
            if about.get("weights")
        }
        sizes = standin_shapes.channels(file.config, shapes)
        found: dict[str, Any] = {}
        for answer in asked:
            name = str(answer.get("name"))
            layers = known.get(name) or known.get(name.rpartition(">")[2]) or {}
            found[name] = {
                key: {**about, "channels": sizes[key]} if key in sizes else about
                for key, about in layers.items()
            }
        return found

    def _guard(self, file: ModelFile, wish: dict[str, Any]) -> None:
        if not wish.get("trust"):
            places = file.code()
            if places:
                shown = ", ".join(places[:5]) + (" …" if len(places) > 5 else "")
                raise Refused(
                    "code", f"This file holds code that loading would run: {shown}.", places
                )
        elif wish.get("sha256") and wish["sha256"] != digest(file.path):
            raise Refused("code", "The file has changed since you agreed to run its code.", [])
        if not self.flavour.guards_links:
            file.refuse_links()

    def _load(self, file: ModelFile, objects: dict[str, Any], compiles: bool, trust: bool) -> Any:
        load = self.flavour.keras.models.load_model
        options: dict[str, Any] = {"custom_objects": objects, "compile": compiles}
        if "safe_mode" in inspect.signature(load).parameters:
            options["safe_mode"] = not trust
        return load(file.for_keras(self._private()), **options)

    def _compile(self, model: Any, file: ModelFile, resolved: Any) -> str:
        """Compile without what was left out; return why the model stays uncompiled, or ""."""
        kept = leaving.without(file.training, resolved.left_out)
        if not kept:
            return "what was left out is the loss or the optimizer"
        try:
            with self.flavour.custom_object_scope(resolved.objects):
                if file.form == "archive":
                    model.compile_from_config(kept)
                else:
                    arguments = self.flavour.compile_arguments(kept, resolved.objects)
                    model.compile(**arguments)
        except Exception as error:  # the model is of use without it, and the user is told
            return headline(error)
        return ""

    def _private(self) -> str:
        if not self._folder or not os.path.isdir(self._folder):
            self._folder = tempfile.mkdtemp(prefix="kerastui-")
        return self._folder


def describe(model: Any) -> dict[str, Any]:
    """Return what the screen wants to know of a loaded model."""
    return {
        "name": str(model.name),
        "class_name": type(model).__name__,
        "inputs": [_tensor(t) for t in _tensors(model, "inputs")],
        "outputs": [_tensor(t) for t in _tensors(model, "outputs")],
        "trainable_weights": len(model.trainable_weights),
        "weights": len(model.weights),
        "compiled": bool(getattr(model, "compiled", False) or getattr(model, "_is_compiled", 0)),
    }


def _tensors(model: Any, which: str) -> list[Any]:
    try:
        found = getattr(model, which, None)
    except (AttributeError, ValueError):
        return []  # a Sequential that was not built
    return list(found) if isinstance(found, (list, tuple)) else []


def _tensor(tensor: Any) -> dict[str, Any]:
    dtype = tensor.dtype
    return {
        "name": str(getattr(tensor, "name", "")).partition(":")[0],
        "shape": [None if n is None else int(n) for n in tensor.shape],
        "dtype": str(getattr(dtype, "name", dtype)),
    }


def digest(path: str) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    import hashlib

    sha = hashlib.sha256()
    with open(path, "rb") as stream:
        while piece := stream.read(1 << 20):
            sha.update(piece)
    return sha.hexdigest()

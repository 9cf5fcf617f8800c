"""Which Keras this is, and the few things that differ between Keras 3 and Keras 2."""

from __future__ import annotations

import importlib
import platform
import sys
from typing import Any

WORKS = "kerastui works with Keras 3, with tf_keras, and with the Keras of TensorFlow 2.4 to 2.15"


class Flavour:
    """A Keras module, imported, and what it runs on."""

    def __init__(self, keras: Any, tf: Any = None) -> None:
        self.keras = keras
        self.tf = tf
        self.version = str(getattr(keras, "__version__", "") or keras.version())
        self.numbers = tuple(int(n) for n in self.version.split(".")[:3] if n.isdigit())
        self.is_3 = self.numbers[:1] >= (3,)
        self.generation = "keras3" if self.is_3 else "keras2"
        self.guards_links = self.is_3 and self.numbers >= (3, 15)
        """Whether this Keras itself refuses HDF5 data that lies in other files."""

    @property
    def backend(self) -> str:
        """``tensorflow``, ``jax`` or ``torch``."""
        return str(self.keras.config.backend()) if self.is_3 else "tensorflow"

    def versions(self) -> dict[str, Any]:
        """Return what the screen shows of this environment."""
        return {
            "python": platform.python_version(),
            "executable": sys.executable,
            "keras_module": self.keras.__name__,
            "keras": self.version,
            "backend": self.backend,
            "backend_version": self._backend_version(),
        }

    def _backend_version(self) -> str:
        module = sys.modules.get(self.backend)
        return str(getattr(module, "__version__", ""))

    def devices(self) -> list[str]:
        """Return the devices that compute (``CPU:0``, ``GPU:0``)."""
        if self.backend == "tensorflow" and self.tf is not None:
            found = self.tf.config.list_physical_devices()
            return [str(d.name).replace("/physical_device:", "") for d in found]
        if self.backend == "jax":
            return [str(d) for d in sys.modules["jax"].devices()]
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            return [str(torch.cuda.get_device_name(i)) for i in range(torch.cuda.device_count())]
        return ["CPU:0"]

    def custom_object_scope(self, objects: dict[str, Any]) -> Any:
        """Return a context in which Keras knows `objects`."""
        home = self.keras.saving if hasattr(self.keras, "saving") else self.keras.utils
        return home.custom_object_scope(objects)

    def compile_arguments(self, training: Any, objects: dict[str, Any]) -> dict[str, Any]:
        """Return what ``model.compile`` takes, from an HDF5 file's ``training_config``."""
        name = self.keras.__name__
        places = (
            f"{name}.src.legacy.saving.saving_utils",  # Keras 3
            f"{name}.src.saving.legacy.saving_utils",  # tf_keras, Keras 2.13 and later
            f"{name}.saving.legacy.saving_utils",
            f"{name}.saving.saving_utils",
            "tensorflow.python.keras.saving.saving_utils",
        )
        for place in places:
            try:
                module = importlib.import_module(place)
            except ImportError:
                continue
            found: dict[str, Any] = module.compile_args_from_training_config(training, objects)
            return found
        raise ImportError("this Keras keeps the reading of training_config to itself")


def too_old(version: str, module: str) -> str:
    """Return one sentence if a Keras of this version is of no use, else ``""``."""
    numbers = tuple(int(n) for n in version.split(".")[:2] if n.isdigit())
    if numbers >= (2, 4):
        return ""
    return f"The {module} of {sys.executable} is version {version}, which is too old: {WORKS}."

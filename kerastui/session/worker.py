"""The program in the Keras process: the only one of ours that imports Keras.

It runs under the interpreter of the user's project, where kerastui is not installed, and is
started by its path: ``PYTHON worker.py --life N``. What it needs besides the standard library
and Keras lies in the folder ``inside`` next to it, which it loads under a private name. This
file is written so that every Python 3 can read it, and say that it is too old.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = "_kerastui_inside"
OLDEST_PYTHON = (3, 9)
EXIT_OLD_PYTHON = 78


class ImportProblem(Exception):
    """Keras cannot be imported, or is of no use; the message is one sentence."""


def _leave_our_folder():
    """Take this file's folder, which Python put on the path, off it again."""
    for place in list(sys.path[:1]):
        if place and os.path.realpath(place) == os.path.realpath(_HERE):
            sys.path.remove(place)


def _load_inside():
    """Import the folder ``inside`` as a package with a name that nobody else uses."""
    import importlib.util

    folder = os.path.join(_HERE, "inside")
    spec = importlib.util.spec_from_file_location(
        _PACKAGE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[_PACKAGE] = package
    spec.loader.exec_module(package)
    return importlib.import_module(_PACKAGE + ".server")


def import_keras(module, report):
    """Import ``keras`` or ``tf_keras``; return it and TensorFlow (None without).

    ``report(stage)`` is told what is being imported. Raises ImportProblem.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("MPLBACKEND", "Agg")
    _choose_backend(module)
    if _found("tensorflow") and os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow":
        report("TensorFlow")
    try:
        keras = _tf_keras(report) if module == "tf_keras" else _keras(report)
    except ImportProblem:
        raise
    except BaseException as error:
        said = " ".join(str(error).split())[:500]
        raise ImportProblem(
            "{} of {} cannot be imported: {}: {}".format(
                module, sys.executable, type(error).__name__, said
            )
        ) from error
    return keras, sys.modules.get("tensorflow")


def _tensorflow():
    """Import TensorFlow for the name ``tf``; None without."""
    if not _found("tensorflow"):
        return None
    import tensorflow as tf

    return tf


import_keras.tensorflow = _tensorflow
import_keras.Problem = ImportProblem


def _keras(report):
    from _kerastui_inside import keras_flavour  # pyright: ignore[reportMissingImports]

    if not _found("keras"):
        raise ImportProblem(_nothing("Keras", "keras tensorflow"))
    report("Keras")
    import keras

    version = str(getattr(keras, "__version__", "") or getattr(keras, "version", lambda: "")())
    old = keras_flavour.too_old(version, "Keras")
    if old:
        raise ImportProblem(old)
    return keras


def _tf_keras(report):
    """Keras 2: the package tf_keras, or the Keras that TensorFlow up to 2.15 brings along."""
    report("tf_keras")
    if _found("tf_keras"):
        import tf_keras

        return tf_keras
    if _found("keras") and _found("tensorflow"):
        import keras

        if str(getattr(keras, "__version__", "3")).startswith("2."):
            return keras
    raise ImportProblem(_nothing("tf_keras", "tf_keras"))


def _choose_backend(module):
    """Let Keras 3 use what is there when its default, TensorFlow, is not."""
    config = os.path.join(os.environ.get("KERAS_HOME", os.path.expanduser("~/.keras")))
    stated = os.path.exists(os.path.join(config, "keras.json"))
    if module != "tf_keras" and not stated and "KERAS_BACKEND" not in os.environ:
        for name, package in (("tensorflow", "tensorflow"), ("jax", "jax"), ("torch", "torch")):
            if _found(package):
                os.environ["KERAS_BACKEND"] = name
                return


def _found(name):
    import importlib.util

    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _nothing(what, packages):
    return "There is no {} for {}: install it there (`pip install {}`), or name another interpreter with --python.".format(  # noqa: E501
        what, sys.executable, packages
    )


def main():
    """Run the worker."""
    _leave_our_folder()
    if sys.version_info < OLDEST_PYTHON:
        sys.stderr.write(
            "kerastui needs Python 3.9 or later beside Keras; {} is {}.\n".format(
                sys.executable, sys.version.split()[0]
            )
        )
        sys.exit(EXIT_OLD_PYTHON)
    life = int(sys.argv[sys.argv.index("--life") + 1]) if "--life" in sys.argv else -1
    _load_inside().serve(import_keras, life)


if __name__ == "__main__":
    main()

# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
# (Values of a JSON file are narrowed where they are used; they have no types before.)
"""Which names a model file needs that this Keras does not know.

`find` follows a configuration the way Keras's own loaders do (Keras 3.15's
``functional_from_config``, ``legacy/saving`` and ``serialization_lib``; tf_keras 2.21's
``legacy/serialization`` and ``serialization_lib``) and asks at each place the table that
Keras would ask there. It loads nothing, imports nothing, runs nothing of the file.

A row is a plain dictionary, fit to be sent as JSON:

- ``name``: the key that ``custom_objects`` needs (``ConvDNA``, ``<lambda>``, ``pkg>Name``),
  ``plain_name``: the same without its package, as a class or function is called in Python;
- ``kind``: layer, model, activation, initializer, regularizer, constraint, metric, loss,
  optimizer, schedule, function or object;
- ``uses``: places, such as ``activation of conv1d_462``, ``more_uses``: how many beyond;
- ``module``, ``registered_name``: as in the file, or None;
- ``own``: true for a class of another Keras version (``Merge``, ``TFOpLambda``, a ``Dense``
  whose module the file does not say): nobody but Keras has it, so the user need not be
  asked; ``today``: its public path in this Keras (``keras.layers.Dense``) or ``""``.
"""

from __future__ import annotations

from typing import Any

from .known import Known
from .needs_compile import CompileWalk
from .needs_layers import LayerWalk
from .rows import Rows


def find(
    config: Any, training: Any = None, keras: Any = None, *, flavour: str = "keras3"
) -> list[dict[str, Any]]:
    """Return a row for every name that the file needs and `keras` does not know.

    Args:
        config: the parsed ``model_config`` (HDF5) or ``config.json`` (archive).
        training: the parsed ``training_config``, if there is one; an archive's
            ``compile_config`` is found by itself. Leave it out to load without compiling:
            ``find({**config, "compile_config": None})``.
        keras: the Keras module that would load the file.
        flavour: ``keras3``, or ``keras2`` for tf_keras and TensorFlow's old ``tf.keras``.
    """
    known = Known(keras, flavour)
    rows = Rows(known)
    LayerWalk(rows).model(config)
    inner = config.get("compile_config") if isinstance(config, dict) else None
    for section, archive in ((training, False), (inner, True)):
        if isinstance(section, dict):
            CompileWalk(rows, archive).section(section)
    return rows.all()


def shadowed(training: Any, keras: Any, *, keras_version: str, flavour: str) -> list[str]:
    """Return the classics of a file older than Keras 3 that this Keras takes for its own.

    A file of Keras 1 or 2 that names the metric ``precision`` means somebody's function,
    computed batch by batch. Keras 3 has since given the name to its class ``Precision``
    (kept over an epoch, threshold 0.5) and loads that without a word. Nothing is missing;
    the user may still want the old one.
    """
    known = Known(keras, flavour)
    if not isinstance(training, dict) or flavour != "keras3" or keras_version[:1] not in "12":
        return []
    named = CompileWalk(Rows(known), archive=False).names(training)
    return sorted(n for n in named & {"precision", "recall", "dice"} if known.name("metric", n))

"""K functions whose world is gone: each answers with what to write today."""

from __future__ import annotations

from typing import Any

from .k_base import HintError

_HINTS = {
    "function": "K.function is gone with TensorFlow's sessions: write "
    "keras.Model(inputs, outputs)(x), or just call the layers on an array.",
    "get_session": "There are no sessions any more: values are there at once, K.eval(t) or "
    "np.array(t) shows them.",
    "set_session": "There are no sessions any more: leave this line out.",
    "gradients": "K.gradients is gone: write `with tf.GradientTape() as t: t.watch(x); y = f(x)` "
    "and then t.gradient(y, x).",
    "learning_phase": "There is no learning phase any more: call the model or layer with "
    "training=True or training=False.",
    "set_learning_phase": "There is no learning phase any more: call the model or layer with "
    "training=True or training=False.",
    "learning_phase_scope": "There is no learning phase any more: call the model or layer with "
    "training=True or training=False.",
    "symbolic_learning_phase": "There is no learning phase any more: call the model or layer "
    "with training=True or training=False.",
    "get_graph": "There is no graph to fetch any more: Keras runs eagerly; tf.function(f) makes "
    "one of a function.",
    "track_variable": "Variables are tracked by the layer that makes them: use "
    "layer.add_weight(...).",
    "image_dim_ordering": "K.image_dim_ordering has another name: write K.image_data_format(), "
    "which says channels_last for 'tf' and channels_first for 'th'.",
    "set_image_dim_ordering": "K.set_image_dim_ordering has another name: write "
    "K.set_image_data_format('channels_last') for 'tf' or 'channels_first' for 'th'.",
    "get_variable_shape": "Write tuple(variable.shape) or K.int_shape(variable).",
}


def _gone(name: str) -> Any:
    def hint(*args: Any, **kwargs: Any) -> Any:
        raise HintError(_HINTS[name])

    hint.__name__ = hint.__qualname__ = name
    hint.__doc__ = _HINTS[name]
    return hint


HINTS = {name: _gone(name) for name in _HINTS}
"""Functions by name; each raises `HintError` with one sentence."""

"""What another era says otherwise, or not at all: settings without a counterpart, other names."""

from __future__ import annotations

from .known_layers import base_class

RENAMED = {"LeakyReLU": {"alpha": "negative_slope"}}
"""Class → Keras 2's name of a setting → Keras 3's."""
MEANINGLESS = frozenset(
    {"input_length", "input_dtype", "input_dim", "implementation", "consume_less", "query_shape",
     "key_shape", "value_shape", "groups", "forget_bias_init", "dynamic", "autocast",
     "filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint", "output_shape",
     "trainable", "quantization_config", "renorm_momentum", "seed", "function_type",
     "output_shape_type", "output_shape_module", "module", "output_mask_type", "mode_type",
     "build_input_shape", "jit_compile", "is_legacy_optimizer", "schedule_decay", "parallelism",
     "batch_input_shape", "noise_seed", "kernel_quantizer_internal", "zero_output_for_mask",
     "rng_type", "noise_shape"}
)  # fmt: skip
"""Settings that change no result: of no matter where a class does not take them."""
HARMLESS = {
    "time_major": (False,), "decay": (0.0, 0), "momentum_decay": (None,), "loss_scale": (None,),
    "use_gate": (False,), "sparse": (False,), "ragged": (False,), "optional": (False,),
    "epsilon": (1e-3,), "mode": (0,), "dropout": (0.0, 0), "unroll": (False,),
    "return_state": (False,), "antialias": (False,), "batch_size": (None,),
    "gradient_accumulation_steps": (None,), "loss_scale_factor": (None,),
    "data_format": ("channels_last",), "fill_mode": ("constant",), "fill_value": (0.0,),
    "adaptive_epsilon": (False,), "weight_decay": (None, 0.0, 0),
}  # fmt: skip
"""Settings and the values of theirs that mean what is done without them anyway."""
SLOTS = {
    ("rmsprop", "rms"): "velocity", ("adadelta", "accum_grad"): "accumulated_grad",
    ("adadelta", "accum_var"): "accumulated_delta_var", ("adamax", "v"): "u",
}  # fmt: skip
"""Slots that the older eras call otherwise than TensorFlow 2.11 and Keras 3."""
_MODEL_CLASSES = frozenset({"Model", "Container", "Functional"})
_CUDNN = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}


def todays_class(class_name: str) -> str:
    """Return the name that a layer's class has today: ``Conv2D`` for ``Convolution2D``."""
    plain = class_name.rpartition(">")[2]
    if plain in _MODEL_CLASSES:
        return "Functional"
    return _CUDNN.get(plain) or base_class(plain)

"""Every standard layer with weights, built once by real Keras: what kerastui must agree with.

A case is (class name, arguments, input shapes with the batch axis). Arguments that name a
layer are built first: ``("Dense", {"units": 3})``.
"""

from __future__ import annotations

from typing import Any

Case = tuple[str, dict[str, Any], list[tuple[int, ...]]]

IMAGE, SIGNAL, VOLUME, FILM = (2, 8, 8, 4), (2, 8, 4), (2, 8, 8, 8, 4), (2, 3, 8, 8, 4)

CASES: list[Case] = [
    ("Dense", {"units": 5}, [(2, 4)]),
    ("Dense", {"units": 5, "use_bias": False}, [(2, 4)]),
    ("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 6)}, [(2, 3, 4)]),
    ("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (None, 2, 6), "bias_axes": "de"},
     [(2, 3, 4)]),
    ("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 7, "bias_axes": "y"},
     [(2, 3, 4)]),
    ("Embedding", {"input_dim": 20, "output_dim": 6}, [(2, 3)]),
    ("ReversibleEmbedding", {"input_dim": 20, "output_dim": 6}, [(2, 3)]),
    ("ReversibleEmbedding", {"input_dim": 20, "output_dim": 6, "tie_weights": False}, [(2, 3)]),
    ("Conv1D", {"filters": 5, "kernel_size": 3}, [SIGNAL]),
    ("Conv2D", {"filters": 5, "kernel_size": (3, 2)}, [IMAGE]),
    ("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 2, "use_bias": False}, [IMAGE]),
    ("Conv3D", {"filters": 5, "kernel_size": (3, 2, 1)}, [VOLUME]),
    ("Conv1DTranspose", {"filters": 5, "kernel_size": 3}, [SIGNAL]),
    ("Conv2DTranspose", {"filters": 5, "kernel_size": 3}, [IMAGE]),
    ("Conv3DTranspose", {"filters": 5, "kernel_size": 3}, [VOLUME]),
    ("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2}, [SIGNAL]),
    ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, [IMAGE]),
    ("SeparableConv1D", {"filters": 5, "kernel_size": 3, "depth_multiplier": 2}, [SIGNAL]),
    ("SeparableConv2D", {"filters": 5, "kernel_size": 3, "depth_multiplier": 2}, [IMAGE]),
    ("SeparableConv2D", {"filters": 5, "kernel_size": 3, "use_bias": False}, [IMAGE]),
    ("LocallyConnected1D", {"filters": 5, "kernel_size": 3}, [SIGNAL]),
    ("LocallyConnected1D", {"filters": 5, "kernel_size": 3, "implementation": 2}, [SIGNAL]),
    ("LocallyConnected2D", {"filters": 5, "kernel_size": 3}, [IMAGE]),
    ("LocallyConnected2D", {"filters": 5, "kernel_size": 3, "implementation": 2}, [IMAGE]),
    ("LocallyConnected2D", {"filters": 5, "kernel_size": 3, "implementation": 3}, [IMAGE]),
    ("BatchNormalization", {}, [IMAGE]),
    ("BatchNormalization", {"scale": False}, [IMAGE]),
    ("BatchNormalization", {"center": False}, [IMAGE]),
    ("BatchNormalization", {"center": False, "scale": False}, [IMAGE]),
    ("BatchNormalization", {"renorm": True}, [IMAGE]),
    ("SyncBatchNormalization", {}, [IMAGE]),
    ("LayerNormalization", {}, [IMAGE]),
    ("LayerNormalization", {"axis": [2, 3]}, [IMAGE]),
    ("LayerNormalization", {"center": False}, [IMAGE]),
    ("LayerNormalization", {"rms_scaling": True}, [IMAGE]),
    ("GroupNormalization", {"groups": 2}, [IMAGE]),
    ("GroupNormalization", {"groups": 2, "scale": False}, [IMAGE]),
    ("RMSNormalization", {}, [IMAGE]),
    ("UnitNormalization", {}, [IMAGE]),
    ("Normalization", {}, [IMAGE]),
    ("Normalization", {"axis": None}, [IMAGE]),
    ("Normalization", {"axis": (2, 3)}, [IMAGE]),
    ("SpectralNormalization", {"layer": ("Dense", {"units": 5})}, [(2, 4)]),
    ("SpectralNormalization", {"layer": ("Conv2D", {"filters": 5, "kernel_size": 3})}, [IMAGE]),
    ("PReLU", {}, [IMAGE]),
    ("PReLU", {"shared_axes": [1, 2]}, [IMAGE]),
    ("SimpleRNN", {"units": 5}, [SIGNAL]),
    ("SimpleRNN", {"units": 5, "use_bias": False}, [SIGNAL]),
    ("LSTM", {"units": 5}, [SIGNAL]),
    ("LSTM", {"units": 5, "use_bias": False}, [SIGNAL]),
    ("LSTM", {"units": 5, "dropout": 0.1}, [SIGNAL]),
    ("GRU", {"units": 5}, [SIGNAL]),
    ("GRU", {"units": 5, "reset_after": False}, [SIGNAL]),
    ("GRU", {"units": 5, "use_bias": False}, [SIGNAL]),
    ("RNN", {"cell": ("LSTMCell", {"units": 5})}, [SIGNAL]),
    ("RNN", {"cell": ("GRUCell", {"units": 5})}, [SIGNAL]),
    ("RNN", {"cell": [("LSTMCell", {"units": 5}), ("LSTMCell", {"units": 3})]}, [SIGNAL]),
    ("ConvLSTM1D", {"filters": 5, "kernel_size": 3}, [(2, 3, 8, 4)]),
    ("ConvLSTM2D", {"filters": 5, "kernel_size": 3}, [FILM]),
    ("ConvLSTM2D", {"filters": 5, "kernel_size": 3, "use_bias": False}, [FILM]),
    ("ConvLSTM3D", {"filters": 5, "kernel_size": 3}, [(2, 3, 8, 8, 8, 4)]),
    ("Bidirectional", {"layer": ("LSTM", {"units": 5})}, [SIGNAL]),
    ("TimeDistributed", {"layer": ("Dense", {"units": 5})}, [SIGNAL]),
    ("MultiHeadAttention", {"num_heads": 3, "key_dim": 5}, [SIGNAL, SIGNAL]),
    ("MultiHeadAttention", {"num_heads": 3, "key_dim": 5, "use_bias": False}, [SIGNAL, SIGNAL]),
    ("MultiHeadAttention", {"num_heads": 3, "key_dim": 5, "value_dim": 7, "output_shape": 6},
     [SIGNAL, SIGNAL]),
    ("GroupQueryAttention", {"head_dim": 5, "num_query_heads": 4, "num_key_value_heads": 2},
     [SIGNAL, SIGNAL]),
    ("Attention", {"use_scale": True}, [SIGNAL, SIGNAL]),
    ("Attention", {"use_scale": True, "score_mode": "concat"}, [SIGNAL, SIGNAL]),
    ("Attention", {}, [SIGNAL, SIGNAL]),
    ("AdditiveAttention", {}, [SIGNAL, SIGNAL]),
    ("AdditiveAttention", {"use_scale": False}, [SIGNAL, SIGNAL]),
    ("Dropout", {"rate": 0.2}, [(2, 4)]),
    ("GaussianNoise", {"stddev": 0.2}, [(2, 4)]),
    ("AlphaDropout", {"rate": 0.2}, [(2, 4)]),
    ("SpatialDropout2D", {"rate": 0.2}, [IMAGE]),
    ("RandomFlip", {}, [IMAGE]),
    ("RandomRotation", {"factor": 0.1}, [IMAGE]),
    ("Discretization", {"bin_boundaries": [0.0, 1.0]}, [(2, 4)]),
    ("STFTSpectrogram", {"frame_length": 8, "frame_step": 4, "fft_length": 8, "mode": "real"},
     [(2, 32, 1)]),
    ("MelSpectrogram", {}, [(2, 16000)]),
]  # fmt: skip


def build(library: Any, case: Case) -> Any | None:
    """Build the layer of a case with `library` (keras or tf_keras), or None if it has none."""
    import numpy as np

    class_name, arguments, shapes = case
    if not hasattr(library.layers, class_name):
        return None
    try:
        layer = _make(library, class_name, arguments)
    except (TypeError, ValueError):
        return None  # an argument that the other library has
    inputs = [np.zeros(shape, "float32") for shape in shapes]
    layer(*inputs) if class_name in ("MultiHeadAttention", "GroupQueryAttention") else layer(
        inputs if len(inputs) > 1 else inputs[0]
    )
    return layer


def _make(library: Any, class_name: str, arguments: dict[str, Any]) -> Any:
    made = {key: _argument(library, value) for key, value in arguments.items()}
    return getattr(library.layers, class_name)(**made)


def _argument(library: Any, value: Any) -> Any:
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return _make(library, *value)
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return [_make(library, *item) for item in value]
    return value

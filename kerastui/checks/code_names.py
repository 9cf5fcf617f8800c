"""Lists for `code_rules`: which functions of Keras and TensorFlow models are made of."""

from __future__ import annotations

import re
from typing import Any

KERAS_FUNCTION_MODULES = (
    "keras.activations",
    "keras.constraints",
    "keras.initializers",
    "keras.layers",
    "keras.losses",
    "keras.metrics",
    "keras.ops",
    "keras.optimizers",
    "keras.random",
    "keras.regularizers",
    "keras.quantizers",
    "keras.dtype_policies",
)
"""Modules of Keras whose functions compute."""

_NO_MODELING_TEXT = """
keras.backend.clear_session keras.backend.function keras.config.enable_unsafe_deserialization
keras.models.load_model keras.models.model_from_json keras.models.save_model
keras.models.model_from_config keras.models.clone_model
keras.layers.deserialize keras.layers.serialize keras.activations.deserialize
keras.initializers.deserialize keras.losses.deserialize keras.metrics.deserialize
keras.optimizers.deserialize keras.regularizers.deserialize keras.constraints.deserialize
keras.layers.TFSMLayer keras.layers.TorchModuleWrapper keras.ops.custom_gradient
keras.preprocessing.image_dataset_from_directory keras.preprocessing.image.load_img
keras.preprocessing.image.save_img keras.preprocessing.text_dataset_from_directory
keras.saving.deserialize_keras_object keras.saving.load_model keras.saving.load_weights
keras.saving.register_keras_serializable keras.saving.save_model keras.saving.save_weights
keras.saving.serialize_keras_object keras.utils.audio_dataset_from_directory
keras.utils.clear_session keras.utils.deserialize_keras_object keras.utils.get_file
keras.utils.image_dataset_from_directory keras.utils.load_img
keras.utils.register_keras_serializable keras.utils.save_img
keras.utils.serialize_keras_object keras.utils.text_dataset_from_directory
keras.utils.array_to_img keras.utils.img_to_array keras.utils.model_to_dot
keras.utils.plot_model keras.utils.set_random_seed keras.utils.custom_object_scope
"""
NO_MODELING = frozenset(_NO_MODELING_TEXT.split()) - {"keras.layers.serialize"}
"""Keras's own list (``serialization_lib.NON_MODELING_APIS``), and more of the kind."""

# TensorFlow's public symbols that a TFOpLambda layer may call: by module, or one by one.
_TF_MODULES = ("math.", "nn.", "linalg.", "bitwise.", "signal.", "quantization.", "random.")
_TF_NAMES_TEXT = """
abs acos acosh add add_n argmax argmin argsort asin asinh atan atan2 atanh batch_to_space
bitcast boolean_mask broadcast_to cast ceil clip_by_global_norm clip_by_norm clip_by_value
complex concat constant cos cosh cumsum cumprod divide dynamic_partition dynamic_stitch
edit_distance eig eigvals einsum ensure_shape equal exp expand_dims eye fill floor floordiv
floormod foldl foldr gather gather_nd greater greater_equal guarantee_const hessians
histogram_fixed_width identity identity_n less less_equal linspace logical_and logical_not
logical_or matmul matrix_square_root maximum meshgrid minimum mod multiply negative norm
not_equal one_hot ones ones_like pad pow range rank realdiv reduce_all reduce_any
reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod reduce_sum repeat reshape
reverse reverse_sequence roll round rsqrt saturate_cast scalar_mul scatter_nd searchsorted
sequence_mask shape shape_n sigmoid sign sin sinh size slice softmax sort space_to_batch
space_to_batch_nd split sqrt square squared_difference squeeze stack stop_gradient
strided_slice subtract switch_case tan tanh tensor_scatter_nd_add tensor_scatter_nd_update
tensordot tile transpose truediv truncatediv truncatemod unique unstack where zeros zeros_like
image.resize image.flip_left_right image.flip_up_down image.rgb_to_grayscale
image.grayscale_to_rgb image.per_image_standardization image.adjust_brightness
image.adjust_contrast image.adjust_hue image.adjust_saturation image.crop_to_bounding_box
image.pad_to_bounding_box image.resize_with_pad image.resize_with_crop_or_pad
image.central_crop image.extract_patches image.convert_image_dtype image.rot90
image.transpose image.crop_and_resize image.sobel_edges image.ssim image.psnr
image.non_max_suppression image.combined_non_max_suppression image.total_variation
strings.lower strings.upper strings.split strings.join strings.strip strings.length
strings.regex_replace strings.substr strings.to_number strings.as_string strings.reduce_join
strings.to_hash_bucket strings.to_hash_bucket_fast strings.bytes_split
sparse.to_dense sparse.from_dense sparse.sparse_dense_matmul sparse.reduce_sum
sparse.reorder sparse.concat sparse.retain ragged.constant ragged.boolean_mask
ragged.range ragged.stack
compat.v1.image.resize_bilinear compat.v1.image.resize_nearest_neighbor
compat.v1.image.resize_images compat.v1.image.resize compat.v1.transpose compat.v1.shape
compat.v1.squeeze compat.v1.expand_dims compat.v1.gather compat.v1.where compat.v1.nn.relu
compat.v1.concat compat.v1.reduce_mean compat.v1.reduce_sum compat.v1.nn.softmax
compat.v1.nn.avg_pool compat.v1.nn.max_pool compat.v1.nn.conv2d compat.v1.depth_to_space
compat.v1.space_to_depth compat.v1.strided_slice compat.v1.pad compat.v1.to_float
"""
_TF_NAMES = frozenset(_TF_NAMES_TEXT.split())
_OPERATORS = re.compile(r"(__operators__|ops\.__operators__)\.[a-z_]+\Z")
# Graph operators (of TensorFlowOpLayer) that touch files, Python or the outside.
_OUTSIDE = re.compile(
    r"File|PyFunc|Library|Dataset|Iterator|Summary|Checkpoint|Save|Restore|Read|Write|Print|"
    r"Socket|Rpc|Send|Recv|Queue|Assert|Stateful|PartitionedCall|RemoteCall|Decode|Table",
    re.IGNORECASE,
)
_NODE_OP = re.compile(r"""["']?\bop["']?\s*:\s*["']([A-Za-z0-9_>]+)["']""")


def harmless_tf_operator(function: str) -> bool:
    """Whether a TFOpLambda's ``function`` is an operator that only computes."""
    if _OPERATORS.match(function):
        return True
    plain = function[3:] if function.startswith("tf.") else function
    if plain in _TF_NAMES:
        return True
    return plain.startswith(_TF_MODULES) and plain.count(".") == 1 and "file" not in plain


def suspicious_graph_operator(node_def: Any) -> str:
    """Return the operator of a TensorFlowOpLayer if it is not harmless, or ``""``."""
    if isinstance(node_def, dict):
        node_def = str(node_def)  # pyright: ignore[reportUnknownArgumentType]
    found = _NODE_OP.search(node_def) if isinstance(node_def, str) else None
    if found is None:
        return "(unreadable)"
    return found.group(1) if _OUTSIDE.search(found.group(1)) else ""

# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false
# (Values of a JSON file are narrowed where they are used; they have no types before.)
"""What shape a stand-in's output may have, so that the layers after it fit their weights."""

from __future__ import annotations

from typing import Any

_UNITS = ("units", "filters", "output_dim", "nb_filter")
_KEEPS_CHANNELS = frozenset(
    {"Activation", "ReLU", "LeakyReLU", "ELU", "Dropout", "SpatialDropout1D", "SpatialDropout2D"}
    | {"MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D", "ZeroPadding2D"}
    | {"GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "Masking"}
    | {"GlobalMaxPooling2D", "GaussianNoise", "UpSampling1D", "UpSampling2D", "Cropping2D"}
)
# Axis of the first weight that counts the channels of the layer's input.
_INPUT_AXIS = {
    "Dense": 0, "LSTM": 0, "GRU": 0, "SimpleRNN": 0, "BatchNormalization": 0,
    "LayerNormalization": 0, "Conv1D": -2, "Conv2D": -2, "Conv3D": -2, "SeparableConv1D": -2,
    "SeparableConv2D": -2, "DepthwiseConv2D": -2, "Conv2DTranspose": -1,
}  # fmt: skip


def shape_after(layer: Any, shape: Any) -> tuple[Any, ...]:
    """Return the output shape of a stand-in for an input shape (of the first input).

    From the file if it says; else the input's, with a convolution's lengths and the
    channels that the configuration or the next layer's weights tell.
    """
    about, config = layer._kerastui_about, layer._kerastui_config
    if about.get("output_shape"):
        return tuple(about["output_shape"])
    if isinstance(shape, dict):
        shape = next(iter(shape.values()), ())
    while isinstance(shape, (list, tuple)) and shape and isinstance(shape[0], (list, tuple)):
        shape = shape[0]
    sizes = list(shape)
    if len(sizes) < 2:
        return tuple(sizes)
    first = config.get("data_format") == "channels_first"
    channels = about.get("channels") or next(
        (config[k] for k in _UNITS if isinstance(config.get(k), int)), None
    )
    if channels:
        sizes[1 if first else -1] = channels
    _lengths(config, sizes, 2 if first else 1)
    return tuple(sizes)


def _lengths(config: Any, sizes: list[Any], start: int) -> None:
    """Shorten the axes as a convolution with this configuration would."""
    kernel, padding = config.get("kernel_size"), config.get("padding", "valid")
    if not isinstance(kernel, (list, tuple)) or len(kernel) != len(sizes) - 2:
        return
    for i, width in enumerate(kernel):
        length = sizes[start + i]
        stride = _at(config.get("strides"), i)
        if length is None or not isinstance(width, int):
            continue
        if padding == "valid":
            length -= (width - 1) * _at(config.get("dilation_rate"), i)
        sizes[start + i] = max(1, -(-length // stride))


def _at(values: Any, index: int) -> int:
    if isinstance(values, (list, tuple)) and index < len(values):
        values = values[index]
    return values if isinstance(values, int) and values > 0 else 1


def channels(config: Any, first_shapes: dict[str, Any]) -> dict[str, int]:
    """Return, by layer name, how many channels the layers after it expect of its output.

    Args:
        config: the parsed model configuration.
        first_shapes: for each layer name the shape of its first weight in the file.
    """
    found: dict[str, int] = {}
    models = [config]
    while models:
        model = models.pop()
        layers = _layers_of(model)
        models.extend(layer for layer in layers if _layers_of(layer))
        after = _consumers(layers)
        by_name = {_name(layer): layer for layer in layers}
        for name in by_name:
            size = _expected(name, by_name, after, first_shapes)
            if size:
                found[name] = size
    return found


def _expected(name: str, by_name: Any, after: Any, first_shapes: Any) -> int:
    todo, seen = list(after.get(name, ())), set()
    while todo:
        consumer = todo.pop(0)
        layer = by_name.get(consumer)
        if consumer in seen or layer is None:
            continue
        seen.add(consumer)
        class_name, shape = layer.get("class_name"), first_shapes.get(consumer)
        axis = _INPUT_AXIS.get(class_name)
        if axis is not None and shape and len(shape) >= -axis:
            return int(shape[axis])
        if class_name in _KEEPS_CHANNELS:
            todo.extend(after.get(consumer, ()))
    return 0


def _layers_of(model: Any) -> list[Any]:
    config = model.get("config") if isinstance(model, dict) else None
    layers = config.get("layers") if isinstance(config, dict) else config
    return [e for e in layers if isinstance(e, dict)] if isinstance(layers, list) else []


def _name(layer: Any) -> str:
    config = layer.get("config")
    named = config.get("name") if isinstance(config, dict) else None
    return str(named or layer.get("name") or "")


def _consumers(layers: list[Any]) -> dict[str, list[str]]:
    """For each layer the names of those that take its output."""
    after: dict[str, list[str]] = {}
    names = {_name(layer) for layer in layers}
    functional = any(layer.get("inbound_nodes") for layer in layers)
    if not functional:
        order = [_name(layer) for layer in layers]
        return {one: [order[i + 1]] for i, one in enumerate(order[:-1])}
    for layer in layers:
        for source in _strings(layer.get("inbound_nodes")):
            if source in names:
                after.setdefault(source, []).append(_name(layer))
    return after


def _strings(value: Any) -> list[str]:
    found: list[str] = []
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, list):
            todo.extend(item)
        elif isinstance(item, dict):
            todo.extend(item.values())
    return found

"""How many features a layer gives: what the kernel of a Dense layer behind it has to know."""

from __future__ import annotations

from ..errors import BadEdit
from ..model import Layer, Model, safe_text
from .dense import era_of
from .graph import is_sequential

_DENSE = frozenset({"Dense", "TimeDistributedDense"})
_NORMS = frozenset({"BatchNormalization", "LayerNormalization"})
_PASSING = frozenset(
    {"Activation", "ActivityRegularization", "AlphaDropout", "Dropout", "ELU", "GaussianDropout",
     "GaussianNoise", "LeakyReLU", "PReLU", "ReLU", "Softmax"}
)  # fmt: skip


def features_of(model: Model, last: int) -> int:
    """Return how many features a Dense layer behind the layer `last` gets.

    Where the file does not tell a shape (behind a Lambda, say), weights do: of the layer itself,
    of one before it that it passes on, or of the Dense layer that followed it in the file.
    Raises BadEdit where nothing tells it.
    """
    layer = model.layers[last]
    shape = layer.output_shape
    if shape is not None:
        if era_of(model) == "keras1" and len(shape) != 2:
            raise BadEdit(
                f"{safe_text(layer.path, 120)} gives {shape}, and Keras 1 has Dense for (batch, "
                "features) only."
            )
        if len(shape) > 1 and shape[-1] is not None:
            return shape[-1]
    elif not _needs_shape(model):
        found = _passed_on(model, last) or _taken(model, last)
        if found is not None:
            return found
    has = f"its shape is {shape}" if shape is not None else "the file does not tell its shape"
    raise BadEdit(
        f"How many features {safe_text(layer.path, 120)} gives is not known ({has}), so a Dense "
        "layer behind it would have a kernel of unknown shape."
    )


def _needs_shape(model: Model) -> bool:
    """Whether the configuration of a new layer states the whole shape of what enters."""
    if model.format == "keras":
        return True
    return era_of(model) == "keras3" and not is_sequential(model, -1)


def _passed_on(model: Model, index: int) -> int | None:
    """Return what a layer's own weights tell, or those of the one whose result it passes on."""
    inside = {model.layers[i].name: i for i in model.children(-1)}
    for _ in range(len(inside)):
        layer = model.layers[index]
        base = layer.class_name.rpartition(">")[2]
        if base in _DENSE and layer.weights:
            return layer.weights[0].shape[-1]
        if base in _NORMS and layer.weights and len(layer.weights[0].shape) == 1:
            return layer.weights[0].shape[0]
        before = [i for i in model.children(-1) if i < index]
        if is_sequential(model, -1):
            sources = before[-1:]
        else:
            sources = [inside[name] for name in layer.inbound if name in inside]
        if base not in _PASSING or len(sources) != 1:
            return None
        index = sources[0]
    return None


def _taken(model: Model, index: int) -> int | None:
    """Return what the kernel of the Dense layer that took the layer's result in the file tells."""
    structure = model.structure
    if structure is None or structure.origins[index] < 0:
        return None
    whole, origin = structure.whole, structure.origins[index]
    if is_sequential(whole, -1):
        end = whole.layers[origin].end
        fed = [whole.layers[end]] if end < len(whole.layers) else []
    else:
        name = whole.layers[origin].name
        fed = [x for i in whole.children(-1) if (x := whole.layers[i]).inbound == (name,)]
    kernels = {layer.weights[0].shape[0] for layer in fed if _is_dense(layer)}
    return kernels.pop() if len(kernels) == 1 else None


def _is_dense(layer: Layer) -> bool:
    base = layer.class_name.rpartition(">")[2]
    return base in _DENSE and bool(layer.weights) and len(layer.weights[0].shape) == 2

"""Meaningful names for the layers that Keras named: from position and class.

``block2_conv1`` is the first convolution of the second block, ``head_dense1`` the first Dense
after the last; ``output`` is what the model answers with. Names that people gave stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from ..model import Layer, Model
from ..model.names import is_auto_named, to_snake_case
from .blocks import FRONT, HEAD, Graph, class_name, graph_of, is_pooling, parts_of
from .naming import place_problem, spelling_problem

_WORDS = {
    "InputLayer": "input", "BatchNormalization": "bn", "LayerNormalization": "ln",
    "RMSNormalization": "rms_norm", "GroupNormalization": "gn", "Normalization": "normalize",
    "Convolution1D": "conv", "Convolution2D": "conv", "Convolution3D": "conv",
    "AtrousConvolution1D": "conv", "AtrousConvolution2D": "conv", "Deconvolution2D": "deconv",
    "Conv1DTranspose": "deconv", "Conv2DTranspose": "deconv", "Conv3DTranspose": "deconv",
    "MultiHeadAttention": "attention", "GroupedQueryAttention": "attention",
    "AdditiveAttention": "attention", "Concatenate": "concat", "TimeDistributedDense": "dense",
    "SpatialDropout1D": "dropout", "SpatialDropout2D": "dropout", "SpatialDropout3D": "dropout",
    "LeakyReLU": "leaky_relu", "PReLU": "prelu", "ReLU": "relu", "ELU": "elu",
    "CuDNNLSTM": "lstm", "CuDNNGRU": "gru", "SimpleRNN": "rnn", "TFOpLambda": "op",
    "SlicingOpLambda": "slice", "GetItem": "slice", "Functional": "model",
}  # fmt: skip
"""What a layer is called after its class, where the class's own name is not as good."""

_BY_START = {
    "DepthwiseConv": "dwconv", "Separable": "sepconv", "Conv": "conv", "ZeroPadding": "pad",
    "Cropping": "crop", "UpSampling": "up",
}  # fmt: skip

_ALWAYS_COUNTED = frozenset(
    {"conv", "dwconv", "sepconv", "deconv", "dense", "bn", "ln", "gn", "dropout", "relu", "lstm",
     "gru", "rnn", "bilstm", "bigru", "model", "sequential"}
)  # fmt: skip
"""Words with a number even where there is only one: more of them are usual."""


def propose_names(model: Model, indices: Collection[int] | None = None) -> dict[str, str]:
    """Return layer path → proposed name for the layers that Keras named.

    Args:
        model: the description; without classes (weights-only files) nothing is proposed.
        indices: only these layers get proposals; None: all.

    The names are unique within each model, also beside those that stay, and TensorFlow takes
    them; none of them looks as if Keras had made it up.
    """
    found: dict[int, str] = {}
    if indices is None:
        parents = {layer.parent for layer in model.layers}
    else:
        parents = {model.layers[i].parent for i in indices}
    for parent in sorted(parents):
        places = [i for i in model.children(parent) if indices is None or i in indices]
        wanted = [i for i in places if model.layers[i].auto_named]
        if wanted:
            is_model = parent < 0 or model.layers[parent].kind == "model"
            names = _in_model(model, parent) if is_model else _in_wrapper(model, parent)
            stay = set(model.children(parent)).difference(wanted)
            taken = {model.layers[i].name for i in stay}
            found.update(_chosen(model, wanted, names, taken))
    return {model.layers[i].path: found[i] for i in sorted(found)}


def _chosen(
    model: Model, wanted: list[int], names: dict[int, str], taken: set[str]
) -> Iterator[tuple[int, str]]:
    for i in wanted:
        name, number = names[i], 0
        while name in taken or is_auto_named(name, model.layers[i].class_name):
            number += 1
            name = f"{names[i]}{'x' if names[i][-1:].isdigit() else ''}{number}"
        taken.add(name)
        if not (spelling_problem(name, model) or place_problem(model, model.layers[i].path)):
            yield i, name


def _in_wrapper(model: Model, parent: int) -> dict[int, str]:
    """Names for what a wrapper wraps, or the cells of a recurrent layer."""
    inside = list(model.children(parent))
    cells = [i for i in inside if class_name(model.layers[i]).endswith("Cell")]
    names: dict[int, str] = {}
    for number, i in enumerate(inside, 1):
        word = "cell" if i in cells else f"inner_{_word(model, i)}"
        backward = number > 1 and class_name(model.layers[parent]) == "Bidirectional"
        several = len(inside) > 1 and class_name(model.layers[parent]) != "Bidirectional"
        names[i] = word + ("_backward" if backward else str(number) if several else "")
    return names


def _in_model(model: Model, parent: int) -> dict[int, str]:
    """Names for all layers directly inside a model, unique among them."""
    graph = graph_of(model, parent)
    inside = list(model.children(parent))
    outputs = _outputs(graph, outermost=parent < 0)
    parts = parts_of(graph)
    blocks = any(part > 0 for part in parts)
    stems: list[str] = []
    for place, i in enumerate(inside):
        if place in outputs:
            stems.append("output")
        else:
            prefix = {FRONT: "", HEAD: "head_" if blocks else ""}
            word = _word(model, i)
            stems.append(prefix.get(parts[place], f"block{parts[place]}_") + word)
    return dict(zip(inside, _counted(stems), strict=True))


def _counted(stems: list[str]) -> Iterator[str]:
    """Yield the stems with numbers where there are several, or usually are."""
    totals = Counter(stems)
    seen: Counter[str] = Counter()
    for stem in stems:
        seen[stem] += 1
        counted = totals[stem] > 1 or stem.rpartition("_")[2] in _ALWAYS_COUNTED
        yield f"{stem}{seen[stem]}" if counted else stem


def _outputs(graph: Graph, *, outermost: bool) -> set[int]:
    """Return the layers that feed no other, where they are what models answer with."""
    consumers = graph.consumers
    return {
        i
        for i, layer in enumerate(graph.layers)
        if not consumers[i]
        and graph.sources[i]
        and (
            class_name(layer) in ("Dense", "Activation", "Softmax")
            or (outermost and class_name(layer).startswith("Conv"))
        )
    }


def _word(model: Model, index: int) -> str:
    """Return what a layer is called in one word."""
    layer = model.layers[index]
    name = class_name(layer)
    if name in ("Bidirectional", "TimeDistributed") and layer.end > index + 1:
        inner = _word(model, index + 1)
        return f"bi{inner}" if name == "Bidirectional" else f"td_{inner}"
    if name in ("Activation", "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"):
        return _by_setting(layer) or _WORDS.get(name, "op")
    if is_pooling(layer):
        return "pool"
    if name.startswith("Global"):
        return "global_pool"
    if name in _WORDS:
        return _WORDS[name]
    for start, word in _BY_START.items():
        if name.startswith(start) and "LSTM" not in name:
            return word
    return to_snake_case(name) or "layer"


def _by_setting(layer: Layer) -> str:
    """Return the function that an activation or operator layer applies."""
    for key in ("activation", "function", "symbol"):
        value = layer.config.get(key)
        if isinstance(value, str):
            word = value.rpartition(".")[2].strip("_")
            return to_snake_case(word) if word.isidentifier() and word.isascii() else ""
    return ""


def free_name(model: Model, stem: str = "head") -> str:
    """Return a name for a new layer of the outermost model that none there has."""
    taken = {model.layers[i].name for i in model.children(-1)}
    number = 1
    name = stem
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name

"""Short, readable names of weights, and which of them Keras never trains."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NEVER_TRAINED = re.compile(
    r"(.*_)?(moving_mean|moving_variance|moving_var|running_mean|running_std|running_var"
    r"|renorm_\w+|seed_generator_state|rnn_state|vector_u|sn_u|num_batches_tracked)\Z"
)
_CELL = re.compile(r"\w*cells?(_\d+)?\Z")
_COLON = re.compile(r":\d+\Z")
_KERAS_1 = re.compile(
    r"(?:\A|_)((?:W|U|b)(?:_[a-z]+)?|gamma|beta|running_mean|running_std|alphas?|embeddings"
    r"|depthwise_kernel|pointwise_kernel)\Z"
)
_SIDES = ("forward_", "backward_")
_PLAIN = frozenset({"recurrent_kernel", "depthwise_kernel", "pointwise_kernel"})


def bare(stored: str) -> str:
    """Return a weight's name without TensorFlow's output number (``:0``)."""
    return _COLON.sub("", stored)


def is_trained(name: str, dtype: str, class_name: str = "") -> bool:
    """Whether Keras trains a weight of this name when its layer is trainable.

    Moving statistics, seeds and counts are not; neither is anything that is no
    floating-point number (``void16`` is how HDF5 shows bfloat16).
    """
    last = bare(name).rpartition("/")[2]
    if _NEVER_TRAINED.match(last) or not dtype.startswith(("float", "bfloat", "complex", "void16")):
        return False
    return not (class_name == "Normalization" and last in ("mean", "variance", "count"))


def short_names(stored: Sequence[str], layer: str) -> list[str]:
    """Return a short name for each of a layer's weights, unique among them.

    ``gru/gru_cell/kernel:0`` → ``kernel``, ``mha/query/bias:0`` → ``query/bias``,
    ``bi/forward_lstm/lstm_cell/bias:0`` → ``forward/bias``, ``dense_3_W:0`` → ``W``.
    """
    if len(stored) == 1:  # most layers' loop below would cost more than all the rest
        return [_last(bare(stored[0]).rpartition("/")[2], layer)]
    parts = [bare(name).split("/") for name in stored]
    lasts = [_last(p[-1], layer) for p in parts]
    if len(set(lasts)) == len(lasts):
        return lasts
    shared = 0
    while all(len(p) > shared + 1 for p in parts) and len({p[shared] for p in parts}) == 1:
        shared += 1
    names = [
        "/".join([*_folders(p[shared:-1]), last]) for p, last in zip(parts, lasts, strict=True)
    ]
    if len(set(names)) != len(names):
        names = ["/".join(p) for p in parts]
    return _unique(names)


def _last(name: str, layer: str) -> str:
    """Return the end of a name, without the layer's own name that Keras 1 put before it."""
    for side in ("", *_SIDES):
        prefix = f"{side}{layer}_"
        if name.startswith(prefix) and len(name) > len(prefix):
            rest = name[len(prefix) :]
            return f"{side[:-1]}/{rest}" if side else rest
    found = _KERAS_1.search(name)
    if found and found.start() > 0 and name not in _PLAIN:
        side = next((s[:-1] + "/" for s in _SIDES if name.startswith(s)), "")
        return side + found[1]
    return name


def _folders(parts: list[str]) -> list[str]:
    kept: list[str] = []
    for part in parts:
        side = next((s[:-1] for s in _SIDES if part.startswith(s)), None)
        if side:
            kept.append(side)
        elif not _CELL.match(part):
            kept.append(part)
    return kept


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    result: list[str] = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}@{seen[name]}")
    return result

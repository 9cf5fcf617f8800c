"""``x``: inputs from files, or made, that fit the model."""

from __future__ import annotations

import os
from typing import Any

_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm")


class BadInput(ValueError):
    """An input that cannot be read or does not fit; the message is one sentence."""


def make(kind: str, model: Any, seed: int = 0, batch: int = 1) -> Any:
    """Return ``zeros``, ``ones`` or ``normal`` numbers for each of the model's inputs.

    Free axes other than the batch are 1 long (32 for a sequence of word numbers). Whole
    numbers for Embedding layers are drawn below the vocabulary. Raises BadInput.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    arrays: list[Any] = []
    for i, tensor in enumerate(_inputs(model)):
        shape = [n if n is not None else 1 for n in shape_of(tensor)]
        if shape_of(tensor)[0] is None:
            shape[0] = max(1, batch)
        words = _vocabulary(model, i)
        if kind == "zeros":
            array = np.zeros(shape)
        elif kind == "ones":
            array = np.ones(shape)
        elif kind == "normal":
            array = rng.integers(0, words, shape) if words else rng.standard_normal(shape)
        else:
            raise BadInput(f"{kind!r} is no way to make an input; zeros, ones and normal are.")
        dtype = dtype_of(tensor)
        arrays.append(array if dtype == "string" else array.astype(_numpy_dtype(dtype)))
    return arrays[0] if len(arrays) == 1 else arrays


def read(place: str, model: Any) -> tuple[Any, list[str]]:
    """Read an input from a file: an array, or a list of them for several inputs; and notes.

    `place`: a ``.npy`` or ``.npz``, an image, a ``.csv``, or ``file.h5:/dataset``. Never
    unpickles. Raises BadInput.
    """
    path, inner = _split(place)
    ending = os.path.splitext(path)[1].lower()
    try:
        if inner:
            return _dataset(path, inner), []
        if ending == ".npy":
            return _numpy(path), []
        if ending == ".npz":
            return _archive(path, model), []
        if ending in (".csv", ".tsv", ".txt"):
            return _table(path), []
        if ending in _IMAGES:
            return _image(path, model)
    except BadInput:
        raise
    except (OSError, ValueError, KeyError, EOFError) as error:
        why = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise BadInput(f"Cannot read {place}: {why[:300]}.") from error
    raise BadInput(
        f"{place} is no kind of input that can be read: .npy, .npz, .csv, an image, or "
        "FILE.h5:/DATASET."
    )


def fit(value: Any, model: Any) -> tuple[Any, list[str]]:
    """Give the model's inputs their batch axis where it is missing, and check their shapes.

    Returns the value for the model and notes (``a batch axis was added``). Raises BadInput
    with the axis that does not fit and what is expected.
    """
    tensors = _inputs(model)
    if isinstance(value, dict):
        names = [name_of(t) for t in tensors]
        missing = [n for n in names if n not in value]
        if missing:
            raise BadInput(f"The inputs have no {missing[0]!r}; the model has {', '.join(names)}.")
        values = [value[n] for n in names]
    else:
        values = list(value) if isinstance(value, (list, tuple)) and len(tensors) > 1 else [value]
    if len(values) != len(tensors):
        raise BadInput(
            f"The model has {len(tensors)} inputs ({', '.join(map(name_of, tensors))}), "
            f"x has {len(values)}."
        )
    notes: list[str] = []
    fitted = [_fit(v, t, len(tensors) > 1, notes) for v, t in zip(values, tensors)]
    counts = {a.shape[0] for a in fitted}
    if len(counts) > 1:
        raise BadInput(f"The inputs have different numbers of samples: {sorted(counts)}.")
    return (fitted[0] if len(fitted) == 1 else fitted), notes


def _fit(value: Any, tensor: Any, several: bool, notes: list[str]) -> Any:
    import numpy as np

    from .arrays import as_array

    array = as_array(value)
    array = np.asarray(value) if array is None else array
    shape, name = shape_of(tensor), f"input {name_of(tensor)!r}" if several else "the model"
    if array.dtype.kind not in "fiub" and dtype_of(tensor) != "string":
        raise BadInput(f"x holds {array.dtype}, and {name} expects numbers.")
    if array.ndim == len(shape) - 1:
        array = array[None]
        notes.append("a batch axis was added")
    wanted = said_shape(shape)
    if array.ndim != len(shape):
        raise BadInput(
            f"x has {array.ndim} axes {_tuple(array.shape)}, and {name} expects {len(shape)}: "
            f"{wanted}."
        )
    for axis, (have, want) in enumerate(zip(array.shape, shape)):
        if want is not None and have != want:
            raise BadInput(f"Axis {axis} of x is {have}, and {name} expects {want}: {wanted}.")
    if array.shape[0] == 0:
        raise BadInput("x has no samples: its batch axis is 0.")
    if array.dtype.kind == "f":
        nans = int(np.isnan(array).sum())
        if nans:
            notes.append(f"x holds {nans:,} NaN")
    return array


def shape_of(tensor: Any) -> list[int | None]:
    """Return a symbolic tensor's shape; None for free axes."""
    return [None if n is None else int(n) for n in tensor.shape]


def dtype_of(tensor: Any) -> str:
    """Return a symbolic tensor's dtype by name."""
    return str(getattr(tensor.dtype, "name", tensor.dtype))


def name_of(tensor: Any) -> str:
    """Return the name of an input."""
    return str(getattr(tensor, "name", "x")).partition(":")[0]


def said_shape(shape: Any) -> str:
    """Return a shape as people read it: ``(batch, 28, 28, 1)``."""
    first, *rest = shape
    parts = ["batch" if first is None else str(first)]
    return "(" + ", ".join(parts + ["any" if n is None else str(n) for n in rest]) + ")"


def _tuple(shape: Any) -> str:
    return str(tuple(int(n) for n in shape))


def _inputs(model: Any) -> list[Any]:
    tensors = getattr(model, "inputs", None)
    if not tensors:
        raise BadInput("This model does not say which inputs it takes; set x in the console.")
    return list(tensors)


def _numpy_dtype(dtype: str) -> str:
    return {"bfloat16": "float32"}.get(dtype, dtype)


def _vocabulary(model: Any, number: int) -> int:
    """Return how many words the Embedding behind an input knows; 0 if there is none."""
    for layer in getattr(model, "layers", ()):
        size = getattr(layer, "input_dim", None)
        if type(layer).__name__ == "Embedding" and isinstance(size, int):
            return max(1, size)
        if type(layer).__name__ not in ("InputLayer", "Embedding", "Masking"):
            return 0
    return 0


def _split(place: str) -> tuple[str, str]:
    """Divide ``file.h5:/group/data``; a drive's colon is none of ours."""
    head, colon, tail = place.rpartition(":")
    if colon and head and tail.startswith("/") and len(head) > 1:
        return os.path.expanduser(head), tail
    return os.path.expanduser(place), ""


def _numpy(path: str) -> Any:
    import numpy as np

    array = np.load(path, allow_pickle=False)
    if isinstance(array, np.ndarray):
        return array
    raise BadInput(f"{path} is no .npy file.")


def _archive(path: str, model: Any) -> Any:
    import numpy as np

    with np.load(path, allow_pickle=False) as archive:
        names = list(archive.files)
        wanted = [name_of(t) for t in _inputs(model)]
        if all(name in names for name in wanted):
            chosen = wanted
        elif all(f"x{i}" in names for i in range(len(wanted))):
            chosen = [f"x{i}" for i in range(len(wanted))]
        elif len(wanted) == 1 and ("x" in names or len(names) == 1):
            chosen = ["x" if "x" in names else names[0]]
        elif len(names) == len(wanted):
            chosen = names
        else:
            raise BadInput(
                f"{path} holds {', '.join(names[:10]) or 'nothing'}; the model's inputs are "
                f"{', '.join(wanted)}."
            )
        arrays = [archive[name] for name in chosen]
    return arrays[0] if len(arrays) == 1 else arrays


def _table(path: str) -> Any:
    """Numbers separated by commas, semicolons, tabs or blanks; one line of headings is skipped."""
    import numpy as np

    with open(path, encoding="utf-8-sig") as stream:
        first = stream.readline()
    separators = [s for s in (",", ";", "\t") if s in first]
    separator = separators[0] if separators else None
    skip = 0
    for cell in first.split(separator):
        try:
            float(cell.strip().strip('"') or "nan")
        except ValueError:
            skip = 1
    return np.loadtxt(path, delimiter=separator, skiprows=skip, ndmin=2, encoding="utf-8-sig")


def _dataset(path: str, inner: str) -> Any:
    import h5py
    import numpy as np

    with h5py.File(path, "r") as file:
        found = file.get(inner)
        if not isinstance(found, h5py.Dataset):
            raise BadInput(f"{path} has no dataset {inner}.")
        if found.dtype.kind not in "fiub":
            raise BadInput(f"{inner} holds {found.dtype}, no numbers.")
        return np.asarray(found[()])


def _image(path: str, model: Any) -> tuple[Any, list[str]]:
    """An image in the size and with the channels that the model expects, values 0 to 255."""
    import numpy as np

    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise BadInput("Images need Pillow in this environment: pip install pillow.") from None
    shape = shape_of(_inputs(model)[0])
    if len(shape) not in (3, 4):
        raise BadInput(f"The model expects {said_shape(shape)}, and an image has two sides.")
    sides, channels = (shape[1:3], shape[3]) if len(shape) == 4 else (shape[1:3], 1)
    first = len(shape) == 4 and channels not in (1, 3, 4) and shape[1] in (1, 3, 4)
    if first:
        sides, channels = shape[2:4], shape[1]
    modes = {1: "L", 3: "RGB", 4: "RGBA"}
    if channels is not None and channels not in modes:
        raise BadInput(f"The model expects {channels} channels, and an image has 1, 3 or 4.")
    try:
        with Image.open(path) as image:
            picture = image.convert(modes[channels or 3])
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise BadInput(f"{path} cannot be read as an image: {error}.") from error
    notes = ["values are 0 to 255: scale them as in training"]
    height, width = sides[0] or picture.height, sides[1] or picture.width
    if (picture.width, picture.height) != (width, height):
        notes.append(f"resized from {picture.width}×{picture.height} to {width}×{height}")
        picture = picture.resize((width, height))
    array = np.asarray(picture, dtype="float32")
    if len(shape) == 4 and array.ndim == 2:
        array = array[..., None]
    return (np.moveaxis(array, -1, 0) if first else array), notes

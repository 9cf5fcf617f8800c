"""What the screen is told of a value."""

from __future__ import annotations

import io
import sys
from typing import Any

from .arrays import as_array, describe
from .texts import MAX_TEXT, bounded_repr

_MAX_ITEMS = 50
_MAX_SUMMARY = 1 << 20
_MAX_FIGURE = 1 << 24


def summarize(value: Any, name: str, depth: int = 0) -> tuple[dict[str, Any], bytes]:
    """Return a message about a value, and a picture's bytes where it is one.

    ``form`` is one of ``none``, ``scalar``, ``string``, ``array``, ``items`` (a list, tuple
    or dictionary that holds arrays), ``model``, ``figure``, ``table``, ``text``. ``id`` names
    the value for later questions (`arrays.part`).
    """
    kind = type(value)
    about: dict[str, Any] = {"id": name, "type": kind.__name__, "module": str(kind.__module__)}
    if value is None:
        return {**about, "form": "none", "text": "None"}, b""
    if kind in (bool, int, float, complex):
        return {**about, "form": "scalar", "text": bounded_repr(value)}, b""
    if kind is str:
        return {**about, "form": "string", "text": value[:MAX_TEXT], "length": len(value)}, b""
    array = as_array(value)
    if array is not None:
        about.update(describe(array), form="array")
        if array.ndim == 0:
            about.update(form="scalar", text=_number(array))
        return about, b""
    if depth == 0:
        special = _special(value, about)
        if special is not None:
            return special
    if kind in (list, tuple, dict) and 0 < len(value) <= 100_000:
        items = _items(value, name, depth)
        if items is not None:
            return {**about, "form": "items", "count": len(value), "items": items}, b""
    return {**about, "form": "text", "text": bounded_repr(value)}, b""


def _number(array: Any) -> str:
    value = array[()]
    return str(value) if array.dtype.kind in "fiubc" else bounded_repr(value, 1000)


def _items(value: Any, name: str, depth: int) -> list[dict[str, Any]] | None:
    """Describe the parts of a container, if any of the first ones is an array."""
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value))[:_MAX_ITEMS]
    if depth >= 2 or not any(as_array(item) is not None for _, item in pairs):
        return None
    rows: list[dict[str, Any]] = []
    for i, (key, item) in enumerate(pairs):
        about, _ = summarize(item, f"{name}.{i}", depth + 1)
        if "text" in about:
            about["text"] = about["text"][:1000]
        rows.append({**about, "key": bounded_repr(key, 200)})
    return rows


def _special(value: Any, about: dict[str, Any]) -> tuple[dict[str, Any], bytes] | None:
    names = {f"{k.__module__}.{k.__name__}" for k in type(value).__mro__}
    picture = figure_of(value) if any(n.startswith("matplotlib.") for n in names) else b""
    if picture:
        return {**about, "form": "figure", "text": bounded_repr(value, 1000)}, picture
    if names & {"pandas.core.frame.DataFrame", "pandas.DataFrame"}:
        text = value.to_string(max_rows=200, max_cols=50, line_width=None)
        return {**about, "form": "table", "text": text[:_MAX_SUMMARY]}, b""
    if names & {"pandas.core.series.Series", "pandas.Series"}:
        return {**about, "form": "table", "text": value.to_string(max_rows=200)[:MAX_TEXT]}, b""
    if _is_model(names):
        text = _model_summary(value)
        if text:
            return {**about, "form": "model", "text": text[:_MAX_SUMMARY]}, b""
    return None


def _is_model(names: set[str]) -> bool:
    return any(
        n.startswith(("keras.", "tf_keras.")) and n.endswith((".Model", ".Functional"))
        for n in names
    )


def _model_summary(model: Any) -> str:
    lines: list[str] = []
    try:
        model.summary(line_length=100, print_fn=lambda text, **_: lines.append(str(text)))
    except ValueError as error:  # not built yet
        return f"{bounded_repr(model, 1000)}\n{error}"
    return "\n".join(lines)


def figure_of(value: Any) -> bytes:
    """Return a matplotlib figure (or the figure of axes, or of an artist) as PNG, else b""."""
    figure = value if hasattr(value, "savefig") else getattr(value, "figure", None)
    if figure is None or not hasattr(figure, "savefig"):
        return b""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", bbox_inches="tight")
    return stream.getvalue() if stream.tell() <= _MAX_FIGURE else b""


def open_figure() -> bytes:
    """Return what pyplot has drawn since the last time, as PNG, and close it; b"" if nothing."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not pyplot.get_fignums():
        return b""
    picture = figure_of(pyplot.gcf())
    pyplot.close("all")
    return picture


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON has it: arrays as nested lists, what has no form as its text.

    Raises ValueError over ten million numbers.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    array = as_array(value)
    if array is not None:
        if array.size > 10_000_000:
            raise ValueError(f"{array.size:,} values are too many for JSON; save them as .npy")
        if array.dtype.kind == "c":
            return [plain(array.real), plain(array.imag)]
        listed = (array if array.dtype.kind in "fiubUO" else array.astype("f4")).tolist()
        return plain(listed, depth) if array.dtype.kind == "O" else listed
    if depth < 20 and isinstance(value, dict):
        return {str(k): plain(v, depth + 1) for k, v in value.items()}
    if depth < 20 and isinstance(value, (list, tuple)):
        return [plain(v, depth + 1) for v in value]
    return bounded_repr(value, 10_000)

"""What an evaluation gives: values, troubles, and what it changed in the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from .fields import Fields, read_sizes

Form = Literal[
    "none", "scalar", "string", "array", "items", "model", "figure", "table", "text"
]  # fmt: skip
_FORMS: dict[str, Form] = {form: form for form in get_args(Form)}


@dataclass(frozen=True)
class Value:
    """What is known of a value in the Keras process."""

    id: str
    """For `Session.fetch`; values are kept for a while only."""
    type: str
    form: Form
    text: str = ""
    dtype: str = ""
    shape: tuple[int, ...] = ()
    size: int = 0
    """Bytes of an array."""
    low: float | int | None = None
    mean: float | int | None = None
    high: float | int | None = None
    nans: int = 0
    length: int = 0
    """Characters of a whole string, items of a container."""
    key: str = ""
    """Its place in the container that it is part of."""
    items: tuple[Value, ...] = ()
    picture: bytes = field(default=b"", repr=False)
    """PNG of a figure."""

    @classmethod
    def read(cls, row: Fields, picture: bytes = b"", depth: int = 0) -> Value:
        """Read a value's description."""
        inner = row.rows("items") if depth < 5 else []
        return cls(
            row.text("id"),
            row.text("type"),
            _FORMS.get(row.text("form"), "text"),
            row.text("text"),
            row.text("dtype"),
            read_sizes(row.all.get("shape")),
            row.number("bytes"),
            row.real("min"),
            row.real("mean"),
            row.real("max"),
            row.number("nans"),
            row.number("length") or row.number("count"),
            row.text("key"),
            tuple(cls.read(item, depth=depth + 1) for item in inner),
            picture if picture.startswith(b"\x89PNG") else b"",
        )


@dataclass(frozen=True)
class Trouble:
    """An exception of the user's code."""

    type: str
    message: str
    line: int
    """Line of the typed code; 0 if it was elsewhere."""
    traceback: str


@dataclass(frozen=True)
class FlagChange:
    """The user's code froze or unfroze a layer."""

    path: str
    trainable: bool
    as_loaded: bool


@dataclass(frozen=True)
class WeightChange:
    """The user's code changed a weight's values."""

    path: str
    name: str
    index: int
    shape: tuple[int, ...]
    dtype: str
    as_loaded: bool
    """It has again the values that it was loaded with."""


@dataclass(frozen=True)
class Result:
    """An evaluation has ended."""

    number: int
    status: Literal["ok", "error", "interrupted"]
    value: Value | None
    """None where the code's last statement is no expression."""
    trouble: Trouble | None
    flags: tuple[FlagChange, ...]
    looking: bool
    """Whether `Changes` for this evaluation will follow."""
    lost: int
    """Characters that were printed beyond what is shown."""
    seconds: float

    @classmethod
    def read(cls, fields: Fields, data: bytes) -> Result:
        """Read the answer to ``eval``."""
        status = fields.text("status")
        error = fields.inner("error")
        return cls(
            fields.number("number"),
            "ok" if status == "ok" else "interrupted" if status == "interrupted" else "error",
            Value.read(fields.inner("value"), data) if "value" in fields.all else None,
            Trouble(
                error.text("type"),
                error.text("message"),
                error.number("line"),
                error.text("traceback"),
            )
            if "error" in fields.all
            else None,
            read_flags(fields),
            fields.flag("looking"),
            fields.number("lost"),
            float(fields.real("seconds") or 0.0),
        )


def read_flags(fields: Fields) -> tuple[FlagChange, ...]:
    """Read the flags that changed."""
    return tuple(
        FlagChange(row.text("path"), row.flag("trainable"), row.flag("as_loaded"))
        for row in fields.rows("flags")
    )


def read_weights(fields: Fields) -> tuple[WeightChange, ...]:
    """Read the weights that changed."""
    return tuple(
        WeightChange(
            row.text("path"),
            row.text("name"),
            row.number("index"),
            read_sizes(row.all.get("shape")),
            row.text("dtype"),
            row.flag("as_loaded"),
        )
        for row in fields.rows("weights")
    )


@dataclass(frozen=True)
class Made:
    """``x`` was set, or a layer's output computed."""

    value: Value
    notes: tuple[str, ...]
    """Such as: a batch axis was added."""

    @classmethod
    def read(cls, fields: Fields, data: bytes) -> Made:
        """Read the answer to ``set_input`` and ``layer_output``."""
        return cls(Value.read(fields.inner("value"), data), fields.texts("notes"))


@dataclass(frozen=True)
class Part:
    """A part of an array, as asked for."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes = field(repr=False)
    """Little-endian, C order; of `sent`, if that is not the dtype itself."""
    sent: str
    texts: tuple[str, ...]
    """The elements of an array of strings or objects."""

    @classmethod
    def read(cls, fields: Fields, data: bytes) -> Part:
        """Read the answer to ``fetch``."""
        dtype = fields.text("dtype")
        return cls(
            dtype,
            read_sizes(fields.all.get("shape")),
            data,
            fields.text("sent") or dtype,
            fields.texts("texts"),
        )

    def to_numpy(self) -> Any:
        """Return the part as an array (of objects, if it is text). Raises ValueError."""
        import numpy as np

        if self.texts:
            return np.array(self.texts, dtype=object).reshape(self.shape)
        kind = np.dtype(self.sent).newbyteorder("<")
        return np.frombuffer(self.data, kind).reshape(self.shape)

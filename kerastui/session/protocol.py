"""What the Keras process says, as typed values.

The process runs the user's code and may say anything: each field is looked at, and one of
another type than expected is as if it were missing. Nothing is unpickled. Texts are as they
came: whoever shows one passes it through `kerastui.model.text.safe_text`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

Shape = tuple[int | None, ...]
Form = Literal[
    "none", "scalar", "string", "array", "items", "model", "figure", "table", "text"
]  # fmt: skip
_FORMS: tuple[Form, ...] = (
    "none", "scalar", "string", "array", "items", "model", "figure", "table", "text"
)  # fmt: skip


class State(enum.Enum):
    """What the Keras process is doing; the value is the word for the header."""

    NOT_STARTED = "not started"
    STARTING = "starting"
    IMPORTING = "importing"
    LOADING = "loading"
    READY = "ready"
    BUSY = "busy"
    FAILED = "failed"
    """It could not start, or the model could not be loaded."""
    DEAD = "stopped"
    """It ended by itself or was killed; it can be started again."""


class Fields:
    """A JSON object from the worker, read with care."""

    def __init__(self, value: object) -> None:
        self.all: Mapping[str, Any] = (
            cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
        )

    def text(self, key: str, default: str = "") -> str:
        """Return a string."""
        value = self.all.get(key)
        return value if isinstance(value, str) else default

    def number(self, key: str, default: int = 0) -> int:
        """Return a whole number."""
        value = self.all.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def real(self, key: str) -> float | int | None:
        """Return a number, or None."""
        value = self.all.get(key)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def flag(self, key: str) -> bool:
        """Return a truth value; False if missing."""
        return self.all.get(key) is True

    def items(self, key: str) -> list[Any]:
        """Return a list; empty if missing."""
        value = self.all.get(key)
        return cast("list[Any]", value) if isinstance(value, list) else []

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list's strings."""
        return tuple(v for v in self.items(key) if isinstance(v, str))

    def inner(self, key: str) -> Fields:
        """Return an object inside this one; empty if missing."""
        return Fields(self.all.get(key))

    def rows(self, key: str) -> list[Fields]:
        """Return a list of objects."""
        return [Fields(v) for v in self.items(key)]


def read_shape(value: object) -> Shape:
    """Return a JSON list as a shape; what is no number becomes None."""
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return tuple(n if isinstance(n, int) and not isinstance(n, bool) else None for n in items)


def _sizes(value: object) -> tuple[int, ...]:
    return tuple(n if n is not None and n >= 0 else 0 for n in read_shape(value))


@dataclass(frozen=True)
class Versions:
    """The environment that Keras runs in."""

    python: str
    executable: str
    keras_module: str
    """``keras`` or ``tf_keras``."""
    keras: str
    backend: str
    backend_version: str
    memory_limit: int
    """Bytes; 0 for none."""

    @classmethod
    def read(cls, fields: Fields) -> Versions:
        """Read the answer to ``begin``."""
        inner = fields.inner("versions")
        return cls(
            *(inner.text(k) for k in ("python", "executable", "keras_module", "keras")),
            inner.text("backend"),
            inner.text("backend_version"),
            fields.number("memory_limit"),
        )


@dataclass(frozen=True)
class Tensor:
    """An input or output of the model."""

    name: str
    shape: Shape
    dtype: str


@dataclass(frozen=True)
class Loaded:
    """A model is loaded."""

    name: str
    class_name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    trainable_weights: int
    weights: int
    compiled: bool
    missing: tuple[str, ...]
    """Layers of the table that the live model does not have."""
    left_out: tuple[str, ...]
    """Names that nobody gave: the model was compiled without them."""
    uncompiled: str
    """Why the model could not be compiled without them; "" if it could."""
    printed: str
    """What the user's files printed."""

    @classmethod
    def read(cls, fields: Fields) -> Loaded:
        """Read the answer to ``load``."""
        model = fields.inner("model")
        return cls(
            model.text("name"),
            model.text("class_name"),
            _tensors(model, "inputs"),
            _tensors(model, "outputs"),
            model.number("trainable_weights"),
            model.number("weights"),
            model.flag("compiled"),
            fields.texts("missing"),
            fields.texts("left_out"),
            fields.text("uncompiled"),
            fields.text("printed"),
        )


def _tensors(model: Fields, key: str) -> tuple[Tensor, ...]:
    return tuple(
        Tensor(row.text("name"), read_shape(row.all.get("shape")), row.text("dtype"))
        for row in model.rows(key)
    )


@dataclass(frozen=True)
class Need:
    """A name that a file needs and that Keras does not know; see `inside.needs`."""

    name: str
    kind: str
    uses: tuple[str, ...]
    more_uses: int
    plain_name: str
    module: str
    registered_name: str
    own: bool
    """A class of another Keras version: nobody but Keras has it."""
    today: str

    @classmethod
    def read(cls, row: Fields) -> Need:
        """Read one row."""
        return cls(
            row.text("name"),
            row.text("kind"),
            row.texts("uses"),
            row.number("more_uses"),
            row.text("plain_name") or row.text("name"),
            row.text("module"),
            row.text("registered_name"),
            row.flag("own"),
            row.text("today"),
        )

    def describe(self) -> str:
        """Say the name, its kind and where it is used, on one line."""
        where = ", ".join(self.uses[:1])
        more = len(self.uses[1:]) + self.more_uses
        if where and more:
            where += f" and {more} more"
        return f"{self.name}: {self.kind}" + (f" ({where})" if where else "")


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
        form = row.text("form")
        inner = row.rows("items") if depth < 5 else []
        return cls(
            row.text("id"),
            row.text("type"),
            next((f for f in _FORMS if f == form), "text"),
            row.text("text"),
            row.text("dtype"),
            _sizes(row.all.get("shape")),
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
            _sizes(row.all.get("shape")),
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
            _sizes(fields.all.get("shape")),
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


@dataclass(frozen=True)
class Offer:
    """Something that may be written at the cursor."""

    text: str
    kind: str


@dataclass(frozen=True)
class Completion:
    """Offers, and from where on the text is replaced."""

    start: int
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Signature:
    """The call that the cursor is in."""

    text: str
    parameters: tuple[str, ...]
    active: int
    doc: str


# Events


@dataclass(frozen=True)
class StateChanged:
    """The process does something else now."""

    state: State
    detail: str = ""
    """What it imports or loads; why it failed."""


@dataclass(frozen=True)
class Output:
    """Something was printed."""

    number: int
    """The evaluation; 0 for what is printed outside of any."""
    stream: Literal["stdout", "stderr", "native"]
    text: str


@dataclass(frozen=True)
class Changes:
    """The weights that evaluation `number` (and those just before it) changed."""

    number: int
    weights: tuple[WeightChange, ...]


Event = StateChanged | Output | Changes

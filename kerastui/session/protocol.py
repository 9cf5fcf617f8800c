"""What the Keras process says, as typed values.

The process runs the user's code and may say anything: each field is looked at, and one of
another type than expected is as if it were missing. Nothing is unpickled. Texts are as they
came: whoever shows one passes it through `kerastui.model.text.safe_text`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

from .fields import Fields as Fields
from .fields import Shape as Shape
from .fields import read_shape as read_shape
from .results import FlagChange as FlagChange
from .results import Form as Form
from .results import Made as Made
from .results import Part as Part
from .results import Result as Result
from .results import Trouble as Trouble
from .results import Value as Value
from .results import WeightChange as WeightChange
from .results import read_flags as read_flags
from .results import read_weights as read_weights


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
            inner.text("python"),
            inner.text("executable"),
            inner.text("keras_module"),
            inner.text("keras"),
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
class Offer:
    """Something that may be written at the cursor."""

    text: str
    kind: str


@dataclass(frozen=True)
class Completion:
    """Offers, and from where on the text is replaced."""

    start: int
    offers: tuple[Offer, ...]

    @classmethod
    def read(cls, fields: Fields) -> Completion:
        """Read the answer to ``complete``."""
        offers = [Offer(row.text("text"), row.text("kind")) for row in fields.rows("offers")]
        return cls(fields.number("start"), tuple(offers))


@dataclass(frozen=True)
class Signature:
    """The call that the cursor is in."""

    text: str
    parameters: tuple[str, ...]
    active: int
    doc: str

    @classmethod
    def read(cls, fields: Fields) -> Signature | None:
        """Read the answer to ``signature``; None where there is no call."""
        if not fields.text("text"):
            return None
        return cls(
            fields.text("text"),
            fields.texts("parameters"),
            fields.number("active", -1),
            fields.text("doc"),
        )


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

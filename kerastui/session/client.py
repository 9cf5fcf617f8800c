"""The screen's side of the Keras process: `Session`. Imports neither Keras nor NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import LoadFailed
from .life import Life
from .protocol import (
    Changes,
    Completion,
    Fields,
    Loaded,
    Made,
    Need,
    Part,
    Result,
    Signature,
    State,
    read_shape,
    read_weights,
)


@dataclass(frozen=True)
class Evaluation:
    """Code that was sent: `future` gives its `Result`, `Output` events carry `number`."""

    number: int
    future: Future[Result]


class Session(Life):
    """Keras in its process: start, load, evaluate.

    Every method returns at once, with a future where there is an answer
    (``asyncio.wrap_future`` makes it awaitable). A future's exception is a `SessionError`.
    Requests are met in order; `fetch`, `complete` and `signature` also while an evaluation
    runs. `on_event` is called from threads of ours, and must neither wait nor raise.
    """

    # Models

    def needs(self, path: str) -> Future[tuple[Need, ...]]:
        """Find the names that a file needs and this Keras does not know."""

        def read(fields: Fields, data: bytes) -> tuple[Need, ...]:
            return tuple(Need.read(row) for row in fields.rows("needs"))

        return self._line.ask("needs", read, error=LoadFailed, path=_absolute(path))

    def defines(self, where: str, names: Sequence[str]) -> Future[tuple[str, ...]]:
        """Find which of `names` a Python file or module defines; it is not run."""
        return self._line.ask(
            "defines", lambda fields, data: fields.texts("names"), where=where, names=list(names)
        )

    def load(
        self,
        path: str,
        *,
        rows: Sequence[object] | None = None,
        flags: Mapping[str, bool] | None = None,
        answers: Sequence[Mapping[str, str]] = (),
        instances: Mapping[str, object] | None = None,
        compile: bool = True,
        trust: bool = False,
        sha256: str = "",
    ) -> Future[Loaded]:
        """Load a model file; what was loaded before is let go only if that succeeds.

        Args:
            path: the file.
            rows: the table's rows and `flags` their effective flags (see `tables`).
            flags: see `rows`.
            answers: what stands for missing names: ``name``, ``kind``, ``how`` (``file``,
                ``module``, ``expression``, ``classic``, ``standin``) and ``value``.
            instances: what stand-ins need to know of the file (see `tables`).
            compile: whether to load the compile section too.
            trust: code in the file may run; `sha256` is of the content that was agreed to.
            sha256: see `trust`.
        """
        given = dict(flags) if flags is not None else None
        self._flags = None

        def read(fields: Fields, data: bytes) -> Loaded:
            self._flags = given
            return Loaded.read(fields)

        return self._line.ask(
            "load",
            read,
            State.LOADING,
            LoadFailed,
            path=_absolute(path),
            rows=list(rows) if rows is not None else None,
            flags=given,
            answers=[dict(answer) for answer in answers],
            instances=dict(instances or {}),
            compile=compile,
            trust=trust,
            sha256=sha256,
        )

    def set_trainable(self, flags: Mapping[str, bool]) -> Future[int]:
        """Give the live layers the table's *effective* flags: path → flag, for all rows.

        The answer is ``len(model.trainable_weights)``. Nothing is sent when they are as
        they were; then the answer is -1.
        """
        if self._flags == flags:
            done: Future[int] = Future()
            done.set_result(-1)
            return done
        given = dict(flags)

        def read(fields: Fields, data: bytes) -> int:
            self._flags = given
            return fields.number("trainable_weights")

        return self._line.ask("set_trainable", read, flags=given)

    def set_weight(self, path: str, name: str, file: str) -> Future[None]:
        """Give a live weight the values of a .npy file."""
        return self._line.ask("set_weight", _nothing, path=path, name=name, file=_absolute(file))

    # The console

    def eval(self, code: str, layer: str = "") -> Evaluation:
        """Evaluate code; `layer` is the path of the highlighted layer."""
        number = next(self._numbers)

        def read(fields: Fields, data: bytes) -> Result:
            result = Result.read(fields, data)
            if result.flags:  # the live flags are no longer those that were given
                self._flags = None
            return result

        future = self._line.ask("eval", read, State.BUSY, code=code, layer=layer, number=number)
        return Evaluation(number, future)

    def fetch(self, value: str, index: Sequence[int | tuple[int, int]] = ()) -> Future[Part]:
        """Get a part of an array: for each axis a place, or (start, stop); 4 MB at most."""
        places = [list(i) if isinstance(i, tuple) else i for i in index]
        return self._line.ask("fetch", Part.read, id=value, index=places)

    def text(self, value: str, start: int = 0) -> Future[str]:
        """Get 100,000 characters of a string from `start` on."""
        return self._line.ask(
            "text", lambda fields, data: fields.text("text"), id=value, start=start
        )

    def plain(self, value: str) -> Future[dict[str, Any]]:
        """Get a value as JSON: ``type``, ``dtype``, ``shape``, ``value``."""

        def read(fields: Fields, data: bytes) -> dict[str, Any]:
            return {key: fields.all.get(key) for key in ("type", "dtype", "shape", "value")}

        return self._line.ask("plain", read, id=value)

    def export(self, value: str, file: str) -> Future[tuple[int | None, ...]]:
        """Write a value to a .npy file and get its shape."""
        return self._line.ask(
            "export",
            lambda fields, data: read_shape(fields.all.get("shape")),
            id=value,
            file=_absolute(file),
        )

    def export_weight(self, path: str, name: str) -> Future[str]:
        """Write a live weight to a .npy file in a private folder and get the file's path."""
        file = str(self._private() / f"weight-{next(self._files)}.npy")
        return self._line.ask("export", lambda fields, data: file, path=path, name=name, file=file)

    def diff(self) -> Future[Changes]:
        """Get the weights that changed and were not told yet; waits until all is looked at."""
        return self._line.ask("diff", lambda fields, data: Changes(0, read_weights(fields)))

    def complete(self, code: str, position: int) -> Future[Completion]:
        """Get what may be written at `position`."""
        return self._line.ask(
            "complete", lambda fields, data: Completion.read(fields), code=code, position=position
        )

    def signature(self, code: str, position: int) -> Future[Signature | None]:
        """Get the signature of the call that `position` is in."""
        return self._line.ask(
            "signature", lambda fields, data: Signature.read(fields), code=code, position=position
        )

    # Inputs and outputs

    def set_input(self, how: str, *, file: str = "", seed: int = 0, batch: int = 1) -> Future[Made]:
        """Set ``x``: `how` is ``file``, ``zeros``, ``ones`` or ``normal``."""
        return self._line.ask("set_input", Made.read, how=how, file=file, seed=seed, batch=batch)

    def layer_output(self, path: str) -> Future[Made]:
        """Run the model with ``x`` up to a layer."""
        return self._line.ask(
            "layer_output", Made.read, State.BUSY, path=path, number=next(self._numbers)
        )

    def output_shapes(self) -> Future[dict[str, Any]]:
        """Get every layer's output shape: path → shape (or list of shapes)."""
        return self._line.ask(
            "output_shapes", lambda fields, data: dict(fields.inner("shapes").all)
        )

    def devices(self) -> Future[tuple[str, ...]]:
        """Get the names of the devices that compute."""
        return self._line.ask("devices", lambda fields, data: fields.texts("devices"))


def _absolute(path: str) -> str:
    """The worker's working directory may become another one: the user's code runs there."""
    return str(Path(path).absolute())


def _nothing(fields: Fields, data: bytes) -> None:
    return None

"""Messages between the screen and the clerk: a length and a pickle.

The clerk handles untrusted files, so what it sends back is unpickled with a list of what may
be in it: a description, an error, plain values. A taken-over clerk cannot make the screen
import or call anything else.
"""

from __future__ import annotations

import io
import pickle
import struct
from typing import Any, BinaryIO

_LENGTH = struct.Struct("<Q")
_MAX_FRAME = 1 << 31
_PLAIN = {
    ("builtins", "complex"),
    ("builtins", "frozenset"),
    ("builtins", "range"),
    ("builtins", "set"),
    ("builtins", "slice"),
    ("copyreg", "__newobj__"),
    ("pathlib", "PosixPath"),
    ("pathlib", "PurePosixPath"),
    ("pathlib", "WindowsPath"),
}
# Rooms whose classes are plain values and errors.
_OURS = (
    "kerastui.errors",
    "kerastui.model",
    "kerastui.edits",
    "kerastui.files",
    "kerastui.saving",
    "kerastui.checks",
    "kerastui.making.results",
    "kerastui.analysis.compare_results",  # the room's other modules import NumPy
    "kerastui.analysis.export_results",
    "kerastui.analysis.matrix_results",
    "kerastui.analysis.picture_results",
    "kerastui.analysis.results",
)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if (module_name, global_name) in _PLAIN:
            return super().find_class(module_name, global_name)
        if module_name.startswith(_OURS) and "." not in global_name:
            found = super().find_class(module_name, global_name)
            if isinstance(found, type) and found.__module__.startswith("kerastui."):
                return found
        raise pickle.UnpicklingError(f"{module_name}.{global_name} has no place in a message")


def write_frame(stream: BinaryIO, message: object) -> None:
    """Write one message and flush. Raises OSError when the other side is gone."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(data)) + data if len(data) < 65536 else _LENGTH.pack(len(data)))
    if len(data) >= 65536:
        stream.write(data)
    stream.flush()


def read_frame(stream: BinaryIO) -> Any:
    """Read one message. Raises EOFError at the end, pickle.UnpicklingError for nonsense."""
    (length,) = _LENGTH.unpack(_read_exactly(stream, _LENGTH.size))
    if length > _MAX_FRAME:
        raise pickle.UnpicklingError(f"a message of {length} bytes")
    return _Unpickler(io.BytesIO(_read_exactly(stream, length))).load()


def _read_exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data

"""Why Keras did not load a file, as one sentence; all that Keras said stays beside it."""

from __future__ import annotations

import re

from .texts import say

_MAX = 240
_BYTECODE = r"EOF read where object expected|bad marshal data"

# What a Keras says, and what that means to somebody who did not write Keras. Groups of the
# pattern fill the sentence.
_KNOWN = (
    (
        r"pop expected at most 1 argument, got 2",
        "its Sequential model is a bare list of layers, as Keras before 2.2.3 wrote it",
    ),
    (
        r"Could not deserialize class '([^']+)' because its parent module (\S+) cannot be",
        "it wants {0} from {1}, which is not there in this version",
    ),
    (
        r"(?:Could not locate (?:class|function)|Unknown layer:|Unknown \w+ function:) '([^']+)'",
        "this Keras does not find its {0}",
    ),
    (
        r"Could not interpret [\w ]*identifier: (\S{1,80}?)(?:[.,]? |$)",
        "this Keras does not find its {0}",
    ),
    (
        r"Unrecognized keyword arguments passed to (\w+): \{?'?(\w+)",
        "its {0} layers have the setting {1}, which this Keras does not know",
    ),
    (
        r"deserializing class '([^']+)' using config=.*(?:Unrecognized|not understood)\D*?'(\w+)'",
        "its {0} layers have the setting {1}, which this Keras does not know",
    ),
    (
        r"deserializing class '([^']+)' using config=",
        "the settings of its {0} layers are those of another Keras",
    ),
    (
        r"Argument\(s\) not recognized: \{?'?(\w+)",
        "its optimizer has the setting {0}, which this Keras does not know; it may load without "
        "its compile section",
    ),
    (
        r"Could not deserialize '[\w.]+' because it is not a KerasSaveable|"
        r"Could not deserialize 'keras\.(?:metrics|losses)\.(\w+)'",
        "its compile section names a loss or metric in an older way; it may load without it",
    ),
    (
        r"(Layer '[^']+' expected \d+ variables, but received \d+ variables)",
        "its weights lie elsewhere than this Keras looks for them ({0})",
    ),
    (
        _BYTECODE,
        "the code of its Lambda layer is bytecode of another Python; --python of one like that "
        "which wrote it may load it",
    ),
    (
        r"<class '[\w.]*\.(\w+)'> could not be deserialized properly",
        "its {0} model is described in a way that this Keras does not understand",
    ),
    (
        r"graph of the Functional model either has loops or disconnected nodes",
        "this Keras cannot put its graph of nested models together",
    ),
    (
        r"'str' object has no attribute 'quantization_mode'",
        "it states dtype policies in a way that this Keras does not understand",
    ),
)  # fmt: skip


def sentence(error: BaseException, keras: str, file: str, written_by: str) -> str:
    """Return one sentence for the user.

    Args:
        error: what Keras raised.
        keras: which Keras it was (``Keras 3.15.1``).
        file: the file's name.
        written_by: the version of Keras that wrote it; "" if the file is silent.
    """
    by = f", written by Keras {written_by}" if written_by else ""
    return f"{keras} cannot load {file}{by}: {_why(error)}."


def needs_other_python(error: BaseException) -> bool:
    """Whether another Python could load the file, but no other Keras in this one."""
    return re.search(_BYTECODE, say(error, 20_000)) is not None


def _why(error: BaseException) -> str:
    said = " ".join(say(error, 20_000).split())
    for pattern, meaning in _KNOWN:
        found = re.search(pattern, said)
        if found:
            return meaning.format(*found.groups())
    name = type(error).__name__
    first = re.split(r"(?<=\w)[.:] (?=[A-Z{\[<])", said, maxsplit=1)[0].rstrip(". ")
    if len(first) > _MAX:
        first = first[: _MAX - 1] + "…"
    return f"{name}: {first}" if first else name

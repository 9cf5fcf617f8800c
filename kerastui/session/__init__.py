"""Keras live, in a process of its own.

`client.Session` is what a screen holds, `life` its start and end; `line` knows who waits for
which answer; `process` keeps the process and its pipes; `protocol` says what comes back,
`results` what an evaluation gives; `interpreters` finds the Python that has Keras. On the
other side `worker` is the program, with `inside` next to it.
"""

from .client import Session as Session
from .protocol import State as State

"""Where an array's numbers are to be found: descriptions hold no arrays, only this."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class ArraySource:
    """An array in a file: a ``.npy``, a member of an ``.npz``, a dataset of a model file."""

    file: str
    member: str = ""
    """Name in an ``.npz``, or absolute path of a dataset in HDF5 or inside a ``.keras``
    archive; ``""`` for a ``.npy``."""
    shape: tuple[int, ...] = ()
    dtype: str = "float32"
    """NumPy's name of the dtype; saving converts to the dtype of the dataset."""
    label: str = ""
    """Where it comes from, in a word or two for the user: ``console``, ``new.npy``."""
    stamp: tuple[int, int] | None = None
    """Size in bytes and time of last change in ns of the file when it was chosen; None: any."""

    def stamped(self) -> ArraySource:
        """Return the same source, bound to the file as it is now. Raises OSError."""
        found = os.stat(self.file)  # noqa: PTH116
        stamp = (found.st_size, found.st_mtime_ns)
        return ArraySource(self.file, self.member, self.shape, self.dtype, self.label, stamp)


@dataclass(frozen=True)
class Difference(ArraySource):
    """The values of an array in one model file less those of another: only to be looked at.

    `file`, `member` and `stamp` are those of the minuend. It is computed in `dtype`.
    """

    old_file: str = ""
    old_member: str = ""
    old_stamp: tuple[int, int] | None = None
    dtypes: str = ""
    """What is subtracted from what, for the user: ``float32 − bfloat16``."""

    @property
    def old(self) -> ArraySource:
        """What is subtracted."""
        return ArraySource(self.old_file, self.old_member, self.shape, stamp=self.old_stamp)


@dataclass(frozen=True)
class Drawn:
    """Values that an appended layer's weight gets when the file is saved: not in any file yet."""

    name: str
    """Layer path and weight name, for messages."""
    shape: tuple[int, ...]
    dtype: str
    initializer: str
    seed: int

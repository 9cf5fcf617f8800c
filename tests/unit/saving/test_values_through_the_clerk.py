"""Edits cross the border to the process that writes, and what was written comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from unit.saving.hand_made import write_model
from unit.saving.test_values import edited, npy, numbers, stored

from kerastui.clerk.client import Clerk
from kerastui.errors import SaveFailed


def test_saving_new_values_in_the_clerk(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [6, 4, 2])
    array = numbers()
    document = edited(path, npy(tmp_path, array).stamped())
    document.set_trainable([1], False)
    clerk = Clerk()
    try:
        request = ("save", document.original, document.edits, str(path), False)
        meant = document.model
        document.apply(*edited(path, npy(tmp_path, array + 1, "later.npy")).edits)
        saved = clerk.call(*request)
        document.saved_as(saved.model, unchanged_since=meant)
        np.testing.assert_array_equal(stored(path), array)
        assert [change.after for change in document.changes] == ["later.npy"]
        (tmp_path / "later.npy").unlink()
        with pytest.raises(SaveFailed, match=r"later.npy: the file no longer exists"):
            clerk.call("save", document.original, document.edits, str(path), False)
        document.undo()
        assert document.model is document.original
    finally:
        clerk.close()

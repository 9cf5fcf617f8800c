"""The two Keras that users have: Keras 3 and tf_keras, each imported once a test run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest


def load(flavour: str) -> Any:
    """Return the Keras module of a flavour, its TensorFlow and its K."""
    if flavour == "keras3":
        import keras
    else:
        import tf_keras as keras
    import tensorflow as tf

    from kerastui.session.inside import backend

    return SimpleNamespace(
        keras=keras, tf=tf, K=backend.make(keras, tf), flavour=flavour, new=flavour == "keras3"
    )


@pytest.fixture(scope="session", params=["keras3", "keras2"])
def era(request: pytest.FixtureRequest) -> Any:
    """Keras 3, then tf_keras."""
    return load(request.param)


@pytest.fixture(scope="session")
def keras3() -> Any:
    return load("keras3")

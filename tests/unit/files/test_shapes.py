"""Output shapes by rule; that they agree with Keras is in `test_with_keras`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerastui.model.output_shapes import output_shapes

CONV = {"filters": 8, "kernel_size": [3, 3], "strides": [2, 2], "padding": "valid"}
PICTURE = (None, 10, 11, 3)


@pytest.mark.parametrize(
    ("name", "config", "inputs", "expected"),
    [
        ("Conv2D", CONV, [PICTURE], (None, 4, 5, 8)),
        ("Conv2D", CONV | {"padding": "same"}, [PICTURE], (None, 5, 6, 8)),
        ("Conv2D", CONV | {"data_format": "channels_first"}, [(None, 3, 10, 11)], (None, 8, 4, 5)),
        ("Conv2D", CONV | {"data_format": None}, [PICTURE], None),
        ("Conv2D", CONV, [(None, None, 11, 3)], (None, None, 5, 8)),
        ("Conv2D", CONV, [(None, 2, 2, 3)], None),
        ("Conv2D", CONV | {"strides": 0}, [PICTURE], None),
        ("Convolution2D", {"nb_filter": 4, "nb_row": 3, "nb_col": 2, "border_mode": "valid",
                           "subsample": [1, 1], "dim_ordering": "th"}, [(None, 3, 10, 11)],
         (None, 4, 8, 10)),
        ("Dense", {"units": 5}, [(None, 7, 3)], (None, 7, 5)),
        ("Dense", {"units": "5"}, [(None, 3)], None),
        ("Flatten", {}, [PICTURE], (None, 330)),
        ("Flatten", {}, [(None, None, 3)], (None, None)),
        ("Reshape", {"target_shape": [-1, 3]}, [PICTURE], (None, 110, 3)),
        ("Reshape", {"target_shape": [-1, -1]}, [PICTURE], None),
        ("Concatenate", {"axis": -1}, [(None, 2), (None, 3)], (None, 5)),
        ("Concatenate", {"axis": -1}, [(None, 2, 4), (None, 3, 4)], None),
        ("Add", {}, [(None, 2, 1), (None, 2, 5)], (None, 2, 5)),
        ("Add", {}, [(None, None), (None, 5)], None),
        ("Activation", {"activation": "relu"}, [(None, 4)], (None, 4)),
        ("Activation", {"activation": "glu"}, [(None, 4)], None),
        ("LSTM", {"units": 4, "return_sequences": True}, [(None, 7, 3)], (None, 7, 4)),
        ("Dropout", {}, [(None, 4), (None, 4)], None),
        ("MyLayer", {}, [(None, 4)], None),
    ],
)  # fmt: skip
def test_rules(name: str, config: dict[str, Any], inputs: Any, expected: Any) -> None:
    found = output_shapes(name, config, inputs)
    assert found == (None if expected is None else (expected,))


def test_states_come_after_the_output() -> None:
    config = {"units": 4, "return_state": True}
    assert output_shapes("LSTM", config, [(None, 7, 3)]) == ((None, 4),) * 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
KEYS = ["units", "filters", "kernel_size", "strides", "padding", "pool_size", "target_shape",
        "dims", "n", "axis", "axes", "cropping", "size", "data_format", "output_dim"]  # fmt: skip
CLASSES = ["Dense", "Conv2D", "MaxPooling2D", "Reshape", "Permute", "RepeatVector", "Dot",
           "Concatenate", "Cropping2D", "ZeroPadding1D", "UpSampling2D", "Embedding",
           "Conv2DTranspose", "LSTM", "ConvLSTM2D", "Resizing"]  # fmt: skip
SHAPES = st.lists(
    st.lists(st.none() | st.integers(0, 99), min_size=1, max_size=5).map(tuple), max_size=3
)


@given(name=st.sampled_from(CLASSES), config=st.dictionaries(st.sampled_from(KEYS), JSON),
       inputs=SHAPES)  # fmt: skip
def test_no_configuration_breaks_a_rule(name: str, config: dict[str, Any], inputs: Any) -> None:
    found = output_shapes(name, config, inputs)
    for shape in found or ():
        assert all(size is None or (isinstance(size, int) and size >= 0) for size in shape)

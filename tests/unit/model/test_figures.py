"""Numbers as people read them."""

from __future__ import annotations

import pytest

from kerastui.model.figures import (
    age,
    count,
    number,
    plural,
    shape,
    short_count,
    size,
    times,
    weight_shape,
)


def test_counts() -> None:
    assert count(14_714_688) == "14,714,688"
    assert count(0) == "0"
    assert plural(1, "filter") == "1 filter"
    assert plural(2_048, "filter") == "2,048 filters"
    assert plural(3, "class", "classes") == "3 classes"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (999, "999"), (1_000, "1.00 K"), (14_714_688, "14.7 M"), (999_499, "999 K"),
     (999_500, "1.00 M"), (9_994_999, "9.99 M"), (9_995_001, "10.0 M"), (1_250_000_000, "1.25 B")],
)  # fmt: skip
def test_short_counts(value: int, expected: str) -> None:
    assert short_count(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0 B"), (999, "999 B"), (2_048, "2.05 KB"), (58_100_000, "58.1 MB"),
     (2_147_483_648, "2.15 GB"), (999_999, "1.00 MB")],
)  # fmt: skip
def test_sizes_are_decimal(value: int, expected: str) -> None:
    assert size(value) == expected


def test_shapes_name_the_batch() -> None:
    assert shape((None, 224, 224, 3)) == "(batch, 224, 224, 3)"
    assert shape((None, None, 8)) == "(batch, ?, 8)"
    assert shape((32, 8)) == "(32, 8)"
    assert shape(()) == "()"
    assert shape(None) == ""
    assert weight_shape((3, 3, 64, 128)) == "(3, 3, 64, 128)"
    assert weight_shape(()) == "scalar"
    assert times((3, 3)) == "3×3"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0010000000474974513, "0.001"),  # Adam's rate in nearly every file
        (9.999999747378752e-05, "0.0001"),
        (0.00010000000474974513, "0.0001"),  # after ReduceLROnPlateau: one float32 step away
        (0.8999999761581421, "0.9"),
        (0.9990000128746033, "0.999"),
        (0.01000213623046875, "0.01"),  # float16 (floatx16.h5)
        (0.0002614322932308912, "0.0002614322932308912"),  # no float32: shown as it is
        (0.00026143223, "0.00026143223"),
        (1e-07, "1e-07"),
        (1.0, "1"),
        (0.0, "0"),
        (True, "True"),
        (7, "7"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_settings_are_shown_as_people_wrote_them(value: float, expected: str) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (7_300, "2 hours ago"),
     (86_400 * 3, "3 days ago"), (86_400 * 70, "2 months ago"), (3.2e7, "1 year ago"),
     (float("nan"), "just now"), (float("inf"), "31,688,087 years ago")],
)  # fmt: skip
def test_ages(seconds: float, expected: str) -> None:
    assert age(seconds) == expected

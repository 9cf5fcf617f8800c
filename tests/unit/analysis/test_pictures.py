"""Filters as tiles and slices as heat maps, with NumPy as the reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_arrays import stored

from kerastui.analysis.picture_axes import filter_axes
from kerastui.analysis.picture_blocks import blocks_of
from kerastui.analysis.picture_colours import INF, NAN, coloured, mixed, palette
from kerastui.analysis.picture_results import FilterAxes, GalleryOptions, HeatOptions
from kerastui.analysis.picture_tiles import figures_of, gallery_of, tiles_of
from kerastui.analysis.pictures import Pictures, heat_map_of
from kerastui.analysis.results import Cancelled, NotNumeric
from kerastui.errors import BadEdit, UnsafeFile
from kerastui.files import open_model

PLAIN = FilterAxes(0, 1, 2, (3,))
CONV2D = ("kernel height", "kernel width", "input channels", "filters")


@pytest.mark.parametrize(
    ("meanings", "shape", "expected"),
    [
        (CONV2D, (3, 3, 64, 128), PLAIN),
        (CONV2D, (1, 1, 64, 128), None),
        (CONV2D, (1, 7, 64, 128), PLAIN),
        (CONV2D, (3, 3, 0, 8), None),
        ((*CONV2D[:2], "input channels per group", "filters"), (3, 3, 4, 8), PLAIN),
        ((*CONV2D[:2], "filters", "input channels"), (3, 3, 8, 4), FilterAxes(0, 1, 3, (2,))),
        (("filters", "input channels", *CONV2D[:2]), (8, 4, 3, 3), FilterAxes(2, 3, 1, (0,))),
        ((*CONV2D[:2], "input channels", "depth multiplier"), (3, 3, 8, 2),
         FilterAxes(0, 1, -1, (2, 3))),
        (("depth multiplier", "input channels", *CONV2D[:2]), (2, 8, 3, 3),
         FilterAxes(2, 3, -1, (1, 0))),
        (("kernel depth", *CONV2D), (3, 4, 5, 6, 7), FilterAxes(1, 2, 3, (4,), 0)),
        (("kernel length", "input channels", "filters"), (5, 8, 16),
         FilterAxes(1, 0, -1, (2,), stacked=True)),
        (("kernel length", "input channels", "filters"), (5, 300, 16), FilterAxes(-1, 0, 1, (2,))),
        (("kernel length", "input channels", "filters"), (1, 8, 16), None),
        ((*CONV2D[:2], "filters", "4 gates × filters (i, f, c, o)"), (3, 3, 2, 8),
         FilterAxes(0, 1, 2, (3,), -1, ("i", "f", "c", "o"))),
        (("input features", "units"), (8, 16), None),
        (("1", "1", "depthwise channels", "filters"), (1, 1, 8, 16), None),
        ((), (3, 3, 8, 16), PLAIN),
        ((), (300, 300, 8, 16), None),
        ((), (8, 16), None),
    ],
)  # fmt: skip
def test_which_axes_make_tiles(
    meanings: tuple[str, ...], shape: tuple[int, ...], expected: FilterAxes | None
) -> None:
    assert filter_axes("kernel", shape, meanings) == expected


def test_tiles_are_the_filters(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(3, 2, 3, 5)).astype("f4")
    with stored(tmp_path, values, chunks=(2, 2, 2, 2), compression="gzip") as array:

        def tiles(**options: Any) -> Any:
            return tiles_of(array, GalleryOptions(PLAIN, **options))[0]

        np.testing.assert_array_equal(tiles(channel=2), values[:, :, 2].transpose(2, 0, 1))
        mean = values.mean(axis=2, dtype="f8").transpose(2, 0, 1)
        np.testing.assert_allclose(tiles(channel="mean"), mean)
        np.testing.assert_array_equal(tiles(channel="rgb"), values.transpose(3, 0, 1, 2))
        np.testing.assert_array_equal(tiles(only=4), values[..., 4].transpose(2, 0, 1))
        deep = FilterAxes(1, 2, -1, (3,), depth=0)
        found, _ = tiles_of(array, GalleryOptions(deep, depth=1))
        np.testing.assert_array_equal(found, values[1].transpose(2, 0, 1))
        depthwise = FilterAxes(0, 1, -1, (2, 3))
        found, _ = tiles_of(array, GalleryOptions(depthwise))
        np.testing.assert_array_equal(found[1 * 5 + 3], values[:, :, 1, 3])
        found, _ = tiles_of(array, GalleryOptions(depthwise, only=8))
        np.testing.assert_array_equal(found, values[None, :, :, 1, 3])
        line = FilterAxes(-1, 0, 1, (3,), depth=2)
        found, _ = tiles_of(array, GalleryOptions(line, channel=1, depth=2))
        np.testing.assert_array_equal(found, values[:, 1, 2].T[:, None])
        for wrong in ({"channel": 3}, {"only": 5}):
            with pytest.raises(BadEdit):
                tiles(**wrong)


def test_colours_of_tiles(tmp_path: Path) -> None:
    values = np.zeros((1, 3, 1, 3), "f4")
    values[0, :, 0, 0] = -2, 0, 1
    values[0, :, 0, 1] = 4, np.nan, -np.inf
    values[0, :, 0, 2] = 1e-34, -1e-34, 0  # dead beside the others
    with stored(tmp_path, values) as array:
        each = gallery_of(array, GalleryOptions(PLAIN))
        every = gallery_of(array, GalleryOptions(PLAIN, each=False))
    colours = palette("dark")
    pixels = np.frombuffer(each.rgb, "u1").reshape(3, 3, 3)
    assert pixels[0].tolist() == [colours[0].tolist(), colours[31].tolist(), colours[46].tolist()]
    assert pixels[1].tolist() == [colours[62].tolist(), list(NAN), list(INF)]
    assert (pixels[2] == colours[31]).all(), "a dead filter has the colour of zero"
    assert np.frombuffer(every.rgb, "u1").reshape(3, 3, 3)[0, 0].tolist() == colours[16].tolist()
    assert (each.limit, each.nan, each.inf) == (4.0, 1, 1)
    with stored(tmp_path, np.full((1, 3, 1, 1), 1e-34, "f4")) as array:
        assert figures_of(array, GalleryOptions(PLAIN)).floor == pytest.approx(1e-40)
        alone = gallery_of(array, GalleryOptions(PLAIN))
        known = gallery_of(array, GalleryOptions(PLAIN, floor=1e-9))
    assert np.frombuffer(alone.rgb, "u1").reshape(3, 3).tolist() == [colours[62].tolist()] * 3
    assert np.frombuffer(known.rgb, "u1").reshape(3, 3).tolist() == [colours[31].tolist()] * 3
    assert mixed(np.array([[[1.0, 0, -1]]]), 1).tolist() == [[[255, 128, 0]]]


def test_palettes_are_centred_and_distinct() -> None:
    for name in ("dark", "light"):
        colours = palette(name, 255).astype(int)
        light = colours @ [0.2126, 0.7152, 0.0722]
        half = np.abs(np.diff(light))
        assert half.max() < 8, "no jumps"
        ends, middle = (light[0], light[-1]), light[127]
        assert all((end - middle > 120) if name == "dark" else (middle - end > 120) for end in ends)
        assert colours[0][2] > colours[0][0] and colours[-1][0] > colours[-1][2]
        for odd in (NAN, INF):
            assert np.abs(colours - odd).sum(axis=1).min() > 60
    for name in ("dark-256", "light-256"):
        assert set(np.unique(palette(name))) <= {0, 95, 135, 175, 215, 255}, "the terminal's own"
        assert len({tuple(colour) for colour in palette(name).tolist()}) >= 15
    assert coloured(np.array([-9.0, 9.0]), 1.0, palette("grey")).tolist() == [[0] * 3, [255] * 3]


def test_figures_of_filters(tmp_path: Path) -> None:
    values = np.random.default_rng(2).normal(size=(3, 3, 4, 6)).astype("f2")
    values[..., 2] = 0
    values[0, 0, 0, 3] = np.nan
    with stored(tmp_path, values, chunks=(3, 1, 2, 4)) as array:
        found = figures_of(array, GalleryOptions(PLAIN))
        pairs = figures_of(array, GalleryOptions(FilterAxes(0, 1, -1, (2, 3))))
    wide = np.nan_to_num(values.astype("f8"))
    np.testing.assert_allclose(found.norms, np.sqrt((wide**2).sum(axis=(0, 1, 2))))
    np.testing.assert_array_equal(found.lows, np.nanmin(values.astype("f8"), axis=(0, 1, 2)))
    np.testing.assert_array_equal(found.highs, np.nanmax(values.astype("f8"), axis=(0, 1, 2)))
    assert (found.dead, found.broken) == ({2}, {3})
    np.testing.assert_allclose(pairs.norms, np.sqrt((wide**2).sum(axis=(0, 1))).reshape(-1))


def _options(shape: tuple[int, ...], rows: int, columns: int, **more: Any) -> HeatOptions:
    options = {
        "at": (0,) * len(shape), "height": 5, "width": 7,
        "row_part": (0, shape[rows]), "column_part": (0, shape[columns] if columns >= 0 else 1),
    }  # fmt: skip
    return HeatOptions(rows=rows, columns=columns, **(options | more))


@settings(max_examples=40)
@given(data=st.data())
def test_blocks_are_means_or_extremes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 30), min_size=2, max_size=3)))
    rows, columns = data.draw(st.permutations(range(len(shape))))[:2]
    parts = [
        sorted(
            data.draw(
                st.tuples(
                    *[st.integers(0, n)] * 2,
                )
            )
        )
        for n in shape
    ]
    parts = [
        (a, max(b, a + 1)) if a < n else (n - 1, n) for (a, b), n in zip(parts, shape, strict=True)
    ]
    at = tuple(data.draw(st.integers(0, n - 1)) for n in shape)
    dtype = data.draw(st.sampled_from(["f4", ">f8", "f2", "i8", "c8"]))
    values = np.random.default_rng(3).integers(-99, 99, shape).astype(dtype)
    odd = data.draw(st.booleans()) and values.dtype.kind == "f"
    if odd:
        values.reshape(-1)[:: data.draw(st.integers(2, 9))] = np.nan
    extreme = data.draw(st.booleans())
    options = _options(
        shape, rows, columns, at=at, row_part=parts[rows], column_part=parts[columns],
        height=data.draw(st.integers(1, 9)), width=data.draw(st.integers(1, 9)),
        reduction="extreme" if extreme else "mean",
    )  # fmt: skip
    more: dict[str, Any] = {}
    if data.draw(st.booleans()):
        more = {"chunks": tuple(min(n, 7) for n in shape), "compression": "gzip"}
    with stored(tmp_path_factory.mktemp("blocks"), values, **more) as array:
        found = blocks_of(array, options)
    index: list[Any] = list(at)
    index[rows], index[columns] = slice(None), slice(None)
    whole = values[tuple(index)]
    whole = whole.T if rows > columns else whole
    whole = (np.abs(whole) if dtype == "c8" else whole).astype("f8")
    for i, (top, bottom) in enumerate(zip(found.row_edges, found.row_edges[1:], strict=False)):
        for j, (left, right) in enumerate(
            zip(found.column_edges, found.column_edges[1:], strict=False)
        ):
            block = whole[top:bottom, left:right]
            far = block.flat[np.argmax(np.abs(block))]
            expected = far if extreme else block.mean()
            if extreme and abs(block.max()) == abs(block.min()):
                expected = block.max()
            np.testing.assert_allclose(found.values[i, j], expected, rtol=1e-5, atol=1e-5)
    assert tuple(found.row_edges[[0, -1]]) == parts[rows]
    assert tuple(found.column_edges[[0, -1]]) == parts[columns]
    assert np.diff(found.row_edges).min() > 0


def test_heat_maps_of_odd_values(tmp_path: Path) -> None:
    values = np.array([[1, -3, np.inf], [np.nan, 0, -np.inf]])
    with stored(tmp_path, values) as array:
        options = _options((2, 3), 0, 1)
        blocks = blocks_of(array, options)
        heat = heat_map_of(blocks, options)
        fine = _options((2, 3), 0, 1, clip=True)
        clipped = heat_map_of(blocks, fine)
        one = heat_map_of(blocks_of(array, _options((2, 3), 0, 1, width=1)), options)
    assert (heat.limit, heat.nan, heat.inf, heat.beyond) == (3.0, 1, 2, 0)
    assert 2.9 < clipped.limit < 3 and clipped.beyond == 1
    pixels = np.frombuffer(heat.rgb, "u1").reshape(2, 3, 3)
    assert pixels[1, 0].tolist() == list(NAN) and pixels[0, 2].tolist() == list(INF)
    numbers = np.frombuffer(heat.values)
    np.testing.assert_array_equal(numbers, values.reshape(-1))
    np.testing.assert_array_equal(np.frombuffer(one.values), [np.inf, np.nan])


def test_vectors_are_wrapped(tmp_path: Path) -> None:
    with stored(tmp_path, np.arange(10.0)) as array:
        found = blocks_of(array, _options((10,), 0, -1, width=4, height=9))
        coarse = blocks_of(array, _options((10,), 0, -1, width=2, height=2, row_part=(2, 10)))
    assert found.values.shape == (3, 4) and len(found.row_edges) == 0
    np.testing.assert_array_equal(found.values.reshape(-1)[:10], np.arange(10.0))
    assert np.isnan(found.values[2, 2:]).all() and found.nan == 0
    assert coarse.values.tolist() == [[2.5, 4.5], [6.5, 8.5]]


def test_bad_arrays(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("a/huge", (10**8, 10**7), "f4", chunks=(64, 64), compression="gzip")
        file["a/words"] = np.array([[b"x"]])
        file["a/kernel"] = np.ones((3, 3, 4, 5), "f4")
    file = open_model(str(path)).file
    stop: list[bool] = []
    pictures = Pictures(lambda: bool(stop))

    def heat(name: str, shape: tuple[int, ...], **more: Any) -> Any:
        return pictures.heat_map(lambda *_: None, file, name, _options(shape, 0, 1, **more))

    with pytest.raises(UnsafeFile, match="bomb"):
        heat("/a/huge", (10**8, 10**7))
    part = heat("/a/huge", (10**8, 10**7), row_part=(10**7, 10**7 + 99), column_part=(0, 99))
    assert part.limit == 0
    with pytest.raises(NotNumeric, match="strings"):
        heat("/a/words", (1, 1))
    for wrong in ({"at": (0, 0, 9, 0)}, {"height": 0}, {"row_part": (2, 2)}, {"width": 10**7}):
        with pytest.raises(BadEdit):
            heat("/a/kernel", (3, 3, 4, 5), **wrong)
    stop.append(True)
    with pytest.raises(Cancelled):
        heat("/a/kernel", (3, 3, 4, 5))

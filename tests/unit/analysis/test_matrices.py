"""Weights as matrices: projections as scikit-learn's PCA has them, singular values as SciPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.linalg
from sklearn.decomposition import PCA
from stored_arrays import stored

from kerastui.analysis import principal, projection, spectrum
from kerastui.analysis.apart import decompose
from kerastui.analysis.leading import leading
from kerastui.analysis.matrix_results import NoMatrix
from kerastui.analysis.neighbours import neighbours_of
from kerastui.analysis.projection import project
from kerastui.analysis.results import Cancelled
from kerastui.analysis.spectrum import spectrum_of

RNG = np.random.default_rng(3)
LAYOUTS: list[dict[str, Any]] = [{}, {"chunks": (37, 7), "compression": "gzip"}]


def _points(count: int, features: int, dtype: str = "f4") -> Any:
    mixed = RNG.standard_normal((count, features)) @ RNG.standard_normal((features, features))
    return (mixed + 5).astype(dtype)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("along", ["rows", "columns"])
@pytest.mark.parametrize(
    ("shape", "dtype"), [((300, 20), "f4"), ((20, 300), ">f8"), ((40, 40), "f2")]
)
def test_projection_is_pca(
    tmp_path: Path, shape: tuple[int, int], dtype: str, along: Any, layout: dict[str, Any]
) -> None:
    values = _points(*shape, dtype)
    values[3, 5] = np.nan
    chunks = {**layout, "chunks": (13, 7)} if layout else {}
    with stored(tmp_path, values, **chunks) as array:
        found = project(array, along).projection
    points = (values if along == "rows" else values.T).astype("f8")
    good = np.isfinite(points).all(axis=1)
    reference = PCA(3).fit(points[good])
    np.testing.assert_allclose(found.explained, reference.explained_variance_ratio_, rtol=1e-9)
    assert found.shown == tuple(np.flatnonzero(good)) and found.left_out == 1 and found.exact
    expected = reference.transform(points[good])
    places = np.array(found.coordinates)
    signs = np.sign((places * expected).sum(axis=0))
    np.testing.assert_allclose(places, expected * signs, atol=1e-8 * np.abs(expected).max())


@pytest.mark.parametrize("along", ["rows", "columns"])
def test_long_both_ways_it_is_approximated(
    tmp_path: Path, along: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (principal, projection):
        monkeypatch.setattr(module, "MAX_SIDE", 10)
    values = _points(200, 60)
    with stored(tmp_path, values) as array:
        found = project(array, along).projection
    reference = PCA(3).fit(values if along == "rows" else values.T)
    assert not found.exact
    np.testing.assert_allclose(found.explained, reference.explained_variance_ratio_, rtol=1e-3)


def test_signs_stay_and_what_is_shown_is_spread(tmp_path: Path) -> None:
    values = _points(500, 8)
    with stored(tmp_path, values) as array:
        few, again = project(array, limit=50).projection, project(array, limit=50).projection
        every = project(array).projection
    assert few == again
    assert len(few.shown) == 50 and few.shown[0] == 0 and few.shown[-1] == 499
    assert all(few.coordinates[i] == every.coordinates[n] for i, n in enumerate(few.shown))
    assert few.explained == every.explained


def test_few_or_equal_points_have_places(tmp_path: Path) -> None:
    with stored(tmp_path, np.full((5, 4), 7.0)) as array:
        found = project(array).projection
        assert found.explained == (0, 0, 0) and set(found.coordinates) == {(0, 0, 0)}
    with stored(tmp_path, np.array([[0.0, 1.0], [0.0, 3.0]])) as array:
        found = project(array).projection
        assert found.explained == (1, 0, 0)
        assert sorted(place[0] for place in found.coordinates) == [-1, 1]


@pytest.mark.parametrize("along", ["rows", "columns"])
def test_neighbours_by_cosine(tmp_path: Path, along: Any) -> None:
    values = _points(80, 60)
    values[7], values[:, 9] = 0, 0  # no direction
    values[11, 12] = np.inf
    with stored(tmp_path, values) as array:
        basis = project(array, along)
        found = neighbours_of(array, along, 20, basis, 5)
        nowhere = neighbours_of(array, along, 7 if along == "rows" else 9, basis)
        left_out = neighbours_of(array, along, 11 if along == "rows" else 12, basis)
    points = (values if along == "rows" else values.T).astype("f8")
    with np.errstate(all="ignore"):
        cosines = points @ points[20] / np.linalg.norm(points, axis=1) / np.linalg.norm(points[20])
    cosines[~np.isfinite(cosines)] = -2
    cosines[20] = -2
    order = np.argsort(-cosines)[:5]
    assert [near.number for near in found.nearest] == order.tolist()
    np.testing.assert_allclose([near.cosine for near in found.nearest], cosines[order])
    shown = dict(zip(basis.projection.shown, basis.projection.coordinates, strict=True))
    for near in found.nearest:
        np.testing.assert_allclose(near.place, shown[near.number], atol=1e-9)
    assert not nowhere.norm and not nowhere.nearest
    assert left_out.place is None and not left_out.nearest


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("layout", [False, True])
@pytest.mark.parametrize(
    ("shape", "dtype"), [((60, 40), "f4"), ((40, 90), ">f8"), ((3, 3, 5, 16), "f4"), ((9, 7), "c8")]
)
def test_singular_values(
    tmp_path: Path, shape: tuple[int, ...], dtype: str, layout: bool, direct: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    if not direct:
        monkeypatch.setattr(spectrum, "DIRECT", 0)
    values = RNG.standard_normal(shape).astype(dtype)
    chunks = {"chunks": tuple(max(1, length // 2) for length in shape)} if layout else {}
    with stored(tmp_path, values, **chunks) as array:
        found = spectrum_of(array)
    matrix = values.reshape(-1, shape[-1]).astype("c16" if dtype == "c8" else "f8")
    expected = scipy.linalg.svdvals(matrix)
    np.testing.assert_allclose(found.values, expected, rtol=1e-7)
    assert found.method == ("svd" if direct else "gram")
    energy = np.cumsum(expected**2) / (expected**2).sum()
    assert dict(found.for_energy) == {
        share: int(np.argmax(energy >= share)) + 1 for share in (0.9, 0.99)
    }
    np.testing.assert_allclose(found.cumulative, energy)
    shares = expected / expected.sum()
    assert found.effective_rank == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
    assert found.stable_rank == pytest.approx((expected**2).sum() / expected[0] ** 2)
    assert found.condition == pytest.approx(np.linalg.cond(matrix), rel=1e-6)
    assert found.rank == np.linalg.matrix_rank(matrix)


def test_what_is_noise_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = (np.linalg.qr(RNG.standard_normal((30, 30)))[0] for _ in range(2))
    true = 10.0 ** -np.arange(30)
    with stored(tmp_path, left * true @ right) as array:
        direct = spectrum_of(array)
        monkeypatch.setattr(spectrum, "DIRECT", 0)
        gram = spectrum_of(array)
    for found, least in ((direct, 1e-13), (gram, 1e-6)):
        assert found.condition is None and found.floor < 2 * least
        np.testing.assert_allclose(found.values[: found.rank], true[: found.rank], rtol=0.1)
        assert all(value <= found.floor for value in found.values[found.rank :])
    assert direct.rank > gram.rank >= 6


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2"])
def test_rounded_elements_do_not_count_as_rank(tmp_path: Path, dtype: str) -> None:
    low = RNG.standard_normal((200, 3)) @ RNG.standard_normal((3, 80))
    with stored(tmp_path, low.astype(dtype)) as array:
        found = spectrum_of(array)
    assert found.rank == 3 and found.condition is None
    with stored(tmp_path, RNG.standard_normal((200, 80)).astype(dtype)) as array:
        assert spectrum_of(array).rank == 80


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.zeros(3), "fewer than two axes"), (np.zeros((0, 4)), "no elements"),
        (np.array([[1.0, np.nan], [np.inf, 2.0]]), "2 elements of it are NaN or infinite"),
    ],
)  # fmt: skip
def test_no_singular_values(tmp_path: Path, values: Any, reason: str) -> None:
    with stored(tmp_path, values) as array, pytest.raises(NoMatrix, match=reason):
        spectrum_of(array)
    with stored(tmp_path, np.zeros((4, 4))) as array:
        assert spectrum_of(array).rank == 0
    with stored(tmp_path, np.full((4, 4), np.nan)) as array, pytest.raises(NoMatrix, match="Every"):
        project(array)


@pytest.mark.parametrize("kind", ["noise", "equal ones", "low rank", "one", "zero"])
def test_leading_eigenvalues_of_large_matrices(kind: str) -> None:
    turned = np.linalg.qr(RNG.standard_normal((650, 650)))[0]
    square = {
        "noise": lambda: turned * RNG.uniform(1, 2, 650) @ turned.T,
        "equal ones": lambda: turned * np.r_[2, 2, 2, 2, np.ones(646)] @ turned.T,
        "low rank": lambda: turned[:, :2] @ turned[:, :2].T,
        "one": lambda: np.eye(650), "zero": lambda: np.zeros((650, 650)),
    }[kind]()  # fmt: skip
    values, vectors = leading(square, lambda: False)
    np.testing.assert_allclose(values, scipy.linalg.eigvalsh(square)[::-1][:3], atol=1e-12)
    np.testing.assert_allclose(square @ vectors, vectors * values, atol=1e-7)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(3), atol=1e-12)


def test_decomposing_stops_at_once() -> None:
    square = RNG.standard_normal((1900, 1900))
    asked: list[bool] = []  # while it works, again and again
    with pytest.raises(Cancelled):
        decompose("svdvals", square, lambda: asked.append(True) or len(asked) > 2)
    small = square[:700, :700] + square[:700, :700].T
    values, vectors = decompose("eigh", small, lambda: False)  # in its own process
    assert vectors.shape == (700, 3)
    np.testing.assert_allclose(small @ vectors, vectors * values[-3:], atol=1e-8)

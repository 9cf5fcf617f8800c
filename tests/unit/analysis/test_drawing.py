"""Pictures of histograms, projections and spectra, and their numbers as files."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from kerastui.analysis import drawing_rows
from kerastui.analysis.drawing_gallery import arranged
from kerastui.analysis.drawing_plots import (
    draw_histogram,
    draw_projection,
    draw_spectrum,
    export_histogram,
    export_projection,
    export_spectrum,
)  # fmt: skip
from kerastui.analysis.drawing_rows import draw_histograms, export_histograms
from kerastui.analysis.matrix_results import Projection, Spectrum
from kerastui.analysis.results import Distribution, Histogram
from kerastui.errors import SaveFailed

# What would be an error as mathtext, what would be markup, what would move the cursor.
TITLE = r"evil $\frac{1}{ & <b> _{2}^ $ \u202e" + "\x1b[2J"
HISTOGRAM = Histogram(-1.0, 1.0, (1, 0, 5, 2), below=3, nan=1)
PROJECTION = Projection(
    9, 4, (0, 4, 8), ((0.0, 1.0, 2.0), (1.0, -1.0, 0.5), (-1.0, 0.0, 0.25)), (0.5, 0.25, 0.125), 1
)
ROWS = (
    Distribution(TITLE, "✗ 1 NaN", True, -1.0, 3.0, (1, 0, 5, 2)), Distribution('w, "it"', "none"),
    Distribution("flat", "all 0", False, -1e-6, 1e-6, (0, 7, 0)),
)  # fmt: skip
SPECTRUM = Spectrum(5, 3, (4.0, 2.0, 1e-9), 1e-8, "gram", 1.9, 1.25, 2, None, ((0.9, 2), (0.99, 2)))


def _draw(kind: str, target: str) -> None:
    if kind == "histogram":
        draw_histogram(HISTOGRAM, TITLE, True, target)
    elif kind == "rows":
        draw_histograms(ROWS, (-1.0, 1.0), True, TITLE, target)
    elif kind == "projection":
        draw_projection(PROJECTION, (0, 2), [((0.0, 1.0, 2.0), "$x_{$")], TITLE, target)
    else:
        draw_spectrum(SPECTRUM, True, TITLE, target)


@pytest.mark.parametrize("kind", ["histogram", "rows", "projection", "spectrum"])
def test_pictures(tmp_path: Path, kind: str) -> None:
    _draw(kind, str(tmp_path / "p.PNG"))
    with Image.open(tmp_path / "p.PNG") as picture:
        assert picture.format == "PNG" and min(picture.size) > 390
        assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 10


def test_svg_is_whole_and_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        _draw("projection", str(tmp_path / name))
    text = (tmp_path / "a.svg").read_text()
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert text == (tmp_path / "b.svg").read_text()  # no date in it, no random names
    assert "\x1b" not in text


@pytest.mark.parametrize("shape", [(3, 3), (1, 9), (7, 5)])
def test_tiles_are_laid_out_as_on_the_screen(shape: tuple[int, int]) -> None:
    tiles = np.arange(10, dtype="u1").repeat(3 * shape[0] * shape[1]).reshape(10, *shape, 3)
    sheet = arranged(tiles, 4, 1)
    assert sheet.font and len(sheet.places) == 10
    assert len({y for _, y in sheet.places}) == 3 and len({x for x, _ in sheet.places}) == 4
    row = sheet.picture[sheet.picture.shape[0] // 6 // 2, :, 0]
    wide = np.count_nonzero(row == 2)
    gap = np.count_nonzero(row[np.flatnonzero(row == 1)[-1] : np.flatnonzero(row == 2)[0]] > 200)
    assert 0 < gap < 0.1 * wide
    for number, (x, y) in enumerate(sheet.places):
        middle = int(y) - 4, int(x)
        assert sheet.picture[middle][0] == number  # its number is right below it


def test_empty_and_constant_ones(tmp_path: Path) -> None:
    for number, histogram in enumerate([Histogram(2.0, 2.0, (5,)), Histogram(0.0, 1.0, (0, 0))]):
        assert draw_histogram(histogram, "w", True, str(tmp_path / f"{number}.png")).bytes > 1000
    zero = Spectrum(2, 2, (0.0, 0.0), 0.0, "svd", 0, 0, 0, None, ((0.9, 0), (0.99, 0)))
    draw_spectrum(zero, True, "w", str(tmp_path / "zero.png"))
    none = Projection(0, 3, (), (), (0.0, 0.0, 0.0))
    draw_projection(none, (0, 1), (), "w", str(tmp_path / "none.png"))


def test_numbers(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    export_histogram(HISTOGRAM, str(table))
    assert table.read_text().splitlines()[:2] == ["from,to,count", "-1.0,-0.5,1"]
    export_projection(PROJECTION, str(table))
    assert table.read_text().splitlines()[2] == "4,1.0,-1.0,0.5"
    export_spectrum(SPECTRUM, str(table))
    assert table.read_text().splitlines()[1] == "1,4.0,0.8"
    export_projection(PROJECTION, str(tmp_path / "t.npy"))
    assert np.load(tmp_path / "t.npy")[:, 0].tolist() == [0, 4, 8]
    export_spectrum(SPECTRUM, str(tmp_path / "t.npy"))
    assert np.load(tmp_path / "t.npy").tolist() == list(SPECTRUM.values)
    with pytest.raises(SaveFailed, match=r"\.png or \.svg"):
        draw_histogram(HISTOGRAM, "w", False, str(tmp_path / "w.gif"))


def test_a_clerk_that_only_looks_imports_no_matplotlib() -> None:
    code = "import sys, kerastui.analysis.seen; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_rows_of_histograms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each weight's bins in a table; of very many weights the first ones in a picture."""
    export_histograms(ROWS, str(tmp_path / "r.csv"))
    with (tmp_path / "r.csv").open(newline="") as file:
        table = list(csv.reader(file))
    assert table[1:3] == [[TITLE, "-1.0", "0.0", "1"], [TITLE, "0.0", "1.0", "0"]]
    assert [row[0] for row in table[5:]] == ["flat"] * 3
    monkeypatch.setattr(drawing_rows, "MOST", 4)
    draw_histograms(ROWS * 3, None, False, "many", str(tmp_path / "r.svg"))
    assert "the first 4 of 9 weights" in (tmp_path / "r.svg").read_text()  # as a comment

"""The header and the line of totals, at every width."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from rich.cells import cell_len
from widget_host import Hosted
from widget_models import hostile, transfer

from kerastui.edits import Document
from kerastui.widgets.model_header import ModelHeader
from kerastui.widgets.totals_line import TotalsLine


async def header_at(hosted: Hosted, width: int, *, dirty: bool = False, session: str = "") -> str:
    header = ModelHeader()
    async with hosted(header, (width, 3)):
        header.show(transfer(), dirty)
        header.set_session(session)
        return header.text.rstrip()


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            120,
            'kerastui  transfer.hdf5 · Functional "model_1" · Keras 2.2.4 on tensorflow · 58.1 MB',
        ),
        (80, 'kerastui  transfer.hdf5 · Functional "model_1" · Keras 2.2.4 · 58.1 MB'),
        (66, "kerastui  transfer.hdf5 · Functional · Keras 2.2.4 · 58.1 MB"),
        (60, "kerastui  transfer.hdf5 · Functional · Keras 2.2.4"),
        (40, "kerastui  transfer.hdf5 · Keras 2.2.4"),
        (30, "transfer.hdf5 · Keras 2.2.4"),
        (15, "transfer.hdf5"),
        (14, "trans…r.hdf5"),
    ],
)
async def test_header_drops_the_least_important_part_first(hosted, width, expected):
    assert await header_at(hosted, width) == expected


async def test_header_keeps_the_session_on_the_right(hosted):
    line = await header_at(hosted, 80, session="Keras ready")
    assert line.startswith("kerastui  transfer.hdf5")
    assert line.endswith("Keras ready")
    assert cell_len(line) == 78


async def test_header_marks_unsaved_changes(hosted):
    assert "transfer.hdf5 ▲" in await header_at(hosted, 80, dirty=True)
    assert "▲" not in await header_at(hosted, 80)


async def test_header_before_there_is_a_model(hosted):
    header = ModelHeader()
    async with hosted(header, (80, 3)):
        assert header.text.strip() == "kerastui"
        header.announce("opening transfer.hdf5 …")
        assert header.text.strip() == "kerastui  opening transfer.hdf5 …"


async def test_header_of_weights_only(hosted):
    header = ModelHeader()
    async with hosted(header, (80, 3)):
        header.show(transfer(format="hdf5-weights", keras_version="", backend=""))
        assert header.text.strip() == "kerastui  transfer.hdf5 · weights only · 58.1 MB"


async def totals_at(hosted: Hosted, width: int, message: str = "", changed: bool = True) -> str:
    line, document = TotalsLine(), Document(transfer())
    async with hosted(line, (width, 3)):
        if changed:
            document.set_trainable([document.model.index["fc1"]], False)
        line.show(document.model, document.original, message)
        return line.text.rstrip()


async def test_totals_are_exact_where_there_is_room(hosted):
    assert await totals_at(hosted, 120, changed=False) == (
        "13,503,232 parameters (54.0 MB) · 6,423,296 trainable · 7,079,936 frozen"
    )


async def test_totals_tell_the_difference_while_something_is_changed(hosted):
    line = await totals_at(hosted, 120)
    assert "512 trainable (▼ 6,422,784) · 13,502,720 frozen" in line


async def test_totals_tell_a_gain(hosted):
    line, document = TotalsLine(), Document(transfer())
    async with hosted(line, (120, 3)):
        document.set_trainable([document.model.index["vgg16/block5_conv3"]], True)
        line.show(document.model, document.original)
        assert "8,783,104 trainable (▲ 2,359,808)" in line.text


async def test_totals_and_message_share_80_columns(hosted):
    line = await totals_at(hosted, 80, "▲ 1 change, not saved")
    assert line == (
        "13.5 M parameters · 512 trainable (▼ 6.42 M) · 13.5 M frozen          ▲ 1 change"
    ).replace("          ", " " * (78 - 60 - 10))


async def test_totals_without_flags(hosted):
    line = TotalsLine()
    async with hosted(line, (80, 3)):
        line.show(transfer(format="hdf5-weights"))
        assert line.text.strip() == (
            "13,503,232 parameters (54.0 MB) · weights only: no trainable flags"
        )


@pytest.mark.parametrize("width", [1, 2, 5, 20, 33, 50, 77, 100, 200])
async def test_hostile_names_fit_and_are_safe(hosted, width):
    header, totals = ModelHeader(), TotalsLine()
    async with hosted(header, (width, 3)):
        header.show(hostile(), True)
        header.set_session(hostile().name)
        assert cell_len(header.text) == max(0, width - 2)
        assert "\x1b" not in header.text
        if width == 200:
            assert "␛]0;pwned␛" in header.text
    async with hosted(totals, (width, 3)):
        totals.show(hostile(), replace(hostile(), trainable=False), hostile().name)
        assert cell_len(totals.text) == max(0, width - 2)
        assert "\x1b" not in totals.text


def test_the_first_frame_pays_nothing_for_them():
    """Importing both loads, beyond what an app has loaded anyway, only modules of ours."""
    program = (
        "import sys, textual.app, textual.widget, kerastui\n"
        "before = set(sys.modules)\n"
        "import kerastui.widgets.model_header, kerastui.widgets.totals_line\n"
        "print(sorted(set(sys.modules) - before))"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert eval(out.stdout) == [
        "kerastui.widgets",
        "kerastui.widgets.model_header",
        "kerastui.widgets.one_line",
        "kerastui.widgets.totals_line",
    ]

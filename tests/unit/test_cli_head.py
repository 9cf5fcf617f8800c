"""``kerastui head``: cutting and appending from the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kerastui.files import open_model
from kerastui.tui.cli import run

SAMPLES = Path(__file__).parents[2] / "sample_models"


@pytest.fixture(params=["digits_cnn.keras", "digits_cnn.h5"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    name: str = request.param
    return str(shutil.copy(SAMPLES / name, tmp_path / f"m{Path(name).suffix}"))


def test_a_head_is_cut_and_a_new_one_appended(model: str, capsys: pytest.CaptureFixture[str]):
    before = open_model(model)
    arguments = ["head", model, "--cut", "1", "--append", "16:relu", "--append", "5:softmax"]
    assert run([*arguments, "--name", "wide", "--in-place"]) == 0
    after = open_model(model)
    assert [x.name for x in after.layers[-2:]] == ["wide", "head"]
    assert [x.name for x in after.layers[:-2]] == [x.name for x in before.layers[:-1]]
    assert after.layers[-1].config["activation"] == "softmax"
    assert after.layers[-1].output_shape == (None, 5)
    assert "ends at head, output (None, 5)" in capsys.readouterr().out


def test_dry_run_writes_nothing(model: str, capsys: pytest.CaptureFixture[str]):
    content = Path(model).read_bytes()
    last = open_model(model).layers[-2].path
    assert run(["head", model, "--cut", last, "--append", "1:softmax", "--dry-run"]) == 0
    printed = capsys.readouterr()
    assert "→ cut" in printed.out
    assert "nothing → Dense 1 softmax" in printed.out
    assert "does not fit the new head" in printed.err
    assert Path(model).read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "say what to do"),
        (["--cut", "nowhere"], "There is no layer 'nowhere'"),
        (["--cut", "0"], "nothing to cut"),
        (["--cut", "99"], "counted back"),
        (["--append", "many"], "--append takes units"),
        (["--append", "3:sofmax"], "no activation"),
        (["--append", "0"], "1 to 1,000,000 units"),
        (["--append", "3", "--name", "a/b"], "cannot contain /"),
        (["--append", "3", "--name", "a", "--name", "b"], "more names"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    model: str, arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
):
    content = Path(model).read_bytes()
    assert run(["head", model, *arguments, "--in-place"]) == 2
    assert problem in capsys.readouterr().err
    assert Path(model).read_bytes() == content


def test_weights_alone_have_no_head(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    weights = next(SAMPLES.glob("*.weights.h5"), None)
    if weights is None:
        pytest.skip("no sample of weights only")
    assert run(["head", str(weights), "--append", "3", "-o", str(tmp_path / "x.h5")]) == 2
    assert "weights only" in capsys.readouterr().err

"""``kerastui compile``: what it prints, writes and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerastui import open_model
from kerastui.tui.cli import run


def test_without_a_change_it_prints_the_section(sample_dir: Path, capsys) -> None:
    path = sample_dir / "two_outputs.h5"
    assert run(["compile", str(path)]) == 0
    text = capsys.readouterr().out
    compiled = open_model(path).compile
    assert compiled is not None
    assert compiled.optimizer is not None
    assert f"optimizer: {compiled.optimizer.name}" in text
    assert all(f"{row.output}: " in text for row in compiled.outputs)


def test_changes_are_written_and_listed(sample_dir: Path, tmp_path: Path, capsys) -> None:
    path, out = sample_dir / "two_outputs.h5", tmp_path / "out.h5"
    compiled = open_model(path).compile
    assert compiled is not None
    first, second = (row.output for row in compiled.outputs)
    arguments = [
        "compile", str(path), "--learning-rate", "1e-4", "--set", "clipnorm=1",
        "--loss", f"{first}=huber", "--loss-weight", f"{second}=0.5",
        "--metrics", f"{second}=mean_absolute_error,poisson", "--drop-state",
    ]  # fmt: skip
    assert run([*arguments, "--dry-run"]) == 0
    planned = capsys.readouterr().out
    assert f"loss of {first}: " in planned
    assert "→ huber" in planned
    assert not out.exists()
    assert run([*arguments, "-o", str(out)]) == 0
    written = capsys.readouterr().out
    assert "→ huber" in written
    found = open_model(out).compile
    assert found is not None
    assert found.optimizer is not None
    assert dict(found.optimizer.settings)["learning_rate"] == "0.0001"
    assert found.outputs[0].loss is not None
    assert found.outputs[0].loss.name == "huber"
    assert found.outputs[1].loss_weight == 0.5
    assert [m.name for m in found.outputs[1].metrics] == ["mean_absolute_error", "poisson"]
    assert not found.has_optimizer_state


def test_the_whole_section_goes_and_the_old_file_stays_beside(
    sample_dir: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.keras"
    before = (sample_dir / "two_outputs.keras").read_bytes()
    path.write_bytes(before)
    assert run(["compile", str(path), "--drop", "--in-place", "--backup"]) == 0
    assert open_model(path).compile is None
    assert path.with_name("model.keras.bak").read_bytes() == before


def test_freezing_may_drop_the_state(sample_dir: Path, tmp_path: Path) -> None:
    path, out = sample_dir / "transfer.h5", tmp_path / "out.h5"
    assert run(["freeze", str(path), "fc1", "--drop-optimizer", "-o", str(out)]) == 0
    found = open_model(out).compile
    assert found is not None
    assert not found.has_optimizer_state


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--learning-rate", "fast"], "learning_rate has to be a number"),
     (["--set", "nosuch=1"], "has no setting 'nosuch' in this file"),
     (["--set", "clipnorm"], "--set takes NAME=VALUE"),
     (["--loss", "mse"], "The model has 2 outputs; say which one"),
     (["--loss", "nowhere=mse"], "The model has no output 'nowhere'"),
     (["--drop", "--drop-state"], "leave the other changes out"),
     (["--drop"], "say where to write")],
)  # fmt: skip
def test_bad_input_is_one_sentence(
    arguments: list[str], said: str, sample_dir: Path, capsys
) -> None:
    more = [] if arguments == ["--drop"] else ["--dry-run"]
    assert run(["compile", str(sample_dir / "two_outputs.h5"), *arguments, *more]) == 2
    text = capsys.readouterr().err
    assert said in text
    assert text.count("\n") == 1


def test_names_that_nobody_knows_are_refused_unless_forced(
    sample_dir: Path, tmp_path: Path, capsys
) -> None:
    out = tmp_path / "out.h5"
    arguments = ["compile", str(sample_dir / "digits_cnn.h5"), "-o", str(out)]
    for option, name, close in (
        ("--loss", "binary_crosentropy", "binary_crossentropy"),
        ("--metrics", "acuracy", "accuracy"),
        ("--loss", "bogus", "bogus"),
    ):
        assert run([*arguments, option, name]) == 2
        said = capsys.readouterr().err
        assert f"{name!r} is no {'loss' if option == '--loss' else 'metric'} that" in said
        assert close in said
        assert said.count("\n") == 1
        assert not out.exists()
    for option, name in (("--loss", "mine>bogus"), ("--metrics", "acc"), ("--metrics", "AUC")):
        assert run([*arguments, option, name, "--dry-run"]) == 0
    assert run([*arguments, "--loss", "bogus", "--any-name"]) == 0
    compiled = open_model(out).compile
    assert compiled is not None
    assert compiled.outputs[0].loss is not None
    assert compiled.outputs[0].loss.name == "bogus"
    # what the file itself names is known from then on
    assert run(["compile", str(out), "--loss", "bogus", "--dry-run"]) == 0

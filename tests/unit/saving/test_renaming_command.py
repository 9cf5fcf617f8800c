"""``kerastui rename`` without the screen."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kerastui import open_model
from kerastui.tui.main import main


@pytest.fixture
def cnn(sample_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sample_dir / "digits_cnn.h5", tmp_path / "m.h5"))


@pytest.fixture
def transfer(sample_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sample_dir / "transfer.h5", tmp_path / "t.h5"))


def names(path: Path) -> list[str]:
    return [layer.name for layer in open_model(path).layers]


def test_one_layer_into_another_file(cnn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, bytes_before = names(cnn), cnn.read_bytes()
    out = cnn.with_name("out.h5")
    assert main(["rename", str(cnn), before[1], "stem", "-o", str(out)]) == 0
    assert names(out) == ["stem" if name == before[1] else name for name in before]
    assert cnn.read_bytes() == bytes_before
    said = capsys.readouterr()
    assert f"{before[1]} → stem renamed" in said.out
    assert "by_name" in said.err
    assert "--mapping" in said.err
    assert main(["rename", str(cnn), before[1], "stem", "-o", str(out)]) == 2
    assert "add --force" in capsys.readouterr().err
    assert main(["rename", str(cnn), before[1], "base", "-o", str(out), "--force"]) == 0


def test_many_by_a_pattern_with_a_mapping(cnn: Path, tmp_path: Path) -> None:
    before, mapping = names(cnn), tmp_path / "map.json"
    arguments = ["rename", str(cnn), r"(.+)", r"enc_\1", "--regex", "--in-place"]
    assert main([*arguments, "--mapping", str(mapping)]) == 0
    assert names(cnn) == [f"enc_{name}" for name in before]
    assert json.loads(mapping.read_text()) == {"layers": {n: f"enc_{n}" for n in before}}
    assert main([*arguments, "--mapping", str(mapping)]) == 2
    assert names(cnn) == [f"enc_{name}" for name in before]


def test_a_dry_run_writes_nothing(cnn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = cnn.read_bytes()
    last = names(cnn)[-1]
    assert main(["rename", str(cnn), last, "answer", "--dry-run"]) == 0
    assert capsys.readouterr().out == f"{last} → answer\n"
    assert cnn.read_bytes() == before


def test_paths_inner_layers_and_the_model(transfer: Path) -> None:
    model = open_model(transfer)
    inner = next(x for x in model.layers if x.depth > model.layers[0].depth and x.weights)
    assert main(["rename", str(transfer), inner.path, "inside", "--in-place"]) == 0
    assert main(["rename", str(transfer), model.name, "whole", "--in-place"]) == 0
    found = open_model(transfer)
    assert found.name == "whole"
    assert found.layers[model.index[inner.path]].name == "inside"


def test_names_for_the_unnamed(models_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    source = models_dir / "made/tf-2.4.4/cnn_custom_metrics.hdf5"
    assert main(["rename", str(source), "--name-unnamed", "-o", str(out)]) == 0
    assert names(out)[:3] == ["input1", "block1_conv1", "block1_bn1"]
    assert main(["rename", str(out), "--name-unnamed", "--in-place"]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope", "x"], "There is no layer 'nope'"),
        (["{first}", "{second}"], "names are unique"),
        (["{first}", "a/b"], "cannot contain /"),
        (["{first}", "a\x1b[2Jb"], "cannot be a name"),
        (["{first}", "{first}"], "is called so already"),
        (["{first}"], "give the OLD and the NEW name"),
        (["{first}", "x", "--name-unnamed"], "leave OLD, NEW"),
        (["(", "x", "--regex"], "not valid"),
        (["zzz", "x", "--regex"], "No layer of"),
        (["^.*$", "same", "--regex"], "new names cannot be given"),
        (["a", "a", "--regex"], "are called so already"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    arguments: list[str], said: str, cnn: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, listed = cnn.read_bytes(), names(cnn)
    given = [a.format(first=listed[1], second=listed[2]) if "{" in a else a for a in arguments]
    assert main(["rename", str(cnn), *given, "--in-place"]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err
    assert "\x1b" not in captured.err
    assert captured.out == ""
    assert cnn.read_bytes() == before


def test_a_name_that_several_layers_have_needs_a_path(
    models_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = models_dir / "made/tf-2.13.1/finetune_nested_partfrozen.hdf5"
    path = tmp_path / "m.h5"
    assert main(["rename", str(source), "vggish/b1c1", "same", "-o", str(path)]) == 0
    assert main(["rename", str(path), "top/fc2", "same", "--in-place"]) == 0
    capsys.readouterr()
    assert main(["rename", str(path), "same", "x", "--dry-run"]) == 2
    assert "give the path of one: vggish/same, top/same" in capsys.readouterr().err
    assert main(["rename", str(path), "top/same", "x", "--dry-run"]) == 0

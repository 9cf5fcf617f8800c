"""The user's own files, good and bad, given for the names that a model needs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from kerastui.errors import LoadFailed, SessionError
from kerastui.session import State

pytestmark = pytest.mark.keras

GOOD = "def f1(y_true, y_pred):\n    return y_pred\n"


@pytest.fixture
def model(sample_dir: Path) -> Path:
    """A model that needs the metric f1."""
    return sample_dir / "digits_cnn.keras"


def answers(value: object, how: str = "file") -> list[dict[str, str]]:
    return [{"name": "f1", "kind": "metric", "how": how, "value": str(value)}]


def failure(one: Any, path: Path, given: list[dict[str, str]]) -> LoadFailed:
    with pytest.raises(LoadFailed) as caught:
        one.session.load(str(path), answers=given).result(60)
    return caught.value


def test_what_is_needed_and_a_file_that_has_it(keras3: Any, model: Path, tmp_path: Path) -> None:
    (need,) = keras3.session.needs(str(model)).result(60)
    assert (need.name, need.kind, need.own) == ("f1", "metric", False)
    file = tmp_path / "my_metrics.py"
    file.write_text(GOOD + "print('reading')\n")
    assert keras3.session.defines(str(file), ["f1", "f2"]).result(60) == ("f1",)
    loaded = keras3.load(model, answers=answers(file))
    assert loaded.compiled
    assert loaded.printed == "reading\n"
    assert (loaded.left_out, loaded.uncompiled) == ((), "")


def test_a_classic_and_a_stand_in(keras3: Any, model: Path) -> None:
    assert keras3.load(model, answers=answers("", "classic")).compiled
    loaded = keras3.load(model, answers=answers("", "standin"))
    assert loaded.left_out == ("f1",)
    assert loaded.compiled, loaded.uncompiled


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import os\n1 / 0\n", "line 2: ZeroDivisionError: division by zero"),
        ("def f1(:\n", "line 1: SyntaxError"),
        ("import sys\nsys.exit(2)\n", "line 2: it calls sys.exit(2)"),
        ("import no_such_module\n", "No module named 'no_such_module'"),
        ("def f2(a, b): pass\n", "does not define f1"),
        ("f1 = 3\n", "f1 is an int, and no class or function"),
    ],
)
def test_files_that_are_of_no_use(
    keras3: Any, model: Path, tmp_path: Path, source: str, says: str
) -> None:
    file = tmp_path / "bad_metrics.py"
    file.write_text(source)
    pid = keras3.session.pid
    error = failure(keras3, model, answers(file))
    assert says in str(error)
    assert str(file) in str(error) or "f1 is an int" in str(error)
    assert error.fields["why"] == "answers"
    (problem,) = error.fields["problems"]
    assert problem["name"] == "f1"
    assert keras3.session.state is State.FAILED
    assert keras3.text("1+1") == "2"
    assert keras3.session.pid == pid


def test_files_that_are_not_there(keras3: Any, model: Path, tmp_path: Path) -> None:
    absent = tmp_path / "absent.py"
    assert "No such file" in str(failure(keras3, model, answers(absent)))
    assert "is a folder" in str(failure(keras3, model, answers(tmp_path)))
    said = str(failure(keras3, model, answers("no.such.module", "module")))
    assert "There is no module no" in said
    assert "--path" in said
    with pytest.raises(SessionError, match="No such file"):
        keras3.session.defines(str(absent), ["f1"]).result(60)


def test_expressions_that_are_of_no_use(keras3: Any, model: Path) -> None:
    said = str(failure(keras3, model, answers("lambda y, p: (", "expression")))
    assert "no Python expression" in said
    assert "NameError" in str(failure(keras3, model, answers("nothing", "expression")))


def test_a_file_that_prints_megabytes(keras3: Any, model: Path, tmp_path: Path) -> None:
    file = tmp_path / "loud_metrics.py"
    file.write_text(GOOD + "for _ in range(50):\n    print('x' * 100_000)\n")
    loaded = keras3.load(model, answers=answers(file))
    assert loaded.compiled
    assert 1 << 19 < len(loaded.printed) < (1 << 20) + 200


def test_a_file_that_never_ends_is_interrupted(keras3: Any, model: Path, tmp_path: Path) -> None:
    keras3.load(model, answers=answers("", "classic"))
    file = tmp_path / "endless_metrics.py"
    file.write_text(GOOD + "while True: pass\n")
    loading = keras3.session.load(str(model), answers=answers(file))
    keras3.wait_for(lambda: keras3.session.state is State.LOADING)
    time.sleep(0.3)
    assert not loading.done()
    keras3.session.interrupt()
    with pytest.raises(LoadFailed, match="interrupted") as caught:
        loading.result(60)
    assert caught.value.fields["why"] == "interrupted"
    assert keras3.text("model.name")  # what was loaded before is live still


def test_an_edited_file_is_read_again(keras3: Any, model: Path, tmp_path: Path) -> None:
    file = tmp_path / "edited_metrics.py"
    file.write_text("f1 = 3\n")
    failure(keras3, model, answers(file))
    file.write_text(GOOD)
    assert keras3.load(model, answers=answers(file)).compiled

"""Answers become objects; what is wrong in the user's code is told as Python would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerastui.session.inside import custom, scripts
from kerastui.session.inside.scripts import UserCodeError

pytestmark = pytest.mark.keras

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def clean_imports() -> Any:
    """What a test imports is forgotten after it."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if getattr(sys.modules[name], "__kerastui__", False) or name.startswith("mine"):
            del sys.modules[name]


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), "utf-8")
    return str(path)


def answer(name: str, kind: str, how: str, value: str) -> dict[str, str]:
    return {"name": name, "kind": kind, "how": how, "value": value}


METRICS = """
    import helper_beside
    count = globals().get("count", 0) + 1

    def f1(y_true, y_pred):
        return helper_beside.two(y_true)

    def recall(y_true, y_pred):
        return y_pred

    class Metric:
        pass

    leaky = lambda x: x * 0.1
    custom_objects = {"my loss": recall}
"""


def test_one_file_serves_many_rows(era: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "mine_metrics.py", METRICS)
    write(tmp_path, "helper_beside.py", "def two(x):\n    return x * 2\n")
    rows = [
        answer("f1", "metric", "file", path),
        answer("shop>recall", "metric", "file", path),
        answer("my loss", "loss", "file", path),
        answer("<lambda>", "activation", "file", path),
        answer("Dense2", "layer", "file", path),
    ]
    objects, problems = custom.resolve(rows, era.keras)
    assert set(objects) == {"f1", "shop>recall", "my loss", "<lambda>"}
    assert objects["f1"](3, 4) == 6
    assert objects["my loss"] is objects["shop>recall"]
    assert objects["<lambda>"](10) == 1
    assert problems[0]["name"] == "Dense2"
    assert "does not define Dense2" in problems[0]["message"]
    assert sys.modules["mine_metrics"].count == 1


def test_an_edited_file_is_read_anew(keras3: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "mine_edit.py", "def f(x):\n    return 1\n")
    rows = [answer("f", "function", "file", path)]
    assert custom.resolve(rows, keras3.keras).objects["f"](0) == 1
    stamp = Path(path).stat()
    write(tmp_path, "mine_edit.py", "def f(x):\n    return 2\n")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # as quick as a clock can miss
    assert custom.resolve(rows, keras3.keras).objects["f"](0) == 2


def test_modules_by_their_dotted_name(keras3: Any, tmp_path: Path) -> None:
    write(tmp_path, "mine_project/__init__.py", "")
    write(tmp_path, "mine_project/parts.py", "def act(x):\n    return x + 1\n")
    sys.path.insert(0, str(tmp_path))
    rows = [answer("act", "activation", "module", "mine_project.parts")]
    assert custom.resolve(rows, keras3.keras).objects["act"](1) == 2
    rows = [answer("act", "activation", "module", "mine_project.partz")]
    (problem,) = custom.resolve(rows, keras3.keras).problems
    assert "no module mine_project.partz" in problem["message"]
    assert custom.defines("mine_project.parts", ["act", "other"]) == ["act"]


def test_expressions(era: Any) -> None:
    text = "lambda x: K.relu(x, max_value=20.0, negative_slope=0.1)"
    rows = [answer("<lambda>", "activation", "expression", text)]
    objects, problems = custom.resolve(rows, era.keras, era.tf, era.K)
    assert not problems
    found = era.K.eval(objects["<lambda>"](np.array([-1.0, 5.0, 50.0], "float32")))
    np.testing.assert_allclose(found, [-0.1, 5, 20], rtol=1e-6)
    rows = [answer("a", "activation", "expression", "keras.activations.relu")]
    assert custom.resolve(rows, era.keras, era.tf, era.K).objects["a"] is era.keras.activations.relu
    rows = [answer("D", "layer", "expression", "keras.layers.Dense")]
    assert custom.resolve(rows, era.keras).objects["D"] is era.keras.layers.Dense


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("activation", "lambda x: x +", "no Python expression"),
        ("activation", "x = 3", "no Python expression"),
        ("activation", "", "no Python expression"),
        ("activation", "nothing_here", "NameError: name 'nothing_here' is not defined"),
        ("activation", "1/0", "ZeroDivisionError: division by zero"),
        ("activation", "3.5", "is a float, and no class or function"),
        ("activation", "keras", "is a module, and no class or function"),
        ("layer", "lambda x: x", "should be a layer class, not a function"),
        ("layer", "int", "is a class, but no"),
        ("activation", "(" * 300 + ")" * 300, "pars"),
        ("activation", "exit(3)", "sys.exit(3)"),
    ],
)
def test_expressions_that_are_none(keras3: Any, kind: str, text: str, says: str) -> None:
    resolved = custom.resolve([answer("Name", kind, "expression", text)], keras3.keras)
    assert not resolved.objects
    (problem,) = resolved.problems
    assert says in problem["message"] or "too many nested" in problem["message"]
    assert "\n" not in problem["message"]


def test_a_callable_object_becomes_a_function_that_keras_sees(era: Any) -> None:
    rows = [answer("act", "activation", "expression", "np.vectorize(lambda v: v)")]
    made = custom.resolve(rows, era.keras, era.tf, era.K).objects["act"]
    assert type(made).__name__ == "function"
    assert made.__name__ == "act"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("x = 1\n\nraise ValueError('not today')\n", 3, "ValueError: not today"),
        ("def f(:\n    pass\n", 1, "SyntaxError"),
        ("import sys\nsys.exit(2)\n", 2, "sys.exit(2)"),
        ("import not_a_module_anywhere\n", 1, "No module named 'not_a_module_anywhere'"),
        ("def g():\n    return 1/0\ng()\n", 2, "ZeroDivisionError"),
        ("def r():\n    r()\nr()\n", 2, "RecursionError"),
        ("class E(Exception):\n  def __str__(self): raise E\nraise E\n", 3, "E: (its message"),
    ],
)
def test_errors_have_file_line_and_message(
    keras3: Any, tmp_path: Path, text: str, line: int, says: str
) -> None:
    path = write(tmp_path, "mine_bad.py", text)
    resolved = custom.resolve([answer("f", "metric", "file", path)], keras3.keras)
    (problem,) = resolved.problems
    assert problem["file"] == path
    assert problem["line"] == line
    assert says in problem["message"]
    assert f"line {line}" in problem["message"]
    assert "scripts.py" not in problem["details"]
    assert "mine_bad" not in sys.modules


def test_files_that_are_none(keras3: Any, tmp_path: Path) -> None:
    binary = tmp_path / "model.py"
    binary.write_bytes(bytes(range(256)) * 4)
    for value, says in (
        (str(tmp_path / "absent.py"), "No such file"),
        (str(tmp_path), "is a folder"),
        (str(binary), ""),
        ("", "No file or module"),
    ):
        rows = [answer("f", "metric", "file", value)]
        (problem,) = custom.resolve(rows, keras3.keras).problems
        assert says in problem["message"]


def test_what_it_prints_is_kept_within_bounds(keras3: Any, tmp_path: Path) -> None:
    text = """
        print("hello")
        for i in range(30):
            print("x" * 100_000)
        def f(x):
            return x
    """
    path = write(tmp_path, "mine_loud.py", text)
    resolved = custom.resolve([answer("f", "function", "file", path)], keras3.keras)
    assert resolved.objects["f"](1) == 1
    assert resolved.printed.startswith("hello\nxxx")
    assert len(resolved.printed) < scripts.MAX_PRINTED + 100
    assert "characters more" in resolved.printed


def test_a_file_that_loops_for_ever_is_ended_by_an_interrupt(tmp_path: Path) -> None:
    path = write(tmp_path, "mine_loop.py", "print('in', flush=True)\nwhile True:\n    pass\n")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from inside import scripts\n"
        "print('ready', flush=True)\n"
        "try: scripts.run_file(sys.argv[2])\n"
        "except KeyboardInterrupt: print('interrupted', 'mine_loop' in sys.modules, flush=True)\n"
    )
    folder = str(ROOT / "kerastui" / "session")
    child = subprocess.Popen(
        [sys.executable, "-c", program, folder, path], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    assert child.stdout.readline() == "in\n"
    time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    assert child.stdout.readline() == "interrupted False\n"
    assert child.wait(60) == 0


def test_defines_reads_without_running(tmp_path: Path) -> None:
    text = """
        raise SystemExit("this must not run")
        import keras
        from layers import Imported as Renamed, Plain
        try:
            from fast import quick
        except ImportError:
            def quick(x): return x
        if True:
            def inside(x): return x
        @keras.saving.register_keras_serializable(package="shop", name="Other")
        class Registered: pass
        @register_keras_serializable()
        def defaulted(x): return x
        a = b = lambda x: x
        custom_objects = {"odd name": a}
        def outer():
            def hidden(): pass
    """
    path = write(tmp_path, "mine_static.py", text)
    names = [
        "Renamed", "Plain", "Imported", "quick", "inside", "shop>Other", "Custom>defaulted",
        "a", "odd name", "hidden", "<lambda>", "x>inside",
    ]  # fmt: skip
    assert custom.defines(path, names) == [
        "Renamed", "Plain", "quick", "inside", "shop>Other", "Custom>defaulted", "a",
        "odd name", "<lambda>", "x>inside",
    ]  # fmt: skip
    with pytest.raises(UserCodeError, match="No such file"):
        custom.defines(str(tmp_path / "absent.py"), names)
    broken = write(tmp_path, "mine_broken.py", "def f(:\n")
    with pytest.raises(UserCodeError, match="line 1"):
        custom.defines(broken, names)


def test_registered_classes_of_a_file_are_found_under_their_names(era: Any, tmp_path: Path) -> None:
    holder = "saving" if era.new else "utils"
    text = f"""
        import {era.keras.__name__} as keras
        @keras.{holder}.register_keras_serializable(package="shop", name="Other")
        class Written(keras.layers.Layer):
            pass
    """
    path = write(tmp_path, f"mine_registered_{era.flavour}.py", text)
    objects, problems = custom.resolve([answer("shop>Other", "layer", "file", path)], era.keras)
    assert not problems
    assert objects["shop>Other"].__name__ == "Written"
    getattr(era.keras, holder).get_custom_objects().pop("shop>Other")


def test_the_inside_needs_no_kerastui_and_no_keras() -> None:
    """As the worker sees it: by path, under a bare Python, importing only NumPy."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from inside import backend, classics, custom, leaving, needs, standins, standin_shapes\n"
        "bad = [m for m in ('kerastui', 'keras', 'tensorflow', 'tf_keras', 'textual', 'h5py')\n"
        "       if m in sys.modules]\n"
        "print(bad)\n"
    )
    folder = str(ROOT / "kerastui" / "session")
    done = subprocess.run(
        [sys.executable, "-c", program, folder], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"

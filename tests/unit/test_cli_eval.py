"""``kerastui eval`` and the options of the Keras process, with a real Keras.

Most tests share one process: `SharedSession` is the real session, started once. What they
give to the command line, and what comes out of it, is what a user has.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerastui.errors import UsageError
from kerastui.session import answers
from kerastui.session.answers import Answer
from kerastui.session.client import Session
from kerastui.session.protocol import Event, Need, Versions
from kerastui.tui import cli
from kerastui.tui.commands import eval as command
from kerastui.tui.commands.eval_streams import ended_by_signals
from kerastui.tui.custom_answers import answer
from kerastui.tui.keras_options import KerasOptions, read_size

Run = Callable[..., tuple[int, str, str]]


class SharedSession(Session):
    """A session that stays: started by the first test, closed after the last."""

    def __init__(self) -> None:
        super().__init__(lambda event: self.listener(event))
        self.listener: Callable[[Event], object] = lambda event: None

    def start(self, *args: Any, **kwargs: Any) -> Future[Versions]:
        if not self.alive or self.versions is None:
            return super().start(*args, **kwargs)
        done: Future[Versions] = Future()
        done.set_result(self.versions)
        return done

    def close(self) -> None:
        if not self.alive or self.versions is None:  # also before a start
            super().close()

    def end(self) -> None:
        super().close()


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedSession]:
    session = SharedSession()
    session.start().result()
    yield session
    session.end()


@pytest.fixture
def plain_run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process: status, standard output, standard error."""

    def run(*args: object) -> tuple[int, str, str]:
        status = cli.run([str(a) for a in args])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def run(plain_run: Run, shared: SharedSession, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same with the shared process, ``eval`` already written."""

    def take(on_event: Any) -> Session:
        shared.listener = on_event
        return shared

    monkeypatch.setattr(command, "Session", take)
    return lambda *args: plain_run("eval", *args)


@pytest.fixture(scope="module")
def digits(sample_dir: Path) -> Path:
    return sample_dir / "digits_cnn.h5"


@pytest.fixture
def unknown(digits: Path, tmp_path: Path) -> Path:
    """The digits, compiled with a metric that nobody knows."""
    path = Path(shutil.copy(digits, tmp_path / "unknown.h5"))
    with h5py.File(path, "r+") as file:
        text = str(file.attrs["training_config"])
        assert '"f1"' in text
        file.attrs["training_config"] = text.replace('"f1"', '"my_metric"')
    return path


# -- what needs no Keras ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8G", 8 << 30),
        ("1.5 gb", 3 << 29),
        ("6000MiB", 6000 << 20),
        ("0", 0),
        ("2147483648", 2**31),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "G", "-1G", "8X", "8GG", "1M", "nan"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match="--memory-limit"):
        read_size(text)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["m.h5"], "EXPR"),
        (["m.h5", "1", "--keras", "theano"], "theano"),
        (["m.h5", "1", "--memory-limit", "lots"], "8G"),
        (["m.h5", "1", "--custom-object", "f1"], "NAME=EXPRESSION"),
        (["m.h5", "1", "--custom-object", "=1"], "NAME=EXPRESSION"),
        (["m.h5", "1", "--path", "nowhere"], "nowhere"),
        (["m.h5", "1", "--input", "absent.npy"], "absent.npy"),
        (["m.h5", "1", "--input", "absent.h5:/x"], "absent.h5"),
        (["m.h5", "1", "--save-as", "nowhere/y.npy"], "no folder nowhere"),
        (["m.h5", "1", "--save-as", "y.csv"], ".npy"),
        (["m.h5", "1", "--save-as", "notes.npy"], "exists and is no .npy"),
        (["m.h5", "1", "--save-as", "x.npy", "--input", "x.npy"], "overwrite"),
        (["m.h5", "1", "--frobnicate"], "--frobnicate"),
    ],
)
def test_bad_usage_is_one_sentence(
    arguments: list[str], words: str, plain_run: Run, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.npy").write_text("my notes")
    np.save("x.npy", np.zeros(3))
    status, out, err = plain_run("eval", *arguments)
    assert (status, out) == (2, "")
    assert words in err and err.startswith("kerastui: ") and err.count("\n") == 1
    assert Path("notes.npy").read_text() == "my notes"


def test_options_reach_the_screen(plain_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(cli, "open_screen", lambda *args: (seen.append(args), 0)[1])
    given = ["--load", "m.h5", "--python", "p", "--keras", "tf_keras", "--path", "."]
    given += ["--memory-limit", "2G", "--custom-objects", "a.py", "--custom-objects", "b.c"]
    given += ["--custom-object", "<lambda>=lambda x: x == 1", "--trust", "--no-compile"]
    assert plain_run(*given)[0] == 0
    options = KerasOptions(
        "p", "tf_keras", (".",), 2 << 30, ("a.py", "b.c"), (("<lambda>", "lambda x: x == 1"),),
        trust=True, load=True, compile=False,
    )  # fmt: skip
    assert seen == [("m.h5", options)]
    assert plain_run("--load")[0] == 0
    assert seen[1] == (None, KerasOptions(load=True))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["shwo", "m.h5"], "no command"), (["--trust", "eval", "m.h5"], "kerastui eval")],
)
def test_a_command_in_the_wrong_place(arguments: list[str], words: str, plain_run: Run) -> None:
    status, out, err = plain_run(*arguments)
    assert (status, out) == (2, "") and words in err and err.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="the interpreters are shell scripts")
@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 3", "exit status 3"),
        ('exec "{python}" -S "$@"', "pip install keras"),
        ('PYTHONPATH="{old}" exec "{python}" -S "$@"', "2.2.4, which is too old"),
    ],
)
def test_an_interpreter_of_no_use(
    script: str, words: str, plain_run: Run, tmp_path: Path, digits: Path
) -> None:
    old = tmp_path / "old"
    (old / "keras").mkdir(parents=True)
    (old / "keras" / "__init__.py").write_text("__version__ = '2.2.4'\n")
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\n" + script.format(python=sys.executable, old=old) + "\n")
    python.chmod(0o755)
    status, out, err = plain_run("eval", digits, "1", "--python", python)
    assert (status, out) == (2, "")
    assert words in err and err.count("\n") == 1, err


# -- with Keras -------------------------------------------------------------------------------


@pytest.mark.keras
def test_the_last_value_is_printed_and_printing_streams(run: Run, digits: Path) -> None:
    code = "import math\ndef twice(n):\n    print('twice', n)\n    return 2 * n"
    status, out, err = run(
        digits, "--no-compile", code, "a = twice(21)", "a", "a + math.pi - math.pi"
    )
    assert (status, out, err) == (0, "twice 21\n42.0\n", "")
    assert run(digits, "model.name", "--no-compile") == (0, "digits_cnn\n", "")
    assert run(digits, "--no-compile", "print('no end', end='')", "'value'")[1] == "no end\nvalue\n"
    assert run(digits, "--no-compile", "'a\\nb' * 150_000")[1] == "a\nb" * 150_000 + "\n"
    assert run(digits, "--no-compile", "1", "y = 2") == (0, "", "")


@pytest.mark.keras
def test_json_is_exact_and_alone_on_stdout(run: Run, digits: Path) -> None:
    with h5py.File(digits) as file:
        kernel = np.asarray(file["model_weights/conv1/digits_cnn/conv1/kernel"])
    code = "print('beside'); W['conv1/kernel']"
    status, out, err = run(digits, "--no-compile", code, "--json")
    shown = json.loads(out)
    assert (status, err, out.count("\n")) == (0, "beside\n", 1)
    assert list(shown) == ["type", "dtype", "shape", "value"]
    assert (shown["dtype"], shown["shape"]) == ("float32", list(kernel.shape))
    assert np.array_equal(np.array(shown["value"], "float32"), kernel)
    code = "[float('nan'), np.array([np.inf, -np.inf, 1.5]), 'é', None]"
    shown = json.loads(run(digits, "--no-compile", code, "--json")[1], parse_constant=pytest.fail)
    assert shown["value"] == ["NaN", ["Infinity", "-Infinity", 1.5], "é", None]
    shown = json.loads(run(digits, "--no-compile", "y = 1", "--json")[1])
    assert shown == {"type": "NoneType", "dtype": None, "shape": None, "value": None}


@pytest.mark.keras
@pytest.mark.parametrize("shape", [(4, 5), (1000, 40), (3, 7, 8, 60)])
def test_arrays_are_printed_as_numpy_does(shape: tuple[int, ...], run: Run, digits: Path) -> None:
    array = np.sqrt(np.arange(np.prod(shape)).reshape(shape))
    code = f"np.sqrt(np.arange({array.size}).reshape({shape}))"
    head, _, rest = run(digits, "--no-compile", code)[1].partition("\n")
    assert rest == np.array2string(array, max_line_width=100) + "\n"
    assert f"mean {array.mean():.6g}" in head and "float64" in head and "no NaN" in head


@pytest.mark.keras
@pytest.mark.parametrize(
    ("code", "kind"), [("model.nothing", "AttributeError"), ("model.(", "SyntaxError")]
)
def test_the_users_own_error_is_a_short_traceback(
    code: str, kind: str, run: Run, digits: Path
) -> None:
    status, out, err = run(digits, "--no-compile", "1", code, "print('not reached')")
    assert (status, out) == (1, "")
    assert kind in err and code in err and "session" not in err and len(err.splitlines()) < 12


@pytest.mark.keras
def test_input_and_save_as(run: Run, digits: Path, tmp_path: Path) -> None:
    x, target = tmp_path / "x.npy", tmp_path / "y.npy"
    np.save(x, np.random.default_rng(0).random((5, 8, 8, 1), "float32"))
    args = (digits, "--no-compile", "model.predict(x, verbose=0)", "--input", x)
    status, out, err = run(*args, "--save-as", target, "--json")
    assert status == 0 and str(target) in err
    assert np.array_equal(np.load(target), np.array(json.loads(out)["value"], "float32"))
    assert run(*args[:-2], "--input", "ones", "--save-as", target)[0] == 0
    assert np.load(target).shape == (1, 10)
    np.save(x, np.zeros((5, 8, 9, 1), "float32"))
    status, out, err = run(*args)
    assert (status, out) == (2, "")
    assert err == "kerastui: Axis 2 of x is 9, and the model expects 8: (batch, 8, 8, 1).\n"
    for code in ("'text'", "{'a': 1}", "y = 1", "model"):
        status, out, err = run(digits, "--no-compile", code, "--save-as", tmp_path / "z.npy")
        assert (status, out, err.count("\n")) == (2, "", 1)
    assert not (tmp_path / "z.npy").exists()


@pytest.mark.keras
def test_what_is_no_model_to_load(run: Run, sample_dir: Path, tmp_path: Path) -> None:
    for path, words in (
        (sample_dir / "digits_cnn.weights.h5", "weights only"),
        (tmp_path / "absent.h5", "no file"),
        (Path(__file__), "neither"),
    ):
        status, out, err = run(path, "1")
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert words in err


@pytest.mark.keras
def test_a_classic_serves_and_says_so(run: Run, digits: Path) -> None:
    status, out, err = run(digits, "model.name")
    assert (status, out) == (0, "digits_cnn\n")
    assert "f1" in err and "fmeasure" in err and err.count("\n") == 1


@pytest.mark.keras
def test_missing_objects_are_listed_then_given(run: Run, unknown: Path, tmp_path: Path) -> None:
    status, out, err = run(unknown, "1")
    assert (status, out) == (2, "")
    assert err.splitlines()[1:] == ["  my_metric: metric (metric)"] and "--no-compile" in err
    given = "my_metric=lambda y, p: K.mean(y)"
    assert run(unknown, "1", "--custom-object", given) == (0, "1\n", "")
    source = tmp_path / "mine.py"
    source.write_text("print('imported')\ndef my_metric(y, p):\n    return y\n")
    status, out, err = run(unknown, "1", "--custom-objects", source)
    assert (status, out, err) == (0, "1\n", "kerastui: imported\n")
    assert run(unknown, "1", "--no-compile") == (0, "1\n", "")
    answers.remember(unknown.parent, [Answer("my_metric", "metric", "file", str(source))])
    assert run(unknown, "1")[:2] == (0, "1\n")
    source.write_text("def my_metric(y, p):\n    return y\n1/0\n")
    status, out, err = run(unknown, "1")
    assert (status, out) == (2, "") and f"{source}, line 3: ZeroDivisionError" in err
    status, out, err = run(unknown, "1", "--custom-objects", tmp_path / "absent.py")
    assert (status, out) == (2, "") and "absent.py" in err and err.count("\n") == 1


@pytest.mark.keras
def test_expressions_go_before_files_before_memories(shared: SharedSession, tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("def b(): ...\ndef c(): ...\n")
    two.write_text("def a(): ...\ndef b(): ...\n")
    known = {n: Answer(n, "metric", "expression", "remembered") for n in "abcd"}
    got, missing = answer(
        shared, needs("abcde"), [str(one), str(two)], {"a": "given", "other": "1"}, known
    )
    assert [(a.name, a.how, a.value) for a in got] == [
        ("a", "expression", "given"),
        ("b", "file", str(one)),
        ("c", "file", str(one)),
        ("d", "expression", "remembered"),
        ("other", "expression", "1"),
    ]
    assert [n.name for n in missing] == ["e"]


def needs(names: Sequence[str]) -> list[Need]:
    return [Need(n, "metric", (), 0, n, "", n, False, "") for n in names]


@pytest.mark.keras
def test_code_in_the_file_needs_trust(run: Run, digits: Path, tmp_path: Path) -> None:
    path = tmp_path / "code.keras"
    make = (
        "m = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda t: t * 3, "
        f"name='triple')])\nm.save({str(path)!r})"
    )
    assert run(digits, "--no-compile", make)[0] == 0
    status, out, err = run(path, "model(x)", "--input", "ones", "--json")
    assert (status, out) == (2, "")
    assert "--trust" in err and "triple" in err.splitlines()[1]
    status, out, err = run(path, "model(x)", "--input", "ones", "--json", "--trust")
    assert (status, json.loads(out)["value"]) == (0, [[3.0, 3.0]])


@pytest.mark.keras
def test_deeplc_with_its_lambda(run: Run, models_dir: Path) -> None:
    (path,) = models_dir.glob("found/pypi_deeplc-*/full_hc_*.hdf5")
    status, out, err = run(path, "1")
    assert (status, out, err.count("\n")) == (2, "", 2) and "<lambda>: activation" in err
    given = "<lambda>=lambda x: keras.activations.relu(x, negative_slope=0.1, max_value=20.0)"
    args = ("model(x)", "--custom-object", given, "--input", "ones", "--json")
    status, out, err = run(path, *args)
    assert (status, json.loads(out)["shape"]) == (0, [1, 1])


@pytest.mark.keras
@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_ctrl_c_leaves_nothing_behind(digits: Path, tmp_path: Path) -> None:
    code = "import os; print(os.getpid(), flush=True)\nwhile True: pass"
    started = [sys.executable, "-m", "kerastui.tui.main", "eval", str(digits), "--no-compile", code]
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        started, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        worker = int(process.stdout.readline())
        os.kill(worker, 0)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == "kerastui: interrupted.\n"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            break
        time.sleep(0.02)
    else:
        pytest.fail("the Keras process is still there")
    assert list(tmp_path.glob("kerastui-*")) == []


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there are no hangups here")
def test_a_hangup_ends_in_order_unless_it_is_ignored() -> None:
    """As under ``nohup``."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_by_signals():
            signal.raise_signal(signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        with pytest.raises(SystemExit) as ended, ended_by_signals():
            signal.raise_signal(signal.SIGHUP)
        assert ended.value.code == 129
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)

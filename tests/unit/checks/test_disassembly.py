"""Bytecode is shown and never run, whatever Python wrote it and however hostile it is."""

from __future__ import annotations

import base64
import json
import marshal
import os
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_files import config_of, full_models

from kerastui.checks import disassembly, marshal_reader
from kerastui.checks.code_scan import scan

HERE = (sys.version_info[0], sys.version_info[1])


def coded(function: Any) -> str:
    return base64.b64encode(marshal.dumps(function.__code__)).decode()


def test_code_of_this_python() -> None:
    def outer(x: Any, scale: float = 2.5) -> Any:
        inner = lambda y: y + 7  # noqa: E731
        return inner(os.path.join(x, "secret")) * scale  # noqa: PTH118

    shown = disassembly.describe(coded(outer))
    assert shown.name == "outer"
    assert __file__ in shown.filename
    assert shown.versions == (HERE,)
    assert shown.runs_on(HERE)
    assert not shown.runs_on((3, 6))
    assert {"'secret'", "7"} <= set(shown.constants)
    assert {"os", "path", "join"} <= set(shown.names)
    assert any("RETURN_VALUE" in line for line in shown.lines)
    assert any("Disassembly of" in line for line in shown.lines)
    assert shown.note == ""
    other = disassembly.describe(coded(outer), python=(3, 9))
    assert "Python 3.9 cannot run it" in other.note


REAL = {
    "CarND-BehavioiurCloning-P3/model.h5": ("3.4 or 3.5", ("255", "0.5"), [
        "LOAD_FAST x", "LOAD_CONST 255", "BINARY_TRUE_DIVIDE", "LOAD_CONST 0.5",
        "BINARY_SUBTRACT", "RETURN_VALUE"]),
    "keras-2.2.4/lambda_cropping.hdf5": ("3.6 or 3.7", ("255.0", "0.5"), [
        "LOAD_FAST x", "LOAD_CONST 255.0", "BINARY_TRUE_DIVIDE", "LOAD_CONST 0.5",
        "BINARY_SUBTRACT", "RETURN_VALUE"]),
    "tf-2.4.4/lambda_cropping.hdf5": ("3.8 to 3.10", ("255.0", "0.5"), [
        "LOAD_FAST x", "LOAD_CONST 255.0", "BINARY_TRUE_DIVIDE", "LOAD_CONST 0.5",
        "BINARY_SUBTRACT", "RETURN_VALUE"]),
}  # fmt: skip


@pytest.mark.parametrize("file", REAL)
def test_old_bytecode_of_real_files_is_listed(models_dir: Path, file: str) -> None:
    written, constants, steps = REAL[file]
    (path,) = [p for p in full_models(models_dir) if p.as_posix().endswith(file)]
    finding = scan(*config_of(path)).findings[0]
    assert finding.bytecode is not None
    shown = disassembly.describe(finding.bytecode)
    assert shown.written_by == f"Python {written}"
    assert shown.constants == constants
    plain = [line.split(maxsplit=1)[1].replace("(", "").replace(")", "") for line in shown.lines]
    assert [" ".join(w for w in (s.split()[0], *s.split()[2:])) for s in plain] == steps
    assert "cannot run it" in shown.note
    assert not shown.runs_on(HERE)


def test_all_bytecode_of_real_files_can_be_shown(models_dir: Path) -> None:
    shown = 0
    for path in full_models(models_dir):
        for finding in scan(*config_of(path)).findings:
            if finding.bytecode:
                found = disassembly.describe(finding.bytecode)
                assert found.lines, path
                assert not any("<" in line.split()[1] for line in found.lines[:1])
                shown += 1
    assert shown >= 8


SAMPLES = json.loads(Path(__file__).with_name("bytecode_samples.json").read_text("utf-8"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: "{}.{}".format(*s["python"]))
def test_one_function_as_every_python_wrote_it(sample: dict[str, Any]) -> None:
    """The same source, compiled by Python 2.7 and 3.6 to 3.13; the instructions as each
    Python's own ``dis`` lists them."""
    python = tuple(sample["python"])
    shown = disassembly.describe(sample["code"])
    assert shown.name == "f"
    assert {"127.5", "'one'", "'raw'"} <= {c.replace("b'", "'") for c in shown.constants} | {
        str(part) for c in shown.constants if "'one'" in c for part in ("'one'", "'raw'")
    }
    assert {"K", "concatenate", "square", "os"} <= set(shown.names)
    if python < (3, 11) or python == HERE:
        assert shown.runs_on(python)
        assert shown.lines
    else:
        assert not shown.lines
        assert "another Python" in shown.note
    if sample["instructions"]:
        listed = [line.split() for line in shown.lines if not line.endswith(":")]
        found = [[w[1], int(w[2]) if len(w) > 2 else None] for w in listed]
        assert found == [step for code in sample["instructions"] for step in code]


def test_it_is_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    code = compile(f"open({str(mark)!r}, 'w')", "evil.py", "exec")
    shown = disassembly.describe(base64.b64encode(marshal.dumps(code)).decode())
    assert shown.lines
    assert repr(str(mark)) in shown.constants
    assert not mark.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xe3",
        b"i\x01\x00\x00\x00",
        b"(" + struct.pack("<i", 2**31 - 1) + b"N" * 10,
        b"(" + struct.pack("<i", -1),
        b"r" + struct.pack("<i", 10**6),
        b"l" + struct.pack("<i", 2**30),
        b")\x01" * 5000,
        b"s" + struct.pack("<i", 2**31 - 1),
        b"\xe3" * 5000,
        marshal.dumps({"a": [1, 2.5, None]}),
        marshal.dumps((lambda: 1).__code__)[:-3],
        marshal.dumps((lambda: 1).__code__) + b"N",
        b"\x00" * 100,
    ],
)
def test_bytes_that_are_no_code(data: bytes) -> None:
    shown = disassembly.describe(base64.b64encode(data).decode())
    assert shown.note
    assert not shown.lines
    assert not shown.versions


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    try:
        marshal_reader.read_code(data)
    except marshal_reader.UnreadableCodeError:
        return
    raise AssertionError("bytes at random are no code")


@given(st.data())
def test_code_with_bytes_changed(data: st.DataObject) -> None:
    whole = bytearray(marshal.dumps(test_bytes_that_are_no_code.__code__))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(marshal_reader.UnreadableCodeError):
        marshal_reader.read_code(bytes(whole))


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    shown = disassembly.describe(text)
    assert shown.note


def test_the_reader_agrees_with_python() -> None:
    code = test_code_of_this_python.__code__
    found = marshal_reader.read_code(marshal.dumps(code))
    assert found.name == code.co_name
    assert found.filename == code.co_filename
    assert found.first_line == code.co_firstlineno
    assert found.names == code.co_names
    assert found.code == code.co_code
    plain = [c for c in found.consts if not isinstance(c, marshal_reader.CodeInfo)]
    wanted = [c for c in code.co_consts if not hasattr(c, "co_code")]
    # (A frozenset is described as a list.)
    assert [set(c) if isinstance(c, list) else c for c in plain] == wanted
    assert next(iter(found.inner())).name == "outer"


@pytest.mark.parametrize(
    "value", [0, -1, 2**40, -(2**70), 1.5, 2j, "ä", b"x", (), (1, (2,)), None, True, ..., "a" * 300]
)
def test_every_kind_of_constant(value: Any) -> None:
    code = (lambda: None).__code__.replace(co_consts=(None, value))
    found = marshal_reader.read_code(marshal.dumps(code))
    assert found.consts[1] == value


def test_a_crash_in_the_listing_process_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever hostile bytes may do to ``dis``: the process dies, kerastui does not."""
    child = tmp_path / "child.py"
    monkeypatch.setattr(disassembly, "_CHILD", child)
    child.write_text("import os; os.abort()", "utf-8")
    shown = disassembly.describe(coded(test_any_text))
    assert "do not run it" in shown.note
    assert shown.constants is not None
    child.write_text("while True: pass", "utf-8")
    started = time.process_time()
    shown = disassembly.describe(coded(test_any_text), seconds=1.0)
    assert "too long" in shown.note
    assert time.process_time() - started < 8


def test_nonsense_instructions_are_not_listed_as_ours() -> None:
    code = (lambda: None).__code__.replace(co_code=bytes([255, 1] * 20))
    shown = disassembly.describe(base64.b64encode(marshal.dumps(code)).decode())
    assert not shown.versions
    assert not shown.lines
    assert "another Python" in shown.note


def test_long_code_is_cut() -> None:
    source = "def f(x):\n" + "".join(f"    x = x + {i}.5\n" for i in range(3000)) + "    return x\n"
    names: dict[str, Any] = {}
    exec(source, names)
    shown = disassembly.describe(coded(names["f"]))
    assert len(shown.lines) == disassembly.MAX_LINES + 1
    assert shown.lines[-1] == "…"
    assert disassembly.describe("A" * (3 << 20)).note

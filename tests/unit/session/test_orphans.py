"""No process stays behind, however the screen's process ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import subprocess, sys, time
from kerastui.errors import KerastuiError
from kerastui.session import Session
session = Session()
try:
    session.start(python=sys.argv[1] or None).result(120)
    result = session.eval(
        "import subprocess\\nsubprocess.Popen(['sleep', '500']).pid"
    ).future.result(120)
    session.eval("while True: np.ones((900, 900)) @ np.ones((900, 900))")
    time.sleep(0.3)
    print(session.pid, result.value.text, flush=True)
except KerastuiError:  # no Keras there: the process waits all the same
    print(session.pid, flush=True)
time.sleep(500)
"""


def gone(pid: int, seconds: float = 60) -> bool:
    """Whether a process ends within some seconds (a zombie is none)."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    return False


def parent(python: str) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a process that holds a session; return it and the processes below it."""
    popen = subprocess.Popen(
        [sys.executable, "-c", PARENT, python], stdout=subprocess.PIPE, text=True
    )
    assert popen.stdout is not None
    pids = [int(text) for text in popen.stdout.readline().split()]
    return popen, pids


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return str(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM])
def test_an_idle_process_ends_with_the_screen(bare: str, number: signal.Signals) -> None:
    popen, pids = parent(bare)
    assert len(pids) == 1
    assert Path(f"/proc/{pids[0]}").exists()
    popen.send_signal(number)
    popen.wait(60)
    assert gone(pids[0])


@pytest.mark.keras
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_busy_process_and_its_children_end_with_the_screen() -> None:
    popen, pids = parent("")
    assert len(pids) == 2
    assert all(Path(f"/proc/{pid}").exists() for pid in pids)
    popen.kill()
    popen.wait(60)
    assert [pid for pid in pids if not gone(pid)] == []

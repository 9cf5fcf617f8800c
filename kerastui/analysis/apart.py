"""Decompositions in a process of their own, because nothing can interrupt LAPACK but its end.

``python -m kerastui.analysis.apart eigh`` reads a matrix from standard input and writes arrays to
standard output, in NumPy's format.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any, BinaryIO, Literal, cast

import numpy as np

from .matrix_results import NoMatrix
from .numbers import Array
from .results import Cancelled

What = Literal["eigvalsh", "eigh", "svdvals"]
SMALL = 600
"""Up to this side it takes less than starting a process."""
VECTORS = 3
"""How many eigenvectors are given back: those of the largest eigenvalues."""
_EVERY = 0.05
_NO_CONVERGENCE = 3
_npy: Any = np.lib.format


def decompose(what: What, matrix: Array, cancelled: Callable[[], bool]) -> tuple[Array, ...]:
    """Return what a decomposition yields, ascending as `numpy.linalg` has it; see `_computed`.

    Raises Cancelled, and then nothing goes on computing; NoMatrix, MemoryError.
    """
    if min(matrix.shape) <= SMALL:
        try:
            return _computed(what, matrix)
        except np.linalg.LinAlgError as error:
            raise _hopeless() from error
    command = [sys.executable, "-P", "-m", "kerastui.analysis.apart", what]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _send(process, matrix)
            answer = _wait(process, cancelled)
        finally:
            process.kill()
    stream = BytesIO(answer)
    return tuple(_npy.read_array(stream) for _ in range(2 if what == "eigh" else 1))


class _Pipe:
    """What NumPy takes for no ordinary file: it would ask a pipe for its position."""

    def __init__(self, stream: BinaryIO) -> None:
        self.read, self.write = stream.read, stream.write


def _send(process: subprocess.Popen[bytes], matrix: Array) -> None:
    stdin = cast(BinaryIO, process.stdin)
    try:
        _npy.write_array(_Pipe(stdin), matrix)
        stdin.close()
    except OSError as error:
        raise MemoryError from error
    process.stdin = None


def _wait(process: subprocess.Popen[bytes], cancelled: Callable[[], bool]) -> bytes:
    while True:
        if cancelled():
            raise Cancelled
        try:
            answer, _ = process.communicate(timeout=_EVERY)
        except subprocess.TimeoutExpired:
            continue
        if process.returncode == _NO_CONVERGENCE:
            raise _hopeless()
        if process.returncode:
            raise MemoryError
        return answer


def _hopeless() -> NoMatrix:
    return NoMatrix("Its decomposition does not converge.")


def _computed(what: What, matrix: Array) -> tuple[Array, ...]:
    """Compute it here: eigenvalues, those and the last eigenvectors, or singular values."""
    if what == "svdvals":
        return (np.linalg.svd(matrix, compute_uv=False),)
    if what == "eigvalsh":
        return (np.linalg.eigvalsh(matrix),)
    values, vectors = np.linalg.eigh(matrix)
    return values, vectors[:, -VECTORS:]


def main() -> None:
    """Decompose one matrix."""
    matrix = _npy.read_array(_Pipe(sys.stdin.buffer))
    try:
        found = _computed(cast(What, sys.argv[1]), matrix)
    except np.linalg.LinAlgError:
        sys.exit(_NO_CONVERGENCE)
    for array in found:
        _npy.write_array(_Pipe(sys.stdout.buffer), array)


if __name__ == "__main__":
    main()

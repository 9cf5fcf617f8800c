"""Work in another thread meanwhile, as planning beside copying."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def beside(work: Callable[[], T]) -> Generator[Future[T]]:
    """Do `work` in a thread while the block runs; it has ended when the block is left.

    What it raises is raised by the future's `result`, and is lost if the block raises itself.
    """
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(work)

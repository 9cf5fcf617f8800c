"""Whether stretches of two files hold the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..files.read_at import Fill
from .copying import Progress

PIECE = 256 << 10
"""Bytes that are compared at once: few enough to stay in the processor's cache."""
_REPORT = 8 << 20
"""Bytes between two reports of progress."""


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of one file, and where the same bytes have to be in another."""

    old: int
    new: int
    length: int


def first_difference(
    old: Fill, new: Fill, spans: Iterable[Span], progress: Progress
) -> Span | None:
    """Return the first of the stretches, joined where they touch, that differs; or None.

    `progress` is called with numbers of bytes compared; what it raises ends the comparison.
    """
    left, right = bytearray(PIECE), bytearray(PIECE)
    seen = 0
    for span in joined(spans):
        for at in range(0, span.length, PIECE):
            length = min(PIECE, span.length - at)
            if length != len(left):
                left, right = bytearray(length), bytearray(length)
            counts = old(span.old + at, memoryview(left)), new(span.new + at, memoryview(right))
            if counts != (length, length) or left != right:
                return span
            seen += length
            if seen >= _REPORT:
                progress(seen)
                seen = 0
    progress(seen)
    return None


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the stretches in the file's order, those that touch in both files as one."""
    found: list[Span] = []
    for span in sorted(spans):
        last = found[-1] if found else None
        if last and last.old + last.length == span.old and last.new + last.length == span.new:
            found[-1] = Span(last.old, last.new, last.length + span.length)
        elif span.length:
            found.append(span)
    return found

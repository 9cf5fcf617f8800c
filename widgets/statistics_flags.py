"""What is odd about a weight, in words and signs: never by colour alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kerastui.analysis.results import FLAGS, Flag, FlagName, WeightStatistics
from kerastui.model import safe_text
from kerastui.model.figures import count, plural

BAD, WARNING, NOTE = "bad", "warning", "note"
"""How much a flag matters; also the roles in which it is drawn."""
SIGNS = {BAD: "✗", WARNING: "!", NOTE: "·"}
_RANK = {NOTE: 1, WARNING: 2, BAD: 3}

_WEIGHT: dict[FlagName, str] = {
    "nan": BAD, "inf": BAD, "saturated": WARNING, "zero": WARNING, "constant": WARNING,
    "dead": WARNING, "variance": WARNING, "duplicates": WARNING, "untouched": NOTE,
    "untrained": NOTE, "packed": NOTE,
}  # fmt: skip
_ORDER = {name: place for place, name in enumerate(_WEIGHT)}
_SUMMED: dict[FlagName, str] = {
    "nan": "NaN", "inf": "Inf", "saturated": "saturated", "zero": "all zero",
    "constant": "constant", "dead": "dead filters", "variance": "variance ≈ 0",
    "duplicates": "duplicates", "untouched": "untouched", "untrained": "never trained",
    "packed": "packed",
}  # fmt: skip
UNREADABLE = "cannot be read"
NO_NUMBERS = "no numbers"


def role_of(flag: Flag, found: WeightStatistics) -> str:
    """Return how much a flag matters: that a bias is all zero is not worth a warning."""
    if flag.name in ("zero", "constant"):
        is_bias = len(found.shape) < 2 or found.path.endswith("bias")
        return NOTE if is_bias else WARNING
    return _WEIGHT.get(flag.name, NOTE)


def severity(found: WeightStatistics | None) -> int:
    """Return how odd a weight is: 0 not at all … 3 bad."""
    if found is None:
        return 0
    if not found.readable:
        return 3
    return max((_RANK[role_of(flag, found)] for flag in found.flags), default=0)


def _place(flag: Flag, found: WeightStatistics) -> tuple[int, int]:
    return -_RANK[role_of(flag, found)], _ORDER.get(flag.name, 99)


def is_odd(found: WeightStatistics | None) -> bool:
    """Whether anything is to be said of a weight."""
    return severity(found) > 0


def words(flag: Flag, shape: Sequence[int]) -> str:
    """Return a flag in a few words, with its count: ``dead 5/64``."""
    n = count(flag.count)
    if flag.axis is not None and flag.axis < len(shape):
        n = f"{n}/{count(shape[flag.axis])}"
    match flag.name:
        case "nan":
            return f"{n} NaN"
        case "inf":
            return f"{n} Inf"
        case "dead":
            return f"dead {n}"
        case "duplicates":
            return f"duplicates {n}"
        case "variance":
            return f"variance ≈ 0 {n}"
        case "zero":
            return "all zero"
        case "untrained":
            return "never trained"
        case _:
            return flag.name


def in_short(found: WeightStatistics) -> list[tuple[str, str]]:
    """Return all flags of a weight with their signs, the worst first, each with its role."""
    runs: list[tuple[str, str]] = []
    if found.problem:
        bad = not found.readable
        sign = SIGNS[BAD if bad else NOTE]
        runs.append((f"{sign} {UNREADABLE if bad else NO_NUMBERS}", BAD if bad else NOTE))
    for flag in sorted(found.flags, key=lambda flag: _place(flag, found)):
        role = role_of(flag, found)
        runs.append((f"{SIGNS[role]} {words(flag, found.shape)}", role))
    return runs


def sentence(flag: Flag, shape: Sequence[int], axis_name: str, room: int) -> str:
    """Return a flag in full, with as many indices as fit `room` cells."""
    said = FLAGS[flag.name]
    if flag.axis is None or flag.axis >= len(shape):
        return f"{said} ({count(flag.count)})" if flag.count else said
    name = safe_text(axis_name, 40) or f"axis {flag.axis}"
    said += f": {count(flag.count)} of {count(shape[flag.axis])} along {name}: "
    if flag.groups:
        texts = ["=".join(map(str, group[:8])) for group in flag.groups]
    else:
        texts = [str(index) for index in flag.indices]
    listed = ""
    for place, text in enumerate(texts):
        if len(said) + len(listed) + len(text) + 2 > room:
            return f"{said}{listed.rstrip()} …"
        listed += f"{text} " if place < len(texts) - 1 else text
    return said + listed + (" …" if flag.count > len(flag.indices) else "")


def summed_up(found: Iterable[WeightStatistics]) -> list[tuple[str, str]]:
    """Return how many weights have which flag (``✗ 3 weights: NaN``), the worst first.

    Each with its role.
    """
    counts: dict[FlagName, int] = {}
    roles: dict[FlagName, str] = {}
    unreadable = 0
    for row in found:
        unreadable += not row.readable
        for flag in row.flags:
            role = role_of(flag, row)
            counts[flag.name] = counts.get(flag.name, 0) + 1
            roles[flag.name] = max(role, roles.get(flag.name, NOTE), key=_RANK.__getitem__)
    runs: list[tuple[str, str]] = []
    if unreadable:
        runs.append((_summed(BAD, unreadable, UNREADABLE), BAD))
    for name in sorted(counts, key=lambda name: (-_RANK[roles[name]], _ORDER.get(name, 99))):
        runs.append((_summed(roles[name], counts[name], _SUMMED[name]), roles[name]))
    return runs


def _summed(role: str, weights: int, said: str) -> str:
    return f"{SIGNS[role]} {plural(weights, 'weight')}: {said}"

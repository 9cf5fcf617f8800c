"""Places in an array as people write and say them. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kerastui.errors import KerastuiError
from kerastui.model.figures import plural

from ...widgets.array_view import ArrayView

_GATES = re.compile(r"(\d+) gates × (\w+) \(([^)]*)\)$")
_SPOKEN = {
    "kernel height": "kernel row", "kernel width": "kernel column", "kernel depth": "kernel slice",
    "input height": "input row", "input width": "input column", "output height": "output row",
    "output width": "output column", "vocabulary": "word",
}  # fmt: skip
_NAMED = re.compile(r"\s*([^\d=]+?)\s*(?:=\s*)?(-?\d[\d,_ ]*)\s*")
_NUMBERED = re.compile(r"\s*axis\s+(\d+)\s*(?:=|\s)\s*(-?\d+)\s*", re.IGNORECASE)


class NotAPlace(KerastuiError):
    """What was typed names no element, or no order of axes."""

    title = "Go to"


def words(meanings: Sequence[str], shape: Sequence[int], place: Sequence[int]) -> str:
    """Say where a place is: ``kernel row 2, input channel 0, filter 17``; "" if nobody knows.

    Axes whose meaning is "" are left out.
    """
    if len(meanings) != len(shape):
        return ""
    places = zip(meanings, shape, place, strict=True)
    return ", ".join(_said(*said) for said in places if said[0])


def _said(meaning: str, length: int, at: int) -> str:
    gates = _GATES.match(meaning)
    if gates and length % int(gates[1]) == 0 and length:
        each = length // int(gates[1])
        names = [name.strip() for name in gates[3].split(",")]
        gate = at // each
        name = names[gate] if gate < len(names) else str(gate)
        return f"gate {name}, {_singular(gates[2])} {at % each}"
    head, joint, rest = _parted(_SPOKEN.get(meaning, meaning))
    return f"{_singular(head)} {at}{joint}{rest}"


def _parted(meaning: str) -> tuple[str, str, str]:
    """Return what is counted and what belongs to it: ``filters``, `` of the ``, ``input gate``."""
    for joint in (" of the ", " per ", " ("):
        head, found, rest = meaning.partition(joint)
        if found:
            return head, found, rest
    return meaning, "", ""


def _singular(name: str) -> str:
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def place_of(text: str, view: ArrayView, place: tuple[int, ...], meanings: Sequence[str] = ()
) -> tuple[int, ...]:  # fmt: skip
    """Return the place that was typed, as it is stored.

    ``3, 0, :, 17`` (``:`` and what is left out stay where `place` is), a flat number,
    ``filter 17``, ``axis 3 = 17``; negative ones count from the end. Axes are counted as the
    view counts them. Raises NotAPlace.
    """
    if view.is_empty:
        raise NotAPlace("There is no element to go to: an axis is empty.")
    typed = text.strip().strip("[]()").strip()
    if not typed:
        raise NotAPlace("Type an index such as 3, 0, :, 17, a flat number, or a name and a number.")
    if re.search(r"[^\W\d_]", typed):
        return _by_names(typed, view, place, meanings)
    parts = [part.strip() for part in typed.rstrip(",").split(",")]
    if len(parts) == 1 and len(view.shape) != 1 and parts[0] != ":" and "," not in typed:
        return _by_number(parts[0], view)
    if len(parts) > len(view.shape):
        rank = plural(len(view.shape), "axis", "axes")
        raise NotAPlace(f"{plural(len(parts), 'index', 'indices')} for an array of {rank}.")
    counted = list(view.counted(place))
    for number, part in enumerate(parts):
        if part != ":":
            counted[number] = _index(part, number, view)
    return view.stored(tuple(counted))


def _by_number(typed: str, view: ArrayView) -> tuple[int, ...]:
    number = _whole(typed)
    count = 1
    for length in view.shape:
        count *= length
    if not -count <= number < count:
        raise NotAPlace(f"There is no element {number:,}: the last one is {count - 1:,}.")
    return view.at_number(number % count)


def _by_names(
    typed: str, view: ArrayView, place: tuple[int, ...], meanings: Sequence[str]
) -> tuple[int, ...]:
    result = list(place)
    for part in re.split(r"[,;]\s*(?=[^\W\d])", typed):
        numbered, named = _NUMBERED.fullmatch(part), _NAMED.fullmatch(part)
        if numbered:
            number = int(numbered[1])
            if number >= len(view.shape):
                raise NotAPlace(f"There is no axis {number}: {_axes(view)}.")
            result[view.order[number]] = _index(numbered[2], number, view)
        elif named:
            axis = _axis_named(named[1], meanings)
            result[axis] = _index(named[2], view.order.index(axis), view)
        else:
            raise NotAPlace(f"{part.strip()!r} is no place; write it like 3, 0, :, 17.")
    return tuple(result)


def _axis_named(name: str, meanings: Sequence[str]) -> int:
    """Return the one axis whose meaning begins with `name`, in one or many, or contains it."""
    wanted = _singular(name.casefold())
    known = [
        {_singular(form.casefold()) for form in (m, _SPOKEN.get(m, m), _parted(m)[0])}
        for m in meanings
    ]
    for fits in (str.__eq__, str.startswith, str.__contains__):
        found = [axis for axis, forms in enumerate(known) if any(fits(f, wanted) for f in forms)]
        if len(found) == 1:
            return found[0]
        if found:
            raise NotAPlace(f"{name!r} could be more than one axis; write axis 0 = 17, say.")
    if meanings:
        raise NotAPlace(f"No axis is called {name!r}: they are {', '.join(meanings)}.")
    raise NotAPlace("The axes of this weight have no known names; write axis 0 = 17, say.")


def _index(typed: str, number: int, view: ArrayView) -> int:
    """Return an index on the axis that is counted as `number`."""
    at, length = _whole(typed), view.shape[view.order[number]]
    if not -length <= at < length:
        raise NotAPlace(f"Axis {number} has {length:,} indices: there is no {at:,}.")
    return at % length


def _whole(typed: str) -> int:
    digits = re.sub(r"[\s_,]", "", typed)
    if not re.fullmatch(r"[+-]?\d{1,30}", digits, re.ASCII):
        raise NotAPlace(f"{typed!r} is no whole number.")
    return int(digits)


def _axes(view: ArrayView) -> str:
    return f"the array has {plural(len(view.shape), 'axis', 'axes')}"


def order_of(text: str, rank: int) -> tuple[int, ...]:
    """Return a pattern of ``permute_dimensions`` that was typed. Raises NotAPlace."""
    typed = [p for p in re.split(r"[\s,]+", text.strip().strip("()[]")) if p]
    example = ", ".join(map(str, reversed(range(rank))))
    try:
        order = tuple(int(part) for part in typed)
    except ValueError:
        raise NotAPlace(f"Write the axes in their new order, such as ({example}).") from None
    if sorted(order) != list(range(rank)):
        raise NotAPlace(f"Each axis from 0 to {rank - 1} has to come once, as in ({example}).")
    return order

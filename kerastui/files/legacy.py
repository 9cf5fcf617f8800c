"""The weights part of a legacy HDF5 file: groups and their ``weight_names``, in file order.

Nothing is assigned to layers here and no value is read. The order is that of
``layer_names`` and ``weight_names``, which is what Keras goes by; h5py would list groups
alphabetically.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import UnreadableFile, UnsafeFile
from ..model import Weight
from .attributes import read_raw_names
from .guards import Refused, Stored, address, child, descend, is_dataset, is_group, links, stored
from .low import Handle

TOP_LEVEL = b"top_level_model_weights"
MAX_EXTRA = 20_000


@dataclass(slots=True)
class StoredWeight:
    """One entry of ``weight_names``: `found` is None when there is no readable dataset."""

    name: str
    dataset: str
    found: Stored | None


@dataclass(slots=True)
class LayerGroup:
    """One entry of ``layer_names`` with its weights."""

    name: str
    weights: list[StoredWeight] = field(default_factory=list[StoredWeight])


@dataclass(slots=True)
class LegacyWeights:
    """All of ``model_weights`` (or of the root, in a weights-only file)."""

    groups: list[LayerGroup] = field(default_factory=list[LayerGroup])
    extra: list[Weight] = field(default_factory=list[Weight])
    notes: list[str] = field(default_factory=list[str])


def to_text(raw: bytes) -> str:
    """Return a name of the file as text; odd bytes survive as surrogates."""
    return raw.decode("utf-8", "surrogateescape")


def read_legacy(root: Handle, prefix: str, skip: frozenset[bytes] = frozenset()) -> LegacyWeights:
    """Read the groups under `root`, whose absolute path is `prefix` ("" for the file's root).

    `skip` are members of `root` that hold no layer (``optimizer_weights``).
    """
    result = LegacyWeights()
    problems = Problems()
    listed = _names(root, "layer_names", b"", problems)
    members = {name for name, _ in links(root)} - skip
    if listed is None:
        result.notes.append("The file lists no layer_names; its groups are taken by name.")
        listed = sorted(members - {TOP_LEVEL})
    seen: set[bytes] = set()
    for raw in listed:
        if raw in seen:
            problems.add("the layer", raw, "is listed twice")
            continue
        seen.add(raw)
        result.groups.append(_group(root, prefix, raw, problems))
    top = _group(root, prefix, TOP_LEVEL, problems) if TOP_LEVEL in members else None
    if top is not None and top.weights:
        result.extra += [as_weight(w, w.name) for w in top.weights if w.found]
        result.notes.append("The model has weights of its own, outside of its layers.")
    for raw in sorted(members - seen - {TOP_LEVEL}):
        if b"/" not in raw and not any(name.startswith(raw + b"/") for name in listed):
            found = loose(root, prefix, raw, problems)
            result.extra += found
            if found:
                problems.add("the group", raw, "is not listed among the layers")
    result.notes += problems.notes
    return result


def _group(root: Handle, prefix: str, raw: bytes, problems: Problems) -> LayerGroup:
    result = LayerGroup(to_text(raw))
    try:
        group = descend(root, raw)
    except Refused as error:
        problems.refused(error)
        return result
    if group is None or not is_group(group):
        problems.add("the layer", raw, "is listed but absent")
        return result
    names = _names(group, "weight_names", raw, problems)
    if names is None:
        result.weights = _unlisted(group, f"{prefix}/{result.name}", problems)
        return result
    folder: bytes | None = None
    parent: Handle = None
    for name in names:
        start, _, leaf = name.rpartition(b"/")
        try:
            if start != folder:
                folder, parent = start, descend(group, start) if start else group
            dataset = child(parent, leaf) if is_group(parent) and leaf else None
            found = stored(dataset) if is_dataset(dataset) else None
        except Refused as error:
            problems.refused(error)
            found = None
        else:
            if found is None:
                problems.add("the weight", name, "is listed but absent")
        text = to_text(name)
        result.weights.append(StoredWeight(text, f"{prefix}/{result.name}/{text}", found))
    return result


def _names(group: Handle, name: str, raw: bytes, problems: Problems) -> list[bytes] | None:
    """Return a list of names; None when it is absent or holds something else than names."""
    try:
        return read_raw_names(group, name)
    except UnsafeFile:
        raise
    except UnreadableFile:
        problems.add(f"the list {name} of", raw or b"all layers", "holds no names")
        return None


def _unlisted(group: Handle, path: str, problems: Problems) -> list[StoredWeight]:
    """Return the datasets of a group without ``weight_names``."""
    found = walk(group, path, problems)
    return [StoredWeight(full[len(path) + 1 :], full, what) for full, what in found]


def as_weight(weight: StoredWeight, name: str, trainable: bool = True) -> Weight:
    """Return the description of a stored weight."""
    what = weight.found or Stored((), "missing", 0)
    return Weight(
        name, weight.name, weight.dataset, what.shape, what.dtype, trainable, what.item_size
    )


def loose(root: Handle, prefix: str, raw: bytes, problems: Problems) -> list[Weight]:
    """Return all datasets at or under the member `raw` of `root`, as extra weights."""
    path = f"{prefix}/{to_text(raw)}"
    try:
        start = child(root, raw)
        if is_dataset(start):
            pairs = [(path, stored(start))]
        else:
            pairs = walk(start, path, problems) if is_group(start) else []
    except Refused as error:
        problems.refused(error)
        return []
    return [
        Weight(full[len(prefix) + 1 :], full, full, w.shape, w.dtype, True, w.item_size)
        for full, w in pairs
    ]


def walk(group: Handle, path: str, problems: Problems) -> list[tuple[str, Stored]]:
    """Return path and declaration of every dataset under `group`; cycles are cut."""
    found: list[tuple[str, Stored]] = []
    visited = {address(group)}
    stack: list[tuple[Handle, str]] = [(group, path)]
    while stack:
        current, where = stack.pop()
        inner: list[tuple[Handle, str]] = []
        for name, _ in links(current):
            if len(found) + len(visited) > MAX_EXTRA:
                problems.add("the group", path.encode("utf-8", "replace"), "holds too much to list")
                return found
            full = f"{where}/{to_text(name)}"
            try:
                member = child(current, name)
                if is_dataset(member):
                    found.append((full, stored(member)))
                elif is_group(member) and (place := address(member)) not in visited:
                    visited.add(place)
                    inner.append((member, full))
            except Refused as error:
                problems.refused(error)
        stack.extend(reversed(inner))
    return found


class Problems:
    """Notes on the file, with a count instead of ten thousand like sentences."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], list[bytes]] = {}
        self._refused: dict[str, int] = {}

    def add(self, what: str, name: bytes, problem: str) -> None:
        """Note that something called `name` has a problem."""
        self._found.setdefault((what, problem), []).append(name[:200])

    def refused(self, error: UnreadableFile) -> None:
        """Note a link that was not followed."""
        self._refused[str(error)] = self._refused.get(str(error), 0) + 1

    @property
    def notes(self) -> list[str]:
        """One sentence for each kind of problem."""
        notes: list[str] = []
        for (what, problem), names in self._found.items():
            first = to_text(names[0])
            others = f" (and {len(names) - 1:,} more)" if len(names) > 1 else ""
            notes.append(f"{what[0].upper()}{what[1:]} {first}{others} {problem} in the file.")
        notes += list(self._refused)[:20]
        return notes

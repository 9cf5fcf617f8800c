"""Which layer of one model is which of another: by path, by content, by name, by place.

Layers of the same path are the same, except where Keras counted on: it numbers the layers that
nobody named through a whole session, so that ``dense_2`` of one run is ``dense_7`` of the next;
and where like layers changed names among each other, which their places and content tell.
What is left is matched by content (class, shapes and bytes of all weights inside), which finds
what was renamed or put into another model; then by less.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..model import Model
from ..model.eras import todays_class
from .compare_results import How

Digest = Callable[[int, int], bytes | None]
"""Side (0 old, 1 new) and index of a layer → digest of its own weights' bytes; None if some
cannot be read."""


_BEGIN, _END = -2, -3
"""Stand for what is before the first and behind the last layer of a model."""


class LayerPair(NamedTuple):
    """A layer of both models: its indices, and how they were found to be the same."""

    old: int
    new: int
    how: How


@dataclass(frozen=True)
class Matching:
    """All layers of two models."""

    pairs: tuple[LayerPair, ...]
    """In the new model's order."""
    removed: tuple[int, ...]
    added: tuple[int, ...]


def match_models(old: Model, new: Model, digest: Digest) -> Matching:
    """Match the layers of two models. `digest` is asked only where content has to decide."""
    work = _Matcher(old, new)
    counted = work.counted_on()
    work.by_path(except_for=counted)
    work.undo_swapped(digest)
    work.by_content(digest)
    work.by_name()
    work.by_structure()
    work.by_place()
    work.by_path()
    work.by_neighbours()
    return Matching(
        tuple(sorted(work.pairs, key=lambda pair: pair.new)),
        tuple(sorted(work.free[0])),
        tuple(sorted(work.free[1])),
    )


class _Matcher:
    def __init__(self, old: Model, new: Model) -> None:
        self.models = (old, new)
        self.free = (dict.fromkeys(range(len(old.layers))), dict.fromkeys(range(len(new.layers))))
        """Indices that are not matched yet, in order."""
        self.pairs: list[LayerPair] = []
        self._twin = {_BEGIN: _BEGIN, _END: _END, -1: -1}
        """Old index → new index; also of what stands for no layer."""
        known: dict[Hashable, int] = {}
        self._kinds = (_signatures(old, known), _signatures(new, known))

    def pair(self, old: int, new: int, how: How) -> None:
        """Take two layers as the same one."""
        del self.free[0][old], self.free[1][new]
        self.pairs.append(LayerPair(old, new, how))
        self._twin[old] = new

    def pair_whole(self, old: int, new: int, how: How) -> None:
        """Take two subtrees of equal signatures as the same: their layers correspond in order."""
        end = self.models[0].layers[old].end
        for offset in range(max(1, end - old)):
            if old + offset in self.free[0] and new + offset in self.free[1]:
                self.pair(old + offset, new + offset, how)

    def counted_on(self) -> frozenset[int]:
        """Return old indices of automatically named layers that the new model numbers otherwise.

        That is told from groups of the same class and shapes inside one layer, as many on both
        sides, whose names are not the same.
        """
        groups = tuple(self._auto_named(side) for side in (0, 1))
        found = set[int]()
        for key, here in groups[0].items():
            there = groups[1].get(key, [])
            names = [
                {self.models[side].layers[i].name for i in indices}
                for side, indices in ((0, here), (1, there))
            ]
            if len(here) == len(there) and names[0] != names[1]:
                found.update(here)
        return frozenset(found)

    def _auto_named(self, side: int) -> dict[Hashable, list[int]]:
        layers, kinds = self.models[side].layers, self._kinds[side]
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for i, layer in enumerate(layers):
            if layer.auto_named:
                above = layers[layer.parent].path if layer.parent >= 0 else ""
                groups[above, kinds[i]].append(i)
        return groups

    def by_path(self, except_for: Iterable[int] = ()) -> None:
        """Match layers of the same path."""
        left_out, there = set(except_for), self.models[1].index
        for old in list(self.free[0]):
            new = there.get(self.models[0].layers[old].path)
            if new is not None and new in self.free[1] and old not in left_out:
                self.pair(old, new, "path")

    def undo_swapped(self, digest: Digest) -> None:
        """Part layers that have each other's names, and the content still: content shall decide.

        Only those are looked into that do not come in the same order in both models.
        """
        groups: dict[Hashable, list[LayerPair]] = defaultdict(list)
        for pair in sorted(self.pairs):
            layer = self.models[0].layers[pair.old]
            if layer.weights and layer.end <= pair.old + 1:
                groups[layer.parent, self._kinds[0][pair.old]].append(pair)
        for group in groups.values():
            order = sorted(pair.new for pair in group)
            apart = [p for p, new in zip(group, order, strict=True) if p.new != new]
            contents = [(p, digest(0, p.old), digest(1, p.new)) for p in apart]
            swapped = [found for found in contents if found[1] != found[2]]
            before, after = (Counter(found[side] for found in swapped) for side in (1, 2))
            if before == after and None not in before:
                for pair, *_ in swapped:
                    self.pairs.remove(pair)
                    del self._twin[pair.old]
                    self.free[0][pair.old] = self.free[1][pair.new] = None

    def by_content(self, digest: Digest) -> None:
        """Match subtrees of the same classes, shapes and bytes, the outermost first."""
        groups = tuple(self._grouped(side, self._holds_weights) for side in (0, 1))
        for kind, here in groups[0].items():
            there = groups[1].get(kind)
            if not there:
                continue
            by_bytes: dict[bytes, list[int]] = defaultdict(list)
            for new in there:
                if (content := self._content(1, new, digest)) is not None:
                    by_bytes[content].append(new)
            for old in here:
                content = self._content(0, old, digest) if old in self.free[0] else None
                candidates = by_bytes.get(content, []) if content is not None else []
                while candidates and candidates[0] not in self.free[1]:
                    candidates.pop(0)
                if candidates:
                    self.pair_whole(old, candidates.pop(0), "content")

    def _content(self, side: int, index: int, digest: Digest) -> bytes | None:
        end = max(index + 1, self.models[side].layers[index].end)
        parts = [digest(side, i) for i in range(index, end) if self.models[side].layers[i].weights]
        return None if any(part is None for part in parts) else b"".join(p for p in parts if p)

    def by_name(self) -> None:
        """Match layers whose name only one layer has on either side, if they fit."""
        groups = tuple(self._named(side) for side in (0, 1))
        for name, here in groups[0].items():
            there = groups[1].get(name, [])
            if len(here) == len(there) == 1 and self._fit(here[0], there[0]):
                self.pair(here[0], there[0], "name")

    def _named(self, side: int) -> dict[str, list[int]]:
        groups: dict[str, list[int]] = defaultdict(list)
        for i in self.free[side]:
            layer = self.models[side].layers[i]
            if not layer.auto_named:
                groups[layer.name].append(i)
        return groups

    def _fit(self, old: int, new: int) -> bool:
        here, there = self.models[0].layers[old], self.models[1].layers[new]
        return todays_class(here.class_name) == todays_class(there.class_name) and (
            [w.shape for w in here.weights] == [w.shape for w in there.weights]
        )

    def by_structure(self) -> None:
        """Match nested models that have the same names, classes and shapes inside."""
        groups: list[dict[Hashable, list[int]]] = []
        for side in (0, 1):
            found: dict[Hashable, list[int]] = defaultdict(list)
            for i in self.free[side]:
                if (layer := self.models[side].layers[i]).end > i + 1:
                    inner = self.models[side].layers[i + 1 : layer.end]
                    names = tuple(inside.path[len(layer.path) :] for inside in inner)
                    found[self._kinds[side][i], names].append(i)
            groups.append(found)
        for key, here in groups[0].items():
            there = groups[1].get(key, [])
            if len(here) == len(there) == 1 and here[0] in self.free[0]:
                self.pair_whole(here[0], there[0], "structure")

    def by_place(self) -> None:
        """Match what Keras named, or what has no weights, by its order inside matched layers."""
        groups = tuple(self._placed(side) for side in (0, 1))
        for (parent, kind, sort), members in groups[0].items():  # what encloses comes first
            if parent not in self._twin:
                continue
            here = [i for i in members if i in self.free[0]]
            there = groups[1].get((self._twin[parent], kind, sort), [])
            there = [i for i in there if i in self.free[1]]
            if len(here) == len(there):
                for old, new in zip(here, there, strict=True):
                    self.pair_whole(old, new, "place")

    def by_neighbours(self) -> None:
        """Match what lies between the same two layers: as many, of the same classes and shapes.

        So a layer that was renamed and trained since is found, too.
        """
        old, new = self._children(0), self._children(1)
        for parent, siblings in old.items():  # what encloses comes first
            if parent not in self._twin or not any(i in self.free[0] for i in siblings):
                continue
            others = new.get(self._twin[parent], [])
            gaps = dict(self._gaps(1, others))
            for (before, after), run in self._gaps(0, siblings):
                twins = gaps.get((self._twin[before], self._twin[after]), [])
                kinds = [[self._kinds[k][i] for i in r] for k, r in enumerate((run, twins))]
                if kinds[0] == kinds[1]:
                    for here, there in zip(run, twins, strict=True):
                        self.pair_whole(here, there, "place")

    def _children(self, side: int) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for i, layer in enumerate(self.models[side].layers):
            found[layer.parent].append(i)
        return found

    def _gaps(
        self, side: int, siblings: Iterable[int]
    ) -> Iterator[tuple[tuple[int, int], list[int]]]:
        """Yield runs of layers that are not matched, each with the two around it."""
        before, run = _BEGIN, list[int]()
        for i in (*siblings, _END):
            if i in self.free[side]:
                run.append(i)
                continue
            if run:
                yield (before, i), run
            before, run = i, []

    def _placed(self, side: int) -> dict[tuple[int, int, bool], list[int]]:
        """Group those that nobody named by enclosing layer, signature and by who named them."""
        model = self.models[side]
        groups: dict[tuple[int, int, bool], list[int]] = defaultdict(list)
        for i in self.free[side]:
            layer = model.layers[i]
            if layer.auto_named or not model.tree.holds[i]:
                groups[layer.parent, self._kinds[side][i], layer.auto_named].append(i)
        return groups

    def _grouped(self, side: int, wanted: Callable[[int, int], bool]) -> dict[int, list[int]]:
        groups: dict[int, list[int]] = defaultdict(list)
        for i in self.free[side]:
            if wanted(side, i):
                groups[self._kinds[side][i]].append(i)
        return groups

    def _holds_weights(self, side: int, index: int) -> bool:
        return self.models[side].tree.holds[index]


def _signatures(model: Model, known: dict[Hashable, int]) -> list[int]:
    """Return a number for each layer: equal for equal classes and shapes of all inside it."""
    inside: dict[int, list[int]] = defaultdict(list)
    found = [0] * len(model.layers)
    for i in range(len(model.layers) - 1, -1, -1):
        layer = model.layers[i]
        key = (
            todays_class(layer.class_name),
            tuple(weight.shape for weight in layer.weights),
            tuple(reversed(inside.pop(i, []))),
        )
        found[i] = known.setdefault(key, len(known))
        inside[layer.parent].append(found[i])
    return found

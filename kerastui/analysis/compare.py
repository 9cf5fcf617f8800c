"""Comparing two model files: layers, settings, flags, every weight, the optimizer's state."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Literal

from ..errors import UnreadableFile
from ..files import open_model
from ..files.arrays import ArrayFile, open_arrays
from ..model import Layer, Model
from .array_pairs import digest
from .compare_results import (
    Comparison,
    FileSide,
    Frozen,
    How,
    LayerChange,
    SettingChange,
    WeightChange,
)
from .compare_state import StateFile, compare_states
from .config_changes import compile_changes, setting_changes
from .matching import LayerPair, Matching, match_models
from .streaming import Advance
from .weight_pairs import change_of, paired, paired_by_dataset, unread
from .wiring_changes import WiringChanges

Report = Callable[[float], None]
"""Told the share of the work that is done; raises Cancelled to stop."""
_OLD = ("0.", "1.", "2.")
_STEP = 8 << 20
"""Bytes between two reports."""


def compare(
    old: str | os.PathLike[str], new: str | os.PathLike[str], report: Report = lambda _: None
) -> Comparison:
    """Compare the model files at two paths. Raises UnreadableFile and its kin, and Cancelled.

    A weight that cannot be read is named as such in the result, and ends nothing.
    """
    return compare_models(open_model(old), open_model(new), report)


def compare_models(old: Model, new: Model, report: Report = lambda _: None) -> Comparison:
    """Compare two descriptions whose files are as they were read; see `compare`."""
    with ExitStack() as stack:
        files = tuple(
            stack.enter_context(open_arrays(model.file.path, model.file)) for model in (old, new)
        )
        return _Comparer((old, new), (files[0], files[1]), report).result()


class _Comparer:
    """One comparison: two descriptions, their open files, and what has been done of it."""

    def __init__(
        self, models: tuple[Model, Model], files: tuple[ArrayFile, ArrayFile], report: Report
    ) -> None:
        self.models = models
        self.files = files
        self._advance = progress_of(models, report)

    def result(self) -> Comparison:
        """Do all of it."""
        old, new = self.models
        matching = match_models(old, new, self._digest)
        layers = tuple(self._layers(matching))
        return Comparison(
            old=_side(old),
            new=_side(new),
            layers=layers,
            compile=compile_changes(old.compile, new.compile) if self._flags else (),
            model=WiringChanges(old, new, matching).of_model() if self._flags else (),
            frozen=_frozen(layers, known=self._flags),
            state=compare_states(
                StateFile(old, self.files[0], _todays_names(old, new, matching)),
                StateFile(new, self.files[1], {}),
                self._advance,
            ),
            loose=tuple(
                change_of(pair, self.files, self._advance)
                for pair in paired_by_dataset(old.extra, new.extra)
            ),
        )

    @property
    def _flags(self) -> bool:
        """Whether both files hold a configuration, and so flags and settings."""
        return all(model.has_flags for model in self.models)

    def _digest(self, side: int, index: int) -> bytes | None:
        weights = self.models[side].layers[index].weights
        try:
            arrays = [self.files[side].array(weight.dataset) for weight in weights]
            return b"".join(digest(array, self._advance) for array in arrays)
        except UnreadableFile:
            return None

    def _layers(self, matching: Matching) -> Iterator[LayerChange]:
        """Yield all layers: the new file's in order, each removed one behind what it followed."""
        old, new = self.models
        places = {-1: -1, **{pair.old: pair.new for pair in matching.pairs}}
        wiring = WiringChanges(old, new, matching) if self._flags else None
        found = [((pair.new, 0), self._both(pair, places, wiring)) for pair in matching.pairs]
        found += [((i, 0), _alone(new, i, "added")) for i in matching.added if self._tells(1, i)]
        behind = -1
        for i in range(len(old.layers)):
            behind = places.get(i, behind)
            if i not in places and self._tells(0, i):
                found.append(((behind, i + 1), _alone(old, i, "removed")))
        for _, change in sorted(found, key=lambda item: item[0]):
            yield change

    def _tells(self, side: int, index: int) -> bool:
        """Whether it says anything that only one model has this layer.

        Files with weights only list no others, and not every era writes down a Sequential's
        input.
        """
        model = self.models[side]
        layer = model.layers[index]
        if not self._flags:
            return bool(layer.weights)
        above = model.layers[layer.parent].class_name if layer.parent >= 0 else model.class_name
        return layer.class_name != "InputLayer" or above != "Sequential"

    def _both(
        self, pair: LayerPair, places: Mapping[int, int], wiring: WiringChanges | None
    ) -> LayerChange:
        (old, new), (before, after) = self.models, pair[:2]
        here, there = old.layers[before], new.layers[after]
        own = (here.trainable, there.trainable)
        effective = (old.effective[before], new.effective[after]) if self._flags else (True, True)
        class_name = there.class_name or here.class_name
        tells = own[0] is not own[1] or bool(here.weights or there.weights)
        return LayerChange(
            path=there.path,
            class_name=class_name,
            old_path=here.path if here.path != there.path else "",
            how=pair.how,
            renamed=_renamed(here, there) or places.get(here.parent) != there.parent,
            settings=self._settings(pair, wiring) if wiring else (),
            trainable=own if self._flags and own[0] is not own[1] else None,
            effective=effective if effective[0] is not effective[1] and tells else None,
            frozen=effective == (False, False),
            weights=tuple(self._weights(here, there, pair.how, class_name)),
        )

    def _settings(self, pair: LayerPair, wiring: WiringChanges) -> tuple[SettingChange, ...]:
        old, new = self.models
        eras = not old.keras_version.startswith(_OLD), not new.keras_version.startswith(_OLD)
        changes = setting_changes(old.layers[pair.old], new.layers[pair.new], eras)
        return (*changes, *wiring.of(pair))

    def _weights(self, old: Layer, new: Layer, how: How, class_name: str) -> Iterator[WeightChange]:
        for pair in paired(old, new):
            if how == "content":  # their digests are the same
                yield unread(pair, class_name)
            else:
                yield change_of(pair, self.files, self._advance, class_name)


def _renamed(old: Layer, new: Layer) -> bool:
    """Whether a layer has another name; what Keras made up on both sides is none."""
    return old.name != new.name and not (old.auto_named and new.auto_named)


def _todays_names(old: Model, new: Model, matching: Matching) -> dict[str, str]:
    """Return by its dataset in the old file what a weight is called in the new one."""
    return {
        weight.dataset: f"{new.layers[pair.new].path}/{twin.name}"
        for pair in matching.pairs
        for weight, twin in paired(old.layers[pair.old], new.layers[pair.new])
        if weight is not None and twin is not None
    }


def _alone(model: Model, index: int, status: Literal["added", "removed"]) -> LayerChange:
    layer = model.layers[index]
    return LayerChange(
        path=layer.path,
        class_name=layer.class_name,
        status=status,
        weights=tuple(
            unread((None, weight) if status == "added" else (weight, None), layer.class_name)
            for weight in layer.weights
        ),
    )


def _frozen(layers: Sequence[LayerChange], *, known: bool) -> Frozen:
    """Answer whether frozen layers stayed frozen."""
    frozen = [layer for layer in layers if layer.frozen and layer.weights]
    since = [layer for layer in layers if layer.effective == (True, False) and layer.weights]
    return Frozen(
        layers=len(frozen),
        moved=_those(frozen, lambda weight: weight.trained and weight.moved),
        statistics=_those(frozen, lambda weight: weight.statistics and weight.moved),
        known=known,
        unreadable=_those(frozen, lambda weight: weight.trained and weight.state == "unreadable"),
        only_new=len(since),
        only_new_moved=_those(since, lambda weight: weight.trained and weight.moved),
    )


def _those(
    layers: Iterable[LayerChange], wanted: Callable[[WeightChange], bool]
) -> tuple[str, ...]:
    """Return the paths of layers with such weights."""
    return tuple(layer.path for layer in layers if any(map(wanted, layer.weights)))


def _side(model: Model) -> FileSide:
    return FileSide(
        model.file.path, model.format, model.keras_version, model.name, model.class_name,
        len(model.layers), model.parameters.total,
    )  # fmt: skip


def progress_of(models: Iterable[Model], report: Report) -> Advance:
    """Return what turns bytes that were read into the share of all bytes of some models."""
    total = max(1, sum(model.parameters.total_bytes for model in models))
    done = told = 0

    def advance(count: int) -> None:
        nonlocal done, told
        done += count
        if done - told >= _STEP:
            told = done
            report(min(1.0, done / total))

    return advance

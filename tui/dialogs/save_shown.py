"""Asking in which form, and where to, what is seen is saved."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from ..background import post
from ..paths import path_text
from .path_field import PathField
from .save_as import SaveAsDialog
from .segments import Segments
from .target import Target, look_at


@dataclass(frozen=True)
class Offer:
    """Something that can be saved."""

    label: str
    name: str
    """Of the file, without its suffix, as suggested."""
    suffixes: tuple[str, ...]
    """Which formats there are, the best one first."""


class SaveShownDialog(SaveAsDialog):
    """Asks what to save and where to; dismissed with a path, `index` says what was chosen.

    Args:
        offers: at least one; the first is chosen at first.
        folder: where it is saved if nothing else is typed.
        taken: files that must not be written over: the model's own.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "step('what')", "What to save", id="save-shown.what", show=False,
                tooltip="Save something else"),
        Binding("ctrl+r", "step('format')", "Format", id="save-shown.format", show=False,
                tooltip="Save it in another format"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    SaveShownDialog {
        PathField { margin-top: 1; }
        &.-short PathField, &.-tiny PathField { margin-top: 0; }
    }
    """

    heading = "Save what is seen"

    def __init__(self, offers: Sequence[Offer], folder: Path, taken: Sequence[str] = ()) -> None:
        self._offers = tuple(offers)
        self._taken = tuple(taken)
        self.index = 0
        """Place among the offers of the one that is chosen."""
        super().__init__(folder / f"{self.offer.name}{self.offer.suffixes[0]}")

    def compose_body(self) -> Iterable[Widget]:
        """Yield what can be saved, the formats, the path and the buttons."""
        what = [(str(place), offer.label) for place, offer in enumerate(self._offers)]
        yield Segments("what", what, "0", key="^t", id="what")
        formats = [(name, name) for name in self.offer.suffixes]
        yield Segments("format", formats, formats[0][0], key="^r", id="format")
        yield from super().compose_body()

    def on_resize(self) -> None:
        """Show fewer completions where there is little room."""
        self.query_one(PathField).set_rows(max(0, min(5, self.size.height - 13)))

    @property
    def offer(self) -> Offer:
        """What is chosen."""
        return self._offers[self.index]

    def action_step(self, which: str) -> None:
        """Choose the next of what there is to choose from."""
        self.query_one(f"#{which}", Segments).action_step(1)

    @on(Segments.Changed, "#what")
    def change_offer(self, event: Segments.Changed) -> None:
        """Suggest a name for it, unless somebody typed one; keep the format if it has that."""
        self.index = int(event.value)
        folder, stem, suffix = _split(self.query_one(PathField).value)
        if any(stem == offer.name for offer in self._offers):
            stem = self.offer.name
        known = suffix.casefold() in self.offer.suffixes
        self._set_path(f"{folder}{stem}{suffix if known else self.offer.suffixes[0]}")

    @on(Segments.Changed, "#format")
    def change_format(self, event: Segments.Changed) -> None:
        """Give the name the suffix."""
        folder, stem, suffix = _split(self.query_one(PathField).value)
        if suffix.casefold() != event.value:
            self._set_path(f"{folder}{stem}{event.value}")

    @on(PathField.Changed)
    def mark_format(self, event: PathField.Changed) -> None:
        """Mark the format that the typed name has; one that has none says nothing."""
        suffixes, segments = self.offer.suffixes, self.query_one("#format", Segments)
        typed = _split(event.value)[2].casefold()
        chosen = next((s for s in (typed, segments.value) if s in suffixes), suffixes[0])
        segments.set_options([(s, s) for s in suffixes], chosen)

    def _set_path(self, path: str) -> None:
        field = self.query_one(PathField)
        if field.value == path:  # another offer in the same file: look at it anew
            self._looker.ask(path)
        else:
            field.set_value(path)

    def _look(self, text: str) -> None:
        target = look_at(text, self._base)
        if target.path is not None and not target.problem:
            target = replace(target, problem=self._problem(target.path))
        post(self, self.Looked(target))

    def _problem(self, path: Path) -> str:
        """Return what is in the way of saving there, a sentence."""
        allowed = self.offer.suffixes
        suffix = _split(path.name)[2]
        if suffix.casefold() not in allowed:
            end = f", not in {path_text(suffix, 12)}" if suffix else ": that is the format"
            return f"The name has to end in {' or '.join(allowed)}{end}."
        if any(_same(path, taken) for taken in self._taken):
            return f"{path_text(path.name)} is the model file itself. Choose another name."
        return ""

    def _question(self, target: Target, path: Path) -> str:
        return f"{target.warning}\nReplace it? What is in it now will be gone."


def _split(path: str) -> tuple[str, str, str]:
    """Return folder with its separator, name without suffix, and suffix."""
    folder, name = path[: len(path) - len(os.path.basename(path))], os.path.basename(path)  # noqa: PTH119
    return (folder, *os.path.splitext(name))  # noqa: PTH122


def _same(path: Path, taken: str) -> bool:
    try:
        return path.samefile(taken)
    except OSError:
        return False

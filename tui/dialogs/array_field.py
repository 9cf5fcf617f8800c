"""An input for a file with arrays, and the list of them that it turns out to hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList

from kerastui.errors import KerastuiError
from kerastui.making.results import Named
from kerastui.model import Weight, safe_text
from kerastui.model.figures import plural

from .completion import ARRAYS
from .path_field import PathField
from .source_field import FormPathField
from .weight_answers import Ask
from .weight_fields import array_options, existing_file, in_order

PAUSE = 0.2
"""Seconds without a keystroke after which the file is looked into."""
_NOTE = ".npy, .npz, or a model file"


class ArrayField(Vertical):
    """A path field; where the file holds several arrays, those that fit a weight come first.

    Args:
        base: where relative paths start.
        ask: asks the clerk.
    """

    DEFAULT_CSS = """
    ArrayField {
        width: 100%;
        height: auto;
        OptionList { width: 100%; height: auto; max-height: 4; padding: 0; border: none; }
        OptionList:focus { border: none; }
    }
    """

    @dataclass
    class Changed(Message):
        """The file, its arrays, or the highlighted one are others now."""

        field: ArrayField

        @property
        def control(self) -> ArrayField:
            """The field."""
            return self.field

    @dataclass
    class Submitted(Changed):
        """Enter was pressed."""

    def __init__(self, base: Path, ask: Ask, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._base = base
        self._ask = ask
        self._arrays: tuple[Named, ...] = ()
        self._weight: Weight | None = None
        self.ordered: tuple[Named, ...] = ()
        """The file's arrays, those that fit first; none while it is being looked into."""

    def compose(self) -> ComposeResult:
        """Yield the path and the list."""
        yield FormPathField("", self._base, rows=3, endings=ARRAYS)
        yield OptionList(compact=True)

    def on_mount(self) -> None:
        """Say which files will do."""
        self._path.set_note(_NOTE)
        self._list()

    @property
    def _path(self) -> PathField:
        return self.query_one(PathField)

    @property
    def value(self) -> str:
        """The path as typed."""
        return self._path.value

    @property
    def chosen(self) -> int | None:
        """Which of `ordered` is highlighted; None while nothing is."""
        return self.query_one(OptionList).highlighted if self.ordered else None

    def enter(self) -> None:
        """Put the cursor into the path."""
        self._path.input.focus()

    def fit(self, weight: Weight) -> None:
        """List the arrays for another weight."""
        if weight is not self._weight:
            self._weight = weight
            self._list()

    def _list(self) -> None:
        listed = self.query_one(OptionList)
        listed.clear_options()
        weight = self._weight
        self.ordered = in_order(self._arrays, weight) if weight is not None else ()
        listed.display = len(self.ordered) > 1
        if weight is not None:
            listed.add_options(array_options(self.ordered, weight))
            if self.ordered and self.ordered[0].source.shape == weight.shape:
                listed.highlighted = 0
        self.post_message(self.Changed(self))

    @on(PathField.Changed)
    def path_changed(self, event: PathField.Changed) -> None:
        """Find out which arrays the file holds, once nobody types any more."""
        event.stop()
        self._arrays = ()
        self._list()
        self.run_worker(self._look_into(event.value), group="arrays", exclusive=True)

    async def _look_into(self, text: str) -> None:
        path = await existing_file(text, self._base, PAUSE)
        if path is None:
            self._path.set_note(_NOTE)
            return
        try:
            found = cast("tuple[Named, ...]", await self._ask("arrays", str(path)))
        except KerastuiError as error:
            self._path.set_note(safe_text(error, 300), "problem")
            return
        if self.value == text:
            self._path.set_note(plural(len(found), "array"))
            self._arrays = found
            self._list()

    @on(OptionList.OptionHighlighted)
    def highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell that another array is chosen."""
        event.stop()
        self.post_message(self.Changed(self))

    @on(PathField.Submitted)
    @on(OptionList.OptionSelected)
    def submitted(self, event: Message) -> None:
        """Tell that Enter was pressed."""
        event.stop()
        self.post_message(self.Submitted(self))

"""How a weight's values are distributed: by itself, or beside other weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from .histogram_many import ManyHistograms
from .histogram_one import OneHistogram
from .subject import Subject
from .view import LookView, Saving

if TYPE_CHECKING:
    from .screen import LookScreen

_MODES = ("one", "layer", "model")


class HistogramView(LookView):
    """How a weight's values are distributed."""

    NAME: ClassVar[str] = "Histogram"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "mode", "Others", id="histogram.beside",
                tooltip="Beside the layer's other weights, beside those of all layers, or alone"),
    ]  # fmt: skip

    _mode = "one"

    def compose(self) -> ComposeResult:
        """Lay out one histogram, and many in its place."""
        yield OneHistogram()
        many = ManyHistograms()
        many.display = False
        yield many

    @property
    def one(self) -> OneHistogram:
        """The weight by itself."""
        return self.query_one(OneHistogram)

    @property
    def many(self) -> ManyHistograms:
        """The weight beside others."""
        return self.query_one(ManyHistograms)

    def look_at(self, subject: Subject) -> None:
        """Show another weight."""
        super().look_at(subject)
        if self._mode == "one":
            self.one.look_at(subject)
        else:
            self.many.look_at(subject, "layer" if self._mode == "layer" else "model")

    def action_mode(self) -> None:
        """Show the weight beside those of its layer, of all layers, or by itself."""
        self._show_mode(_MODES[(_MODES.index(self._mode) + 1) % len(_MODES)])

    def _show_mode(self, mode: str) -> None:
        self._mode = mode
        self.one.display, self.many.display = mode == "one", mode != "one"
        if self.subject is not None and (mode != "one" or self.one.subject != self.subject):
            self.look_at(self.subject)
        self.focus_content()

    def focus_content(self) -> None:
        """Let the bars that are seen have the keys."""
        if self._mode == "one":
            self.one.bars.focus()
        else:
            self.many.rows.focus()

    @on(ManyHistograms.Chosen)
    def _choose(self, event: ManyHistograms.Chosen) -> None:
        event.stop()
        if self.subject is not None:
            self._mode = "one"
            self.one.display, self.many.display = True, False
            cast("LookScreen", self.screen).look_at(Subject(self.subject.model, event.key))

    def savings(self) -> tuple[Saving, ...]:
        """Return what is shown as a picture, and its counts."""
        one, subject = self.one, self.subject
        if self._mode != "one":
            return self.many.savings()
        if one.found is None or subject is None:
            return ()
        drawn = (one.found, subject.path, one.bars.is_log)
        return (
            Saving("Picture", (".png", ".svg"), "draw_histogram", drawn),
            Saving("Counts", (".csv",), "export_histogram", (one.found,)),
        )

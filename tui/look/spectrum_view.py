"""A matrix's singular values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from kerastui.analysis.matrix_results import Spectrum
from kerastui.errors import KerastuiError
from kerastui.model import safe_text

from ...widgets.axis import Axis
from ...widgets.curve import Curve
from .spectrum_words import facts, seen_as, value_line
from .subject import Subject
from .view import LookView, Saving
from .waiting import Waiting

if TYPE_CHECKING:
    from textual.app import App, ComposeResult

_NUMBERS = ("float", "bfloat", "void", "int", "uint", "bool", "complex")


class SpectrumView(LookView):
    """The values as a line, what they come to, and their energy."""

    NAME: ClassVar[str] = "Spectrum"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "log", "Linear/log", id="spectrum.log",
                tooltip="Show the values on a linear axis, or a logarithmic one"),
        Binding("e", "energy", "Energy", id="spectrum.energy",
                tooltip="Show the share of the energy (sum of squares) that the values add up to"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    SpectrumView {
        #seen, #facts, #value { height: auto; padding: 0 1; }
        #seen, #value { color: $text-muted; }
        #facts { margin-bottom: 1; }
        &.-short #facts { margin-bottom: 0; }
        &.-tiny {
            #seen { display: none; }
            #facts { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        }
        &.-tiny.-problem #facts { height: auto; text-wrap: wrap; }
    }
    """

    if TYPE_CHECKING:

        @property
        def app(self) -> App[Any]: ...  # noqa: D102

    _spectrum: Spectrum | None = None
    _log = True
    _energy = False

    @classmethod
    def suits(cls, subject: Subject) -> bool:
        """What can be seen as a matrix of more than one row and column."""
        shape = subject.weight.shape
        return (
            len(shape) >= 2
            and min(math.prod(shape[:-1]), shape[-1]) > 1
            and subject.weight.dtype.lstrip("<>=|").startswith(_NUMBERS)
        )

    def compose(self) -> ComposeResult:
        """Lay out what is seen, what it comes to, and the line."""
        yield Static(id="seen", markup=False)
        yield Waiting()
        yield Static(id="facts", markup=False)
        yield Curve()
        yield Static(id="value", markup=False)

    def on_resize(self) -> None:
        """Leave no line empty where there are few; of very few the curve has the most."""
        self.set_class(self.size.height < 24, "-short")
        self.set_class(self.size.height < 14, "-tiny")
        self._show_hint()

    def look_at(self, subject: Subject) -> None:
        """Decompose another weight."""
        super().look_at(subject)
        self._spectrum = None
        self.remove_class("-problem")
        self.query_one("#seen", Static).update(seen_as(subject.weight.shape, subject.meanings))
        self.query_one("#facts", Static).update("")
        self.query_one("#value", Static).update("")
        curve = self.query_one(Curve)
        curve.index = None
        curve.show_values((), "")
        self._decompose()

    def on_hide(self) -> None:
        """Let the analyst answer others while nobody sees this."""
        self.workers.cancel_group(self, "spectrum")  # pyright: ignore[reportUnknownMemberType]

    def on_show(self) -> None:
        """Ask again what was stopped."""
        if self.subject is not None and self._spectrum is None:
            self._decompose()

    @work(exclusive=True, group="spectrum")
    async def _decompose(self) -> None:
        subject = cast(Subject, self.subject)
        try:
            with self.query_one(Waiting).shown() as report:
                self._spectrum = await self.analyst.ask(
                    "spectrum", subject.place, subject.dataset, progress=report
                )
        except KerastuiError as error:
            self.add_class("-problem")
            self.query_one("#facts", Static).update(safe_text(str(error), 600))
        else:
            self._show()

    def _show(self) -> None:
        spectrum = self._spectrum
        if spectrum is None:
            return
        self.query_one("#facts", Static).update(facts(spectrum))
        curve = self.query_one(Curve)
        if self._energy:
            curve.show_values(spectrum.cumulative, "cumulative energy", y=Axis(0, 1))
        else:
            log = self._log and spectrum.rank > 0
            curve.show_values(spectrum.values, "singular value", log, _stretch(spectrum, log))
        self._show_hint()

    def _show_hint(self) -> None:
        """Say how to go along the values, where there is room for it and nobody has yet."""
        value, waits = self.query_one("#value", Static), self.query_one(Curve).index is None
        value.display = not (waits and self.has_class("-tiny"))
        if waits and self._spectrum is not None and self._spectrum.rank:
            hint = "← → go along the values"
            value.update(Content.styled(hint, "$foreground-muted"))

    @on(Curve.Moved)
    def tell_value(self, event: Curve.Moved) -> None:
        """Say what the value under the cursor is."""
        if self._spectrum is not None:
            value = self.query_one("#value", Static)
            value.display = True
            value.update(value_line(self._spectrum, event.index))

    def action_log(self) -> None:
        """Change between a linear and a logarithmic axis."""
        self._log, self._energy = not self._log or self._energy, False
        self._show()

    def action_energy(self) -> None:
        """Show the cumulative energy, or the values again."""
        self._energy = not self._energy
        self._show()

    def savings(self) -> tuple[Saving, ...]:
        """Offer the picture, and the values."""
        spectrum, subject = self._spectrum, self.subject
        if spectrum is None or subject is None:
            return ()
        return (
            Saving(
                "Picture", (".png", ".svg"), "draw_spectrum", (spectrum, self._log, subject.path)
            ),
            Saving("Singular values", (".csv", ".npy"), "export_spectrum", (spectrum,)),
        )


def _stretch(spectrum: Spectrum, log: bool) -> Axis | None:
    """Return what of a logarithmic axis is no noise; None for all of an axis."""
    largest, floor = spectrum.values[0], spectrum.floor
    if not log:
        return Axis(0, largest * 1.05 or 1)
    if spectrum.values[-1] > floor:
        return None
    return Axis(floor / 2, largest * 2, log=True)

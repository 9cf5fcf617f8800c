"""An embedding's rows on a plane (PCA), or those of any matrix, or its columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from kerastui.analysis.matrix_results import Neighbours, Projection
from kerastui.errors import KerastuiError
from kerastui.model import safe_text
from kerastui.model.figures import count

from ...widgets.find_line import FindLine
from ...widgets.scatter import Place, Scatter
from ..dialogs.base import SafeInput
from .projection_words import (
    PLANES,
    about,
    axis_label,
    index_of,
    mark_of,
    name_of,
    nearest_lines,
    point_line,
)
from .subject import Subject
from .view import LookView, Saving
from .vocabulary import Tokens, ask_tokens, find_token
from .waiting import Waiting

if TYPE_CHECKING:
    from textual.app import App, ComposeResult

_NEAREST = 12
_NAMED = 40
"""Up to so many points all have their names beside them."""
_NUMBERS = ("float", "bfloat", "void", "int", "uint", "bool")
_ROOM_BESIDE = 96
"""Columns from which there is room for a list beside the points."""


class ProjectionView(LookView):
    """Points, the cursor among them, and what is next to it."""

    NAME: ClassVar[str] = "Projection"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find", id="projection.find", key_display="/",
                tooltip="Go to a point by its number or its name"),
        Binding("c", "plane", "Plane", id="projection.components",
                tooltip="Show other components: 1 and 2, 1 and 3, 2 and 3"),
        Binding("x", "along", "Rows/cols", id="projection.along",
                tooltip="Take the columns as points, or the rows"),
        Binding("v", "names", "Names", id="projection.names", show=False,
                tooltip="Name the points by a text file with one token a line"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    ProjectionView {
        #about, #point { height: auto; padding: 0 1; }
        #about { color: $text-muted; }
        Scatter { width: 1fr; }
        #near { width: 30; padding: 1; display: none; }
        &.-wide #near { display: block; }
        &.-tiny { #about, #point { max-height: 2; } }
    }
    """

    if TYPE_CHECKING:

        @property
        def app(self) -> App[Any]: ...  # noqa: D102

    _along = "rows"
    _plane = 0
    _projection: Projection | None = None
    _number: int | None = None
    _found: Neighbours | None = None
    _tokens: Tokens = ()
    _tokens_from = ""

    @classmethod
    def suits(cls, subject: Subject) -> bool:
        """Matrices with more than a few rows and columns."""
        weight = subject.weight
        return (
            len(weight.shape) == 2
            and min(weight.shape) > 2
            and weight.dtype.lstrip("<>=|").startswith(_NUMBERS)
        )

    def compose(self) -> ComposeResult:
        """Lay out what is said, the points, and what is next to the cursor."""
        yield Static(id="about", markup=False)
        yield Waiting()
        with Horizontal():
            yield Scatter()
            yield Static(id="near", markup=False)
        yield Static(id="point", markup=False)
        yield FindLine("number or name", SafeInput())

    def on_resize(self) -> None:
        """Make room for the list; where there are few lines, the points have the most of them."""
        self.set_class(self.size.height < 14, "-tiny")
        self.set_class(self.size.width >= _ROOM_BESIDE, "-wide")
        self._tell_point()

    def look_at(self, subject: Subject) -> None:
        """Project another weight."""
        super().look_at(subject)
        meanings = subject.meanings
        self._along = "columns" if meanings and meanings[0] != "vocabulary" else "rows"
        self._tokens, self._tokens_from = (), ""
        self._begin()

    def on_hide(self) -> None:
        """Let the analyst answer others while nobody sees this."""
        for group in ("projection", "neighbours"):
            self.workers.cancel_group(self, group)  # pyright: ignore[reportUnknownMemberType]

    def on_show(self) -> None:
        """Ask again what was stopped."""
        if self.subject is not None and self._projection is None:
            self._project()

    def _begin(self) -> None:
        self._projection = self._number = self._found = None
        self.query_one("#about", Static).update("")
        self.query_one(Scatter).show_points(())
        self._tell_point()
        self._project()

    @work(exclusive=True, group="projection")
    async def _project(self) -> None:
        subject, along = cast(Subject, self.subject), self._along
        try:
            with self.query_one(Waiting).shown() as report:
                self._projection = await self.analyst.ask(
                    "projection", subject.place, subject.dataset, along, progress=report
                )
        except KerastuiError as error:
            self.query_one("#about", Static).update(safe_text(str(error), 600))
        else:
            self._show()

    def _show(self) -> None:
        projection, subject = self._projection, self.subject
        if projection is None or subject is None:
            return
        said = about(projection, self._along, subject.meanings)
        self.query_one("#about", Static).update(said)
        across, up = PLANES[self._plane]
        places = [(place[across], place[up]) for place in projection.coordinates]
        labels = axis_label(projection, across), axis_label(projection, up)
        numbers = projection.shown if len(projection.shown) <= _NAMED else ()
        names = [mark_of(number, self._tokens) for number in numbers]
        self.query_one(Scatter).show_points(places, *labels, names)
        self._mark()
        self._tell_point()

    # -- the cursor -----------------------------------------------------------------------------

    @on(Scatter.Moved)
    def go_to_shown(self, event: Scatter.Moved) -> None:
        """Go to a point that is shown."""
        if self._projection is not None:
            self.go_to(self._projection.shown[event.index])

    def go_to(self, number: int) -> None:
        """Set the cursor on a point, and ask what is next to it."""
        self._number, self._found = number, None
        self._mark()
        self._tell_point()
        self._find_neighbours(number)

    @work(exclusive=True, group="neighbours")
    async def _find_neighbours(self, number: int) -> None:
        subject = cast(Subject, self.subject)
        question = (subject.place, subject.dataset, self._along, number, _NEAREST)
        try:
            with self.query_one(Waiting).shown() as report:
                found = await self.analyst.ask("neighbours", *question, progress=report)
        except KerastuiError as error:
            self.query_one("#point", Static).update(safe_text(str(error), 600))
            return
        if number == self._number and subject is self.subject:
            self._found = found
            self._mark()
            self._tell_point()

    def _mark(self) -> None:
        projection, number, found = self._projection, self._number, self._found
        if projection is None or number is None:
            return
        index = index_of(number, projection.shown)
        place = found.place if found else projection.coordinates[index] if index >= 0 else None
        cursor = self._on_plane(place) if place else None
        near = [(self._on_plane(n.place), mark_of(n.number, self._tokens)) for n in self._nearest]
        name = mark_of(number, self._tokens)
        covered = {index, *(index_of(n.number, projection.shown) for n in self._nearest)}
        self.query_one(Scatter).mark(cursor, name, near, index if index >= 0 else None, covered)

    @property
    def _nearest(self) -> tuple[Any, ...]:
        return self._found.nearest if self._found else ()

    def _on_plane(self, place: tuple[float, float, float]) -> Place:
        across, up = PLANES[self._plane]
        return place[across], place[up]

    def _tell_point(self) -> None:
        line, number, found = self.query_one("#point", Static), self._number, self._found
        self.query_one("#near", Static).update(nearest_lines(found, self._tokens))
        if number is None:
            hint = "arrows go from point to point" if self._projection else ""
            line.update(Content.styled(hint, "$foreground-muted"))
        elif found is not None and found.place is None:
            line.update(f"{name_of(number, self._tokens)} has NaN or infinite values.")
        else:
            shown = None if found and self.has_class("-wide") else found
            line.update(point_line(shown, number, self._tokens, self._along))

    # -- keys -----------------------------------------------------------------------------------

    def action_plane(self) -> None:
        """Show the next pair of components."""
        self._plane = (self._plane + 1) % len(PLANES)
        self._show()

    def action_along(self) -> None:
        """Take columns as points instead of rows, or the other way round."""
        self._along = "columns" if self._along == "rows" else "rows"
        self._tokens, self._tokens_from = (), ""
        self._begin()

    def action_find(self) -> None:
        """Ask for a number or a name."""
        if self._projection is not None:
            self.query_one(FindLine).open()

    @on(FindLine.Submitted)
    def find(self, event: FindLine.Submitted) -> None:
        """Go to the point that is asked for."""
        text, projection = event.text, self._projection
        if not text or projection is None:
            return
        after = -1 if self._number is None else self._number
        number = int(text) if text.isdecimal() else find_token(self._tokens, text, after)
        if number is None or number >= projection.points:
            kind = "There are" if text.isdecimal() else "Nothing has that name; there are"
            last = count(projection.points - 1)
            self.notify(f"{kind} points from 0 to {last}.", markup=False, severity="warning")
        else:
            self.go_to(number)

    @work(exclusive=True, group="names")
    async def action_names(self) -> None:
        """Ask for a file with names, and read it."""
        projection, subject = self._projection, self.subject
        if projection is None or subject is None:
            return
        folder = Path(subject.model.file.path).parent
        found = await ask_tokens(self.app, folder, projection.points, self._tokens_from)
        if found is not None and self.subject is subject:
            self._tokens, self._tokens_from = found
            self._show()

    # -- saving ---------------------------------------------------------------------------------

    def savings(self) -> tuple[Saving, ...]:
        """Offer the picture, and the coordinates of the points that are shown."""
        projection, subject = self._projection, self.subject
        if projection is None or subject is None:
            return ()
        marks = [(n.place, mark_of(n.number, self._tokens)) for n in self._nearest]
        if self._found is not None and self._found.place is not None:
            marks.append((self._found.place, mark_of(self._found.number, self._tokens)))
        drawing = (projection, PLANES[self._plane], tuple(marks), f"{subject.path} ({self._along})")
        return (
            Saving("Picture", (".png", ".svg"), "draw_projection", drawing),
            Saving("Points", (".csv", ".npy"), "export_projection", (projection,)),
        )

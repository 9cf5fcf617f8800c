"""A slice as a picture with a zero-centred colour scale."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType

from kerastui.analysis.picture_results import HeatMap as Answer
from kerastui.analysis.picture_results import HeatOptions

from ...widgets.array_view import ArrayView
from ...widgets.colour_legend import colour_legend
from ...widgets.heat_map import HeatMap
from ...widgets.heat_picture import HeatPicture, Part
from ...widgets.pixels import Pixels
from .heat_words import axis_name, described, said_of_block
from .picture_look import PictureLook
from .subject import Subject
from .view import Saving

_ITEM_SIZE = 8
"""Bytes of an element, at most, for a guess at how long reading takes."""
MOST_AT_FIRST = 1 << 31
"""Elements of a slice that are all seen at first; of a larger one its beginning is."""
_BEGINNING = 4096


class HeatMapView(PictureLook):
    """A slice as a picture with a zero-centred colour scale."""

    NAME: ClassVar[str] = "Heat map"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "transpose", "Transpose", id="heat-map.transpose", show=False,
                tooltip="Swap rows and columns"),
        Binding("a", "turn", "Axes", id="heat-map.axes", tooltip="Show another pair of axes"),
        Binding("left_square_bracket", "step(-1)", "Slice before", id="heat-map.slice-before",
                key_display="[", show=False, tooltip="Step the chosen fixed axis back"),
        Binding("right_square_bracket", "step(1)", "Slice", id="heat-map.slice-next",
                key_display="]", tooltip="Step the chosen fixed axis on"),
        Binding("x", "choose_axis", "Fixed axis", id="heat-map.fixed-axis", show=False,
                tooltip="Choose which fixed axis [ and ] step"),
        Binding("m", "reduction", "Mean", id="heat-map.reduction",
                tooltip="A pixel is the mean of its elements, or the one farthest from zero"),
        Binding("r", "clip", "Range", id="heat-map.range", show=False,
                tooltip="The whole range of values, or without the largest hundredth"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__(HeatMap())
        self._view = ArrayView.of(())
        self._axis = 0
        self._extreme = self._clip = False
        self._answer: Answer | None = None
        self._shown: HeatOptions | None = None

    @classmethod
    def suits(cls, subject: Subject) -> bool:
        """Whether there are axes, and elements along them."""
        return bool(subject.weight.shape) and 0 not in subject.weight.shape

    @property
    def heat(self) -> HeatMap:
        """The picture."""
        return self.query_one(HeatMap)

    def look_at(self, subject: Subject) -> None:
        """Show another weight: its last two axes."""
        super().look_at(subject)
        self._axis = 0
        self.say("readout", "")
        self.say("legend", "")
        self._lay(ArrayView.of(subject.weight.shape))

    def _lay(self, view: ArrayView) -> None:
        """Show other axes, or another slice."""
        same = (view.rows, view.columns) == (self._view.rows, self._view.columns)
        before, self._view = self._view, view
        heat = self.heat
        if same and view.shape == before.shape and heat.picture is not None:
            heat.ask()  # the next slice, at the same place
        elif view.columns < 0:
            heat.show(Part.whole(1), _beginning(view.row_count, 1))
        else:
            rows, columns = view.row_count, view.column_count
            heat.show(_beginning(rows, columns), _beginning(columns, rows))
        self._tell()

    # -- asking ---------------------------------------------------------------------------------

    def ask_again(self) -> None:
        """Ask for the picture in other colours."""
        self.heat.ask()

    @on(HeatMap.PictureWanted)
    def _wanted(self, event: HeatMap.PictureWanted) -> None:
        if self.subject is not None:
            self._ask(self.subject, event, self._options(event))

    def _options(self, wanted: HeatMap.PictureWanted) -> HeatOptions:
        view = self._view
        down, across = wanted.rows, wanted.columns
        if view.columns < 0:  # rank 1: its one axis runs on from row to row
            down, across = wanted.columns, wanted.rows
        return HeatOptions(
            rows=view.rows,
            columns=view.columns,
            at=view.fixed,
            row_part=(down.start, down.stop),
            column_part=(across.start, across.stop),
            height=wanted.height,
            width=wanted.width,
            reduction="extreme" if self._extreme else "mean",
            clip=self._clip,
            palette=self.palette,
        )

    @work(exclusive=True, group="heat map", description="heat map")
    async def _ask(
        self, subject: Subject, wanted: HeatMap.PictureWanted, options: HeatOptions
    ) -> None:
        size = _ITEM_SIZE * wanted.rows.span * wanted.columns.span
        answer: Answer | None = await self.answer(size, "heat_map", options)
        if subject != self.subject or options != self._options(wanted):
            return
        if answer is None:
            self.heat.clear()
            return
        self._answer, self._shown = answer, options
        values = array("d")
        values.frombytes(answer.values)
        pixels = Pixels(answer.width, answer.height, answer.rgb)
        self.heat.supply(wanted, HeatPicture(pixels, values, answer.row_edges, answer.column_edges))
        odd = (
            ("NaN", answer.nan, answer.nan_colour),
            ("infinite", answer.inf, answer.inf_colour),
        )
        legend = colour_legend(
            answer.limit, answer.palette, odd, beyond=answer.beyond, shaded=self.shaded
        )
        self.say("legend", legend)

    # -- showing --------------------------------------------------------------------------------

    @on(HeatMap.Moved)
    def _read_out(self) -> None:
        picture, shown, subject = self.heat.picture, self._shown, self.subject
        if picture is not None and shown is not None and subject is not None:
            row, column = picture.block(*self.heat.cursor)
            shape, meanings = subject.weight.shape, subject.meanings
            said = said_of_block(picture, row, column, shown, shape, meanings)
            self.say("readout", said)

    def _tell(self) -> None:
        subject = self.subject
        if subject is not None:
            axis = self._stepping_axis
            self.say("about", described(self._view, subject.meanings, axis, self._extreme))

    @property
    def _stepping_axis(self) -> int | None:
        others = self._view.other_axes
        return others[self._axis % len(others)] if others else None

    # -- keys -----------------------------------------------------------------------------------

    def action_transpose(self) -> None:
        """Swap rows and columns."""
        self._lay(self._view.transposed())

    def action_turn(self) -> None:
        """Show another pair of axes."""
        self._lay(self._view.turned())

    def action_step(self, step: int) -> None:
        """Show another slice."""
        axis = self._stepping_axis
        if axis is not None:
            self._lay(self._view.stepped(axis, step))

    def action_choose_axis(self) -> None:
        """Choose the next fixed axis to step."""
        self._axis += 1
        self._tell()

    def action_reduction(self) -> None:
        """Let pixels be means, or the elements farthest from zero."""
        self._extreme = not self._extreme
        self._tell()
        self.heat.ask()

    def action_clip(self) -> None:
        """Let the scale end at the largest value, or before the largest hundredth."""
        self._clip = not self._clip
        self.heat.ask()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only keys that do something."""
        if action in ("step", "choose_axis"):
            return bool(self._view.other_axes)
        return action not in ("turn", "transpose") or self._view.columns >= 0

    def savings(self) -> tuple[Saving, ...]:
        """Offer what is seen as a picture, in all pixels that it has, and the slice."""
        subject, shown, view = self.subject, self._shown, self._view
        if subject is None or shown is None or self._answer is None:
            return ()
        fine = replace(shown, palette="light")
        title = f"{subject.path}{view.describe()}"
        place = subject.place, subject.dataset
        rows = view.rows, shown.row_part[0], shown.row_part[1] - shown.row_part[0]
        names = axis_name(view.rows, subject.meanings), axis_name(view.columns, subject.meanings)
        columns = None
        if view.columns >= 0:
            begin, end = shown.column_part
            columns = view.columns, begin, end - begin
        return (
            Saving("Picture", (".png", ".svg"), "draw_heat_map", (*place, fine, title, names)),
            Saving(
                "Numbers that are seen", (".npy", ".csv"), "export_slice",
                (*place, rows, columns, view.fixed),
            ),
        )  # fmt: skip


def _beginning(length: int, other: int) -> Part:
    """Return all of an axis, or its beginning where the slice is too large to read first."""
    whole = length * other <= MOST_AT_FIRST
    return Part(0, length if whole else min(length, _BEGINNING), length)

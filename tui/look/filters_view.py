"""Convolution filters as a gallery of tiles."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content

from kerastui.analysis.picture_axes import filter_axes
from kerastui.analysis.picture_results import (
    FilterAxes,
    FilterFigures,
    Gallery,
    GalleryOptions,
)

from ...widgets.colour_legend import colour_legend
from ...widgets.tile_gallery import TileGallery
from ...widgets.tile_picture import Tiles
from .filters_words import described, said_of_tile
from .picture_look import PictureLook
from .subject import Subject
from .view import Saving

_ITEM_SIZE = 8
"""Bytes of an element, at most, for a guess at how long reading takes."""


class FiltersView(PictureLook):
    """Convolution filters as a gallery of tiles."""

    NAME: ClassVar[str] = "Filters"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "channel(-1)", "Channel before", show=False,
                id="filters.channel-before", key_display="[", tooltip="The input channel before"),
        Binding("right_square_bracket", "channel(1)", "Channel", key_display="]",
                id="filters.channel-next", tooltip="The next input channel"),
        Binding("m", "mode", "Mean", id="filters.mode",
                tooltip="One input channel, the mean over all, or three as red, green and blue"),
        Binding("n", "each", "Scale", id="filters.scale",
                tooltip="A colour scale for each filter, or one for all"),
        Binding("o", "order", "Order", id="filters.order", show=False,
                tooltip="In the order of their numbers, or of their norms"),
        Binding("left_curly_bracket", "depth(-1)", "Depth before", show=False,
                id="filters.depth-before", key_display="{",
                tooltip="The slice of the kernel's depth before"),
        Binding("right_curly_bracket", "depth(1)", "Depth", key_display="}", show=False,
                id="filters.depth-next", tooltip="The next slice of the kernel's depth"),
        Binding("escape,backspace", "back", "All filters", id="filters.all", key_display="esc",
                tooltip="From one filter's channels back to all filters"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__(TileGallery())
        self._options: GalleryOptions | None = None
        self._gallery: Gallery | None = None
        self._figures: FilterFigures | None = None
        self._by_norm = False

    @classmethod
    def suits(cls, subject: Subject) -> bool:
        """Whether it is a kernel with a width or a height."""
        return _axes(subject) is not None

    @property
    def tiles(self) -> TileGallery:
        """The gallery."""
        return self.query_one(TileGallery)

    def look_at(self, subject: Subject) -> None:
        """Show another kernel's filters, in RGB if they see three channels."""
        super().look_at(subject)
        axes = _axes(subject)
        if axes is None:
            return
        colours = axes.inputs >= 0 and subject.weight.shape[axes.inputs] == 3 and not self.shaded
        self._options = GalleryOptions(axes, "rgb" if colours else 0)
        self._gallery = self._figures = None
        self.tiles.show(Tiles(0, 1, 1, b""))
        self.say("readout", "")
        self.ask_again()

    # -- asking ---------------------------------------------------------------------------------

    def ask_again(self) -> None:
        """Ask for the tiles as they are to be now."""
        if self._options is not None and self.subject is not None:
            self._options = replace(self._options, palette=self.palette)
            self._ask(self.subject, self._options)

    @work(exclusive=True, group="gallery", description="gallery")
    async def _ask(self, subject: Subject, options: GalleryOptions) -> None:
        shape = subject.weight.shape
        whole = _ITEM_SIZE * prod(shape)
        inputs = shape[options.axes.inputs] if options.axes.inputs >= 0 else 1
        size = whole if options.channel == "mean" else whole // inputs
        gallery: Gallery | None = await self.answer(size, "gallery", options)
        if gallery is None or options != self._options or subject != self.subject:
            return
        self._gallery = gallery
        self._show()
        if self._figures is None:
            figures = await self.answer(whole, "filter_figures", options)
            if figures is not None and subject == self.subject:
                self._take(figures, options, gallery)

    def _take(self, figures: FilterFigures, options: GalleryOptions, gallery: Gallery) -> None:
        """Show what figures tell: the order, and which tiles are nothing but about zero."""
        self._figures, self._options = figures, replace(options, floor=figures.floor)
        self._show() if self._by_norm else self._read_out()
        if options.each and gallery.least <= figures.floor:
            self.ask_again()

    # -- showing --------------------------------------------------------------------------------

    def _show(self) -> None:
        gallery, options, subject = self._gallery, self._options, self.subject
        if gallery is None or options is None or subject is None:
            return
        tiles = Tiles(gallery.count, gallery.height, gallery.width, gallery.rgb)
        self.tiles.show(tiles, self._order(gallery, options))
        text = described(options, subject.weight.shape, self._by_norm, gallery.left_out)
        self.say("about", text)
        self.say("legend", self._legend(gallery, options.each))
        self._read_out()

    def _legend(self, gallery: Gallery, each: bool) -> Content:
        if not gallery.palette:
            ends = f"full colour {gallery.limit:.4g}, none −{gallery.limit:.4g}"
            return Content(f"grey is 0, {ends}")
        odd = (
            ("NaN", gallery.nan, gallery.nan_colour),
            ("infinite", gallery.inf, gallery.inf_colour),
        )
        scale = colour_legend(gallery.limit, gallery.palette, odd, shaded=self.shaded)
        return scale + "  the strongest tile’s" if each else scale

    def _order(self, gallery: Gallery, options: GalleryOptions) -> list[int] | None:
        """Return the order of the tiles: None for their own."""
        if not self._by_norm or self._figures is None or options.only is not None:
            return None
        norms = self._figures.norms
        return sorted(range(gallery.count), key=lambda number: -norms[number])

    @on(TileGallery.Highlighted)
    def _read_out(self) -> None:
        options, subject, number = self._options, self.subject, self.tiles.number
        if options is None or subject is None or self._gallery is None or number < 0:
            return
        self.say("readout", said_of_tile(number, options, subject.weight.shape, self._figures))

    # -- keys -----------------------------------------------------------------------------------

    def action_channel(self, step: int) -> None:
        """See another input channel."""
        options, subject = self._options, self.subject
        if options is None or subject is None or options.axes.inputs < 0:
            return
        count = subject.weight.shape[options.axes.inputs]
        now = options.channel
        channel = (now + step) % count if isinstance(now, int) else 0 if step > 0 else count - 1
        self._change(replace(options, channel=channel, only=None))

    def action_mode(self) -> None:
        """See one channel, the mean, or (of three) colours."""
        options, subject = self._options, self.subject
        if options is None or subject is None or options.axes.inputs < 0:
            return
        channel = "mean" if isinstance(options.channel, int) else 0
        if options.channel == "mean" and subject.weight.shape[options.axes.inputs] == 3:
            channel = "rgb"
        self._change(replace(options, channel=channel, only=None))

    def action_each(self) -> None:
        """Give each tile its own scale, or all the same."""
        if self._options is not None:
            self._change(replace(self._options, each=not self._options.each))

    def action_order(self) -> None:
        """Order tiles by number or by norm."""
        self._by_norm = not self._by_norm
        self._show()

    def action_depth(self, step: int) -> None:
        """See another slice of the kernel's depth."""
        options, subject = self._options, self.subject
        if options is None or subject is None or options.axes.depth < 0:
            return
        depth = (options.depth + step) % subject.weight.shape[options.axes.depth]
        self._change(replace(options, depth=depth))

    @on(TileGallery.Chosen)
    def _open(self, event: TileGallery.Chosen) -> None:
        """See one filter's input channels, or all filters again."""
        if self._options is None:
            return
        if self._options.only is not None:
            self.action_back()
        elif self._options.axes.inputs >= 0:
            self._change(replace(self._options, only=event.number))

    def action_back(self) -> None:
        """See all filters again."""
        options = self._options
        if options is not None and options.only is not None:
            self._change(replace(options, only=None))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only keys that do something."""
        if action == "back":
            return self._options is not None and self._options.only is not None
        axes = self._options.axes if self._options else None
        if axes is not None and action in ("channel", "mode"):
            return axes.inputs >= 0
        return axes is None or action != "depth" or axes.depth >= 0

    def _change(self, options: GalleryOptions) -> None:
        self._options = options
        self.refresh_bindings()
        self.ask_again()

    def savings(self) -> tuple[Saving, ...]:
        """Offer the gallery, every filter of it."""
        subject, options, gallery = self.subject, self._options, self._gallery
        if subject is None or options is None or gallery is None:
            return ()
        titles = subject.path, described(options, subject.weight.shape, self._by_norm)
        order = self._order(gallery, options)
        fine = replace(options, palette="light")
        args = (subject.place, subject.dataset, fine, order, self.tiles.columns, titles)
        return (Saving("Picture", (".png", ".svg"), "draw_gallery", args),)


def _axes(subject: Subject) -> FilterAxes | None:
    weight = subject.weight
    return filter_axes(weight.name, weight.shape, subject.meanings)

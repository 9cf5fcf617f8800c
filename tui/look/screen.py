"""One weight, seen from all sides: a tab a view, the figures beside them where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static, TabbedContent, TabPane

from kerastui.model import Difference, Model, safe_text
from kerastui.model.figures import plural, weight_shape

from ...widgets.histogram_picture import GUTTER
from ...widgets.key_footer import KeyFooter
from .analyst import Analyst
from .counts_asking import CountsAsked
from .figures_asking import FiguresAsked
from .figures_view import FiguresTab, FiguresView
from .subject import Key, Subject, keys_of
from .view import LookView
from .views import VIEWS

if TYPE_CHECKING:
    from textual.app import App


FIGURES_WIDTH = 46
"""Columns of the figures beside the tabs."""


class LookTabs(TabbedContent):
    """Tabs that only keys and clicks change: late news of a focus never bring a tab back."""

    def _on_tab_pane_focused(self, event: TabPane.Focused) -> None:
        """Leave the tab as it is; Textual shows the one whose widget has got the focus."""
        event.stop()
        event.prevent_default()


class LookScreen(Screen[None]):
    """Shows a weight; others of the model are a key away.

    Args:
        model: the description as edited.
        key: the weight to begin with.
        analyst: who answers questions about numbers.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "app.pop_screen", "Back", id="look.back", tooltip="Back"),
        Binding("full_stop", "other_weight(1)", "Next weight", id="look.next-weight",
                key_display=".", tooltip="Look at the next weight of the model"),
        Binding("comma", "other_weight(-1)", "Weight before", id="look.previous-weight",
                key_display=",", show=False, tooltip="Look at the weight before"),
        Binding("tab", "other_view(1)", "Next view", id="look.next-view", priority=True,
                tooltip="Look at it another way"),
        Binding("shift+tab", "other_view(-1)", "View before", id="look.previous-view",
                priority=True, show=False, tooltip="Back to the view before"),
        Binding("s", "save", "Save…", id="look.save",
                tooltip="Save what is seen as a picture, or the numbers as .npy or CSV"),
        *(
            Binding(str(number), f"view({number - 1})", f"View {number}", show=False,
                    id=f"look.view-{number}", tooltip=f"Show tab number {number}")
            for number in range(1, 8)
        ),
    ]  # fmt: skip

    DEFAULT_CSS = f"""
    LookScreen {{
        #weight {{ height: auto; padding: 0 1; }}
        TabbedContent {{ width: 1fr; height: 1fr; }}
        TabPane {{ padding: 0; height: 1fr; }}
        #figures {{ width: {FIGURES_WIDTH}; display: none; border-left: vkey $foreground 20%; }}
        &.-wide #figures {{ display: block; }}
    }}
    """

    AUTO_FOCUS = ""  # the view that is seen takes it

    if TYPE_CHECKING:

        @property
        def app(self) -> App[None]: ...  # noqa: D102

    def __init__(self, model: Model, key: Key, analyst: Analyst) -> None:
        super().__init__()
        self.analyst = analyst
        self.figures = FiguresAsked(analyst)
        self.counts = CountsAsked(analyst)
        self.subject = Subject(model, key)
        self._keys = tuple(keys_of(model))
        self._chosen = ""
        """The tab to come back to: it does not suit the weight, and no other has been chosen."""

    def compose(self) -> ComposeResult:
        """Lay out the name, the tabs, of which the first has its view, and the figures."""
        self._find_room()
        self._count_ahead()
        yield Static(id="weight")
        with Horizontal():
            with LookTabs():
                for view in VIEWS:
                    with TabPane(view.NAME, id=view.__name__):
                        if view is VIEWS[0]:
                            yield view()
            yield FiguresView(id="figures")
        yield KeyFooter()

    def _find_room(self) -> None:
        """Lay it out for the columns that there are; Textual would do so after the first frame."""
        width, points = self.app.size.width, self.app.HORIZONTAL_BREAKPOINTS or ()
        if fitting := [point for point in points if point[0] <= width]:
            self.add_class(max(fitting)[1], update=False)

    @work(exclusive=True, group="ahead")
    async def _count_ahead(self) -> None:
        """Let the first view's histogram be counted while it is built."""
        beside = FIGURES_WIDTH if self.has_class("-wide") else 0
        await self.counts.ahead(self.subject, max(1, self.app.size.width - beside - GUTTER))

    def on_mount(self) -> None:
        """Show the weight that was asked for."""
        self.look_at(self.subject)

    def on_resize(self) -> None:
        """Figures that have got room beside the tabs are no tab, and are computed now."""
        self.call_after_refresh(self._make_room)

    def _make_room(self) -> None:
        self._offer_tabs()
        self._fill_figures()

    # -- what is seen ---------------------------------------------------------------------------

    def look_at(self, subject: Subject) -> None:
        """Show another weight, in the same view if that suits it, or as soon as one does."""
        self.subject = subject
        self.query_one("#weight", Static).update(_title(subject))
        self._offer_tabs()
        self._fill_figures()
        self.call_later(self._fill)

    def _offer_tabs(self) -> None:
        tabs, offered = self.query_one(TabbedContent), self.offered
        for view in VIEWS:
            tabs.get_tab(view.__name__).display = view in offered
        names = [view.__name__ for view in offered]
        if self._chosen in names:
            tabs.active = self._chosen
        elif tabs.active not in names:
            self._chosen = self._chosen or tabs.active
            tabs.active = names[0]

    @property
    def offered(self) -> list[type[LookView]]:
        """The views that suit the weight; no tab for figures that are beside the tabs."""
        beside = self.query_one("#figures").display
        return [
            view
            for view in VIEWS
            if view.suits(self.subject) and not (beside and view is FiguresTab)
        ]

    @property
    def view(self) -> LookView | None:
        """The view that is seen."""
        pane = self.query_one(TabbedContent).active_pane
        return _view_in(pane) if pane else None

    def on_tabbed_content_tab_activated(self, event: TabbedContent.TabActivated) -> None:
        """Make or renew the view that is now seen."""
        now = self.query_one(TabbedContent).active  # the news may be late
        if event.pane.id == now != self.offered[0].__name__:
            self._chosen = ""
        self.call_later(self._fill)

    async def _fill(self) -> None:
        pane = self.query_one(TabbedContent).active_pane
        if pane is None:
            return
        view = _view_in(pane)
        if view is None:
            view = next(v for v in VIEWS if v.__name__ == pane.id)()
            await pane.mount(view)
        if view.subject != self.subject:
            view.look_at(self.subject)
        # Meanwhile another tab may have been chosen.
        if self.app.screen is self and self.query_one(TabbedContent).active_pane is pane:
            view.focus_content()

    def _fill_figures(self) -> None:
        figures = self.query_one("#figures", FiguresView)
        if figures.display and figures.subject != self.subject:
            figures.look_at(self.subject)

    # -- keys -----------------------------------------------------------------------------------

    def action_other_weight(self, step: int) -> None:
        """Look at the next weight of the model, or the one before, round the end."""
        place = self._keys.index(self.subject.key)
        key = self._keys[(place + step) % len(self._keys)]
        self.look_at(Subject(self.subject.model, key))

    def action_other_view(self, step: int) -> None:
        """Show the next tab, or the one before, round the end."""
        self._chosen = ""
        names = [view.__name__ for view in self.offered]
        tabs = self.query_one(TabbedContent)
        tabs.active = names[(names.index(tabs.active) + step) % len(names)]

    def action_view(self, number: int) -> None:
        """Show a tab by its number (from 0) among those that are seen."""
        if number < len(self.offered):
            self._chosen = ""
            self.query_one(TabbedContent).active = self.offered[number].__name__

    def action_save(self) -> None:
        """Ask where to, and save what is seen."""
        from .saving import save_shown

        view = self.view
        if view is not None:
            save_shown(self, view)


def _view_in(pane: TabPane) -> LookView | None:
    return next(iter(pane.query(LookView)), None)


def _dtype(subject: Subject) -> str:
    """Return the dtype of the values; of a difference those of both sides, too."""
    weight = subject.weight
    dtype = safe_text(weight.dtype)
    if subject.packing is not None:
        return f"{dtype}, two packed in a byte"
    if isinstance(weight.replaced, Difference):
        return f"{safe_text(weight.replaced.dtypes)}, computed in {dtype}"
    return dtype


def _title(subject: Subject) -> Content:
    layer, weight = subject.layer, subject.weight
    parts = [
        (safe_text(subject.path), "bold $text-accent"),
        (f"   {weight_shape(weight.shape)}  {_dtype(subject)}", ""),
    ]
    if layer is not None:
        known = safe_text(layer.class_name)
        parts.append((f"   {known}", "$foreground-muted"))
        if len(layer.weights) > 1:
            number = f"{subject.key[1] + 1} of {plural(len(layer.weights), 'weight')}"
            parts.append((f", {number}" if known else number, "$foreground-muted"))
    if isinstance(weight.replaced, Difference):
        parts.append((f"   ▲ {safe_text(weight.replaced.label, 200)}", "$text-warning"))
    elif weight.replaced:
        parts.append(("   ▲ new values, not saved", "$text-warning"))
    if meanings := ", ".join(subject.meanings):
        parts.append((f"\n{safe_text(meanings)}", "$foreground-muted"))
    return Content.assemble(*parts)

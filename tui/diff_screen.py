"""Two models on the screen: the answer on top, then what differs, layer by layer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static

from kerastui.analysis.compare_results import Comparison
from kerastui.model import safe_text
from kerastui.model.figures import count, plural

from ..widgets.diff_detail import DiffDetail
from ..widgets.diff_rows import Group
from ..widgets.diff_story import answer, moved_statistics, odd_numbers
from ..widgets.diff_table import DiffTable
from ..widgets.short_names import distinct_paths
from .comparison_screen import ComparisonScreen

if TYPE_CHECKING:
    from textual.app import App

_STYLES = {"on": "$text-success", "changed": "bold $text-error", "muted": "$text-muted"}
_SIGNS = {"on": "✓ ", "changed": "✗ ", "muted": ""}


class DiffScreen(ComparisonScreen):
    """What differs between two model files."""

    BINDING_GROUP_TITLE = "Comparison"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "details", "Details", id="diff.details", priority=True,
                tooltip="Go to the details and back"),
        Binding("d", "difference", "Difference", id="diff.difference",
                tooltip="Look at the new values less the old ones: distribution, values, pictures"),
        Binding("x", "swap", "Swap", id="diff.swap",
                tooltip="Take the other file as the older one"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    DiffScreen {
        #table { width: 3fr; height: 1fr; padding: 0 0 0 1; }
        #detail { width: 2fr; height: 1fr; display: none; border-left: vkey $foreground 20%; }
        &.-wide #detail { display: block; }
    }
    """

    found: Comparison | None

    def compose_found(self) -> ComposeResult:
        """The table, the details beside it."""
        with Horizontal():
            yield DiffTable(id="table")
            yield DiffDetail(id="detail")

    @property
    def table(self) -> DiffTable:
        """The table."""
        return self.query_one(DiffTable)

    @property
    def detail(self) -> DiffDetail:
        """The details."""
        return self.query_one(DiffDetail)

    @property
    def files_line(self) -> Content:
        """Return which file is taken as the older one."""
        old, new = (safe_text(path, 300) for path in distinct_paths(self.comparing.paths))
        return Content.assemble(
            ("old ", "$text-muted"), (old, "bold"), (" → new ", "$text-muted"), (new, "bold")
        )

    def show_found(self) -> None:
        """Show the answer and the table."""
        found = self.found
        assert found is not None
        text, role = answer(found.frozen)
        parts: list[Content | tuple[str, str]] = []
        if odd := odd_numbers(found):
            parts.append((f"! {odd}\n", _STYLES["changed"]))
        parts.append((_SIGNS[role] + text, _STYLES[role]))
        if statistics := moved_statistics(found.frozen):
            parts.append((f"\n◇ {statistics}", "$text-warning"))
        parts.append((f"\n{summary(found)}", ""))
        if self.note:
            parts.append((f"\n▲ {safe_text(self.note, 300)}", "$text-warning"))
        self.query_one("#told", Static).update(Content.assemble(*parts))
        self.table.show(found)

    def filter_by(self, text: str) -> str:
        """List what has a text in its path, class or weights."""
        self.table.list_only(text)
        return plural(sum(row.weight < 0 for row in self.table.rows), "layer")

    def on_diff_table_highlighted(self) -> None:
        """Show the details of what the cursor is on."""
        row = self.table.current
        if self.found is not None:
            weight = row.weight if row else -1
            self.detail.show(self.found, self.table.current_group, weight)

    def on_diff_table_opened(self, message: DiffTable.Opened) -> None:
        """Look at the numbers of a weight: in the new file, or in the old if only that has it."""
        if message.group.kind == "state":
            self.tell("An optimizer's state cannot be looked at; its figures are in the details.")
            return
        old, new = self.comparing.paths
        removed = message.group.weights[message.weight].state == "removed"
        self.look(old if removed else new, self.current_path)

    @property
    def current_path(self) -> str:
        """Return the path of the layer or weight under the cursor."""
        row, group = self.table.current, self.table.current_group
        if row is None or group is None:
            return ""
        names = [group.title] if group.layer is not None else []
        if row.weight >= 0:
            names.append(group.weights[row.weight].name)
        return "/".join(names)

    def reports(self) -> tuple[str, str]:
        """Return the comparison as JSON (docs/diff-json.md) and as text."""
        from kerastui.analysis.compare_json import comparison_as_json

        from .commands.diff_text import comparison_text

        assert self.found is not None
        whole = json.dumps(comparison_as_json(self.found), indent=2, allow_nan=False)
        return whole, comparison_text(self.found, colours=False, everything=True)

    # -- keys -----------------------------------------------------------------------------------

    def action_difference(self) -> None:
        """Look at what a weight differs by; of a layer at its first weight that changed."""
        row, group = self.table.current, self.table.current_group
        if row is None or group is None or group.layer is None:
            return
        changed = [i for i, weight in enumerate(group.weights) if weight.state == "changed"]
        number = row.weight if row.weight >= 0 else next(iter(changed), -1)
        if number not in changed:
            self.tell("Nothing here has other values in both files.")
            return
        self._look_at_difference(f"{group.title}/{group.weights[number].name}")

    @work(exclusive=True, group="look")
    async def _look_at_difference(self, path: str) -> None:
        from .diff_model import differences

        models = [await self.read(file) for file in self.comparing.paths]
        old, new = models
        if self.found is not None and old is not None and new is not None:
            self.show_weight(differences(old, new, self.found), path)

    def action_swap(self) -> None:
        """Compare the other way round."""
        old, new = self.comparing.paths
        self.comparing.begin((new, old))
        self.wait()

    def action_details(self) -> None:
        """Go to the details, or back; where they have no room, on a screen of their own."""
        if self.found is None or self.table.current_group is None:
            return
        if not self.detail.display:
            row = self.table.current
            weight = row.weight if row else -1
            self.app.push_screen(DiffDetailScreen(self.found, self.table.current_group, weight))
        elif self.detail.has_focus:
            self.table.focus()
        else:
            self.detail.focus()


def summary(found: Comparison) -> str:
    """Say in a line how much differs."""
    if found.same:
        return "The models are the same."
    different = sum(not layer.same for layer in found.layers)
    weights = [weight for layer in found.layers for weight in layer.weights]
    changed = sum(not weight.same for weight in weights)
    parts = [
        f"{count(different)} of {plural(len(found.layers), 'layer')} differ",
        f"{count(changed)} of {plural(len(weights), 'weight')}",
    ]
    if found.compile:
        parts.append(plural(len(found.compile), "compile setting"))
    if not found.state.same:
        parts.append("optimizer state")
    return " · ".join(parts)


class DiffDetailScreen(Screen[None]):
    """The details on the whole screen, for terminals that have no room beside the table."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,tab", "app.pop_screen", "Back", id="diff-details.back", priority=True,
                tooltip="Back to the table"),
    ]  # fmt: skip

    if TYPE_CHECKING:

        @property
        def app(self) -> App[None]: ...  # noqa: D102

    def __init__(self, found: Comparison, group: Group, weight: int) -> None:
        super().__init__()
        self._shown = (found, group, weight)

    def compose(self) -> ComposeResult:
        """The details and the keys."""
        yield DiffDetail()
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one(DiffDetail).show(*self._shown)

"""Looking at weights: one of a layer, the statistics of all, another model beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from .structure_actions import StructureScreen

if TYPE_CHECKING:
    from .look.analyst import Analyst


class LookingScreen(StructureScreen):
    """What leads to numbers, distributions and pictures."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "look", "Data", id="look.weights",
                tooltip="Look at this layer's weights: distribution, values, pictures"),
        Binding("s", "statistics", "Statistics", id="look.statistics",
                tooltip="Statistics of all weights, as a table to sort"),
        Binding("D", "compare", "Compare with…", id="look.compare", show=False,
                tooltip="Compare with another model file, or follow a run's checkpoints"),
    ]  # fmt: skip

    _analyst: Analyst | None = None

    @property
    def analyst(self) -> Analyst:
        """Who answers questions about numbers; made when first asked for."""
        if self._analyst is None:
            from .look.analyst import Analyst

            self._analyst = Analyst()
        return self._analyst

    def close_session(self) -> None:
        """End with the program."""
        super().close_session()
        if self._analyst is not None:
            self._analyst.close()

    def action_look(self) -> None:
        """Look at the first weight of the layer under the cursor, or of what is inside it."""
        from .look.screen import LookScreen
        from .look.subject import keys_of

        model = self.model
        if model is None:
            return
        key = next(keys_of(model, self.current if model.layers else None), None)
        if key is None:
            self.tell("This layer has no weights to look at.")
            return
        self.app.push_screen(LookScreen(model, key, self.analyst))

    def action_statistics(self) -> None:
        """Show figures and flags of all weights."""

    def action_compare(self) -> None:
        """Ask for other files and compare them with this one."""

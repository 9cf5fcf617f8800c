"""Asking for a weight's new values, or another dtype; what comes of it is seen before."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from kerastui.errors import KerastuiError
from kerastui.making.results import OWN
from kerastui.model import Layer, Model, Weight, safe_text

from .array_field import ArrayField
from .base import Dialog, SafeInput
from .choices import Choice, ChoiceRow
from .segments import Segments
from .weight_answers import Answers, Ask, Question, Wish
from .weight_fields import (
    about_initializer,
    weight_heading,
    whole,
)

DEBOUNCE = 0.2
"""Seconds without a keystroke after which the clerk is asked."""

_WAYS = (
    ("file", "file"),
    ("expression", "expression"),
    ("initializer", "initializer"),
    ("dtype", "dtype"),
)
_DTYPES = (("float16", "float16"), ("float32", "float32"), ("float64", "float64"))
_SCOPES = (("weight", "this weight"), ("layer", "this layer"), ("model", "all layers"))
_HINT = "w is what it has: w * 0.9 · zeros · where(abs(w) < 0.001, 0, w) · normal(stddev=0.02)"


class SetWeightDialog(Dialog[Wish]):
    """Dismissed with a wish that can be fulfilled, or None.

    Args:
        model: the description; it does not change meanwhile.
        index: of the layer.
        ask: asks the clerk.
        number: of the layer's weight to begin with.
        folder: where relative paths start.
    """

    BINDING_GROUP_TITLE = "Set weight"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+w", "next_weight", "Next weight", id="set-weight.next", show=False,
                priority=True, tooltip="Go to the layer's next weight"),
        Binding("ctrl+t", "step('way')", "Where from", id="set-weight.way", show=False,
                tooltip="From a file, an expression, the initializer; or another dtype"),
        Binding("ctrl+d", "step('dtype')", "Dtype", id="set-weight.dtype", show=False,
                priority=True),
        Binding("ctrl+o", "step('scope')", "Which weights", id="set-weight.scope", show=False),
        Binding("enter", "accept", "Set", id="set-weight.accept", show=False),
    ]  # fmt: skip

    DEFAULT_CSS = """
    SetWeightDialog {
        DialogBox { width: 92; padding: 0 1; }
        #weight { width: 100%; height: 1; padding: 0 1; }
        #body { width: 100%; height: 8; padding: 0 1; }
        #body .way { width: 100%; height: auto; }
        #body .hint { width: 100%; height: auto; color: $text-muted; }
        #expression { width: 100%; }
        .line { layout: horizontal; width: 100%; height: 1; }
        .line Static { width: auto; color: $text-muted; }
        .line Input { width: 14; margin: 0 2 0 1; }
        #preview { width: 100%; height: 3; padding: 0 1; }
        #preview.-problem { color: $text-error; }
        &.-short #preview { height: 2; }
        ChoiceRow { margin-top: 0; }
    }
    """

    def __init__(
        self, model: Model, index: int, ask: Ask, *, number: int = 0, folder: Path | None = None
    ) -> None:
        super().__init__()
        self._model = model
        self._index = index
        self._ask = ask
        self._answers = Answers(model, index, ask)
        self._number = number
        self._folder = folder or Path.cwd()
        self._answer: tuple[Question | None, Wish | None] = (None, None)
        self._waiting = False
        self._timer: Timer | None = None
        self.heading = f"Set weights of {self._layer.path}"

    @property
    def _layer(self) -> Layer:
        """The layer whose weight is set."""
        return self._model.layers[self._index]

    @property
    def weight(self) -> Weight:
        """The weight that is set."""
        return self._layer.weights[self._number]

    def compose_body(self) -> Iterable[Widget]:
        """Yield the weight, the ways, the fields of each, what comes of it, and buttons."""
        yield Static(id="weight")
        yield Segments("from", _WAYS, "file", key="^t", id="way")
        with Container(id="body"):
            yield ArrayField(self._folder, self._ask, id="way-file")
            with Container(classes="way", id="way-expression"):
                yield Input(
                    placeholder="w * 0.9", highlighter=SafeInput(), compact=True, id="expression"
                )
                yield Static(Content(_HINT), classes="hint")
            with Container(classes="way", id="way-initializer"):
                yield Static(id="initializer", classes="hint")
            with Container(classes="line", id="seeds"):
                yield Static("seed")
                yield Input(
                    "0", restrict="[0-9]*", max_length=10, compact=True, highlighter=SafeInput(),
                    select_on_focus=True, id="seed",
                )  # fmt: skip
            with Container(classes="way", id="way-dtype"):
                yield Segments("as", _DTYPES, "float16", key="^d", id="dtype")
                yield Segments("for", _SCOPES, "weight", key="^o", id="scope")
                note = (
                    "Keras reads them into variables of the layer's own dtype, as before. The file "
                    "keeps the room of the old values; h5repack makes it smaller."
                )
                yield Static(note, classes="hint")
        yield Static(id="preview")
        yield ChoiceRow((Choice("set", "Set", "primary"), Choice("cancel", "Cancel")))

    def on_mount(self) -> None:
        """Begin with a file."""
        keys = "enter set · ^t where from · tab fields · esc cancel"
        if len(self._layer.weights) > 1:
            keys = "^w next weight · " + keys
        self.query_one("DialogBox").border_subtitle = keys
        self._draw()
        self._focus_field()

    # -- the fields -------------------------------------------------------------------------------

    @property
    def way(self) -> str:
        """Where the values come from."""
        return self.query_one("#way", Segments).value

    def _question(self) -> Question:
        way = self.way
        if way == "dtype":
            dtype, scope = (self.query_one(f"#{i}", Segments).value for i in ("dtype", "scope"))
            return Question(self._number, way, dtype=dtype, scope=scope)
        seed = whole(self.query_one("#seed", Input).value)
        if way == "initializer":
            return Question(self._number, way, OWN, seed)
        if way == "expression":
            return Question(self._number, way, self.query_one("#expression", Input).value, seed)
        return Question(self._number, way, self._field.value, self._field.chosen)

    @property
    def _field(self) -> ArrayField:
        return self.query_one(ArrayField)

    def _draw(self) -> None:
        weight, way = self.weight, self.way
        heading = weight_heading(self._layer, self._number)
        self.query_one("#weight", Static).update(heading)
        for one, _ in _WAYS:
            self.query_one(f"#way-{one}").display = one == way
        self.query_one("#seeds").display = way in ("expression", "initializer")
        if way == "initializer":
            about = about_initializer(self._layer, weight)
            self.query_one("#initializer", Static).update(Content(about))
        self._field.fit(weight)
        self._changed()

    def _focus_field(self) -> None:
        if self.way == "file":
            self._field.enter()
        else:
            places = {"expression": "#expression", "initializer": "#seed"}
            self.query_one(places.get(self.way, "#dtype")).focus()

    # -- what comes of it -------------------------------------------------------------------------

    def _changed(self) -> None:
        """What is in the fields may be another question: have it answered soon."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE, self._look)

    def _look(self) -> None:
        question = self._question()
        if question != self._answer[0]:
            self._say("…")
            self.run_worker(self._find_out(question), group="preview", exclusive=True)

    async def _find_out(self, question: Question) -> None:
        wish: Wish | None = None
        try:
            wish, text = await self._answers.answer(question, self._field.ordered)
            problem = wish is None and bool(text)
        except KerastuiError as error:
            text, problem = str(error), True
        if question != self._question():
            return
        self._answer = (question, wish)
        self._say(text, problem=problem)
        if self._waiting:
            self.action_accept()

    def _say(self, text: str, *, problem: bool = False) -> None:
        preview = self.query_one("#preview", Static)
        preview.set_class(problem, "-problem")
        lines = "\n".join(safe_text(line, 400) for line in text.splitlines())
        preview.update(Content(f"✗ {lines}" if problem else lines))

    # -- events -----------------------------------------------------------------------------------

    @on(Segments.Changed)
    def option_changed(self, event: Segments.Changed) -> None:
        """Show the fields of another way; ask anew."""
        event.stop()
        self._draw()

    @on(Input.Changed)
    @on(ArrayField.Changed)
    def field_changed(self) -> None:
        """Ask anew."""
        self._changed()

    def action_step(self, which: str) -> None:
        """Go to the next option."""
        if which == "way" or self.way == "dtype":
            self.query_one(f"#{which}", Segments).action_step(1)
        if which == "way":
            self._draw()
            self._focus_field()

    def action_next_weight(self) -> None:
        """Go to the layer's next weight, round the end."""
        self._number = (self._number + 1) % len(self._layer.weights)
        self._draw()

    @on(ArrayField.Submitted)
    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Leave with the wish, as soon as it is known what comes of it."""
        question, wish = self._answer
        if question != self._question():
            self._waiting = True
            self._changed()
            return
        self._waiting = False
        if wish is None:
            self.app.bell()
        else:
            self.dismiss(wish)

    @on(ChoiceRow.Chosen)
    def choose(self, event: ChoiceRow.Chosen) -> None:
        """Do what the button says."""
        event.stop()
        if event.choice.id == "set":
            self.action_accept()
        else:
            self.dismiss(None)

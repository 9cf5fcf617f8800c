"""Choosing layers by pattern, with the layer table in view above."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, cast

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from kerastui.model import Model

from ..background import NewestFirst, post
from .base import Dialog, SafeInput
from .pattern_count import Action, Count, Question, count, sentence
from .segments import Segments

DEBOUNCE = 0.06
"""Seconds without a keystroke after which layers are matched."""

_NO_FLAGS = "This file holds weights only and keeps no trainable flags: there is nothing to change."


@dataclass(frozen=True)
class PatternChoice:
    """What was asked for."""

    pattern: str
    regex: bool
    class_name: bool
    action: Action
    """``only``: exactly these trainable, everything else frozen."""
    indices: tuple[int, ...]
    """The layers that match; a nested model stands for everything inside it."""


class PatternDialog(Dialog[PatternChoice]):
    """Docked at the bottom; counts and highlights the matches as one types.

    Args:
        model: the description to match against; it does not change meanwhile.
        on_matches: told the indices of the layers that match, whenever they change; `()` when
            the dialog is left without a choice. Called on the screen's thread.
        initial: what the fields hold at first (the last choice, say).
    """

    BINDING_GROUP_TITLE = "Layers by pattern"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Do it", id="pattern.accept", show=False),
        Binding("ctrl+r", "step('kind')", "Glob or regex", id="pattern.regex", show=False),
        Binding("ctrl+n", "step('field')", "Name or class", id="pattern.class", show=False),
        Binding("ctrl+t", "step('action')", "What to do", id="pattern.action", show=False),
    ]

    DEFAULT_CSS = """
    PatternDialog {
        align: center bottom;
        background: transparent;

        DialogBox { width: 100%; padding: 0 1; }
        #pattern { padding: 0 1; }
        #options { layout: horizontal; width: 100%; height: auto; margin: 1 0; }
        #match { layout: horizontal; width: 51; height: auto; }
        &.-low #options { margin: 0; }
        &.-wrapped #options { layout: vertical; }
        &.-wrapped #match { width: 100%; }
        &.-narrow #match { layout: vertical; }
        #count { width: 100%; height: auto; padding: 0 1; text-style: bold; }
        #after { width: 100%; height: auto; padding: 0 1; color: $text-muted; }
        &.-short #after { display: none; }
        .-problem { color: $text-error; }
    }
    """

    heading = "Layers by pattern"

    @dataclass
    class Counted(Message):
        """The thread has an answer."""

        count: Count

        def can_replace(self, message: Message) -> bool:
            """Only the newest answer counts."""
            return isinstance(message, PatternDialog.Counted)

    def __init__(
        self,
        model: Model,
        *,
        on_matches: Callable[[tuple[int, ...]], None],
        initial: PatternChoice | None = None,
    ) -> None:
        super().__init__()
        self._model = model
        self._on_matches = on_matches
        self._initial = initial or PatternChoice("", False, False, "freeze", ())
        self._count: Count | None = None
        self._told: tuple[int, ...] = ()
        self._timer: Timer | None = None
        self._counter = NewestFirst[Question]("count matches", self._answer)

    def compose_body(self) -> Iterable[Widget]:
        """Yield the input, the options and the count."""
        start = self._initial
        kinds = (("glob", "glob"), ("regex", "regex"))
        fields = (("name", "name"), ("class", "class"))
        actions = (("freeze", "freeze"), ("unfreeze", "unfreeze"), ("only", "only these trainable"))
        yield Input(start.pattern, highlighter=SafeInput(), compact=True, id="pattern")
        with Container(id="options"):
            with Container(id="match"):
                yield Segments("as", kinds, kinds[start.regex][0], key="^r", id="kind")
                yield Segments("of", fields, fields[start.class_name][0], key="^n", id="field")
            yield Segments("to", actions, start.action, key="^t", id="action")
        yield Static(id="count")
        yield Static(id="after")

    def on_mount(self) -> None:
        """Count what is there already."""
        self.query_one("DialogBox").border_subtitle = "enter do it · tab options · esc cancel"
        self._show_hint()
        self._show(count(self._model, self.question))

    def on_resize(self) -> None:
        """Put the options below each other where one line does not hold them."""
        self.set_class(self.size.width < 116, "-wrapped")
        self.set_class(self.size.height < 30, "-low")

    @property
    def question(self) -> Question:
        """What is in the fields now."""
        return Question(
            self.query_one("#pattern", Input).value,
            self._option("kind") == "regex",
            self._option("field") == "class",
            cast(Action, self._option("action")),
        )

    def _option(self, name: str) -> str:
        return self.query_one(f"#{name}", Segments).value

    def on_input_changed(self, event: Input.Changed) -> None:
        """Count when the typing pauses."""
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE, lambda: self._counter.ask(self.question))

    def on_segments_changed(self, event: Segments.Changed) -> None:
        """Count anew."""
        event.stop()
        self._show_hint()
        self._counter.ask(self.question)

    def _show_hint(self) -> None:
        asked = self.question
        examples = {
            (False, False): "block1_*     or with folders: vgg16/block?_*",
            (True, False): "^block[1-3]_     or with folders: vgg16/.*conv",
            (False, True): "Conv*",
            (True, True): "Conv|Dense",
        }
        self.query_one("#pattern", Input).placeholder = examples[asked.regex, asked.class_name]

    def _answer(self, question: Question) -> None:
        post(self, self.Counted(count(self._model, question)))

    def on_pattern_dialog_counted(self, message: Counted) -> None:
        """Show the count unless the fields have changed since."""
        if message.count.question == self.question:
            self._show(message.count)

    def _show(self, result: Count) -> None:
        self._count = result
        problem = result.problem or ("" if self._model.has_flags else _NO_FLAGS)
        line = self.query_one("#count", Static)
        line.set_class(bool(problem), "-problem")
        said = "" if result.problem else sentence(result, self._model.has_flags)
        line.update(Content("\n".join(filter(None, (said, problem and f"✗ {problem}")))))
        after = f"then {result.trained:,} of {result.total:,} parameters are trained"
        show_after = bool(result.indices) and self._model.has_flags
        self.query_one("#after", Static).update(after if show_after else "")
        if result.indices != self._told:
            self._told = result.indices
            self._on_matches(result.indices)

    def action_step(self, name: str) -> None:
        """Go to the next option of one of the choices."""
        self.query_one(f"#{name}", Segments).action_step(1)

    def on_input_submitted(self) -> None:
        """Enter in the input does it."""
        self.action_accept()

    def action_accept(self) -> None:
        """Leave with the choice, counted for what is in the fields now; stay if it is none."""
        asked = self.question
        if self._count is None or self._count.question != asked:
            self._show(count(self._model, asked))
        result = self._count
        if result is None or not result.indices or not self._model.has_flags:
            self.app.bell()  # the line above says why
            return
        self._counter.close()
        self.dismiss(
            PatternChoice(
                asked.pattern, asked.regex, asked.class_name, asked.action, result.indices
            )
        )

    def action_cancel(self) -> None:
        """Leave; nothing is highlighted any more."""
        self._counter.close()
        self._on_matches(())
        self.dismiss(None)

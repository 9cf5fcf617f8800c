"""Where code is typed in the console: the input, what it is offered, and a hint above it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static, TextArea

from kerastui.model import safe_text
from kerastui.session.protocol import Completion, Signature

from ..widgets.console_input import ConsoleInput
from ..widgets.offer_list import OfferList
from ..widgets.python_text import history_matches
from ..widgets.resizable import ResizablePanel


class EntryPanel(ResizablePanel):
    """A panel with an input at its foot, which is helped by offers and a hint.

    A subclass lays out a `ConsoleInput`, an `OfferList` and a Static ``#console-hint``.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._replaced = 0
        """Characters before the cursor that an offer takes the place of."""
        self._recalling = False
        """Whether the offers are earlier inputs."""
        self._inserted: tuple[list[str], int] = ([], 0)
        self._hinted: str | Content | None = None

    @property
    def input(self) -> ConsoleInput:
        """Where code is typed."""
        return self.query_one(ConsoleInput)

    @property
    def offers(self) -> OfferList:
        """What may be written at the cursor, or earlier inputs."""
        return self.query_one(OfferList)

    def hint(self, text: str | Content) -> None:
        """Show a line above the input; plain text is made safe."""
        if text == self._hinted:
            return  # what is shown anew has the whole screen laid out
        self._hinted = text
        hint = self.query_one("#console-hint", Static)
        hint.display = bool(text)
        hint.update(Content(safe_text(text, 400)) if isinstance(text, str) else text)

    def insert(self, expressions: list[str]) -> None:
        """Put an expression at the input's cursor.

        Of several, the first; asked again right after, the next one takes its place.
        """
        earlier, place = self._inserted
        replaced = 0
        if earlier == expressions and self.input.stands_before_cursor(earlier[place]):
            replaced = len(earlier[place])
            place = (place + 1) % len(earlier)
        else:
            place = 0
        self._inserted = (expressions, place)
        self.input.accept(expressions[place], replaced)

    # -- completion and history -------------------------------------------------------------------

    def offer(self, completion: Completion, offset: int) -> None:
        """Offer completions; what they begin with is written at once, a single one whole."""
        narrowing = self.offers.is_open and not self._recalling
        typed = self.input.text[completion.start : offset]
        self._replaced = len(typed)
        texts = [o.text for o in completion.offers]
        common = common_start(texts)
        if not narrowing and len(common) > len(typed):
            self.input.accept(common, self._replaced)
            typed, self._replaced = common, len(common)
        if not texts or texts == [typed]:
            self.close_offers()
            if not texts and not narrowing:
                self.hint("Nothing to complete here.")
        else:
            self._list([(o.text, o.kind) for o in completion.offers], recalling=False)

    def show_signature(self, signature: Signature | None) -> None:
        """Show the call that the cursor is in, the argument at the cursor in bold."""
        if signature is None:
            self.hint("")
            return
        head, _, rest = signature.text.partition("(")
        parts: list[str | tuple[str, str]] = [safe_text(head, 100) + "("]
        for k, parameter in enumerate(signature.parameters[:40]):
            parts += [", "] if k else []
            shown = safe_text(parameter, 100)
            parts.append((shown, "bold $text") if k == signature.active else shown)
        tail = rest.rpartition(")")[2]
        parts.append(")" + safe_text(tail, 100))
        if signature.doc:
            parts.append(("   " + safe_text(signature.doc, 200), "dim"))
        self.hint(Content.assemble(*parts))

    def on_console_input_recall_wanted(self, message: ConsoleInput.RecallWanted) -> None:
        """Offer earlier inputs that contain what is typed; typing on narrows them down."""
        message.stop()
        self._recall()
        if not self.offers.is_open:
            self.hint("No earlier input contains this.")

    def _recall(self) -> None:
        found = history_matches(self.input.inputs, self.input.text)
        self._list([(code, "") for code in found], recalling=True)
        if self.offers.is_open:
            self.hint("Earlier inputs: type to narrow down, ↑↓ and Enter take one.")

    def _list(self, offers: Sequence[tuple[str, str]], recalling: bool) -> None:
        self._recalling = recalling
        self.offers.offer(offers)
        self.input.choosing = self.offers.is_open

    def on_console_input_choosing_key(self, message: ConsoleInput.ChoosingKey) -> None:
        """Move through the offers, or take one."""
        message.stop()
        if message.step:
            self.offers.move(message.step)
        else:
            self._take(self.offers.current)

    def on_offer_list_clicked(self, message: OfferList.Clicked) -> None:
        """Take what was clicked."""
        message.stop()
        self._take(message.text)

    def _take(self, text: str | None) -> None:
        recalling = self._recalling
        self.close_offers()
        if text is None:
            return
        if recalling:
            self.input.text = text
            self.input.move_cursor(self.input.document.end)
        else:
            self.input.accept(text, self._replaced)

    def close_offers(self) -> None:
        """Offer nothing any more."""
        self.offers.offer([])
        self.input.choosing = False
        self.hint("")

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """Offers and hints follow what is typed."""
        message.stop()
        if self.offers.is_open and self._recalling:
            self._recall()
        elif self.offers.is_open:
            self.input.ask_help(signature=False)
        elif "(" in self.input.text:
            self.input.ask_help(signature=True)
        else:
            self.hint("")


def common_start(texts: Sequence[str]) -> str:
    """Return what all texts begin with."""
    low, high = min(texts, default=""), max(texts, default="")
    same = (k for k, (a, b) in enumerate(zip(low, high, strict=False)) if a != b)
    return low[: next(same, min(len(low), len(high)))]

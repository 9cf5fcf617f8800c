"""What holds for the whole form for custom objects: remembering, compiling, which Keras."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container

from .segments import Segments

_YES_NO = (("yes", "yes"), ("no", "no"))
_COMPILE = (("load", "load"), ("leave", "leave out"))
_KERAS = (("keras", "keras"), ("tf_keras", "tf_keras"))


class CustomOptions(Container):
    """Two or three choices, side by side or (``-wrapped``) one below the other.

    Args:
        compile: whether the compile section is loaded, at first.
        keras: which Keras loads, at first.
        ask_keras: whether the other Keras is worth a try.
    """

    DEFAULT_CSS = """
    CustomOptions { layout: horizontal; width: 100%; height: auto; }
    CustomOptions.-wrapped { layout: vertical; }
    """

    def __init__(
        self, *, compile: bool, keras: str, ask_keras: bool, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._compile = compile
        self._keras = keras
        self._ask_keras = ask_keras

    def compose(self) -> ComposeResult:
        """Yield the choices."""
        yield Segments("remember for this folder", _YES_NO, "yes", key="^r", id="remember")
        yield Segments(
            "compile section", _COMPILE, _COMPILE[not self._compile][0], key="^o", id="compile"
        )
        if self._ask_keras:
            yield Segments("load with", _KERAS, self._keras, key="^b", id="keras")

    def on_resize(self) -> None:
        """One below the other where a line does not hold them."""
        needed = 128 if self._ask_keras else 90
        self.set_class(self.size.width < needed, "-wrapped")

    @property
    def remember(self) -> bool:
        """Whether the answers are kept for the folder."""
        return self.query_one("#remember", Segments).value == "yes"

    @property
    def compile(self) -> bool:
        """Whether the compile section is loaded."""
        return self.query_one("#compile", Segments).value == "load"

    @property
    def keras(self) -> str:
        """Which Keras loads."""
        return self.query_one("#keras", Segments).value if self._ask_keras else self._keras

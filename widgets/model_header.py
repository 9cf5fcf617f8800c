"""The line at the top: which file, what model, which Keras, and the state of the session."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from .one_line import OneLine, Pieces

if TYPE_CHECKING:
    from kerastui.model import Model


class ModelHeader(OneLine):
    """``kerastui  transfer.hdf5 · Functional "model_1" · Keras 2.2.4 on tensorflow · 58.1 MB``.

    In a narrow terminal the least important parts leave first; the file's name stays.
    """

    DEFAULT_CSS = """
    ModelHeader {
        background: $panel;
        color: $text;
    }
    """

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        """Create a header that shows the program's name alone.

        Args:
            name: The name of the widget.
            id: The ID of the widget in the DOM.
            classes: The CSS classes of the widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._model: Model | None = None
        self._dirty = False
        self._notice = ""
        self._session = ""

    def announce(self, notice: str) -> None:
        """Show a text instead of a model: ``opening transfer.hdf5 …``."""
        self._model, self._notice = None, notice
        self.refresh()

    def show(self, model: Model, dirty: bool = False) -> None:
        """Show a model; `dirty` when it has changes that are not saved."""
        self._model, self._dirty = model, dirty
        self.refresh()

    def set_session(self, text: str) -> None:
        """Show the state of the Keras session on the right; ``""`` for none."""
        if text != self._session:
            self._session = text
            self.refresh()

    def right_versions(self) -> list[Pieces]:
        """Return the state of the session."""
        from kerastui.model.text import safe_text

        return [[(safe_text(self._session, 60), "muted")]] if self._session else [()]

    def left_versions(self, width: int) -> list[Pieces]:
        """Return the header in versions that drop the least important part first."""
        from kerastui.model.text import safe_text

        if self._model is None:
            notice = safe_text(self._notice)
            return [[("kerastui", "brand"), ("  ", ""), (notice, "")], [(notice, "")]]
        file = safe_text(PurePath(self._model.file.path).name or self._model.file.path)
        cls, named, keras, backend, size = _facts(self._model)
        whole = cls + named
        tails = (
            (whole, keras + backend, size),
            (whole, keras, size),
            (cls, keras, size),
            (cls, keras),
            (keras,),
        )
        versions = [self._version(file, tail) for tail in tails]
        versions += [self._version(file, (keras,), brand=False), self._version(file, (), False)]
        return [*versions, self._version(_shortened(file, width - 2 * self._dirty), (), False)]

    def _version(self, file: str, tail: tuple[str, ...], brand: bool = True) -> Pieces:
        pieces = [("kerastui", "brand"), ("  ", "")] if brand else []
        pieces.append((file, "strong"))
        if self._dirty:
            pieces.append((" ▲", "changed"))
        pieces += [(f" · {part}", "muted") for part in tail if part]
        return pieces


def _facts(model: Model) -> tuple[str, str, str, str, str]:
    """Return class, quoted name, Keras version, `` on backend`` and size of the file."""
    from kerastui.model.figures import size
    from kerastui.model.text import safe_text

    weights_only = not model.has_flags
    cls = "weights only" if weights_only else safe_text(model.class_name, 60)
    if model.format == "hdf5-other":
        cls = "no Keras model"
    named = f' "{safe_text(model.name, 60)}"' if model.name and not weights_only else ""
    keras = f"Keras {safe_text(model.keras_version, 30)}" if model.keras_version else ""
    backend = f" on {safe_text(model.backend, 30)}" if model.backend and keras else ""
    return cls, named, keras, backend, size(model.file.size)


def _shortened(file: str, width: int) -> str:
    """Keep beginning and end of a file's name."""
    from .flow import cut_middle

    return cut_middle(file, max(1, width))

"""The "Layer" tab: everything about the highlighted layer, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .flow import Line
from .text_panel import TextPanel

if TYPE_CHECKING:
    from kerastui.model import Model


class LayerDetail(TextPanel):
    """Name, class, trainable state, weights with the meaning of their axes, configuration.

    It is fed by `show` and posts nothing.
    """

    def __init__(
        self, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        """Create the panel; it stays empty until `show` is called.

        Args:
            name: The name of the widget.
            id: The ID of the widget in the DOM.
            classes: The CSS classes of the widget.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._subject: tuple[Model, int, Model | None] | None = None
        self._standin = False

    def show(
        self,
        model: Model | None,
        index: int = -1,
        original: Model | None = None,
        standin: bool = False,
    ) -> None:
        """Tell about the layer at `index`; -1 is the model as a whole.

        Args:
            model: the description, or None to show nothing.
            index: position of the layer in `Model.layers`.
            original: the description as it is in the file, to tell what has changed.
            standin: whether live Keras has only a stand-in for the layer.
        """
        before = self._subject
        self._subject = None if model is None else (model, index, original)
        self._standin = standin
        same = before is not None and model is not None and _key(*before) == _key(model, index)
        self.renew(home=not same)

    def build(self, width: int) -> Sequence[Line]:
        """Return the story of the layer in lines of `width` cells."""
        from .layer_story import layer_story, model_story  # knows a lot: only when it is seen

        if self._subject is None:
            return ()
        model, index, original = self._subject
        if not 0 <= index < len(model.layers):
            return model_story(model, width)
        return layer_story(model, index, original, width, self._standin)


def _key(model: Model, index: int, original: Model | None = None) -> tuple[str, str]:
    """Return what stays the same while a layer is only edited."""
    inside = 0 <= index < len(model.layers)
    return model.file.path, model.layers[index].path if inside else ""

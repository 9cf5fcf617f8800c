"""Random sequences of renames, flags, undo and saves: the file always says what the screen did."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from kerastui import Document, open_model, save
from kerastui.edits import Rename
from kerastui.errors import BadEdit
from kerastui.model import Model
from kerastui.saving.verify import compare

POOL = ("a", "b", "conv", "conv_1", "forward_x", "dense", "kernel", "Block_1.c-2", "x" * 80)


def step(document: Document, draw: random.Random) -> None:
    """Do one thing that a user may do; what cannot be done changes nothing."""
    model = document.model
    action = draw.randrange(6)
    layers = draw.sample(model.layers, k=min(len(model.layers), draw.randint(1, 4)))
    if action < 3:
        names = {layer.path: draw.choice(POOL) for layer in layers}
        if draw.random() < 0.2 and model.name:
            names[""] = draw.choice(POOL)
        with suppress(BadEdit):
            document.apply(Rename(tuple(names.items())))
    elif action == 3:
        names = {one.path: two.name for one, two in zip(layers, layers[::-1], strict=True)}
        with suppress(BadEdit):
            document.apply(Rename(tuple(names.items())))
    elif action == 4:
        document.set_trainable([model.index[layers[0].path]], draw.random() < 0.5)
    elif draw.random() < 0.5:
        document.undo()
    else:
        document.redo()


def same(found: Model, meant: Model) -> str:
    """Return what differs, "" if nothing does."""
    names = [(x.path, x.name, x.auto_named, x.inbound) for x in found.layers]
    if names != [(x.path, x.name, x.auto_named, x.inbound) for x in meant.layers]:
        return "names"
    return compare(found, meant)


@pytest.mark.parametrize("name", ["transfer.h5", "two_outputs.h5", "recurrent.keras"])
@pytest.mark.parametrize("seed", range(4))
def test_the_description_is_what_the_saved_file_gives(
    name: str, seed: int, sample_dir: Path, tmp_path: Path
) -> None:
    draw = random.Random(f"{name} {seed}")
    path = Path(shutil.copy(sample_dir / name, tmp_path / name))
    document = Document(open_model(path))
    for _ in range(4):
        for _ in range(draw.randint(1, 5)):
            step(document, draw)
        meant = document.model
        saved = save(document)
        assert not document.changed
        assert same(open_model(path), document.model) == ""
        assert [x.path for x in saved.model.layers] == [x.path for x in meant.layers]
        assert [x.trainable for x in saved.model.layers if x.weights] == [
            x.trainable for x in meant.layers if x.weights
        ]

"""The console beside the table: a real Keras process, driven by Pilot. One app tells a story."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from kerastui.tui.dialogs.progress import ProgressDialog
from kerastui.tui.keras_options import KerasOptions

pytestmark = pytest.mark.keras


async def until(pilot, true, seconds: float = 30) -> None:
    """Wait until something holds; fail, with what the console shows, if it never does."""
    for _ in range(int(seconds / 0.02)):
        if true():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError("waited in vain; the console says:\n" + Console(pilot).text[-3000:])


class Console:
    """Types into the console and reads what it says."""

    def __init__(self, pilot) -> None:
        self.pilot = pilot
        self.screen = pilot.app.explorer

    @property
    def panel(self):
        return self.screen.console

    @property
    def text(self) -> str:
        return "\n".join(row.text.rstrip() for row in self.panel.log_view.lines)

    async def open(self) -> None:
        await self.pilot.press("c")
        await until(self.pilot, lambda: self.panel is not None and self.idle, 120)
        await until(self.pilot, lambda: self.screen.link().model is not None, 120)

    @property
    def idle(self) -> bool:
        loading = self.screen._loading
        return not self.screen.turn.locked() and loading is not None and loading.done()

    async def run(self, code: str, wait: bool = True) -> str:
        """Evaluate code and return what it showed."""
        panel = self.panel
        panel.input.focus()
        panel.input.text = code
        before = len(panel.log_view.lines)
        await self.pilot.press("enter")
        if not wait:
            return ""
        await until(self.pilot, lambda: len(panel.log_view.lines) > before, 60)
        await until(self.pilot, lambda: self.idle, 60)
        return panel.log_view.output


def states(screen) -> dict[str, bool]:
    model = screen.model
    return {x.path: on for x, on in zip(model.layers, model.effective, strict=True) if x.weights}


def trained_weights(screen) -> int:
    """What the header's line counts, as Keras counts it: weights, not parameters."""
    model = screen.model
    return sum(
        weight.trainable
        for layer, on in zip(model.layers, model.effective, strict=True)
        for weight in layer.weights
        if on
    )


async def test_a_session_with_the_console(explorer, sample, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    path = sample("transfer.h5")
    async with explorer(path, (160, 48)) as pilot:
        console, screen = Console(pilot), pilot.app.explorer
        ours = "type('Dropout', (keras.layers.Dropout,), {'ours': True})"
        screen.keras_options = KerasOptions(custom_expressions=(("Dropout", ours),))
        await console.open()
        assert "model is a Functional with 18 weights, 8 trainable" in console.text
        assert await console.run("L['dropout'].ours") == "True"
        assert "● ready" in screen.query_one("#header")._session
        await _values(console)
        await _flags(pilot, console, screen)
        await _weights(pilot, console, screen)
        await _help(pilot, console)
        await _layers_and_inputs(pilot, console, screen)
        await _interrupt(pilot, console)
        pid = screen.link().session.pid
        await _save(pilot, console, screen, path)
        await _death(pilot, console, screen)
        last = screen.link().session.pid
    for number in (pid, last):
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


async def _values(console):
    said = await console.run("K.eval(K.variable(np.array([1., 2.])))")
    assert said.splitlines() == ["ndarray  float32  (2,)  min 1  mean 1.5  max 2  no NaN", "[1, 2]"]
    assert console.panel.grid.view.shape == (2,)
    assert await console.run("print('one'); print('two', end=''); 3") == "one\ntwo\n3"
    assert not console.panel.has_class("-array")
    said = await console.run("def f(x):\n    return x / 0\n\nf(1)")
    assert "line 2, in f" in said and "return x / 0" in said
    assert said.endswith("ZeroDivisionError: division by zero")
    assert await console.run("'a' * 3") == "'aaa'"
    said = await console.run("'ab' * 100_000")
    assert said.startswith("str of 200,000 characters\nabab")
    assert said.endswith("100,000 more characters: m in the log (Ctrl+O) shows on.")
    console.panel.log_view.action_more()
    await until(console.pilot, lambda: console.panel.paged is None)
    assert console.panel.log_view.output.count("ab") == 100_000
    said = await console.run("[np.zeros((2, 3)), np.arange(4)]")
    assert "list of 2" in said and "1: ndarray" in said
    console.panel.action_next_array()
    assert console.panel.array.shape == (4,)
    assert "dense_1 (Dense)" in await console.run("model")
    assert "SystemExit" in await console.run("import sys; sys.exit(3)")
    assert (await console.run("print('x' * 10**8)")).endswith("more characters were printed.")


async def _flags(pilot, console, screen):
    begin = trained_weights(screen)
    assert await console.run("len(model.trainable_weights)") == str(begin)
    assert await console.run("L['fc1'].trainable = False") == ""
    assert states(screen)["fc1"] is False
    assert [c.path for c in screen.document.changes] == ["fc1"]
    assert await console.run("len(model.trainable_weights)") == str(begin - 2)
    screen.action_undo()  # the console is not asked before the next evaluation
    assert states(screen)["fc1"] is True
    assert await console.run("len(model.trainable_weights)") == str(begin)
    screen.action_redo()
    assert await console.run("L['fc1'].trainable, len(model.trainable_weights)") == (
        f"(False, {begin - 2})"
    )
    screen.action_undo()
    base = screen.model.index["digits_base"]
    for wanted in (False, True, False):
        screen.set_trainable([base], wanted, "whole base")
        assert await console.run("len(model.trainable_weights)") == str(trained_weights(screen))
    # Several at once, queued: each finds what the one before has done.
    for code in ("L['fc1'].trainable = False", "L['fc1'].trainable = True", "model.trainable = 0"):
        await console.run(code, wait=False)
    await until(pilot, lambda: trained_weights(screen) == 0, 30)
    assert await console.run("len(model.trainable_weights)") == "0"
    while screen.document.changed:
        screen.action_undo()
    assert await console.run("len(model.trainable_weights)") == str(begin)


async def _weights(pilot, console, screen):
    with h5py.File(screen.document.original.file.path) as file:
        original = np.asarray(file["model_weights/fc1/" + _inner(file, "fc1", "bias")])
    key = ("fc1", "bias")
    code = "L['fc1'].bias.assign(np.arange(16.)); None"
    assert await console.run(code) == ""
    await until(pilot, lambda: _replaced(screen, key) is not None)
    first = _replaced(screen, key)
    np.testing.assert_array_equal(np.load(first.file), np.arange(16.0))
    assert first.label == "console"
    await console.run("L['fc1'].bias.assign(np.ones(16)); None")
    await until(pilot, lambda: _replaced(screen, key) not in (None, first))
    screen.action_undo()
    assert await console.run("float(W['fc1/bias'].sum())") == "120.0"
    screen.action_undo()
    assert not screen.document.changed
    said = await console.run("W['fc1/bias'].tolist()")
    np.testing.assert_allclose(eval(said), original)
    screen.action_redo()
    assert await console.run("float(W['fc1/bias'].sum())") == "120.0"
    # Set back to what was loaded: the pending change goes.
    await console.run(f"L['fc1'].bias.assign(np.array({original.tolist()!r}, 'float32')); None")
    await until(pilot, lambda: not screen.document.changed)
    said = await console.run("L['fc1'].bias.assign(np.ones(3))")
    assert "ValueError" in said and not screen.document.changed


def _replaced(screen, key):
    path, name = key
    layer = screen.model.layers[screen.model.index[path]]
    return next(w for w in layer.weights if w.name == name).replaced


def _inner(file, layer, name) -> str:
    return next(
        (n.decode() if isinstance(n, bytes) else n)
        for n in file["model_weights"][layer].attrs["weight_names"]
        if name in str(n)
    )


async def _help(pilot, console):
    panel = console.panel
    panel.input.focus()
    panel.input.text = ""
    await pilot.press(*"W['fc1/", "tab")
    await until(pilot, lambda: panel.offers.is_open)
    assert set(panel.offers._texts) == {"fc1/bias", "fc1/kernel"}
    await pilot.press("k")
    await until(pilot, lambda: len(panel.offers._texts) == 1)
    await pilot.press("enter")
    assert panel.input.text == "W['fc1/kernel"
    panel.input.text = ""
    await pilot.press(*"model.get_la", "tab")
    await until(pilot, lambda: panel.input.text == "model.get_layer")
    await pilot.press("(")
    await until(pilot, lambda: "name=None" in str(panel.query_one("#console-hint").render()))
    panel.input.text = ""
    # What was typed before is found again.
    await pilot.press(*"bias.ass", "ctrl+r")
    await until(pilot, lambda: panel.offers.is_open)
    assert all("bias.ass" in text for text in panel.offers._texts)
    await pilot.press("down", "enter")
    assert "bias.assign" in panel.input.text
    panel.input.text = ""


async def _layers_and_inputs(pilot, console, screen):
    shape = screen.table._live.shapes["fc1"]
    assert shape == [None, 16]
    screen.table.move_to(screen.model.index["digits_base/block1_conv1"])
    screen.table.focus()
    await pilot.press("e")
    await until(pilot, lambda: "block1_conv1 for x" in console.text and console.idle, 60)
    await until(pilot, lambda: console.panel.array is not None)
    assert "There was no input: x is now (1, 8, 8, 1) of normal numbers;" in console.text
    assert console.panel.array.shape == (1, 8, 8, 12)
    await until(pilot, lambda: len(console.panel.grid._windows))
    said = await console.run("float(_[0, 0, 0, 0])")
    grid = console.panel.grid
    assert said.startswith(f"{float(said):.4}"[:4]) and grid.view.shape == (1, 8, 8, 12)
    assert await console.run("layer.name") == "'block1_conv1'"
    screen.table.move_to(screen.model.index["fc1"])
    screen.table.focus()
    await pilot.press("a")
    await until(pilot, lambda: console.panel.input.text == "L['fc1']")
    console.panel.input.text = ""
    screen.table.focus()
    await pilot.press("A")
    await until(pilot, lambda: console.panel.input.text == "W['fc1/kernel']")
    await pilot.press("A")
    await until(pilot, lambda: console.panel.input.text == "W['fc1/bias']")
    console.panel.input.text = ""


async def _interrupt(pilot, console):
    await console.run("kept = 7", wait=True)
    await console.run("while True: pass", wait=False)
    await until(pilot, lambda: console.screen.link().session.state.value == "busy")
    await pilot.press("down", "up")  # the screen is alive
    await pilot.press("ctrl+c")
    await until(pilot, lambda: "Interrupted" in console.text and console.idle, 30)
    assert await console.run("kept") == "7"
    await pilot.press("ctrl+c")
    await pilot.pause()
    assert pilot.app.is_running and not pilot.app._exit


async def _save(pilot, console, screen, path: Path):
    await console.run("L['fc1'].bias.assign(np.full(16, 0.5)); L['fc1'].trainable = False")
    await until(pilot, lambda: len(screen.document.changes) == 2)
    await pilot.press("ctrl+s")
    await until(pilot, lambda: not screen.document.changed or pilot.app.screen is not screen)
    if screen.document.changed and not isinstance(pilot.app.screen, ProgressDialog):
        await pilot.press("enter")  # agrees to what is shown before saving
    await until(pilot, lambda: not screen.document.changed, 30)
    with h5py.File(path) as file:
        values = np.asarray(file["model_weights/fc1/" + _inner(file, "fc1", "bias")])
    assert values.dtype == "float32" and (values == 0.5).all()
    assert await console.run("float(W['fc1/bias'].sum())") == "8.0"


async def _death(pilot, console, screen):
    await console.run("L['dense_1'].bias.assign(np.ones(5)); None")
    await until(pilot, lambda: screen.document.changed)
    await console.run("import os; os.abort()", wait=False)
    await until(pilot, lambda: "has stopped" in console.text and console.idle, 30)
    assert "Your edits are kept" in console.text
    assert "Traceback" not in console.text.rpartition("os.abort()")[2]
    assert screen.document.changed
    assert "✗ stopped" in screen.query_one("#header")._session
    # It starts again, with the edits.
    await console.run("float(W['dense_1/bias'].sum()), float(W['fc1/bias'].sum())", wait=False)
    await until(pilot, lambda: "(5.0, 8.0)" in console.text, 120)
    screen.action_undo()
    assert await console.run("float(W['dense_1/bias'].sum()) == 5") == "False"
    if sys.platform != "win32":
        os.kill(screen.link().session.pid, signal.SIGKILL)
        await until(pilot, lambda: not screen.link().session.alive)
        await console.run("1 + 1", wait=False)
        await until(pilot, lambda: console.text.endswith("\n2"), 120)


async def test_a_file_of_weights_only_has_no_model(explorer, sample):
    async with explorer(sample("digits_cnn.weights.h5")) as pilot:
        console = Console(pilot)
        await pilot.press("c")
        await until(pilot, lambda: console.panel is not None and console.idle, 120)
        assert "This file holds weights only: there is no model to load." in console.text
        assert await console.run("K.eval(K.ones((2,)))") != ""
        assert "NameError" in await console.run("model")
        await pilot.press("escape", "escape", "e")
        await pilot.pause(0.1)
        assert "Traceback" not in console.text.replace("NameError", "").rpartition("model")[2]


@pytest.mark.skipif(sys.platform == "win32", reason="the interpreter is a shell script")
async def test_without_keras_the_console_says_what_to_install(explorer, sample, tmp_path):
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    bare.chmod(0o755)
    async with explorer(sample("transfer.h5"), (160, 48)) as pilot:
        console, screen = Console(pilot), pilot.app.explorer
        screen.keras_options = KerasOptions(python=str(bare))
        await pilot.press("c")
        await until(pilot, lambda: "pip install keras tensorflow" in _words(console), 30)
        assert "✗ failed" in screen.query_one("#header")._session
        await console.run("1 + 1", wait=False)
        await until(pilot, lambda: _words(console).count("There is no Keras for") == 2, 30)
        # Everything else works.
        await pilot.press("escape", "end", "f", "z")
        await pilot.pause()
        assert not screen.document.changed


def _words(console: Console) -> str:
    """The console's text with its lines joined: a sentence may be broken anywhere."""
    return console.text.replace("\n", " ") if console.panel is not None else ""

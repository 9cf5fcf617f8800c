"""Custom objects: the form, its keys, what it finds in files, and what it answers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from dialog_host import ALL_SIZES, NOTHING, SIZES, Host, shown, until
from textual.widgets import Input

from kerastui.errors import SessionError
from kerastui.session.answers import Answer
from kerastui.session.inside import custom
from kerastui.session.inside.scripts import UserCodeError
from kerastui.session.protocol import Need
from kerastui.tui.dialogs.choices import ChoiceButton
from kerastui.tui.dialogs.custom_form import CustomForm, Source, read_source, syntax_problem
from kerastui.tui.dialogs.custom_objects import CustomObjects, CustomObjectsDialog
from kerastui.tui.dialogs.custom_table import NeedTable
from kerastui.tui.dialogs.source_completion import complete_source
from kerastui.tui.dialogs.source_field import SourceField

METRICS = """
from keras import backend as K
def my_f1(y_true, y_pred):
    return K.mean(y_true)
class ConvDNA:
    pass
"""


def need(name: str, kind: str, use: str, more: int = 0, *, own: bool = False) -> Need:
    plain = name.rsplit(">", 1)[-1] or name
    return Need(name, kind, (use,), more, plain, "", "", own, "")


LAMBDA = need("<lambda>", "activation", "activation of conv1d_462", 11)
MY_F1 = need("my_f1", "metric", "metric")
F1 = need("f1", "metric", "metric")
DNA = need("bio>ConvDNA", "layer", "layer conv_dna_1", 3)
MERGE = need("Merge", "layer", "layer merge_1", own=True)
FEW = (LAMBDA, MY_F1, F1, DNA, MERGE)
MANY = tuple(need(f"Layer{i}", "layer", f"layer layer_{i}", i) for i in range(60))


def defines(where: str, names: Sequence[str]) -> Future[tuple[str, ...]]:
    """As the Keras process answers, with its own parser behind it."""
    future: Future[tuple[str, ...]] = Future()
    try:
        future.set_result(tuple(custom.defines(where, list(names), [str(Path.cwd())])))
    except UserCodeError as error:
        future.set_exception(SessionError(str(error)))
    return future


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with code of the user in it."""
    folder = tmp_path / "project"
    package = folder / "my_project"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "metrics.py").write_text(METRICS)
    (package / "notes.txt").write_text("no code")
    (folder / "broken.py").write_text("def f(:\n")
    monkeypatch.chdir(folder)
    return folder


def host(needs: Sequence[Need], kept: dict[str, Answer] | None = None, **more: Any) -> Host:
    return Host(lambda: CustomObjectsDialog(needs, kept or {}, defines, **more))


def dialog(app: Host) -> CustomObjectsDialog:
    assert isinstance(app.screen, CustomObjectsDialog)
    return app.screen


async def left(pilot: Any, app: Host) -> CustomObjects:
    await until(pilot, lambda: app.result is not NOTHING)
    assert isinstance(app.result, CustomObjects)
    return app.result


@pytest.mark.parametrize("size", SIZES)
async def test_one_name_by_file(project: Path, size) -> None:
    app = host([MY_F1])
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"my_project/metrics.py")
        await until(pilot, lambda: "defines my_f1 (1 of 1)" in shown(app))
        await pilot.press("enter")
        result = await left(pilot, app)
        file = str(project / "my_project" / "metrics.py")
        assert result.answers == (Answer("my_f1", "metric", "file", file),)
        assert (result.remember, result.compile, result.keras) == (True, True, "keras")


async def test_enter_in_a_hurry_waits_for_the_look(project: Path) -> None:
    app = host([MY_F1])
    async with app.run_test() as pilot:
        await pilot.press(*"my_project.metrics", "enter")
        result = await left(pilot, app)
        assert result.answers == (Answer("my_f1", "metric", "module", "my_project.metrics"),)


@pytest.mark.parametrize("size", SIZES)
async def test_deeplc_lambda_by_expression(size) -> None:
    app = host([LAMBDA])
    async with app.run_test(size=size) as pilot:
        assert "activation of conv1d_462 and 11 more" in shown(app)
        await pilot.press("ctrl+t", *"lambda x: K.relu(x, max_value=20.0)", "enter")
        result = await left(pilot, app)
        text = "lambda x: K.relu(x, max_value=20.0)"
        assert result.answers == (Answer("<lambda>", "activation", "expression", text),)


async def test_no_expression_stays_and_says_so() -> None:
    app = host([LAMBDA])
    async with app.run_test() as pilot:
        await pilot.press("ctrl+t", *"lambda x:", "enter")
        await pilot.pause()
        assert app.result is NOTHING
        assert "✗ This is no Python expression: invalid syntax." in shown(app)
        await pilot.press("x", "enter")
        assert (await left(pilot, app)).answers[0].value == "lambda x:x"


async def test_one_file_serves_all_rows_that_it_defines(project: Path) -> None:
    app = host([MY_F1, LAMBDA, DNA])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*"my_project/metrics.py")
        await until(pilot, lambda: "defines my_f1, ConvDNA (2 of 3)" in shown(app))
        await pilot.press("enter")  # goes to the only name that is left
        await until(pilot, lambda: dialog(app).row.need is LAMBDA)
        await pilot.press("ctrl+t", *"K.relu", "enter")
        result = await left(pilot, app)
        file = str(project / "my_project" / "metrics.py")
        assert [(a.name, a.how, a.value) for a in result.answers] == [
            ("my_f1", "file", file),
            ("<lambda>", "expression", "K.relu"),
            ("bio>ConvDNA", "file", file),
        ]


async def test_an_offer_goes_with_its_file(project: Path) -> None:
    app = host([MY_F1, DNA])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*"my_project/metrics.py")
        form = dialog(app).form
        await until(pilot, lambda: form.standing(form.rows[1]) == "answered")
        await pilot.press("backspace")
        await until(pilot, lambda: form.standing(form.rows[1]) == "open")


async def test_the_focus_starts_at_the_first_name_without_an_answer() -> None:
    kept = {"<lambda>": Answer("<lambda>", "activation", "expression", "K.relu")}
    app = host(FEW, kept)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert dialog(app).row.need is MY_F1
        assert app.focused is dialog(app).query_one(SourceField).input
        assert "▸? my_f1" in shown(app)
        assert "✓ <lambda>" in shown(app)


async def test_kept_answers_need_only_enter() -> None:
    kept = {"<lambda>": Answer("<lambda>", "activation", "expression", "K.relu")}
    app = host([LAMBDA], kept)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert (await left(pilot, app)).answers == tuple(kept.values())


async def test_a_classic_is_preselected_and_can_be_replaced() -> None:
    app = host([F1])
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "fmeasure with Keras 1's definition, computed batch by batch." in shown(app)
        await pilot.press("enter")
        assert (await left(pilot, app)).answers == (Answer("f1", "metric", "classic", "fmeasure"),)
    app = host([F1])
    async with app.run_test() as pilot:
        await pilot.press("right", "enter")
        result = await left(pilot, app)
        assert result.answers == (Answer("f1", "metric", "standin"),)


async def test_a_class_of_another_keras_is_left_to_keras() -> None:
    app = host([MERGE])
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert "Merge is a class of another Keras version." in shown(app)
        await pilot.press("ctrl+b", "enter")
        result = await left(pilot, app)
        assert result.answers == ()
        assert result.keras == "tf_keras"


async def test_which_keras_is_asked_only_where_it_is_worth_it() -> None:
    app = host([LAMBDA])
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "tf_keras" not in shown(app)


async def test_stand_ins_for_the_rest(project: Path) -> None:
    app = host(FEW)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+t", *"K.relu", "shift+tab", "shift+tab", "shift+tab", "shift+tab")
        await pilot.click(ChoiceButton, offset=(2, 0))  # Load goes on to the next instead
        await pilot.pause()
        assert app.result is NOTHING
        await pilot.click(app.screen.query(ChoiceButton)[1])
        await pilot.pause()
        await pilot.press("enter")
        result = await left(pilot, app)
        assert [(a.name, a.how) for a in result.answers] == [
            ("<lambda>", "expression"),
            ("my_f1", "standin"),
            ("f1", "classic"),
            ("bio>ConvDNA", "standin"),
        ]


async def test_without_the_compile_section_metrics_are_not_needed() -> None:
    app = host([MY_F1])
    async with app.run_test() as pilot:
        await pilot.press("ctrl+o", "ctrl+r")
        await pilot.pause()
        assert "not needed" in shown(app)
        await pilot.press("enter")
        result = await left(pilot, app)
        assert result.answers == (Answer("my_f1", "metric", "standin"),)
        assert (result.compile, result.remember) == (False, False)


@pytest.mark.parametrize("size", SIZES)
async def test_files_that_serve_nobody(project: Path, size) -> None:
    app = host([MY_F1])
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"nowhere.py", "enter")
        await until(pilot, lambda: "✗ Cannot read" in shown(app))
        assert "No such file" in shown(app)
        await pilot.press("end", "ctrl+u", *"broken.py", "enter")
        await until(pilot, lambda: "line 1: SyntaxError" in shown(app))
        assert app.result is NOTHING
        (project / "broken.py").write_text("def my_f1(a, b): return a\n")
        await pilot.press("enter")  # it was mended meanwhile
        assert (await left(pilot, app)).answers[0].value == str(project / "broken.py")


async def test_a_file_without_the_name_is_warned_of_but_taken(project: Path) -> None:
    """Names may be made in ways that no parser sees."""
    app = host([LAMBDA])
    async with app.run_test() as pilot:
        await pilot.press(*"my_project/metrics.py")
        await until(pilot, lambda: "▲ <lambda> is not seen to be defined there" in shown(app))
        await pilot.press("enter")
        assert (await left(pilot, app)).answers[0].how == "file"


async def test_errors_of_the_users_code_are_shown_as_in_python(project: Path) -> None:
    file = str(project / "my_project" / "metrics.py")
    sentence = "metrics.py, line 12: NameError: name 'K' is not defined"
    details = (
        f'Traceback (most recent call last):\n  File "{file}", line 12, in <module>\n'
        "    eps = K.epsilon()\nNameError: name 'K' is not defined\n"
    )
    row = {"name": "my_f1", "message": sentence, "file": file, "line": 12, "details": details}
    kept = {"my_f1": Answer("my_f1", "metric", "file", file)}
    for size in SIZES:
        app = host(FEW, kept, error=sentence, problems=[row])
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            assert dialog(app).row.need is MY_F1
            assert f"✗ {sentence}" in shown(app)
            assert ("eps = K.epsilon()" in shown(app)) == (size[1] > 24)
            await pilot.press("ctrl+t", *"K.mean")
            await pilot.pause()
            assert "NameError" not in shown(app)
            assert "✗" not in shown(app)


async def test_an_answer_that_failed_may_be_tried_again(project: Path) -> None:
    """The user has mended the file in an editor."""
    file = str(project / "my_project" / "metrics.py")
    kept = {"my_f1": Answer("my_f1", "metric", "file", file)}
    app = host([MY_F1], kept, error="…", problems=[{"name": "my_f1", "message": "Oh."}])
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert (await left(pilot, app)).answers == tuple(kept.values())


@pytest.mark.parametrize("size", [*SIZES, (120, 40)])
async def test_sixty_names(size) -> None:
    app = host(MANY)
    async with app.run_test(size=size) as pilot:
        await pilot.press("shift+tab", "shift+tab", "end")
        await pilot.pause()
        assert isinstance(app.focused, NeedTable)
        assert dialog(app).row.need.name == "Layer59"
        assert "Layer59 · layer layer_59 and 59 more" in shown(app)
        await pilot.press("ctrl+down")
        await pilot.pause()
        assert dialog(app).row.need.name == "Layer0"
        await pilot.press("ctrl+t", *"a", "enter", "ctrl+t", *"b", "enter")
        await pilot.pause()
        form = dialog(app).form
        assert [row.expression for row in form.rows[:3]] == ["a", "b", ""]
        load = app.screen.query(ChoiceButton)[0]
        assert load.region.bottom <= size[1]
        begin = time.process_time()
        dialog(app)._draw()
        assert time.process_time() - begin < 0.05


async def test_tab_goes_through_all_fields(project: Path) -> None:
    app = host([MY_F1])
    async with app.run_test() as pilot:
        seen: list[str] = []
        for _ in range(8):
            focused = app.focused
            assert focused is not None
            seen.append(focused.id or type(focused).__name__)
            await pilot.press("tab")
        assert seen == [
            "PathInput", "remember", "compile", *["ChoiceButton"] * 3, "rows", "way"
        ]  # fmt: skip


async def test_tab_completes_and_then_goes_on(project: Path) -> None:
    app = host([MY_F1])
    async with app.run_test() as pilot:
        field = app.screen.query_one(SourceField)
        await pilot.press(*"my_p", "tab")
        await until(pilot, lambda: field.value == "my_project/")
        await pilot.press("m", "tab")
        await until(pilot, lambda: field.value == "my_project/metrics.py")
        await until(pilot, lambda: field._completion.text == field.value)
        await pilot.press("tab")
        assert app.focused is app.screen.query_one("#remember")


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_cancel(key: str) -> None:
    app = host(FEW)
    async with app.run_test() as pilot:
        await pilot.press(*"half", key)
        await until(pilot, lambda: app.result is None)


@pytest.mark.parametrize("size", ALL_SIZES)
async def test_any_size(size: tuple[int, int]) -> None:
    app = host(FEW)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(*size)
        await pilot.press("ctrl+down", "escape")
        await until(pilot, lambda: app.result is None)


async def test_text_from_a_file_is_harmless() -> None:
    evil = "\x1b[2J[red]x[/] \u202ename"
    needs = [Need(evil, evil, (evil,), 3, evil, evil, evil, own, evil) for own in (True, False)]
    kept = {evil: Answer(evil, evil, "expression", evil)}
    app = host(needs, kept, error=evil, problems=[{"name": evil, "message": evil}])
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.press("ctrl+down")
        text = shown(app)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[red]x[/]" in text


async def test_a_slow_process_keeps_nobody_waiting(project: Path) -> None:
    """The Keras process is busy: keys are answered all the same, Esc leaves."""
    never: Future[tuple[str, ...]] = Future()
    app = Host(lambda: CustomObjectsDialog([MY_F1], {}, lambda where, names: never))
    async with app.run_test() as pilot:
        await pilot.press(*"my_project.metrics", "enter")
        await pilot.pause()
        assert "looking …" in shown(app)
        assert app.result is NOTHING
        await pilot.press("escape")
        await until(pilot, lambda: app.result is None)
        never.set_result(())


def test_complete_source(project: Path) -> None:
    assert complete_source("my", project).options == ("my_project/",)
    assert complete_source("my_project/", project).options == ("my_project/metrics.py",)
    assert complete_source("my_project.", project).options == ("my_project.metrics",)
    assert complete_source("my_project.m", project).common == "my_project.metrics"
    assert complete_source("bro", project).options == ("broken.py",)
    assert complete_source("metr", project, [project / "my_project"]).options == ("metrics",)
    assert complete_source("nowhere.x", project).options == ()
    assert complete_source("a\0b", project).options == ()


def test_read_source(project: Path) -> None:
    assert read_source(" my_project.metrics ", project) == Source("module", "my_project.metrics")
    assert read_source("broken.py", project) == Source("file", str(project / "broken.py"))
    assert read_source("./a/../b", project) == Source("file", str(project / "b"))
    assert read_source("", project) is None
    assert read_source("a\0b", project) is None


@pytest.mark.parametrize("text", ["", "lambda x: x", "K.relu", " 1 ", "x is 1", "'\\d'"])
def test_expressions(text: str, recwarn: pytest.WarningsRecorder) -> None:
    assert syntax_problem(text) == ""
    assert not recwarn.list


@pytest.mark.parametrize("text", ["lambda x:", "x = 1", "import os", "(" * 500, "a\0b"])
def test_no_expressions(text: str) -> None:
    assert syntax_problem(text)


def test_every_kind_of_kept_answer_comes_back() -> None:
    kept = [
        Answer("<lambda>", "activation", "expression", "K.relu"),
        Answer("my_f1", "metric", "module", "my_project.metrics"),
        Answer("f1", "metric", "classic", "fmeasure"),
        Answer("bio>ConvDNA", "layer", "standin"),
    ]
    form = CustomForm.of(FEW, {answer.name: answer for answer in kept})
    assert form.answers() == kept


def few(project: Path) -> Host:
    return host(FEW, {"my_f1": Answer("my_f1", "metric", "module", "my_project.metrics")})


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_snapshot(snap_compare, project: Path, size: tuple[int, int]) -> None:
    assert snap_compare(few(project), terminal_size=size, run_before=rest)


def test_snapshot_many(snap_compare) -> None:
    press = ["ctrl+t", *"K.relu", "enter"]
    assert snap_compare(host(MANY), press=press, terminal_size=(80, 24), run_before=rest)


def test_snapshot_problem(snap_compare) -> None:
    message = "~/metrics.py, line 12: NameError: name 'K' is not defined"
    details = f"Traceback\n  File “~/metrics.py”, line 12, in <module>\n    K.x()\n{message}\n"
    row = {"name": "my_f1", "message": message, "details": details}
    app = host(FEW, {"my_f1": Answer("my_f1", "metric", "expression", "K.x()")}, problems=[row])
    assert snap_compare(app, terminal_size=(120, 40), run_before=rest)


async def rest(pilot: Any) -> None:
    Input.cursor_blink = False
    await pilot.pause(0.4)

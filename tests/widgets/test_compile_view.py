"""The Compile tab."""

from __future__ import annotations

from dataclasses import replace

from widget_host import assert_safe, screen_lines
from widget_models import ACCURACY, F1, TWO_OUTPUTS, hostile

from kerastui.files import open_model
from kerastui.model import Compile, FunctionName, OutputCompile
from kerastui.widgets.compile_story import compile_story
from kerastui.widgets.compile_view import CompileView
from kerastui.widgets.flow import cells, plain


def story(section: Compile | None, width: int = 80) -> str:
    return "\n".join(plain(line) for line in compile_story(section, width))


def row(text: str, start: str) -> list[str]:
    return next(line for line in text.splitlines() if line.startswith(start)).split()


def test_losses_go_one_to_one_and_metrics_to_every_output_marked():
    text = story(TWO_OUTPUTS)
    assert row(text, "output") == ["output", "loss", "×", "weight", "│", "accuracy", "★", "f1"]
    assert row(text, "digit") == ["digit", "mse", "1", "│", "●", "●"]
    assert row(text, "ink") == ["ink", "mae", "0.5", "│", "●", "·"]
    assert "total loss = 1 × digit + 0.5 × ink" in text


def test_says_when_every_metric_is_computed_for_every_output():
    assert "● shows where a metric is computed" in story(TWO_OUTPUTS)
    assert "each output has the metrics listed" in " ".join(story(TWO_OUTPUTS, 30).split())
    same = tuple(replace(output, metrics=(ACCURACY, F1)) for output in TWO_OUTPUTS.outputs)
    text = story(replace(TWO_OUTPUTS, outputs=same))
    assert "every metric is computed for every output" in text
    assert row(text, "ink")[-2:] == ["●", "●"]


def test_marks_stand_below_their_metric():
    lines = story(TWO_OUTPUTS).splitlines()
    head = next(line for line in lines if line.startswith("output"))
    digit = next(line for line in lines if line.startswith("digit"))
    first, second = (i for i, c in enumerate(digit) if c == "●")
    assert head.index("accuracy") <= first < head.index("accuracy") + len("accuracy")
    assert head.index("★ f1") <= second < head.index("★ f1") + len("★ f1")


def test_narrow_panels_have_a_paragraph_for_each_output():
    text = story(TWO_OUTPUTS, 30)
    assert "│" not in text
    assert "metrics   accuracy, ★ f1" in text
    assert "× weight  0.5" in text


def test_optimizer_with_settings_and_state():
    text = story(TWO_OUTPUTS)
    assert text.startswith("Optimizer  Adam\n")
    assert "learning_rate  0.001" in text
    assert "● saved." in text
    fresh = Compile(FunctionName("SGD"), TWO_OUTPUTS.outputs)
    assert "○ not saved." in story(fresh)


def test_custom_names_are_marked_and_explained():
    text = " ".join(story(TWO_OUTPUTS).split())
    assert "★ custom. Keras does not know f1: the file keeps only the name" in text
    plain_metric = OutputCompile("out", FunctionName("mse"), None, (ACCURACY,))
    assert "★" not in story(Compile(FunctionName("SGD"), (plain_metric,)))


def test_one_output_needs_no_table():
    one = OutputCompile("out", FunctionName("huber", settings=(("delta", "2"),)), None, ())
    text = story(Compile(FunctionName("SGD"), (one,), other=(("jit_compile", "True"),)))
    assert "loss     huber (delta=2)" in text
    assert "metrics  none" in text
    assert "total loss" not in text
    assert "jit_compile  True" in text


def test_outputs_without_loss_and_weighted_metrics():
    outputs = (
        OutputCompile("a", None, None, (), (F1,)),
        OutputCompile("b", FunctionName("mse"), None, (ACCURACY,)),
    )
    text = story(Compile(None, outputs))
    assert text.startswith("Optimizer  none")
    assert row(text, "a  ") == ["a", "none", "–", "│", "●", "·"]
    assert "★ f1 (weighted)" in text


def test_says_when_the_model_is_not_compiled():
    text = " ".join(story(None).split())
    assert text.startswith("Not compiled")
    assert "model.compile" in text


def test_fits_any_width_and_is_safe():
    for width in (8, 20, 38, 60, 120, 200):
        for section in (TWO_OUTPUTS, hostile().compile, None):
            assert all(cells(line) <= width for line in compile_story(section, width))
    assert_safe(story(hostile().compile))


def test_a_thousand_outputs_are_summed_up():
    outputs = tuple(OutputCompile(f"o{i}", FunctionName("mse"), 1.0, ()) for i in range(1_000))
    assert "and 800 more outputs" in story(Compile(FunctionName("SGD"), outputs))


def test_real_two_output_file(sample_dir):
    section = open_model(str(sample_dir / "two_outputs.h5")).compile
    text = story(section, 120)
    assert section is not None
    assert len(section.outputs) == 2
    for output in section.outputs:
        assert output.loss is not None
        assert output.loss.name in text


async def test_shows_what_it_is_given(hosted):
    view = CompileView()
    async with hosted(view, (80, 24)) as pilot:
        await pilot.pause(0.05)
        assert screen_lines(view)[0].strip() == "Not compiled"
        view.show(TWO_OUTPUTS)
        await pilot.pause(0.05)
        assert screen_lines(view)[0].strip() == "Optimizer  Adam"
        view.show(None)
        await pilot.pause(0.05)
        assert screen_lines(view)[0].strip() == "Not compiled"

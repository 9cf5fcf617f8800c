"""The names of the console, inputs, runs to a layer, completion: in the real process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerastui.errors import SessionError

pytestmark = pytest.mark.keras


@pytest.fixture
def two(keras3: Any, sample_dir: Path) -> Any:
    """A model with one input and two outputs."""
    keras3.show(sample_dir / "two_outputs.keras")
    return keras3


@pytest.fixture
def nested(keras3: Any, sample_dir: Path) -> Any:
    keras3.show(sample_dir / "transfer.h5")
    return keras3


def test_layers_and_weights_by_path(nested: Any) -> None:
    assert nested.text("L['digits_base/block1_conv1'].name") == "block1_conv1"
    assert nested.text("L['digits_base'] is model.layers[1]") == "True"
    value = nested.run("W['digits_base/block1_conv1/kernel']").value
    assert (value.type, value.form, value.dtype) == ("ndarray", "array", "float32")
    same = "np.array_equal(W['fc1/kernel'], K.eval(L['fc1'].kernel))"
    assert nested.text(same) in ("True", "np.True_")
    trouble = nested.run("L['digits_base/block1_conv']").trouble
    assert trouble.type == "KeyError"
    assert "did you mean" in trouble.message
    assert "digits_base/block1_conv1" in trouble.message
    assert nested.run("layer.name", layer="fc1").value.text == "fc1"
    assert nested.run("layer.name", layer="digits_base/block2_bn").value.text == "block2_bn"


def test_what_is_defined_stays(keras3: Any, tmp_path: Path) -> None:
    keras3.run("import math\ndef area(r): return math.pi * r * r")
    assert keras3.text("round(area(2), 3)") == "12.566"
    keras3.run("5")
    assert keras3.text("_ + 1") == "6"
    assert keras3.text("K.eval(K.variable(np.array([1., 2.]))).tolist()") == "[1.0, 2.0]"
    hint = keras3.run("K.get_session()").trouble
    assert "no sessions any more" in hint.message


def test_values_say_what_they_are(two: Any) -> None:
    value = two.run("np.array([1., np.nan, 3.])").value
    assert (value.low, value.mean, value.high, value.nans) == (1, 2, 3, 1)
    assert two.run("None").value.form == "none"
    assert two.run("x_ = 3").value is None
    assert two.run("tf.constant(2.5)").value.text == "2.5"
    model = two.run("model").value
    assert model.form == "model"
    assert "Total params" in model.text
    items = two.run("model.get_weights()").value
    assert (items.form, items.length) == ("items", 8)
    part = two.session.fetch(items.items[0].id, []).result(60)
    assert part.shape == items.items[0].shape
    assert two.run("{'a': 1, 'b': [2, 3]}").value.text == "{'a': 1, 'b': [2, 3]}"


def test_inputs_from_files(two: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.random((3, 8, 8, 1), dtype=np.float32)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", x0=x)
    np.save(tmp_path / "one.npy", x[0])
    np.save(tmp_path / "flat.npy", x.reshape(3, 64))
    np.save(tmp_path / "wide.npy", np.zeros((3, 8, 9, 1)))
    np.save(tmp_path / "nan.npy", np.full((1, 8, 8, 1), np.nan))
    np.save(tmp_path / "words.npy", np.array(["a", "b"]))
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["train/x"] = x

    def given(name: str) -> Any:
        return two.session.set_input("file", file=str(tmp_path / name)).result(60)

    for name in ("x.npy", "x.npz", "data.h5:/train/x"):
        made = given(name)
        assert (made.value.shape, made.notes) == ((3, 8, 8, 1), ())
        np.testing.assert_array_equal(two.session.fetch(made.value.id).result(60).to_numpy(), x)
    made = given("one.npy")
    assert (made.value.shape, made.notes) == ((1, 8, 8, 1), ("a batch axis was added",))
    assert two.text("x.shape") == "(1, 8, 8, 1)"
    assert given("nan.npy").notes == ("x holds 64 NaN",)
    for name, says in (
        ("flat.npy", r"x has 2 axes \(3, 64\), and the model expects 4: \(batch, 8, 8, 1\)"),
        ("wide.npy", r"Axis 2 of x is 9, and the model expects 8: \(batch, 8, 8, 1\)"),
        ("words.npy", "expects numbers"),
        ("objects.npy", "Cannot read"),
        ("absent.npy", "No such file"),
        ("data.h5:/nothing", "has no dataset /nothing"),
        ("data.h5", "no kind of input"),
    ):
        with pytest.raises(SessionError, match=says) as caught:
            given(name)
        assert caught.value.fields["why"] == "input"


def test_inputs_from_tables_and_images(two: Any, models_dir: Path, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    picture = np.arange(256, dtype="u1").reshape(16, 16)
    image.fromarray(picture).save(tmp_path / "digit.png")
    made = two.session.set_input("file", file=str(tmp_path / "digit.png")).result(60)
    assert (made.value.shape, made.value.dtype) == ((1, 8, 8, 1), "float32")
    assert "resized from 16×16 to 8×8" in made.notes
    assert "a batch axis was added" in made.notes
    two.show(models_dir / "made/keras-3.15/adam.keras")
    (tmp_path / "rows.csv").write_text("a;b;c\n1;2;3\n4;5;6.5\n")
    made = two.session.set_input("file", file=str(tmp_path / "rows.csv")).result(60)
    assert made.value.shape == (2, 3)
    assert two.text("x.tolist()") == "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]]"
    (tmp_path / "bad.csv").write_text("1,2,3\n4,hello,6\n")
    with pytest.raises(SessionError, match="Cannot read"):
        two.session.set_input("file", file=str(tmp_path / "bad.csv")).result(60)


def test_inputs_are_made(two: Any) -> None:
    made = two.session.set_input("normal", seed=3, batch=4).result(60)
    assert made.value.shape == (4, 8, 8, 1)
    first = two.text("float(x.sum())")
    two.session.set_input("normal", seed=3, batch=4).result(60)
    assert two.text("float(x.sum())") == first
    assert two.session.set_input("ones").result(60).value.mean == 1
    with pytest.raises(SessionError, match="no way to make an input"):
        two.session.set_input("sevens").result(60)


@pytest.mark.parametrize("path", ["fc1", "digits_base", "digits_base/block2_conv1", "image"])
def test_run_to_a_layer(nested: Any, path: str) -> None:
    """Against a model of Keras's own that ends at that layer."""
    nested.session.set_input("normal", batch=2).result(60)
    made = nested.session.layer_output(path).result(30)
    got = nested.session.fetch(made.value.id).result(60).to_numpy()
    base = "keras.Model(L['digits_base'].input, L['digits_base/block2_conv1'].output)"
    expected = {
        "fc1": "keras.Model(model.input, L['fc1'].output)(x)",
        "digits_base": "L['digits_base'](x)",
        "digits_base/block2_conv1": f"{base}(x)",
        "image": "x",
    }[path]
    wanted = nested.session.fetch(nested.run(expected).value.id).result(60).to_numpy()
    np.testing.assert_array_equal(got, wanted)
    assert nested.text("_ is not None") == "True"


def test_run_to_a_layer_of_several_inputs_and_in_loops(keras2: Any, models_dir: Path) -> None:
    keras2.show(models_dir / "found/gh_15louafi+EnglishToKatakanaSeq2Seq/model.h5", compile=False)
    assert len(keras2.session.loaded.inputs) == 2
    keras2.session.set_input("normal", batch=3).result(60)
    last = keras2.text("model.layers[-1].name")
    made = keras2.session.layer_output(last).result(30)
    got = keras2.session.fetch(made.value.id).result(60).to_numpy()
    wanted = keras2.run("model(x)").value
    np.testing.assert_array_equal(got, keras2.session.fetch(wanted.id).result(60).to_numpy())
    with pytest.raises(SessionError, match="2 inputs"):
        keras2.run("x = x[0]")
        keras2.session.layer_output(last).result(30)
    with pytest.raises(SessionError, match="no layer nothing"):
        keras2.session.set_input("zeros").result(60)
        keras2.session.layer_output("nothing").result(30)


_INPUTS = """
import warnings; warnings.simplefilter("always")
a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
named = keras.Model({"b": b, "a": a}, keras.layers.Subtract(name="minus")([a, b]))
one = keras.Model([a], keras.layers.Dense(2, name="dense")(a))
from _kerastui_inside.running import _arranged
"""


def test_inputs_go_in_as_the_model_was_made(keras3: Any) -> None:
    """Otherwise Keras 3 warns of "the structure of inputs" each time."""
    keras3.run(_INPUTS)
    keras3.run("u, v = np.ones((2, 3)), np.zeros((2, 3))")
    assert keras3.text("sorted(_arranged(named, [u, v]))") == "['a', 'b']"
    order = "[t.name for t in named.inputs]"
    same = f"all(_arranged(named, [u, v])[n] is x for n, x in zip({order}, [u, v]))"
    assert keras3.text(same) == "True"
    assert keras3.text("_arranged(one, u)[0] is u and len(_arranged(one, u))") == "1"
    catching = "with warnings.catch_warnings(record=True) as said: "
    keras3.run(catching + "one(_arranged(one, u)); named(_arranged(named, [u, v]))")
    assert keras3.text("[str(w.message) for w in said]") == "[]"


def test_without_input_there_is_nothing_to_run(two: Any, sample_dir: Path) -> None:
    two.load(sample_dir / "two_outputs.keras")
    with pytest.raises(SessionError, match="no input yet"):
        two.session.layer_output("ink").result(60)


def test_output_shapes(nested: Any) -> None:
    shapes = nested.session.output_shapes().result(60)
    assert shapes["image"] == [None, 8, 8, 1]
    assert shapes["dense_1"] == [None, 5]
    assert shapes["digits_base/block1_conv1"][0] is None
    assert len(shapes["digits_base/block1_conv1"]) == 4


def test_completion_on_live_objects(nested: Any) -> None:
    def offers(code: str) -> list[str]:
        told = nested.session.complete(code, len(code)).result(60)
        return [code[: told.start] + o.text for o in told.offers]

    assert "model.trainable_weights" in offers("model.train")
    assert "L['digits_base/block1_conv1" in offers("L['digits_base/block1_c")
    assert "W['fc1/kernel" in offers("W['fc")
    assert "model.get_layer('fc1" in offers("model.get_layer('f")
    nested.run("table = {'alpha': 1, 'beta': 2}")
    assert offers("table['") == ["table['alpha", "table['beta"]
    assert "np.arange" in offers("np.aran")
    assert "K.permute_dimensions" in offers("K.perm")
    assert "keras.layers.Dense(units=" in offers("keras.layers.Dense(un")
    assert offers("nothing_at_all.") == []


def test_signature_help(nested: Any) -> None:
    code = "keras.layers.Dense(3, "
    told = nested.session.signature(code, len(code)).result(60)
    assert told.text.startswith("keras.layers.Dense(")
    assert told.parameters[told.active].startswith("activation")
    assert told.doc
    told = nested.session.signature("K.reshape(", 10).result(60)
    assert told.text == "K.reshape(x, shape)"  # no types that say nothing
    assert nested.session.signature("1 + ", 4).result(60) is None


def test_figures_come_as_png(keras3: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    code = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nfig"
    value = keras3.run(code).value
    assert value.form == "figure"
    assert value.picture.startswith(b"\x89PNG")


def test_json_and_npy(keras3: Any, tmp_path: Path) -> None:
    value = keras3.run("np.array([[1, 2], [3, 4]], dtype='i2')").value
    assert keras3.session.plain(value.id).result(60) == {
        "type": "ndarray", "dtype": "int16", "shape": [2, 2], "value": [[1, 2], [3, 4]],
    }  # fmt: skip
    out = tmp_path / "out.npy"
    assert keras3.session.export(value.id, str(out)).result(60) == (2, 2)
    np.testing.assert_array_equal(np.load(out), [[1, 2], [3, 4]])
    with pytest.raises(SessionError, match="cannot be saved"):
        keras3.session.export(keras3.run("[1, 'a', {}]").value.id, str(out)).result(60)


def test_a_stand_in_refuses_to_compute(either: Any, models_dir: Path) -> None:
    path = models_dir / "found/pypi_mmsplice-2.4.0/Acceptor.h5"
    needs = either.session.needs(str(path)).result(60)
    assert [(n.name, n.kind) for n in needs] == [("ConvDNA", "layer")]
    answer = {"name": "ConvDNA", "kind": "layer", "how": "standin", "value": ""}
    loaded = either.load(path, answers=[answer], compile=False)
    assert loaded.missing == ()
    either.session.set_input("normal").result(60)
    for code in ("model(x)", "model.predict(x, verbose=0)"):
        trouble = either.run(code).trouble
        assert trouble.message.endswith(
            "is a stand-in for ConvDNA: give the real class to evaluate."
        )
        assert len(trouble.message) < 120
    last = either.text("list(L)[-1]")
    with pytest.raises(SessionError, match="is a stand-in for ConvDNA"):
        either.session.layer_output(last.strip("'")).result(60)
    assert int(either.text("len(W)")) == loaded.weights

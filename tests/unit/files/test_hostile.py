"""Broken and hostile files: one clear sentence, or a description with notes; no traceback."""

from __future__ import annotations

import json
import os
import pickle
import stat
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kerastui.errors import NotAModelFile, UnreadableFile, UnsafeFile
from kerastui.files import glance, identify, open_model
from kerastui.files import open as opening

from .made import (
    archive_members,
    dense,
    inner_weights,
    input_layer,
    plain_model,
    sequential,
    weights_of,
    write_archive,
    write_legacy,
)
from .test_real_models import check_structure

LAYERS = [dense("a"), dense("b")]
CORE = {"core/kernel:0": (2, 2), "core/bias:0": (2,)}


def opened(path: Path) -> Any:
    """Open, check what must always hold, and that it can be sent to another process."""
    model = open_model(path)
    check_structure(model)
    assert repr(pickle.loads(pickle.dumps(model))) == repr(model)  # NaN is not equal to itself
    return model


def refusal(path: Path, kind: type[UnreadableFile] = UnreadableFile) -> str:
    """The one sentence with which a file is refused; a glance says that it is no model."""
    with pytest.raises(kind) as caught:
        open_model(path)
    text = str(caught.value)
    assert str(path) in text and "\n" not in text and "Traceback" not in text
    return text


# --- not a model ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (b"", UnreadableFile, "empty"),
        (b"hello world", NotAModelFile, "neither"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\n", NotAModelFile, "git lfs"),
        (b"\x89HDF", UnreadableFile, "cut off"),
        (b"PK", UnreadableFile, "cut off"),
        (b"\0" * 4096, UnreadableFile, "zeros"),
        (b'{"class_name": "Sequential"}', NotAModelFile, "JSON"),
        (b"\x93NUMPY\x01\0", NotAModelFile, "NumPy"),
        (b"<!DOCTYPE html><html>", NotAModelFile, "web page"),
        (b"PK\x03\x04" + b"x" * 100, UnreadableFile, "damaged"),
        (b"\x89HDF\r\n\x1a\n" + b"x" * 100, UnreadableFile, "damaged"),
    ],
)
def test_other_content(tmp_path: Path, content: bytes, kind: Any, says: str) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(content)
    assert says in refusal(path, kind)
    seen = glance(path)
    assert not seen.is_model and says in seen.problem and seen.size == len(content)


def test_folders(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path, NotAModelFile)
    (tmp_path / "saved_model.pb").write_bytes(b"x")
    assert "SavedModel" in refusal(tmp_path, NotAModelFile)
    assert "SavedModel" in glance(tmp_path).problem


def test_absent_and_odd_paths(tmp_path: Path) -> None:
    assert "There is no file" in refusal(tmp_path / "none.h5")
    for path in ("a\0b", "x" * 5000):
        with pytest.raises(UnreadableFile):
            open_model(path)
        with pytest.raises(UnreadableFile):
            identify(path)
        assert not glance(path).is_model


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "pipe.h5"
    os.mkfifo(path)
    assert "not a regular file" in refusal(path, NotAModelFile)


@pytest.mark.skipif(
    sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0),
    reason="root may read everything",
)
def test_no_permission(tmp_path: Path) -> None:
    path = plain_model(tmp_path / "m.h5")
    path.chmod(0)
    try:
        assert "no permission" in refusal(path)
    finally:
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_hdf5_without_keras(tmp_path: Path) -> None:
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["b10/x"], file["b9/x"], file["loose"] = [1.0], [1.0, 2.0], [3]
        file["b9/inner/y"] = np.zeros((2, 2))
    model = opened(path)
    assert model.format == "hdf5-other" and not glance(path).is_model
    assert [layer.path for layer in model.layers] == ["/", "b9", "b9/inner", "b10"]
    assert "no Keras model" in model.notes[0]


def test_a_lock_of_another_process(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = plain_model(tmp_path / "m.h5")
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert len(opened(path).layers) == 3


def test_open_in_this_process_with_a_lock(tmp_path: Path) -> None:
    path = plain_model(tmp_path / "m.h5")
    with h5py.File(path, "r"):
        assert len(opened(path).layers) == 3


@pytest.mark.parametrize("options", [
    {"libver": "latest"}, {"track_order": True}, {"userblock_size": 512}, {"userblock_size": 4096},
])  # fmt: skip
def test_other_ways_to_write_hdf5(tmp_path: Path, options: dict[str, Any]) -> None:
    path = write_legacy(tmp_path / "m", sequential(LAYERS), weights_of(LAYERS), **options)
    model = opened(path)
    assert [len(layer.weights) for layer in model.layers] == [2, 2] and model.notes == ()


# --- configurations ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ('{"class_name": ', "not valid JSON"),
        (b"\xff\xfe{", "not valid JSON"),
        ("[1, 2]", "not a JSON object"),
        ("null", "not a JSON object"),
        ("{}", "no class_name"),
        ({"class_name": "Sequential", "config": 3}, "no class_name"),
        ({"class_name": 5, "config": {}}, "no class_name"),
        ('{"a": 1' + "0" * 5000 + "}", "thousands of digits"),
        ("[" * 100_000 + "]" * 100_000, "nested too deep"),
    ],
    ids=str,
)
def test_configuration_that_is_none(tmp_path: Path, config: Any, says: str) -> None:
    path = write_legacy(tmp_path / "m.h5", config, weights_of(LAYERS))
    assert says in refusal(path)


def test_configuration_of_too_many_bytes(tmp_path: Path) -> None:
    layers = [dense("a", pad="x" * (1 << 20)) for _ in range(66)]
    path = write_legacy(tmp_path / "m.h5", sequential(layers))
    assert "declares" in refusal(path, UnsafeFile)


@pytest.mark.parametrize("name", [None, 5, float("nan"), ["a"], {"x": 1}, "", True])
def test_names_that_are_no_text(tmp_path: Path, name: Any) -> None:
    layers = [dense("a") | {"config": {"name": name, "units": 2}}, dense("b")]
    model = opened(write_legacy(tmp_path / "m.h5", sequential(layers), weights_of(LAYERS)))
    assert [layer.name for layer in model.layers] == ["dense_1", "b"]
    assert any("no usable name" in note for note in model.notes)


@pytest.mark.parametrize(
    "name",
    ["[red]", "[/", "\x1b]0;pwned\x07", "\x1b[2J", "a\nb", "\u202eevil", "\ud800", "x" * 10_000,
     "a/b", "/", "..", " "],
)  # fmt: skip
def test_odd_names_are_kept_as_they_are(tmp_path: Path, name: str) -> None:
    layers = [dense(name), dense("b")]
    model = opened(write_legacy(tmp_path / "m.h5", sequential(layers), weights_of(LAYERS)))
    assert [layer.name for layer in model.layers] == [name, "b"]


def test_repeated_names_get_paths_of_their_own(tmp_path: Path) -> None:
    layers = [dense("a"), dense("a"), dense("b"), dense("a@2"), dense("a")]
    model = opened(write_legacy(tmp_path / "m.h5", sequential(layers), weights_of(LAYERS)))
    assert [layer.name for layer in model.layers] == ["a", "a", "b", "a@2", "a"]
    assert model.layers[1].path == "a@2" and len(model.index) == 5
    assert any("the name of another" in note for note in model.notes)


def test_ten_thousand_layers_of_one_name(tmp_path: Path) -> None:
    config = sequential([dense("a")] * 10_000)
    assert len(opened(write_legacy(tmp_path / "m.h5", config)).layers) == 10_000


def test_junk_among_the_layers(tmp_path: Path) -> None:
    junk = [1, None, "x", [], {}, {"class_name": 5, "config": {}}, {"class_name": "Dense"}]
    config = sequential([*junk, dense("a"), *junk])
    model = opened(write_legacy(tmp_path / "m.h5", config, weights_of([dense("a")])))
    assert [layer.name for layer in model.layers] == ["a"]
    assert model["a"].config_at == ("config", "layers", 7) and len(model["a"].weights) == 2


def test_junk_in_the_connections(tmp_path: Path) -> None:
    nodes = [
        [["in", 0, 0, {}], ["b", 0, 0, {}], ["nobody", 0, 0, {}], ["in", "x", 0]],
        {"args": [{"class_name": "__keras_tensor__", "config": 5}], "kwargs": None},
        None, "in", 7,
    ]  # fmt: skip
    layers = [
        input_layer(),
        dense("a") | {"inbound_nodes": 5},
        dense("b") | {"inbound_nodes": nodes},
    ]
    config = {
        "class_name": "Functional",
        "config": {"name": "m", "layers": layers, "input_layers": 5,
                   "output_layers": [["b", 10**30, -5], [], "x"]},
    }  # fmt: skip
    model = opened(write_legacy(tmp_path / "m.h5", config, weights_of(LAYERS)))
    assert model["b"].inbound == ("in", "b") and model["a"].inbound == ()


def test_layers_that_feed_each_other_in_a_circle(tmp_path: Path) -> None:
    config = {"class_name": "Functional", "config": {
        "name": "m", "layers": [dense("a", "b"), dense("b", "a")], "output_layers": [["a", 0, 0]],
    }}  # fmt: skip
    model = opened(write_legacy(tmp_path / "m.h5", config, weights_of(LAYERS)))
    assert model["a"].output_shape is None and model["a"].inbound == ("b",)


@pytest.mark.parametrize("kind", ["Functional", "Sequential"])
def test_five_hundred_models_in_each_other(tmp_path: Path, kind: str) -> None:
    config: Any = dense("core", "in")
    for level in range(500):
        inner = [input_layer(), config | {"inbound_nodes": [[["in", 0, 0, {}]]]}]
        settings: dict[str, Any] = {"name": f"l{level}", "layers": inner}
        if kind == "Functional":
            settings |= {"input_layers": [["in", 0, 0]], "output_layers": [["core", 0, 0]]}
        config = {"class_name": kind, "config": settings, "name": f"l{level}"}
    text = nested_json(config)
    model = opened(write_legacy(tmp_path / "m.h5", text, {"l498": CORE}))
    assert max(layer.depth for layer in model.layers) == 499
    assert [len(layer.weights) for layer in model.layers if layer.name == "core"] == [2]
    assert model.notes == ()


def nested_json(value: Any) -> str:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        return json.dumps(value)
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("depth", [400, 3000])
def test_settings_nested_too_deep_are_left_out(tmp_path: Path, depth: int) -> None:
    text = json.dumps(sequential([dense("a", extra="HERE")]))
    text = text.replace('"HERE"', "[" * depth + "]" * depth)
    model = opened(write_legacy(tmp_path / "m.h5", text, weights_of([dense("a")])))
    assert "extra" not in model["a"].config and model["a"].config["units"] == 2
    assert any("nested too deep" in note for note in model.notes)


@pytest.mark.parametrize("value", [5, 1.5, h5py.Empty("f4"), np.zeros((3, 3)), [b"a", b"b"]])
def test_attributes_of_the_wrong_kind(tmp_path: Path, value: Any) -> None:
    path = plain_model(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        file.attrs["keras_version"] = value
        file.attrs["training_config"] = value
        file["model_weights/d1"].attrs["weight_names"] = value
    model = opened(path)
    assert model.keras_version == "" and model.compile is None and model.notes
    assert [layer.name for layer in model.layers][1:] == ["d0", "d1"]
    with h5py.File(path, "a") as file:
        file.attrs["model_config"] = value
    assert "model_config" in refusal(path)


# --- weights -------------------------------------------------------------------------------


def test_no_weights_at_all(tmp_path: Path) -> None:
    model = opened(write_legacy(tmp_path / "m.h5", sequential(LAYERS)))
    assert len(model.layers) == 2 and "no weights" in model.notes[0]


def test_weights_that_are_missing_or_too_many(tmp_path: Path) -> None:
    weights = weights_of([dense("a"), dense("c")])
    model = opened(write_legacy(tmp_path / "m.h5", sequential(LAYERS[:1]), weights))
    assert [w.stored_name for w in model.extra] == ["c/kernel:0", "c/bias:0"]
    assert any("for c" in note for note in model.notes)
    assert model.parameters.total == 12
    model = opened(write_legacy(tmp_path / "n.h5", sequential(LAYERS), weights_of(LAYERS[:1])))
    assert [len(layer.weights) for layer in model.layers] == [2, 0]
    assert any(note.startswith("b has not all the weights") for note in model.notes)


def test_layers_named_otherwise_are_matched_by_position(tmp_path: Path) -> None:
    weights = weights_of([dense("p"), dense("q")])
    model = opened(write_legacy(tmp_path / "m.h5", sequential(LAYERS), weights))
    assert model["b"].weights[0].stored_name == "q/kernel:0" and model.extra == ()
    assert any("by position" in note for note in model.notes)


def test_a_glut_of_strange_names(tmp_path: Path) -> None:
    path = plain_model(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        listed = [b"d0", b"d0", b"", b"/", b"..", b"\xff\xfe", b"d1", b"x/y"]
        file["model_weights"].attrs["layer_names"] = np.array(listed)
        names = [b"", b"/", b"d0/kernel:0", b"d0", b"\xff", b"../d1/d1/kernel:0"]
        file["model_weights/d0"].attrs["weight_names"] = np.array(names)
    model = opened(path)
    assert [w.stored_name for w in model["d0"].weights] == ["d0/kernel:0"]
    assert len(model["d1"].weights) == 2 and model.notes


@pytest.mark.parametrize("link", [
    h5py.ExternalLink("/etc/passwd", "/x"), h5py.SoftLink("/model_weights/d1/d1/kernel:0"),
])  # fmt: skip
def test_links_are_not_followed(tmp_path: Path, link: Any) -> None:
    path = plain_model(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        del file["model_weights/d0/d0/kernel:0"]
        file["model_weights/d0/d0/kernel:0"] = link
    model = opened(path)
    assert [w.name for w in model["d0"].weights] == ["bias"]
    assert any("does not follow" in note for note in model.notes)
    with h5py.File(path, "a") as file:
        file.move("model_weights", "moved")
        file["model_weights"] = link
    assert "does not follow" in refusal(path, UnsafeFile)


def test_data_in_other_files_are_not_read(tmp_path: Path) -> None:
    path = plain_model(tmp_path / "m.h5")
    layout = h5py.VirtualLayout((2, 2), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(2, 2))
    with h5py.File(path, "a") as file:
        for name in ("d0", "d1"):
            del file[f"model_weights/{name}/{name}/kernel:0"]
        place = [("/etc/passwd", 0, 16)]
        file.create_dataset("model_weights/d0/d0/kernel:0", (2, 2), "f4", external=place)
        file.create_virtual_dataset("model_weights/d1/d1/kernel:0", layout)
    model = opened(path)
    assert [len(layer.weights) for layer in model.layers] == [0, 1, 1]
    assert any("in another file" in note for note in model.notes)
    assert any("virtual" in note for note in model.notes)


def test_a_shape_bomb_is_only_listed(tmp_path: Path) -> None:
    path = plain_model(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        del file["model_weights/d0/d0/kernel:0"]
        file.create_dataset("model_weights/d0/d0/kernel:0", (10**6, 2), "f8", chunks=(1000, 2),
                            compression="gzip")  # fmt: skip
    weight = opened(path)["d0"].weights[0]
    assert weight.shape == (10**6, 2) and weight.nbytes == 16 * 10**6


def test_groups_in_a_circle(tmp_path: Path) -> None:
    path = plain_model(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        file["model_weights/d0/loop"] = file["model_weights"]
        file["model_weights/again"] = file["model_weights"]
    assert any("not listed" in note for note in opened(path).notes)
    for name in ("a/b", "layers/dense/vars"):
        other = tmp_path / "other.h5"
        with h5py.File(other, "w") as file:
            group = file.create_group(name)
            group["loop"], group["root"], group["0"] = group.parent, file["/"], [1.0, 2.0]
        assert 1 <= len(opened(other).layers) <= 3


def test_a_text_in_a_broken_heap_does_not_hang(tmp_path: Path) -> None:
    path = plain_model(tmp_path / "m.h5")
    data = bytearray(path.read_bytes())
    at = data.index(b"GCOL")
    place = at + 16
    data[place + 8 : place + 16] = (1 << 40).to_bytes(8, "little")  # the first object's size
    path.write_bytes(data)
    assert "damaged" in refusal(path)


def test_one_text_listed_a_million_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen bytes a reference, each to the same long text: counted before it is copied."""
    from kerastui.files import headers

    path = tmp_path / "m.h5"
    write_legacy(path, sequential(LAYERS), weights_of(LAYERS))
    with h5py.File(path, "a") as file:
        file["model_weights"].attrs["layer_names"] = ["x" * 5000] * 400
    monkeypatch.setattr(headers, "MAX_SEGMENT", 1 << 20)
    assert "declares" in refusal(path, UnsafeFile)


# --- archives ------------------------------------------------------------------------------


def test_a_compressed_archive(tmp_path: Path) -> None:
    stored = opened(write_archive(tmp_path / "a.keras"))
    packed = opened(write_archive(tmp_path / "b.keras", method=zipfile.ZIP_DEFLATED))
    assert packed.layers == stored.layers and len(stored["d1"].weights) == 2
    assert stored.keras_version == "3.9.0" and stored.notes == ()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_archives_that_are_refused(tmp_path: Path) -> None:
    members = archive_members()
    path = write_archive(tmp_path / "m.keras", members)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("config.json", b"{}")
    assert "two members of the same name" in refusal(path, UnsafeFile)
    for name in ("../evil", "/etc/evil", "a/../../b", "C:\\evil"):
        write_archive(path, members | {name: b"x"})
        assert "outside" in refusal(path, UnsafeFile)
    write_archive(path, members | {"assets/bomb": b"\0" * (70 << 20)}, zipfile.ZIP_DEFLATED)
    assert "bomb" in refusal(path, UnsafeFile)


def test_a_configuration_followed_by_a_flood_of_spaces(tmp_path: Path) -> None:
    members = archive_members()
    members["config.json"] += b" " * (80 << 20)
    path = write_archive(tmp_path / "m.keras", members, zipfile.ZIP_DEFLATED)
    with pytest.raises(UnsafeFile):
        open_model(path)


def test_headers_that_disagree_with_the_directory(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "m.keras")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"config.json", b"donfig.json", 1))
    assert "disagree" in refusal(path, UnsafeFile)


def test_a_sealed_archive(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "m.keras")
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    assert "encrypted" in refusal(path, UnsafeFile)


@pytest.mark.parametrize("missing", ["config.json", "metadata.json", "model.weights.h5"])
def test_archives_without_a_member(tmp_path: Path, missing: str) -> None:
    members = archive_members()
    del members[missing]
    path = write_archive(tmp_path / "m.keras", members)
    if missing == "config.json":
        assert "without config.json" in refusal(path, NotAModelFile)
        return
    model = opened(path)
    assert len(model.layers) == 2
    assert bool(model.keras_version) is (missing != "metadata.json")
    assert any("no weights" in n for n in model.notes) is (missing == "model.weights.h5")


@pytest.mark.parametrize("inner", [b"", b"not HDF5", b"\x89HDF\r\n\x1a\n" + b"x" * 50])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_with_broken_weights(tmp_path: Path, inner: bytes, method: int) -> None:
    members = archive_members() | {"model.weights.h5": inner}
    assert "model.weights.h5" in refusal(write_archive(tmp_path / "m.keras", members, method))


def test_two_files_in_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "both.h5"
    archive = write_archive(tmp_path / "m.keras").read_bytes()
    path.write_bytes(plain_model(tmp_path / "m.h5").read_bytes() + archive)
    assert "at once" in refusal(path, UnsafeFile)
    block = write_legacy(tmp_path / "u.h5", sequential(LAYERS), userblock_size=4096)
    data = block.read_bytes()
    path.write_bytes(archive[:4].ljust(4096, b"\0") + data[4096:] + archive)
    with pytest.raises(UnreadableFile):
        open_model(path)


def test_other_archives(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros(3))
    assert "NumPy" in refusal(tmp_path / "a.npz", NotAModelFile)
    path = write_archive(tmp_path / "b.zip", {"model/data.pkl": b"x"})
    assert "PyTorch" in refusal(path, NotAModelFile)


def test_weights_outside_of_the_configuration(tmp_path: Path) -> None:
    groups = {"layers/dense": [(2, 2), (2,)], "layers/dense_1": [(2, 2), (2,)], "more": [(5,)]}
    members = archive_members() | {"model.weights.h5": inner_weights(groups)}
    model = opened(write_archive(tmp_path / "m.keras", members))
    assert [w.shape for w in model.extra] == [(5,)] and "does not mention" in model.notes[0]


def test_groups_joined_on_windows(tmp_path: Path) -> None:
    groups = {"layers\\dense": [(2, 2), (2,)], "layers\\dense_1": [(2, 2), (2,)]}
    data = inner_weights(groups)
    members = archive_members() | {"model.weights.h5": data}
    model = opened(write_archive(tmp_path / "m.keras", members))
    assert model.extra == () and model.notes == ()
    assert [w.dataset for w in model["d1"].weights] == [
        "/layers\\dense_1/vars/0", "/layers\\dense_1/vars/1",
    ]  # fmt: skip
    (tmp_path / "m.weights.h5").write_bytes(data)
    assert [layer.name for layer in opened(tmp_path / "m.weights.h5").layers] == [
        "dense", "dense_1",
    ]  # fmt: skip


# --- the file changes under us -------------------------------------------------------------


def test_removed_between_looking_and_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = plain_model(tmp_path / "m.h5")
    real = opening.detect

    def detect_and_remove(name: Any) -> Any:
        found = real(name)
        Path(name).unlink()
        return found

    monkeypatch.setattr(opening, "detect", detect_and_remove)
    assert "There is no file" in refusal(path)

"""Saving, on files written by hand: what changes, what stays, what a target may be."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import h5py
import numpy as np
import pytest
from unit.saving.h5_compare import differences, outline
from unit.saving.hand_made import dense_config, sequential, write_model

from kerastui import Document, SetTrainable, open_model, save
from kerastui.errors import FileChanged, SaveCancelled, SaveFailed
from kerastui.saving import plan_save


def frozen(path: Path, *layers: str) -> Document:
    document = Document(open_model(path))
    indices = [document.model.index[name] for name in layers or ("dense_0",)]
    document.set_trainable(indices, False)
    return document


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def flags(path: Path) -> list[bool]:
    return [layer.trainable for layer in open_model(path).layers]


KINDS = ["variable", "str", "fixed", "fixed, room to spare", "one-element array"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("libver", [None, "latest", ("v108", "v110")])
def test_only_the_configuration_changes(tmp_path: Path, kind: str, libver):
    def more(file: h5py.File) -> None:
        file.attrs["note"] = "kept"
        file["model_weights"].attrs["odd"] = np.arange(3, dtype=">i2")
        group = file.create_group("mine", track_order=True)
        group.create_dataset("z", data=np.arange(1000.0), chunks=(100,), compression="gzip",
                             shuffle=True, fletcher32=True, maxshape=(None,))  # fmt: skip
        group.create_dataset("text", data=["a", "ü"], dtype=h5py.string_dtype())
        group["link"] = h5py.SoftLink("/mine/z")

    path = write_model(tmp_path / "m.h5", [3, 4, 2], kind=kind, libver=libver, more=more)
    before = path.read_bytes()
    saved = save(frozen(path), tmp_path / "new.h5")
    assert path.read_bytes() == before
    assert differences(path, tmp_path / "new.h5") == {"/@model_config"}
    assert flags(tmp_path / "new.h5") == [False, True]
    with h5py.File(path) as old, h5py.File(tmp_path / "new.h5") as new:
        a, b = outline(old)["/@model_config"], outline(new)["/@model_config"]
        assert a[:-1] == b[:-1]  # how it is stored
    assert saved.model.layers[0].trainable is False
    assert names(tmp_path) == ["m.h5", "new.h5"]


def test_a_configuration_over_64_kib_of_fixed_length_lies_in_dense_storage(tmp_path: Path):
    layers = [dense_config(f"dense_{i}", 2, note="x" * 40_000) for i in range(2)]
    layers[0]["config"]["batch_input_shape"] = [None, 2]
    text = json.dumps(sequential(layers))
    path = write_model(tmp_path / "m.h5", [2, 2, 2], config=text, kind="fixed", libver="latest")
    save(frozen(path))
    with h5py.File(path) as file:
        assert not file.attrs.get_id("model_config").get_type().is_variable_str()
        assert len(file.attrs["model_config"]) == len(text) + 1


@pytest.mark.parametrize("size", [64_511, 65_400])
def test_fixed_length_that_grows_over_what_an_old_format_takes(tmp_path: Path, size: int):
    layers = [dense_config(f"dense_{i}", 2, note="") for i in range(2)]
    layers[0]["config"]["batch_input_shape"] = [None, 2]
    short = len(json.dumps(sequential(layers)))
    layers[0]["config"]["note"] = "x" * (size - short)
    text = json.dumps(sequential(layers))
    path = write_model(tmp_path / "m.h5", [2, 2, 2], config=text, kind="fixed")
    save(frozen(path, "dense_0", "dense_1"))
    assert flags(path) == [False, False]
    with h5py.File(path) as file:
        assert file.attrs.get_id("model_config").get_type().is_variable_str()
        assert len(file.attrs["model_config"]) == size + 2


def test_odd_formatting_of_the_configuration_stays(tmp_path: Path):
    layers = [dense_config(f"dense_{i}", 2) for i in range(2)]
    layers[0]["config"]["batch_input_shape"] = [None, 2]
    text = json.dumps(sequential(layers), indent=3).replace('"units": 2', '"units" :2.0e0')
    text = text.replace("dense_1", "dense_\\u0031")
    path = write_model(tmp_path / "m.h5", [2, 2, 2], config=text)
    save(frozen(path))
    with h5py.File(path) as file:
        new = file.attrs["model_config"]
    assert new == text.replace('"trainable": true', '"trainable": false', 1)


def test_a_missing_flag_is_put_in_and_warned_about(tmp_path: Path):
    layers = [dense_config(f"dense_{i}", 2) for i in range(2)]
    layers[0]["config"]["batch_input_shape"] = [None, 2]
    del layers[1]["config"]["trainable"]
    path = write_model(tmp_path / "m.h5", [2, 2, 2], config=json.dumps(sequential(layers)))
    document = frozen(path, "dense_1")
    assert any("dense_1" in warning for warning in plan_save(document).warnings)
    save(document)
    with h5py.File(path) as file:
        config = json.loads(file.attrs["model_config"])
    assert config["config"]["layers"][1]["config"]["trainable"] is False


def test_saving_in_place_and_saving_again(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    document = frozen(path)
    saved = save(document)
    assert not document.changed
    assert saved.path == str(path)
    assert saved.model.file.inode == path.stat().st_ino
    document.undo()
    assert document.changed
    save(document)
    assert flags(path) == [True, True]


def test_a_step_from_before_a_save_is_undone_by_itself(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    document = frozen(path)
    save(document)
    document.set_trainable([1], False)
    document.undo_step(0)
    save(document)
    assert flags(path) == [True, False]


def test_nothing_to_do_touches_nothing_and_save_as_copies(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    document = Document(open_model(path))
    before = path.stat()
    save(document)
    assert path.stat() == before
    save(document, tmp_path / "copy.h5")
    assert (tmp_path / "copy.h5").read_bytes() == path.read_bytes()


def test_a_weights_only_file_can_be_copied(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    with h5py.File(path) as old, h5py.File(tmp_path / "w.h5", "w") as new:
        for name in old["model_weights"]:
            old.copy(f"model_weights/{name}", new)
        for name, value in old["model_weights"].attrs.items():
            new.attrs[name] = value
    document = Document(open_model(tmp_path / "w.h5"))
    save(document, tmp_path / "copy.h5")
    assert (tmp_path / "copy.h5").read_bytes() == (tmp_path / "w.h5").read_bytes()


def test_mode_and_extended_attributes_stay(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    path.chmod(0o640)
    try:
        os.setxattr(path, "user.comment", b"mine")
        labelled = True
    except (OSError, AttributeError):
        labelled = False
    save(frozen(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    if labelled:
        assert os.getxattr(path, "user.comment") == b"mine"


def test_owner_stays_when_root_saves(tmp_path: Path):
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may write a file of somebody else and give it back")
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    os.chown(path, 1234, 4321)
    save(frozen(path))
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)


def test_a_symbolic_link_is_followed(tmp_path: Path):
    (tmp_path / "data").mkdir()
    path = write_model(tmp_path / "data" / "m.h5", [3, 4, 2])
    link = tmp_path / "link.h5"
    link.symlink_to("data/m.h5")
    saved = save(frozen(link))
    assert link.is_symlink()
    assert flags(path) == [False, True]
    assert saved.path == str(link)
    assert names(tmp_path / "data") == ["m.h5"]


def test_a_dangling_link_as_target_makes_the_file_it_names(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    link = tmp_path / "link.h5"
    link.symlink_to("new.h5")
    save(frozen(path), link)
    assert link.is_symlink()
    assert flags(tmp_path / "new.h5") == [False, True]


def test_a_hard_link_is_parted_and_said_so(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    os.link(path, tmp_path / "other.h5")
    document = frozen(path)
    assert any("hard link" in warning for warning in plan_save(document).warnings)
    save(document)
    assert flags(path) == [False, True]
    assert flags(tmp_path / "other.h5") == [True, True]


@pytest.mark.parametrize("how", ["altered", "replaced", "touched", "removed"])
def test_a_file_that_changed_meanwhile(tmp_path: Path, how: str):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    document = frozen(path)
    if how == "altered":
        with h5py.File(path, "r+") as file:
            file.attrs["new"] = 1
    elif how == "replaced":
        write_model(tmp_path / "x.h5", [3, 4, 2]).replace(path)
    elif how == "touched":
        os.utime(path, ns=(1, 1))
    else:
        path.unlink()
    there = path.read_bytes() if path.exists() else None
    with pytest.raises(FileChanged):
        save(document)
    with pytest.raises(FileChanged):
        plan_save(document)
    assert (path.read_bytes() if path.exists() else None) == there
    assert len(names(tmp_path)) == (there is not None)
    if how != "removed":
        save(document, overwrite_changed=True)
        assert flags(path) == [False, True]
        with h5py.File(path) as file:
            assert ("new" in file.attrs) is (how == "altered")


def test_another_model_in_its_place_is_not_edited(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    document = frozen(path)
    write_model(path, [3, 5, 2])
    before = path.read_bytes()
    with pytest.raises(SaveFailed):
        save(document, overwrite_changed=True)
    assert path.read_bytes() == before


def test_a_change_during_the_copy_is_noticed(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    document = frozen(path)
    done: list[str] = []

    def disturb(stage: str, fraction: float) -> None:
        if stage == "verifying" and not done:
            done.append(stage)
            with h5py.File(path, "r+") as file:
                file.attrs["other"] = "program"

    with pytest.raises(FileChanged):
        save(document, progress=disturb)
    assert done
    with h5py.File(path) as file:
        assert "other" in file.attrs
    assert names(tmp_path) == ["m.h5"]


def test_cancelling_at_every_moment(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    before = path.read_bytes()
    for moment in range(100):
        asked: list[bool] = []

        def cancelled(asked=asked, moment=moment) -> bool:
            asked.append(True)
            return len(asked) > moment

        document = frozen(path)
        try:
            save(document, tmp_path / "new.h5", cancelled=cancelled)
        except SaveCancelled:
            assert names(tmp_path) == ["m.h5"]
            continue
        break
    assert moment >= 3
    assert flags(tmp_path / "new.h5") == [False, True]
    assert path.read_bytes() == before


def test_progress_runs_from_0_to_1(tmp_path: Path):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    seen: list[float] = []
    save(frozen(path), progress=lambda stage, fraction: seen.append(fraction))
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    "target", ["folder", "missing/m.h5", "file/m.h5", "loop", "x" * 300, "fifo"]
)
def test_targets_that_cannot_be(tmp_path: Path, target: str):
    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "fifo")
    before = names(tmp_path)
    with pytest.raises(SaveFailed) as caught:
        save(frozen(path), tmp_path / target)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert names(tmp_path) == before


def test_a_locked_source_can_be_saved(tmp_path: Path):
    """We only read it: whoever holds HDF5's lock on it does not mind."""
    import fcntl

    path = write_model(tmp_path / "m.h5", [3, 4, 2])
    document = frozen(path)
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        plan_save(document)
        save(document)
    assert flags(path) == [False, True]


def test_a_layer_without_weights_and_flag_gets_none(tmp_path: Path):
    """InputLayer does not take the argument: with it tf_keras could not load the file."""
    layers = [
        {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [None, 2]}},
        dense_config("dense_0", 2),
    ]
    text = json.dumps(sequential(layers))
    path = write_model(tmp_path / "m.h5", [2, 2], config=text)
    document = Document(open_model(path))
    document.apply(SetTrainable(("in", "dense_0"), False))
    save(document)
    with h5py.File(path) as file:
        assert file.attrs["model_config"] == text.replace("true", "false", 1)


@pytest.mark.parametrize("where", ["group", "inner group", "slot", "weights"])
def test_links_to_other_files_are_never_written_through(tmp_path: Path, where: str):
    """A hostile file whose optimizer state, or whose weights, lie in somebody else's file."""
    victim = tmp_path / "victim.h5"
    names = ["iter:0"] + [
        f"Adam/dense_{i}/{w}/{slot}:0" for slot in "mv" for i in (0, 1) for w in ("kernel", "bias")
    ]

    def state(file: h5py.File, path: str = "optimizer_weights") -> None:
        group = file.require_group(path)
        group.attrs["weight_names"] = [name.encode() for name in names]
        group["iter:0"] = 3
        for name in names[1:]:
            width = {"dense_0/kernel": (3, 4), "dense_0/bias": 4, "dense_1/kernel": (4, 2)}
            group[name] = np.ones(width.get("/".join(name.split("/")[1:3]), 2), "float32")

    with h5py.File(victim, "w") as file:
        state(file)

    def more(file: h5py.File) -> None:
        file.attrs["training_config"] = '{"optimizer_config": {"class_name": "Adam", "config": {}}}'
        if where == "group":
            file["optimizer_weights"] = h5py.ExternalLink("victim.h5", "/optimizer_weights")
            return
        state(file)
        group = file["optimizer_weights"]
        if where == "inner group":
            del group["Adam"]
            group["Adam"] = h5py.ExternalLink("victim.h5", "/optimizer_weights/Adam")
        elif where == "slot":
            del group[names[1]]
            group[names[1]] = h5py.ExternalLink("victim.h5", "/optimizer_weights/" + names[1])
        else:
            del file["model_weights/dense_0"]
            file["model_weights/dense_0"] = h5py.ExternalLink("victim.h5", "/optimizer_weights")

    path = write_model(tmp_path / "m.h5", [3, 4, 2], more=more)
    before = victim.read_bytes(), victim.stat().st_mtime_ns, path.read_bytes()
    document = frozen(path)
    if where in ("inner group", "slot"):
        with pytest.raises(SaveFailed, match="link"):
            save(document)
        assert path.read_bytes() == before[2]
    elif document.changed:
        save(document)
    assert (victim.read_bytes(), victim.stat().st_mtime_ns) == before[:2]


def test_models_nested_500_deep(tmp_path: Path):
    begin = '{"class_name": "Sequential", "config": {"name": "m%d", "layers": ['
    opened = "".join(begin % depth for depth in range(500))
    text = opened + json.dumps(dense_config("dense", 2)) + "]}}" * 500

    def more(file: h5py.File) -> None:
        del file["model_weights"]
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [b"m1"]
        group = group.create_group("m1")
        group.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
        group["dense/kernel:0"] = np.ones((2, 2), "float32")
        group["dense/bias:0"] = np.ones(2, "float32")

    path = write_model(tmp_path / "m.h5", [2, 2], config=text, more=more)
    document = Document(open_model(path))
    assert len(document.model.layers) == 500
    document.set_trainable([499], False)
    save(document)
    with h5py.File(path) as file:
        assert file.attrs["model_config"] == text.replace('"trainable": true', '"trainable": false')

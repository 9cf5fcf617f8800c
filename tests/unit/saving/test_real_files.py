"""Every real file: with other flags saved, it differs exactly where it must."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

from unit.saving.h5_compare import differences, outline_of

from kerastui import Document, SetTrainable, open_model, save
from kerastui.model import Model
from kerastui.saving import plan_save

CONFIG = "/@model_config"


def files(models_dir: Path) -> list[Path]:
    rows = json.loads((models_dir / "models.json").read_text())
    return [models_dir / row["file"] for row in rows if row["kind"] == "full"]


def patterns(model: Model) -> dict[str, list[bool]]:
    """Return named wanted states, one bool a layer."""
    size = len(model.layers)
    weighted = [i for i, layer in enumerate(model.layers) if layer.weights]
    if not weighted:
        return {}
    half = weighted[len(weighted) // 2]
    inside = [i for i in weighted if model.layers[i].depth > model.layers[0].depth]
    return {
        "freeze all": [False] * size,
        "unfreeze all": [True] * size,
        "freeze the first half": [i >= half for i in range(size)],
        "alternately": [weighted.index(i) % 2 == 0 if i in weighted else True for i in range(size)],
        "alternately inside": [
            inside.index(i) % 2 == 1 if i in inside else on for i, on in enumerate(model.effective)
        ],
    }


def compare_configs(old: Any, new: Any, path: str = "") -> set[str]:
    """Return the paths at which two parsed configurations differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = old.keys() | new.keys()
        return {p for k in keys for p in compare_configs(old.get(k), new.get(k), f"{path}/{k}")}
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return {
            p
            for i, (a, b) in enumerate(zip(old, new, strict=True))
            for p in compare_configs(a, b, f"{path}/{i}")
        }
    return set() if type(old) is type(new) and old == new else {path}


def expected_places(before: Model, after: Model) -> set[str]:
    places = {
        "".join(f"/{step}" for step in (*new.config_at, "config", "trainable"))
        for old, new in zip(before.layers, after.layers, strict=True)
        if old.trainable is not new.trainable
    }
    return places | ({"/config/trainable"} if before.trainable is not after.trainable else set())


def check_hdf5(source: Path, target: Path, document: Document, after: Model) -> None:
    import h5py

    plan = plan_save(document)
    differ = differences(source, target)
    allowed = re.compile(
        rf"{CONFIG}|/model_weights/[^/]+@weight_names\d*|/optimizer_weights(/.*)?|"
        r"/optimizer_weights@weight_names\d*"
    )
    assert all(allowed.fullmatch(path) for path in differ), differ
    moved = {p for p in differ if p.startswith("/model_weights/")}
    assert {p.split("/")[2].split("@")[0] for p in moved} == set(plan.reordered)
    assert any(p.startswith("/optimizer") for p in differ) is plan.slots.touched
    a, b = outline_of(source), outline_of(target)
    with h5py.File(source) as old, h5py.File(target) as new:
        texts = [f.attrs["model_config"] for f in (old, new)]
        for path in moved | {CONFIG}:  # stored in the same way; lists hold the same names
            assert a[path][:-1] == b[path][:-1]
        for path in moved:
            name = path.split("@")[0]
            assert sorted(old[name].attrs["weight_names"]) == sorted(
                new[name].attrs["weight_names"]
            )
    was, now = map(json.loads, texts)
    assert compare_configs(was, now) == expected_places(document.original, after)


def check_archive(source: Path, target: Path, document: Document, after: Model) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target) as new:
        assert new.testzip() is None
        for a, b in zip(old.infolist(), new.infolist(), strict=True):
            for part in ("filename", "date_time", "compress_type", "extra", "external_attr"):
                assert getattr(a, part) == getattr(b, part)
            touched = plan_save(document).slots.touched
            if a.filename != "config.json" and not (a.filename.endswith(".h5") and touched):
                assert old.read(a) == new.read(b)
        was, now = (json.loads(z.read("config.json")) for z in (old, new))
    assert compare_configs(was, now) == expected_places(document.original, after)


def test_only_what_must_differ_differs(models_dir: Path, tmp_path: Path):
    """Two patterns a file, others for the next one."""
    saved_files = 0
    for number, source in enumerate(files(models_dir)):
        every = list(patterns(open_model(source)).items())
        for name, wanted in (every[(number + k) % len(every)] for k in range(min(2, len(every)))):
            document = Document(open_model(source))
            document.set_states(wanted)
            target = tmp_path / "saved"
            saved = save(document, target)
            for i, layer in enumerate(saved.model.layers):
                if layer.weights:
                    assert saved.model.effective[i] == wanted[i], (source, name, layer.path)
            if not document.changed:
                assert target.read_bytes() == source.read_bytes()
            elif saved.model.format == "keras":
                check_archive(source, target, document, saved.model)
            else:
                check_hdf5(source, target, document, saved.model)
            saved_files += 1
    assert saved_files > 120


def test_there_and_back_is_the_same_file_again(models_dir: Path, tmp_path: Path):
    """But for the optimizer's slots, which a frozen weight loses."""
    for source in files(models_dir):
        opened = open_model(source)
        document = Document(opened)
        states = patterns(opened)
        if not states:
            continue
        document.set_states(states["alternately"])
        if not document.changed:
            continue
        target = tmp_path / "saved"
        there = Document(save(document, target).model)
        for value in (True, False):
            indices = [i for i, layer in enumerate(opened.layers) if layer.trainable is value]
            there.apply(SetTrainable(tuple(opened.layers[i].path for i in indices), value))
        save(there)
        if opened.format == "keras":
            with zipfile.ZipFile(source) as old, zipfile.ZipFile(target) as new:
                assert old.read("config.json") == new.read("config.json")
        else:
            differ = differences(source, target)
            assert all(path.startswith("/optimizer_weights") for path in differ), (source, differ)

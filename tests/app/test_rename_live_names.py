"""A renamed document beside a live model, which keeps the names it was loaded with."""

from __future__ import annotations

from dataclasses import replace

from unit.edits.test_rename import rename, transfer

from kerastui.edits import Document, Rename, SetTrainable
from kerastui.session.protocol import FlagChange
from kerastui.tui.live_mirror import take_flags
from kerastui.tui.live_names import live_flags, live_path, path_here


def test_paths_both_ways() -> None:
    loaded = transfer()
    here = rename(loaded, vgg="base", head="aux", aux="head", vgg__c1="first")
    pairs = {"base/first": "vgg/c1", "base/c2": "vgg/c2", "aux": "head", "head": "aux", "": ""}
    for path, live in pairs.items():
        assert live_path(here, loaded, path) == live
        assert path_here(here, loaded, live) == path
    assert live_path(here, None, "aux") == path_here(here, None, "aux") == "aux"
    assert live_path(here, loaded, "unknown") == "unknown"
    shorter = replace(loaded, layers=loaded.layers[:1])
    assert live_path(here, shorter, "base") == "base"


def test_flags_go_out_by_the_live_names() -> None:
    loaded = transfer()
    document = Document(loaded)
    document.apply(Rename((("vgg", "base"), ("head", "out"))))
    document.apply(SetTrainable(("out", "base/c1"), False))
    flags = live_flags(document.model, loaded)
    assert set(flags) == {"", *(layer.path for layer in loaded.layers)}
    assert not flags["head"]
    assert not flags["vgg/c1"]
    assert flags["vgg/c2"]


def test_flags_come_back_to_the_renamed_layers() -> None:
    loaded = transfer()
    document = Document(loaded)
    document.apply(Rename((("head", "aux"), ("aux", "head"))))
    take_flags(document, [FlagChange("head", False, False)], loaded)
    assert not document.model["aux"].trainable
    assert document.model["head"].trainable

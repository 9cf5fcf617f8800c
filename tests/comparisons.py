"""Comparisons made by hand: two models that differ in all ways, and a run's checkpoints."""

from __future__ import annotations

from kerastui.analysis.compare_results import (
    Comparison,
    FileSide,
    Frozen,
    LayerChange,
    Numbers,
    SettingChange,
    StateChange,
    Trail,
    TrailRow,
    WeightChange,
)

ODD = "編碼器/卷積層_\x1b]0;pwned\x07"
"""A path with wide characters, and with what a terminal would obey."""


def weight(name: str, relative: float | None = None, **more: object) -> WeightChange:
    """Return a weight of 3 × 3 × 64 × 64: identical, or changed by so much."""
    shape = (3, 3, 64, 64)
    if relative is None:
        values = {"state": "identical", **more}
        return WeightChange(name, old_shape=shape, new_shape=shape, old_dtype="float32",
                            new_dtype="float32", **values)  # pyright: ignore  # fmt: skip
    numbers = Numbers(36_864, 36_864, relative / 2, relative, 1 - relative**2 / 2, 0, 0, 0, 4.0,
                      4.0 * relative)  # fmt: skip
    return WeightChange(name, "changed", shape, shape, "float32", "float32", numbers=numbers,
                        **more)  # pyright: ignore  # fmt: skip


def comparison() -> Comparison:
    """Return two models of ten layers, of which most differ, each in another way."""
    side = FileSide("/models/base.h5", "hdf5", "2.2.4", "base", "Functional", 10, 138_357_544)
    new = FileSide("/models/tuned.keras", "keras", "3.5.0", "base", "Functional", 10, 138_357_544)
    fixed = {"trained": False, "statistics": True}
    layers = (
        LayerChange("input", "InputLayer"),
        LayerChange("block1_conv1", "Conv2D", frozen=True,
                    weights=(weight("kernel"), weight("bias"))),
        LayerChange("block1_conv2", "Conv2D", frozen=True,
                    weights=(weight("kernel", 0.00031), weight("bias"))),
        LayerChange("block1_bn", "BatchNormalization", frozen=True,
                    weights=(weight("gamma"), weight("moving_mean", 0.02, **fixed))),
        LayerChange(ODD, "Conv2D", effective=(False, True), trainable=(False, True),
                    weights=(weight("kernel", 0.25), weight("bias", 0.0000021))),
        LayerChange("dropout", "Dropout", settings=(
            SettingChange("rate", "0.25", "0.5"),
            SettingChange("noise_shape", "", "a rather long value that has to be broken somewhere"),
        )),
        LayerChange("features/fc1", "Dense", old_path="base/dense_7", how="content", renamed=True,
                    weights=(weight("kernel"), weight("bias"))),
        LayerChange("old_head", "Dense", status="removed", weights=(
            WeightChange("kernel", "removed", (4096, 10), None, "float32"),)),
        LayerChange("head", "Dense", status="added", weights=(
            WeightChange("kernel", "added", None, (4096, 5), "", "float32"),)),
        LayerChange("last", "Dense", weights=(
            WeightChange("kernel", "shape", (10, 2), (10, 5), "float32", "float32"),
            WeightChange("bias", "unreadable", (2,), (2,), problem="bias is damaged."))),
    )  # fmt: skip
    return Comparison(
        side,
        new,
        layers,
        compile=(SettingChange("Adam learning_rate", "0.001", "1e-05"),),
        frozen=Frozen(3, ("block1_conv2",), ("block1_bn",)),
        state=StateChange("compared", slots=(weight("head/kernel · momentum", 1.5),)),
    )


def checkpoints(steps: int = 11) -> Trail:
    """Return a run of twelve checkpoints: one layer settles, one goes on, one stood still."""
    settling = tuple(0.3 / 3**step for step in range(steps))
    going = tuple(0.05 for _ in range(steps))
    rows = (
        TrailRow("settling/kernel", True, settling, 0.45),
        TrailRow("going/kernel", True, going, 0.4),
        TrailRow("going/bias", True, (None, *going[1:]), None),
        TrailRow("frozen/kernel", True, (0.0,) * steps, 0.0),
        TrailRow(f"{ODD}/moving_mean", False, (0.0, *settling[1:]), 0.1),
    )
    layers = (
        TrailRow("settling", True, settling, 0.45),
        TrailRow("going", True, going, 0.4),
        TrailRow("frozen", True, (0.0,) * steps, 0.0),
        TrailRow(ODD, False, (0.0, *settling[1:]), 0.1),
    )
    files = tuple(f"/runs/weights-{epoch:02}.h5" for epoch in range(1, steps + 2))
    return Trail(files, rows, ("new_head/kernel",), layers)

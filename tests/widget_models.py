"""Small descriptions for widget tests: everything that a panel can be asked to tell."""

from __future__ import annotations

from kerastui.model import (
    Compile,
    FileIdentity,
    FunctionName,
    Layer,
    Model,
    OutputCompile,
    Reference,
    Weight,
)

HOSTILE = "\x1b]0;pwned\x1b\\[red]x[/] [/ \x9b31m\n\u202eevil\u200b" + "a" * 10_000
"""What a hostile file may name a layer, a weight, a metric …"""

F1 = FunctionName("f1", custom=True)
ACCURACY = FunctionName("accuracy")
TWO_OUTPUTS = Compile(
    FunctionName("Adam", settings=(("learning_rate", "0.001"), ("beta_1", "0.9"))),
    (
        OutputCompile("digit", FunctionName("mse"), 1.0, (ACCURACY, F1)),
        OutputCompile("ink", FunctionName("mae"), 0.5, (ACCURACY,)),
    ),
    has_optimizer_state=True,
)


def weight(name: str, *shape: int, trainable: bool = True) -> Weight:
    return Weight(name, f"{name}:0", f"/{name}", shape, "float32", trainable)


def identity(path: str = "/data/transfer.hdf5") -> FileIdentity:
    return FileIdentity(path, 58_100_000, 0, 0, 0)


def transfer(**changes: object) -> Model:
    """input · vgg16 (frozen outside: three convolutions) · flatten_1 · fc1 · bn."""
    layers = [
        Layer("input_1", "input_1", "InputLayer", True, end=1, auto_named=True),
        Layer("vgg16", "vgg16", "Functional", True, kind="model", end=5),
    ]
    for i in (1, 2, 3):
        layers.append(
            Layer(
                f"vgg16/block5_conv{i}",
                f"block5_conv{i}",
                "Conv2D",
                False,
                depth=1,
                parent=1,
                end=2 + i,
                weights=(weight("kernel", 3, 3, 512, 512), weight("bias", 512)),
                config={"filters": 512, "kernel_size": [3, 3], "activation": "relu"},
                calls=((Reference(f"block5_conv{i - 1}" if i > 1 else "block4_pool", 0, 0),),),
                output_shape=(None, 14, 14, 512),
            )
        )
    layers += [
        Layer("flatten_1", "flatten_1", "Flatten", True, end=6, auto_named=True),
        Layer(
            "fc1",
            "fc1",
            "Dense",
            True,
            end=7,
            weights=(weight("kernel", 25_088, 256), weight("bias", 256)),
            config={"units": 256, "activation": "relu"},
        ),
        Layer(
            "bn",
            "bn",
            "BatchNormalization",
            True,
            end=8,
            weights=(
                weight("gamma", 256),
                weight("beta", 256),
                weight("moving_mean", 256, trainable=False),
                weight("moving_variance", 256, trainable=False),
            ),
        ),
    ]
    fields: dict[str, object] = {
        "file": identity(),
        "format": "hdf5",
        "name": "model_1",
        "class_name": "Functional",
        "keras_version": "2.2.4",
        "backend": "tensorflow",
        "layers": tuple(layers),
        "compile": TWO_OUTPUTS,
    }
    return Model(**{**fields, **changes})  # pyright: ignore[reportArgumentType]


def deep(number: int, class_name: str = "Dense") -> Model:
    """Return a flat model of `number` layers with two weights each."""
    layers = tuple(
        Layer(
            f"dense_{i}",
            f"dense_{i}",
            class_name,
            True,
            end=i + 1,
            weights=(weight("kernel", 64, 64), weight("bias", 64)),
            config={"units": 64, "activation": "relu", "use_bias": True},
        )
        for i in range(number)
    )
    return Model(identity(), "hdf5", "deep", "Sequential", "2.2.4", "tensorflow", layers)


def hostile() -> Model:
    """Return a model in which every text that a file provides is hostile."""
    layer = Layer(
        HOSTILE + "/" + HOSTILE,
        HOSTILE,
        HOSTILE,
        True,
        end=1,
        weights=(Weight(HOSTILE, HOSTILE, HOSTILE, (2, 3), HOSTILE),),
        config={HOSTILE: HOSTILE, "units": [HOSTILE], "activation": HOSTILE},
        calls=(tuple(Reference(f"{HOSTILE}{i}", 0, 0) for i in range(30)),),
        auto_named=True,
        module=HOSTILE,
    )
    function = FunctionName(HOSTILE, True, ((HOSTILE, HOSTILE),))
    section = Compile(
        function,
        (OutputCompile(HOSTILE, function, 0.5, (function,), (function,)),) * 2,
        ((HOSTILE, HOSTILE),),
    )
    return Model(
        identity("/data/" + HOSTILE.replace("/", "")),
        "hdf5",
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        (layer,),
        compile=section,
        notes=(HOSTILE,),
        extra=layer.weights,
    )

"""Train the sample models on scikit-learn's handwritten digits and write them here.

Run ``python sample_models/make.py`` with the extras ``test`` and ``dev`` installed; it takes
about a minute on two cores. The weights come out the same on the same machine (seeded,
deterministic operations); a ``.keras`` archive also holds the date, so its bytes differ.
`models.json` is written beside the files: what Keras says is in each of them.
"""

from __future__ import annotations

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from manifest import Row, describe_model, write_manifest
from metrics import f1
from sklearn.datasets import load_digits

HERE = Path(__file__).resolve().parent
ORIGIN = "trained by sample_models/make.py on sklearn.datasets.load_digits"


class Digits(NamedTuple):
    """Images (n, 8, 8, 1) in 0 … 1 and labels (n,), split into train and test."""

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load() -> Digits:
    """Return the 1,797 digits, every fifth of them for testing."""
    bunch: Any = load_digits()
    images = (bunch.images / 16.0).astype("float32")[..., None]
    labels = bunch.target.astype("int64")
    test = np.arange(len(labels)) % 5 == 0
    return Digits(images[~test], labels[~test], images[test], labels[test])


def make_cnn(digits: Digits) -> list[Row]:
    """A CNN with BatchNormalization and a custom metric: HDF5, archive, weights only."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1), name="image"),
            layers.Conv2D(12, 3, padding="same", use_bias=False, name="conv1"),
            layers.BatchNormalization(name="bn1"),
            layers.Activation("relu", name="relu1"),
            layers.Conv2D(16, 3, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(24, activation="relu", kernel_regularizer=keras.regularizers.L2(1e-4)),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits_cnn",
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=3e-3),
        loss="categorical_crossentropy",
        metrics=["accuracy", f1],
    )
    one_hot = keras.utils.to_categorical(digits.y, 10)
    model.fit(digits.x, one_hot, epochs=15, batch_size=32, verbose=0)
    score = accuracy(model.predict(digits.x_test, verbose=0), digits.y_test)
    custom = {"f1": "metrics.py"}
    return [
        # The archive first: saved after HDF5 it would lose its optimizer (Keras 3.15).
        save(model, "digits_cnn.keras", score, custom),
        save(model, "digits_cnn.h5", score, custom),
        save_weights(model, "digits_cnn.weights.h5", score),
    ]


def make_two_outputs(digits: Digits) -> list[Row]:
    """One trunk, two heads, each with a loss, a weight and metrics of its own."""
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Conv2D(8, 3, activation="relu", name="features")(image)
    x = layers.Flatten()(x)
    trunk = layers.Dense(24, activation="relu", name="trunk")(x)
    digit = layers.Dense(10, activation="softmax", name="digit")(trunk)
    ink = layers.Dense(1, name="ink")(layers.Concatenate(name="trunk_and_pixels")([trunk, x]))
    model = keras.Model(image, {"digit": digit, "ink": ink}, name="digit_and_ink")
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=2e-3),
        loss={"digit": "sparse_categorical_crossentropy", "ink": "mean_squared_error"},
        loss_weights={"digit": 1.0, "ink": 0.3},
        metrics={"digit": ["accuracy"], "ink": ["mean_absolute_error", "mean_squared_error"]},
    )
    targets = {"digit": digits.y, "ink": digits.x.sum(axis=(1, 2))}
    model.fit(digits.x, targets, epochs=25, batch_size=32, verbose=0)
    score = accuracy(model.predict(digits.x_test, verbose=0)["digit"], digits.y_test)
    return [save(model, "two_outputs.keras", score), save(model, "two_outputs.h5", score)]


def make_transfer(digits: Digits) -> list[Row]:
    """A base that learnt 0 … 4, nested below a head for 5 … 9; its first block is frozen."""
    old, new = digits.y < 5, digits.y >= 5
    base = make_base()
    pretrain = keras.Sequential([base, layers.Dense(5, activation="softmax")])
    pretrain.compile("adam", "sparse_categorical_crossentropy")
    pretrain.fit(digits.x[old], digits.y[old], epochs=15, batch_size=32, verbose=0)

    for name in ("block1_conv1", "block1_bn", "block1_conv2"):
        base.get_layer(name).trainable = False
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Dropout(0.2)(base(image))
    x = layers.Dense(16, activation="relu", name="fc1")(x)
    model = keras.Model(image, layers.Dense(5, activation="softmax")(x), name="transfer")
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.05, momentum=0.9),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(digits.x[new], digits.y[new] - 5, epochs=15, batch_size=32, verbose=0)
    new_test = digits.y_test >= 5
    predicted = model.predict(digits.x_test[new_test], verbose=0)
    return [save(model, "transfer.h5", accuracy(predicted, digits.y_test[new_test] - 5))]


def make_base() -> keras.Model:
    """Two small blocks in the manner of VGG, with BatchNormalization, pooled to 24 numbers."""
    image = keras.Input((8, 8, 1), name="base_image")
    x = layers.Conv2D(12, 3, padding="same", activation="relu", name="block1_conv1")(image)
    x = layers.BatchNormalization(name="block1_bn")(x)
    x = layers.Conv2D(12, 3, padding="same", activation="relu", name="block1_conv2")(x)
    x = layers.MaxPooling2D(name="block1_pool")(x)
    x = layers.Conv2D(24, 3, padding="same", activation="relu", name="block2_conv1")(x)
    x = layers.BatchNormalization(name="block2_bn")(x)
    x = layers.GlobalAveragePooling2D(name="block2_pool")(x)
    return keras.Model(image, x, name="digits_base")


def make_recurrent(digits: Digits) -> list[Row]:
    """Each image read row by row: wrappers around Dense and LSTM, and a GRU."""
    model = keras.Sequential(
        [
            keras.Input((8, 8), name="rows"),
            layers.TimeDistributed(layers.Dense(12, activation="tanh"), name="each_row"),
            layers.Bidirectional(layers.LSTM(12, return_sequences=True), name="both_ways"),
            layers.GRU(16),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits_by_row",
    )
    model.compile(
        optimizer=keras.optimizers.Nadam(learning_rate=5e-3, clipnorm=1.0),
        loss="sparse_categorical_crossentropy",
        metrics=["sparse_categorical_accuracy"],
    )
    model.fit(digits.x[..., 0], digits.y, epochs=25, batch_size=32, verbose=0)
    score = accuracy(model.predict(digits.x_test[..., 0], verbose=0), digits.y_test)
    return [save(model, "recurrent.keras", score)]


def make_checkpoints(digits: Digits) -> list[Row]:
    """What ModelCheckpoint leaves behind, named by a template."""
    folder = HERE / "checkpoints"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1), name="image"),
            layers.Flatten(),
            layers.Dense(24, activation="relu", name="hidden"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits_mlp",
    )
    fast = keras.optimizers.Adam(learning_rate=0.04)  # overfits: the last is not the best
    model.compile(fast, "sparse_categorical_crossentropy", metrics=["accuracy"])
    template = folder / "weights-{epoch:02d}-{val_loss:.2f}.keras"
    keeper = keras.callbacks.ModelCheckpoint(str(template))
    held_out = (digits.x_test, digits.y_test)
    model.fit(digits.x, digits.y, epochs=8, validation_data=held_out, callbacks=[keeper], verbose=0)
    rows: list[Row] = []
    for path in sorted(folder.iterdir()):
        saved: Any = keras.models.load_model(path)
        score = accuracy(saved.predict(digits.x_test, verbose=0), digits.y_test)
        rows.append(describe_model(saved, path, "keras", score, ORIGIN, {}))
    return rows


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Share of test digits whose likeliest class is the right one."""
    return float((probabilities.argmax(axis=-1) == labels).mean())


def save(model: keras.Model, name: str, score: float, custom: dict[str, str] | None = None) -> Row:
    """Write a full model; return its row of the manifest."""
    path = HERE / name
    model.save(path)
    kind = "hdf5" if path.suffix == ".h5" else "keras"
    return describe_model(model, path, kind, score, ORIGIN, custom or {})


def save_weights(model: keras.Model, name: str, score: float) -> Row:
    """Write the weights alone; return their row of the manifest."""
    path = HERE / name
    model.save_weights(path)
    return describe_model(model, path, "keras-weights", score, ORIGIN, {})


def main() -> None:
    """Train everything, write the files and the manifest."""
    tf.config.experimental.enable_op_determinism()
    digits = load()
    rows: list[Row] = []
    for seed, make in enumerate(
        (make_cnn, make_two_outputs, make_transfer, make_recurrent, make_checkpoints), start=1
    ):
        keras.backend.clear_session()  # names count from the start in each file
        keras.utils.set_random_seed(seed)
        rows += make(digits)
    write_manifest(HERE, rows)
    for row in rows:
        print(f"{row['file']:40} {row['size']:>9,} bytes   accuracy {row['accuracy']:.3f}")
    print(f"{'together':40} {sum(row['size'] for row in rows):>9,} bytes")


if __name__ == "__main__":
    main()

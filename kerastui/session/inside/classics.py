"""Functions that old models name and that today's Keras has no more, or never had.

`make` gives them for the Keras at hand, computed with its own operations, so they work
eagerly and in a graph. The metrics are those that Keras 2.0 removed: computed batch by
batch, as Keras 1 did (which is why they were removed: their mean over batches is not the
metric of the whole set).
"""

from __future__ import annotations

from typing import Any

from .ops import Ops, ops_of


def make(keras: Any) -> dict[str, Any]:
    """Return all classics by name, aliases included."""
    o = ops_of(keras)
    found: dict[str, Any] = {}
    for function in (*_metrics(o), *_losses(o), *_activations(o)):
        found[function.__name__] = function
    for alias, name in ALIASES.items():
        found[alias] = found[name]
    return found


ALIASES = {
    "f1": "fmeasure",
    "f1_score": "fmeasure",
    "f1_m": "fmeasure",
    "fbeta": "fbeta_score",
    "precision_m": "precision",
    "recall_m": "recall",
    "matthews": "matthews_correlation",
    "mcc": "matthews_correlation",
    "dice": "dice_coef",
    "dice_coefficient": "dice_coef",
    "dice_coefficient_loss": "dice_coef_loss",
    "dice_loss": "dice_coef_loss",
    "iou": "jaccard",
    "iou_coef": "jaccard",
    "jaccard_coef": "jaccard",
    "jaccard_distance_loss": "jaccard_distance",
    "rmse": "root_mean_squared_error",
    "silu": "swish",
    "hard_silu": "hard_swish",
}
"""Other names under which the same functions go around."""

_SCORES = "precision recall fbeta_score fmeasure matthews_correlation"
_SEGMENTATION = "dice_coef jaccard root_mean_squared_error r_square"
_LOSSES = "dice_coef_loss jaccard_distance root_mean_squared_error dice_coef jaccard"
_SHAPES = "swish relu6 mish hard_swish gelu hard_sigmoid_keras2"
_KINDS = {
    "activation": _SHAPES.split(),
    "metric": [*_SCORES.split(), *_SEGMENTATION.split(), *_LOSSES.split()],
    "loss": _LOSSES.split(),
    "function": [*_SHAPES.split(), *_LOSSES.split()],
}


def offered(name: str, kind: str) -> str:
    """Return the classic to offer for a missing name of this kind, or ``""``."""
    plain = name.rsplit(">", 1)[-1]
    found = ALIASES.get(plain, plain)
    return found if found in _KINDS.get(kind, ()) else ""


def _metrics(o: Ops) -> tuple[Any, ...]:
    def precision(y_true: Any, y_pred: Any) -> Any:
        """Share of the positives predicted that are right, over one batch.

        Only computes a batch-wise average of precision, over all labels together.
        Source: keras 1.2.2, keras/metrics.py, ``precision``.
        """
        y_true, y_pred = o.pair(y_true, y_pred)
        true_positives = o.sum(o.round(o.clip(y_true * y_pred, 0, 1)))
        predicted_positives = o.sum(o.round(o.clip(y_pred, 0, 1)))
        return true_positives / (predicted_positives + o.epsilon())

    def recall(y_true: Any, y_pred: Any) -> Any:
        """Share of the true positives that were found, over one batch.

        Source: keras 1.2.2, keras/metrics.py, ``recall``.
        """
        y_true, y_pred = o.pair(y_true, y_pred)
        true_positives = o.sum(o.round(o.clip(y_true * y_pred, 0, 1)))
        possible_positives = o.sum(o.round(o.clip(y_true, 0, 1)))
        return true_positives / (possible_positives + o.epsilon())

    def fbeta_score(y_true: Any, y_pred: Any, beta: float = 1) -> Any:
        """Weighted harmonic mean of precision and recall, over one batch.

        `beta` = 1 is the F measure; > 1 weighs recall more, < 1 precision. It is 0 where a
        batch has no true positives. Source: keras 1.2.2, keras/metrics.py, ``fbeta_score``
        (there the test for positives was ``K.sum(K.round(K.clip(y_true, 0, 1))) == 0``,
        which compares a tensor with a number and so was never true; 0 is what it meant).
        Raises ValueError for a negative beta.
        """
        if beta < 0:
            raise ValueError("The lowest choosable beta is zero (only precision).")
        y_true, y_pred = o.pair(y_true, y_pred)
        positives = o.sum(o.round(o.clip(y_true, 0, 1)))
        p, r = precision(y_true, y_pred), recall(y_true, y_pred)
        bb = beta**2
        score = (1 + bb) * (p * r) / (bb * p + r + o.epsilon())
        return o.where(positives > 0, score, o.zeros_like(score))

    def fmeasure(y_true: Any, y_pred: Any) -> Any:
        """Harmonic mean of precision and recall (F1), over one batch.

        Source: keras 1.2.2, keras/metrics.py, ``fmeasure`` (also ``fbeta_score``).
        """
        return fbeta_score(y_true, y_pred, beta=1)

    def matthews_correlation(y_true: Any, y_pred: Any) -> Any:
        """Matthews correlation coefficient of a binary problem, over one batch.

        Source: keras 1.2.2, keras/metrics.py, ``matthews_correlation``.
        """
        y_true, y_pred = o.pair(y_true, y_pred)
        y_pred_pos = o.round(o.clip(y_pred, 0, 1))
        y_pred_neg = 1 - y_pred_pos
        y_pos = o.round(o.clip(y_true, 0, 1))
        y_neg = 1 - y_pos
        tp, tn = o.sum(y_pos * y_pred_pos), o.sum(y_neg * y_pred_neg)
        fp, fn = o.sum(y_neg * y_pred_pos), o.sum(y_pos * y_pred_neg)
        numerator = tp * tn - fp * fn
        denominator = o.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
        return numerator / (denominator + o.epsilon())

    return precision, recall, fbeta_score, fmeasure, matthews_correlation


def _losses(o: Ops) -> tuple[Any, ...]:
    def dice_coef(y_true: Any, y_pred: Any, smooth: float = 1.0) -> Any:
        """Dice coefficient of two masks, over all their elements.

        2 |A B| + smooth over |A| + |B| + smooth. Source: Milletari et al., V-Net
        (arXiv:1606.04797), as written in jocicmarko/ultrasound-nerve-segmentation, train.py,
        from where it spread (``smooth = 1.``).
        """
        y_true, y_pred = o.pair(y_true, y_pred)
        a, b = o.flatten(y_true), o.flatten(y_pred)
        return (2.0 * o.sum(a * b) + smooth) / (o.sum(a) + o.sum(b) + smooth)

    def dice_coef_loss(y_true: Any, y_pred: Any) -> Any:
        """The negative Dice coefficient.

        Source: jocicmarko/ultrasound-nerve-segmentation, train.py (others use ``1 - dice``:
        the same gradients, another constant).
        """
        return -dice_coef(y_true, y_pred)

    def jaccard(y_true: Any, y_pred: Any, smooth: float = 1.0) -> Any:
        """Intersection over union (Jaccard index) of two masks, over all their elements.

        |A B| + smooth over |A| + |B| - |A B| + smooth. Source: Jaccard 1912; the soft form
        of Rahman and Wang 2016 with the same smoothing as `dice_coef`.
        """
        y_true, y_pred = o.pair(y_true, y_pred)
        a, b = o.flatten(y_true), o.flatten(y_pred)
        both = o.sum(a * b)
        return (both + smooth) / (o.sum(a) + o.sum(b) - both + smooth)

    def jaccard_distance(y_true: Any, y_pred: Any, smooth: float = 100) -> Any:
        """Jaccard distance along the last axis, shifted and scaled so that it fades to 0.

        Source: keras-team/keras-contrib, keras_contrib/losses/jaccard.py.
        """
        y_true, y_pred = o.pair(y_true, y_pred)
        intersection = o.sum(o.abs(y_true * y_pred), -1)
        total = o.sum(o.abs(y_true) + o.abs(y_pred), -1)
        index = (intersection + smooth) / (total - intersection + smooth)
        return (1 - index) * smooth

    def root_mean_squared_error(y_true: Any, y_pred: Any) -> Any:
        """Root of the mean of squared differences, over one batch.

        Source: the form in Keras's issues and tutorials,
        ``K.sqrt(K.mean(K.square(y_pred - y_true)))`` (keras-team/keras issue 1170).
        """
        y_true, y_pred = o.pair(y_true, y_pred)
        return o.sqrt(o.mean(o.square(y_pred - y_true)))

    def r_square(y_true: Any, y_pred: Any) -> Any:
        """Coefficient of determination, over one batch.

        1 - sum of squared residuals over sum of squares about the mean. Source: the form
        that tutorials give (``coeff_determination``), e.g. keras-team/keras issue 7947.
        """
        y_true, y_pred = o.pair(y_true, y_pred)
        residual = o.sum(o.square(y_true - y_pred))
        total = o.sum(o.square(y_true - o.mean(y_true)))
        return 1 - residual / (total + o.epsilon())

    return (
        dice_coef,
        dice_coef_loss,
        jaccard,
        jaccard_distance,
        root_mean_squared_error,
        r_square,
    )


def _activations(o: Ops) -> tuple[Any, ...]:
    def swish(x: Any) -> Any:
        """Return x · sigmoid(x). Source: Ramachandran et al., arXiv:1710.05941."""
        x = o.tensor(x)
        return x * o.sigmoid(x)

    def relu6(x: Any) -> Any:
        """Return min(max(x, 0), 6).

        Source: keras-applications, mobilenet.py: ``K.relu(x, max_value=6)``.
        """
        return o.clip(o.tensor(x), 0, 6)

    def mish(x: Any) -> Any:
        """Return x · tanh(softplus(x)). Source: Misra, arXiv:1908.08681."""
        x = o.tensor(x)
        return x * o.tanh(o.softplus(x))

    def hard_swish(x: Any) -> Any:
        """Return x · relu6(x + 3) / 6. Source: Howard et al., MobileNetV3, arXiv:1905.02244."""
        x = o.tensor(x)
        return x * o.clip(x + 3, 0, 6) / 6

    def gelu(x: Any) -> Any:
        """Return x · Φ(x), by the error function. Source: Hendrycks, arXiv:1606.08415."""
        x = o.tensor(x)
        return 0.5 * x * (1 + o.erf(x * 0.7071067811865476))

    def hard_sigmoid_keras2(x: Any) -> Any:
        """Return clip(0.2 x + 0.5, 0, 1).

        Source: keras 1 and 2, ``K.hard_sigmoid`` (in Keras 3 it is relu6(x + 3) / 6).
        """
        return o.clip(0.2 * o.tensor(x) + 0.5, 0, 1)

    return swish, relu6, mish, hard_swish, gelu, hard_sigmoid_keras2

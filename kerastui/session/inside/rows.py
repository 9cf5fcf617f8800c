"""The rows that `needs.find` returns, gathered name by name."""

from __future__ import annotations

from typing import Any

from .known import Known

MAX_USES = 1000
"""Places kept of one name; `more_uses` counts the rest."""

# Keras's own classes of former versions. A file that names one was not written by somebody
# with custom code, but by an older Keras (Keras 1.2.2, 2.x and tf.keras sources).
_OLD_TEXT = """
AtrousConvolution1D AtrousConvolution2D BatchNormalizationV1 BatchNormalizationV2 ClassMethod
ConvLSTM2DCell ConvRecurrent2D Convolution1D Convolution2D Convolution3D CuDNNGRU CuDNNLSTM
Deconvolution2D Deconvolution3D DenseFeatures GRUV1 GRUV2 Highway InstanceMethod
InstanceProperty LSTMV1 LSTMV2 LocallyConnected1D LocallyConnected2D MaxoutDense Merge
Recurrent SeparableConvolution1D SeparableConvolution2D SequenceFeatures SlicingOpLambda
StackedRNNCells TFOpLambda TensorFlowOpLayer ThresholdedReLU TimeDistributedDense Container
Network Model Functional Sequential Graph LossScaleOptimizer LossScaleOptimizerV1
LossScaleOptimizerV3 TFOptimizer Policy PolicyV1 PolicyV2 WeightRegularizer
ActivityRegularizer EigenvalueRegularizer
"""
_OLD = frozenset(_OLD_TEXT.split())


class Rows:
    """Collects needs; the same name and kind at many places is one row."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}

    def add(
        self, kind: str, name: str, use: str, module: Any = None, registered: Any = None
    ) -> None:
        """Note that `name` is needed at `use`. `name` is the key Keras looks up."""
        row = self._rows.get((kind, name))
        if row is None:
            row = self._rows[kind, name] = {
                "name": name,
                "kind": kind,
                "uses": [],
                "more_uses": 0,
                "module": module if isinstance(module, str) else None,
                "registered_name": registered if isinstance(registered, str) else None,
                "plain_name": name.rsplit(">", 1)[-1],
            }
            row["own"], row["today"] = self._own(kind, row["plain_name"], row["module"])
        if len(row["uses"]) >= MAX_USES:
            row["more_uses"] += 1
        elif use not in row["uses"]:
            row["uses"].append(use)

    def all(self) -> list[dict[str, Any]]:
        """Return the rows in the order in which the file names them."""
        return list(self._rows.values())

    def _own(self, kind: str, name: str, module: str | None) -> tuple[bool, str]:
        """Whether the name is Keras's own, and where this Keras has it if it does."""
        today = self.known.today(kind, name)
        root = (module or "").split(".", 1)[0]
        return bool(today) or name in _OLD or root in ("keras", "tf_keras", "tensorflow"), today

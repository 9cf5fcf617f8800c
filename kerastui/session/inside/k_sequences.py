"""K functions of sequences: rnn and CTC (Keras 3)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .k_base import Base


class Sequences(Base):
    """Names, arguments and defaults as in ``keras.backend`` of Keras 2."""

    def rnn(
        self,
        step_function: Any,
        inputs: Any,
        initial_states: Any,
        go_backwards: bool = False,
        mask: Any = None,
        constants: Any = None,
        unroll: bool = False,
        input_length: Any = None,
        time_major: bool = False,
        zero_output_for_mask: bool = False,
        return_all_outputs: bool = True,
    ) -> tuple[Any, Any, list[Any]]:
        """Go through (samples, time, …) step by step.

        ``step_function(input, states)`` returns the output and the new states. Returns the
        last output, all outputs and the last states. Masked steps repeat the output and
        keep the states.
        """
        swap = self._swap
        inputs = self._t(inputs) if time_major else swap(self._t(inputs))
        seen = None if mask is None else self._steps_seen(mask, time_major)
        states = [self._t(s) for s in initial_states]
        steps = range(inputs.shape[0])
        outputs: list[Any] = []
        for i in reversed(steps) if go_backwards else steps:
            output, new = step_function(inputs[i], [*states, *(constants or [])])
            if seen is not None:
                blank = zero_output_for_mask or not outputs
                before = self._ops.zeros_like(output) if blank else outputs[-1]
                output = self._choose(seen[i], output, before)
                new = [self._choose(seen[i], n, s) for n, s in zip(new, states)]
            states = list(new)
            outputs.append(output)
        stacked = self._ops.stack(outputs if return_all_outputs else outputs[-1:])
        return outputs[-1], stacked if time_major else swap(stacked), states

    def _swap(self, x: Any) -> Any:
        return self._ops.swapaxes(x, 0, 1)

    def _steps_seen(self, mask: Any, time_major: bool) -> Any:
        mask = self._ops.cast(self._t(mask), "bool")
        if self._rank(mask) == 3:
            mask = self._ops.squeeze(mask, -1)
        return mask if time_major else self._swap(mask)

    def _choose(self, chosen: Any, yes: Any, no: Any) -> Any:
        while self._rank(chosen) < self._rank(yes):
            chosen = self._ops.expand_dims(chosen, -1)
        return self._ops.where(chosen, yes, no)

    def ctc_batch_cost(self, y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
        """Return the CTC loss of each sample, (samples, 1). The blank is the last class.

        `y_pred` (samples, time, classes) are probabilities; the lengths are (samples, 1).
        """
        y_pred = self._f(y_pred)
        classes = y_pred.shape[-1]
        logits = self._ops.log(y_pred + self._keras.config.epsilon())
        # keras.ops puts the blank at mask_index; the last class keeps Keras 2's numbers.
        lengths = [self._ops.reshape(self._t(n), (-1,)) for n in (label_length, input_length)]
        cost = self._ops.ctc_loss(
            self._ops.cast(self._t(y_true), "int32"),
            logits,
            self._ops.cast(lengths[0], "int32"),
            self._ops.cast(lengths[1], "int32"),
            mask_index=classes - 1,
        )
        return self._ops.expand_dims(cost, 1)

    def ctc_decode(
        self,
        y_pred: Any,
        input_length: Any,
        greedy: bool = True,
        beam_width: int = 100,
        top_paths: int = 1,
    ) -> tuple[list[Any], Any]:
        """Return the decoded paths (padded with -1) and their negative log probability."""
        y_pred = self._f(y_pred)
        decoded, scores = self._ops.ctc_decode(
            self._ops.log(y_pred + self._keras.config.epsilon()),
            self._ops.cast(self._ops.reshape(self._t(input_length), (-1,)), "int32"),
            strategy="greedy" if greedy else "beam_search",
            beam_width=beam_width,
            top_paths=top_paths,
            mask_index=y_pred.shape[-1] - 1,
        )
        return [decoded[i] for i in range(decoded.shape[0])], scores

    def ctc_label_dense_to_sparse(self, labels: Any, label_lengths: Any) -> Any:
        """Return the labels that count, one after the other (Keras 2 made a sparse tensor)."""
        labels = np.asarray(self._ops.convert_to_numpy(labels))
        lengths = np.asarray(self._ops.convert_to_numpy(label_lengths)).reshape(-1)
        kept = [row[: int(n)] for row, n in zip(labels, lengths)]
        return self._ops.convert_to_tensor(np.concatenate(kept))

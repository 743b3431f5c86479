"""Logits -> log-probabilities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.float64]


def log_softmax(logits: Logits) -> Logits:
    """The logarithm of the softmax over the last axis; the shape stays."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: Logits = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result

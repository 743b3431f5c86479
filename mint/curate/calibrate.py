"""What a judge says of pictures -> probabilities that fit this collection. Pure.

A zero-shot judge likes some words more than others whatever the picture, and its scale is not that
of the collection's pictures. Both are measured on the first picture of every token: each value's
mean is taken off, and one scale per trait is fitted by the likelihood of the promised values
(temperature scaling, Guo et al. 2017, arXiv 1706.04599). Where pictures that promise a value do
not stand out from the others, the judge cannot tell that value here, and abstains.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mint.models.softmax import log_softmax

Scores = npt.NDArray[np.float64]  # of shape (pictures, values)
Places = npt.NDArray[np.intp]  # for each picture, the place of the promised value

TELLING = 0.8  # least area under the curve of a value against the others, else it abstains
ENOUGH = 5  # pictures of a value for an area of its own; with fewer the whole trait's counts
SCALES = np.geomspace(1, 400, 60)  # the scales tried; CLIP's own is about 100
AT_ONCE = 4096  # pictures: what is computed of them stays in the processor's cache
LOG_SCALES = np.geomspace(0.05, 4, 60)  # the same for log-probabilities, where 1 changes nothing


class Calibration(NamedTuple):
    """What is taken off each value's scores, the scale, and which values can be told.

    `offsets` and `telling` have shape (values,).
    """

    offsets: Scores
    scale: float
    telling: npt.NDArray[np.bool_]

    def apply(self, scores: Scores) -> Scores:
        """Log-probabilities, NaN for values that cannot be told."""
        logits = (scores - self.offsets) * self.scale
        return np.where(self.telling, log_softmax(logits), np.nan)


def calibrate(scores: Scores, places: Places, scales: Scores = SCALES) -> Calibration:
    """The calibration of one trait from a picture of every token.

    Each value's share of the tokens is its prior, so that a rare value needs more to be believed.
    """
    n, k = scores.shape
    counts = np.bincount(places, minlength=k)
    centred = scores - scores.mean(axis=0)
    prior = np.log((counts + 1) / (n + k))
    likelihoods = [_likelihood(centred, float(scale), prior, places) for scale in scales]
    scale = float(scales[int(np.argmax(likelihoods))])
    offsets = scores.mean(axis=0) - prior / scale
    areas = np.array([area(centred[places == v, v], centred[places != v, v]) for v in range(k)])
    numbers = ~np.isnan(areas)
    whole = float(np.average(areas[numbers], weights=counts[numbers])) if numbers.any() else 0.0
    telling = np.where(counts >= ENOUGH, areas, whole) >= TELLING
    return Calibration(offsets, scale, telling)


def area(own: Scores, others: Scores) -> float:
    """Area under the ROC curve: how often one of `own` exceeds one of `others`; NaN if empty."""
    if not len(own) or not len(others):
        return float("nan")
    ordered = np.sort(others)
    below = np.searchsorted(ordered, own, "left") + np.searchsorted(ordered, own, "right")
    return float(below.mean() / 2 / len(others))


def _likelihood(centred: Scores, scale: float, prior: Scores, places: Places) -> float:
    """The mean log-probability of what is promised, by the softmax of scores at one scale."""
    own = np.empty(len(places))
    for start in range(0, len(own), AT_ONCE):
        here = slice(start, start + AT_ONCE)
        logits = centred[here].T * scale + prior[:, None]  # values first: sums go along pictures
        logits -= logits.max(axis=0)
        mine = logits[places[here], np.arange(logits.shape[1])]
        own[here] = mine - np.log(np.exp(logits).sum(axis=0))
    return float(own.mean())

"""A collection's own pictures -> from which likeness on two of them are one.

Pairs of tokens with different prompts are what is no copy. How near they come is measured, and the
threshold lies where at most FALSE_ALARMS of them are expected. That is beyond most of what was
measured, so the tail is continued: distances to nearest others follow a power law, whose exponent
is the local dimension of the data (https://doi.org/10.1145/2783258.2783405).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pydantic import Field

from mint.curate.likeness import Placed, likenesses
from mint.curate.perceptual_hash import MATCH
from mint.document import Document, Number
from mint.spec.painting import Dedup

if TYPE_CHECKING:
    import numpy.typing as npt

    from mint.models.embedder import Vectors

FALSE_ALARMS = 0.5  # expected in a whole collection, before the hash is looked at
# The nearest pairs that say how the tail goes on: so many, but at most a tenth of all. Half of them
# may be copies that nobody knows of, and the median among them still speaks for the rest.
TAIL = 100
# As if so many pairs had been measured before, and had given this threshold. By themselves the
# three painted collections in collections/, of 780 to 2,016 pairs, give 0.41, 0.47 and 0.57.
PRIOR_PAIRS, PRIOR = 200, 0.6
# Halfway from the likeness of neighbours to the same picture: below that nothing is called alike.
# Above HIGHEST a copy that was only saved again would be missed.
LOWEST, HIGHEST = 0.5, 0.95
# Where a model paints the same whatever the words, pairs with different prompts are copies and no
# measure of anything. So this plain cosine is enough in any collection: a copy that was saved again
# keeps 0.997 with atelier's CLIP, and of 144 pairs with one prompt and two seeds 1 reaches it.
SAME = 0.965
# Of atelier's CLIP the scale is known: of 3,576 pairs with different prompts in three collections
# one has a larger plain cosine, two canyons by night; of 144 pairs with one prompt and two seeds
# 117. So a collection of look-alikes is known as one, though it measures itself by itself.
ATELIER_ALIKE = 0.75


class SecondThreshold(Document):
    """From when on a second model calls two pictures one: a likeness, or a plain cosine `same`.

    `weights` is the digest of the model. Measured as Threshold is, on the same pairs, of which
    `highest` was the most alike.
    """

    weights: str
    likeness: Number
    same: Number = SAME
    highest: Number | None = None


class Threshold(Document):
    """From when on two pictures are one, and the numbers that gave it.

    Both must say so: at least `likeness`, or a plain cosine of at least `same`; and at most `bits`
    of 256 that differ, or the `second` model where there is one. `families` is the likeness from
    which pictures of one prompt count as look-alikes. `pairs` have different prompts, `measured` of
    them were compared, and `highest` is the largest likeness among those; `expected` would pass by
    chance. `alike` is the plain cosine of look-alikes where the embedder's scale is known. `cosine`
    is the artist's own number, which then decides alone.
    """

    likeness: Number
    same: Number = SAME
    bits: int = MATCH
    families: Number
    pairs: int
    measured: int
    highest: Number | None = None
    expected: Number = FALSE_ALARMS
    alike: Number | None = None
    cosine: Number | None = None
    second: SecondThreshold | None = Field(None, exclude_if=lambda second: second is None)


class _Tail(NamedTuple):
    """Distances beyond `distance` are `share` of all, and go on as a power `exponent` of it."""

    distance: float
    share: float
    exponent: float


def measure(
    pictures: Placed,
    prompts: Sequence[str],
    whole: Sequence[str],
    settings: Dedup,
) -> Threshold:
    """The threshold by pictures (n, ...) that stand for a collection; `prompts` are theirs.

    `whole` are the prompts of all tokens, which say how many pairs there are.
    """
    null = _null(pictures, prompts)
    same = sum(n * (n - 1) // 2 for n in Counter(whole).values())
    pairs = len(whole) * (len(whole) - 1) // 2 - same
    return Threshold(
        likeness=_likeness(null, pairs),
        families=_likeness(null, same),
        pairs=pairs,
        measured=len(null),
        highest=rounded(null.max()) if len(null) else None,
        alike=ATELIER_ALIKE if settings.embedder == "atelier" else None,
        cosine=None if settings.threshold == "auto" else settings.threshold,
    )


def measure_second(
    pictures: Placed, prompts: Sequence[str], pairs: int, weights: str
) -> SecondThreshold:
    """The same for a second model with this digest, by its vectors of the same pictures.

    `pairs` are the pairs with different prompts in the whole collection.
    """
    null = _null(pictures, prompts)
    return SecondThreshold(
        weights=weights,
        likeness=_likeness(null, pairs),
        highest=rounded(null.max()) if len(null) else None,
    )


def _null(pictures: Placed, prompts: Sequence[str]) -> Vectors:
    """The likenesses of all pairs with different prompts."""
    rows, columns = np.triu_indices(len(prompts), 1)
    numbers = np.unique(np.asarray(prompts), return_inverse=True)[1]
    different = numbers[rows] != numbers[columns]
    rows, columns = rows[different], columns[different]
    return np.asarray(likenesses(pictures, pictures)[rows, columns])


def _likeness(null: Vectors, pairs: int) -> float:
    """Where FALSE_ALARMS of `pairs` are expected, drawn to the prior while few were measured."""
    weight = len(null) / (len(null) + PRIOR_PAIRS)
    far = np.log(_quantile(1 - null.astype(np.float64), pairs)) if len(null) else 0.0
    distance = np.exp(weight * far + (1 - weight) * np.log(1 - PRIOR))
    return rounded(np.clip(1 - distance, LOWEST, HIGHEST))


def _quantile(distances: npt.NDArray[np.float64], pairs: int) -> float:
    """The distance below which FALSE_ALARMS of `pairs` are expected."""
    tail = _tail(np.maximum(distances, 1e-9))
    beyond = min(1.0, FALSE_ALARMS / max(pairs, 1) / tail.share)
    return float(tail.distance * beyond**tail.exponent)


def _tail(distances: npt.NDArray[np.float64]) -> _Tail:
    """Hill's estimate, by the median in place of the mean, so that a few copies do not bend it."""
    share = min(0.1, TAIL / len(distances))
    start = float(np.quantile(distances, share))
    ratios = np.log(start / distances[distances <= start])
    return _Tail(start, share, float(np.median(ratios) / np.log(2)))


def rounded(value: float | np.floating) -> float:
    """To three digits: more would be the machine's rounding, and nobody reads them."""
    return round(float(value), 3)

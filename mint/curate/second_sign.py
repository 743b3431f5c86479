"""Two galleries -> which pairs the second sign calls one: light and shade, or a second model."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mint.curate.close_pairs import close_pairs
from mint.curate.likeness import Placed, alike, likeness
from mint.curate.memo import Embed
from mint.curate.perceptual_hash import BITS, Prints, close_prints
from mint.curate.threshold import SecondThreshold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mint.models.embedder import Vectors
    from mint.paint.picture import Picture


class SecondModel(NamedTuple):
    """The model of `dedup.second`: the digest of its files, and what embeds."""

    weights: str
    embed: Embed


class Sign(NamedTuple):
    """What the second sign says of a pair, behind the likeness, and where it stands alone."""

    words: str
    alone: str


Signs = dict[tuple[int, int], Sign]  # by row of left and row of right


def no_vectors(pictures: Sequence[Picture]) -> Vectors:
    """An Embed where there is no second model: (n, 0)."""
    return np.zeros((len(pictures), 0), np.float32)


def signs_by_hash(left: Prints, right: Prints, bits: int, *, same: bool = False) -> Signs:
    """Pairs of whose light and shade at most `bits` differ; `same` as in close_prints."""
    close = close_prints(left, right, bits, same=same)
    return {
        (i, j): Sign(
            f"{many} of {BITS} bits differ",
            f"only {many} of {BITS} bits of their light and shade differ",
        )
        for i, j, many in zip(*(each.tolist() for each in close), strict=True)
    }


class Seen(NamedTuple):
    """Pictures as a second model has them: its vectors (n, d), and where they lie in its space."""

    vectors: Vectors
    placed: Placed


def signs_by_model(
    left: Seen, right: Seen, threshold: SecondThreshold, *, same: bool = False
) -> Signs:
    """Pairs that a second model calls one, by rows; `same` says that right is left.

    Then each pair is there once, the smaller row first.
    """
    others = None if same else right.placed
    near = {(i, j) for i, j, _ in alike(left.placed, threshold.likeness, others)}
    one, another = (each.vectors.astype(np.float64) for each in (left, right))
    equal = close_pairs(one, another, threshold.same, same=same)
    pairs = sorted(near | {(i, j) for i, j, _ in equal})
    if not pairs:
        return {}
    rows, columns = (np.array(each) for each in zip(*pairs, strict=True))
    values = likeness(left.placed[rows], right.placed[columns])
    return {
        pair: Sign(
            f"{value:.2f} by the second model",
            f"the second model finds them alike ({value:.2f}), the embedder does not",
        )
        for pair, value in zip(pairs, values, strict=True)
    }

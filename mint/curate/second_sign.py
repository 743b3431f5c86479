"""Two galleries -> which pairs the second sign calls one: light and shade, or a second model."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from mint.curate.close_pairs import Rows, close_blocks
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


class Signs(NamedTuple):
    """Pairs that the second sign calls one, by row of left and row of right: (n,) each.

    `numbers` are the bits that differ, or, where it is `by_model`, the likenesses.
    """

    rows: Rows
    columns: Rows
    numbers: npt.NDArray[np.float64] | npt.NDArray[np.uint8]
    by_model: bool

    def words(self, pair: int) -> str:
        """What the sign says of a pair, behind the likeness."""
        number = self.numbers[pair]
        return (
            f"{number:.2f} by the second model"
            if self.by_model
            else f"{number} of {BITS} bits differ"
        )

    def alone(self, pair: int) -> str:
        """The same, where the embedder says otherwise."""
        number = self.numbers[pair]
        if self.by_model:
            return f"the second model finds them alike ({number:.2f}), the embedder does not"
        return f"only {number} of {BITS} bits of their light and shade differ"


def no_vectors(pictures: Sequence[Picture]) -> Vectors:
    """An Embed where there is no second model: (n, 0)."""
    return np.zeros((len(pictures), 0), np.float32)


def signs_by_hash(left: Prints, right: Prints, bits: int, *, same: bool = False) -> Signs:
    """Pairs of whose light and shade at most `bits` differ; `same` as in close_prints."""
    return Signs(*close_prints(left, right, bits, same=same), by_model=False)


class Seen(NamedTuple):
    """Pictures as a second model has them: its vectors (n, d), and where they lie in its space."""

    vectors: Vectors
    placed: Placed


def signs_by_model(
    left: Seen, right: Seen, threshold: SecondThreshold, *, same: bool = False
) -> Signs:
    """Pairs that a second model calls one, in order; `same` says that right is left.

    Then each pair is there once, the smaller row first.
    """
    near = alike(left.placed, threshold.likeness, None if same else right.placed)
    one, another = (each.vectors.astype(np.float64) for each in (left, right))
    equal = close_blocks(one, another, threshold.same, same=same)
    wide = max(len(right.vectors), 1)
    codes = [pairs.rows * wide + pairs.columns for pairs in (*near, *equal)]
    rows, columns = np.divmod(np.unique(np.concatenate([np.empty(0, np.int64), *codes])), wide)
    return Signs(rows, columns, likeness(left.placed, right.placed, rows, columns), by_model=True)

"""Vectors -> how alike two pictures are among those of this collection.

The pictures of one collection all resemble each other, so their cosines say little. Two steps that
copy detection uses (SSCD, https://arxiv.org/abs/2202.10261, section 4) make them comparable:

- Vectors are centred: the mean of the collection's vectors is taken away, and the rest made unit.
- Scores are normalised: a picture whose nearest others are near anyway must come nearer to count.

The likeness of two pictures with the cosine c is (c - h) / (1 - h), where h is the mean cosine of
each to its NEIGHBOURS nearest others of different prompts, averaged over the two. So 1 is the same
picture, and 0 is as alike as neighbours are here, whatever the model that embeds.

All is decided in float64: sums in another order, as another machine has them, decide no pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mint.curate.close_pairs import Block, Pairs, Rows, close_blocks, nearest_rows, products_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from mint.models.embedder import Vectors

    Numbers = npt.NDArray[np.float64]

NEIGHBOURS = 8
# A mean of few prompts of traits is not the collection's centre but theirs, and taking it away
# would leave only how they differ: it counts as if so many more lay around zero.
PRIOR = 16
BACKGROUND = 2048  # at most so many first pictures, evenly spaced, stand for all of them


@dataclass(frozen=True)
class Placed:
    """Pictures in a collection's space: centred unit vectors (n, d), and each one's crowd (n,).

    The crowd is the mean cosine to its nearest others.
    """

    vectors: Numbers
    crowd: Numbers

    def __getitem__(self, rows: Sequence[int] | Rows | slice) -> Placed:
        return Placed(self.vectors[rows], self.crowd[rows])


@dataclass(frozen=True)
class Space:
    """A collection's centre (d,) and the pictures that stand for it, with their prompts.

    All of them are first attempts, in the order of tokens. So it is the same however pictures were
    batched or interrupted, and redraws are placed in the space of the first attempts.
    """

    centre: Numbers
    background: Numbers
    prompts: npt.NDArray[np.int64]  # a number for each prompt of traits
    numbers: dict[str, int]

    def place(self, vectors: Vectors, prompts: Sequence[str]) -> Placed:
        """Pictures (n, d) in this space; `prompts` says the traits of each."""
        centred = _unit(vectors - self.centre)
        numbers = np.array([self.numbers.get(each, -1) for each in prompts], np.int64)
        crowd = np.zeros(len(vectors))
        for top in range(0, len(vectors), BACKGROUND):
            rows = slice(top, top + BACKGROUND)
            crowd[rows] = self._crowd(centred[rows], numbers[rows])
        return Placed(centred, crowd)

    def _crowd(self, centred: Numbers, numbers: npt.NDArray[np.int64]) -> Numbers:
        cosines = centred @ self.background.T
        others = numbers[:, None] != self.prompts
        many = min(NEIGHBOURS, cosines.shape[1])
        cosines[~others] = -1
        nearest = np.partition(cosines, cosines.shape[1] - many, axis=1)[:, -many:]
        counts = np.minimum(others.sum(axis=1), many)
        # Where there are fewer others than that, the -1 of the rest are taken out again.
        sums = nearest.sum(axis=1) + (many - counts)
        crowd = np.where(counts > 0, sums / np.maximum(counts, 1), 0)
        return np.clip(crowd, 0, 0.99)


def space(vectors: Vectors, prompts: Sequence[str]) -> Space:
    """The space of a collection's first pictures (n, d), in the order of tokens."""
    numbers = {each: i for i, each in enumerate(dict.fromkeys(prompts))}
    weight = len(numbers) / (len(numbers) + PRIOR)
    centre = vectors.mean(axis=0, dtype=np.float64) * weight
    spaced = np.unique(np.linspace(0, len(vectors) - 1, min(len(vectors), BACKGROUND)).astype(int))
    return Space(
        centre=centre,
        background=_unit(vectors[spaced] - centre),
        prompts=np.array([numbers[prompts[i]] for i in spaced], np.int64),
        numbers=numbers,
    )


def likeness(one: Placed, other: Placed, rows: Rows, columns: Rows) -> Numbers:
    """Of these rows of one with these of the other, pair by pair: (n,)."""
    cosines = products_of(one.vectors, other.vectors, rows, columns)
    return _scaled(cosines, (one.crowd[rows] + other.crowd[columns]) / 2)


def likenesses(one: Placed, other: Placed) -> Numbers:
    """Each with each: (n, m)."""
    cosines = one.vectors @ other.vectors.T
    return _scaled(cosines, (one.crowd[:, None] + other.crowd) / 2)


def _scaled(cosines: Numbers, crowd: Numbers) -> Numbers:
    scaled: Numbers = (cosines - crowd) / (1 - crowd)
    return scaled


def alike(pictures: Placed, threshold: float, others: Placed | None = None) -> Iterator[Pairs]:
    """(rows, later rows, likenesses) of the pairs whose likeness is `threshold` or more.

    With `others` the second row is one of theirs, and each row is compared with all of them. For a
    fixed threshold that is a condition linear in both crowds, so two more numbers a vector make it
    one product.
    """
    right = pictures if others is None else others
    products = _products(pictures, threshold)[0], _products(right, threshold)[1]
    for pairs in close_blocks(*products, threshold, same=others is None):
        yield _with_likeness(pairs, pictures, right, threshold)


def nearest(
    pictures: Placed, threshold: float, hear: Callable[[Pairs], None] = lambda pairs: None
) -> tuple[Rows, Numbers]:
    """For each picture the row of the most like other one, and their likeness; at least two.

    Who is nearest is decided by what decides at `threshold`. `hear` hears of all that are `alike`
    at it, which takes the same products.
    """

    def visit(block: Block) -> None:
        hear(_with_likeness(block.at_least(threshold), pictures, pictures, threshold))

    rows, _ = nearest_rows(*_products(pictures, threshold), visit)
    return rows, likeness(pictures, pictures, np.arange(len(rows)), rows)


def _with_likeness(pairs: Pairs, one: Placed, other: Placed, threshold: float) -> Pairs:
    """The pairs with likenesses for the products of `_products`."""
    crowd = (one.crowd[pairs.rows] + other.crowd[pairs.columns]) / 2
    return pairs._replace(products=_scaled(pairs.products + (1 - threshold) * crowd, crowd))


def _products(pictures: Placed, threshold: float) -> tuple[Numbers, Numbers]:
    share = -(1 - threshold) / 2 * pictures.crowd[:, None]
    ones = np.ones_like(share)
    left = np.hstack([pictures.vectors, share, ones])
    return left, np.hstack([pictures.vectors, ones, share])


def _unit(vectors: Numbers) -> Numbers:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: Numbers = vectors / np.maximum(lengths, 1e-12)
    return units

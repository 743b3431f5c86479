"""How different pictures are among themselves, from their unit vectors. Pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mint.curate.close_pairs import nearest_rows
from mint.document import Document, Number

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

DIGITS = 4  # of every figure: what is beyond differs between machines
SMALLEST = 8  # pictures of the smallest sample
PICTURES = 1024  # at most so many are looked at for the mean of a sample size below that
BIN = 0.01  # of a distance, 1 - cosine


class Diversity(Document):
    """How many different pictures `pictures` of them amount to: 1 if all are equal.

    `vendi` is the Vendi score (arXiv 2210.02410), which also counts rare kinds; `rke` is the RKE
    score (openreview.net/forum?id=PdZhf6PiAb), which counts the frequent ones and settles sooner.
    Both are of the cosine kernel and grow with the number of pictures, so two collections are
    compared at the same number alone.
    """

    pictures: int
    vendi: Number
    rke: Number


def scores(vectors: Vectors) -> tuple[float, float]:
    """Vendi score and RKE of unit vectors of shape (n, d), n > 0.

    exp of the Shannon entropy of the eigenvalues of K / n, and of their Renyi entropy of order 2,
    where K = V V^T; by the smaller of K and V^T V, whose eigenvalues other than zero are the same.
    """
    rows = vectors.astype(np.float64)
    gram = rows @ rows.T if len(rows) <= rows.shape[1] else rows.T @ rows
    shares = [share for share in np.linalg.eigvalsh(gram / np.trace(gram)).tolist() if share > 0]
    entropy = -math.fsum(share * math.log(share) for share in shares)
    return math.exp(entropy), 1 / math.fsum(share * share for share in shares)


def of_samples(vectors: Vectors, pictures: int) -> Diversity:
    """The mean over samples of `pictures` rows, one after the other; the rest is left out."""
    starts = range(0, min(len(vectors), max(PICTURES, pictures)) - pictures + 1, pictures)
    pairs = [scores(vectors[start : start + pictures]) for start in starts]
    vendi, rke = (math.fsum(each) / len(pairs) for each in zip(*pairs, strict=True))
    return Diversity(pictures=pictures, vendi=round(vendi, DIGITS), rke=round(rke, DIGITS))


def ladder(vectors: Vectors) -> Iterator[Diversity]:
    """For 8, 16, 32 ... rows, and for all of them: collections of any size meet somewhere."""
    pictures = SMALLEST
    while pictures < len(vectors):
        yield of_samples(vectors, pictures)
        pictures *= 2
    if len(vectors):
        yield of_samples(vectors, len(vectors))


def nearest(vectors: Vectors) -> list[float]:
    """Each row's largest cosine with another row; exact."""
    if len(vectors) < 2:
        return []
    cosines: list[float] = nearest_rows(vectors, vectors)[1].tolist()
    return cosines


def histogram(likenesses: Sequence[float]) -> tuple[int, ...]:
    """How many distances (1 - likeness) lie in 0 to 0.01, in 0.01 to 0.02, and so on."""
    # Six digits first: the seventh differs between machines.
    bins = [max(0, math.floor(round(1 - each, 6) / BIN + 1e-9)) for each in likenesses]
    return counts(bins)


def counts(numbers: Sequence[int]) -> tuple[int, ...]:
    """How many are 0, how many 1, and so on."""
    return tuple(np.bincount(np.asarray(numbers, np.int64)).tolist())

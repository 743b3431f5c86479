"""Unit vectors -> the pairs that lie too close, and so the pictures that are one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mint.paint.picture import Picture

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

TILE = (1024, 4096)  # rows x columns of one block of cosines: 16 MB


def close_pairs(
    left: Vectors, right: Vectors, threshold: float, *, same: bool = False
) -> Iterator[tuple[int, int, float]]:
    """Every (row of left, row of right, cosine) with cosine >= threshold; exact, in blocks.

    `same=True` says that right is left, and yields each pair once with the smaller row first.
    Memory is one tile; time is the matrix product's.
    """
    high, wide = TILE
    for top in range(0, len(left), high):
        for start in range(top - top % wide if same else 0, len(right), wide):
            cosines = left[top : top + high] @ right[start : start + wide].T
            if same and start <= top < start + wide:
                np.fill_diagonal(cosines[:, top - start :], -1)  # a picture and itself
            if cosines.max() < threshold:
                continue
            for i, j in zip(*np.nonzero(cosines >= threshold), strict=True):
                row, column = top + int(i), start + int(j)
                if not same or row < column:
                    yield row, column, float(cosines[i, j])


# Cosine from which `auto` calls two pictures one. With atelier's CLIP no two of 728 pairs of the
# same traits and other seeds reach 0.959; saved again as JPEG 85 or WebP 80 a picture keeps 0.997,
# with another tint 0.973 in 19 of 20 cases; cropped by 2 % it may fall to 0.75, and is missed then.
# To be replaced by a threshold measured on each collection.
AUTO_THRESHOLD = 0.965


def duplicates(
    shelf: Shelf, shown: Sequence[Picture], vectors: Vectors, threshold: float
) -> set[int]:
    """Rows of `shown` that equal a kept picture or an earlier kept row, by pixels or by cosine.

    Later checks of a picture (does it show its traits, is it safe) add their rows here.
    """
    doubles = {i for i, _, _ in close_pairs(vectors, shelf.vectors, threshold)}
    earlier: dict[int, list[int]] = {}
    for i, j, _ in close_pairs(vectors, vectors, threshold, same=True):
        earlier.setdefault(j, []).append(i)
    seen = set(shelf.pixels)
    for row, picture in enumerate(shown):
        # Sequential on purpose: a row is judged only against rows that were themselves kept.
        if picture.pixels in seen or any(i not in doubles for i in earlier.get(row, [])):
            doubles.add(row)
        if row not in doubles:
            seen.add(picture.pixels)
    return doubles


@dataclass(frozen=True)
class Shelf:
    """What is kept so far: pixel digests, and vectors of shape (n, d)."""

    pixels: frozenset[str]
    vectors: Vectors

    @staticmethod
    def empty() -> Shelf:
        """Before the first picture."""
        return Shelf(frozenset(), np.zeros((0, 0), np.float32))

    def add(self, pixels: Sequence[str], vectors: Vectors) -> Shelf:
        """With more pictures, whose vectors have shape (m, d)."""
        stacked = np.concatenate([self.vectors, vectors]) if len(self.vectors) else vectors
        return Shelf(self.pixels | set(pixels), stacked)

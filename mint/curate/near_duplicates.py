"""Pictures and their vectors -> those that look like another one, and so must be painted again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mint.paint.picture import Picture

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

# The near-duplicate threshold: what `dedup: {threshold: auto}` in collection.yaml stands for. Two
# pictures whose vectors have this cosine or a larger one are the same to the eye, and the later
# one is painted again. Higher lets more look-alikes through, lower paints more again.
# Measured with atelier's CLIP: of 728 pairs of the same traits and other seeds none reaches 0.959.
# Saved again as JPEG 85 or WebP 80 a picture keeps 0.997, with another tint 0.973 in 19 of 20
# cases; cropped by 2 % it may fall to 0.75, and is missed then.
AUTO_THRESHOLD = 0.965

TILE = (1024, 4096)  # rows x columns of one block of cosines: 16 MB


@dataclass(frozen=True)
class Gallery:
    """The pictures accepted so far: their pixel digests, and vectors of shape (n, d)."""

    pixels: frozenset[str]
    vectors: Vectors

    @staticmethod
    def empty() -> Gallery:
        """Before the first picture."""
        return Gallery(frozenset(), np.zeros((0, 0), np.float32))

    def with_pictures(self, pictures: Sequence[Picture], vectors: Vectors) -> Gallery:
        """With more pictures, whose vectors have shape (m, d)."""
        stacked = np.concatenate([self.vectors, vectors]) if len(self.vectors) else vectors
        return Gallery(self.pixels | {picture.pixels for picture in pictures}, stacked)


def near_duplicates(
    gallery: Gallery, pictures: Sequence[Picture], vectors: Vectors, threshold: float
) -> set[int]:
    """Rows of `pictures` that equal an accepted one or an earlier row, by pixels or by cosine."""
    rejected = {row for row, _, _ in close_pairs(vectors, gallery.vectors, threshold)}
    neighbours: dict[int, list[int]] = {}  # row -> earlier rows that lie too close
    for earlier, row, _ in close_pairs(vectors, vectors, threshold, same=True):
        neighbours.setdefault(row, []).append(earlier)
    pixels = set(gallery.pixels)
    for row, picture in enumerate(pictures):
        # Sequential on purpose: a row is compared only with rows that are themselves accepted.
        close = any(earlier not in rejected for earlier in neighbours.get(row, []))
        if close or picture.pixels in pixels:
            rejected.add(row)
        if row not in rejected:
            pixels.add(picture.pixels)
    return rejected


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

"""Two paintings of one picture: does rounding explain what differs, or did somebody touch it?

docs/verify.md has the measurements that every number here is taken from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mint.paint.png import Pixels

    Levels = NDArray[np.float32]

ROUNDED_SHARE = 1e-3  # of the sub-pixels; 3e-4 was the most that another machine rounded otherwise
NEAR = 8  # pixels around one in which a painting with other kernels may move the same detail


class Grain(NamedTuple):
    """Levels of 255 that a dtype's rounding moves where other kernels happen to agree.

    `spot` is for a single sub-pixel, `mean` for the average over a square.
    """

    spot: float
    mean: float


FINE = Grain(0.2, 0.005)  # float32: what is beyond the last bit is another picture
COARSE = Grain(2.0, 0.1)  # float16 and bfloat16, of 11 and 8 bits

# How many times as much as other kernels move a picture it may differ from the published one.
SPOT = 5.5


class Square(NamedTuple):
    """The same of averages over squares of `side` pixels; a side of 0 is the whole picture.

    Small squares show a mark, large ones a veil that no single pixel gives away. In large ones the
    few sub-pixels of a detail that flipped, such as a pupil, would drown the rest, so `most` levels
    of each count. `limit` is how many times as much it may be.
    """

    side: int
    most: int
    limit: float


SQUARES = (Square(16, 255, 4.5), Square(32, 8, 2.2), Square(64, 4, 1.35), Square(0, 4, 0.95))


class Comparison(NamedTuple):
    """How two pictures differ: PSNR in dB, sub-pixels changed of all, and the largest change."""

    psnr: float
    changed: int
    total: int
    largest: int

    def __str__(self) -> str:
        return (
            f"PSNR {self.psnr:.1f} dB, {self.changed:,} of {self.total:,} sub-pixels "
            f"by at most {self.largest}"
        )

    def is_rounding(self, scale: int) -> bool:
        """Whether a last bit here and there explains it; `scale` is how often it was enlarged.

        An upscaler makes a spot of a changed pixel, with up to two levels in its middle.
        """
        largest = 1 if scale == 1 else 3
        return self.largest <= largest and self.changed <= ROUNDED_SHARE * self.total


def compare(painting: Pixels, published: Pixels) -> Comparison:
    """Both of shape (height, width, 3); they differ somewhere."""
    error = np.abs(painting.astype(np.int16) - published)
    mean = float(np.mean(np.square(error, dtype=np.float64)))
    psnr = float(10 * np.log10(255**2 / mean)) if mean else float("inf")
    return Comparison(psnr, int(np.count_nonzero(error)), error.size, int(error.max()))


class Excess(NamedTuple):
    """Where a published picture differs most beyond reason, `times` as much as it may.

    `x`, `y` and `side` are in pixels.
    """

    times: float
    x: int
    y: int
    side: int


def excess(
    painting: Pixels, published: Pixels, again: Sequence[Pixels], grain: Grain, scale: int
) -> Excess:
    """How far `published` is beyond what rounding can do; up to 1 `times` it is within.

    `again` are paintings of the same recipe by other kernels, as far as this machine has some:
    they show which details of this very picture a last bit decides. One of them alone may happen
    to agree where the published one does not, so then twice as much is allowed.
    """
    error = _levels(painting, published)
    moves = [_levels(painting, other) for other in again if not np.array_equal(other, painting)]
    leeway = 1 if len(moves) > 1 else 2
    movement = np.max([np.zeros_like(error), *moves], axis=0)
    near = _highest_near(movement.max(axis=2), NEAR * scale)
    places = [_highest(error.max(axis=2) / (near + grain.spot) / SPOT / leeway, 1)]
    for square in SQUARES:
        side = square.side * scale or max(painting.shape)
        apart, expected = (_means(np.minimum(e, square.most), side) for e in (error, movement))
        times = apart / (expected + grain.mean) / square.limit / leeway
        worst = _highest(times.astype(np.float32), side)
        high, wide = (max(0, size - side) for size in painting.shape[:2])
        places.append(worst._replace(x=min(worst.x, wide), y=min(worst.y, high)))
    return max(places)


def _levels(a: Pixels, b: Pixels) -> Levels:
    levels: Levels = np.abs(a.astype(np.float32) - b)
    return levels


def _highest(times: Levels, side: int) -> Excess:
    row, column = np.unravel_index(int(times.argmax()), times.shape)
    return Excess(float(times[row, column]), int(column) * side, int(row) * side, side)


def _means(levels: Levels, side: int) -> Levels:
    """Averages over squares of `side` pixels; the last in a row or column overlaps the one before.

    A picture that is smaller than a square is one.
    """
    means = levels.mean(axis=2, dtype=np.float64)
    for axis in (0, 1):
        length, size = min(side, means.shape[axis]), means.shape[axis]
        starts = np.minimum(np.arange(0, size, length), size - length)
        sums = np.insert(np.cumsum(means, axis), 0, 0, axis)
        means = (np.take(sums, starts + length, axis) - np.take(sums, starts, axis)) / length
    levels_by_square: Levels = means.astype(np.float32)
    return levels_by_square


def _highest_near(levels: Levels, distance: int) -> Levels:
    """The maximum within `distance` pixels, along rows and columns."""
    for axis in (0, 1):
        widths = [(0, 0), (0, 0)]
        widths[axis] = (distance, distance)
        levels, reach = np.pad(levels, widths), 1
        # Two windows that lie side by side are one of twice the size; the last two overlap.
        while reach < 2 * distance + 1:
            step = min(reach, 2 * distance + 1 - reach)
            size = levels.shape[axis] - step
            levels = np.maximum(
                np.take(levels, range(size), axis), np.take(levels, range(step, size + step), axis)
            )
            reach += step
    return levels

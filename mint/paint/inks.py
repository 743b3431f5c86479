"""A picture redrawn in flat inks with clean edges, as a screen print is.

Neighbouring areas of like colour become one (Mumford and Shah's segmentation by merging, after
Koepfler, Lopez and Morel 1994, doi 10.1137/0731017), then edges are smoothed by blurring each ink
and letting the strongest win (threshold dynamics, Merriman, Bence and Osher 1992). Whole numbers,
and of float64 what every machine rounds alike, so all draw the same.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from mint.paint.png import Pixels

Whole = npt.NDArray[np.integer[Any]]

GRID = 512  # pixels of the longer side on which areas are sought
STEP = 24  # of 256: colours within it are one area to begin with
EDGE = 9000  # squared difference x area that a pixel of edge must be worth
APART = 30  # of 256: nearer colours are one ink
MOST = 32  # inks
ROUNDS = 3  # of smoothing
# The median of nine, by Devillard (1998, "Fast median search"): which two change places in turn.
_NETWORK = (
    *((1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3)),
    *((5, 8), (4, 7), (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2)),
)


def in_inks(pixels: Pixels) -> Pixels:
    """(height, width, 3), RGB -> the same size, in at most MOST colours beside those of edges."""
    high, wide = pixels.shape[:2]
    times = max(1, round(max(high, wide) / GRID))
    padded = np.pad(pixels, ((0, -high % times), (0, -wide % times), (0, 0)), mode="edge")
    small = _median(_reduced(padded, times))
    areas = merge(areas_of(small), small)
    which, inks = _inks_of(areas, small)
    for _ in range(ROUNDS):
        which = _strongest(which, len(inks), 1)
    large = inks[_strongest(which, len(inks), times)]
    soft = _summed(_summed(large.astype(np.uint16), 0, (1, 2, 1)), 1, (1, 2, 1))
    return ((soft + 8) // 16).astype(np.uint8)[:high, :wide]


def _reduced(pixels: Pixels, times: int) -> Pixels:
    """The mean of each `times` x `times` pixels."""
    high, wide = pixels.shape[0] // times, pixels.shape[1] // times
    blocks = pixels.reshape(high, times, wide, times, 3).astype(np.uint32).sum((1, 3))
    means: Pixels = ((blocks + times**2 // 2) // times**2).astype(np.uint8)
    return means


def _median(pixels: Pixels) -> Pixels:
    """The median of each pixel and its eight neighbours, channel by channel."""
    high, wide = pixels.shape[:2]
    around = np.pad(pixels, ((1, 1), (1, 1), (0, 0)), mode="edge")
    nine = [around[y : y + high, x : x + wide] for y in range(3) for x in range(3)]
    for a, b in _NETWORK:
        nine[a], nine[b] = np.minimum(nine[a], nine[b]), np.maximum(nine[a], nine[b])
    return nine[4]


def areas_of(pixels: Pixels) -> Whole:
    """(height, width) with the number of each pixel's area: neighbours of about one colour."""
    coarse = pixels.astype(np.int32) // STEP
    colour = (coarse[..., 0] * 256 + coarse[..., 1]) * 256 + coarse[..., 2]
    index = np.arange(colour.size, dtype=np.int32).reshape(colour.shape)
    across, down = colour[:, :-1] == colour[:, 1:], colour[:-1] == colour[1:]
    one = np.concatenate([index[:, :-1][across], index[:-1][down]])
    other = np.concatenate([index[:, 1:][across], index[1:][down]])
    root = np.arange(colour.size, dtype=np.int32)
    while len(one):
        np.minimum.at(root, np.maximum(root[one], root[other]), np.minimum(root[one], root[other]))
        while (root[root] != root).any():
            root = root[root]
        apart = root[one] != root[other]
        one, other = one[apart], other[apart]
    return np.unique(root, return_inverse=True)[1].reshape(colour.shape)


def merge(areas: Whole, pixels: Pixels) -> Whole:
    """The areas that are left when no edge between two is worth less than EDGE a pixel."""
    count = int(areas.max()) + 1
    flat = areas.ravel()
    size: list[float] = np.bincount(flat, minlength=count).astype(np.float64).tolist()
    # Sums of whole numbers are exact in float64.
    sums = (np.bincount(flat, pixels[..., c].ravel(), count) for c in range(3))
    red, green, blue = (cast("list[float]", each.tolist()) for each in sums)
    near: list[dict[int, int]] = [{} for _ in range(count)]  # neighbour -> pixels of the edge
    for i, j, length in _edges(areas, count):
        near[i][j] = near[j][i] = length

    def worth(i: int, j: int) -> float:
        m, n = size[i], size[j]
        r, g, b = red[i] / m - red[j] / n, green[i] / m - green[j] / n, blue[i] / m - blue[j] / n
        return (r * r + g * g + b * b) * (m * n / (m + n)) / near[i][j]

    def prices() -> Iterator[tuple[float, int, int]]:
        return ((worth(i, j), i, j) for i in range(count) for j in near[i] if i < j)

    into = list(range(count))
    while queue := [pair for pair in prices() if pair[0] < EDGE]:
        heapq.heapify(queue)
        while queue:
            before, i, j = heapq.heappop(queue)
            if into[i] != i or into[j] != j:
                continue
            if (now := worth(i, j)) > before:  # one of the two has grown since; later, if at all
                if now < EDGE:
                    heapq.heappush(queue, (now, i, j))
                continue
            if len(near[i]) < len(near[j]):
                i, j = j, i
            into[j] = i
            for values in (size, red, green, blue):
                values[i] += values[j]
            for k, length in near[j].items():
                del near[k][j]
                if k != i:
                    near[i][k] = near[k][i] = near[i].get(k, 0) + length
                    if (now := worth(i, k)) < EDGE:
                        heapq.heappush(queue, (now, i, k))
            near[j] = {}
    root = np.array(into)
    while (root[root] != root).any():
        root = root[root]
    return np.unique(root[areas], return_inverse=True)[1].reshape(areas.shape)


def _edges(areas: Whole, count: int) -> list[tuple[int, int, int]]:
    """Two areas that touch, and along how many pixels."""
    sides = (areas[:, :-1], areas[:, 1:]), (areas[:-1], areas[1:])
    pairs = np.concatenate([np.stack([a.ravel(), b.ravel()]) for a, b in sides], 1)
    pairs = np.sort(pairs[:, pairs[0] != pairs[1]], 0).astype(np.int64)
    codes, lengths = np.unique(pairs[0] * count + pairs[1], return_counts=True)
    return list(
        zip((codes // count).tolist(), (codes % count).tolist(), lengths.tolist(), strict=True)
    )


def _inks_of(areas: Whole, pixels: Pixels) -> tuple[Whole, Pixels]:
    """The number of each pixel's ink, and the inks; larger areas choose theirs first.

    An area's colour is its median away from its edges, which are mixed with what is beyond them.
    """
    size = np.bincount(areas.ravel())
    rows = np.split(np.argsort(areas.ravel(), kind="stable"), np.cumsum(size)[:-1])
    padded, inner = np.pad(areas, 1, mode="edge"), np.ones(areas.shape, bool)
    for beside in (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]):
        inner &= beside == areas
    within = [row[away] if (away := inner.ravel()[row]).any() else row for row in rows]
    flat = pixels.reshape(-1, 3)
    medians = [np.sort(flat[row], 0)[len(row) // 2].astype(np.int64) for row in within]
    inks: list[Whole] = []
    ink = np.zeros(len(size), np.int64)
    for area in np.argsort(-size, kind="stable").tolist():
        apart = [int(np.square(medians[area] - each).sum()) for each in inks]
        if apart and (min(apart) < APART**2 or len(inks) == MOST):
            ink[area] = apart.index(min(apart))
        else:
            ink[area] = len(inks)
            inks.append(medians[area])
    return ink[areas], np.array(inks).astype(np.uint8)


def _strongest(which: Whole, count: int, times: int) -> Whole:
    """The ink that is strongest at each pixel, `times` as large, once all have run a little."""
    high, wide = which.shape[0] * times, which.shape[1] * times
    most, winner = np.zeros((high, wide), np.uint32), np.zeros((high, wide), np.uint8)
    for ink in range(count):
        field = (which == ink).astype(np.uint32)
        for axis in (0, 1, 0, 1):
            field = _summed(field, axis, (1, 1, 1, 1, 1))
        field = _larger(_larger(field, 0, times), 1, times)
        stronger = field > most
        most[stronger], winner[stronger] = field[stronger], ink
    return winner


def _summed(field: Whole, axis: int, weights: tuple[int, ...]) -> Whole:
    """Each value with its neighbours along `axis`, weighted; beyond an edge the edge goes on."""
    reach, length = len(weights) // 2, field.shape[axis]
    around = np.pad(
        field, [(reach, reach) if a == axis else (0, 0) for a in range(field.ndim)], "edge"
    )
    parts = (
        w * around[(slice(None),) * axis + (slice(k, k + length),)] for k, w in enumerate(weights)
    )
    total: Whole = sum(parts, start=np.zeros_like(field))
    return total


def _larger(field: Whole, axis: int, times: int) -> Whole:
    """`times` as long along `axis`, on straight lines between the values, each 2 x `times` more."""
    if times == 1:
        return field
    field = np.moveaxis(field, axis, 0)
    before, after = np.concatenate([field[:1], field[:-1]]), np.concatenate([field[1:], field[-1:]])
    long = np.empty((len(field) * times, *field.shape[1:]), field.dtype)
    for phase in range(times):
        aside = 2 * phase + 1 - times  # from the middle of the value, in 2 x `times` parts
        other = after if aside > 0 else before
        long[phase::times] = (2 * times - abs(aside)) * field + abs(aside) * other
    return np.moveaxis(long, 0, axis)

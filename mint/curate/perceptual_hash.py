"""Pictures -> 256 bits of their light and shade, by which a copy is known whatever was done to it.

Made as PDQ is (https://github.com/facebook/ThreatExchange/tree/main/pdq): grey, 64 x 64, the lowest
16 x 16 frequencies of a cosine transform, each above or below their median. Unlike it, a picture is
also hashed as a mirror image and without its margins, so that such copies are known too.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mint.curate.close_pairs import block_order, close_blocks
from mint.curate.multi_index import CANDIDATES, LIMIT, Close, Index, close_hashes, joined

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

# One row a picture: VIEWS hashes of 32 bytes, then its quality from 0 to 100.
Prints = npt.NDArray[np.uint8]

BITS = 256
# PDQ's own limit for a match; unrelated pictures differ in about 128 bits.
MATCH = 31
# PDQ's own limit, too: below it a picture has too few edges, and its bits are noise.
FEATURELESS = 50
# Which share of width and height is left out. A hash outlives a cut of 3 %, so between two of these
# every cut up to 12 % is known.
CROPS = (0.0, 0.03, 0.06, 0.1)
VIEWS = 2 * len(CROPS)  # each also mirrored
PRINT = VIEWS * BITS // 8 + 1

# Below so many pairs products of all are quicker than an index; above, the index is quicker while
# it has one pair in WORTH to look at. It has more where the pictures are copies of a few.
MANY, WORTH = 1 << 24, 16
# Views that are looked up at once, some 100 MB each of a hundred thousand pictures.
THREADS = min(4, os.cpu_count() or 1)

# Half of the bits, spread over all frequencies, are compared first: of unlike pictures hardly a
# pair differs there in MATCH or fewer, and only those are compared to the end.
_SIEVE = np.flatnonzero(np.indices((16, 16)).sum(axis=0).ravel() % 2)

_SIDE, _FREQUENCIES = 64, np.arange(1, 17)
_COSINES = np.cos(np.pi / _SIDE * np.outer(_FREQUENCIES, np.arange(_SIDE) + 0.5))
_MIRROR = np.where(_FREQUENCIES % 2, -1.0, 1.0)  # odd waves change their sign in a mirror


def perceptual_hash(file: bytes) -> bytes:
    """One row of Prints for a PNG, JPEG or WebP file."""
    from PIL import Image

    grey = Image.open(io.BytesIO(file)).convert("RGB").convert("L")
    samples = [_samples(grey, crop) for crop in CROPS]
    views = [view for each in samples for view in _views(each)]
    return b"".join(views) + bytes([_quality(samples[0])])


def _samples(grey: Any, crop: float) -> npt.NDArray[np.float64]:
    from PIL import Image

    x, y = grey.width * crop / 2, grey.height * crop / 2
    box = (x, y, grey.width - x, grey.height - y)
    return np.asarray(grey.resize((_SIDE, _SIDE), Image.Resampling.BOX, box=box), np.float64)


def _views(samples: npt.NDArray[np.float64]) -> Iterator[bytes]:
    # Rounded, so that the last bits of a machine's sums decide nothing.
    waves = np.round(_COSINES @ samples @ _COSINES.T, 3)
    for view in (waves, waves * _MIRROR):
        yield np.packbits(view > np.median(view)).tobytes()


def _quality(samples: npt.NDArray[np.float64]) -> int:
    """How much the picture has to tell it by, as PDQ counts: the sum of all steps between cells."""
    steps = sum(np.abs(np.diff(samples, axis=axis)).sum() for axis in (0, 1))
    return min(100, int(steps / 255 * 100 / 90))


def close_prints(left: Prints, right: Prints, bits: int, *, same: bool = False) -> Close:
    """Pairs of which at most `bits` differ in some view, with the least of all views.

    `same=True` says that right is left; then each pair is there once, the smaller row first.
    Featureless pictures are like nothing; `bits` is below 128, where chance begins. Pairs are in
    the order of views, and within one in that of mint.curate.close_pairs.
    """
    # Cut or mirrored may be either of two; among the same pictures, one order is both.
    ways = [(view, 0) for view in range(VIEWS)]
    ways += [] if same else [(0, view) for view in range(1, VIEWS)]
    ways.sort(key=max)
    closest = joined([])
    with ThreadPoolExecutor(THREADS) as pool:
        index = partial(_close_indexed, _Index(left), _Index(right), bits)
        for way, indexed in zip(ways, pool.map(index, ways), strict=True):
            symmetric = same and way == (0, 0)
            close = indexed or _close_by_products(left, right, way, bits, symmetric=symmetric)
            if same:
                i, j = close.rows, close.columns
                ordered = Close(np.minimum(i, j), np.maximum(i, j), close.bits)
                close = ordered.only(i < j if symmetric else i != j)
            closest = _least(closest, close, len(right))
    return closest


def _least(some: Close, more: Close, wide: int) -> Close:
    """Each pair once, where it came first, with the least bits of either."""
    if not len(more.rows):
        return some
    both = joined([some, more])
    codes = both.rows * wide + both.columns
    order = np.argsort(codes, kind="stable")
    begins = np.flatnonzero(np.diff(codes[order], prepend=-1))
    first, least = order[begins], np.minimum.reduceat(both.bits[order], begins)
    again = np.argsort(first)
    return both.only(first[again])._replace(bits=least[again])


class _Index:
    """Those of some pictures that tell something, by their rows, and indexes of their views."""

    def __init__(self, prints: Prints) -> None:
        self.prints = prints
        self.rows = np.flatnonzero(_telling(prints))

    def view(self, view: int) -> Index:
        """Of one view."""
        return self._first if view == 0 else self._of(view)

    @cached_property
    def _first(self) -> Index:  # the one that every other is compared with
        return self._of(0)

    def _of(self, view: int) -> Index:
        return Index(_view(self.prints, view)[self.rows])


def _close_indexed(left: _Index, right: _Index, bits: int, views: tuple[int, int]) -> Close | None:
    """By an index, where that takes less time than products of all pairs."""
    pairs = len(left.prints) * len(right.prints)
    if bits > LIMIT or pairs < MANY:
        return None
    close = close_hashes(left.view(views[0]), right.view(views[1]), bits, pairs // WORTH)
    if close is None:
        return None
    close = Close(left.rows[close.rows], right.rows[close.columns], close.bits)
    return close.only(block_order(close.rows, close.columns))


def _close_by_products(
    left: Prints, right: Prints, views: tuple[int, int], bits: int, *, symmetric: bool
) -> Close:
    """By a product of each with each, which takes the same time whatever the pictures."""
    sieve = _SIEVE if bits <= MATCH else np.arange(BITS)
    vectors = signs(left, views[0], sieve), signs(right, views[1], sieve)
    words = [
        np.ascontiguousarray(_view(each, view)).view(np.uint64)
        for each, view in zip((left, right), views, strict=True)
    ]
    parts = list[Close]()
    most = 1 - 2 * (bits + 0.5) / len(sieve)
    for pairs in close_blocks(*vectors, most, same=symmetric):
        for start in range(0, len(pairs.rows), CANDIDATES):
            rows, columns, _ = (each[start : start + CANDIDATES] for each in pairs)
            different = words[0][rows] ^ words[1][columns]
            differing = np.bitwise_count(different).sum(axis=1, dtype=np.uint16)
            few = differing <= bits
            parts.append(Close(rows[few], columns[few], differing[few].astype(np.uint8)))
    return joined(parts)


def signs(prints: Prints, view: int, which: npt.NDArray[np.int_]) -> Vectors:
    """Bits of one view as vectors (n, k) of length 1: 1 less twice their share that differs.

    `which` are the bits' k numbers. Featureless pictures are vectors of zeros.
    """
    bits = np.unpackbits(_view(prints, view), axis=1)[:, which].astype(np.float32)
    lengths = np.where(_telling(prints), len(which) ** -0.5, 0).astype(np.float32)
    return np.asarray((bits * 2 - 1) * lengths[:, None], np.float32)


def _view(prints: Prints, view: int) -> Prints:
    return prints[..., 32 * view : 32 * view + 32]


def _telling(prints: Prints) -> npt.NDArray[np.bool_]:
    return prints[:, -1] >= FEATURELESS

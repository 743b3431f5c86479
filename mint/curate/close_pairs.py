"""Vectors -> which of them lie close, and which lies nearest; exact, a block of products at a time.

Memory is one block; time is the matrix product's. What is decided in float64 is computed in float32
first, in half the time: only pairs that a bound on its error leaves open are computed once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

TILE = (1024, 4096)  # rows x columns of one block of products: 16 MB
NOBODY = -3.0  # below every product that is compared
AT_ONCE = 1 << 14  # pairs whose vectors are gathered at once
# Where more than one pair in so many is open, the whole block is computed once more.
OPEN = 64
# Products are equal where so many digits are: sums in another order differ in the sixteenth.
DIGITS = 12

Rows = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.floating[Any]]  # of shape (n, d), as wide as the caller's decisions


class Pairs(NamedTuple):
    """Pairs by row of left and row of right, and their products; each of shape (pairs,)."""

    rows: Rows
    columns: Rows
    products: Vectors

    def only(self, which: Rows | npt.NDArray[np.bool_]) -> Pairs:
        """These pairs, in this order."""
        return Pairs(self.rows[which], self.columns[which], self.products[which])


@dataclass(frozen=True)
class Block:
    """Products of rows from `top` on with columns from `start` on, each at most `error` off.

    `largest` are those of the rows. With `same`, a picture's product with itself is NOBODY. The
    block is overwritten by the next one.
    """

    left: Vectors
    right: Vectors
    top: int
    start: int
    products: Vectors
    largest: Vectors
    error: float
    same: bool

    def at_least(self, threshold: float) -> Pairs:
        """The pairs with product >= threshold; with `same`, those whose row is the smaller one."""
        least = threshold - self.error
        some = np.flatnonzero(self.largest >= least)
        is_open = self.products[some] >= least
        if self.error and np.count_nonzero(is_open) > self.products.size // OPEN:
            return self.exact().at_least(threshold)
        i, j = np.nonzero(is_open)
        pairs = Pairs(self.top + some[i], self.start + j, self.products[some[i], j])
        if self.same:
            pairs = pairs.only(pairs.rows < pairs.columns)
        if not self.error:
            return pairs
        pairs = pairs._replace(products=self.product(pairs.rows, pairs.columns))
        return pairs.only(pairs.products >= threshold)

    def product(self, rows: Rows, columns: Rows) -> Vectors:
        """The exact products of these rows of left and of right: (n,)."""
        if self.same:
            rows, columns = np.minimum(rows, columns), np.maximum(rows, columns)
        return products_of(self.left, self.right, rows, columns).round(DIGITS)

    def exact(self) -> Block:
        """The same block without an error."""
        high, wide = self.products.shape
        ours, theirs = self.left[self.top :][:high], self.right[self.start :][:wide]
        products = (ours @ theirs.T).round(DIGITS)
        if self.same:
            _forget_diagonal(products, self.top - self.start)
        return _block(self.left, self.right, (self.top, self.start), products, 0.0, same=self.same)


def close_blocks(
    left: Vectors, right: Vectors, threshold: float, *, same: bool = False
) -> Iterator[Pairs]:
    """All pairs with product >= threshold, those of a block at once.

    `same=True` says that the rows are the same pictures on both sides and the products symmetric;
    then each pair comes once, with the smaller row first.
    """
    for block in _blocks(left, right, same=same):
        if block.largest.max() >= threshold - block.error:
            yield block.at_least(threshold)


def block_order(rows: Rows, columns: Rows) -> Rows:
    """What puts pairs into the order in which `close_blocks` comes upon them.

    Where only the first or the last of several pairs counts, that is part of what is on record.
    """
    high, wide = TILE
    return np.lexsort((columns, rows, columns // wide, rows // high))


def products_of(
    left: Vectors, right: Vectors, rows: Rows, columns: Rows
) -> npt.NDArray[np.float64]:
    """The products of these rows of left with these of right, pair by pair, in float64: (n,)."""
    products = np.empty(len(rows))
    for start in range(0, len(rows), AT_ONCE):
        here = slice(start, start + AT_ONCE)
        one, other = left[rows[here]], right[columns[here]]
        one, other = one.astype(np.float64, copy=False), other.astype(np.float64, copy=False)
        products[here] = np.einsum("ij,ij->i", one, other)
    return products


def nearest_rows(
    left: Vectors, right: Vectors, visit: Callable[[Block], None] = lambda block: None
) -> tuple[Rows, Vectors]:
    """For each picture the row of the other one with the largest product, and that product.

    `left` and `right` (n, d) are of the same pictures and their products symmetric; n > 1. Of equal
    products the smaller row counts. `visit` sees each block, whose products serve it, too.
    """
    rows = np.zeros(len(left), np.int64)
    best = np.full(len(left), NOBODY, left.dtype)
    for block in _blocks(left, right, same=True):
        visit(block)
        _improve(rows, best, block)
        _improve(rows, best, _turned(block))
    return rows, best


def _improve(rows: Rows, best: Vectors, block: Block) -> None:
    """Note in `rows` and `best` who of the block's columns is nearer to its rows."""
    here = slice(block.top, block.top + len(block.largest))
    nearer = np.flatnonzero(block.largest >= best[here] - block.error)
    if not len(nearer):
        return
    i, products, largest = block.top + nearer, block.products[nearer], block.largest[nearer]
    if block.error:
        # No other can be the nearest: it or the largest would be off by more than the error.
        which, j = np.nonzero(products >= largest[:, None] - 2 * block.error)
        if len(j) > max(len(nearer), block.products.size // OPEN):
            _improve(rows, best, block.exact())
            return
        i, columns = i[which], block.start + j
        values = block.product(i, columns)
        order = np.lexsort((columns, -values, i))
        first = order[np.flatnonzero(np.diff(i[order], prepend=-1))]
        i, columns, values = i[first], columns[first], values[first]
    else:
        columns, values = block.start + products.argmax(axis=1), largest
    better = (values > best[i]) | ((values == best[i]) & (columns < rows[i]))
    rows[i[better]], best[i[better]] = columns[better], values[better]


def _blocks(left: Vectors, right: Vectors, *, same: bool) -> Iterator[Block]:
    """All blocks of products; with `same` those of the upper triangle."""
    high, wide = TILE
    one, other, error = left, right, 0.0
    if left.dtype == np.float64:
        one, other, error = left.astype(np.float32), right.astype(np.float32), _error(left, right)
    memory = np.empty(high * wide, np.result_type(one, other))
    for top in range(0, len(left), high):
        for start in range(top - top % wide if same else 0, len(right), wide):
            ours, theirs = one[top : top + high], other[start : start + wide]
            shape = len(ours), len(theirs)
            products = memory[: shape[0] * shape[1]].reshape(shape)
            np.matmul(ours, theirs.T, out=products)
            if same:
                _forget_diagonal(products, top - start)
            yield _block(left, right, (top, start), products, error, same=same)


def _block(
    left: Vectors,
    right: Vectors,
    place: tuple[int, int],
    products: Vectors,
    error: float,
    *,
    same: bool,
) -> Block:
    return Block(left, right, *place, products, products.max(axis=1), error, same)


def _turned(block: Block) -> Block:
    """Of symmetric products: with rows for columns."""
    place, products = (block.start, block.top), block.products.T
    return _block(block.left, block.right, place, products, block.error, same=block.same)


def _error(left: Vectors, right: Vectors) -> float:
    """How far a product in float32 may be from that of the same vectors in float64.

    At most (d + 2) roundings of 2^-24 each, of the product of both lengths (Higham 2002, Accuracy
    and Stability of Numerical Algorithms, section 3.1). Twice that, to be on the safe side.
    """
    lengths = [float(np.linalg.norm(each, axis=1).max(initial=0)) for each in (left, right)]
    return float(2 * (left.shape[1] + 2) * 2.0**-24 * lengths[0] * lengths[1])


def _forget_diagonal(products: Vectors, offset: int) -> None:
    """A picture and itself: row i is column i + offset."""
    rows = np.arange(max(0, -offset), min(len(products), products.shape[1] - offset))
    products[rows, rows + offset] = NOBODY

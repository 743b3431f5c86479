"""Vectors -> which of them lie close, and which lies nearest; exact, a block of products at a time.

Memory is one block; time is the matrix product's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

TILE = (1024, 4096)  # rows x columns of one block of products: 32 MB
NOBODY = -3.0  # below every product that is compared

Rows = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.floating[Any]]  # of shape (n, d), as wide as the caller's decisions


class Pairs(NamedTuple):
    """Pairs by row of left and row of right, and their products; each of shape (pairs,)."""

    rows: Rows
    columns: Rows
    products: Vectors


def close_pairs(
    left: Vectors, right: Vectors, threshold: float, *, same: bool = False
) -> Iterator[tuple[int, int, float]]:
    """Every (row of left, row of right, product) with product >= threshold, in block order.

    `same=True` says that the rows are the same pictures on both sides and the products symmetric;
    then each pair comes once, with the smaller row first.
    """
    for pairs in close_blocks(left, right, threshold, same=same):
        yield from zip(*(each.tolist() for each in pairs), strict=True)


def close_blocks(
    left: Vectors, right: Vectors, threshold: float, *, same: bool = False
) -> Iterator[Pairs]:
    """The same, all pairs of a block at once."""
    for top, start, products in _blocks(left, right, same=same):
        if products.max() >= threshold:
            i, j = np.nonzero(products >= threshold)
            each = (top + i < start + j) if same else slice(None)
            i, j = i[each], j[each]
            yield Pairs(top + i, start + j, products[i, j])


def block_order(rows: Rows, columns: Rows) -> Rows:
    """What puts pairs into the order in which `close_pairs` comes upon them.

    Where only the first or the last of several pairs counts, that is part of what is on record.
    """
    high, wide = TILE
    return np.lexsort((columns, rows, columns // wide, rows // high))


def nearest_rows(left: Vectors, right: Vectors) -> tuple[Rows, Vectors]:
    """For each picture the row of the other one with the largest product, and that product.

    `left` and `right` (n, d) are of the same pictures and their products symmetric; n > 1. Of equal
    products the smaller row counts.
    """
    rows = np.zeros(len(left), np.int64)
    best = np.full(len(left), NOBODY, left.dtype)
    for top, start, products in _blocks(left, right, same=True):
        _improve(rows, best, top, start, products)
        _improve(rows, best, start, top, products.T)
    return rows, best


def _improve(rows: Rows, best: Vectors, top: int, start: int, products: Vectors) -> None:
    """Note in `rows` and `best`, from `top` on, who of the columns from `start` on is nearer."""
    largest = products.max(axis=1)
    here = slice(top, top + len(largest))
    nearer = np.flatnonzero(largest >= best[here])
    columns = start + products[nearer].argmax(axis=1)
    nearer_rows = top + nearer
    smaller = (largest[nearer] > best[nearer_rows]) | (columns < rows[nearer_rows])
    rows[nearer_rows[smaller]] = columns[smaller]
    best[nearer_rows] = largest[nearer]


def _blocks(left: Vectors, right: Vectors, *, same: bool) -> Iterator[tuple[int, int, Vectors]]:
    """(first row, first column, products); with `same` the upper triangle, without the diagonal."""
    high, wide = TILE
    for top in range(0, len(left), high):
        for start in range(top - top % wide if same else 0, len(right), wide):
            products = left[top : top + high] @ right[start : start + wide].T
            if same:
                _forget_diagonal(products, top - start)
            yield top, start, products


def _forget_diagonal(products: Vectors, offset: int) -> None:
    """A picture and itself: row i is column i + offset."""
    rows = np.arange(max(0, -offset), min(len(products), products.shape[1] - offset))
    products[rows, rows + offset] = NOBODY

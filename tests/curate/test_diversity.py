"""Diversity figures against what is known of them by their definitions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.curate.diversity import histogram, ladder, nearest, of_samples, scores

if TYPE_CHECKING:
    from mint.models.embedder import Vectors


def groups(sizes: list[int], dimensions: int) -> Vectors:
    """Rows of several kinds that have nothing in common, seen from a random direction."""
    turned, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(dimensions, dimensions)))
    rows = np.repeat(np.arange(len(sizes)), sizes)
    return np.asarray(turned[rows], np.float32)


def scattered(number: int, dimensions: int) -> Vectors:
    rows = np.random.default_rng(number).normal(size=(number, dimensions)) + 1
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("kinds", [1, 2, 5, 12])
@pytest.mark.parametrize("each", [1, 3, 40])
def test_equal_groups_count_as_so_many(kinds: int, each: int) -> None:
    assert scores(groups([each] * kinds, 12)) == pytest.approx((kinds, kinds), abs=1e-5)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=9))
def test_unequal_groups_count_by_the_entropy_of_their_shares(sizes: list[int]) -> None:
    shares = [size / sum(sizes) for size in sizes]

    vendi, rke = scores(groups(sizes, 16))

    assert vendi == pytest.approx(math.prod(p**-p for p in shares), abs=1e-4)
    assert rke == pytest.approx(1 / sum(p * p for p in shares), abs=1e-4)
    assert 1 <= round(rke, 4) <= round(vendi, 4) <= len(sizes)


@pytest.mark.parametrize(("number", "dimensions"), [(6, 40), (40, 40), (300, 7)])
def test_either_matrix_has_the_same_eigenvalues(number: int, dimensions: int) -> None:
    rows = scattered(number, dimensions)
    kernel = rows.astype(np.float64) @ rows.astype(np.float64).T / number
    shares = np.linalg.svd(kernel, compute_uv=False)
    shares = shares[shares > 1e-15]

    vendi, rke = scores(rows)

    assert vendi == pytest.approx(np.exp(-(shares * np.log(shares)).sum()), rel=1e-5)
    assert rke == pytest.approx(1 / (kernel**2).sum(), rel=1e-5)  # order 2 by its definition


def test_a_sample_size_is_the_mean_over_whole_samples() -> None:
    rows = scattered(27, 5)

    mean = of_samples(rows, 8)

    pairs = [scores(rows[start : start + 8]) for start in (0, 8, 16)]
    assert mean.pictures == 8
    assert (mean.vendi, mean.rke) == pytest.approx(np.mean(pairs, axis=0), abs=1e-4)


@pytest.mark.parametrize(
    ("number", "sizes"),
    [
        (0, []), (1, [1]), (7, [7]), (8, [8]), (9, [8, 9]), (64, [8, 16, 32, 64]),
        (70, [8, 16, 32, 64, 70]), (3000, [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3000]),
    ],
)  # fmt: skip
def test_collections_of_any_size_have_sizes_in_common(number: int, sizes: list[int]) -> None:
    rows = scattered(number, 4) if number else np.zeros((0, 4), np.float32)

    steps = list(ladder(rows))

    assert [step.pictures for step in steps] == sizes
    assert all(1 <= step.rke <= step.vendi <= min(4, step.pictures) for step in steps)
    if number:
        assert (steps[-1].vendi, steps[-1].rke) == pytest.approx(scores(rows), abs=1e-4)


@pytest.mark.parametrize("number", [0, 1, 2, 3, 10, 11, 25])
def test_the_nearest_other_is_that_of_all_pairs(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.curate.close_pairs.TILE", (3, 5))
    rows = scattered(number, 6) if number else np.zeros((0, 6), np.float32)

    expected = [
        max(float(rows[i] @ rows[j]) for j in range(number) if j != i)
        for i in range(number)
        if number > 1
    ]
    assert nearest(rows) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("likenesses", "counts"),
    [
        ([], ()),
        ([1, 1.0000001, 0.995], (3,)),
        ([0.99, 0.9899999999, 0.985], (0, 3)),
        ([0.9, 1], (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
        ([-0.5], (0,) * 150 + (1,)),
    ],
)
def test_distances_are_counted_by_hundredths(
    likenesses: list[float], counts: tuple[int, ...]
) -> None:
    assert histogram(likenesses) == counts

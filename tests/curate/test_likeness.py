"""Likeness in a collection, and the threshold that it measures on itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mint.curate.close_pairs import close_blocks, nearest_rows
from mint.curate.likeness import Placed, alike, likeness, likenesses, nearest, space
from mint.curate.threshold import FALSE_ALARMS, HIGHEST, LOWEST, Threshold, measure
from mint.spec.painting import Dedup

if TYPE_CHECKING:
    from mint.models.embedder import Vectors


def cloud(many: int, wide: int = 16, seed: int = 0, floor: float = 0.0) -> Vectors:
    """Directions around one that all share; `floor` is about their mean cosine."""
    draw = np.random.default_rng(seed)
    vectors = draw.normal(size=(many, wide)) * ((1 - floor) / wide) ** 0.5
    vectors[:, 0] += floor**0.5
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def prompts(many: int) -> list[str]:
    return [f"prompt {i}" for i in range(many)]


def placed(vectors: Vectors) -> Placed:
    names = prompts(len(vectors))
    return space(vectors, names).place(vectors, names)


def alike_pairs(pictures: Placed, threshold: float) -> dict[tuple[int, int], float]:
    return {
        (int(i), int(j)): float(value)
        for pairs in alike(pictures, threshold)
        for i, j, value in zip(*pairs, strict=True)
    }


def measured(vectors: Vectors) -> Threshold:
    names = prompts(len(vectors))
    return measure(placed(vectors), names, names, Dedup())


def test_a_picture_is_like_itself_and_neighbours_are_like_nobody() -> None:
    pictures = placed(cloud(300))

    assert likeness(pictures, pictures, np.arange(300), np.arange(300)) == pytest.approx(
        1, abs=1e-5
    )
    others = likenesses(pictures, pictures)[~np.eye(300, dtype=bool)].reshape(300, 299)
    fourth = np.sort(others, axis=1)[:, -4]
    assert abs(np.median(fourth)) < 0.1  # halfway through the eight that are the scale's zero


@pytest.mark.parametrize("floor", [0.0, 0.5, 0.8])
def test_what_all_pictures_share_does_not_count(floor: float) -> None:
    # An embedder that puts a whole theme into one corner gives the same likenesses.
    at_home, in_a_corner = placed(cloud(300)), placed(cloud(300, floor=floor))

    one, other = likenesses(at_home, at_home), likenesses(in_a_corner, in_a_corner)

    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.9


def test_a_redraw_is_compared_with_the_first_pictures_of_other_prompts() -> None:
    first, names = cloud(64), prompts(64)
    whole = space(first, names)

    alone = whole.place(first[5:6], names[5:6])
    together = whole.place(first, names)

    assert alone.crowd[0] == pytest.approx(together.crowd[5], abs=1e-6)
    # Its own first picture, which it may resemble, is no neighbour; under another prompt it is.
    stranger = whole.place(first[5:6], [""])
    assert stranger.crowd[0] > alone.crowd[0]


@pytest.mark.parametrize("threshold", [-0.5, 0.0, 0.3])
def test_pairs_and_nearest_are_exact(threshold: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mint.curate.close_pairs.TILE", (7, 12))
    pictures = placed(cloud(50, wide=8))
    every = likenesses(pictures, pictures)

    found = alike_pairs(pictures, threshold)

    expected = {(int(i), int(j)) for i, j in zip(*np.nonzero(every >= threshold), strict=True)}
    assert set(found) == {(i, j) for i, j in expected if i < j}
    assert [found[pair] for pair in found] == pytest.approx(
        [every[pair] for pair in found], abs=1e-5
    )
    rows, values = nearest(pictures, 0.5)
    assert values == pytest.approx(every[np.arange(50), rows], abs=1e-5)
    plain, best = nearest_rows(pictures.vectors, pictures.vectors)
    cosines = pictures.vectors @ pictures.vectors.T - 4 * np.eye(50, dtype=np.float32)
    assert (plain == cosines.argmax(axis=1)).all()
    assert best == pytest.approx(cosines.max(axis=1), abs=1e-6)


# Blocks of whole float64 products, and pairs alone.
@pytest.mark.parametrize("computed_again", [1 << 20, 0.1])
@pytest.mark.parametrize("same", [True, False])
def test_what_float32_cannot_tell_apart_is_told_apart(
    computed_again: float, same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.curate.close_pairs.OPEN", computed_again)
    monkeypatch.setattr("mint.curate.close_pairs.TILE", (16, 64))
    vectors = cloud(20).astype(np.float64).repeat(5, axis=0)
    vectors += np.random.default_rng(1).normal(size=vectors.shape) * 1e-7
    products = vectors @ vectors.T
    threshold = float(np.sort(products[np.triu_indices(100, 1)])[-100])  # among the copies'

    blocks = close_blocks(vectors, vectors, threshold - 1e-12, same=same)
    found = {pair for b in blocks for pair in zip(b.rows.tolist(), b.columns.tolist(), strict=True)}
    rows, best = nearest_rows(vectors, vectors)

    i, j = np.nonzero(products >= threshold - 1e-12)
    expected = set(zip(i.tolist(), j.tolist(), strict=True))
    assert found == {(i, j) for i, j in expected if i < j or not same}
    np.fill_diagonal(products, -1)
    assert rows.tolist() == products.argmax(axis=1).tolist()
    assert best == pytest.approx(products.max(axis=1), abs=1e-12)


@pytest.mark.parametrize("computed_again", [1 << 20, 0.1])
def test_of_equally_near_pictures_the_first_counts(
    computed_again: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.curate.close_pairs.OPEN", computed_again)
    monkeypatch.setattr("mint.curate.close_pairs.TILE", (16, 64))
    vectors = np.tile(cloud(9).astype(np.float64), (10, 1))
    # As sums in another order have it, on another machine.
    vectors *= 1 + np.random.default_rng(1).integers(-2, 3, (90, 1)) * 2.0**-52

    rows, _ = nearest_rows(vectors, vectors)

    assert rows.tolist() == [*range(9, 18), *[i % 9 for i in range(81)]]


@pytest.mark.parametrize(("many", "wide"), [(64, 16), (200, 16), (200, 6)])
def test_few_false_alarms_are_expected(many: int, wide: int) -> None:
    alarms = []
    for seed in range(20):
        vectors = cloud(many, wide, seed)
        alarms.append(len(alike_pairs(placed(vectors), measured(vectors).likeness)))

    # Twenty collections: a Poisson mean of 0.5 each is 10 together, and 20 would be a rare day.
    assert sum(alarms) <= 2 * 20 * FALSE_ALARMS


def test_copies_among_them_hardly_move_the_threshold() -> None:
    vectors = cloud(200)
    copied = vectors.copy()
    copied[1:20:2] = copied[0:20:2]  # ten copies under prompts of their own

    assert measured(copied).likeness == pytest.approx(measured(vectors).likeness, abs=0.06)
    assert len(alike_pairs(placed(copied), measured(copied).likeness)) >= 10


@pytest.mark.parametrize("many", [1, 2, 3, 6, 12])
def test_small_collections_lean_on_what_others_measured(many: int) -> None:
    assert 0.5 <= measured(cloud(many)).likeness <= 0.7


def test_a_threshold_stays_where_it_means_something() -> None:
    same: Vectors = np.full((40, 4), 0.5, np.float32)
    nothing: Vectors = np.zeros((40, 4), np.float32)

    for vectors in (same, nothing, cloud(300, 3)):
        assert LOWEST <= measured(vectors).likeness <= HIGHEST


def test_pairs_of_one_prompt_say_nothing_of_chance() -> None:
    vectors = cloud(60)
    vectors[1::2] = vectors[::2]
    names = [f"prompt {i // 2}" for i in range(60)]
    pictures = space(vectors, names).place(vectors, names)

    threshold = measure(pictures, names, names, Dedup())

    assert threshold.pairs == threshold.measured == 60 * 59 // 2 - 30
    assert threshold.highest is not None
    assert threshold.highest < threshold.likeness + 0.2
    assert threshold.families <= threshold.likeness

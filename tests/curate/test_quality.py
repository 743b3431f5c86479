"""What is measured of a collection's pictures, from vectors whose figures are plain to see."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mint.curate.quality import Quality, means_something, measure
from mint.curate.token import Lookalike, Token
from mint.plan.edit import Edit
from tests import exhibit

if TYPE_CHECKING:
    from mint.models.embedder import Vectors


def tokens(number: int, **changes: Any) -> tuple[Token, ...]:
    return tuple(exhibit.token(i, **changes) for i in range(1, number + 1))


def directions(*degrees: float) -> Vectors:
    radians = np.radians(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def quality(*parts: Any) -> Quality:
    return measure("model", *parts)[1]


def test_a_score_is_two_and_a_half_times_the_cosine_and_never_below_zero() -> None:
    pictures, prompts = directions(0, 0, 0, 0), directions(0, 60, 90, 120)

    measured, figures = measure("model", tokens(4), pictures, prompts, [2])

    assert [token.clip_score for token in measured] == [2.5, 1.25, 0, 0]
    assert figures.clip_score is not None
    assert figures.clip_score.mean == pytest.approx(3.75 / 4)
    assert figures.clip_score.p5 == 0
    assert figures.clip_score.worst == (3, 4, 2, 1)
    assert figures.clip_score.unread == (3,)
    assert figures.embedder == "model"
    assert [t.model_copy(update={"clip_score": None}) for t in measured] == list(tokens(4))


def test_the_worst_twenty_are_named_and_one_in_twenty_lies_below_p5() -> None:
    degrees = np.random.default_rng(3).permutation(80)  # a cosine of its own for each

    score = quality(tokens(80), directions(*[0] * 80), directions(*degrees)).clip_score

    assert score is not None
    by_hand = sorted(range(80), key=lambda row: -degrees[row])[:20]
    assert score.worst == tuple(row + 1 for row in by_hand)
    fits = sorted(2.5 * math.cos(math.radians(d)) for d in range(80))
    assert score.p5 == pytest.approx(fits[3] + 0.95 * (fits[4] - fits[3]), abs=1e-4)  # rank 3.95
    assert score.mean == pytest.approx(sum(fits) / 80, abs=1e-4)


def test_others_are_pictures_with_prompts_that_are_not_theirs() -> None:
    # exhibit's prompts have a period of 12: tokens 1 and 13 share one, as 2 and 14 do.
    both = [exhibit.token(i) for i in (1, 13, 2, 14)]
    facing = directions(0, 0, 60, 60)

    score = quality(both, facing, facing).clip_score
    alone = quality(both[:2], facing[:2], facing[:2]).clip_score

    assert score is not None
    assert alone is not None
    assert (score.mean, score.others) == (2.5, 1.25)
    assert (alone.mean, alone.others) == (2.5, None)


def test_without_words_pictures_are_compared_all_the_same() -> None:
    measured, figures = measure("model", tokens(3), directions(0, 0, 90), None)

    assert measured == tokens(3)
    assert figures.clip_score is None
    shares = (2 / 3, 1 / 3)  # of two kinds
    (overall,) = figures.diversity
    assert overall.vendi == pytest.approx(math.prod(p**-p for p in shares), abs=1e-4)
    assert overall.rke == pytest.approx(9 / 5, abs=1e-4)


def test_the_value_whose_pictures_are_most_alike_stands_first() -> None:
    # Foxes are all the same, bears are of two kinds, of robots there are too few.
    foxes = [exhibit.token(i, traits={"Species": "fox"}) for i in range(1, 18)]
    bears = [exhibit.token(i, traits={"Species": "bear", "Hat": "cap"}) for i in range(18, 26)]
    robots = [exhibit.token(i, traits={"Species": "robot"}) for i in range(26, 33)]
    degrees = [10] * 17 + [0, 90] * 4 + [0, 30, 60, 90, 0, 30, 60]

    within = quality([*foxes, *bears, *robots], directions(*degrees), None).within

    assert [(w.trait, w.value, w.tokens) for w in within] == [
        ("Species", "fox", 17),
        ("Hat", "cap", 8),
        ("Species", "bear", 8),
    ]
    assert [(w.vendi, w.rke) for w in within] == [(1, 1), (2, 2), (2, 2)]


def test_distances_are_those_of_the_nearest_other_picture() -> None:
    pictures = directions(0, 60, 65)
    known = [
        exhibit.token(i, nearest=Lookalike(token_id=9, likeness=0.97 - i / 100)) for i in (1, 2, 3)
    ]

    by_cosine = quality(tokens(3), pictures, None).distances
    by_record = quality(known, pictures, None).distances

    # 1 - cos 60 = 0.5; 1 - cos 5 = 0.0038, twice.
    assert {i: n for i, n in enumerate(by_cosine) if n} == {0: 2, 50: 1}
    assert {i: n for i, n in enumerate(by_record) if n} == {4: 1, 5: 1, 6: 1}


def test_attempts_are_counted() -> None:
    drawn = [exhibit.token(i, attempt=attempt) for i, attempt in enumerate((0, 3, 0, 1), start=1)]
    # A variation of attempt 1, and a variation of that: nothing was painted again a thousand times.
    edits = Edit(attempt=1000, of=1, strength=0.5), Edit(attempt=1001, of=1000, strength=0.5)
    drawn.append(exhibit.token(5, attempt=1001, edits=edits))

    assert quality(drawn, directions(0, 30, 60, 90, 120), None).attempts == (2, 2, 0, 1)


def test_samples_do_not_follow_the_order_of_the_collection() -> None:
    # Sorted by kind, every sample of 8 neighbours would be of one kind.
    kinds = np.repeat(np.arange(8), 8) * 11.25
    shuffled = [
        exhibit.token(i, recipe=exhibit.token(i).recipe.model_copy(update={"seed": seed}))
        for i, seed in enumerate(np.random.default_rng(0).permutation(64).tolist(), start=1)
    ]

    eight, *_, whole = quality(shuffled, directions(*kinds), None).diversity

    assert (eight.pictures, whole.pictures) == (8, 64)
    assert eight.vendi > 1.4
    assert whole.vendi > eight.vendi


@pytest.mark.parametrize(
    ("model", "embedder", "measured"),
    [
        ("atelier", "atelier", True),
        ("org/name", "atelier", False),
        ("./mine", "atelier", False),
        ("org/name", "org/clip", True),
        ("atelier", "org/clip", True),
    ],
)
def test_ateliers_clip_says_nothing_of_other_models(
    model: str, embedder: str, measured: bool
) -> None:
    revision = "0" * 40
    image = {"prompt": "a {Species} with {Hat}", "model": model, "width": 64, "height": 64}
    dedup = {"embedder": embedder}
    image |= {"revision": revision} if "/" in model and model[0] != "." else {}
    dedup |= {"revision": revision} if "/" in embedder else {}
    collection = exhibit.collection(4, image=image, dedup=dedup)

    assert means_something(collection) is measured


def test_nothing_painted_is_nothing_measured() -> None:
    measured, figures = measure("model", (), np.zeros((0, 2), np.float32), None)

    assert measured == ()
    assert figures == Quality(embedder="model", diversity=(), within=(), distances=(), attempts=())

"""Which pictures are accepted, which are painted again; painters and judges have three lines."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.curate.curate import Curated, curate
from mint.curate.memo import Perceive
from mint.curate.near_duplicates import Gallery, compare_by, near_duplicates
from mint.curate.perceptual_hash import PRINT, Prints
from mint.curate.second_sign import SecondModel, no_vectors
from mint.curate.token import Judgement, Verdict, keep
from mint.curate.trial import Look as Seen
from mint.document import sha256
from mint.paint.picture import Picture
from mint.plan.recipe import Candidate, Painter, Slot, candidate
from mint.plan.tokens import plan
from mint.spec.collection import Collection
from mint.spec.painting import Dedup
from tests import exhibit

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

Look = Mapping[tuple[int, int], object]  # (token_id, attempt) -> what the picture shows


def menagerie(supply: int) -> Collection:
    image = {"prompt": "{T}", "width": 64, "height": 64, "batch": 3}
    return exhibit.collection(supply, image=image, traits={"T": [f"v{i}" for i in range(supply)]})


def proposer(collection: Collection) -> Callable[[Slot, int], Candidate]:
    return lambda slot, attempt: candidate(collection, slot, attempt, Painter("runtime"))


def show(look: Look) -> Callable[[Sequence[Candidate]], dict[int, Picture]]:
    """A Paint whose pictures are what `look` says; each unlisted one is like no other."""

    def paint(candidates: Sequence[Candidate]) -> dict[int, Picture]:
        seen = {c.token_id: repr(look.get((c.token_id, c.attempt), c)) for c in candidates}
        return {i: Picture(pixels=sha256(s.encode()), file=s, size=1) for i, s in seen.items()}

    return paint


def angles(pictures: Sequence[Picture]) -> Vectors:
    """An Embed: `12.5` is the direction of 12.5 degrees; all else is a direction of its own."""
    rows = []
    for picture in pictures:
        row = np.zeros(64)
        if picture.file.replace(".", "").isdigit():
            row[:2] = (
                np.cos(np.radians(float(picture.file))),
                np.sin(np.radians(float(picture.file))),
            )
        else:
            row[2:] = np.random.default_rng(int(picture.pixels[:8], 16)).normal(size=62)
        rows.append(row / np.linalg.norm(row))
    return np.asarray(rows, np.float32)


def blank(pictures: Sequence[Picture]) -> Prints:
    """A Perceive for pictures whose light and shade say nothing."""
    return np.zeros((len(pictures), PRINT), np.uint8)


def shapes(pictures: Sequence[Picture]) -> Prints:
    """A Perceive: pictures that are angles all have one shape, each other one its own."""
    rows = []
    for picture in pictures:
        number = 0 if picture.file.replace(".", "").isdigit() else int(picture.pixels[:8], 16)
        rows.append(np.random.default_rng(number).integers(0, 256, PRINT, np.uint8))
        rows[-1][-1] = 100
    return np.stack(rows)


def curated(supply: int, look: Look, threshold: float = 0.9, attempts: int = 5) -> Curated:
    collection = menagerie(supply)
    settings = Dedup(threshold=threshold, attempts=attempts)
    return curate(plan(collection), proposer(collection), show(look), angles, blank, settings)


def attempts_of(result: Curated) -> list[int]:
    assert [token.token_id for token in result.tokens] == list(range(1, len(result.tokens) + 1))
    return [token.attempt for token in result.tokens]


# Degrees; cos 25.8 is 0.9, so up to 25 apart is too close and 27 is far enough.
CASES: list[tuple[str, int, Look, list[int]]] = [
    ("nothing is alike", 4, {}, [0, 0, 0, 0]),
    ("equal pixels: the lower id stays", 3, {(1, 0): "x", (3, 0): "x"}, [0, 0, 1]),
    ("near: the lower id stays", 3, {(2, 0): 10, (3, 0): 35}, [0, 0, 1]),
    ("far enough", 3, {(2, 0): 10, (3, 0): 37}, [0, 0, 0]),
    ("a chain a~b~c keeps a and c", 3, {(1, 0): 0, (2, 0): 20, (3, 0): 40}, [0, 1, 0]),
    ("a chain of five", 5, {(i, 0): 20 * i for i in range(1, 6)}, [0, 1, 0, 1, 0]),
    ("all equal", 3, {(1, 0): 5, (2, 0): 5, (3, 0): 5}, [0, 1, 1]),
    ("the next attempt is like what is accepted", 3, {(1, 0): 0, (2, 0): 9, (2, 1): 20}, [0, 2, 0]),
    (
        "and like what an earlier redraw accepted",
        3,
        {(1, 0): 0, (2, 0): 5, (3, 0): 5, (2, 1): 50, (3, 1): 50, (3, 2): 60},
        [0, 1, 3],
    ),
    ("equal to a picture that was thrown out", 3, {(1, 0): 0, (2, 0): 20, (3, 1): 20}, [0, 1, 0]),
    (
        "pixels of a thrown out picture may be accepted later",
        3,
        {(1, 0): 0, (2, 0): 20, (3, 0): 0, (3, 1): 20, (3, 2): 90},
        [0, 1, 2],
    ),
]


@pytest.mark.parametrize(
    ("supply", "look", "attempts"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_look_alikes_are_painted_again(supply: int, look: Look, attempts: list[int]) -> None:
    result = curated(supply, look)

    assert attempts_of(result) == attempts
    assert result.unresolved == ()


def test_a_collection_whose_pictures_are_all_alike_takes_no_memory_for_sentences() -> None:
    number = 1_000
    vectors = np.full((number, 4), 0.5, np.float32)
    prints, nothing = np.zeros((number, PRINT), np.uint8), np.zeros((number, 0), np.float32)
    names = tuple(map(str, range(number)))
    gallery = Gallery(tuple(range(1, number + 1)), names, names, vectors, prints, nothing)
    comparison = compare_by(gallery, Dedup(threshold=0.9))

    tracemalloc.start()
    reasons = near_duplicates(Gallery.empty(), gallery, comparison)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert reasons == dict.fromkeys(range(1, number), "looks like token 1: cosine 1.000")
    assert peak < 100e6  # half a million pairs as sentences are 70 MB more


@given(st.dictionaries(st.tuples(st.integers(1, 8), st.integers(0, 2)), st.integers(0, 8)))
def test_no_two_accepted_pictures_are_close_and_none_is_painted_again_without_need(
    look: dict[tuple[int, int], int],
) -> None:
    degrees = {key: 13 * step for key, step in look.items()}

    result = curated(8, degrees, attempts=3)  # attempt 3 is always a picture of its own

    pictures = [token.image for token in result.tokens]
    cosines = angles(pictures) @ angles(pictures).T
    assert (cosines - np.eye(8) < 0.9).all()
    # Token by token, as one would by hand: a round at a time, lower ids first.
    accepted: dict[int, Candidate] = {}
    for attempt in range(4):
        for slot in plan(menagerie(8)):
            if slot.token_id in accepted:
                continue
            mine = proposer(menagerie(8))(slot, attempt)
            pictures_by_id = show(degrees)([*accepted.values(), mine])
            *others, vector = angles([pictures_by_id[i] for i in (*accepted, slot.token_id)])
            if all(other @ vector < 0.9 for other in others):
                accepted[slot.token_id] = mine
    assert attempts_of(result) == [accepted[i].attempt for i in sorted(accepted)]


@pytest.mark.parametrize("attempts", [0, 1, 3])
def test_what_stays_alike_is_named(attempts: int) -> None:
    look = {(i, attempt): 45 for i in (2, 3, 5) for attempt in range(9)}

    result = curated(5, look, attempts=attempts)

    assert result.unresolved == (3, 5)
    assert attempts_of(result) == [0, 0, attempts, 0, attempts]


def test_equal_pixels_are_rejected_whatever_the_judge_sees() -> None:
    collection, look = menagerie(4), {(1, 0): "x", (3, 0): "x", (3, 1): "x", (4, 0): "y"}

    def blind(pictures: Sequence[Picture]) -> Vectors:
        return np.zeros((len(pictures), 2), np.float32)

    result = curate(plan(collection), proposer(collection), show(look), blind, blank, Dedup())

    assert attempts_of(result) == [0, 0, 2, 0]


@pytest.mark.parametrize(
    ("degrees", "perceive", "attempts"),
    [
        (9, shapes, [0, 1, 0]),
        (9, blank, [0, 0, 0]),  # the embedder alone
        (80, shapes, [0, 0, 0]),  # light and shade alone
    ],
)
def test_auto_paints_again_where_both_signs_agree(
    degrees: float, perceive: Perceive, attempts: list[int]
) -> None:
    collection, look = menagerie(24), {(1, 0): 0, (2, 0): degrees}

    result = curate(plan(collection), proposer(collection), show(look), angles, perceive, Dedup())

    assert attempts_of(result) == [*attempts, *[0] * 21]
    assert result.duplicates
    review = result.duplicates.review
    assert [pair.tokens for pair in review] == ([] if attempts[1] else [(1, 2)])


def turned(factor: float) -> SecondModel:
    """A second model to which angles are so many times as large."""

    def embed(pictures: Sequence[Picture]) -> Vectors:
        number = [p.file.replace(".", "").isdigit() for p in pictures]
        return angles(
            [
                p.model_copy(update={"file": str(float(p.file) * factor)}) if is_angle else p
                for p, is_angle in zip(pictures, number, strict=True)
            ]
        )

    return SecondModel("second", embed)


@pytest.mark.parametrize(
    ("degrees", "factor", "attempts", "why"),
    [
        (9, 1, [0, 1, 0], None),
        (9, 9, [0, 0, 0], "the embedder finds them alike, the second model does not"),
        (80, 0.1, [0, 0, 0], "the second model finds them alike"),
        (80, 1, [0, 0, 0], None),
    ],
)
@pytest.mark.parametrize("perceive", [shapes, blank])
def test_a_second_model_stands_in_for_light_and_shade(
    degrees: float, factor: float, attempts: list[int], why: str | None, perceive: Perceive
) -> None:
    collection, look = menagerie(24), {(1, 0): 0, (2, 0): degrees}
    parts = plan(collection), proposer(collection), show(look), angles, perceive, Dedup()

    result = curate(*parts, second=turned(factor))

    assert attempts_of(result) == [*attempts, *[0] * 21]
    assert result.duplicates
    review = [(pair.tokens, pair.why) for pair in result.duplicates.review]
    assert [tokens for tokens, _ in review] == ([(1, 2)] if why else [])
    assert all((why or "") in words for _, words in review)
    second = result.duplicates.threshold.second
    assert second
    assert second.weights == "second"
    assert 0.5 <= second.likeness <= 0.95


def test_a_redraw_and_others_pictures_are_asked_of_the_second_model_too() -> None:
    collection, second = menagerie(24), turned(1)
    look = {(1, 0): 0, (2, 0): 4, (2, 1): 8, (5, 0): 50}
    art = Picture(pixels="art", file="52", size=1)
    signs = angles([art]), blank([art]), second.embed([art])
    against = Gallery(("art: fox.png",), ("",), (art.pixels,), *signs)
    parts = plan(collection), proposer(collection), show(look), angles, blank, Dedup()

    result = curate(*parts, against=against, second=second)

    assert {t.token_id: t.attempt for t in result.tokens if t.attempt} == {2: 2, 5: 1}
    (reason,) = result.tokens[4].attempts[0].reasons
    assert "looks like art: fox.png: likeness " in reason
    assert reason.endswith(" by the second model")


def test_every_token_knows_its_nearest() -> None:
    collection, look = menagerie(24), {(3, 0): 0, (8, 0): 30, (20, 0): 70}

    result = curate(plan(collection), proposer(collection), show(look), angles, blank, Dedup())

    nearest = {t.token_id: t.nearest.token_id for t in result.tokens if t.nearest}
    assert len(nearest) == 24
    assert (nearest[3], nearest[8], nearest[20]) == (8, 3, 8)
    assert all(t.nearest and t.nearest.likeness <= 1 for t in result.tokens)


def test_six_equal_foxes_are_a_finding() -> None:
    words = {f"f{i}": {"weight": 1, "prompt": "fox"} for i in range(6)}
    traits = {"T": words | {f"v{i}": 1 for i in range(18)}}
    collection = exhibit.collection(24, image={"prompt": "{T}"}, traits=traits)
    slots = plan(collection)
    foxes = [slot.token_id for slot in slots if slot.prompt == "fox"]
    look = {(token_id, 0): 20 + 4 * n for n, token_id in enumerate(foxes)}

    result = curate(slots, proposer(collection), show(look), angles, blank, Dedup())

    assert attempts_of(result) == [0] * 24
    assert result.duplicates
    (family,) = result.duplicates.families
    assert (family.traits, family.tokens) == ({}, tuple(foxes))
    assert family.likeness > 0.95  # four degrees apart
    assert result.duplicates.lookalikes == 0.25
    assert result.duplicates.review == ()


def test_what_is_on_record_does_not_depend_on_how_much_is_compared_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = {f"f{i}": {"weight": 1, "prompt": "fox"} for i in range(6)}
    traits = {"T": words | {f"v{i}": 1 for i in range(18)}}
    collection = exhibit.collection(24, image={"prompt": "{T}"}, traits=traits)
    look = {(i, 0): 30 * (i % 12) + i / 8 for i in range(1, 25)}
    parts = plan(collection), proposer(collection), show(look), angles, blank, Dedup()

    whole = curate(*parts)
    monkeypatch.setattr("mint.curate.close_pairs.TILE", (3, 5))
    monkeypatch.setattr("mint.curate.duplicates.BLOCK", 2)
    blocks = curate(*parts)

    assert blocks == whole
    assert whole.duplicates
    assert len(whole.duplicates.review) >= 8
    monkeypatch.setattr("mint.curate.duplicates.MOST_REVIEWED", 3)
    fewer = curate(*parts)
    assert fewer.duplicates
    assert fewer.duplicates.review == whole.duplicates.review[:3]


def test_a_model_that_paints_one_picture_whatever_the_words_is_a_finding() -> None:
    collection, look = menagerie(6), {(i, 0): 7 * i for i in range(1, 7)}

    result = curate(plan(collection), proposer(collection), show(look), angles, blank, Dedup())

    assert result.duplicates
    assert (result.duplicates.families, result.duplicates.lookalikes) == ((), 1)


def test_pictures_that_others_must_not_look_like_are_no_tokens() -> None:
    collection, look = menagerie(24), {(5, 0): 10}
    art = Picture(pixels="art", file="12", size=1)
    signs = angles([art]), shapes([art]), no_vectors([art])
    against = Gallery(("art: fox.png",), ("",), (art.pixels,), *signs)

    result = curate(
        plan(collection), proposer(collection), show(look), angles, shapes, Dedup(), against=against
    )

    assert [t.token_id for t in result.tokens if t.attempt] == [5]
    assert all(t.nearest and t.nearest.token_id in range(1, 25) for t in result.tokens)


def test_absent_traits_are_left_out_of_the_token() -> None:
    collection = menagerie(1)
    proposal = proposer(collection)(plan(collection)[0], 2).model_copy(
        update={"traits": {"Hat": "None ", "Eyes": "round", "Body": "none", "Bow": "nonesuch"}}
    )

    token = keep(proposal, Picture(pixels="p", file="f", size=1))

    assert token.traits == {"Eyes": "round", "Bow": "nonesuch"}
    assert (token.attempt, token.recipe) == (2, proposal.recipe)


# --- what is seen of a picture by itself


def lie(*wrong: tuple[int, int]) -> Callable[[Sequence[Candidate], Sequence[Picture]], list[Seen]]:
    """An Inspect to which these (token_id, attempt) show another value, less surely each time."""

    def inspect(candidates: Sequence[Candidate], pictures: Sequence[Picture]) -> list[Seen]:
        looks = []
        for candidate_ in candidates:
            place = (candidate_.token_id, candidate_.attempt)
            share = 0.15 - 0.01 * candidate_.attempt if place in wrong else 0.99
            verdict: Verdict = "contradicted" if place in wrong else "seen"
            said = Judgement(value="v9", probability=share, verdict=verdict)
            looks.append(Seen({"T": said}, ("T: no",) if place in wrong else ()))
        return looks

    return inspect


def judged(supply: int, look: Look, *wrong: tuple[int, int], attempts: int = 2) -> Curated:
    collection = menagerie(supply)
    settings = Dedup(threshold=0.9, attempts=attempts)
    parts = plan(collection), proposer(collection), show(look), angles, blank, settings
    return curate(*parts, inspect=lie(*wrong))


def test_a_picture_that_contradicts_its_metadata_is_painted_again() -> None:
    result = judged(3, {}, (2, 0), (2, 1))
    assert attempts_of(result) == [0, 2, 0]
    assert result.untrue == ()
    token = result.tokens[1]
    assert [(each.attempt, each.reasons) for each in token.attempts] == [
        (0, ("T: no",)),
        (1, ("T: no",)),
    ]
    assert token.judgements["T"].verdict == "seen"


def test_where_every_attempt_contradicts_the_best_is_kept_and_listed() -> None:
    result = judged(3, {}, (2, 0), (2, 1), (2, 2))
    assert attempts_of(result) == [0, 0, 0]  # the judge was least sure against the first
    assert result.untrue == (2,)
    assert [each.attempt for each in result.tokens[1].attempts] == [1, 2]


def test_what_is_painted_again_anyway_is_no_reason_to_paint_another_again() -> None:
    look: Look = {(1, 0): "x", (2, 0): "x"}
    assert attempts_of(judged(2, look)) == [0, 1]
    assert attempts_of(judged(2, look, (1, 0))) == [1, 0]


def test_two_untrue_pictures_that_are_one_are_not_passed_over() -> None:
    """Nothing is compared with a picture that is painted again anyway; what stays at the end is."""

    def inspect(candidates: Sequence[Candidate], pictures: Sequence[Picture]) -> list[Seen]:
        looks = []
        for each in candidates:
            share = 0.02 if each.attempt == 1 else 0.01  # the best, and not the last
            other = Judgement(value="v9", probability=share, verdict="contradicted")
            untrue = Seen({"T": other}, ("T: v0 is promised, and v9 is seen",))
            looks.append(untrue if each.token_id in (1, 2) else Seen())
        return looks

    collection, news = menagerie(4), list[tuple[int, int]]()
    look: Look = {(i, attempt): 45 for i in (1, 2) for attempt in range(9)}
    curated = curate(
        plan(collection),
        proposer(collection),
        show(look),
        angles,
        blank,
        Dedup(threshold=0.9),
        inspect=inspect,
        hear=lambda candidate, *_: news.append((candidate.token_id, candidate.attempt)),
    )
    assert curated.untrue == (1, 2)
    assert curated.unresolved == (2,)
    assert [token.attempt for token in curated.tokens[:2]] == [1, 1]
    # Whoever follows the build hears last of the picture that each token has.
    last = dict(news)
    assert [last[each.token_id] for each in curated.tokens] == [t.attempt for t in curated.tokens]


def test_equally_likely_attempts_are_equal_in_any_order() -> None:
    from mint.curate.trial import Trial

    shares = (1.0, 0.9999, 0.9998, 0.03)
    candidate_, picture = proposer(menagerie(1))(plan(menagerie(1))[0], 0), exhibit.token(1).image
    merits = set()
    for turn in range(4):
        parts = enumerate((*shares[turn:], *shares[:turn]))
        judgements = {
            f"T{i}": Judgement(value="v", probability=share, verdict="seen") for i, share in parts
        }
        merits.add(Trial(candidate_, picture, Seen(judgements)).merit)
    assert len(merits) == 1

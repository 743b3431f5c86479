"""Edits: the chain that leads to an attempt, and the candidate that it proposes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mint.plan.edit import FIRST, MOST, Edit, chain, number
from mint.plan.edited import among, edited_by
from mint.plan.recipe import (
    Candidate,
    Painter,
    Second,
    Slot,
    Start,
    candidate,
    seed,
    sources_of,
)  # fmt: skip
from mint.plan.tokens import plan
from mint.spec.collection import ONE_OF_ONE
from tests import exhibit

COLLECTION = exhibit.collection(
    6, one_of_ones=({"name": "The Robot", "prompt": "a white robot", "token_id": 6},)
)
SLOTS = plan(COLLECTION)


def propose(slot: Slot, attempt: int) -> Candidate:
    return candidate(COLLECTION, slot, attempt, Painter("r", 2))


def edit(attempt: int, of: int, **fields: object) -> Edit:
    return Edit.model_validate({"attempt": attempt, "of": of, "strength": 0.5, **fields})


def blend(attempt: int, first: tuple[int, int], second: tuple[int, int], **fields: object) -> Edit:
    """Of two pictures by token and attempt; from 1000 on it is an edit of the token's first."""
    parents = [
        {"token": token, "attempt": of}
        | ({"edits": [{"attempt": of, "of": 0, "strength": 0.5}]} if of >= FIRST else {})
        for token, of in (first, second)
    ]
    mixture = {"first": parents[0], "second": parents[1], "share": 0.5}
    return edit(attempt, 0, blend=mixture, **fields)


def proposal(*edits: Edit, token_id: int = 1) -> Candidate:
    before = propose(SLOTS[token_id - 1], edits[0].of if edits else 0)
    return edited_by(COLLECTION, before, edits, among(COLLECTION, SLOTS, propose))


def test_a_chain_leads_from_a_plain_attempt() -> None:
    edits = {n: edit(n, of) for n, of in ((1000, 2), (1001, 1000), (1002, 1000))}

    assert chain(2, edits) == ()
    assert chain(1002, edits) == (edits[1000], edits[1002])


@pytest.mark.parametrize(
    "edits",
    [
        {1000: edit(1000, 1001)},
        {1000: edit(1000, 1000)},
        {1000: edit(1000, 1001), 1001: edit(1001, 1000)},
        {n: edit(n, n + 1 if n < FIRST + MOST else 0) for n in range(FIRST, FIRST + MOST + 1)},
    ],
)
def test_a_chain_that_leads_nowhere_is_no_chain(edits: dict[int, Edit]) -> None:
    with pytest.raises(LookupError):
        chain(1000, edits)


def test_the_longest_chain_is_one() -> None:
    last = FIRST + MOST - 1
    edits = {n: edit(n, n - 1 if n > FIRST else 0) for n in range(FIRST, last + 1)}

    assert len(chain(last, edits)) == MOST


def test_an_edit_begins_with_the_picture_before_it() -> None:
    plain = propose(SLOTS[0], 0)
    mask = "a" * 64
    other = next(v for v in ("crown", "cap") if v != plain.traits["Hat"])
    once = edit(1000, 0, traits={"Hat": other}, mask=mask)
    after = proposal(once)

    assert after.attempt == 1000
    assert after.traits == {**plain.traits, "Hat": other}
    assert after.recipe.prompt == f"a {plain.traits['Species']} with {other}"
    assert after.recipe.seed == seed(COLLECTION.seed, 1, 1000)
    assert after.recipe.slot is None
    assert after.recipe.start is not None
    assert (after.recipe.start.recipe, after.recipe.start.mask) == (plain.recipe, mask)
    assert after.edits == (once,)
    twice = proposal(once, edit(1001, 1000, prompt="a hat"))
    assert twice.recipe.prompt == "a hat"
    assert twice.traits == after.traits
    assert twice.recipe.start is not None
    assert twice.recipe.start.recipe == after.recipe


def test_without_edits_it_is_the_plain_candidate() -> None:
    assert proposal() == propose(SLOTS[0], 0)


@pytest.mark.parametrize(
    ("token_id", "edits", "message"),
    [
        (1, [edit(1000, 0, traits={"Hut": "cap"})], '"Hut" is no trait'),
        (1, [edit(1000, 0, traits={"Hat": "wig"})], '"wig" is no value of Hat'),
        (1, [edit(1000, 0, traits={ONE_OF_ONE: "The Robot"})], "is no trait"),
        (6, [edit(1000, 0, traits={"Hat": "cap"})], "one-of-one has no traits"),
        (1, [edit(1000, 0), edit(1001, 1)], "1001 is not of attempt 1000"),
        (1, [edit(1000, 0)] * (MOST + 1), "33 edits lead to it"),
        (1, [edit(1000, 0, embedding=True, mask="a" * 64)], "no mask fits it"),
        (1, [blend(1000, (1, 1000), (2, 0))], "attempt 1000 of token 1 has no own noise"),
        (1, [blend(1000, (1, 1000), (9, 0), embedding=True)], "from a token 9, and there is none"),
    ],
)
def test_an_edit_that_cannot_be_is_refused(token_id: int, edits: list[Edit], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        proposal(*edits, token_id=token_id)


@pytest.mark.parametrize(
    "fields",
    [
        {"attempt": 999},
        {"attempt": 10_000},
        {"strength": 0},
        {"strength": 1.5},
        {"mask": "../../etc/passwd"},
        {"prompt": ""},
        {"of": -1},
        {"path": "x"},
        {"embedding": False},
        {"blend": {"first": {"token": 1, "attempt": 1000}, "second": {"token": 2, "attempt": 0}}},
    ],
)
def test_fields_are_bounded(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Edit.model_validate({"attempt": 1000, "of": 0, "strength": 0.5, **fields})


def test_a_plain_token_has_the_record_that_it_had_before_there_were_edits() -> None:
    plain = propose(SLOTS[0], 0)
    assert b"edits" not in plain.canonical()
    assert b"start" not in plain.recipe.canonical()
    assert b"mask" not in edit(1000, 0).canonical()
    assert b"embedding" not in edit(1000, 0).canonical()
    assert b"edits" not in blend(1000, (1, 0), (2, 0)).canonical()


def test_what_is_seen_in_two_pictures_may_be_of_edits() -> None:
    child = proposal(blend(1000, (1, 1000), (2, 1), embedding=True, strength=0))

    start = child.recipe.start
    assert start is not None
    assert start.second is not None
    assert start.recipe == proposal(edit(1000, 0)).recipe
    assert start.second.recipe == propose(SLOTS[1], 1).recipe
    assert (start.embedding, start.strength, start.second.share) == (True, 0, 0.5)
    assert child.recipe.blend is None


def test_edits_of_parents_count_and_are_not_endless() -> None:
    child = blend(1000, (1, 1000), (2, 0), embedding=True)
    assert number([child, edit(1001, 1000)]) == 3

    for _ in range(5):
        parent = {"token": 1, "attempt": 1000, "edits": [child.model_dump(exclude_none=True)]}
        mixture = {"first": parent, "second": parent, "share": 0.5}
        child = edit(1000, 0, embedding=True, blend=mixture)
    with pytest.raises(ValueError, match="95 edits lead to it, and 32 at most may"):
        proposal(child)


def test_the_artists_pictures_behind_both_parents_are_sources() -> None:
    plain = propose(SLOTS[0], 0).recipe
    one, other = (
        plain.model_copy(update={"start": Start(picture=each * 64, strength=0.5)}) for each in "ab"
    )
    start = Start(recipe=one, strength=0, embedding=True, second=Second(recipe=other, share=0.5))

    assert list(sources_of(plain.model_copy(update={"start": start}))) == ["a" * 64, "b" * 64]

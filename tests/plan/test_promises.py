"""Counts, rules and unlike tokens, held against traits that were changed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mint.curate.token import present
from mint.plan.promises import broken_promise
from mint.plan.tokens import plan
from mint.spec.collection import Collection
from tests import exhibit

Tokens = list[dict[str, str]]
Weights = dict[str, int]


@pytest.fixture(scope="module")
def collection() -> Collection:
    return kinds_and_hats(4, {"fox": 1, "cat": 1}, {"none": 1, "cap": 1})


def kinds_and_hats(supply: int, kinds: Weights, hats: Weights, **more: Any) -> Collection:
    image = {"prompt": "a {Kind}, {Hat}"}
    return exhibit.collection(supply, image=image, traits={"Kind": kinds, "Hat": hats}, **more)


def promise(collection: Collection, tokens: Tokens) -> str | None:
    return broken_promise(collection, [slot.traits for slot in plan(collection)], tokens)


@pytest.fixture
def tokens(collection: Collection) -> Tokens:
    """All four combinations."""
    return [present(slot.traits) for slot in plan(collection)]


def row(tokens: Tokens, kind: str, hat: str) -> int:
    return tokens.index(present({"Kind": kind, "Hat": hat}))


def test_the_plan_keeps_its_own_promises(collection: Collection, tokens: Tokens) -> None:
    assert promise(collection, tokens) is None
    assert promise(collection, tokens[::-1]) is None


def test_a_value_that_comes_once_more_breaks_the_counts(
    collection: Collection, tokens: Tokens
) -> None:
    tokens[row(tokens, "fox", "cap")]["Kind"] = "cat"
    assert promise(collection, tokens) == "the count of Kind: fox would be 1, not 2"


def test_an_absent_trait_counts_as_well(collection: Collection, tokens: Tokens) -> None:
    del tokens[row(tokens, "fox", "cap")]["Hat"]
    assert promise(collection, tokens) == "the count of Hat: none would be 3, not 2"


def test_two_tokens_with_the_same_traits_are_found(collection: Collection, tokens: Tokens) -> None:
    tokens[row(tokens, "fox", "none")]["Hat"] = "cap"
    del tokens[row(tokens, "cat", "cap")]["Hat"]
    assert promise(collection, tokens) == "two tokens would have the same traits"


@pytest.mark.parametrize(("name", "value"), [("Mood", "wild"), ("One of one", "The Robot")])
def test_a_trait_that_is_not_in_the_file_is_found(
    name: str, value: str, collection: Collection, tokens: Tokens
) -> None:
    tokens[0][name] = value
    assert promise(collection, tokens) is not None


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"never": {"Kind": "fox", "Hat": "cap"}}, "never Kind: fox and Hat: cap"),
        ({"when": {"Kind": "fox"}, "requires": {"Hat": "none"}}, "Kind: fox requires Hat: none"),
    ],
)
def test_a_broken_rule_is_said(rule: dict[str, object], says: str) -> None:
    ruled = kinds_and_hats(3, {"fox": 1, "cat": 2}, {"none": 2, "cap": 1}, rules=[rule])
    tokens = [present(slot.traits) for slot in plan(ruled)]
    assert promise(ruled, tokens) is None
    one, other = row(tokens, "fox", "none"), row(tokens, "cat", "cap")
    tokens[one]["Kind"], tokens[other]["Kind"] = "cat", "fox"
    assert promise(ruled, tokens) == f'a token would break the rule "{says}"'

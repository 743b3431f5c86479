"""Token and contract JSON as marketplaces read them, and rarity against a brute-force oracle."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.record.manifest import Manifest
from mint.record.metadata import contract_json, hidden_picture, licence_uri, token_json
from mint.record.rarity import rarity
from mint.spec.collection import Collection
from tests import exhibit

Traits = Mapping[str, str]

HOSTILE = [
    'He said "no"',
    "two\nlines\r\n\tand a tab",
    "<script>alert('x')</script>&amp;",
    "🦊 in a 👩‍🚀 suit",
    "שלום \u202eolleh\u202c",
    "back\\slash {brace} %s \u2028 \x7f",
]

tables = st.lists(
    st.dictionaries(st.sampled_from(["Hat", "Eyes", "Body", "Pet"]), st.sampled_from("abcd")),
    min_size=1,
    max_size=12,
)


def column(tokens: Sequence[Traits], trait: str | None) -> list[str | int | None]:
    """What each token has for a trait, None if it lacks it; or how many traits it has."""
    return [len(traits) if trait is None else traits.get(trait) for traits in tokens]


def columns(tokens: Sequence[Traits]) -> list[list[str | int | None]]:
    names = {name for traits in tokens for name in traits}
    return [column(tokens, name) for name in (*names, None)]


def share(table: list[str | int | None], row: int) -> Fraction:
    return Fraction(sum(value == table[row] for value in table), len(table))


def chance(tokens: Sequence[Traits], row: int) -> Fraction:
    """The product of the shares of all that a token shows; less is rarer. No logarithms."""
    return math.prod((share(table, row) for table in columns(tokens)), start=Fraction(1))


def unique_attributes(tokens: Sequence[Traits], row: int) -> int:
    """How many of its attributes no other token has; lacking a trait is no attribute."""
    present = (table for table in columns(tokens) if table[row] is not None)
    return sum(table.count(table[row]) == 1 for table in present)


@given(tables)
def test_rank_is_one_more_than_the_number_of_rarer_tokens(tokens: list[Traits]) -> None:
    keys = [(-unique_attributes(tokens, row), chance(tokens, row)) for row in range(len(tokens))]

    scores = rarity(tokens)

    assert [r.rank for r in scores] == [1 + sum(other < key for other in keys) for key in keys]
    assert [r.unique for r in scores] == [-unique for unique, _ in keys]


@given(tables)
def test_score_is_information_over_entropy(tokens: list[Traits]) -> None:
    information = [-math.log2(chance(tokens, row)) for row in range(len(tokens))]
    # The entropy of the collection is the mean information of its tokens.
    entropy = sum(information) / len(tokens)

    scores = [r.score for r in rarity(tokens)]

    expected = [bits / entropy if entropy else 0 for bits in information]
    assert scores == pytest.approx(expected, abs=1e-8)


@given(tables, st.randoms(use_true_random=False))
def test_neither_token_order_nor_trait_order_matters(
    tokens: list[Traits], draw: random.Random
) -> None:
    order = draw.sample(range(len(tokens)), len(tokens))
    mixed = [dict(draw.sample(list(tokens[i].items()), len(tokens[i]))) for i in order]

    scores = rarity(tokens)

    assert rarity(mixed) == tuple(scores[i] for i in order)


@pytest.mark.parametrize("supply", [1, 2, 7])
def test_equal_tokens_share_the_first_rank(supply: int) -> None:
    scores = rarity([{"Hat": "cap"}] * supply)

    assert {r.rank for r in scores} == {1}
    assert {r.score for r in scores} == {0}


def test_equals_share_a_rank_and_the_next_one_is_skipped() -> None:
    hats = ["crown", "cap", "cap", "cap", "bow", "bow", "bow", "bow"]

    ranks = [r.rank for r in rarity([{"Hat": hat} for hat in hats])]

    assert ranks == [1, 2, 2, 2, 5, 5, 5, 5]


def test_lacking_what_all_others_have_is_rare() -> None:
    scores = rarity([{"Hat": "cap"}] * 3 + [{}])

    assert [r.rank for r in scores] == [2, 2, 2, 1]
    assert scores[3].unique == 1  # its number of traits; the missing hat itself is no attribute


def test_unique_attributes_rank_before_the_score() -> None:
    common = [{"A": "x", "B": "x", "C": "x"}] * 8
    rare = [{"A": a, "B": b, "C": "y"} for a, b in zip("ppqq", "yzyz", strict=True)]
    one = {"A": "x", "B": "x", "C": "only"}

    scores = rarity([*common, *rare, one])

    assert scores[-1].unique == 1
    assert scores[-1].rank == 1
    assert scores[8].score > scores[-1].score


def read(collection: Collection, **changes: object) -> dict[str, object]:
    document: dict[str, object] = json.loads(
        token_json(collection, exhibit.token(1, **changes), "bafyimages")
    )
    return document


def test_token_json_is_what_marketplaces_read() -> None:
    token, collection = exhibit.token(1), exhibit.collection(8, external_url="https://example.org")

    document = read(collection)

    assert document.pop("mint") == {
        "seed": token.recipe.seed,
        "attempt": token.attempt,
        "pixels_sha256": token.image.pixels,
        "file_sha256": token.image.file,
        "bytes": token.image.size,
        "runtime": token.recipe.runtime,
    }
    assert document == {
        "name": token.name,
        "description": collection.description,
        "image": "ipfs://bafyimages/1.png",
        "external_url": "https://example.org",
        "attributes": [{"trait_type": t, "value": v} for t, v in token.traits.items()],
        "license": "CC0-1.0",
        "license_uri": "https://spdx.org/licenses/CC0-1.0.html",
    }


@pytest.mark.parametrize("key", ["external_url", "background_color"])
def test_what_is_not_written_is_left_out(key: str) -> None:
    assert key not in read(exhibit.collection(8))
    assert read(exhibit.collection(8, **{key: "aabbcc"}))[key] == "aabbcc"


def test_a_token_may_have_its_own_description() -> None:
    assert read(exhibit.collection(8), description="Alone.")["description"] == "Alone."


def test_attributes_keep_the_order_of_the_file_through_the_manifest() -> None:
    names = ["Zebra", "apple", "Mango", "10", "2", "Äpfel"]
    collection = exhibit.collection(
        1, image={"prompt": "x", "width": 64, "height": 64}, traits={n: {"v": 1} for n in names}
    )
    token = exhibit.token(1, traits=dict.fromkeys(names, "v"))
    manifest = Manifest(collection=collection, runtimes={}, tokens=(token,))

    again = Manifest.parse(manifest.canonical())

    assert list(again.tokens[0].traits) != names  # canonical JSON sorts keys
    attributes = json.loads(token_json(again.collection, again.tokens[0], "x"))["attributes"]
    assert [attribute["trait_type"] for attribute in attributes] == names
    assert token_json(again.collection, again.tokens[0], "x") == token_json(collection, token, "x")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_round_trip(name: str) -> None:
    collection = exhibit.collection(
        8, name=name[:120], description=name, creator={"name": name}, licence=name
    )
    token = exhibit.token(1, name=name, traits={name: name, "Hat": name})

    document = json.loads(token_json(collection, token, "x"))
    contract = json.loads(contract_json(collection, "ipfs://x/1.png"))

    assert document["name"] == document["description"] == name
    assert {"trait_type": name, "value": name} in document["attributes"]
    assert contract["name"] == contract["description"] == contract["mint"]["creator"] == name
    assert document["license"] == contract["license"] == name


def test_contract_json_is_erc_7572() -> None:
    address = "0x" + "aB" * 20
    collection = exhibit.collection(
        8, external_url="https://example.org", creator={"name": "Ada", "address": address}
    )

    assert json.loads(contract_json(collection, "ipfs://bafyimages/1.png")) == {
        "name": collection.name,
        "symbol": collection.symbol,
        "description": collection.description,
        "image": "ipfs://bafyimages/1.png",
        "external_link": "https://example.org",
        "collaborators": [address],
        "license": "CC0-1.0",
        "license_uri": "https://spdx.org/licenses/CC0-1.0.html",
        "mint": {"creator": "Ada"},
    }


def test_contract_json_without_a_creator_says_nothing_of_one() -> None:
    document = json.loads(contract_json(exhibit.collection(8, creator=None), "ipfs://x"))

    assert not {"mint", "collaborators", "external_link"} & document.keys()


def test_a_licence_of_ones_own_has_its_own_page() -> None:
    assert licence_uri(exhibit.collection(1, licence_uri="ipfs://licence")) == "ipfs://licence"


@pytest.mark.parametrize(("name", "size"), [("Night Birds", 88), ("N" * 40, 37), ("夜" * 15, 60)])
def test_a_placeholder_has_room_for_its_name(name: str, size: int) -> None:
    match = re.search(r'font-size="(\d+)">[^<]', hidden_picture(name).decode())
    assert match is not None
    assert int(match[1]) == size  # of 15 letters as wide as high 900 of 1024

"""What each token will be, before a pixel is painted."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.document import canonical, sha256
from mint.plan.difference import difference
from mint.plan.prompts import phrases, prompt
from mint.plan.recipe import Painter, Runtime, Slot, candidate, seed
from mint.plan.tokens import plan, planned_counts
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.load import load
from mint.spec.painting import PLACEHOLDER
from tests import exhibit
from tests.conftest import ROOT, edit

# collections/tiny, painted by a runtime whose digest is "runtime", attempt 0. Another digest means
# that collections planned before this version come out differently: a breaking change.
TINY_PLAN = "7b1788b4d012f8fbfc5f42817f7f6d2f8a6a81ee584f979a782ce78a1a1c023a"

whole = st.integers(0, 2**53 - 1)


@given(whole, st.integers(1, 10**6), st.integers(0, 20))
def test_seed_is_the_top_53_bits(collection_seed: int, token_id: int, attempt: int) -> None:
    digest = hashlib.sha256(f"{collection_seed}/{token_id}/{attempt}".encode()).hexdigest()

    found = seed(collection_seed, token_id, attempt)

    assert f"{found:053b}" == f"{int(digest, 16):0256b}"[:53]


def test_seeds_use_all_their_bits_and_differ() -> None:
    found = {seed(1, token_id, attempt) for token_id in range(1, 500) for attempt in range(4)}

    assert len(found) == 4 * 499
    assert 2**52 < max(found) < 2**53


def made(supply: int = 8, prompt: str = "{Species}, {Hat}, {Bow}", **changes: object) -> Collection:
    written = {
        "image": {"prompt": prompt, "width": 64, "height": 64, "batch": 4},
        "traits": {
            "Species": {"fox": 1, "cat": {"weight": 1, "prompt": "fluffy cat"}},
            "Hat": {"none": 1, "cap": 1, "crown": {"weight": 1, "prompt": "golden  crown"}},
            "Bow": {"None ": {"weight": 1, "prompt": "no bow"}, "bow": {"weight": 1, "prompt": ""}},
        },
    }
    return exhibit.collection(supply, **{**written, **changes})


@pytest.mark.parametrize(
    ("prompt", "species", "hat", "bow", "said"),
    [
        ("a {Species}, {Hat}, {Bow}", "fox", "cap", "None ", "a fox, cap, no bow"),
        ("a {Species}, {Hat}, {Bow}", "cat", "none", "bow", "a fluffy cat"),
        ("{Hat}, a {Species}, {Bow}", "fox", "none", "bow", "a fox"),
        ("{Hat} {Species} {Bow} sits", "fox", "none", "bow", "fox sits"),
        ("{Hat},{Species} ,  sits {Bow}", "cat", "crown", "bow", "golden crown, fluffy cat, sits"),
        ("{Species} and {Species}, {Hat}{Bow}", "fox", "none", "bow", "fox and fox"),
    ],
)  # fmt: skip
def test_prompts_say_phrases_and_drop_empty_clauses(
    prompt: str, species: str, hat: str, bow: str, said: str
) -> None:
    wanted = {"Species": species, "Hat": hat, "Bow": bow}

    slots = plan(made(12, prompt))  # all twelve combinations

    assert [slot.prompt for slot in slots if slot.traits == wanted] == [said]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("clear sky and {Hat}", "clear sky"),
        ("{Hat} and {Species}", "fox"),
        ("{Species} wearing a {Hat}, at night", "fox, at night"),
        ("a {Hat} {Species}", "a fox"),
        ("a {Species} with a {Hat} hat", "a fox with a hat"),
        ("a {Species} with {Hat} and {Bow}", "a fox with bow"),
        ("a {Species} with {Bow} and {Hat}", "a fox with bow"),
        ("a {Species} in {Hat} with {Bow}", "a fox with bow"),
        ("{Species}, with {Hat} and {Hat}, sits", "fox, sits"),
        ("a {Species} and {Hat} and {Hat} and {Bow}", "a fox and bow"),
        ("{Species} And The {Hat}", "fox"),
        ("land {Hat}", "land"),
        ("a fox and then {Hat}", "a fox and then"),
        ("{ {Hat} {Species} }", "{ fox }"),
    ],
)
def test_an_absent_trait_takes_along_the_words_that_join_it(template: str, text: str) -> None:
    table = {"Species": {"fox": "fox"}, "Hat": {"none": ""}, "Bow": {"bow": "bow"}}

    assert prompt(template, table, {"Species": "fox", "Hat": "none", "Bow": "bow"}) == text


@given(st.lists(st.sampled_from([*"ab,{ }-", "{A}", "{B}", " and ", " in a "]), max_size=12))
def test_without_absent_traits_every_word_stays(pieces: list[str]) -> None:
    template = "".join(pieces)
    table = {"A": {"x": "red, old  fox"}, "B": {"x": "and a hat"}}
    if not set(PLACEHOLDER.findall(template)) <= set(table):
        return

    words = re.split(r"[\s,]+", prompt(template, table, {"A": "x", "B": "x"}))

    filled = template.replace("{A}", "red, old  fox").replace("{B}", "and a hat")
    assert list(filter(None, words)) == list(filter(None, re.split(r"[\s,]+", filled)))


# SHA-256 of the prompts, one a line, since plans grow with the supply.
PROMPTS = {
    "tiny": "96ca15ced64687cf4a896c7314a3fcf2643d5aa467b75c93c60539d608cb3ff1",
    "menagerie": "2ed1484f1fde8128226f8393d3429354b64c5e0a513e0c35f7dead7ffd8c8953",
    "postcards": "2d8b17a9d71c6240e79cb67d77f5e9eba8de753dbcc7a9cbd25812063295c8e3",
    "florilegium": "a40c919c51b68b2c813c20175ea14af390a5ba91987888e231624421a7af161b",
    "lanterns": "8e0ae069a4b6141b4da7c2f8794a2300b76b7094da77577fd92691482f7e85bc",
}


@pytest.mark.parametrize("name", PROMPTS)
def test_prompts_of_published_collections_never_change(name: str) -> None:
    slots = plan(*load(ROOT / "collections" / name / "collection.yaml"))

    assert sha256("\n".join(slot.prompt for slot in slots).encode()) == PROMPTS[name]


def test_a_value_is_said_once_even_if_it_looks_like_a_placeholder() -> None:
    traits = {"A": {"{B}": 1}, "B": {"b": 1}}

    (slot,) = plan(
        exhibit.collection(1, traits=traits, image={"prompt": "{A} {B}", "width": 64, "height": 64})
    )

    assert slot.prompt == "{B} b"


def test_phrases_come_in_the_order_of_the_prompt() -> None:
    traits = {"Species": "cat", "Hat": "none", "Bow": "bow"}

    assert phrases(made(prompt="{Bow} {Species} {Hat}"), traits) == [
        ("Bow", ""),
        ("Species", "fluffy cat"),
        ("Hat", ""),
    ]
    assert phrases(made(), {ONE_OF_ONE: "The Robot"}) == []


def test_one_of_ones_stand_where_they_are_put() -> None:
    ones = [
        {"name": "Last", "prompt": "the last", "token_id": 8, "description": "It ends."},
        {"name": "First", "prompt": "the first", "token_id": 1},
    ]

    slots = plan(made(one_of_ones=ones))

    assert slots[7] == Slot(
        token_id=8,
        name="Last",
        traits={ONE_OF_ONE: "Last"},
        prompt="the last",
        description="It ends.",
    )
    assert slots[0].name == "First"
    assert not any(ONE_OF_ONE in slot.traits for slot in slots[1:7])
    assert [slot.name for slot in slots[1:7]] == [f"Menagerie #{i}" for i in range(2, 8)]


def places(collection_seed: int) -> tuple[int, ...]:
    ones = [*({"name": n, "prompt": n} for n in "ABC"), {"name": "D", "prompt": "D", "token_id": 3}]
    slots = plan(made(10, one_of_ones=ones, seed=collection_seed))
    placed = {slot.name: slot.token_id for slot in slots if ONE_OF_ONE in slot.traits}
    assert placed.keys() == set("ABCD")
    return tuple(placed[name] for name in "ABCD")


def test_one_of_ones_without_a_number_are_drawn_from_the_seed() -> None:
    drawn = [places(collection_seed) for collection_seed in range(60)]

    assert drawn == [places(collection_seed) for collection_seed in range(60)]
    assert {place[3] for place in drawn} == {3}
    assert all(len(set(place)) == 4 for place in drawn)
    assert {place[0] for place in drawn} == {1, 2, 4, 5, 6, 7, 8}
    assert {place[1] for place in drawn} == {1, 2, 4, 5, 6, 7, 8, 9, 10}


def test_only_one_of_ones() -> None:
    ones = [{"name": n, "prompt": n} for n in "AB"]
    collection = exhibit.collection(
        2,
        image={"prompt": "{T}", "width": 64, "height": 64},
        traits={"T": {"x": 1}},
        one_of_ones=ones,
    )

    assert sorted(slot.prompt for slot in plan(collection)) == ["A", "B"]
    assert planned_counts(collection, plan(collection)) == {
        "T": {"x": 0},
        ONE_OF_ONE: {"A": 1, "B": 1},
    }


@pytest.mark.parametrize("batch", [1, 2, 5, 64])
def test_a_candidate_keeps_its_slot_in_every_attempt(batch: int) -> None:
    image = {"prompt": "{T}", "width": 64, "height": 64, "negative_prompt": "text"}
    collection = exhibit.collection(9, image=image, traits={"T": list("abcdefghi")})

    for slot in plan(collection):
        painter = Painter("runtime", batch)
        found = [candidate(collection, slot, attempt, painter) for attempt in range(3)]
        assert {c.recipe.slot for c in found} == {slot.token_id % batch}
        assert len({c.recipe.seed for c in found}) == 3
        for attempt, c in enumerate(found):
            assert c.recipe.seed == seed(collection.seed, slot.token_id, attempt)
            assert (c.token_id, c.attempt, c.name) == (slot.token_id, attempt, slot.name)
            assert (c.recipe.prompt, c.recipe.negative_prompt) == (slot.prompt, "text")
            assert c.recipe.runtime == "runtime"


def test_where_neighbours_change_no_pixel_a_candidate_has_no_slot() -> None:
    collection = exhibit.collection(3)

    slots = {candidate(collection, s, 0, Painter("runtime")).recipe.slot for s in plan(collection)}
    assert slots == {None}


def everything(collection: Collection) -> str:
    proposals = [candidate(collection, slot, 0, Painter("runtime")) for slot in plan(collection)]
    return sha256(canonical([c.model_dump(mode="json", exclude_none=True) for c in proposals]))


def test_the_plan_of_tiny_is_the_one_it_always_was(tiny: Path) -> None:
    assert everything(load(tiny)[0]) == everything(load(tiny)[0]) == TINY_PLAN


@pytest.mark.parametrize("change", [("seed: 1\n", "seed: 2\n"), ("fox: 1", "fox: 2")])
def test_another_file_is_another_plan(tiny: Path, change: tuple[str, str]) -> None:
    edit(tiny, *change)

    assert everything(load(tiny)[0]) != TINY_PLAN


@pytest.mark.parametrize("name", ["tiny", "menagerie", "postcards", "florilegium", "lanterns"])
def test_planned_counts_are_the_real_counts(name: str) -> None:
    collection, source = load(ROOT / "collections" / name / "collection.yaml")

    everyone = plan(collection, source)
    slots = [slot for slot in everyone if ONE_OF_ONE not in slot.traits]

    for trait, values in planned_counts(collection, everyone).items():
        came = Counter(slot.traits[trait] for slot in everyone if trait in slot.traits)
        assert came == Counter(values)
    assert len({tuple(slot.traits.items()) for slot in slots}) == len(slots)


def test_what_changed_between_runtimes_is_named() -> None:
    before = exhibit.RUNTIME
    here = Runtime(
        weights="b" * 64,
        device="cuda",
        threads=1,
        attention="sdpa",
        libraries={"torch": "2.14.0", "diffusers": "0.42.0", "numpy": "2.0"},
    )

    assert difference(before, before) == ""
    assert difference(before, here).split(", ") == [
        f"weights {before.weights[:12]} -> bbbbbbbbbbbb",
        "device cpu -> cuda",
        "torch 2.13.0 -> 2.14.0",
        "numpy None -> 2.0",
    ]


@pytest.mark.parametrize("number", range(12))
def test_a_record_is_planned_as_the_file_it_was_read_from(tiny: Path, number: int) -> None:
    edit(tiny, "seed: 1\n", f"seed: {number}\n")
    edit(
        tiny,
        "rules:\n",
        "rules:\n  - {when: {Species: cat, Body: blue}, requires: {Headwear: cap}}\n",
    )
    collection, source = load(tiny)
    recorded = Collection.parse(collection.canonical())  # whose keys are sorted
    assert plan(recorded) == plan(collection, source)

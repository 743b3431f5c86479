"""More tokens leave what is there: the plan of a supply is the beginning of larger ones."""

from __future__ import annotations

import random
import time
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.document import Document
from mint.plan.arrange import arrange
from mint.plan.arrange.pace import Pace
from mint.plan.recipe import Painter, candidate
from mint.plan.tokens import plan
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.load import load
from mint.spec.traits import Rule, Trait, Value
from tests import exhibit
from tests.conftest import ROOT
from tests.plan.problems import check, even, never, trait, when


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=12), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_every_beginning_of_a_column_has_its_exact_share(weights: list[int], key: int) -> None:
    pace, total = Pace(weights, str(key)), sum(weights)
    pace.extend(1500)

    came = Counter[int]()
    for n, value in enumerate(pace.values, 1):
        came[value] += 1
        for v, weight in enumerate(weights):
            assert abs(came[v] * total - weight * n) < total


def test_the_order_is_by_chance_and_not_by_weight() -> None:
    firsts = Counter[int]()
    for key in range(300):
        pace = Pace([1, 1, 1, 1, 4], str(key))
        pace.extend(16)
        firsts[pace.values[0]] += 1
    assert set(firsts) == {0, 1, 2, 3, 4}


def loose(rng: random.Random) -> tuple[tuple[Trait, ...], tuple[Rule, ...]]:
    """Five to seven traits, some with a rare value by count, and up to three rules."""
    traits = []
    for g in range(rng.randint(5, 7)):
        values = [
            Value(name=f"v{v}", weight=float(rng.choice([1, 2, 3, 5])))
            for v in range(rng.randint(4, 8))
        ]
        if rng.random() < 0.4:
            values.append(Value(name="rare", count=rng.randint(1, 3)))
        traits.append(Trait(name=f"T{g}", values=tuple(values)))
    rules = []
    for _ in range(rng.randint(0, 3)):
        a, b = rng.sample(traits, 2)
        some = (rng.choice(a.values).name,)
        if rng.random() < 0.5:
            rules.append(Rule(never={a.name: some, b.name: (rng.choice(b.values).name,)}))
        else:
            left_out = rng.choice(b.values).name
            others = tuple(v.name for v in b.values if v.name != left_out)
            rules.append(Rule(when={a.name: some}, requires={b.name: others}))
    return tuple(traits), tuple(rules)


@pytest.mark.parametrize("block", range(4))
def test_where_there_is_room_every_row_stays(block: int) -> None:
    rng = random.Random(f"growing {block}")
    for case in range(10):
        traits, rules = loose(rng)
        supplies = sorted(rng.sample(range(12, 400), 4))
        plans = [arrange(traits, rules, supply, seed=case) for supply in supplies]
        for supply, rows in zip(supplies, plans, strict=True):
            check((traits, rules, supply), rows)
        for smaller, larger in pairwise(plans):
            assert larger[: len(smaller)] == smaller


def test_every_supply_in_turn_adds_one_row() -> None:
    traits = (
        trait("A", a=3.0, b=2.0, c=1.0),
        even("B", 4),
        even("C", 5),
        trait("D", x=2, y=1.0),
        even("E", 6),
    )
    rules = (never(A="a", B="B1"), when({"A": "b"}, C="C0 C1 C2"))
    plans = [arrange(traits, rules, supply, seed=3) for supply in range(4, 40)]

    for smaller, larger in pairwise(plans):
        check((traits, rules, len(larger)), larger)
        assert larger[:-1] == smaller


def test_a_trait_of_counts_alone_grows_in_proportion() -> None:
    others = (even("B", 6), even("C", 6))
    before = arrange((trait("A", a=12, b=6), *others), (), 18, seed=1)
    after = arrange((trait("A", a=24, b=12), *others), (), 36, seed=1)

    assert after[:18] == before


def test_where_room_is_short_most_rows_stay_and_counts_hold() -> None:
    traits = (even("A", 6), even("B", 6), even("C", 2))  # 72 combinations
    before, after = (arrange(traits, (), supply, seed=1) for supply in (50, 60))

    check((traits, (), 60), after)
    assert sum(a == b for a, b in zip(before, after, strict=False)) >= 40


SPECIES = {f"s{i}": {"weight": i + 1, "prompt": f"beast {i}"} for i in range(6)}
TRAITS = {
    "Species": SPECIES,
    "Hat": {"none": 2, "cap": 1, "crown": {"count": 2}},
    "Sky": list("abcdef"),
    "Coat": list("uvwxyz"),
}


def beasts(supply: int, **changes: object) -> Collection:
    image = {"prompt": "{Species}, {Hat}, {Sky}, {Coat}", "width": 64, "height": 64, "batch": 4}
    ones = [{"name": n, "prompt": n} for n in ("The King", "The Queen")]
    written = {"image": image, "traits": TRAITS, "one_of_ones": ones, **changes}
    return exhibit.collection(supply, **written)


def recipes(collection: Collection) -> list[Document]:
    return [candidate(collection, slot, 0, Painter("runtime")).recipe for slot in plan(collection)]


@pytest.mark.parametrize(("before", "after"), [(24, 34), (24, 25), (16, 64), (17, 100)])
def test_recipes_stay_when_the_supply_grows(before: int, after: int) -> None:
    assert recipes(beasts(after))[:before] == recipes(beasts(before))


def test_one_of_ones_stay_where_they_are() -> None:
    places = {
        tuple(s.token_id for s in plan(beasts(supply)) if ONE_OF_ONE in s.traits)
        for supply in (16, 24, 34, 90)
    }
    assert len(places) == 1


def test_renaming_a_value_whose_words_stay_repaints_nothing() -> None:
    renamed = {"wolf" if name == "s2" else name: about for name, about in SPECIES.items()}

    assert recipes(beasts(24, traits={**TRAITS, "Species": renamed})) == recipes(beasts(24))


def test_renaming_a_trait_repaints_nothing() -> None:
    renamed = {"Animal" if name == "Species" else name: v for name, v in TRAITS.items()}
    image = {"prompt": "{Animal}, {Hat}, {Sky}, {Coat}", "width": 64, "height": 64, "batch": 4}

    assert recipes(beasts(24, traits=renamed, image=image)) == recipes(beasts(24))


def test_other_words_repaint_their_tokens_alone() -> None:
    words = {**SPECIES, "s2": {"weight": 3, "prompt": "a grey wolf"}}
    before, after = beasts(24), beasts(24, traits={**TRAITS, "Species": words})

    changed = [a != b for a, b in zip(recipes(before), recipes(after), strict=True)]
    assert changed == [slot.traits.get("Species") == "s2" for slot in plan(before)]
    assert any(changed)


@pytest.mark.parametrize("name", ["menagerie", "postcards", "florilegium", "lanterns"])
def test_the_collections_here_can_grow(name: str) -> None:
    collection, source = load(ROOT / "collections" / name / "collection.yaml")
    larger = collection.model_copy(update={"supply": collection.supply + 10})

    before, after = plan(collection, source), plan(larger)
    assert [s.traits for s in after[: len(before)]] == [s.traits for s in before]


def test_a_hundred_thousand_tokens_take_seconds() -> None:
    traits = tuple(
        trait(f"T{g}", a=9.0, b=7.0, c=5.0, d=5.0, e=3.0, f=2.0, g=1.5, h=0.8) for g in range(8)
    )
    begin = time.process_time()

    rows = arrange(traits, (never(T0="b", T1="c d"),), 100_000, seed=1)

    assert time.process_time() - begin < 20  # about 3 where nothing else runs
    check((traits, (never(T0="b", T1="c d"),), 100_000), rows)

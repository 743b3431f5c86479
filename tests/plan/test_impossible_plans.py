"""A hundred plans that cannot be, each answered at once; and plans without OR-tools."""

from __future__ import annotations

import math
import random
import re
import sys
import time
from collections import Counter

import pytest

from mint.errors import PlanError
from mint.plan.arrange import Infeasible, arrange, feasible
from mint.plan.arrange.clash import clash, overlap, room
from mint.plan.arrange.outweighed import balance, too_heavy
from mint.plan.arrange.space import compiled
from mint.plan.tokens import plan
from mint.spec.load import load
from mint.spec.traits import Rule
from tests import exhibit
from tests.conftest import ROOT
from tests.plan.impossible_plans import KINDS, Blame, impossible_plans
from tests.plan.problems import Problem, allowed, check, close, even, oracle, trait

HUNDRED = impossible_plans(100)
SECONDS = 10  # of the processor; the slowest takes 0.2


@pytest.mark.parametrize(
    ("problem", "blame"),
    [pytest.param(p, blame, id=f"{i} {kind}") for i, (kind, p, blame) in enumerate(HUNDRED)],
)
def test_an_impossible_plan_is_answered_with_what_clashes(problem: Problem, blame: Blame) -> None:
    traits, rules, supply = problem
    begin = time.process_time()

    with pytest.raises(Infeasible) as caught:
        arrange(traits, rules, supply, seed=1)

    assert time.process_time() - begin < SECONDS
    message, hint = str(caught.value), caught.value.hint
    assert "nor a proof" not in message
    assert any(name in message for name in blame), (message, blame)
    for number, text in re.findall(r"rule (\d+) \((.*?)\)(?=,| and| leave| cannot)", message):
        assert str(rules[int(number) - 1]) == text
    names = {t.name for t in traits}
    assert set(re.findall(r"\b(T\d+):", message + hint)) <= names
    assert re.search(r"\d", message)
    assert "supply: " not in hint  # no guess at a supply that works


def test_the_hundred_are_of_all_kinds_and_as_large_as_can_be() -> None:
    assert Counter(kind for kind, _, _ in HUNDRED) == dict.fromkeys(KINDS, 10)
    assert max(supply for _, (_, _, supply), _ in HUNDRED) == 10_000
    assert max(len(traits) for _, (traits, _, _), _ in HUNDRED) == 8
    assert max(len(rules) for _, (_, rules, _), _ in HUNDRED) == 20


def test_bounds_that_are_advised_are_true() -> None:
    """At most n tokens can differ, or show a value: one more is refused, whatever the counts."""
    rng, seen = random.Random("bounds"), 0
    while seen < 25:
        traits, rules, supply = close(rng)
        if oracle(traits, rules, supply):
            continue
        with pytest.raises(Infeasible) as caught:
            arrange(traits, rules, supply, seed=1)
        if match := re.search(r"at most (\d+) tokens? can show (T\d): (v\d)\Z", caught.value.hint):
            seen += 1
            most, name, value = int(match[1]), match[2], match[3]
            rows = [
                row
                for row in allowed(traits, rules)
                if dict(zip((t.name for t in traits), row, strict=True))[name] == value
            ]
            assert len(rows) <= most


def test_clashes_and_weights_refute_only_what_is_impossible() -> None:
    rng, outcomes = random.Random("sound"), Counter[str]()
    for _ in range(800):
        problem = close(rng)
        try:
            space = compiled(*problem)
        except Infeasible:
            continue
        possible = oracle(*problem)
        if contradiction := clash(space):
            outcomes["clash"] += 1
            assert not possible
            assert overlap(space, contradiction.choice) == contradiction.tokens
            assert room(space, contradiction.choice) == contradiction.room
        elif (scale := balance(space)).proof:
            outcomes["weights"] += 1
            assert too_heavy(space, scale.proof)
            assert not possible
        else:
            outcomes["possible" if possible else "neither"] += 1
    assert outcomes["clash"] > 100
    assert outcomes["possible"] > 100


# Swaps cannot arrange it; OR-tools can.
HARD: Problem = (
    (
        trait("A", a=439, b=219, c=73, d=59, e=58, f=44, g=44, h=29, i=20, j=15),
        trait("B", a=346, b=184, c=115, d=115, e=100, f=92, g=46, h=2),
        trait("C", a=184, b=184, c=138, d=111, e=92, f=92, g=92, h=56, i=28, j=9, k=9, l=5),
        trait("D", a=215, b=214, c=214, d=107, e=107, f=57, g=36, h=29, i=14, j=7),
    ),
    (),
    1000,
)


def test_a_plan_beyond_swaps_is_arranged_by_or_tools() -> None:
    check(HARD, arrange(*HARD, seed=1))


@pytest.fixture
def no_ortools(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were not installed."""
    for name in [*(n for n in sys.modules if n.split(".")[0] == "ortools"), "ortools"]:
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("no_ortools")
def test_without_or_tools_a_plan_beyond_swaps_says_how_far_it_came() -> None:
    traits = {t.name: {v.name: {"count": v.count} for v in t.values} for t in HARD[0]}
    image = {"prompt": "{A} {B} {C} {D}", "width": 64, "height": 64}
    collection = exhibit.collection(1000, traits=traits, image=image)

    with pytest.raises(PlanError, match="no arrangement of 1000 tokens was reached") as caught:
        plan(collection)

    assert "nor a proof that there is none; the tightest: " in str(caught.value)
    assert "pip install ortools" in caught.value.hint


@pytest.mark.usefixtures("no_ortools")
@pytest.mark.parametrize(
    "problem", [p for _, p, _ in HUNDRED[:20]], ids=[kind for kind, _, _ in HUNDRED[:20]]
)
def test_without_or_tools_the_impossible_is_named_too(problem: Problem) -> None:
    with pytest.raises(Infeasible) as caught:
        arrange(*problem, seed=1)

    assert "pip install ortools" not in caught.value.hint


@pytest.mark.usefixtures("no_ortools")
def test_without_or_tools_swaps_arrange_the_same_rows() -> None:
    problem: Problem = (tuple(even(n, 6) for n in "ABCDE"), (), 2_000)

    check(problem, arrange(*problem, seed=1))


@pytest.mark.usefixtures("no_ortools")
@pytest.mark.parametrize("name", ["tiny", "menagerie", "postcards", "florilegium", "lanterns"])
def test_without_or_tools_the_collections_here_are_planned(name: str) -> None:
    collection, source = load(ROOT / "collections" / name / "collection.yaml")

    assert len(plan(collection, source)) == collection.supply


def test_the_plan_that_was_silent_for_two_minutes() -> None:
    """9,072 combinations, two rules, 2,000 tokens: fewer than a third of a second now."""
    sizes = {"A": 7, "B": 6, "C": 6, "D": 4, "E": 3, "F": 3}
    traits = (
        trait("A", a=700, b=1.0, c=1.0, d=1.0, e=1.0, f=1.0, g=1.0),
        *(even(name, size) for name, size in list(sizes.items())[1:]),
    )
    rules = (
        Rule(when={"A": ("a",)}, requires={"B": ("B0",)}),
        Rule(never={"A": ("b",), "C": ("C0",)}),
    )
    assert math.prod(sizes.values()) == 9_072
    begin = time.process_time()

    with pytest.raises(Infeasible) as caught:
        arrange(traits, rules, 2_000, seed=1)

    assert time.process_time() - begin < 2
    assert str(caught.value) == (
        "of 2000 tokens 700 must show A: a and 1666 must not show B: B0, so at least 366 tokens "
        "must do both, but rule 1 (A: a requires B: B0) leaves no combination that does"
    )
    assert caught.value.place == ("rules", 0)
    assert caught.value.hint == "loosen this rule, or lower these numbers, by 366 or more in all"


def test_an_undecided_plan_names_what_is_tightest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feasible, "EFFORT", 0.0)
    monkeypatch.setattr(feasible, "BRIEF", 0.0)

    with pytest.raises(Infeasible, match=r"the tightest: \d+ tokens must .* combinations do"):
        arrange(*HARD, seed=1)

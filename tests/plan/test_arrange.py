from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.plan.arrange import Infeasible, arrange, counts, largest, rounded_away
from mint.spec.traits import Rule, Trait, Value

Problem = tuple[tuple[Trait, ...], tuple[Rule, ...], int]


def trait(name: str, **amounts: float) -> Trait:
    """An int is a count, a float a weight."""
    return Trait(
        name=name,
        values=tuple(
            Value(name=v, count=n) if isinstance(n, int) else Value(name=v, weight=n)
            for v, n in amounts.items()
        ),
    )


def even(name: str, size: int) -> Trait:
    return Trait(name=name, values=tuple(Value(name=f"{name}{i}", weight=1.0) for i in range(size)))


def never(**values: str) -> Rule:
    return Rule(never={t: tuple(v.split()) for t, v in values.items()})


def when(condition: dict[str, str], **values: str) -> Rule:
    return Rule(
        when={t: tuple(v.split()) for t, v in condition.items()},
        requires={t: tuple(v.split()) for t, v in values.items()},
    )


def keeps(row: dict[str, str], rule: Rule) -> bool:
    """What a rule means, said again without masks."""
    if rule.never is not None:
        return not all(row[t] in values for t, values in rule.never.items())
    applies = all(row[t] in values for t, values in (rule.when or {}).items())
    return not applies or all(row[t] in values for t, values in (rule.requires or {}).items())


def allowed(traits: tuple[Trait, ...], rules: tuple[Rule, ...]) -> Iterator[tuple[str, ...]]:
    names = [t.name for t in traits]
    for row in itertools.product(*([v.name for v in t.values] for t in traits)):
        if all(keeps(dict(zip(names, row, strict=True)), rule) for rule in rules):
            yield row


def check(problem: Problem, rows: list[tuple[str, ...]]) -> None:
    """The three promises: exact counts, all different, rules kept."""
    traits, rules, supply = problem
    assert len(rows) == len(set(rows)) == supply
    for g, (name, wanted) in enumerate(counts(traits, supply).items()):
        assert name == traits[g].name
        assert Counter(row[g] for row in rows) == Counter({v: n for v, n in wanted.items() if n})
    names = [t.name for t in traits]
    for row in rows:
        assert all(keeps(dict(zip(names, row, strict=True)), rule) for rule in rules)


def oracle(traits: tuple[Trait, ...], rules: tuple[Rule, ...], supply: int) -> bool:
    """Feasible? Every reachable vector of counts still owed, over all subsets of combinations."""
    try:
        wanted = counts(traits, supply)
    except Infeasible:
        return False
    owed = {tuple(n for values in wanted.values() for n in values.values())}
    names = [(t.name, v.name) for t in traits for v in t.values]
    slots = {name: i for i, name in enumerate(names)}
    for row in allowed(traits, rules):
        shown = {slots[t.name, v] for t, v in zip(traits, row, strict=True)}
        after = (tuple(n - (i in shown) for i, n in enumerate(state)) for state in owed)
        owed |= {state for state in list(after) if min(state) >= 0}
    return any(not any(state) for state in owed)


def condition(rng: random.Random, traits: tuple[Trait, ...]) -> dict[str, tuple[str, ...]]:
    some = rng.sample(traits, rng.randint(1, len(traits)))
    return {
        t.name: tuple(v.name for v in rng.sample(t.values, rng.randint(1, len(t.values))))
        for t in some
    }


def wild(rng: random.Random) -> Problem:
    """Anything: mostly infeasible."""
    traits = tuple(
        trait(
            f"T{g}",
            **{
                f"v{v}": rng.choice([1, 2, 3, 4, 0.1, 0.5, 1.0, 2.0, 7.0])
                for v in range(rng.randint(1, 3))
            },
        )
        for g in range(rng.randint(1, 3))
    )
    rules = tuple(
        Rule(never=condition(rng, traits))
        if rng.random() < 0.5
        else Rule(when=condition(rng, traits), requires=condition(rng, traits))
        for _ in range(rng.randint(0, 4))
    )
    return traits, rules, rng.randint(1, 12)


def close(rng: random.Random) -> Problem:
    """Counts of a random set of allowed rows, sometimes off by one: at the edge of feasible."""
    while True:
        traits, rules, _ = wild(rng)
        if not (rows := list(allowed(traits, rules))):
            continue
        supply = rng.randint(1, min(12, len(rows)))
        rows = rng.sample(rows, supply)
        made = []
        for g, t in enumerate(traits):
            tally = Counter(row[g] for row in rows)
            if rng.random() < 0.3:
                tally.subtract([rows[0][g]])
                tally.update([rng.choice(t.values).name])
            # A weight that rounds to nothing stands for a value that no token shows.
            made.append(trait(t.name, **{v.name: tally[v.name] or 1e-9 for v in t.values}))
        return tuple(made), rules, supply


@pytest.mark.parametrize("block", range(8))
def test_arranges_exactly_what_is_feasible(block: int) -> None:
    rng = random.Random(block)
    outcomes = Counter[bool]()
    for case in range(500):
        problem = (wild if case % 4 == 0 else close)(rng)
        feasible = oracle(*problem)
        outcomes[feasible] += 1
        if feasible:
            check(problem, arrange(*problem, seed=case))
        else:
            with pytest.raises(Infeasible):
                arrange(*problem, seed=case)
    assert min(outcomes.values()) > 100


def test_rules_blamed_bind_and_are_all_needed() -> None:
    rng, seen = random.Random("blame"), 0
    while seen < 60:
        traits, rules, supply = (wild if seen % 4 == 0 else close)(rng)
        if oracle(traits, rules, supply) or not oracle(traits, (), supply):
            continue
        seen += 1
        with pytest.raises(Infeasible) as caught:
            arrange(traits, rules, supply, seed=1)
        said = str(caught.value)
        blamed = [i for i, rule in enumerate(rules) if f"rule {i + 1} ({rule})" in said]
        assert caught.value.place == ("rules", blamed[0])
        assert not oracle(traits, tuple(rules[i] for i in blamed), supply)
        for left_out in blamed:
            fewer = tuple(rules[i] for i in blamed if i != left_out)
            assert oracle(traits, fewer, supply)


def test_largest_supply_is_the_largest() -> None:
    rng, found = random.Random("largest"), Counter[int]()
    for _ in range(300):
        traits, rules, supply = wild(rng)
        works = [s for s in range(1, supply + 1) if oracle(traits, rules, s)]
        assert largest(traits, rules, supply, seed=1) == (max(works, default=0),) * 2
        found[max(works, default=0)] += 1
    assert len(found) > 4


@given(
    amounts=st.lists(
        st.one_of(st.integers(1, 30), st.floats(1e-9, 1e9), st.sampled_from([0.1, 1.0, 1.5])),
        min_size=1,
        max_size=40,
    ),
    extra=st.integers(0, 10_000),
)
@settings(max_examples=300)
def test_counts_are_within_one_of_their_share(amounts: list[float], extra: int) -> None:
    t = trait("T", **{f"v{i}": n for i, n in enumerate(amounts)})
    fixed = sum(n for n in amounts if isinstance(n, int))
    weights = [Fraction(0) if isinstance(n, int) else Fraction(repr(n)) for n in amounts]
    supply = fixed + (extra if any(weights) else 0)
    shares = list(counts([t], supply)["T"].values())
    assert sum(shares) == supply
    for amount, weight, share in zip(amounts, weights, shares, strict=True):
        if isinstance(amount, int):
            assert share == amount
        else:
            assert abs(share - weight * (supply - fixed) / sum(weights)) < 1


def test_ties_go_to_the_value_written_first_and_tenths_are_tenths() -> None:
    assert counts([trait("T", a=1.0, b=1.0, c=1.0)], 5)["T"] == {"a": 2, "b": 2, "c": 1}
    # In binary 0.1 + 0.2 is more than 0.3, and c would lose its token.
    shares = counts([trait("T", c=0.3, d=0.3, a=0.1, b=0.2)], 9)["T"]
    assert shares == {"c": 3, "d": 3, "a": 1, "b": 2}


def test_values_too_rare_for_a_token_are_reported() -> None:
    assert rounded_away([trait("T", a=99.9, b=0.01), even("U", 2)], 100) == [("T", "b")]


@pytest.mark.parametrize(
    ("values", "message"),
    [({"a": 3, "b": 1.0}, "more than the supply of 2"), ({"a": 1}, "not to the supply of 2")],
)
def test_counts_that_do_not_fit_name_their_trait(values: dict[str, float], message: str) -> None:
    with pytest.raises(Infeasible, match=message) as caught:
        counts([trait("Hat", **values)], 2)
    assert caught.value.place == ("traits", "Hat")

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.plan.arrange import Infeasible, arrange, counts
from tests.plan.problems import check, close, oracle, trait, wild


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


@pytest.mark.parametrize(
    ("values", "message"),
    [({"a": 3, "b": 1.0}, "more than the supply of 2"), ({"a": 1}, "not to the supply of 2")],
)
def test_counts_that_do_not_fit_name_their_trait(values: dict[str, float], message: str) -> None:
    with pytest.raises(Infeasible, match=message) as caught:
        counts([trait("Hat", **values)], 2)
    assert caught.value.place == ("traits", "Hat")

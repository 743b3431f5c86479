"""Traits, rules and supplies to arrange, and the slow, plain way to say what is right."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from mint.plan.arrange import Infeasible, counts
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


def exact_shares(t: Trait, supply: int) -> dict[str, Fraction]:
    """How many tokens each value should have, as a fraction of a token."""
    rest = supply - sum(v.count or 0 for v in t.values)
    exact = {v.name: Fraction(0) if v.count else Fraction(repr(v.weight or 1.0)) for v in t.values}
    total = sum(exact.values()) or 1
    return {v.name: Fraction(v.count or 0) + exact[v.name] * rest / total for v in t.values}


def check(problem: Problem, rows: list[tuple[str, ...]]) -> None:
    """The three promises: exact counts (shares rounded down or up), all different, rules kept."""
    traits, rules, supply = problem
    assert len(rows) == len(set(rows)) == supply
    for g, t in enumerate(traits):
        came, shares = Counter(row[g] for row in rows), exact_shares(t, supply)
        assert came.keys() <= shares.keys()
        for value, share in shares.items():
            assert abs(came[value] - share) < 1, (t.name, value, came[value], share)
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

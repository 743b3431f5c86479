"""Plans that cannot be: each kind is impossible by its construction, whatever else is in it."""

from __future__ import annotations

import random
from collections.abc import Callable

from mint.spec.traits import Rule, Trait, Value
from tests.plan.problems import Problem

Blame = set[str]  # what a message may name: traits, or `rule 3`


def impossible_plans(number: int) -> list[tuple[str, Problem, Blame]]:
    """(kind, plan, what is to blame), all kinds in turn; always the same ones."""
    rng = random.Random("impossible")
    kinds = list(KINDS.items())
    return [(name, *make(rng)) for name, make in (kinds[i % len(kinds)] for i in range(number))]


def groups(rng: random.Random, number: int, low: int, high: int) -> list[Trait]:
    """Traits of weighted values, some a little like those of an artist."""
    return [
        Trait(
            name=f"T{g}",
            values=tuple(
                Value(name=f"v{v}", weight=float(rng.choice([1, 2, 3, 5, 8, 13])))
                for v in range(rng.randint(low, high))
            ),
        )
        for g in range(number)
    ]


def counted(trait: Trait, **counts: int) -> Trait:
    """The trait with these values' counts instead of weights."""
    return Trait(
        name=trait.name,
        values=tuple(
            Value(name=v.name, count=counts[v.name]) if v.name in counts else v
            for v in trait.values
        ),
    )


def mild(rng: random.Random, traits: list[Trait], number: int) -> list[Rule]:
    """Rules between single values, which by themselves leave nearly everything allowed."""
    rules = []
    for _ in range(number):
        a, b = rng.sample(traits, 2)
        rules.append(Rule(never={t.name: (rng.choice(t.values).name,) for t in (a, b)}))
    return rules


def mixed(
    rng: random.Random, planted: list[Rule], others: list[Rule]
) -> tuple[tuple[Rule, ...], Blame]:
    """All the rules in random order, and the names of the planted ones."""
    rules = [*planted, *others]
    rng.shuffle(rules)
    return tuple(rules), {f"rule {i + 1} (" for i, rule in enumerate(rules) if rule in planted}


def big(rng: random.Random) -> tuple[list[Trait], int]:
    return groups(rng, rng.randint(5, 8), 8, 12), rng.choice([500, 1_000, 3_000, 10_000])


def never(rng: random.Random) -> tuple[Problem, Blame]:
    """More than the supply shows one of two values that no token may show together."""
    traits, supply = big(rng)
    n = rng.randint(supply // 3, 2 * supply // 3)
    traits[0], traits[1] = counted(traits[0], v0=n), counted(traits[1], v0=supply - n + 1)
    planted = [Rule(never={"T0": ("v0",), "T1": ("v0",)})]
    rules, blame = mixed(rng, planted, mild(rng, traits, rng.randint(0, 19)))
    return (tuple(traits), rules, supply), blame


def requires(rng: random.Random) -> tuple[Problem, Blame]:
    """More tokens show a value than may show those that it requires."""
    traits, supply = big(rng)
    n = rng.randint(2, supply // 4)
    traits[0], traits[1] = counted(traits[0], v0=2 * n + 1), counted(traits[1], v0=n, v1=n)
    planted = [Rule(when={"T0": ("v0",)}, requires={"T1": ("v0", "v1")})]
    rules, blame = mixed(rng, planted, mild(rng, traits, rng.randint(0, 19)))
    return (tuple(traits), rules, supply), blame


def chain(rng: random.Random) -> tuple[Problem, Blame]:
    """A requires B, B requires C, and C is rarer than A."""
    traits, supply = big(rng)
    n = rng.randint(2, supply // 4)
    traits[0] = counted(traits[0], v0=n + 1)
    traits[2] = counted(traits[2], v0=n)
    planted = [
        Rule(when={"T0": ("v0",)}, requires={"T1": ("v0", "v1")}),
        Rule(when={"T1": ("v0", "v1")}, requires={"T2": ("v0",)}),
    ]
    rules, blame = mixed(rng, planted, mild(rng, traits, rng.randint(0, 18)))
    return (tuple(traits), rules, supply), blame


def union(rng: random.Random) -> tuple[Problem, Blame]:
    """Several rules take one value's partners away, all but a few tokens."""
    traits, supply = big(rng)
    n = rng.randint(2, supply // 4)
    last = traits[1].values[-1].name
    traits[0], traits[1] = counted(traits[0], v0=n + 1), counted(traits[1], **{last: n})
    planted = [Rule(never={"T0": ("v0",), "T1": (v.name,)}) for v in traits[1].values[:-1]]
    rules, blame = mixed(rng, planted, mild(rng, traits, 20 - len(planted)))
    return (tuple(traits), rules, supply), blame


def triple(rng: random.Random) -> tuple[Problem, Blame]:
    """Three values, never together, that more than two thirds of the tokens show each."""
    traits, supply = big(rng)
    n = 2 * supply // 3 + 1
    for g in range(3):
        traits[g] = counted(traits[g], v0=n)
    planted = [Rule(never={f"T{g}": ("v0",) for g in range(3)})]
    rules, blame = mixed(rng, planted, mild(rng, traits, rng.randint(0, 19)))
    return (tuple(traits), rules, supply), blame


def banned(rng: random.Random) -> tuple[Problem, Blame]:
    """A value with a count that two rules together make impossible."""
    traits, supply = big(rng)
    traits[0] = counted(traits[0], v0=rng.randint(1, 20))
    planted = [
        Rule(when={"T0": ("v0",)}, requires={"T1": ("v0", "v1")}),
        Rule(never={"T0": ("v0",), "T1": ("v0", "v1", "v2")}),
    ]
    rules, blame = mixed(rng, planted, mild(rng, traits, rng.randint(0, 18)))
    return (tuple(traits), rules, supply), blame


def pocket(rng: random.Random) -> tuple[Problem, Blame]:
    """One value requires single values of all other traits but one: too few combinations."""
    traits, supply = big(rng)
    traits[0] = counted(traits[0], v0=len(traits[1].values) + 1)
    others: dict[str, tuple[str, ...]] = {t.name: (t.values[0].name,) for t in traits[2:]}
    planted = [Rule(when={"T0": ("v0",)}, requires=others)]
    rules, blame = mixed(rng, planted, mild(rng, traits, rng.randint(0, 19)))
    return (tuple(traits), rules, supply), blame


def few(rng: random.Random) -> tuple[Problem, Blame]:
    """More tokens than combinations."""
    traits = groups(rng, rng.randint(2, 4), 3, 8)
    total = 1
    for trait in traits:
        total *= len(trait.values)
    rules = tuple(mild(rng, traits, rng.randint(0, 3)))
    names = {t.name for t in traits} | {"the traits"}
    return (tuple(traits), rules, total + rng.randint(1, total)), names | {"rule "}


def popular(rng: random.Random) -> tuple[Problem, Blame]:
    """So many tokens show two values that those with both repeat the others."""
    traits = groups(rng, 4, 4, 8)
    both = len(traits[2].values) * len(traits[3].values)
    supply = 20 * both
    n = (supply + both) // 2 + 1
    traits[0], traits[1] = counted(traits[0], v0=n), counted(traits[1], v0=n)
    rules = tuple(mild(rng, traits, rng.randint(0, 5)))
    return (tuple(traits), rules, supply), {t.name for t in traits} | {"the traits", "rule "}


def limit(rng: random.Random) -> tuple[Problem, Blame]:
    """Weights whose shares are one token too many for a rule; a count is nowhere."""
    traits, supply = big(rng)
    half = supply // 2
    for g in range(2):
        values = traits[g].values
        rest = tuple(Value(name=v.name, weight=1.0) for v in values[1:])
        share = float(len(rest) * (half + 1)) / (supply - half - 1)
        traits[g] = Trait(name=f"T{g}", values=(Value(name="v0", weight=share), *rest))
    planted = [Rule(never={"T0": ("v0",), "T1": ("v0",)})]
    rules, blame = mixed(rng, planted, mild(rng, traits, rng.randint(0, 19)))
    return (tuple(traits), rules, supply), blame


KINDS: dict[str, Callable[[random.Random], tuple[Problem, Blame]]] = {
    "never": never,
    "requires": requires,
    "chain": chain,
    "union": union,
    "triple": triple,
    "banned": banned,
    "pocket": pocket,
    "few": few,
    "popular": popular,
    "limit": limit,
}

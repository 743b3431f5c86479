"""Weights, counts and a supply -> the exact number of tokens per value."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from mint.spec.traits import Trait, Value

Place = tuple[str | int, ...]


class Infeasible(Exception):
    """What the artist asked for cannot be arranged; `place` is where in collection.yaml."""

    def __init__(self, place: Place, message: str, hint: str) -> None:
        """`hint` says which edit would help."""
        super().__init__(message)
        self.place, self.message, self.hint = place, message, hint


def counts(traits: Sequence[Trait], supply: int) -> dict[str, dict[str, int]]:
    """Tokens per value of each trait; each trait's counts add up to `supply`.

    Written counts first, the rest over the weights by largest remainder in exact fractions, ties
    to the value written first. A weight may round to no token at all.
    Raises Infeasible if a trait's counts exceed the supply, or do not reach it without a weight.
    """
    return {
        t.name: dict(zip((v.name for v in t.values), split(t, supply), strict=True)) for t in traits
    }


def split(trait: Trait, supply: int) -> list[int]:
    """Tokens per value, in the order of the file."""
    shares = [v.count or 0 for v in trait.values]
    scaled = weights(trait)
    rest = supply - sum(shares)
    if rest < 0:
        raise Infeasible(
            ("traits", trait.name),
            f"the counts of {trait.name} add up to {sum(shares)}, more than the supply of {supply}",
            f"lower a count, or raise supply to {sum(shares)}",
        )
    if rest and not any(scaled):
        raise Infeasible(
            ("traits", trait.name),
            f"the counts of {trait.name} add up to {sum(shares)}, not to the supply of {supply}",
            f"raise a count by {rest}, or give one value a weight instead of a count",
        )
    return shared(shares, scaled, supply)


def shared(shares: Sequence[int], weights: Sequence[int], supply: int) -> list[int]:
    """`shares`, and what they leave of `supply` over integer weights by largest remainder."""
    rest, total = supply - sum(shares), sum(weights)
    if not rest:
        return list(shares)
    quotas = [w * rest // total for w in weights]
    order = sorted(range(len(weights)), key=lambda v: (-(weights[v] * rest % total), v))
    extra = set(order[: rest - sum(quotas)])
    return [n + q + (v in extra) for v, (n, q) in enumerate(zip(shares, quotas, strict=True))]


def weights(trait: Trait) -> list[int]:
    """The weights as integers in the same proportion: 0 with a count, 1 if nothing is written.

    Exact from the decimal text of the number: 0.1 is a tenth here, not the nearest double.
    """
    exact = [Fraction(0) if v.count else _fraction(v) for v in trait.values]
    scale = lcm(*(w.denominator for w in exact))
    return [int(w * scale) for w in exact]


def _fraction(value: Value) -> Fraction:
    return Fraction(1) if value.weight is None else Fraction(repr(value.weight))

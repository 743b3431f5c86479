"""Tokens and the plan -> how often each trait value was planned, assigned, and seen by the judge.

`Assigned` counts the tokens' traits as their metadata states them; no picture is looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from mint.curate.token import Token
from mint.spec.collection import Collection
from mint.spec.traits import ABSENT, Trait

Planned = Mapping[str, Mapping[str, int]]
Values = Counter[str | None]  # value -> tokens; None is a trait that a token does not have


class Count(NamedTuple):
    """One value. `planned` is None where there is no plan to compare with.

    Of the `actual` tokens that the value is assigned to, the judge has `seen` it in some pictures
    and something else in the `contradicted` ones.
    """

    value: str
    absent: bool
    planned: int | None
    actual: int
    total: int
    seen: int = 0
    contradicted: int = 0

    @property
    def unchecked(self) -> int:
        """Tokens of which nobody knows whether the picture shows the value."""
        return self.actual - self.seen - self.contradicted

    @property
    def difference(self) -> int:
        """How many more tokens have the value than were planned."""
        return 0 if self.planned is None else self.actual - self.planned

    @property
    def share(self) -> str:
        """`12 of 64, 18.8 %`."""
        return f"{self.actual:,} of {self.total:,}, {percent(self.actual, self.total)}"

    @property
    def parts(self) -> tuple[str, str, str]:
        """Seen, contradicted and assigned as percentages with a dot, for drawing."""
        total = self.total or 1
        seen, both = self.seen, self.seen + self.contradicted
        return tuple(f"{100 * n / total:.2f}" for n in (seen, both, self.actual))  # type: ignore[return-value] # of three


@dataclass(frozen=True)
class Tally:
    """One trait and the count of each of its values, in the order of collection.yaml."""

    trait: str
    counts: tuple[Count, ...]

    def place(self, token: Token, unique: bool) -> int:
        """The index in `counts` of the token's value, or -1 (a one-of-one has no traits)."""
        value = token.traits.get(self.trait)
        return self._places.get(value, -1) if value is not None or not unique else -1

    @cached_property
    def _places(self) -> Mapping[str | None, int]:
        """Value -> index; None is what a token without the trait has."""
        places: dict[str | None, int] = {}
        for i, count in enumerate(self.counts):
            places.setdefault(count.value, i)
            if count.absent:
                places.setdefault(None, i)
        return places


def percent(part: int, whole: int) -> str:
    """`18.8 %`, halves up; a little never reads as nothing."""
    tenths = (2_000 * part + whole) // (2 * whole) if whole else 0
    return "< 0.1 %" if part and not tenths else f"{tenths // 10}.{tenths % 10} %"


def is_unique(token: Token, collection: Collection) -> bool:
    """Whether the token is a one-of-one: painted from its own prompt, outside the trait table."""
    # Traits first: nearly every token has one, and there may be a thousand one-of-ones.
    return not any(trait.name in token.traits for trait in collection.traits) and any(
        token.name == one.name for one in collection.one_of_ones
    )


def tally(collection: Collection, tokens: tuple[Token, ...], planned: Planned) -> list[Tally]:
    """Every trait of the table, then one-of-ones and what else only tokens have."""
    with_traits = [t for t in tokens if not is_unique(t, collection)]
    table = [_of_table(trait, with_traits, len(tokens), planned) for trait in collection.traits]
    names = {t.name for t in collection.traits}
    others = sorted({*planned, *(name for t in tokens for name in t.traits)} - names)
    return table + [_extra(name, tokens, planned.get(name)) for name in others]


class _Sums(NamedTuple):
    """Of one trait: tokens by value, and those whose value was seen or contradicted."""

    actual: Values
    seen: Values
    contradicted: Values


def _sums(name: str, tokens: list[Token]) -> _Sums:
    sums = _Sums(Counter(), Counter(), Counter())
    for token in tokens:
        value, judgement = token.traits.get(name), token.judgements.get(name)
        sums.actual[value] += 1
        if judgement and judgement.verdict == "seen":
            sums.seen[value] += 1
        elif judgement and judgement.verdict == "contradicted":
            sums.contradicted[value] += 1
    return sums


def _of_table(trait: Trait, tokens: list[Token], total: int, planned: Planned) -> Tally:
    sums = _sums(trait.name, tokens)
    plan = planned.get(trait.name)
    table = {v.name: v.absent for v in trait.values}
    values = {v for v in (*sums.actual, *(plan or ())) if v is not None and v not in table}
    rows = table | {v: False for v in sorted(values)}
    if sums.actual[None] and True not in rows.values():
        rows[ABSENT] = True
    return Tally(trait.name, tuple(_counts(rows, sums, plan, total)))


def _counts(
    rows: Mapping[str, bool], sums: _Sums, plan: Mapping[str, int] | None, total: int
) -> Iterator[Count]:
    for value, absent in rows.items():
        actual, seen, contradicted = (n[value] + (n[None] if absent else 0) for n in sums)
        count = None if plan is None else plan.get(value, 0)
        yield Count(value, absent, count, actual, total, seen, contradicted)


def _extra(name: str, tokens: tuple[Token, ...], plan: Mapping[str, int] | None) -> Tally:
    owners = [t for t in tokens if name in t.traits]
    rows = dict.fromkeys([*(plan or ()), *sorted({t.traits[name] for t in owners})], False)
    return Tally(name, tuple(_counts(rows, _sums(name, owners), plan, len(tokens))))

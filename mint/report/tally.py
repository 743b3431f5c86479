"""Tokens and the plan -> how often each trait value was planned, and how often tokens have it.

What is counted are the tokens' traits as their metadata states them; no picture is looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mint.curate.token import Token
from mint.spec.collection import Collection
from mint.spec.traits import ABSENT, Trait

Planned = Mapping[str, Mapping[str, int]]


class Count(NamedTuple):
    """One value. `planned` is None where there is no plan to compare with."""

    value: str
    absent: bool
    planned: int | None
    actual: int
    total: int

    @property
    def difference(self) -> int:
        """How many more tokens have the value than were planned."""
        return 0 if self.planned is None else self.actual - self.planned

    @property
    def share(self) -> str:
        """`12 of 64, 18.8 %`."""
        return f"{self.actual:,} of {self.total:,}, {percent(self.actual, self.total)}"

    @property
    def parts(self) -> tuple[str, str]:
        """Actual and planned as percentages with a dot, for drawing."""
        total = self.total or sum(filter(None, [self.planned])) or 1
        return f"{100 * self.actual / total:.2f}", f"{100 * (self.planned or 0) / total:.2f}"


class Tally(NamedTuple):
    """One trait and the count of each of its values, in the order of collection.yaml."""

    trait: str
    counts: tuple[Count, ...]

    def place(self, token: Token, unique: bool) -> int:
        """The index in `counts` of the token's value, or -1 (a one-of-one has no traits)."""
        value = token.traits.get(self.trait)
        for i, count in enumerate(self.counts):
            if count.value == value or (count.absent and value is None and not unique):
                return i
        return -1


def percent(part: int, whole: int) -> str:
    """`18.8 %`, halves up; a little never reads as nothing."""
    tenths = (2_000 * part + whole) // (2 * whole) if whole else 0
    return "< 0.1 %" if part and not tenths else f"{tenths // 10}.{tenths % 10} %"


def is_unique(token: Token, collection: Collection) -> bool:
    """Whether the token is a one-of-one: painted from its own prompt, outside the trait table."""
    return any(token.name == one.name for one in collection.one_of_ones) and not any(
        trait.name in token.traits for trait in collection.traits
    )


def tally(collection: Collection, tokens: tuple[Token, ...], planned: Planned) -> list[Tally]:
    """Every trait of the table, then one-of-ones and what else only tokens have."""
    drawn = [t for t in tokens if not is_unique(t, collection)]
    table = [_of_table(trait, drawn, len(tokens), planned) for trait in collection.traits]
    known = {t.name for t in collection.traits}
    others = sorted({*planned, *(name for t in tokens for name in t.traits)} - known)
    return table + [_extra(name, tokens, planned.get(name)) for name in others]


def _of_table(trait: Trait, drawn: list[Token], total: int, planned: Planned) -> Tally:
    actual = Counter(t.traits.get(trait.name) for t in drawn)
    plan = planned.get(trait.name)
    declared = {v.name: v.absent for v in trait.values}
    others = {v for v in (*actual, *(plan or ())) if v is not None and v not in declared}
    rows = declared | {v: False for v in sorted(others)}
    if actual[None] and True not in rows.values():
        rows[ABSENT] = True
    return Tally(trait.name, tuple(_counts(rows, actual, plan, total)))


def _counts(
    rows: Mapping[str, bool],
    actual: Counter[str | None],
    plan: Mapping[str, int] | None,
    total: int,
) -> Iterator[Count]:
    for value, absent in rows.items():
        count = actual[value] + (actual[None] if absent else 0)
        yield Count(value, absent, None if plan is None else plan.get(value, 0), count, total)


def _extra(name: str, tokens: tuple[Token, ...], plan: Mapping[str, int] | None) -> Tally:
    values = [t.traits[name] for t in tokens if name in t.traits]
    rows = dict.fromkeys([*(plan or ()), *sorted(set(values))], False)
    return Tally(name, tuple(_counts(rows, Counter(values), plan, len(tokens))))

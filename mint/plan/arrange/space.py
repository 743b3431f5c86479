"""Traits, counts and rules -> the space of combinations that tokens may show, and how large it is.

Rules become bans. A ban is a set of values per trait group, and a combination that is inside all
of its sets is forbidden. One integer per value holds, as bits, the bans that value does not
escape; the AND over a token's values is the bans the token breaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from mint.plan.arrange.diagram import Arc, Diagram, Row
from mint.plan.arrange.quotas import split
from mint.spec.traits import Rule, Trait

# States in one layer of a diagram. Above it the exact model would be too large to solve anyway;
# 8 groups of 8 values under 20 random rules of 2 groups need about 500.
MAX_STATES = 10_000
MAX_LISTED = 2_000_000  # combinations that may be listed to arrange what is left out


class Ban(NamedTuple):
    """A forbidden conjunction: the values of each group that take part, and whose rule it is."""

    rule: int
    values: dict[int, frozenset[int]]


@dataclass(frozen=True)
class Space:
    """The exact number of tokens per value of each group, under `bans`.

    Values with count 0 are outside: no token may show them, so they make no room either.
    """

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    bans: tuple[Ban, ...]

    @property
    def supply(self) -> int:
        """Tokens to arrange; every group's counts add up to it."""
        return sum(self.counts[0])

    @cached_property
    def masks(self) -> list[list[int]]:
        """Per group and value, a bit for every ban that the value does not escape."""
        return [[self._mask(g, v) for v in range(len(c))] for g, c in enumerate(self.counts)]

    def _mask(self, group: int, value: int) -> int:
        return sum(
            1 << i
            for i, ban in enumerate(self.bans)
            if group not in ban.values or value in ban.values[group]
        )

    @cached_property
    def classes(self) -> list[dict[int, tuple[int, ...]]]:
        """Per group, mask -> the values that no rule tells apart; values nobody shows left out."""
        classes = []
        for masks, counts in zip(self.masks, self.counts, strict=True):
            live = sorted((m, v) for v, m in enumerate(masks) if counts[v])
            classes.append({m: tuple(v for _, v in same) for m, same in groupby(live, _first)})
        return classes

    @cached_property
    def diagram(self) -> Diagram | None:
        """The decision diagram of allowed combinations; None where it outgrows MAX_STATES.

        A state is the set of bans not yet escaped, so prefixes that leave the same rules open
        meet in one node. Groups are ordered greedily for the fewest states. Method: D. Bergman,
        A. Cire, W.-J. van Hoeve, J. Hooker, "Decision Diagrams for Optimization", 2016, ch. 3.
        O(groups^2 * states * classes).
        """
        order: list[int] = []
        layers = [[(1 << len(self.bans)) - 1]]
        left = list(range(len(self.counts)))
        while left:
            steps = {g: self._states(layers[-1], g, [*order, g]) for g in left}
            group = min(left, key=lambda g: (len(steps[g]), g))
            if len(steps[group]) > MAX_STATES:
                return None
            order.append(group)
            left.remove(group)
            layers.append(steps[group])
        return self._diagram(order, layers)

    def _closed(self, order: Sequence[int]) -> int:
        """The bans all of whose groups are in `order`: whoever still breaks one is out."""
        return sum(1 << i for i, ban in enumerate(self.bans) if ban.values.keys() <= set(order))

    def _states(self, layer: list[int], group: int, order: Sequence[int]) -> list[int]:
        closed = self._closed(order)
        states = (state & mask for state in layer for mask in self.classes[group])
        return list(dict.fromkeys(state for state in states if not state & closed))

    def _diagram(self, order: list[int], layers: list[list[int]]) -> Diagram:
        steps = []
        for depth, group in enumerate(order):
            closed = self._closed(order[: depth + 1])
            for tail in layers[depth]:
                for mask, values in self.classes[group].items():
                    if not tail & mask & closed:
                        steps.append((depth, tail, values, tail & mask))
        after = {(len(order), state): 1 for state in layers[-1]}
        for depth, tail, values, head in reversed(steps):
            more = len(values) * after.get((depth + 1, head), 0)
            after[depth, tail] = after.get((depth, tail), 0) + more
        root = (0, layers[0][0])
        before, arcs = {root: 1}, []
        for depth, tail, values, head in steps:
            rest = after.get((depth + 1, head), 0)
            if rest and (depth, tail) in before:
                so_far = before[depth, tail]
                arcs.append(Arc(depth, tail, values, head, so_far, rest))
                key = (depth + 1, head)
                before[key] = before.get(key, 0) + so_far * len(values)
        return Diagram(tuple(order), tuple(arcs), after.get(root, 0))

    @cached_property
    def rooms(self) -> list[dict[int, int]]:
        """Per group, value -> allowed combinations that show it; as many as needed if unknown."""
        if self.diagram is None:
            return [dict(enumerate(counts)) for counts in self.counts]
        return [self.diagram.room(group) for group in range(len(self.counts))]

    def crowded(self) -> bool:
        """True if more tokens must show some value than combinations do."""
        return any(
            n > room.get(v, 0)
            for counts, room in zip(self.counts, self.rooms, strict=True)
            for v, n in enumerate(counts)
        )

    def rest(self) -> Space | None:
        """The allowed combinations that no token would show, as a space of its own.

        There is one only if more than half are wanted (and they can be listed): then it is the
        smaller of two problems that have the same answer.
        """
        if self.diagram is None or not self.diagram.total < min(MAX_LISTED, 2 * self.supply):
            return None
        left = tuple(
            tuple(room.get(v, 0) - n for v, n in enumerate(counts))
            for counts, room in zip(self.counts, self.rooms, strict=True)
        )
        if min(map(min, left)) < 0:
            return None  # crowded
        return Space(self.names, left, self.bans)

    def listed(self) -> Iterator[Row]:
        """All allowed combinations, always in the same order."""
        return self.diagram.rows() if self.diagram else iter(())

    def under(self, rules: Sequence[int]) -> Space:
        """The same counts with the bans of `rules` (by index) alone."""
        return Space(self.names, self.counts, tuple(b for b in self.bans if b.rule in rules))

    def within(self, values: Sequence[frozenset[int]]) -> Space:
        """The combinations of `values` alone, a set per group; its counts add up to no supply."""
        pairs = zip(self.counts, values, strict=True)
        counts = tuple(tuple(n * (v in some) for v, n in enumerate(c)) for c, some in pairs)
        return Space(self.names, counts, self.bans)

    def unweighted(self) -> Space:
        """The same rules over every value, also those whose weight rounds to no token."""
        if all(map(all, self.counts)):
            return self
        return Space(self.names, tuple(tuple(n or 1 for n in c) for c in self.counts), self.bans)


def _first(pair: tuple[int, int]) -> int:
    return pair[0]


def bans(traits: Sequence[Trait], rules: Sequence[Rule]) -> tuple[Ban, ...]:
    """The forbidden conjunctions that say what `rules` say; names are known to exist.

    `never` is one. `when ... requires ...` forbids, for each required group, the condition
    together with every value of that group that is not among the required ones.
    """
    index = {t.name: {v.name: i for i, v in enumerate(t.values)} for t in traits}
    place = {t.name: g for g, t in enumerate(traits)}

    def sets(condition: dict[str, tuple[str, ...]] | None) -> dict[int, frozenset[int]]:
        # By place: a record's keys are in another order than the file's.
        items = sorted((condition or {}).items(), key=lambda pair: place[pair[0]])
        return {place[t]: frozenset(index[t][v] for v in values) for t, values in items}

    all_bans = []
    for i, rule in enumerate(rules):
        if rule.never is not None:
            all_bans.append(Ban(i, sets(rule.never)))
        for group, choices in sets(rule.requires).items():
            when = sets(rule.when)
            others = frozenset(range(len(traits[group].values))) - choices
            both = {**when, group: when.get(group, others) & others}
            all_bans.append(Ban(i, dict(sorted(both.items()))))
    return tuple(ban for ban in all_bans if all(ban.values.values()))


def compiled(traits: Sequence[Trait], rules: Sequence[Rule], supply: int) -> Space:
    """The space of `supply` tokens; raises Infeasible where a trait's counts do not fit it."""
    shares = tuple(tuple(split(t, supply)) for t in traits)
    return Space(tuple(t.name for t in traits), shares, bans(traits, rules))

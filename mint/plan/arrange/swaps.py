"""Counts and bans -> rows by chance and repair: shuffle each column, then swap conflicts away.

Every choice is an integer drawn from SHA-256, so the rows are the same everywhere.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import accumulate, chain

from mint.plan.arrange.rows import USELESS, Rows
from mint.plan.arrange.space import Space

TRIES = 12  # candidate swaps looked at per move
PAUSE = 1024  # moves


def words(key: str) -> Iterator[int]:
    """Endless 64-bit integers: SHA-256 of `key`/counter, four to a digest."""
    counter = 0
    while True:
        digest = sha256(f"{key}/{counter}".encode()).digest()
        yield from (int.from_bytes(digest[i : i + 8], "big") for i in (0, 8, 16, 24))
        counter += 1


def shuffled(size: int, key: str) -> list[int]:
    """0 .. size-1 in the order of SHA-256(`key`/i). O(size log size)."""
    return sorted(range(size), key=lambda i: sha256(f"{key}/{i}".encode()).digest())


def start(space: Space, seed: int) -> list[list[int]]:
    """One column per group: its exact multiset of values, shuffled by its own name."""
    columns = []
    for name, counts in zip(space.names, space.counts, strict=True):
        values = list(chain.from_iterable([v] * n for v, n in enumerate(counts)))
        columns.append([values[i] for i in shuffled(space.supply, f"{seed}/{name}")])
    return columns


class Table(Rows):
    """All rows of a space. Per group, slots list the rows sorted by value, so that one draw gives a
    partner that shows one of a few wanted values.
    """

    def __init__(self, space: Space, columns: list[list[int]]) -> None:
        """Index `columns`; they are changed in place from here on."""
        super().__init__(space, columns, {})
        size = space.supply
        self.slots = [sorted(range(size), key=column.__getitem__) for column in columns]
        self.at = [_inverse(slots) for slots in self.slots]
        self.escapes = [self.ways_out(i) for i in range(len(space.bans))]

    def ways_out(self, ban: int) -> list[tuple[int, list[int], list[int]]]:
        """Per group of a ban, the slots outside its values as (group, starts, running totals)."""
        ways = []
        for group, inside in sorted(self.space.bans[ban].values.items()):
            counts = self.space.counts[group]
            begins = [0, *accumulate(counts)]
            out = [v for v, n in enumerate(counts) if n and v not in inside]
            totals = list(accumulate(counts[v] for v in out))
            if out:
                ways.append((group, [begins[v] for v in out], totals))
        return ways

    def swap(self, group: int, a: int, b: int) -> None:
        """Exchange the values of two rows in one column."""
        super().swap(group, a, b)
        at, slots = self.at[group], self.slots[group]
        at[a], at[b] = at[b], at[a]
        slots[at[a]], slots[at[b]] = a, b

    def candidate(self, row: int, draw: Iterator[int]) -> tuple[int, int]:
        """A (group, partner) whose swap takes `row` out of a ban it breaks, or off its twin."""
        if not self.broken[row]:
            group = self.loose[next(draw) % len(self.loose)]
            return group, self.slots[group][next(draw) % len(self.codes)]
        ways = self.escapes[self.broken_ban(row, draw)]
        group, begins, totals = ways[next(draw) % len(ways)]
        nth = next(draw) % totals[-1]
        which = bisect_right(totals, nth)
        return group, self.slots[group][begins[which] + nth - ([0, *totals][which])]


def repair(
    table: Rows, draw: Iterator[int], patience: int, hopeless: Callable[[int], bool]
) -> bool:
    """Swap until no ban is broken and no combination repeated; False when `patience` runs out.

    `hopeless` is asked from time to time, with the number of moves so far: True ends it.

    Min-conflicts (S. Minton et al., Artificial Intelligence 58, 1992) with plateau moves and a
    little noise. Patience counts moves since the cost was last at its lowest. Each move looks at
    TRIES swaps of O(groups). Every row that is wrong is queued, except one of each set of twins.
    """
    queue = [r for r in range(len(table.codes)) if table.wrong(r)]
    marks = bytearray(len(table.codes))
    for row in queue:
        marks[row] = 1
    if not table.loose or not all(map(table.ways_out, range(len(table.space.bans)))):
        return not queue  # nothing can be swapped, or some ban has no way out
    cost = lowest = table.cost()
    waited = moves = 0
    while queue and waited < patience:
        moves += 1
        if not moves % PAUSE and hopeless(moves):
            return False
        pick = next(draw) % len(queue)
        queue[pick], queue[-1] = queue[-1], queue[pick]
        row = queue.pop()
        marks[row] = 0
        if not table.wrong(row):
            continue
        delta, group, partner = _best(table, row, draw)
        touched = [row]
        if delta <= 0 or (delta <= 2 and not next(draw) % 16):
            table.swap(group, row, partner)
            cost += delta
            touched.append(partner)
        for r in touched:
            if table.wrong(r) and not marks[r]:
                queue.append(r)
                marks[r] = 1
        waited = 0 if cost < lowest else waited + 1
        lowest = min(lowest, cost)
    return not queue


def _best(table: Rows, row: int, draw: Iterator[int]) -> tuple[int, int, int]:
    """The first improving swap among TRIES, else the least bad, as (gain, group, partner)."""
    best = (USELESS, 0, row)
    for _ in range(TRIES):
        group, partner = table.candidate(row, draw)
        delta = table.gain(group, row, partner)
        if delta < best[0]:
            best = (delta, group, partner)
        if delta < 0:
            break
    return best


def mix(table: Table, draw: Iterator[int], rounds: int) -> None:
    """Random swaps that cost nothing: forget how a solver arranged the rows."""
    size = len(table.codes)
    for _ in range(rounds):
        for group in table.loose:
            a, b = next(draw) % size, next(draw) % size
            if table.gain(group, a, b) <= 0:
                table.swap(group, a, b)


def _inverse(order: Sequence[int]) -> list[int]:
    positions = [0] * len(order)
    for position, item in enumerate(order):
        positions[item] = position
    return positions

"""Traits, rules and a seed -> rows that more tokens leave as they are.

Each column keeps its exact shares in every beginning (see `pace`). Rows that break a rule or repeat
another are mended by swaps that keep every value inside its window, a block of rows at a time.
None of that depends on the supply, so the rows of a supply are the first rows of a larger one.
Where that leaves too little room, one block does without windows, and supplies that end inside it
arrange their last rows for themselves; in the end, all rows may give way, those in trouble first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from sys import maxsize
from typing import NamedTuple

from mint.plan.arrange.diagram import Row
from mint.plan.arrange.pace import Pace
from mint.plan.arrange.quotas import weights
from mint.plan.arrange.rows import Rows
from mint.plan.arrange.space import Space
from mint.plan.arrange.swaps import repair, shuffled, words
from mint.spec.traits import Trait

BLOCKS = (256, 64, 16)  # rows that are mended together
SMALLEST = 8  # the same without windows: so many, or twice as many, and so on
FAILURES = 60  # of blocks, about 3 s, until nothing more is tried that suits every supply
ROOM = Fraction(3, 4)  # of all combinations; beyond it, what is left over would decide each row
SPREAD = 2  # for each token of a written count, over which those counts are spread
PATIENCE = 1_000  # moves without progress, at most; ten times as many in all
LOOKS = 8  # at rows inside the window, for one candidate


class Cells(NamedTuple):
    """A piece of a column: its values, and the first and the last position where each may be."""

    values: list[int]
    first: list[int]
    last: list[int]


class Column:
    """The values of one trait for ever more tokens; the first `spread` have all written counts."""

    def __init__(self, trait: Trait, spread: int, key: str) -> None:
        """Nothing of it depends on the supply but `spread`."""
        shares, counts = _shares(trait)
        self._pace, self._spread, self._fixed = Pace(shares, key), spread, sum(counts)
        pace, number = self._pace, spread - self._fixed
        pace.extend(number)
        values = [*pace.values, *(v for v, n in enumerate(counts) for _ in range(n))]
        last = [*(max(p + self._fixed, spread - 1) for p in pace.last), *[spread - 1] * self._fixed]
        order = shuffled(spread, key)
        self._cells = Cells([values[i] for i in order], [0] * spread, [last[i] for i in order])

    def cells(self, begin: int, end: int) -> Cells:
        """Those of the positions from `begin` to `end`."""
        length = len(self._cells.values)
        if end > length:
            pace, fixed, old = self._pace, self._fixed, length - self._fixed
            pace.extend(end - fixed)
            self._cells.values.extend(pace.values[old:])
            first = (p + fixed for p in pace.first[old:])
            self._cells.first.extend(p if p >= self._spread else 0 for p in first)
            self._cells.last.extend(p + fixed for p in pace.last[old:])
        return Cells(*(part[begin:end] for part in self._cells))

    def replace(self, begin: int, cells: Cells) -> None:
        """Other cells from `begin` on."""
        for part, other in zip(self._cells, cells, strict=True):
            part[begin : begin + len(other)] = other


class Block(Rows):
    """Rows under repair in which a value may go only to where its window allows."""

    def __init__(self, space: Space, cells: list[Cells], begin: int, tally: dict[int, int]) -> None:
        """`cells` are those of the positions from `begin` on."""
        super().__init__(space, [column.values for column in cells], tally)
        self.cells, self.begin = cells, begin

    def swap(self, group: int, a: int, b: int) -> None:
        """Exchange the values of two rows in one column, and their windows."""
        super().swap(group, a, b)
        for bounds in self.cells[group][1:]:
            bounds[a], bounds[b] = bounds[b], bounds[a]

    def ways_out(self, ban: int) -> list[int]:
        """The groups that can take a row out of a ban."""
        inside = self.space.bans[ban].values.items()
        return [g for g, some in inside if len(some) < len(self.space.counts[g])]

    def candidate(self, row: int, draw: Iterator[int]) -> tuple[int, int]:
        """A (group, partner) that the windows allow; `row` itself where none was met."""
        inside: frozenset[int] = frozenset()
        if self.broken[row]:
            ban = self.broken_ban(row, draw)
            ways = self.ways_out(ban)
            group = ways[next(draw) % len(ways)]
            inside = self.space.bans[ban].values[group]
        else:
            group = self.loose[next(draw) % len(self.loose)]
        values, first, last = self.cells[group]
        begin, end = max(0, first[row] - self.begin), last[row] - self.begin + 1
        size = min(len(self.codes), end) - begin
        for _ in range(LOOKS):
            partner = begin + next(draw) % size
            if (
                first[partner] <= row + self.begin <= last[partner]
                and values[partner] not in inside
            ):
                return group, partner
        return group, row


class Growth:
    """Rows mended so far, and the columns as far as they were needed."""

    def __init__(self, space: Space, traits: Sequence[Trait], spread: int, seed: int) -> None:
        """`space` has every value; the first `spread` tokens have all of the written counts."""
        self.space, self.seed = space, seed
        self.rows: list[Row] = []
        self.tally: dict[int, int] = {}
        self.failures = 0
        self.columns = [Column(t, spread, f"{seed}/trait {g}") for g, t in enumerate(traits)]

    def grow(self, supply: int, most: int) -> None:
        """Add rows, block by block, until the supply is reached or nothing fits."""
        while len(self.rows) < min(supply, most) and self.failures < FAILURES:
            if not self._mended(most) and not self._loosened(most):
                break

    def _mended(self, most: int) -> bool:
        """Add a block of rows, up to where swaps inside windows leave one wrong.

        The next block begins there: what is wrong near the end often needs values from beyond it.
        A smaller block is easier where rules and shares come to exclude each other farther on.
        """
        begin = len(self.rows)
        for size in BLOCKS:
            end = min(begin + size, most)
            cells = [column.cells(begin, end) for column in self.columns]
            block = self._repaired(cells, "block")
            size = end - begin
            right = next((r for r in range(size) if block.wrong(r)), size)
            self.failures += right < size
            if right > size // 2 or (right and size <= BLOCKS[-1]):
                right = right if right == size else right - right // 4
                for column, part in zip(self.columns, cells, strict=True):
                    column.replace(begin, part)
                block.forget(right)
                self.rows += block.rows()[:right]
                return True
            block.forget(0)
        return False

    def _loosened(self, most: int) -> bool:
        """Add a block without windows."""
        begin, size = len(self.rows), SMALLEST
        while size <= BLOCKS[0] and begin + size <= most:
            cells = [column.cells(begin, begin + size) for column in self.columns]
            if self._added([part.values for part in cells], "loose"):
                return True
            size *= 2
        return False

    def _added(self, columns: list[list[int]], key: str) -> bool:
        """Add rows with these values, if swaps reach any that are right."""
        ends = [0] * len(columns[0]), [maxsize] * len(columns[0])
        block = self._repaired([Cells(values, *map(list, ends)) for values in columns], key)
        if any(map(block.wrong, range(len(block.codes)))):
            block.forget(0)
            return False
        self.rows += block.rows()
        return True

    def _repaired(self, cells: list[Cells], key: str) -> Block:
        begin, size = len(self.rows), len(cells[0].values)
        block = Block(self.space, cells, begin, self.tally)
        draw = words(f"{self.seed}/{key}/{begin}/{size}")
        repair(block, draw, 200 + min(size // 2, PATIENCE), lambda moves: moves > 10 * PATIENCE)
        return block

    def finish(self, supply: int) -> bool:
        """Add the last rows for this supply alone; let the others move only if that fails."""
        begin = len(self.rows)
        last = [column.cells(begin, supply).values for column in self.columns]
        order = shuffled(supply - begin, f"{self.seed}/end")
        if self._added([[values[i] for i in order] for values in last], "end"):
            return True
        whole = [[row[g] for row in self.rows] + values for g, values in enumerate(last)]
        self.rows.clear()
        self.tally.clear()
        return self._added(whole, "all")


def grown(space: Space, traits: Sequence[Trait], supply: int, seed: int) -> list[Row] | None:
    """Rows for `supply` tokens, or None where swaps reach none."""
    every = space.unweighted()
    growth = Growth(every, traits, _spread(traits, supply), seed)
    growth.grow(supply, _most(every, traits))
    if len(growth.rows) < supply and not growth.finish(supply):
        return None
    return growth.rows[:supply]


def _shares(trait: Trait) -> tuple[list[int], list[int]]:
    """(weights, counts) per value. Where every value has a count, they say no more than weights."""
    shares, counts = weights(trait), [value.count or 0 for value in trait.values]
    return (shares, counts) if any(shares) else (counts, [0] * len(counts))


def _spread(traits: Sequence[Trait], supply: int) -> int:
    """How many of the first tokens have all of the written counts."""
    return min(supply, SPREAD * max(sum(counts) for _, counts in map(_shares, traits)))


def _most(space: Space, traits: Sequence[Trait]) -> int:
    """How many tokens leave enough combinations free, whatever the supply."""
    if space.diagram is None:
        return maxsize
    most = ROOM * space.diagram.total
    for trait, rooms in zip(traits, space.rooms, strict=True):
        shares, counts = _shares(trait)
        for v, share in enumerate(shares):
            if share:
                most = min(most, sum(counts) + ROOM * rooms.get(v, 0) * sum(shares) / share)
    return int(most)

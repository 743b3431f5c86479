"""Rows under repair: which rules they break, which combinations repeat, and what a swap changes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import accumulate

from mint.plan.arrange.diagram import Row
from mint.plan.arrange.space import Space

USELESS = 1 << 30  # the gain of a swap that changes nothing


class Rows(ABC):
    """Columns of values, read as rows. A swap within a column can never change a count.

    For each row: the bans it breaks (`broken`) and its combination as one integer (`codes`);
    `tally` is how many rows show a combination, those of earlier tables included.
    """

    def __init__(self, space: Space, columns: list[list[int]], tally: dict[int, int]) -> None:
        """Index `columns` and add them to `tally`; both are changed in place from here on."""
        self.space, self.columns, self.masks, self.tally = space, columns, space.masks, tally
        size, groups = len(columns[0]), range(len(columns))
        self.strides = [1, *accumulate((len(c) for c in space.counts[:-1]), int.__mul__)]
        self.tied = [any(g in ban.values for ban in space.bans) for g in groups]
        self.codes = [
            sum(column[r] * s for column, s in zip(columns, self.strides, strict=True))
            for r in range(size)
        ]
        for code in self.codes:
            self.tally[code] = self.tally.get(code, 0) + 1
        everything = (1 << len(space.bans)) - 1
        self.broken = [self._bans(r, -1, everything) for r in range(size)]
        self.loose = [g for g in groups if sum(map(bool, space.counts[g])) > 1]

    def _bans(self, row: int, group: int, mask: int) -> int:
        """The bans `row` breaks when its value of `group` has `mask`."""
        for g, column in enumerate(self.columns):
            if g != group:
                mask &= self.masks[g][column[row]]
        return mask

    def wrong(self, row: int) -> bool:
        """True if the row breaks a ban or another row shows the same combination."""
        return bool(self.broken[row]) or self.tally[self.codes[row]] > 1

    def cost(self) -> int:
        """Bans broken, plus rows that repeat a combination."""
        repeats = sum(self.tally[code] - 1 for code in set(self.codes))
        return sum(mask.bit_count() for mask in self.broken) + repeats

    def gain(self, group: int, a: int, b: int) -> int:
        """How much a swap would change the cost."""
        column, codes, tally = self.columns[group], self.codes, self.tally
        step = (column[b] - column[a]) * self.strides[group]
        if not step or codes[a] + step == codes[b]:
            return USELESS  # equal values, or rows that would only trade places
        delta = (codes[a] + step in tally) + (codes[b] - step in tally)
        delta -= (tally[codes[a]] > 1) + (tally[codes[b]] > 1)
        if self.tied[group]:
            masks, broken = self.masks[group], self.broken
            delta += self._bans(a, group, masks[column[b]]).bit_count() - broken[a].bit_count()
            delta += self._bans(b, group, masks[column[a]]).bit_count() - broken[b].bit_count()
        return delta

    def swap(self, group: int, a: int, b: int) -> None:
        """Exchange the values of two rows in one column."""
        column = self.columns[group]
        step = (column[b] - column[a]) * self.strides[group]
        column[a], column[b] = column[b], column[a]
        for row, change in ((a, step), (b, -step)):
            self._move(row, self.codes[row] + change)
            self.broken[row] = self._bans(row, group, self.masks[group][column[row]])

    def _move(self, row: int, code: int) -> None:
        old = self.codes[row]
        if self.tally[old] == 1:
            del self.tally[old]
        else:
            self.tally[old] -= 1
        self.codes[row] = code
        self.tally[code] = self.tally.get(code, 0) + 1

    def rows(self) -> list[Row]:
        """The rows in token order."""
        return list(zip(*self.columns, strict=True))

    def forget(self, begin: int) -> None:
        """Take the rows from `begin` on out of `tally`."""
        for code in self.codes[begin:]:
            self.tally[code] -= 1
            if not self.tally[code]:
                del self.tally[code]

    @abstractmethod
    def ways_out(self, ban: int) -> Sequence[object]:
        """How a row can leave a ban; empty where it cannot."""

    @abstractmethod
    def candidate(self, row: int, draw: Iterator[int]) -> tuple[int, int]:
        """A (group, partner) whose swap may take `row` out of a ban it breaks, or off its twin."""

    def broken_ban(self, row: int, draw: Iterator[int]) -> int:
        """One of the bans that the row breaks."""
        mask = self.broken[row]
        for _ in range(next(draw) % mask.bit_count()):
            mask &= mask - 1
        return (mask & -mask).bit_length() - 1

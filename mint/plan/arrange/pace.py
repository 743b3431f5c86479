"""Weights -> which value comes next, so that every beginning of the sequence has its exact share.

A value that n tokens should show q times (a fraction) is shown q times, rounded down or up, by the
first n of them, for every n at once. So the j-th token of a value has a window of positions; the
order within the windows is by chance. Such schedules always exist: R. Tijdeman, "The chairman
assignment problem", Discrete Mathematics 32, 1980.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from hashlib import shake_256
from heapq import heapify, heappop, heappush
from itertools import count

AHEAD = 1024  # positions that are planned, and looked ahead, at a time


class Pace:
    """An endless column: the value of each position, and the first and the last where it may be."""

    def __init__(self, weights: Sequence[int], key: str) -> None:
        """A value with a weight of 0 never comes."""
        self.values: list[int] = []
        self.first: list[int] = []
        self.last: list[int] = []
        self._weights, self._total, self._draw = weights, sum(weights), fractions(key)
        self._placed = [0] * len(weights)
        self._due = [-1] * len(weights)  # the last position of each value's next token
        self._waiting = {0: [v for v, weight in enumerate(weights) if weight]}
        self._ready: list[tuple[float, int]] = []
        # How many of the positions up to t are not needed by what must stand there; those without.
        self._slack: list[int] = []
        self._tight: list[int] = []

    def extend(self, end: int) -> None:
        """Plan up to `end`. O(values) a position.

        Each value's next token aims at a point of its window by chance. Of those whose window has
        begun, the one that aims lowest comes next, unless another would then come too late.
        """
        slack, tight, weights, total = self._slack, self._tight, self._weights, self._total
        waiting, ready, due, placed = self._waiting, self._ready, self._due, self._placed
        for position in range(len(self.values), end):
            for v in waiting.pop(position, ()):
                due[v] = -(-(placed[v] + 1) * total // weights[v]) - 1
                aim = position + next(self._draw) * (due[v] - position + 1)
                heappush(ready, (aim, v))
            if position + AHEAD >= len(slack):
                self._look_ahead()
            while tight and tight[0] < position:
                heappop(tight)
            v = self._lowest(tight[0] if tight else len(slack))
            for t in range(position, min(due[v], len(slack))):
                slack[t] -= 1
                if not slack[t]:
                    heappush(tight, t)
            self.values.append(v)
            self.first.append(placed[v] * total // weights[v])
            self.last.append(due[v])
            placed[v] += 1
            begin = max(position + 1, placed[v] * total // weights[v])
            waiting.setdefault(begin, []).append(v)

    def _lowest(self, latest: int) -> int:
        """Take the value that aims lowest of those that must come at `latest` or before."""
        ready, due = self._ready, self._due
        entry = heappop(ready)
        if due[entry[1]] > latest and ready:
            passed = [entry]
            while due[entry[1]] > latest and ready:
                entry = heappop(ready)
                passed.append(entry)
            for other in passed[:-1]:
                heappush(ready, other)
        return entry[1]

    def _look_ahead(self) -> None:
        begin, total = len(self._slack), self._total
        end = begin + 2 * AHEAD
        demand = [0] * (end - begin)
        for weight, done in zip(self._weights, self._placed, strict=True):
            # The jobs that must stand at the latest before `begin`, and those before `end`.
            for job in range(max(done, begin * weight // total), end * weight // total):
                demand[-(-(job + 1) * total // weight) - 1 - begin] += 1
        spare = self._slack[-1] if self._slack else 0
        for amount in demand:
            spare += 1 - amount
            self._slack.append(spare)
        self._tight += [t for t in range(begin, end) if not self._slack[t]]
        heapify(self._tight)


def fractions(key: str) -> Iterator[float]:
    """Endless numbers from 0 to below 1: SHAKE-256 of `key`/counter, 256 to a digest."""
    for counter in count():
        digest = shake_256(f"{key}/{counter}".encode()).digest(1024)
        yield from [word / 2**32 for word in struct.unpack(">256I", digest)]

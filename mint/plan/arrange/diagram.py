"""The allowed combinations as paths from layer to layer: how many, which, and the heaviest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

Row = tuple[int, ...]  # one value index per group


class Arc(NamedTuple):
    """A step of a diagram: from state `tail` of layer `depth` to state `head` by any of `values`.

    `before` and `after` count the distinct prefixes and suffixes of it.
    """

    depth: int
    tail: int
    values: tuple[int, ...]
    head: int
    before: int
    after: int


@dataclass(frozen=True)
class Diagram:
    """Every allowed combination as a path: `order[depth]` is the group that `depth` decides."""

    order: tuple[int, ...]
    arcs: tuple[Arc, ...]
    total: int

    @cached_property
    def layers(self) -> list[list[Arc]]:
        """The arcs of each depth."""
        layers: list[list[Arc]] = [[] for _ in self.order]
        for arc in self.arcs:
            layers[arc.depth].append(arc)
        return layers

    def room(self, group: int) -> dict[int, int]:
        """value -> number of allowed combinations that show it."""
        room: dict[int, int] = {}
        for arc in self.layers[self.order.index(group)]:
            for value in arc.values:
                room[value] = room.get(value, 0) + arc.before * arc.after
        return room

    def heaviest(self, weights: Sequence[Sequence[int]]) -> Row | None:
        """The combination whose values weigh most in all, None if there is no combination.

        `weights` has a number per group and value. O(arcs).
        """
        best: dict[int, tuple[int, dict[int, int]]] = {arc.tail: (0, {}) for arc in self.arcs[:1]}
        for layer, group in zip(self.layers, self.order, strict=True):
            ends: dict[int, tuple[int, dict[int, int]]] = {}
            for arc in layer:
                total, path = best[arc.tail]
                value = max(arc.values, key=weights[group].__getitem__)
                total += weights[group][value]
                if arc.head not in ends or total > ends[arc.head][0]:
                    ends[arc.head] = total, {**path, group: value}
            best = ends
        if not best:
            return None
        _, path = max(best.values(), key=lambda end: end[0])
        return tuple(path[group] for group in range(len(self.order)))

    def rows(self) -> Iterator[Row]:
        """All allowed combinations, always in the same order."""
        ways: dict[tuple[int, int], list[Arc]] = {}
        for arc in self.arcs:
            ways.setdefault((arc.depth, arc.tail), []).append(arc)
        row = [0] * len(self.order)

        def walk(depth: int, state: int) -> Iterator[Row]:
            if depth == len(self.order):
                yield tuple(row)
                return
            for arc in ways.get((depth, state), ()):
                for value in arc.values:
                    row[self.order[depth]] = value
                    yield from walk(depth + 1, arc.head)

        return walk(0, self.arcs[0].tail) if self.arcs else iter(())

"""Counts that contradict each other, by arithmetic alone: no solver is asked.

Choose some values in some groups. Of a supply s, n tokens show a chosen value in the first such
group, m in the second: then at least n + m - s tokens show chosen values in both, and so on for
more groups. Where fewer different combinations do, nothing fits. One value of one group is the
plain case: more tokens than combinations. A rule that forbids all of them leaves room for none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations
from typing import NamedTuple

from mint.plan.arrange.diagram import Arc, Diagram
from mint.plan.arrange.space import Space

EFFORT = 300_000  # arcs looked at in one search
ROUNDS = 8  # of improving one choice
POPULAR = 5  # values that more than a fifth of the tokens show are also tried in pairs

Choice = tuple[frozenset[int], ...]  # per group, the chosen values: all of them if it is free


class Clash(NamedTuple):
    """At least `tokens` tokens must show chosen values in every group; `room` combinations do."""

    choice: Choice
    tokens: int
    room: int


def clash(space: Space, effort: int = EFFORT) -> Clash | None:
    """A proof that the space has no rows, or None where the search has none to offer."""
    tightest = closest(space, effort)
    return tightest if tightest and tightest.tokens > tightest.room else None


def closest(space: Space, effort: int = EFFORT) -> Clash | None:
    """The plainest clash, else the choice that comes closest to one; None if none was looked at.

    Every promising choice as it stands, then climbing from each. With those of the other groups
    fixed, the best values of a group are those with more tokens than room, since each adds its
    tokens and takes its room away.
    """
    if space.diagram is None:
        return None
    size, tightest = len(space.diagram.arcs), None
    for choice in chain(_starts(space), _climbs(space, space.diagram)):
        attempt = _clash_of(space, choice)
        if attempt.tokens > attempt.room:
            return attempt
        if tightest is None or _fullness(attempt) > _fullness(tightest):
            tightest = attempt
        effort -= 2 * size
        if effort < 0:
            break
    return tightest


def _climbs(space: Space, diagram: Diagram) -> Iterator[Choice]:
    for choice in _starts(space):
        for _ in range(ROUNDS):
            before, choice = choice, _climbed(space, diagram, choice)
            if choice == before:
                break
            yield choice


def overlap(space: Space, choice: Choice) -> int:
    """How many tokens at least must show chosen values in every group."""
    pairs = zip(space.counts, choice, strict=True)
    total = sum(counts[v] for counts, values in pairs for v in values)
    return max(0, total - (len(choice) - 1) * space.supply)


def room(space: Space, choice: Choice) -> int | None:
    """Different combinations of chosen values that the rules allow; None if they are too many."""
    diagram = space.within(choice).diagram
    return None if diagram is None else diagram.total


def free(space: Space) -> Choice:
    """Every value that some token shows."""
    return tuple(frozenset(v for v, n in enumerate(c) if n) for c in space.counts)


def _fullness(attempt: Clash) -> float:
    return attempt.tokens / max(1, attempt.room)


def _clash_of(space: Space, choice: Choice) -> Clash:
    assert space.diagram is not None
    ways = {arc.tail: 1 for arc in space.diagram.arcs[:1]}
    for layer, group in zip(space.diagram.layers, space.diagram.order, strict=True):
        ways = _ahead(layer, choice[group], ways)
    return Clash(choice, overlap(space, choice), sum(ways.values()))


def _starts(space: Space) -> Iterator[Choice]:
    """All values; those of a ban; the most frequent ones; each value; pairs of frequent values."""
    every = free(space)
    yield every
    for ban in space.bans:
        yield tuple(v & ban.values.get(g, v) for g, v in enumerate(every))
    yield tuple(
        frozenset({max(values, key=counts.__getitem__)})
        for counts, values in zip(space.counts, every, strict=True)
    )
    shares = sorted(
        ((n, g, v) for g, counts in enumerate(space.counts) for v, n in enumerate(counts) if n),
        reverse=True,
    )
    for _, group, value in shares:
        yield _with(every, {group: value})
    often = [share for share in shares if POPULAR * share[0] > space.supply]
    for (_, g, v), (_, h, u) in combinations(often, 2):
        if g != h:
            yield _with(every, {g: v, h: u})


def _with(every: Choice, single: dict[int, int]) -> Choice:
    return tuple(
        frozenset({single[g]}) if g in single else values for g, values in enumerate(every)
    )


def _climbed(space: Space, diagram: Diagram, choice: Choice) -> Choice:
    """One pass over the groups in the diagram's order, each choosing anew."""
    better = list(choice)
    after = [{arc.head: 1 for arc in diagram.layers[-1]}]
    for layer, group in zip(reversed(diagram.layers), reversed(diagram.order), strict=True):
        after.append(_back(layer, choice[group], after[-1]))
    before = {arc.tail: 1 for arc in diagram.arcs[:1]}
    for depth, (layer, group) in enumerate(zip(diagram.layers, diagram.order, strict=True)):
        rest, rooms = after[len(diagram.order) - depth - 1], dict[int, int]()
        for arc in layer:
            ways = before.get(arc.tail, 0) * rest.get(arc.head, 0)
            for value in arc.values if ways else ():
                rooms[value] = rooms.get(value, 0) + ways
        better[group] = frozenset(
            v for v, n in enumerate(space.counts[group]) if n > rooms.get(v, 0)
        )
        before = _ahead(layer, better[group], before)
    return tuple(better)


def _ahead(layer: list[Arc], values: frozenset[int], ways: dict[int, int]) -> dict[int, int]:
    """Paths to each node after a layer, by chosen values, from the paths to those before it."""
    paths: dict[int, int] = {}
    for arc in layer:
        if (ways_in := ways.get(arc.tail, 0)) and (n := len(values.intersection(arc.values))):
            paths[arc.head] = paths.get(arc.head, 0) + n * ways_in
    return paths


def _back(layer: list[Arc], values: frozenset[int], ways: dict[int, int]) -> dict[int, int]:
    """Paths from each node before a layer to the end, from those of the nodes after it."""
    paths: dict[int, int] = {}
    for arc in layer:
        if (ways_out := ways.get(arc.head, 0)) and (n := len(values.intersection(arc.values))):
            paths[arc.tail] = paths.get(arc.tail, 0) + n * ways_out
    return paths

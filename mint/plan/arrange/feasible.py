"""Counts and bans -> rows, or the proof that there are none.

Arithmetic first (see `clash`), then swaps, then two models of integer programming. Verdicts are
facts. The rows that a model finds may differ between versions of OR-tools, which is why it is
asked only when swaps have failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from mint.plan.arrange import solvers
from mint.plan.arrange.clash import clash
from mint.plan.arrange.diagram import Diagram, Row
from mint.plan.arrange.outweighed import Balance, balance
from mint.plan.arrange.solvers import BRIEF, EFFORT, NoSolver, Undecided
from mint.plan.arrange.space import Space
from mint.plan.arrange.swaps import Table, mix, repair, shuffled, start, words

MAX_CHOICES = 50_000  # combinations that get a boolean each
# Moves per token. Of 700 random collections that swaps could arrange, 10 took more than LONG, and
# none more than LONGER.
LONG, LONGER = 1, 3


def solve(space: Space, seed: int) -> list[Row] | None:
    """Rows of value indices, or None as a proof that there are none; raises Undecided."""
    if not space.supply:
        return []
    return None if refuted(space) else arranged(space, seed)


def refuted(space: Space) -> bool:
    """True if arithmetic alone proves that there are no rows."""
    return space.crowded() or clash(space) is not None


def arranged(space: Space, seed: int) -> list[Row] | None:
    """The same as `solve`, of a space with tokens that is not refuted."""
    if rest := space.rest():
        complement = solve(rest, seed)
        return None if complement is None else _all_but(space, complement, seed)
    table, scale = Table(space, start(space, seed)), cache(lambda: balance(space))
    if repair(
        table,
        words(f"{seed}/repair"),
        300 + space.supply // 8,
        lambda moves: moves > LONG * space.supply and _outweighed(scale),
    ):
        return table.rows()
    return None if scale().proof else _exact(space, seed, scale().level)


def _outweighed(scale: Callable[[], Balance]) -> bool:
    """True if weights prove that there are no rows; False also where no solver can say."""
    try:
        return scale().proof is not None
    except NoSolver:
        return False


def _all_but(space: Space, complement: list[Row], seed: int) -> list[Row]:
    leave = set(complement)
    rows = [row for row in space.listed() if row not in leave]
    return [rows[i] for i in shuffled(len(rows), f"{seed}/order")]


def flow(space: Space, effort: float = BRIEF) -> list[int] | None:
    """Tokens per arc of the diagram, or None if rules and counts exclude each other.

    A flow in which each class of values carries its count *is* a set of rows that keeps counts
    and rules, with repeats; an arc's capacity is the number of different rows through it. So None
    is a proof, a flow only a start. Raises Undecided.
    """
    diagram = _diagram(space)
    model = solvers.model()
    amounts = _network(model, diagram, space.supply)
    for group, values, terms in _classes(diagram, amounts):
        model.add(solvers.total(terms) == sum(space.counts[group][v] for v in values))
    value = solvers.solved(model, effort)
    return [value(amount) for amount in amounts] if value else None


def choose(space: Space, effort: float = BRIEF) -> list[Row] | None:
    """Rows by one boolean per allowed combination, or None: exact for all three conditions.

    Raises Undecided when there are more than MAX_CHOICES combinations, or effort runs out.
    """
    diagram = _diagram(space)
    if diagram.total > MAX_CHOICES:
        raise Undecided
    return _picked(space, diagram.rows(), effort)


def _picked(space: Space, choices: Iterable[Row], effort: float) -> list[Row] | None:
    """Which of `choices` make rows, or None if no selection of them does; raises Undecided."""
    model = solvers.model()
    takes = {row: model.new_bool_var("") for row in choices}
    for group, counts in enumerate(space.counts):
        choices_of: list[list[Any]] = [[] for _ in counts]
        for row, take in takes.items():
            choices_of[row[group]].append(take)
        for terms, count in zip(choices_of, counts, strict=True):
            model.add(solvers.total(terms) == count)
    value = solvers.solved(model, effort)
    return [row for row, take in takes.items() if value(take)] if value else None


def _exact(space: Space, seed: int, level: bool = True) -> list[Row] | None:
    """Rows in token order, or None as a proof that there are none; raises Undecided.

    Unless the space is `level`, the effort is small: see `outweighed.balance`.
    """
    diagram, effort = _diagram(space), EFFORT if level else BRIEF
    if (amounts := flow(space, effort)) is None:
        return None
    if diagram.total > MAX_CHOICES:
        columns = _dealt(space, amounts, seed)
    elif (rows := choose(space, effort)) is None:
        return None
    else:
        order = shuffled(len(rows), f"{seed}/exact")
        columns = [list(column) for column in zip(*(rows[i] for i in order), strict=True)]
    table, draw = Table(space, columns), words(f"{seed}/exact")
    mix(table, draw, 2 * space.supply)
    end = space.supply * (1_000 if level else LONGER)
    if not repair(table, draw, 1_000 + space.supply, lambda moves: moves > end):
        raise Undecided
    return table.rows()


def _diagram(space: Space) -> Diagram:
    if space.diagram is None:
        raise Undecided
    return space.diagram


def _network(model: Any, diagram: Diagram, supply: int) -> list[Any]:
    """A variable per arc, bounded by its room; what enters a node leaves it."""
    amounts = []
    ends: dict[tuple[int, int], tuple[list[Any], list[Any]]] = {}
    for arc in diagram.arcs:
        room = arc.before * len(arc.values) * arc.after
        amounts.append(model.new_int_var(0, min(supply, room), ""))
        ends.setdefault((arc.depth, arc.tail), ([], []))[1].append(amounts[-1])
        ends.setdefault((arc.depth + 1, arc.head), ([], []))[0].append(amounts[-1])
    for (depth, _), (entering, leaving) in ends.items():
        if 0 < depth < len(diagram.order):
            model.add(solvers.total(entering) == solvers.total(leaving))
    return amounts


def _classes(
    diagram: Diagram, amounts: Sequence[Any]
) -> list[tuple[int, tuple[int, ...], list[Any]]]:
    """(group, values, amounts of the arcs that show one of them), per class of values."""
    terms: dict[tuple[int, tuple[int, ...]], list[Any]] = {}
    for arc, amount in zip(diagram.arcs, amounts, strict=True):
        terms.setdefault((diagram.order[arc.depth], arc.values), []).append(amount)
    return [(group, values, some) for (group, values), some in terms.items()]


def _dealt(space: Space, amounts: Sequence[int], seed: int) -> list[list[int]]:
    """A flow as columns: at every node, the rows that arrive are dealt to its arcs by chance."""
    diagram = _diagram(space)
    columns = [[0] * space.supply for _ in space.counts]
    arrivals = {diagram.arcs[0].tail: list(range(space.supply))}
    for depth, group in enumerate(diagram.order):
        rank = shuffled(space.supply, f"{seed}/deal/{depth}")
        decks = {node: sorted(rows, key=rank.__getitem__) for node, rows in arrivals.items()}
        arrivals = {}
        members: dict[tuple[int, ...], list[int]] = {}
        for arc, amount in zip(diagram.arcs, amounts, strict=True):
            if arc.depth == depth and amount:
                hand = [decks[arc.tail].pop() for _ in range(amount)]
                arrivals.setdefault(arc.head, []).extend(hand)
                members.setdefault(arc.values, []).extend(hand)
        for values, rows in members.items():
            pack = chain.from_iterable([v] * space.counts[group][v] for v in values)
            for row, value in zip(sorted(rows, key=rank.__getitem__), pack, strict=True):
                columns[group][row] = value
    return columns

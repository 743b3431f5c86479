"""Counts and bans -> rows, or the proof that there are none, by integer programming.

Two models, both OR-tools CP-SAT with one worker, a fixed seed and a limit in its own deterministic
time. Their verdicts are facts. The rows they find may differ between versions of OR-tools, which
is why arrange() comes here only when swaps have failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from math import floor
from typing import Any

from mint.plan.arrange.space import Diagram, Row, Space
from mint.plan.arrange.swaps import Table, mix, repair, shuffled, start, words

MAX_CHOICES = 50_000  # combinations that get a boolean each
EFFORT = 10  # CP-SAT's deterministic seconds for one question
_SAFE = 1 << 60  # CP-SAT's integers are 64-bit, sums included


class Undecided(Exception):
    """Neither rows nor a proof within the effort allowed."""


def solve(space: Space, seed: int) -> list[Row] | None:
    """Rows of value indices, or None as a proof that there are none; raises Undecided."""
    if not space.supply:
        return []
    if space.crowded():
        return None
    if rest := space.rest():
        unwanted = solve(rest, seed)
        return None if unwanted is None else _all_but(space, unwanted, seed)
    table = Table(space, start(space, seed))
    if repair(table, words(f"{seed}/repair"), 300 + space.supply // 8):
        return table.rows()
    return _exact(space, seed)


def _all_but(space: Space, unwanted: list[Row], seed: int) -> list[Row]:
    leave = set(unwanted)
    rows = [row for row in space.listed() if row not in leave]
    return [rows[i] for i in shuffled(len(rows), f"{seed}/order")]


def flow(space: Space) -> list[int] | None:
    """Tokens per arc of the diagram, or None if rules and counts exclude each other.

    A flow in which each class of values carries its count *is* a set of rows that keeps counts
    and rules, with repeats; an arc's capacity is the number of different rows through it. So None
    is a proof, a flow only a start. Raises Undecided.
    """
    diagram = _diagram(space)
    model = _model()
    amounts = _network(model, diagram, space.supply)
    for group, values, terms in _classes(diagram, amounts):
        model.add(_sum(terms) == sum(space.counts[group][v] for v in values))
    value = _solved(model)
    return [value(amount) for amount in amounts] if value else None


def choose(space: Space) -> list[Row] | None:
    """Rows by one boolean per allowed combination, or None: exact for all three conditions.

    Raises Undecided when there are more than MAX_CHOICES combinations, or effort runs out.
    """
    diagram = _diagram(space)
    if diagram.total > MAX_CHOICES:
        raise Undecided
    return _picked(space, diagram.rows())


def _picked(space: Space, choices: Iterable[Row]) -> list[Row] | None:
    """Which of `choices` make rows, or None if no selection of them does; raises Undecided."""
    model = _model()
    takes = {row: model.new_bool_var("") for row in choices}
    for group, counts in enumerate(space.counts):
        shown: list[list[Any]] = [[] for _ in counts]
        for row, take in takes.items():
            shown[row[group]].append(take)
        for terms, count in zip(shown, counts, strict=True):
            model.add(_sum(terms) == count)
    value = _solved(model)
    return [row for row, take in takes.items() if value(take)] if value else None


def _exact(space: Space, seed: int) -> list[Row] | None:
    """Rows in token order, or None as a proof that there are none; raises Undecided."""
    diagram = _diagram(space)
    if (amounts := flow(space)) is None:
        return None
    if diagram.total > MAX_CHOICES:
        columns = _dealt(space, amounts, seed)
    elif (rows := choose(space)) is None:
        return None
    else:
        order = shuffled(len(rows), f"{seed}/exact")
        columns = [list(column) for column in zip(*(rows[i] for i in order), strict=True)]
    table, draw = Table(space, columns), words(f"{seed}/exact")
    mix(table, draw, 2 * space.supply)
    if not repair(table, draw, 1_000 + space.supply):
        raise Undecided
    return table.rows()


def bound(space: Space, weights: Sequence[Sequence[int]], supply: int) -> int:
    """A number, at most `supply`, above which no supply has rows.

    `space` holds the fixed counts, and 1 for weighted values (fixed ones have weight 0). It is
    the flow with the supply unknown: weight w of W has a share of the rest that is within one of
    exact, |W * count - w * rest| < W.
    """
    if space.diagram is None or any(sum(w) * (supply + 1) > _SAFE for w in weights):
        return supply
    model = _model()
    size = model.new_int_var(0, supply, "")
    amounts = _network(model, space.diagram, supply)
    shown = [_shares(model, size, c, w) for c, w in zip(space.counts, weights, strict=True)]
    for group, shares in enumerate(shown):
        model.add(_sum(shares) == size)
        room = space.rooms[group]
        for v, share in enumerate(shares):
            model.add(share <= room.get(v, 0))
    for group, values, terms in _classes(space.diagram, amounts):
        model.add(_sum(terms) == _sum([shown[group][v] for v in values]))
    model.maximize(size)
    return _ceiling(model, supply)


def _shares(model: Any, size: Any, counts: Sequence[int], weights: Sequence[int]) -> list[Any]:
    """One variable per value of a group: its count at the unknown supply `size`."""
    total, top = sum(weights), max(size.proto.domain)
    fixed = sum(n for n, w in zip(counts, weights, strict=True) if not w)
    shares = []
    for count, weight in zip(counts, weights, strict=True):
        shares.append(model.new_int_var(0 if weight else count, top if weight else count, ""))
        if weight:
            off = total * shares[-1] - weight * (size - fixed)
            model.add_linear_constraint(off, 1 - total, total - 1)
    return shares


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
            model.add(_sum(entering) == _sum(leaving))
    return amounts


def _classes(
    diagram: Diagram, amounts: Sequence[Any]
) -> list[tuple[int, tuple[int, ...], list[Any]]]:
    """(group, values, amounts of the arcs that show one of them), per class of values."""
    found: dict[tuple[int, tuple[int, ...]], list[Any]] = {}
    for arc, amount in zip(diagram.arcs, amounts, strict=True):
        found.setdefault((diagram.order[arc.depth], arc.values), []).append(amount)
    return [(group, values, terms) for (group, values), terms in found.items()]


def _dealt(space: Space, amounts: Sequence[int], seed: int) -> list[list[int]]:
    """A flow as columns: at every node, the rows that arrive are dealt to its arcs by chance."""
    diagram = _diagram(space)
    columns = [[0] * space.supply for _ in space.counts]
    arrived = {diagram.arcs[0].tail: list(range(space.supply))}
    for depth, group in enumerate(diagram.order):
        rank = shuffled(space.supply, f"{seed}/deal/{depth}")
        decks = {node: sorted(rows, key=rank.__getitem__) for node, rows in arrived.items()}
        arrived = {}
        shown: dict[tuple[int, ...], list[int]] = {}
        for arc, amount in zip(diagram.arcs, amounts, strict=True):
            if arc.depth == depth and amount:
                taken = [decks[arc.tail].pop() for _ in range(amount)]
                arrived.setdefault(arc.head, []).extend(taken)
                shown.setdefault(arc.values, []).extend(taken)
        for values, rows in shown.items():
            pack = chain.from_iterable([v] * space.counts[group][v] for v in values)
            for row, value in zip(sorted(rows, key=rank.__getitem__), pack, strict=True):
                columns[group][row] = value
    return columns


def _model() -> Any:
    from ortools.sat.python import cp_model

    return cp_model.CpModel()


def _sum(terms: Sequence[Any]) -> Any:
    from ortools.sat.python import cp_model

    return cp_model.LinearExpr.sum(list(terms))


def _solver() -> Any:
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = EFFORT
    return solver


def _solved(model: Any) -> Callable[[Any], int] | None:
    """How to read the solution, or None if there is none; raises Undecided."""
    from ortools.sat.python import cp_model

    solver = _solver()
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise Undecided
    read: Callable[[Any], int] = solver.value
    return read


def _ceiling(model: Any, supply: int) -> int:
    """The proven upper bound of a maximisation; 0 if nothing at all is feasible."""
    from ortools.sat.python import cp_model

    solver = _solver()
    if solver.solve(model) == cp_model.INFEASIBLE:
        return 0
    # The bound is a float that holds an integer; adding a half first can only loosen it.
    limit: int = floor(solver.best_objective_bound + 0.5)
    return min(supply, limit)

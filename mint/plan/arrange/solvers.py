"""OR-tools, the extra `mint[plans]`: the only module that imports it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

EFFORT = 10  # CP-SAT's deterministic seconds for one question
BRIEF = 0.5  # the same where nothing says that there is an answer


class Undecided(Exception):
    """Neither rows nor a proof within the effort allowed."""


class NoSolver(Undecided):
    """OR-tools is not installed."""


def model() -> Any:
    """An empty CP-SAT model; raises NoSolver."""
    return _cp_model().CpModel()


def total(terms: Sequence[Any]) -> Any:
    """The sum of variables of a model."""
    return _cp_model().LinearExpr.sum(list(terms))


def solved(question: Any, effort: float) -> Callable[[Any], int] | None:
    """How to read the solution of a model, or None if there is none; raises Undecided.

    One worker, a fixed seed and a limit in CP-SAT's own deterministic time: the same everywhere.
    """
    cp_model = _cp_model()
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = effort
    status = solver.solve(question)
    if status == cp_model.INFEASIBLE:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise Undecided
    read: Callable[[Any], int] = solver.value
    return read


def prices(columns: Sequence[Sequence[int]], targets: Sequence[float]) -> tuple[float, list[float]]:
    """The least cost of missing `targets`, and what one more of each would cost, from -1 to 1.

    A linear program: take each column at most once, in fractions, so that the columns which name
    row i come to `targets[i]`, and pay 1 for each unit that is missing or too many. The prices are
    its dual values, by GLOP; floats, so they prove nothing by themselves. Raises NoSolver.
    """
    try:
        from ortools.linear_solver import pywraplp
    except ImportError as error:
        raise NoSolver from error
    solver = pywraplp.Solver.CreateSolver("GLOP")
    solver.Objective().SetMinimization()
    rows = [solver.Constraint(float(amount), float(amount)) for amount in targets]
    for row in rows:
        for sign in (1.0, -1.0):
            slack = solver.NumVar(0.0, solver.infinity(), "")
            row.SetCoefficient(slack, sign)
            solver.Objective().SetCoefficient(slack, 1.0)
    for column in columns:
        share = solver.NumVar(0.0, 1.0, "")
        for i in column:
            rows[i].SetCoefficient(share, 1.0)
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return inf, [0.0] * len(rows)
    cost = float(solver.Objective().Value())
    return cost, [float(row.dual_value()) for row in rows]


def _cp_model() -> Any:
    try:
        from ortools.sat.python import cp_model
    except ImportError as error:
        raise NoSolver from error
    return cp_model

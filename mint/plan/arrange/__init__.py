"""Traits, rules and a supply -> the values of every token: exact counts, no repeats, rules kept.

Arithmetic first, which names the counts and rules that clash; then swaps, which are fast and give
the same rows everywhere; where they fail, the extra `mint[plans]`: OR-tools. Imports go one way:
quotas -> diagram -> space -> clash -> swaps -> solvers -> outweighed -> feasible -> infeasible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mint.plan.arrange.feasible import solve
from mint.plan.arrange.infeasible import because, unsure
from mint.plan.arrange.quotas import Infeasible, counts, rounded_away
from mint.plan.arrange.solvers import NoSolver, Undecided
from mint.plan.arrange.space import compiled
from mint.spec.traits import Rule, Trait

__all__ = ["Infeasible", "arrange", "counts", "heaviest", "rounded_away"]

INSTALL = "pip install ortools, a solver that may settle it; or loosen a tight rule"


def arrange(
    traits: Sequence[Trait], rules: Sequence[Rule], supply: int, seed: int
) -> list[tuple[str, ...]]:
    """One row of value names per token, in token order, with the traits in file order.

    Rows are exact in `counts`, all different, and keep every rule; names in rules must exist.
    Each column starts as a shuffle by SHA-256 of `seed`, the trait's name and the position, and
    conflicts are swapped away within columns (see `swaps.repair`). Where more than half of all
    allowed combinations are wanted, the ones to leave out are arranged instead. If swaps fail:
    CP-SAT (see `feasible`). The same rows on every machine, except that rows which only CP-SAT
    could find may change with its version. Nothing is limited by the clock.
    Raises Infeasible: the rules and counts that clash; or, rarely, that neither an arrangement nor
    a proof of the contrary was reached, with the counts that are tightest.
    """
    space = compiled(traits, rules, supply)
    try:
        rows = solve(space, seed)
    except NoSolver:
        raise unsure(traits, rules, space, INSTALL) from None
    except Undecided:
        raise unsure(traits, rules, space, "loosen a tight rule, or even out the counts") from None
    if rows is None:
        raise because(traits, rules, space)
    return [tuple(t.values[v].name for t, v in zip(traits, row, strict=True)) for row in rows]


def heaviest(
    traits: Sequence[Trait],
    rules: Sequence[Rule],
    supply: int,
    weights: Mapping[str, Mapping[str, int]],
) -> dict[str, str]:
    """The traits whose values weigh most in all, of those that rules allow and some token shows.

    `weights` is trait -> value -> number. Where rules have too many states to look through, they
    are left out of account. Raises Infeasible where a trait's counts do not fit the supply.
    """
    for some in (rules, ()):
        diagram = compiled(traits, some, supply).diagram
        if diagram is not None:
            row = diagram.heaviest([[weights[t.name][v.name] for v in t.values] for t in traits])
            return {t.name: t.values[v].name for t, v in zip(traits, row or (), strict=False)}
    return {}

"""Traits, rules and a supply -> the values of every token: exact counts, no repeats, rules kept.

Arithmetic first, which names the counts and rules that clash; then swaps, which are fast and give
the same rows everywhere, and the first rows of any larger supply; where they fail, the extra
`mint[plans]`: OR-tools. Imports go one way: pace, quotas -> diagram -> space -> clash -> rows ->
swaps -> growth, solvers -> outweighed -> feasible -> infeasible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mint.plan.arrange.feasible import arranged, refuted
from mint.plan.arrange.growth import grown
from mint.plan.arrange.infeasible import because, unsure
from mint.plan.arrange.quotas import Infeasible, counts
from mint.plan.arrange.solvers import NoSolver, Undecided
from mint.plan.arrange.space import compiled
from mint.spec.traits import Rule, Trait

__all__ = ["Infeasible", "arrange", "counts", "heaviest"]

INSTALL = "pip install ortools, a solver that may settle it; or loosen a tight rule"


def arrange(
    traits: Sequence[Trait], rules: Sequence[Rule], supply: int, seed: int
) -> list[tuple[str, ...]]:
    """One row of value names per token, in token order, with the traits in file order.

    Rows are all different and keep every rule; names in rules must exist. A written count is exact;
    a weight gives its share of the other tokens, rounded down or up. The rows of a supply are the
    first of those of a larger one, wherever swaps alone get that far (see `growth`).
    Else the counts are rounded as `counts` says, and rows are looked for that hold for this supply
    alone: each column starts as a shuffle by SHA-256, and conflicts are swapped away within
    columns (see `swaps.repair`); where more than half of all allowed combinations are wanted, the
    ones to leave out are arranged instead. If swaps fail: CP-SAT (see `feasible`).
    The same rows on every machine, except that rows which only CP-SAT could find may change with
    its version. Nothing is limited by the clock.
    Raises Infeasible: the rules and counts (as `counts` rounds them) that clash; or, rarely, that
    neither an arrangement nor a proof of the contrary was reached, with what is tightest.
    """
    space = compiled(traits, rules, supply)
    if not supply:
        return []
    try:
        rows = None
        if not refuted(space):
            rows = grown(space, traits, supply, seed) or arranged(space, seed)
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
    """The traits whose values weigh most in all, of those that rules allow.

    `weights` is trait -> value -> number. Where rules have too many states to look through, they
    are left out of account. Raises Infeasible where a trait's counts do not fit the supply.
    """
    for some in (rules, ()):
        diagram = compiled(traits, some, supply).unweighted().diagram
        if diagram is not None:
            row = diagram.heaviest([[weights[t.name][v.name] for v in t.values] for t in traits])
            return {t.name: t.values[v].name for t, v in zip(traits, row or (), strict=False)}
    return {}

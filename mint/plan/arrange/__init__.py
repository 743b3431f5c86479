"""Traits, rules and a supply -> the values of every token: exact counts, no repeats, rules kept.

Swaps first, for they are fast and give the same rows everywhere; integer programming when they
fail; and when that proves there is no arrangement, the rules that bind and what would work.
Imports go one way: quotas -> space -> swaps -> feasible -> infeasible -> here.
"""

from __future__ import annotations

from collections.abc import Sequence

from mint.plan.arrange.feasible import Undecided, solve
from mint.plan.arrange.infeasible import because, largest, unsure
from mint.plan.arrange.quotas import Infeasible, counts, rounded_away
from mint.plan.arrange.space import compiled
from mint.spec.traits import Rule, Trait

__all__ = ["Infeasible", "arrange", "counts", "largest", "rounded_away"]


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
    Raises Infeasible: the rules that bind, or too few combinations, and the largest supply that
    works; or, rarely, that neither an arrangement nor a proof of the contrary was found.
    """
    space = compiled(traits, rules, supply)
    try:
        rows = solve(space, seed)
    except Undecided:
        raise unsure(traits, rules, space, seed) from None
    if rows is None:
        raise because(traits, rules, space, seed)
    return [tuple(t.values[v].name for t, v in zip(traits, row, strict=True)) for row in rows]

"""A space without rows -> the rules that bind, in the artist's words, and a supply that works."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mint.plan.arrange.feasible import Undecided, bound, choose, flow, solve
from mint.plan.arrange.quotas import Infeasible, Place, shared, weights
from mint.plan.arrange.space import Space, bans, compiled
from mint.spec.traits import Rule, Trait

# How long to look for the largest supply that works before settling for one that works.
PATIENCE = 12_000  # arcs of flow models: 24 small ones, or a few large
CHEAP = 5_000_000  # counts compared with the room for them
BISECTIONS = 5
SMALL = 2_000  # combinations that CP-SAT settles in moments


def because(traits: Sequence[Trait], rules: Sequence[Rule], space: Space, seed: int) -> Infeasible:
    """Who is to blame, in the artist's words, and what would work."""
    blamed = binding(space)
    said = " and ".join(f"rule {i + 1} ({rules[i]})" for i in blamed)
    place, message = _blame(traits, space.under(blamed), said)
    if blamed:
        place = ("rules", blamed[0])
    loosen = "loosen one of these rules" if len(blamed) > 1 else "loosen this rule"
    advice = f"{loosen}, or change the counts" if blamed else "add values, or even out the counts"
    return Infeasible(place, message, f"{advice}; {_largest(traits, rules, space.supply, seed)}")


def unsure(traits: Sequence[Trait], rules: Sequence[Rule], space: Space, seed: int) -> Infeasible:
    """An honest shrug: the swaps found nothing, and the models neither."""
    return Infeasible(
        ("rules",) if rules else ("traits",),
        f"no arrangement of {space.supply} tokens was found for these counts and rules, "
        "nor a proof that there is none",
        f"loosen a tight rule or count; {_largest(traits, rules, space.supply, seed)}",
    )


def _blame(traits: Sequence[Trait], space: Space, said: str) -> tuple[Place, str]:
    """Where and why `space`, whose rules are `said`, has no rows."""
    total = space.diagram.total if space.diagram else None
    rules = len({ban.rule for ban in space.bans})
    left = f"{said} leave{'s' * (rules == 1)}" if said else "the traits make"
    if total is not None and total < space.supply:
        return ("supply",), f"{_tokens(space.supply)}, but {left} {_only(total)}"
    if (found := space.crowded()) is None:
        each = f"the counts and {said} cannot all hold" if said else "the counts cannot all hold"
        return ("traits",), f"{each} for {space.supply} tokens that are all different"
    group, v, room = found
    trait, value = traits[group].name, traits[group].values[v].name
    wanted = f"{_tokens(space.counts[group][v])} must show {trait}: {value}"
    return ("traits", trait, value), f"{wanted}, but {left} {_only(room)} with it"


def _tokens(number: int) -> str:
    return "1 token" if number == 1 else f"{number} tokens"


def _only(combinations: int) -> str:
    if not combinations:
        return "no combination"
    return f"only {combinations} different combination{'s' * (combinations != 1)}"


def _largest(traits: Sequence[Trait], rules: Sequence[Rule], supply: int, seed: int) -> str:
    """What the artist may set `supply` to, in words."""
    works, limit = largest(traits, rules, supply - 1, seed)
    if works == limit:
        return f"supply: {works} is the largest that works" if works else "no smaller supply works"
    if not works:
        return f"no supply above {limit} works"
    return f"supply: {works} works, and none above {limit} does"


def largest(
    traits: Sequence[Trait], rules: Sequence[Rule], supply: int, seed: int
) -> tuple[int, int]:
    """(works, limit): a supply that was arranged (0: none), and the proof that none above limit is.

    Where the two are equal, it is the largest supply, of those up to `supply`, that works.
    Rounding makes feasibility come and go with the supply. So from an upper bound with the supply
    unknown, every smaller one is refuted by arithmetic, or else really solved. When PATIENCE with
    that runs out, or one is undecided, a few bisections look for a supply that works.
    """
    scaled = [weights(t) for t in traits]
    fixed = [[v.count or 0 for v in t.values] for t in traits]
    shown = tuple(tuple(v.count or 1 for v in t.values) for t in traits)
    relaxed = Space(tuple(t.name for t in traits), shown, bans(traits, rules))
    limit = bound(relaxed, scaled, supply)
    left = PATIENCE // (PATIENCE // 24 + len(relaxed.diagram.arcs if relaxed.diagram else ()))
    if limit < supply // 10 and supply > SMALL:
        return 0, limit  # rounding of small numbers: no answer to what was asked
    cheap = CHEAP // sum(map(len, shown))
    while limit and left and cheap:
        if _roomy(fixed, scaled, relaxed, limit):
            works = _works(traits, rules, limit, seed)
            if works:
                return limit, limit
            if works is None:
                break
            left -= 1
        limit, cheap = limit - 1, cheap - 1
    return _bisected(traits, rules, limit, seed), limit


def _roomy(
    fixed: Sequence[Sequence[int]], scaled: Sequence[Sequence[int]], relaxed: Space, supply: int
) -> bool:
    """False proves that `supply` does not fit a trait's counts, or a value's combinations."""
    if relaxed.diagram is None:
        return True
    for shares, ws, room in zip(fixed, scaled, relaxed.rooms, strict=True):
        rest = supply - sum(shares)
        if rest < 0 or (rest and not any(ws)):
            return False
        if any(n > room.get(v, 0) for v, n in enumerate(shared(shares, ws, supply))):
            return False
    return True


def _bisected(traits: Sequence[Trait], rules: Sequence[Rule], supply: int, seed: int) -> int:
    low, high = 0, supply
    for _ in range(BISECTIONS):
        middle = (low + high) // 2
        if middle and _works(traits, rules, middle, seed):
            low = middle
        else:
            high = middle
    return low


def _works(traits: Sequence[Trait], rules: Sequence[Rule], supply: int, seed: int) -> bool | None:
    """Whether `supply` can be arranged; None if undecided."""
    try:
        space = compiled(traits, rules, supply)
        if any(refuted(space, proof) for proof in PROOFS[:2]):
            return False
        return solve(space, seed) is not None
    except Infeasible:
        return False
    except Undecided:
        return None


def binding(space: Space) -> list[int]:
    """Rules that no rows can keep together under these counts.

    A deletion filter (J. Chinneck, "Feasibility and Infeasibility in Optimization", 2008, ch. 6)
    on a space that has been refuted, with the cheapest proof that works; small spaces are then
    filtered again by the dearer ones. A rule whose omission could not be refuted stays, so in a
    large space the list is sound but may hold one rule too many. O(rules) proofs.
    """
    kept = sorted({ban.rule for ban in space.bans})
    proven = False
    for proof in PROOFS:
        small = space.diagram is not None and space.diagram.total <= SMALL
        if (proven and not small) or not refuted(space.under(kept), proof):
            continue
        proven = True
        for rule in list(kept):
            fewer = [r for r in kept if r != rule]
            if refuted(space.under(fewer), proof):
                kept = fewer
    return kept


def refuted(space: Space, proof: Callable[[Space], bool]) -> bool:
    """True if `proof` holds of the space, or of what it leaves out (and so on)."""
    rest: Space | None = space
    while rest and rest.supply:
        if proof(rest):
            return True
        rest = rest.rest()
    return False


def crowded(space: Space) -> bool:
    """Proof: fewer combinations than tokens are allowed, in all or with one of the values."""
    return space.diagram is not None and space.crowded() is not None


def starved(space: Space) -> bool:
    """Proof: no rows keep counts and rules, repeats or not."""
    return _refuted(flow, space)


def blocked(space: Space) -> bool:
    """Proof: no different rows keep counts and rules."""
    return _refuted(choose, space)


def _refuted(question: Callable[[Space], object], space: Space) -> bool:
    try:
        return question(space) is None
    except Undecided:
        return False


PROOFS: tuple[Callable[[Space], bool], ...] = (crowded, starved, blocked)  # cheapest first

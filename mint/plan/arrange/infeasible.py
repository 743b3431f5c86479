"""A space without rows -> which rules and which counts clash, in the artist's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mint.plan.arrange.clash import Choice, Clash, clash, closest, free, overlap, room
from mint.plan.arrange.feasible import choose, flow
from mint.plan.arrange.outweighed import balance, too_heavy
from mint.plan.arrange.quotas import Infeasible, Place
from mint.plan.arrange.solvers import NoSolver, Undecided
from mint.plan.arrange.space import Space
from mint.spec.traits import Rule, Trait

SMALL = 500  # combinations that CP-SAT settles in milliseconds
CHEAP = 15_000  # arcs, when a clash is looked for once per rule
LISTED = 300_000  # combinations that are weighed once per rule
NAMES = 3  # rules or values named in one sentence

Proof = Callable[[Space], bool]


def because(traits: Sequence[Trait], rules: Sequence[Rule], space: Space) -> Infeasible:
    """The rules to blame for a space that was refuted, and the counts they clash with."""
    culprits = binding(space)
    under = space.under(culprits)
    contradiction = clash(under)
    names = _rules(rules, culprits)
    if contradiction is None:
        both = f"the counts and {names}" if culprits else "the counts"
        tokens = f"{space.supply} tokens that are all different"
        message = f"{both} cannot all hold for {tokens}{_tightest(traits, under)}"
        place: Place = ("traits",)
    else:
        message = _sentence(traits, contradiction, under, names, len(culprits))
        place = _place(traits, contradiction, space)
    if culprits:
        place = ("rules", culprits[0])
    return Infeasible(place, message, _remedy(traits, contradiction, under, len(culprits)))


def unsure(traits: Sequence[Trait], rules: Sequence[Rule], space: Space, remedy: str) -> Infeasible:
    """Neither rows nor a proof; `remedy` says what else to try."""
    return Infeasible(
        ("rules",) if rules else ("traits",),
        f"no arrangement of {space.supply} tokens was reached for these counts and rules, "
        f"nor a proof that there is none{_tightest(traits, space)}",
        remedy,
    )


def binding(space: Space) -> list[int]:
    """Rules, by index, that no rows can keep together under these counts.

    A deletion filter (J. Chinneck, "Feasibility and Infeasibility in Optimization", 2008, ch. 6)
    with the proof that refuted the space; small spaces are filtered again by the complete proof.
    A rule whose omission could not be refuted stays, so in a large space the list is sound but
    may hold one rule too many. O(rules) proofs.
    """
    rules = sorted({ban.rule for ban in space.bans})
    for proof in (_proof(space), _complete):
        if proof is not None and proof(space.under(rules)):
            for rule in list(rules):
                fewer = [r for r in rules if r != rule]
                if proof(space.under(fewer)):
                    rules = fewer
    return rules


def _proof(space: Space) -> Proof | None:
    """The cheapest proof that a space has no rows, as a question to ask of fewer rules."""
    if contradiction := clash(space):
        choice = contradiction.choice
        return lambda fewer: _clashes(fewer, choice)
    try:
        weights = balance(space).proof
    except NoSolver:
        weights = None
    if weights:
        return lambda fewer: _small(fewer, LISTED) and too_heavy(fewer, weights)
    return _incomplete


def _clashes(space: Space, choice: Choice) -> bool:
    combinations = room(space, choice)
    return combinations is not None and overlap(space, choice) > combinations


def _incomplete(space: Space) -> bool:
    """Proof: too little room among what is taken or what is left out, or no flow."""
    return any(clash(s, CHEAP) or _refuted(flow, s) for s in _complements(space))


def _complete(space: Space) -> bool:
    """Proof, of a small space, that there are no rows."""
    return _small(space, SMALL) and any(
        s.crowded() or _refuted(choose, s) for s in _complements(space)
    )


def _small(space: Space, limit: int) -> bool:
    return space.diagram is not None and space.diagram.total <= limit


def _complements(space: Space) -> list[Space]:
    """The space, what it leaves out if that is less, and so on: all or none of them have rows."""
    spaces = [space]
    while not spaces[-1].crowded() and (rest := spaces[-1].rest()) and rest.supply:
        spaces.append(rest)
    return spaces


def _refuted(question: Callable[[Space], object], space: Space) -> bool:
    try:
        return question(space) is None
    except Undecided:
        return False


def _rules(rules: Sequence[Rule], culprits: Sequence[int]) -> str:
    names = [f"rule {i + 1} ({rules[i]})" for i in culprits]
    return _list(names, "and", "rules")


def _list(names: Sequence[str], word: str, what: str) -> str:
    """`a, b and c`, or `a, b, c and 4 more rules`."""
    if len(names) > NAMES + 1:
        names = [*names[:NAMES], f"{len(names) - NAMES} more {what}"]
        word = "and" if word == "and" else word
    *some, last = names or [""]
    return f"{', '.join(some)} {word} {last}" if some else last


def _sentence(traits: Sequence[Trait], clash: Clash, space: Space, rules: str, number: int) -> str:
    """What clashes, with its numbers."""
    left = f"{rules} leave{'s' * (number == 1)}" if rules else "the traits make"
    groups = _groups(clash, space)
    if not groups:
        return f"{_tokens(space.supply)}, but {left} {_only(clash.room)}"
    if len(groups) == 1:
        (group,) = groups
        demand = f"{_tokens(clash.tokens)} must {_shows(traits, space, group, clash)}"
        return f"{demand}, but {left} {_only(clash.room)} with it"
    each = [
        f"{sum(space.counts[g][v] for v in clash.choice[g])} must {_shows(traits, space, g, clash)}"
        for g in groups
    ]
    together = "both" if len(groups) == 2 else f"all {len(groups)}"
    least = f"at least {_tokens(clash.tokens)} must do {together}"
    counts = ", ".join(each[:-1]) + f" and {each[-1]}"
    do = "does" if clash.room < 2 else "do"
    return (
        f"of {space.supply} tokens {counts}, so {least}, but {left} {_only(clash.room)} that {do}"
    )


def _remedy(traits: Sequence[Trait], clash: Clash | None, space: Space, number: int) -> str:
    """What to change; a number is a bound that holds whatever else changes."""
    loosen = "loosen this rule" if number == 1 else "loosen one of these rules"
    if clash is None:
        return f"{loosen}, or change the counts" if number else "add values, or even out the counts"
    start = f"{loosen}, or " if number else ""
    most = room(space.unweighted(), _widened(clash, space))
    if most is None or most >= clash.tokens:
        return f"{start}add values, or even out the counts"
    groups = _groups(clash, space)
    if not groups:
        return f"{start}add values: with these at most {most} tokens can differ"
    if len(groups) == 1:
        can = f"at most {_tokens(most)}" if most else "no token"
        shows = _shows(traits, space, groups[0], clash)
        return f"{start}lower its count or weight: {can} can {shows}"
    fewer = clash.tokens - most
    return f"{start}lower these numbers, by {fewer} or more in all"


def _widened(clash: Clash, space: Space) -> Choice:
    """The choice over every value: a free group also takes those that no token shows."""
    return tuple(
        frozenset(range(len(counts))) if values == every else values
        for counts, values, every in zip(space.counts, clash.choice, free(space), strict=True)
    )


def _groups(clash: Clash, space: Space) -> list[int]:
    """The groups of a clash that are not free."""
    pairs = zip(clash.choice, free(space), strict=True)
    return [g for g, (values, every) in enumerate(pairs) if values != every]


def _place(traits: Sequence[Trait], clash: Clash, space: Space) -> Place:
    groups = _groups(clash, space)
    if not groups:
        return ("supply",)
    trait = traits[groups[0]]
    return ("traits", trait.name, trait.values[min(clash.choice[groups[0]])].name)


def _shows(traits: Sequence[Trait], space: Space, group: int, clash: Clash) -> str:
    """`show Hat: cap or crown`, or `not show Hat: beanie` where that is shorter."""
    trait, values = traits[group], clash.choice[group]
    others = free(space)[group] - values
    few = others if len(others) < len(values) else values
    names = [trait.values[v].name for v in sorted(few)]
    return f"{'not ' * (few is others)}show {trait.name}: {_list(names, 'or', 'values')}"


def _tightest(traits: Sequence[Trait], space: Space) -> str:
    """The counts that come closest to a clash, as the end of a sentence."""
    tight = closest(space)
    if tight is None or not tight.tokens:
        return ""
    shows = [_shows(traits, space, g, tight) for g in _groups(tight, space)]
    what = _list(shows, "and", "traits") if shows else "differ"
    return f"; the tightest: {_tokens(tight.tokens)} must {what}, and {tight.room} combinations do"


def _tokens(number: int) -> str:
    return "1 token" if number == 1 else f"{number} tokens"


def _only(combinations: int) -> str:
    if not combinations:
        return "no combination"
    return f"only {combinations} different combination{'s' * (combinations != 1)}"

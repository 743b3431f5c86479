"""Which decisions hold: each is held against the picture that its attempt gives today."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mint.curate.decisions import Decision, Decisions, Keep, Redraw, Reject, verb_of
from mint.curate.decisions_file import DecisionsFile
from mint.curate.token import Attempt, Token
from mint.paint.picture import Paint, Picture
from mint.plan.recipe import Candidate, Slot


class Ruling(NamedTuple):
    """Decisions that hold, and those that speak of another picture than the one there is.

    `refusals` maps token_id to the pictures that the artist turned down.
    """

    decisions: Decisions
    stale: tuple[Decision, ...]
    refusals: Mapping[int, tuple[Attempt, ...]]

    def with_refusals(self, token: Token) -> Token:
        """The token with the pictures that the artist turned down among its attempts."""
        refusals = self.refusals.get(token.token_id, ())
        if not refusals:
            return token
        attempts = {each.attempt: each for each in (*token.attempts, *refusals)}
        attempts.pop(token.attempt, None)
        ordered = tuple(attempts[number] for number in sorted(attempts))
        return token.model_copy(update={"attempts": ordered})


def rule(decisions: Decisions, pictures: Mapping[tuple[int, int], Picture]) -> Ruling:
    """Hold each decision against the picture that its attempt gives today.

    It is stale where that is another picture, or where `pictures`, which maps (token_id, attempt)
    to a picture, has none.
    """
    holding, stale = list[Decision](), list[Decision]()
    refusals: dict[int, list[Attempt]] = {}
    for each in decisions.entries:
        picture = pictures.get((each.token, each.attempt))
        if picture is None or not picture.pixels.startswith(each.picture or ""):
            stale.append(each)
            continue
        holding.append(each)
        if not isinstance(each, Keep):
            attempt = Attempt(attempt=each.attempt, image=picture, reasons=(_why(each),))
            refusals.setdefault(each.token, []).append(attempt)
    attempts = {token_id: tuple(each) for token_id, each in refusals.items()}
    return Ruling(decisions.with_entries(holding), tuple(stale), attempts)


def _why(decision: Redraw) -> str:
    if isinstance(decision, Reject):
        return f"the artist rejected it: {decision.reason}"
    return "the artist asked for another picture"


def rule_on(
    wishes: DecisionsFile,
    slots: Sequence[Slot],
    propose: Callable[[Slot, int], Candidate],
    paint: Paint,
    warn: Callable[[str], None],
) -> Ruling:
    """The artist's decisions about today's pictures; `warn` hears of each that does not hold.

    The pictures come from the store, but where this build has another one than the artist saw.
    """
    by_id = {slot.token_id: slot for slot in slots}
    ids: dict[int, dict[int, None]] = {}  # attempt -> tokens; a Paint takes a token once
    for each in wishes.decisions.entries:
        if each.token in by_id:
            ids.setdefault(each.attempt, {})[each.token] = None
    pictures: dict[tuple[int, int], Picture] = {}
    for attempt, tokens in ids.items():
        paintings = paint([propose(by_id[token_id], attempt) for token_id in sorted(tokens)])
        pictures |= {(token_id, attempt): picture for token_id, picture in paintings.items()}
    ruling = rule(wishes.decisions, pictures)
    for warning in doubts(wishes, len(slots), ruling.stale):
        warn(warning)
    return ruling


def doubts(wishes: DecisionsFile, supply: int, stale: Sequence[Decision] = ()) -> Iterator[str]:
    """A warning for each decision that does not hold, or that names no picture."""
    for each in wishes.decisions.entries:
        if doubt := _doubt(each, each in stale, each.token <= supply, supply):
            yield f"warning: {wishes.place(each)}: {doubt}"


def _doubt(decision: Decision, stale: bool, exists: bool, supply: int) -> str:
    """What the artist should know of a decision, if anything."""
    verb = verb_of(decision)
    if not exists:
        return (
            f"there is no token {decision.token} among {supply}, so this is not obeyed; "
            "delete the line, or leave it for a larger supply"
        )
    if stale:
        return (
            f"attempt {decision.attempt} of token {decision.token} is another picture by now, so "
            f"`{verb}` is not obeyed; look at it again and decide anew, or delete the line"
        )
    if decision.picture is None:
        return (
            f"`{verb}` names no picture, so it holds for whatever attempt {decision.attempt} of "
            f"token {decision.token} shows; mint {verb} writes it with the picture that you see"
        )
    return ""

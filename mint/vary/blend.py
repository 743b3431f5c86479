"""`mint blend`: children of two pictures, by the noise and the words of both.

A model that paints from what it sees in a picture mixes that, of any two pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import NamedTuple

from mint.curate.decisions import Edited
from mint.curate.trial import Trial
from mint.errors import CollectionError
from mint.models.beginnings import decodes, refuse_mixing
from mint.plan.edit import FIRST, Parent, Parents, chain
from mint.retouch.easel import Easel, refuse_unknown_token
from mint.spec.collection import Collection
from mint.stages import Progress
from mint.vary.proofs import Proof, develop, numbers

OWN = 0.3  # of a child's noise, its own part: enough to tell siblings apart
SPREAD = (0, -1, 1, -2, 2)  # siblings lie so many STEPs around the share, in turn
STEP = 0.1
LEAST = 0.05  # of a parent in a child


class Named(NamedTuple):
    """A picture by its token and, if it is not the one that the token has, its attempt."""

    token: int
    attempt: int | None = None


class Mixtures(NamedTuple):
    """Which pictures are mixed, how much of the second, how many times; for which token.

    With `more` there are so many besides those that decisions.yaml has.
    """

    first: Named
    second: Named
    token: int
    share: float = 0.5
    number: int = 4
    more: bool = False


def refuse_unlike(collection: Collection, how: Mixtures) -> None:
    """Raise CollectionError for tokens that the collection lacks, and for one picture twice."""
    for token_id in (how.token, how.first.token, how.second.token):
        refuse_unknown_token(collection, token_id)
    if how.first == how.second:
        raise _itself(how)


def blend(easel: Easel, how: Mixtures, progress: Progress) -> tuple[list[Trial], list[Proof]]:
    """Both parents, and their children, painted where they are not yet. Raises MintError."""
    folder = easel.studio.models.painter.path
    refuse_mixing(easel.collection, easel.source, folder)
    easel.trial(how.token)
    embedding = decodes(folder)
    parent = _picture_parent if embedding else _sown
    parents = [parent(easel, each) for each in (how.first, how.second)]
    if parents[0] == parents[1]:
        raise _itself(how)
    family = [
        each
        for each in easel.decisions.edit
        if bool(each.embedding) == embedding and _is_child(each, how.token, parents)
    ]
    earlier, missing = division(how, [each.blend.share for each in family if each.blend])
    new = [
        _child(how.token, number, parents, share, embedding)
        for number, share in zip(numbers(easel, how.token, len(missing)), missing, strict=True)
    ]
    children = develop(easel, [*(family[place] for place in earlier), *new], progress)
    return [easel.trial(each.token, each.attempt) for each in parents], children


def _itself(how: Mixtures) -> CollectionError:
    return CollectionError(
        f"token {how.first.token} cannot be mixed with itself", hint="name two tokens, such as 3 7"
    )


def _picture_parent(easel: Easel, reference: Named) -> Parent:
    """The picture that is meant, which may be an edit."""
    candidate = easel.trial(*reference).candidate
    return Parent(token=reference.token, attempt=candidate.attempt, edits=candidate.edits)


def _sown(easel: Easel, reference: Named) -> Parent:
    """The plain attempt that is meant, or that the token's picture comes from.

    Raises CollectionError where it has no noise of its own.
    """
    candidate = easel.trial(*reference).candidate
    attempt = candidate.attempt
    if attempt >= FIRST:
        steps = chain(attempt, easel.decisions.edits(reference.token))
        attempt = steps[0].of
        if reference.attempt is not None or any(step.blend for step in steps):
            raise CollectionError(
                f"attempt {candidate.attempt} of token {reference.token} is an edit, and what is "
                "mixed are the noise and the words of plain attempts",
                hint=f"name one of those: {reference.token}:0",
            )
    if easel.slots[reference.token].init:
        raise CollectionError(
            f"the picture of token {reference.token} begins with a drawing (init), and what is "
            "mixed are noise and words",
            hint="name tokens that begin with noise alone, or use mint vary",
        )
    return Parent(token=reference.token, attempt=attempt)


def division(how: Mixtures, shares: Sequence[float]) -> tuple[list[int], list[float]]:
    """Which of the children with these shares are those that are asked for, and what is missing.

    The shares of what is missing. With `more` all that lie around the share are asked for, too.
    """
    spread = [_share(how.share, place) for place in range(len(SPREAD))]
    around = [place for place, share in enumerate(shares) if share in spread]
    earlier: list[int] = []
    missing: list[float] = []
    if how.more:
        rest = [shares[place] for place in around]
        for share in cycle(spread):
            if len(missing) == how.number:
                return around, missing
            if share in rest:
                rest.remove(share)
            else:
                missing.append(share)
    for place in range(how.number):
        share = spread[place % len(spread)]
        same = [i for i in around if shares[i] == share and i not in earlier]
        if same:
            earlier.append(same[0])
        else:
            missing.append(share)
    return earlier, missing


def _share(share: float, place: int) -> float:
    """The second's part in the sibling at `place`."""
    return round(min(max(share + STEP * SPREAD[place], LEAST), 1 - LEAST), 3)


def _is_child(edit: Edited, token_id: int, parents: list[Parent]) -> bool:
    mixture = edit.blend
    return (
        edit.token == token_id
        and mixture is not None
        and [mixture.first, mixture.second] == parents
    )


def _child(
    token_id: int, number: int, parents: list[Parent], share: float, embedding: bool
) -> Edited:
    first, second = parents
    return Edited(
        token=token_id,
        attempt=number,
        of=0,  # nothing of it is seen, so it is always the first
        embedding=embedding or None,
        strength=0 if embedding else OWN,  # all noise is new, and nothing is turned to words
        blend=Parents(first=first, second=second, share=share),
    )


def named(text: str) -> Named:
    """`3`, or `3:1` with an attempt; raises CollectionError."""
    token, colon, attempt = text.partition(":")
    if not token.isdecimal() or (colon and not attempt.isdecimal()):
        raise CollectionError(
            f'"{text}" is no token', hint="write its number, such as 3, or 3:1 for its attempt 1"
        )
    return Named(int(token[:9]), int(attempt[:9]) if colon else None)

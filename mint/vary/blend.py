"""`mint blend`: children of two pictures, by the noise and the words of both."""

from __future__ import annotations

from mint.curate.decisions import Edited
from mint.errors import CollectionError
from mint.models.beginnings import refuse_mixing
from mint.plan.edit import Parents
from mint.spec.drawings import drawings
from mint.vary.easel import Easel, Proof

OWN = 0.3  # of a child's noise, its own part: enough to tell siblings apart
SPREAD = (0, -1, 1, -2, 2)  # siblings lie so many STEPs around the share, in turn
STEP = 0.1


def blend(
    easel: Easel,
    first: tuple[int, int | None],
    second: tuple[int, int | None],
    token_id: int,
    share: float,
    count: int,
    *,
    more: bool = False,
) -> list[Proof]:
    """`count` mixtures of two pictures, each a token and an attempt, as pictures of `token_id`.

    Without an attempt it is the picture that the token has. The shares of the second lie around
    `share`. What decisions.yaml has already is among them, and not painted again. Raises MintError.
    """
    refuse_mixing(easel.collection, easel.studio.models.painter.path)
    easel.slot(token_id)
    one, other = easel.parent(*first), easel.parent(*second)
    if one == other:
        raise CollectionError(
            f"token {one.token} cannot be mixed with itself", hint="name two tokens, such as 3 7"
        )
    for parent in (one, other):
        if easel.slot(parent.token).init:
            place, _ = next(drawings(easel.collection))
            raise easel.source.error(
                place,
                f"the picture of token {parent.token} begins with a drawing, and what is mixed "
                "are noise and words",
                "name tokens that begin with noise alone, or use mint vary",
                key=True,
            )
    earlier = [
        edit
        for edit in easel.decisions.edit
        if edit.token == token_id
        and edit.blend
        and (edit.blend.first, edit.blend.second) == (one, other)
        and _is_near(edit.blend.share, share)
    ]
    wanted = len(earlier) + count if more else count
    number = easel.decisions.next_edit(token_id)
    new = [
        _child(token_id, number + i, Parents(first=one, second=other, share=_share(share, k)))
        for i, k in enumerate(range(len(earlier), wanted))
    ]
    return easel.develop([*earlier, *new])


def _child(token_id: int, number: int, parents: Parents) -> Edited:
    # Nothing of `of` is seen, so it is always the first.
    return Edited(token=token_id, attempt=number, of=0, strength=OWN, blend=parents)


def _share(share: float, place: int) -> float:
    """The share of the sibling at `place`, within what leaves something of both."""
    around = share + STEP * SPREAD[place % len(SPREAD)]
    return round(min(max(around, 0.05), 0.95), 3)


def _is_near(share: float, wanted: float) -> bool:
    return any(_share(wanted, place) == share for place in range(len(SPREAD)))


def parent_named(text: str) -> tuple[int, int | None]:
    """`3` or `3:1` -> a token and, if named, one of its attempts; raises CollectionError."""
    token, colon, attempt = text.partition(":")
    if not (token.isascii() and token.isdigit()) or (
        colon and not (attempt.isascii() and attempt.isdigit())
    ):
        raise CollectionError(
            f'"{text}" is no token', hint="write its number, such as 3, or 3:1 for its attempt 1"
        )
    return int(token[:9]), int(attempt[:9]) if colon else None

"""`mint vary`: other pictures of a token that begin with the one it has."""

from __future__ import annotations

from collections.abc import Sequence

from mint.curate.decisions import PREFIX, Edited
from mint.errors import CollectionError
from mint.models.beginnings import refuse_painting_over
from mint.vary.easel import Easel, Proof

SUBTLE, STRONG = 0.5, 0.8  # strengths: docs/vary.md has sheets of both


def vary(
    easel: Easel,
    token_id: int,
    attempt: int | None,
    count: int,
    strength: float,
    prompt: str | None,
    *,
    more: bool = False,
) -> list[Proof]:
    """`count` variations of one of a token's pictures, or with `more` so many further ones.

    What decisions.yaml has already is among them, and not painted again. Raises MintError.
    """
    refuse_painting_over(easel.collection, easel.studio.models.painter.path)
    of = easel.attempt(token_id) if attempt is None else attempt
    (original,) = easel.painted(easel.candidates_of([(token_id, of)]))
    earlier = _same(easel.decisions.edit, token_id, of, strength, prompt)
    missing = count if more else max(0, count - len(earlier))
    number = easel.decisions.next_edit(token_id)
    if number + missing > 10_000:
        raise CollectionError(
            f"token {token_id} has {number - 1_000:,} edits, and 9,000 are the most",
            hint="delete some of its lines below edit: in decisions.yaml",
        )
    new = [
        Edited(
            token=token_id,
            attempt=number + i,
            of=of,
            strength=strength,
            prompt=prompt,
            picture=original.pixels[:PREFIX],
        )
        for i in range(missing)
    ]
    return easel.develop([*earlier, *new])


def _same(
    edits: Sequence[Edited], token_id: int, of: int, strength: float, prompt: str | None
) -> list[Edited]:
    """The variations with these options that decisions.yaml has."""
    return [
        edit
        for edit in edits
        if (edit.token, edit.of, edit.strength, edit.prompt) == (token_id, of, strength, prompt)
        and not (edit.mask or edit.traits or edit.blend)
    ]

"""`mint vary`: other pictures of a token that begin with the one it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mint.curate.decisions import PREFIX, Edited
from mint.curate.trial import Trial
from mint.retouch.easel import Easel
from mint.stages import Progress
from mint.vary.proofs import Proof, develop, numbers

SUBTLE, STRONG = 0.5, 0.8  # strengths that look so with atelier; docs/vary.md has sheets


class Variations(NamedTuple):
    """How a picture is varied: how much of it goes, other words for it, and how many times.

    With `more` there are so many besides those that decisions.yaml has.
    """

    strength: float = STRONG
    prompt: str | None = None
    number: int = 8
    more: bool = False


def vary(
    easel: Easel, token_id: int, attempt: int | None, how: Variations, progress: Progress
) -> tuple[Trial, list[Proof]]:
    """The picture that is varied, and its variations, painted where they are not yet.

    Raises MintError.
    """
    before = easel.trial(token_id, attempt)
    edit = Edited(
        token=token_id,
        attempt=numbers(easel, token_id, 1)[0],
        of=before.candidate.attempt,
        strength=how.strength,
        prompt=how.prompt,
        picture=before.picture.pixels[:PREFIX],
    )
    earlier = list(_same(easel, edit))
    missing = how.number if how.more else max(0, how.number - len(earlier))
    new = [edit.model_copy(update={"attempt": n}) for n in numbers(easel, token_id, missing)]
    return before, develop(easel, [*earlier, *new], progress)


def _same(easel: Easel, edit: Edited) -> Iterator[Edited]:
    """The edits in decisions.yaml that are this one but for their number."""
    for each in easel.decisions.edit:
        if each.model_copy(update={"attempt": edit.attempt, "picture": edit.picture}) == edit:
            yield each

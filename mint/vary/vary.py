"""`mint vary`: other pictures of a token that begin with the one it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from mint.curate.decisions import PREFIX, Edited
from mint.curate.trial import Trial
from mint.errors import CollectionError
from mint.models.beginnings import decodes
from mint.retouch.easel import Easel
from mint.stages import Progress
from mint.vary.proofs import Proof, develop, numbers

Amount = Literal["subtle", "strong"]
# Strengths that look so with atelier; docs/vary.md has sheets.
OVER: Mapping[Amount, float] = {"subtle": 0.5, "strong": 0.8}
# How far what a model sees in the picture is turned to the words, where it paints from that.
SEEN: Mapping[Amount, float] = {"subtle": 0.0, "strong": 0.5}


class Variations(NamedTuple):
    """How a picture is varied: how much of it goes, other words for it, and how many times.

    Without a strength it is strong; where a model paints what it sees in the picture it is subtle,
    but for other words. With `more` there are so many besides those that decisions.yaml has.
    """

    strength: float | Amount | None = None
    prompt: str | None = None
    number: int = 8
    more: bool = False


def vary(
    easel: Easel, token_id: int, attempt: int | None, how: Variations, progress: Progress
) -> tuple[Trial, list[Proof]]:
    """The picture that is varied, and its variations, painted where they are not yet.

    Raises MintError.
    """
    embedding = decodes(easel.studio.models.painter.path)
    strength = _strength(how, embedding)
    if how.prompt and not strength:
        raise CollectionError(
            "other words change nothing: this model paints what it sees in the picture",
            hint="give --strong or --strength: so far that is turned to the words",
        )
    before = easel.trial(token_id, attempt)
    edit = Edited(
        token=token_id,
        attempt=numbers(easel, token_id, 1)[0],
        of=before.candidate.attempt,
        embedding=embedding or None,
        strength=strength,
        prompt=how.prompt,
        picture=before.picture.pixels[:PREFIX],
    )
    earlier = list(_same(easel, edit))
    missing = how.number if how.more else max(0, how.number - len(earlier))
    new = [edit.model_copy(update={"attempt": n}) for n in numbers(easel, token_id, missing)]
    return before, develop(easel, [*earlier, *new], progress)


def _strength(how: Variations, embedding: bool) -> float:
    """The number that is meant; `embedding` where the model paints what it sees in the picture."""
    amount = how.strength
    if amount is None:
        amount = "subtle" if embedding and not how.prompt else "strong"
    if isinstance(amount, str):
        return (SEEN if embedding else OVER)[amount]
    return amount


def _same(easel: Easel, edit: Edited) -> Iterator[Edited]:
    """The edits in decisions.yaml that are this one but for their number."""
    for each in easel.decisions.edit:
        if each.model_copy(update={"attempt": edit.attempt, "picture": edit.picture}) == edit:
            yield each

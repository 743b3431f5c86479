"""How a token's picture comes from another of its pictures: painted over, in part or as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from mint.document import Document, Number

FIRST = 1000  # attempts from here on are edits; a build paints far fewer of its own
MOST = 32  # edits in a row; each begins with the picture of the one before
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def _empty(part: Mapping[str, str]) -> bool:
    return not part


class Parent(Document):
    """A picture that another one is mixed from: one of a token's attempts, and not an edit."""

    token: Annotated[int, Field(ge=1, le=1_000_000)]
    attempt: Annotated[int, Field(ge=0, lt=FIRST)]


class Parents(Document):
    """Two pictures that are mixed; `share` is the second's part."""

    first: Parent
    second: Parent
    share: Annotated[Number, Field(gt=0, lt=1)]


class Edit(Document):
    """One picture of a token from another: the attempt `of` is painted over, and is `attempt` then.

    `strength` is how much of it goes, from above 0 to 1. `traits` are those that the token gets by
    it, `prompt` words in place of the token's own, `mask` the SHA-256 of the raw RGB rows of a
    picture that is black where nothing changes. With `blend` it is mixed from two pictures, and
    nothing of the attempt `of` is seen; `strength` is then the part of its noise that is new.
    """

    attempt: Annotated[int, Field(ge=FIRST, le=9_999)]
    of: Annotated[int, Field(ge=0, le=9_999)]
    strength: Annotated[Number, Field(gt=0, le=1)]
    traits: dict[str, str] = Field({}, exclude_if=_empty)
    prompt: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    mask: Sha256 | None = None
    blend: Parents | None = None


def chain(attempt: int, edits: Mapping[int, Edit]) -> tuple[Edit, ...]:
    """The edits that lead to an attempt, the first one first; `edits` are a token's, by attempt.

    Raises LookupError where one is missing, where they go round in a circle, or are too many.
    """
    steps: list[Edit] = []
    while attempt >= FIRST:
        edit = edits[attempt]
        if edit in steps or len(steps) == MOST:
            raise LookupError(attempt)
        steps.append(edit)
        attempt = edit.of
    return tuple(reversed(steps))


def beginning(attempt: int, edits: Mapping[int, Edit]) -> int:
    """The plain attempt that an attempt comes from; -1 where edits do not lead to one."""
    try:
        steps = chain(attempt, edits)
    except LookupError:
        return -1
    return steps[0].of if steps else attempt

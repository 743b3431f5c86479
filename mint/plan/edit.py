"""How a token's picture comes from another of its pictures: painted over, in part or as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from mint.document import Document, Number

FIRST = 1000  # attempts from here on are edits; a build paints far fewer of its own
MOST = 32  # edits that lead to one picture
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def _empty(part: Mapping[str, str]) -> bool:
    return not part


class Parent(Document):
    """A picture that another one is mixed from: one of a token's attempts.

    Where that is an edit, `edits` lead to it, so that a token's own record says all about it.
    """

    token: Annotated[int, Field(ge=1, le=1_000_000)]
    attempt: Annotated[int, Field(ge=0, le=9_999)]
    edits: tuple[Edit, ...] = Field((), exclude_if=lambda edits: not edits, strict=False)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        edits, plain = self.edits, self.attempt < FIRST
        if plain != (not edits) or (edits and edits[-1].attempt != self.attempt):
            raise ValueError("the edits of a parent must lead to its attempt")
        return self

    @property
    def plain(self) -> int:
        """The attempt that the edits begin with, or its own where there are none."""
        return self.edits[0].of if self.edits else self.attempt


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

    With `embedding` the model paints anew what CLIP sees in the picture, or between the two;
    `strength` is then how far that is turned to the words, from 0 on.
    """

    attempt: Annotated[int, Field(ge=FIRST, le=9_999)]
    of: Annotated[int, Field(ge=0, le=9_999)]
    embedding: Literal[True] | None = None
    strength: Annotated[Number, Field(ge=0, le=1)]
    traits: dict[str, str] = Field({}, exclude_if=_empty)
    prompt: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    mask: Sha256 | None = None
    blend: Parents | None = None

    @field_validator("strength")
    @classmethod
    def _something_goes(cls, strength: float, before: ValidationInfo) -> float:
        if not strength and not before.data.get("embedding"):
            raise ValueError("a picture that is painted over must lose something")
        return strength


def number(edits: Iterable[Edit]) -> int:
    """How many edits lead to a picture, those of the parents that it is mixed from included."""
    return sum(1 + sum(number(each.edits) for each in _parents(edit)) for edit in edits)


def _parents(edit: Edit) -> tuple[Parent, ...]:
    return (edit.blend.first, edit.blend.second) if edit.blend else ()


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

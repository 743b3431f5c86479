"""A picture that comes from two others: what painting mixes of both, before the first step."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mint.document import Document, Number


class Strand(Document):
    """What a picture is painted from: its words, and the seed of its noise."""

    prompt: str
    seed: int


class Blend(Document):
    """Two strands and how they are mixed: noise along the sphere (slerp), words along the line.

    `share` is the second's part of both. Of the noise a part `own` is drawn by the recipe's own
    seed, so that two children of the same parents differ.
    """

    first: Strand
    second: Strand
    share: Annotated[Number, Field(gt=0, lt=1)]
    own: Annotated[Number, Field(ge=0, le=1)]

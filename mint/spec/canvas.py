"""`canvas:` below `image:` of collection.yaml: wallpapers, in which pictures go on beyond their
edge.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mint.document import Number
from mint.spec.beside import LEAST, LONGEST, MOST, Beside, Place
from mint.spec.selection import Selection

Side = Annotated[int, Field(ge=LEAST, le=MOST)]


class Wallpapers(Selection):
    """Wallpapers of tokens: each token's picture in a larger one, painted on to both sides by the
    collection's own model and published beside it. `tokens`, `rarest`, `one_of_ones` and `where`
    say which tokens have one; without them all have."""

    width: Annotated[Side, Field(examples=[1920])]
    """A wallpaper's pixels from left to right."""
    height: Annotated[Side, Field(examples=[1080])]
    """Its pixels from top to bottom. The longer side is at most 8 times the shorter."""
    place: Place = "centre"
    """Where the picture stands in it. In one that is taller than the picture `left` is above and
    `right` below."""
    beside: Beside = "company"
    """What is painted beside the picture: `company`, others like it, each whole, as suits
    characters and things; or `scenery`, the same place going on, as suits landscapes."""
    strength: Annotated[Number, Field(gt=0, le=1, examples=[0.8])] | None = None
    """How freely that is painted: little keeps the colours of the picture's edge. Without it 0.9,
    and 0.75 of scenery."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if max(self.width, self.height) > LONGEST * min(self.width, self.height):
            raise PydanticCustomError(
                "sides",
                "a wallpaper's longer side is more than {longest} times the shorter",
                {"longest": LONGEST, "hint": "make the one shorter, or the other longer"},
            )
        return self

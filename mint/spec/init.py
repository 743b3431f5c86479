"""`init:` of collection.yaml: the artist's own drawing, with which a picture begins."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from mint.document import Number, sha256
from mint.spec.forms import Section

STRENGTH = 0.6


class Init(Section):
    """A drawing, photograph or texture of your own that painting begins with, in place of noise."""

    file: Annotated[str, Field(min_length=1, max_length=1_000, examples=["sketch.png"])]
    """A PNG, JPEG or WebP file, relative to this file. It is cut to the shape of the pictures,
    around its middle, and made as large; what is transparent gets the `background_color`, or
    white."""
    strength: Annotated[Number, Field(gt=0, le=1, examples=[0.6])] = STRENGTH
    """How much of the drawing goes, from above 0 to 1. 0.3 keeps its shapes and colours, 0.6 its
    composition, and of 1 little or nothing is left."""
    pixels: Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=[sha256(b"")])] | None = None
    """The SHA-256 of the drawing's pixels as they are used. mint works it out and writes it into
    the record; in this file it refuses another drawing of the same name."""


def _short(value: Any) -> Any:
    """`init: sketch.png` means `init: {file: sketch.png}`."""
    return {"file": value} if isinstance(value, str) else value


_SCHEMA = {
    "anyOf": [
        {"type": "string", "minLength": 1, "description": "The drawing's file."},
        Init.model_json_schema(),
    ],
    "examples": ["sketch.png", {"file": "sketch.png", "strength": 0.6}],
}
# Left out of the record where there is none (it is None), so that older collections keep theirs.
MaybeInit = Annotated[Init | None, BeforeValidator(_short), WithJsonSchema(_SCHEMA)]

"""`c2pa:` of collection.yaml: whether pictures are signed, and what they then state."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mint.spec.forms import Section


class C2pa(Section):
    """A signed statement in every picture's file that a trained model painted it, in C2PA's form
    (Content Credentials), which image editors and newsrooms read. Certificate and key come from the
    environment, MINT_C2PA_CERTIFICATE and MINT_C2PA_KEY, never from this file."""

    states: Annotated[Literal["digests", "recipe"], Field(examples=["digests"])]
    """What it states besides: `digests` of the collection, the recipe and the pixels, by which a
    picture's place in the collection is proved; or the `recipe` too, its prompt and seed in plain
    words."""

"""Candidates -> Tokens: paint, embed, compare; keep, or draw again with the next attempt."""

from __future__ import annotations

from mint.document import Document
from mint.plan import Recipe


class Picture(Document):
    """A painted PNG: SHA-256 of its raw RGB rows and of the file, and the file's size in bytes."""

    pixels: str
    file: str
    size: int


class Token(Document):
    """A token as kept. `traits` maps trait_type to value and leaves absent traits out."""

    token_id: int
    attempt: int
    name: str
    traits: dict[str, str]
    recipe: Recipe
    image: Picture

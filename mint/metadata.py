"""Tokens -> token JSON, contract JSON, rarity and provenance. Pure."""

from __future__ import annotations

from mint.document import Document


class Rarity(Document):
    """OpenRarity: rank 1 is the rarest; score in units of the collection's entropy.

    `unique` counts traits that no other token has; it ranks before the score.
    """

    rank: int
    score: float
    unique: int

"""How well the pictures fit their prompts, and how different they are from one another."""

from __future__ import annotations

from mint.document import Document, Number


class Fit(Document):
    """CLIPScore of a collection: the mean, the 5th percentile, and the tokens that fit least."""

    mean: Number
    p5: Number
    worst: tuple[int, ...]


class Histogram(Document):
    """How many pairs of pictures have a distance between each edge and the next."""

    edges: tuple[Number, ...]
    counts: tuple[int, ...]


class Quality(Document):
    """Figures of a whole collection.

    `vendi` is the effective number of different pictures (Friedman and Dieng, 2022), `rke` the
    number of modes by Renyi kernel entropy (Jalali et al., 2023).
    """

    clip_score: Fit | None = None
    vendi: Number | None = None
    rke: Number | None = None
    distances: Histogram | None = None

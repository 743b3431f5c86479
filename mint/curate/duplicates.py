"""What the comparison of all pictures found, besides the redraws: families and doubtful pairs."""

from __future__ import annotations

from mint.document import Document, Number


class Family(Document):
    """Tokens with the same traits whose pictures look alike; `likeness` is that of the closest."""

    traits: dict[str, str]
    tokens: tuple[int, ...]
    likeness: Number


class Pair(Document):
    """Two pictures that one signal calls alike and another does not; `why` says which."""

    tokens: tuple[int, int]
    likeness: Number
    why: str


class Duplicates(Document):
    """`threshold` is the likeness from which on two pictures were one in this build.

    `lookalikes` is the share of tokens, from 0 to 1, that have a look-alike.
    """

    threshold: Number
    families: tuple[Family, ...] = ()
    review: tuple[Pair, ...] = ()
    lookalikes: Number = 0.0

"""How rare each token is among all of them, by OpenRarity. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from mint.document import Document, Number

NULL = ""  # the value that a token has for a trait it lacks
TRAIT_COUNT = "meta_trait:trait_count"  # OpenRarity's own name for it


class Rarity(Document):
    """OpenRarity: rank 1 is the rarest; score in units of the collection's entropy.

    `unique` counts traits that no other token has; it ranks before the score.
    """

    rank: int
    score: Number
    unique: int


def rarity(tokens: Sequence[Mapping[str, str]]) -> tuple[Rarity, ...]:
    """Score and rank every token of a collection by its traits (trait_type -> value).

    Score: sum of -log2 p(value) over all trait types, divided by the collection's entropy. A
    missing trait is a null value and counts; the number of traits is a trait too. Order: unique
    attributes first, then score; equals share a rank (1, 2, 2, 2, 5).
    https://github.com/OpenRarity/open-rarity, methodology as of 2023.
    """
    types = sorted({trait for traits in tokens for trait in traits})
    rows = [_full(traits, types) for traits in tokens]
    tables = {t: Counter(row[t] for row in rows) for t in (*types, TRAIT_COUNT)}
    total = len(rows)
    entropy = math.fsum(
        -n / total * math.log2(n / total) for table in tables.values() for n in table.values()
    )
    scores = [_information(row, tables, total) / entropy if entropy else 0.0 for row in rows]
    unique = [sum(tables[t][v] == 1 for t, v in row.items() if v != NULL) for row in rows]
    return _ranked(scores, unique)


def _full(traits: Mapping[str, str], types: Sequence[str]) -> dict[str, str]:
    return {t: traits.get(t, NULL) for t in types} | {TRAIT_COUNT: str(len(traits))}


def _information(row: Mapping[str, str], tables: Mapping[str, Counter[str]], total: int) -> float:
    return math.fsum(-math.log2(table[row[t]] / total) for t, table in tables.items())


def _ranked(scores: Sequence[float], unique: Sequence[int]) -> tuple[Rarity, ...]:
    # Nine digits, so that sums of the same terms in another order are the same score.
    keys = [(-u, -round(s, 9)) for s, u in zip(scores, unique, strict=True)]
    first: dict[tuple[int, float], int] = {}
    for place, key in enumerate(sorted(keys), start=1):
        first.setdefault(key, place)
    return tuple(
        Rarity(rank=first[key], score=round(s, 9), unique=u)
        for key, s, u in zip(keys, scores, unique, strict=True)
    )

"""The pictures of a whole collection -> what is on record of how alike they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import nlargest
from typing import TYPE_CHECKING

import numpy as np

from mint.curate.likeness import Placed, alike, likeness, likenesses, nearest
from mint.curate.near_duplicates import Comparison, Gallery, plain
from mint.curate.threshold import SAME, Threshold, rounded
from mint.curate.token import Lookalike, Token
from mint.document import Document, Number

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

MOST_REVIEWED = 100  # pairs; nobody looks at more, and the manifest stays small


class Family(Document):
    """Tokens with one prompt, the traits that they share, and the largest likeness of two."""

    traits: dict[str, str]
    tokens: tuple[int, ...]
    likeness: Number


class Pair(Document):
    """Two tokens that are alike by one sign, or whose likeness the file allows: for people."""

    tokens: tuple[int, int]
    likeness: Number
    why: str


class Duplicates(Document):
    """How alike a collection's pictures are.

    `families` and `review` begin with the most alike; `review` ends after MOST_REVIEWED pairs.
    `lookalikes` is the share of tokens that look like another one: by `threshold.likeness`, or
    within a family by `threshold.families`.
    """

    threshold: Threshold
    families: tuple[Family, ...]
    review: tuple[Pair, ...]
    lookalikes: Number


def describe_duplicates(
    gallery: Gallery, comparison: Comparison, by_id: Mapping[int, Token]
) -> tuple[Duplicates, dict[int, Lookalike]]:
    """What is on record of the tokens' final pictures, and each one's nearest other.

    `by_id` maps token_id to the token.
    """
    tokens = gallery.tokens()
    placed = comparison.place(tokens)
    threshold = comparison.threshold
    families, alike_in_families = _families(tokens, placed, threshold.families, by_id)
    nearest_ones, lookalikes = _nearest(tokens, placed, threshold)
    duplicates = Duplicates(
        threshold=threshold,
        families=families,
        review=_review(tokens, placed, comparison),
        lookalikes=rounded(len(lookalikes | alike_in_families) / max(len(tokens), 1)),
    )
    return duplicates, nearest_ones


def _nearest(
    tokens: Gallery, placed: Placed, threshold: Threshold
) -> tuple[dict[int, Lookalike], set[int]]:
    """Each token's nearest other, and the tokens that look like theirs."""
    if len(tokens) < 2:
        return {}, set()
    rows, values = nearest(placed, threshold.likeness)
    ids = [int(owner) for owner in tokens.owners]
    cosines = plain(tokens, tokens, np.arange(len(tokens)), rows)
    close = (values >= threshold.likeness) | (cosines >= (threshold.alike or SAME))
    others = {
        i: Lookalike(token_id=ids[row], likeness=rounded(value))
        for i, row, value in zip(ids, rows, values, strict=True)
    }
    return others, {ids[row] for row in np.flatnonzero(close)}


def _families(
    tokens: Gallery, placed: Placed, threshold: float, by_id: Mapping[int, Token]
) -> tuple[tuple[Family, ...], set[int]]:
    """The families, and the tokens that look like another one of theirs."""
    members: dict[str, list[int]] = {}
    for row, prompt in enumerate(tokens.prompts):
        members.setdefault(prompt, []).append(row)
    families, lookalikes = list[Family](), set[int]()
    for rows in members.values():
        if len(rows) > 1:
            closest = _closest(placed[rows])
            ids = [int(tokens.owners[row]) for row in rows]
            lookalikes |= {i for i, value in zip(ids, closest, strict=True) if value >= threshold}
            families.append(
                Family(
                    traits=_shared([by_id[i].traits for i in ids]),
                    tokens=tuple(ids),
                    likeness=rounded(closest.max()),
                )
            )
    return tuple(sorted(families, key=lambda f: (-f.likeness, f.tokens))), lookalikes


def _shared(traits: Sequence[Mapping[str, str]]) -> dict[str, str]:
    first, *others = traits
    return {n: v for n, v in first.items() if all(other.get(n) == v for other in others)}


def _closest(family: Placed) -> Vectors:
    """For each of a family the likeness of the nearest other one."""
    values = likenesses(family, family)
    np.fill_diagonal(values, -np.inf)
    return np.asarray(values.max(axis=1))


def _review(tokens: Gallery, placed: Placed, comparison: Comparison) -> tuple[Pair, ...]:
    pairs = _suspects(tokens, placed, comparison)
    return tuple(nlargest(MOST_REVIEWED, pairs, key=lambda p: (p.likeness, -p.tokens[0])))


def _suspects(tokens: Gallery, placed: Placed, comparison: Comparison) -> Iterator[Pair]:
    """Pairs that a sign calls alike; of one family only where the second sign does."""
    threshold = comparison.threshold
    signs = comparison.second_signs(tokens, tokens, same=True)
    differs = "the second model does not" if threshold.second else "their outlines differ"
    for i, j, value in alike(placed, threshold.likeness):
        if (i, j) not in signs and tokens.prompts[i] != tokens.prompts[j]:
            yield _pair(tokens, i, j, value, f"the embedder finds them alike, {differs}")
    if signs:
        rows, columns = (np.array(each) for each in zip(*signs, strict=True))
        values = likeness(placed[rows], placed[columns])
        cosines = plain(tokens, tokens, rows, columns)
        for ((i, j), sign), value, cosine in zip(signs.items(), values, cosines, strict=True):
            why = sign.alone
            if value >= threshold.likeness or cosine >= SAME:
                why = "both signs call them one, and the file lets that pass"
            yield _pair(tokens, i, j, float(value), why)


def _pair(tokens: Gallery, i: int, j: int, value: float, why: str) -> Pair:
    ids = int(tokens.owners[i]), int(tokens.owners[j])
    return Pair(tokens=ids, likeness=rounded(value), why=why)

"""The pictures of a whole collection -> what is on record of how alike they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mint.curate.close_pairs import Pairs, Rows
from mint.curate.likeness import Placed, likeness, likenesses, nearest
from mint.curate.near_duplicates import Comparison, Gallery, plain
from mint.curate.threshold import SAME, Threshold, rounded
from mint.curate.token import Lookalike, Token
from mint.document import Document, Number

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

MOST_REVIEWED = 100  # pairs; nobody looks at more, and the manifest stays small
BLOCK = 2048  # rows and columns of a family's likenesses at once: 32 MB


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
    review = _Review(tokens, comparison)
    nearest_ones, lookalikes = _nearest(tokens, placed, threshold, review.hear)
    duplicates = Duplicates(
        threshold=threshold,
        families=families,
        review=review.pairs(placed),
        lookalikes=rounded(len(lookalikes | alike_in_families) / max(len(tokens), 1)),
    )
    return duplicates, nearest_ones


def _nearest(
    tokens: Gallery, placed: Placed, threshold: Threshold, hear: Callable[[Pairs], None]
) -> tuple[dict[int, Lookalike], set[int]]:
    """Each token's nearest other, and the tokens that look like theirs; `hear` as in `nearest`."""
    if len(tokens) < 2:
        return {}, set()
    rows, values = nearest(placed, threshold.likeness, hear)
    ids = [int(owner) for owner in tokens.owners]
    cosines = plain(tokens, tokens, np.arange(len(tokens)), rows)
    close = (values >= threshold.likeness) | (cosines >= (threshold.alike or SAME))
    others = {
        i: Lookalike(token_id=ids[row], likeness=rounded(value))
        for i, row, value in zip(ids, rows.tolist(), values.tolist(), strict=True)
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
    closest = np.full(len(family.crowd), -np.inf)
    for top in range(0, len(closest), BLOCK):
        for start in range(0, len(closest), BLOCK):
            some, others = slice(top, top + BLOCK), slice(start, start + BLOCK)
            values = likenesses(family[some], family[others])
            if top == start:
                np.fill_diagonal(values, -np.inf)
            closest[some] = np.maximum(closest[some], values.max(axis=1))
    return closest


class _Review:
    """The pairs that a sign calls alike; of one family only where the second sign does.

    Of many no more are remembered than may be among the most alike.
    """

    def __init__(self, tokens: Gallery, comparison: Comparison) -> None:
        self.tokens, self.comparison = tokens, comparison
        self.signs = comparison.second_signs(tokens, tokens, same=True)
        self.codes = np.sort(self.signs.rows * len(tokens) + self.signs.columns)
        numbers = {each: i for i, each in enumerate(dict.fromkeys(tokens.prompts))}
        self.families = np.array([numbers[each] for each in tokens.prompts], np.int64)
        self.alike = list[Pairs]()

    def hear(self, pairs: Pairs) -> None:
        """Pairs that the embedder finds alike."""
        of_two = self.families[pairs.rows] != self.families[pairs.columns]
        pairs = pairs.only(of_two)
        codes = pairs.rows * len(self.tokens) + pairs.columns
        places = np.searchsorted(self.codes, codes)
        matches = np.append(self.codes, -1)[places] == codes
        if not matches.all():
            self.alike.append(pairs.only(~matches))
        if sum(len(each.rows) for each in self.alike) > BLOCK:
            self.alike = [self._most_alike(self.alike)]

    def pairs(self, placed: Placed) -> tuple[Pair, ...]:
        """All that was heard of, and all that have the second sign; the most alike first."""
        threshold, signs = self.comparison.threshold, self.signs
        differs = "the second model does not" if threshold.second else "their outlines differ"
        alone = self._most_alike(self.alike)
        why = [f"the embedder finds them alike, {differs}"] * len(alone.rows)
        rows, columns = signs.rows, signs.columns
        values = likeness(placed, placed, rows, columns)
        near = (values >= threshold.likeness) | (
            plain(self.tokens, self.tokens, rows, columns) >= SAME
        )
        which = self._order(Pairs(rows, columns, values))[:MOST_REVIEWED]
        both = "both signs call them one, and the file lets that pass"
        why += [both if near[pair] else signs.alone(pair) for pair in which.tolist()]
        every = _joined([alone, Pairs(rows, columns, values).only(which)])
        return tuple(
            self._pair(every, pair, why[pair]) for pair in self._order(every)[:MOST_REVIEWED]
        )

    def _most_alike(self, parts: Sequence[Pairs]) -> Pairs:
        """Those that may be reviewed, in the order in which they came."""
        pairs = _joined(parts)
        return pairs.only(np.sort(self._order(pairs)[:MOST_REVIEWED]))

    def _order(self, pairs: Pairs) -> Rows:
        """The most alike first, then the first token; of equals, the one that came first."""
        values, which = np.unique(pairs.products, return_inverse=True)
        roundings = np.array([rounded(value) for value in values])[which]
        ids = np.array(self.tokens.owners, np.int64)[pairs.rows]
        return np.lexsort((ids, -roundings))

    def _pair(self, pairs: Pairs, pair: int, why: str) -> Pair:
        i, j = (int(self.tokens.owners[each[pair]]) for each in (pairs.rows, pairs.columns))
        return Pair(tokens=(i, j), likeness=rounded(pairs.products[pair]), why=why)


def _joined(parts: Sequence[Pairs]) -> Pairs:
    nothing = Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    rows, columns, values = zip(nothing, *parts, strict=True)
    return Pairs(np.concatenate(rows), np.concatenate(columns), np.concatenate(values))

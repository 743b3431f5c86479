"""What pictures look like -> those that look like another one, and so must be painted again.

Two pictures are one where two signs agree: their likeness by the embedder (mint.curate.likeness),
and their light and shade (mint.curate.perceptual_hash) or, if the file names a second model, their
likeness by that (mint.curate.second_sign). One sign alone goes to the review list
(mint.curate.duplicates), and no picture is painted again for it. Equal pixels always count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mint.curate.close_pairs import Rows, close_blocks, products_of
from mint.curate.likeness import BACKGROUND, Placed, Space, likeness, space
from mint.curate.perceptual_hash import PRINT, Prints
from mint.curate.second_sign import Seen, Signs, signs_by_hash, signs_by_model
from mint.curate.threshold import SAME, Threshold, measure, measure_second
from mint.paint.picture import Picture
from mint.plan.recipe import Slot
from mint.spec.painting import Dedup

if TYPE_CHECKING:
    from mint.models.embedder import Vectors


@dataclass(frozen=True)
class Gallery:
    """Pictures and their looks; row i of each part is of the same picture.

    `owners` are token ids, or the names of files that are no token's. `prompts` are as planned,
    without variations; empty for a file. `pixels` are digests, `vectors` have shape (n, d).
    `second` are the vectors of a second model, and (n, 0) where there is none.
    """

    owners: tuple[int | str, ...]
    prompts: tuple[str, ...]
    pixels: tuple[str, ...]
    vectors: Vectors
    prints: Prints
    second: Vectors

    @staticmethod
    def empty() -> Gallery:
        """Before the first picture."""
        nothing = np.zeros((0, 0), np.float32)
        return Gallery((), (), (), nothing, np.zeros((0, PRINT), np.uint8), nothing)

    @staticmethod
    def of(
        slots: Sequence[Slot],
        pictures: Sequence[Picture],
        vectors: Vectors,
        prints: Prints,
        second: Vectors,
    ) -> Gallery:
        """The pictures that were painted for these slots."""
        return Gallery(
            owners=tuple(slot.token_id for slot in slots),
            prompts=tuple(slot.prompt for slot in slots),
            pixels=tuple(picture.pixels for picture in pictures),
            vectors=vectors,
            prints=prints,
            second=second,
        )

    def __len__(self) -> int:
        return len(self.owners)

    def rows(self, rows: Sequence[int]) -> Gallery:
        """Only these, in this order."""
        return Gallery(
            owners=tuple(self.owners[row] for row in rows),
            prompts=tuple(self.prompts[row] for row in rows),
            pixels=tuple(self.pixels[row] for row in rows),
            vectors=self.vectors[list(rows)],
            prints=self.prints[list(rows)],
            second=self.second[list(rows)],
        )

    def followed_by(self, *others: Gallery) -> Gallery:
        """With more pictures."""
        # The empty gallery's vectors are as wide as nobody's.
        parts = [each for each in (self, *others) if len(each)] or [self]
        return Gallery(
            owners=tuple(chain.from_iterable(each.owners for each in parts)),
            prompts=tuple(chain.from_iterable(each.prompts for each in parts)),
            pixels=tuple(chain.from_iterable(each.pixels for each in parts)),
            vectors=np.concatenate([each.vectors for each in parts]),
            prints=np.concatenate([each.prints for each in parts]),
            second=np.concatenate([each.second for each in parts]),
        )

    def tokens(self) -> Gallery:
        """Those that are tokens', by token_id."""
        ids = {owner: row for row, owner in enumerate(self.owners) if isinstance(owner, int)}
        return self.rows([ids[i] for i in sorted(ids)])


@dataclass(frozen=True)
class Comparison:
    """How pictures of one collection are compared: fixed by its first attempts, for all others.

    `second` is the space of the second model, where `threshold.second` has one.
    """

    space: Space
    threshold: Threshold
    second: Space

    def place(self, gallery: Gallery) -> Placed:
        """The gallery's pictures in the collection's space."""
        return self.space.place(gallery.vectors, gallery.prompts)

    def second_signs(self, left: Gallery, right: Gallery, *, same: bool = False) -> Signs:
        """Pairs that the second sign calls one; `same` says that right is left."""
        if self.threshold.second is None:
            return signs_by_hash(left.prints, right.prints, self.threshold.bits, same=same)
        one = self._view(left)
        other = one if same else self._view(right)
        return signs_by_model(one, other, self.threshold.second, same=same)

    def _view(self, gallery: Gallery) -> Seen:
        return Seen(gallery.second, self.second.place(gallery.second, gallery.prompts))


def compare_by(first: Gallery, settings: Dedup, weights: str | None = None) -> Comparison:
    """Measured on the first attempt of every token, in their order.

    `weights` is the digest of the second model, if there is one.
    """
    here, there = (space(vectors, first.prompts) for vectors in (first.vectors, first.second))
    spaced = np.unique(np.linspace(0, len(first) - 1, min(len(first), BACKGROUND)).astype(int))
    sample = first.rows(spaced.tolist())
    placed = here.place(sample.vectors, sample.prompts)
    threshold = measure(placed, sample.prompts, first.prompts, settings)
    if weights is not None:
        view = there.place(sample.second, sample.prompts)
        second = measure_second(view, sample.prompts, threshold.pairs, weights)
        threshold = threshold.model_copy(update={"second": second})
    return Comparison(here, threshold, there)


def near_duplicates(gallery: Gallery, arrivals: Gallery, comparison: Comparison) -> dict[int, str]:
    """Row of `arrivals` -> why it is like an accepted picture, or like an earlier row."""
    number = len(arrivals)
    before = _alike(arrivals, gallery, comparison)
    last = np.full(number, -1)
    last[before.rows] = np.arange(len(before.rows))  # of several pictures the last is named
    reasons = {row: before.words(pair) for row, pair in enumerate(last.tolist()) if pair >= 0}
    within = _alike(arrivals, arrivals, comparison, same=True)
    order = np.lexsort((within.rows, within.columns))
    earlier = within.rows[order]
    bounds = np.searchsorted(within.columns[order], np.arange(number + 1)).tolist()
    rejected = np.zeros(number, bool)
    rejected[list(reasons)] = True
    owners = dict(zip(gallery.pixels, gallery.owners, strict=True))
    for row, pixels in enumerate(arrivals.pixels):
        # Sequential on purpose: a row is compared only with rows that are themselves accepted.
        start, end = bounds[row : row + 2]
        close = np.flatnonzero(~rejected[earlier[start:end]])
        if pixels in owners:
            reasons[row] = f"the same picture as {picture_name(owners[pixels])}"
        elif row not in reasons and len(close):
            reasons[row] = within.words(int(order[start + close[0]]))
        if row in reasons:
            rejected[row] = True
        else:
            owners[pixels] = arrivals.owners[row]
    return reasons


class _Likes(NamedTuple):
    """Pairs that are one, by row of left and row of right: (n,) each; with `same` the later row is
    right's.

    `words` says of a pair why, and names whose picture the other one is. Where everything is alike,
    ten thousand pictures are fifty million pairs, so a sentence is made only where it is read.
    """

    rows: npt.NDArray[np.integer[Any]]
    columns: npt.NDArray[np.integer[Any]]
    words: Callable[[int], str]


def _alike(left: Gallery, right: Gallery, comparison: Comparison, *, same: bool = False) -> _Likes:
    nothing = np.empty(0, np.int32)
    if not len(left) or not len(right):
        return _Likes(nothing, nothing, str)
    threshold = comparison.threshold
    if threshold.cosine is not None:
        return _alike_by_cosine(left, right, threshold.cosine, same=same)
    signs = comparison.second_signs(left, right, same=same)
    if not len(signs.rows):
        return _Likes(nothing, nothing, str)
    # Of a hundred thousand pictures few have such a sign, and only those are placed.
    some, here = np.unique(signs.rows, return_inverse=True)
    others, there = np.unique(signs.columns, return_inverse=True)
    ours, theirs = left.rows(some.tolist()), right.rows(others.tolist())
    values = likeness(comparison.place(ours), comparison.place(theirs), here, there)
    equal = plain(left, right, signs.rows, signs.columns) >= SAME
    near = np.flatnonzero((values >= threshold.likeness) | equal)
    rows, columns = signs.rows[near], signs.columns[near]

    def words(pair: int) -> str:
        other = left.owners[rows[pair]] if same else right.owners[columns[pair]]
        number = f"likeness {values[near[pair]]:.2f}, {signs.words(near[pair])}"
        return f"looks like {picture_name(other)}: {number}"

    return _Likes(rows, columns, words)


def _alike_by_cosine(left: Gallery, right: Gallery, threshold: float, *, same: bool) -> _Likes:
    one, another = (each.vectors.astype(np.float64) for each in (left, right))
    parts = [
        (pairs.rows.astype(np.int32), pairs.columns.astype(np.int32))
        for pairs in close_blocks(one, another, threshold, same=same)
    ]
    nothing = np.empty(0, np.int32)
    rows = np.concatenate([nothing, *(part[0] for part in parts)])
    columns = np.concatenate([nothing, *(part[1] for part in parts)])

    def words(pair: int) -> str:
        row, column = rows[pair], columns[pair]
        other = left.owners[row] if same else right.owners[column]
        (cosine,) = products_of(one, another, rows[pair : pair + 1], columns[pair : pair + 1])
        return f"looks like {picture_name(other)}: cosine {cosine:.3f}"

    return _Likes(rows, columns, words)


def picture_name(owner: int | str) -> str:
    """Whose picture it is, in a sentence."""
    return f"token {owner}" if isinstance(owner, int) else owner


def plain(left: Gallery, right: Gallery, rows: Rows, columns: Rows) -> npt.NDArray[np.float64]:
    """The plain cosines of these pairs: (n,)."""
    return products_of(left.vectors, right.vectors, rows, columns)

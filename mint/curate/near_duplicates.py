"""What pictures look like -> those that look like another one, and so must be painted again.

Two pictures are one where two signs agree: their likeness by the embedder (mint.curate.likeness),
and their light and shade (mint.curate.perceptual_hash) or, if the file names a second model, their
likeness by that (mint.curate.second_sign). One sign alone goes to the review list
(mint.curate.duplicates), and no picture is painted again for it. Equal pixels always count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mint.curate.close_pairs import Rows, close_pairs, products_of
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
    reasons = {row: why for row, _, why in _alike(arrivals, gallery, comparison)}
    neighbours: dict[int, list[tuple[int, str]]] = {}  # row -> earlier rows that it is like
    for earlier, row, why in _alike(arrivals, arrivals, comparison, same=True):
        neighbours.setdefault(row, []).append((earlier, why))
    owners = dict(zip(gallery.pixels, gallery.owners, strict=True))
    for row, pixels in enumerate(arrivals.pixels):
        # Sequential on purpose: a row is compared only with rows that are themselves accepted.
        if pixels in owners:
            reasons[row] = f"the same picture as {picture_name(owners[pixels])}"
        elif close := [why for e, why in sorted(neighbours.get(row, [])) if e not in reasons]:
            reasons.setdefault(row, close[0])
        if row not in reasons:
            owners[pixels] = arrivals.owners[row]
    return reasons


def _alike(
    left: Gallery, right: Gallery, comparison: Comparison, *, same: bool = False
) -> Iterator[tuple[int, int, str]]:
    """(row of left, row of right, why the two are one); with `same` the later row is right's.

    The sentence names whose picture the other one is.
    """
    if not len(left) or not len(right):
        return
    threshold = comparison.threshold
    if threshold.cosine is not None:
        one, another = (each.vectors.astype(np.float64) for each in (left, right))
        for i, j, cosine in close_pairs(one, another, threshold.cosine, same=same):
            other = left.owners[i] if same else right.owners[j]
            yield i, j, f"looks like {picture_name(other)}: cosine {cosine:.3f}"
        return
    signs = comparison.second_signs(left, right, same=same)
    rows, columns = signs.rows, signs.columns
    if not len(rows):
        return
    # Of a hundred thousand pictures few have such a sign, and only those are placed.
    some, here = np.unique(rows, return_inverse=True)
    others, there = np.unique(columns, return_inverse=True)
    ours, theirs = left.rows(some.tolist()), right.rows(others.tolist())
    values = likeness(comparison.place(ours), comparison.place(theirs), here, there)
    near = (values >= threshold.likeness) | (plain(left, right, rows, columns) >= SAME)
    for pair in np.flatnonzero(near).tolist():
        row, column = int(rows[pair]), int(columns[pair])
        other = picture_name(left.owners[row] if same else right.owners[column])
        words = f"likeness {values[pair]:.2f}, {signs.words(pair)}"
        yield row, column, f"looks like {other}: {words}"


def picture_name(owner: int | str) -> str:
    """Whose picture it is, in a sentence."""
    return f"token {owner}" if isinstance(owner, int) else owner


def plain(left: Gallery, right: Gallery, rows: Rows, columns: Rows) -> npt.NDArray[np.float64]:
    """The plain cosines of these pairs: (n,)."""
    return products_of(left.vectors, right.vectors, rows, columns)

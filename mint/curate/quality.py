"""How well pictures fit their prompts and how different they are: the figures on record."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mint.curate.diversity import (
    DIGITS,
    PICTURES,
    SMALLEST,
    Diversity,
    counts,
    histogram,
    ladder,
    nearest,
    of_samples,
)
from mint.curate.token import Token
from mint.document import Document, Number
from mint.spec.collection import EMBEDDED, Collection

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

WEIGHT = 2.5  # of a cosine in CLIPScore
WORST = 20  # tokens that are named
STRANGERS = 256  # pictures, each beside the others' prompts: 65,000 pairs make a mean


class ClipScore(Document):
    """How well pictures fit their own prompts: CLIPScore, 2.5 max(cos, 0) (arXiv 2104.08718).

    A score means something beside others of the same embedder only: `others` is that of the same
    pictures with other tokens' prompts, None where all have the same. `p5` is the 5th percentile,
    `worst` the token ids of the lowest 20, `unread` the tokens whose prompt the embedder does not
    read to its end.
    """

    mean: Number
    p5: Number
    others: Number | None
    worst: tuple[int, ...]
    unread: tuple[int, ...]


class Sameness(Document):
    """The diversity among `tokens` pictures that share a trait value: the mean of samples of 8."""

    trait: str
    value: str
    tokens: int
    vendi: Number
    rke: Number


class Quality(Document):
    """Figures of a collection's pictures, as painted, by the vectors of `embedder` (its digest).

    `diversity` has a line for samples of 8, 16, 32 ... and all pictures. `within` has the trait
    values that at least 8 tokens have, the least diverse first. `distances[i]` counts the tokens
    whose nearest other picture lies i to i + 1 hundredths away: by `Token.nearest` where every
    token has it, else by 1 - cosine. `attempts[i]` counts the tokens that were painted again i
    times before any edit. `clip_score` is None where the embedder has no words.
    """

    embedder: str
    clip_score: ClipScore | None = None
    diversity: tuple[Diversity, ...]
    within: tuple[Sameness, ...]
    distances: tuple[int, ...]
    attempts: tuple[int, ...]


def means_something(collection: Collection) -> bool:
    """Whether the embedder knows what the painter paints.

    The CLIP inside mint has seen atelier's pictures and words and nothing else; of others it
    would give figures that look like any.
    """
    return collection.dedup.embedder != "atelier" or collection.image.model in EMBEDDED


def measure(
    embedder: str,
    tokens: Sequence[Token],
    pictures: Vectors,
    prompts: Vectors | None,
    unread: Sequence[int] = (),
) -> tuple[tuple[Token, ...], Quality]:
    """The tokens with their CLIPScores, and the figures of all of them.

    Row i of `pictures` and of `prompts`, unit vectors of shape (n, d), belongs to tokens[i];
    `unread` has rows. Samples are taken by the tokens' seeds, so by chance and always the same.
    """
    chance = sorted(range(len(tokens)), key=lambda row: (tokens[row].recipe.seed, row))
    with_scores, score = tuple(tokens), None
    if prompts is not None and len(tokens):
        fits = _fits(pictures, prompts)
        pairs = zip(tokens, fits, strict=True)
        with_scores = tuple(token.model_copy(update={"clip_score": fit}) for token, fit in pairs)
        others = _fit_of_others(tokens, pictures, prompts, chance[:STRANGERS])
        score = _clip_score(with_scores, fits, others, unread)
    likenesses = [token.nearest.likeness for token in tokens if token.nearest]
    quality = Quality(
        embedder=embedder,
        clip_score=score,
        diversity=tuple(ladder(pictures[chance])),
        within=tuple(sorted(_within(tokens, pictures, chance), key=_least)),
        distances=histogram(likenesses if len(likenesses) == len(tokens) else nearest(pictures)),
        attempts=counts([token.redraws for token in tokens]),
    )
    return with_scores, quality


def _fits(pictures: Vectors, prompts: Vectors) -> list[float]:
    cosines = np.einsum("nd,nd->n", pictures.astype(np.float64), prompts.astype(np.float64))
    return [round(WEIGHT * max(cosine, 0.0), DIGITS) for cosine in cosines.tolist()]


def _fit_of_others(
    tokens: Sequence[Token], pictures: Vectors, prompts: Vectors, rows: Sequence[int]
) -> float | None:
    """The mean score of each picture with the prompts that are not its own."""
    numbers: dict[str, int] = {}
    words = np.array([numbers.setdefault(tokens[i].recipe.prompt, len(numbers)) for i in rows])
    cosines = pictures[rows].astype(np.float64) @ prompts[rows].astype(np.float64).T
    strange = np.maximum(cosines[words[:, None] != words[None, :]], 0.0)
    return round(WEIGHT * float(strange.mean()), DIGITS) if strange.size else None


def _clip_score(
    tokens: Sequence[Token], fits: Sequence[float], others: float | None, unread: Sequence[int]
) -> ClipScore:
    worst = sorted(range(len(tokens)), key=lambda row: (fits[row], row))[:WORST]
    return ClipScore(
        mean=round(math.fsum(fits) / len(fits), DIGITS),
        p5=round(float(np.percentile(fits, 5)), DIGITS),
        others=others,
        worst=tuple(tokens[row].token_id for row in worst),
        unread=tuple(tokens[row].token_id for row in unread),
    )


def _within(
    tokens: Sequence[Token], pictures: Vectors, chance: Sequence[int]
) -> Iterator[Sameness]:
    rows: dict[tuple[str, str], list[int]] = {}
    for row in chance:
        for pair in tokens[row].traits.items():
            rows.setdefault(pair, []).append(row)
    for (trait, value), mine in rows.items():
        if len(mine) >= SMALLEST:
            mean = of_samples(pictures[mine[:PICTURES]], SMALLEST)
            yield Sameness(
                trait=trait, value=value, tokens=len(mine), vendi=mean.vendi, rke=mean.rke
            )


def _least(same: Sameness) -> tuple[float, str, str]:
    return same.vendi, same.trait, same.value

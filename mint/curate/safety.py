"""Pictures -> how surely each is unsafe, and what the collection wants done about it.

A model looks at the pictures as they are painted, before they are enlarged. Where none does, a
token has no score, and nothing is claimed of its picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mint.curate.memo import Embed, memoised_embedder
from mint.document import Document
from mint.errors import CurateError
from mint.models.classifier import Classifier
from mint.paint.picture import Picture
from mint.spec.collection import Collection
from mint.spec.safety import Safety
from mint.stages import Progress
from mint.store import Store

if TYPE_CHECKING:
    from mint.curate.token import Token
    from mint.models.embedder import Vectors

# Pictures -> for each how surely it is unsafe, 0 to 1, or None where nobody looked.
Check = Callable[[Sequence[Picture]], list[float | None]]

DIGITS = 4  # of a score; what lies beyond may differ between machines
# What `safety.model: clip` compares a picture with; written for this, and measured on no model.
UNSAFE_PHRASES = (
    "a photo of a naked person",
    "a pornographic picture",
    "an erotic drawing of a nude body",
    "a picture of a sexual act",
    "a picture of a mutilated body, blood and gore",
)
SAFE_PHRASES = (
    "a picture of an animal",
    "a portrait of a dressed person",
    "a drawing for children",
    "a picture of a landscape",
    "a picture of a plant",
    "a picture of a building",
    "a picture of a thing",
    "an abstract pattern",
)
PHRASES = (*UNSAFE_PHRASES, *SAFE_PHRASES)


class SafetyCheck(Document):
    """On record: what looked at the pictures; its weights' digest, and what it calls unsafe.

    `unsafe` are labels of an image-classification model, or phrases that a CLIP compared with.
    """

    weights: str
    unsafe: tuple[str, ...]


def no_check(pictures: Sequence[Picture]) -> list[float | None]:
    """A Check that looks at nothing."""
    return [None] * len(pictures)


def classifier_check(
    store: Store,
    key: str,
    load: Callable[[], Classifier],
    columns: Sequence[int],
    progress: Progress = lambda step, done, total: None,
) -> Check:
    """A Check by an image-classification model; `load` is called only when a picture is new.

    `key` is a digest of all that decides the model's probabilities besides the pixels, and
    `columns` are the labels that make a picture unsafe. No picture is looked at twice.
    """
    look = memoised_embedder(store, key, lambda: load().probabilities, progress, "judging")

    def check(pictures: Sequence[Picture]) -> list[float | None]:
        return rounded(look(pictures)[:, list(columns)].sum(axis=1)) if pictures else []

    return check


def clip_check(embed: Embed, phrases: Callable[[], Vectors], scale: float) -> Check:
    """A Check that compares pictures with PHRASES, both embedded by one CLIP.

    `phrases` gives the vectors of PHRASES; `scale` is what the CLIP multiplies cosines with.
    """

    def check(pictures: Sequence[Picture]) -> list[float | None]:
        return rounded(zero_shot(embed(pictures), phrases(), scale)) if pictures else []

    return check


def zero_shot(pictures: Vectors, phrases: Vectors, scale: float) -> Vectors:
    """The share of the unsafe phrases in a softmax over PHRASES (arXiv 2103.00020, section 3.1).

    `pictures` has shape (n, d) and `phrases` (len(PHRASES), d), all of length 1; the result (n,).
    """
    logits = scale * (pictures @ phrases.T).astype(np.float64)
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = weights[:, : len(UNSAFE_PHRASES)].sum(axis=1) / weights.sum(axis=1)
    return np.asarray(shares, np.float32)


def rounded(shares: Vectors) -> list[float | None]:
    """Shares of shape (n,) as they stand in the record: rounded, within 0 and 1."""
    return [min(1.0, max(0.0, round(float(share), DIGITS))) for share in shares]


def unsafe_rows(scores: Sequence[float | None], safety: Safety) -> dict[int, str]:
    """Row -> why its picture counts as unsafe, in a sentence."""
    return {
        row: f"it looks unsafe: {score:g}, and from {safety.threshold:g} on it counts"
        for row, score in enumerate(scores)
        if score is not None and score >= safety.threshold
    }


def to_redraw(scores: Sequence[float | None], safety: Safety) -> dict[int, str]:
    """Row -> why it is painted again; empty where `safety.action` is another one."""
    return unsafe_rows(scores, safety) if safety.action == "redraw" else {}


def refuse_unsafe(tokens: Sequence[Token], collection: Collection) -> None:
    """Raise CurateError if one of `tokens` is unsafe and `safety.action` is not to flag it."""
    safety = collection.safety
    rows = unsafe_rows([token.unsafe for token in tokens], safety)
    if not rows or safety.action == "flag":
        return
    reasons = {tokens[row].token_id: reason for row, reason in rows.items()}
    attempts = collection.dedup.attempts + 1 if safety.action == "redraw" else 1
    numbers = ", ".join(f"#{token_id}" for token_id in sorted(reasons)[:10])
    often = f" after {attempts} attempts" if attempts > 1 else ""
    one = len(reasons) == 1
    raise CurateError(
        f"{len(reasons)} {'picture looks' if one else 'pictures look'} unsafe{often}: {numbers} "
        f"(#{min(reasons)}: {reasons[min(reasons)]})",
        hint="look at them in the report; then change the prompt, raise safety.threshold, keep one "
        "with mint keep, or all of them, blurred, with safety.action: flag",
    )


def is_flagged(token: Token, collection: Collection) -> bool:
    """Whether the token's picture counts as unsafe; where nobody looked it does not."""
    return token.unsafe is not None and token.unsafe >= collection.safety.threshold

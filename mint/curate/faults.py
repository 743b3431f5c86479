"""Pictures that are not as they should be -> an error, where collection.yaml says to stop."""

from __future__ import annotations

from collections.abc import Sequence

from mint.curate.curate import Curated
from mint.curate.decisions import Decisions
from mint.curate.relabel import UNSURE, obstacle
from mint.curate.safety import refuse_unsafe
from mint.curate.truth import contradictions
from mint.errors import CurateError
from mint.spec.collection import Collection
from mint.spec.drawings import drawings


def refuse_faults(
    collection: Collection, curated: Curated, decisions: Decisions | None = None
) -> None:
    """Raise CurateError where pictures are not as they should be and the file says to stop.

    What the artist decided to keep is as it should be.
    """
    dedup, truth = collection.dedup, collection.truth
    attempts = f"after {dedup.attempts + 1} attempts"
    more = "" if dedup.threshold == "auto" else " or dedup.threshold"
    if curated.unresolved and dedup.exhausted == "stop":
        raise CurateError(
            f"{_tokens(curated.unresolved)}: the picture still looks like another one {attempts}",
            hint="add trait values, add image.variations, raise dedup.attempts"
            f"{more}, or accept them with dedup.exhausted: keep",
        )
    open_tokens = [
        token
        for token in curated.tokens
        if decisions is None or decisions.chosen(token.token_id) is None
    ]
    refuse_unsafe(open_tokens, collection)
    if curated.untrue and truth.exhausted != "keep":
        first = next(t for t in curated.tokens if t.token_id == curated.untrue[0])
        sentences = "; ".join(contradictions(first.traits, first.judgements))
        raise CurateError(
            f"{_tokens(curated.untrue)}: the picture does not show what the metadata says; "
            f"#{first.token_id}: {sentences}{_why_not_relabelled(collection, curated)}",
            hint="look at them in the report; then say it in words that the model knows, let the "
            "values come less often, or accept them, listed, with truth.exhausted: keep"
            f"{_drawing_advice(collection)}",
        )


def _why_not_relabelled(collection: Collection, curated: Curated) -> str:
    if collection.truth.exhausted != "relabel":
        return ""
    tokens = {token.token_id: token for token in curated.tokens}
    why = obstacle(collection, tokens, curated.untrue) or UNSURE
    return f"; the metadata cannot say what is there instead: {why}"


def _drawing_advice(collection: Collection) -> str:
    """What pictures that begin with a drawing need; its colours stay where little of it goes."""
    for _, init in drawings(collection):
        return (
            f"; where pictures begin with a drawing ({init.file}), its colours win over those of "
            f"the words: raise init: {{strength: {init.strength:g}}}"
        )
    return ""


def _tokens(token_ids: Sequence[int]) -> str:
    few = ", ".join(f"#{token_id}" for token_id in token_ids[:10])
    more = f" and {len(token_ids) - 10} more" if len(token_ids) > 10 else ""
    return f"{len(token_ids)} {'token' if len(token_ids) == 1 else 'tokens'} ({few}{more})"

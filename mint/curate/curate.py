"""Candidates -> Tokens: paint, embed, compare; keep, or draw again with the next attempt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mint.curate.memo import Embed
from mint.curate.near_duplicates import AUTO_THRESHOLD, Shelf, duplicates
from mint.curate.token import Token, keep
from mint.document import Document
from mint.paint.picture import Paint
from mint.plan.recipe import Candidate
from mint.plan.tokens import Slot
from mint.spec.painting import Dedup


class Curated(Document):
    """What curation decided: the kept tokens in order, and the ids that stayed duplicates."""

    tokens: tuple[Token, ...]
    unresolved: tuple[int, ...] = ()


def curate(
    slots: Sequence[Slot],
    propose: Callable[[Slot, int], Candidate],
    paint: Paint,
    embed: Embed,
    settings: Dedup,
) -> Curated:
    """Paint every slot until no two pictures are one, at most `settings.attempts` times more.

    Within a round the lower token_id is kept; a later round is compared with all that is kept.
    So the result depends on the collection and its seed alone, not on batches or interruptions.
    """
    threshold = AUTO_THRESHOLD if settings.threshold == "auto" else settings.threshold
    kept: dict[int, Token] = {}
    pending = list(slots)
    shelf = Shelf.empty()
    for attempt in range(settings.attempts + 1):
        candidates = [propose(slot, attempt) for slot in pending]
        pictures = paint(candidates)
        shown = [pictures[candidate.token_id] for candidate in candidates]
        vectors = embed(shown)
        doubles = duplicates(shelf, shown, vectors, threshold)
        last = attempt == settings.attempts
        fresh = [i for i in range(len(pending)) if i not in doubles or last]
        kept |= {pending[i].token_id: keep(candidates[i], shown[i]) for i in fresh}
        shelf = shelf.add([shown[i].pixels for i in fresh], vectors[fresh])
        unresolved = [pending[i].token_id for i in sorted(doubles)]
        pending = [pending[i] for i in sorted(doubles)]
        if not pending or last:
            break
    return Curated(
        tokens=tuple(kept[token_id] for token_id in sorted(kept)), unresolved=tuple(unresolved)
    )

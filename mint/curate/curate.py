"""Candidates -> Tokens: paint, embed, compare; keep, or paint again with the next attempt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mint.curate.memo import Embed
from mint.curate.near_duplicates import AUTO_THRESHOLD, Gallery, near_duplicates
from mint.curate.safety import Check, no_check, refuse_unsafe, to_redraw
from mint.curate.token import Token, keep
from mint.document import Document
from mint.paint.picture import Paint
from mint.plan.recipe import Candidate, Slot
from mint.spec.painting import Dedup
from mint.spec.safety import Safety
from mint.stages import Progress


class Curated(Document):
    """What curation decided: the tokens in order, and the ids that stayed duplicates."""

    tokens: tuple[Token, ...]
    unresolved: tuple[int, ...] = ()


def curate(
    slots: Sequence[Slot],
    propose: Callable[[Slot, int], Candidate],
    paint: Paint,
    embed: Embed,
    settings: Dedup,
    progress: Progress = lambda step, done, total: None,
    check: Check = no_check,
    safety: Safety = Safety(),  # noqa: B008  # a frozen record
) -> Curated:
    """Paint every slot until no two pictures look alike, at most `settings.attempts` times more.

    Two look alike from the cosine `settings.threshold` on (`dedup.threshold` in collection.yaml;
    `auto` is AUTO_THRESHOLD). Within a round the lower token_id wins; a later round is compared
    with all that is accepted. A picture that `check` finds unsafe is treated as `safety` says. So
    the result depends on the collection and its seed alone, not on batches or interruptions.
    Raises CurateError where a picture stays unsafe and that is not allowed.
    """
    threshold = AUTO_THRESHOLD if settings.threshold == "auto" else settings.threshold
    tokens: dict[int, Token] = {}
    gallery, pending, unresolved = Gallery.empty(), list(slots), list[int]()
    unsafe = dict[int, str]()
    for attempt in range(settings.attempts + 1):
        candidates = [propose(slot, attempt) for slot in pending]
        painted = paint(candidates)
        pictures = [painted[candidate.token_id] for candidate in candidates]
        progress("comparing", 0, len(pictures))
        vectors = embed(pictures)
        rejected = near_duplicates(gallery, pictures, vectors, threshold)
        progress("comparing", len(pictures), len(pictures))
        unresolved = [candidates[row].token_id for row in sorted(rejected)]
        scores = check(pictures)
        reasons = to_redraw(scores, safety)
        unsafe = {candidates[row].token_id: reason for row, reason in reasons.items()}
        if safety.action == "stop":
            refuse_unsafe(unsafe, attempts=1)
        rejected |= reasons.keys()
        if attempt == settings.attempts:  # the last one is accepted, whatever is wrong
            rejected = set()
        accepted = [row for row in range(len(pending)) if row not in rejected]
        tokens |= {
            candidates[r].token_id: keep(candidates[r], pictures[r], unsafe=scores[r])
            for r in accepted
        }
        gallery = gallery.with_pictures([pictures[r] for r in accepted], vectors[accepted])
        pending = [pending[row] for row in sorted(rejected)]
        if not pending:
            break
    refuse_unsafe(unsafe, attempts=settings.attempts + 1)
    return Curated(tokens=tuple(tokens[i] for i in sorted(tokens)), unresolved=tuple(unresolved))

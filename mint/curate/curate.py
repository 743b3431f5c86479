"""Candidates -> Tokens: paint, embed, compare; keep, or paint again with the next attempt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mint.curate.duplicates import Duplicates, describe_duplicates
from mint.curate.memo import Embed, Perceive
from mint.curate.near_duplicates import Gallery, compare_by, near_duplicates
from mint.curate.token import Token, keep
from mint.document import Document
from mint.paint.picture import Paint
from mint.plan.recipe import Candidate, Slot
from mint.spec.painting import Dedup
from mint.stages import Progress


class Curated(Document):
    """What curation decided: the tokens in order, and the ids that stayed duplicates."""

    tokens: tuple[Token, ...]
    unresolved: tuple[int, ...] = ()
    duplicates: Duplicates | None = None


def curate(
    slots: Sequence[Slot],
    propose: Callable[[Slot, int], Candidate],
    paint: Paint,
    embed: Embed,
    perceive: Perceive,
    settings: Dedup,
    progress: Progress = lambda step, done, total: None,
    against: Gallery | None = None,
) -> Curated:
    """Paint every slot until no two pictures look alike, at most `settings.attempts` times more.

    The first attempts of all tokens say when two do (mint.curate.near_duplicates). Within a round
    the lower token_id wins; a later round is compared with all that is accepted, and every one
    with `against`. So the result depends on the collection and its seed alone, not on batches or
    interruptions.
    """
    tokens: dict[int, Token] = {}
    gallery, pending, unresolved = against or Gallery.empty(), list(slots), list[int]()
    for attempt in range(settings.attempts + 1):
        candidates = [propose(slot, attempt) for slot in pending]
        painted = paint(candidates)
        pictures = [painted[candidate.token_id] for candidate in candidates]
        progress("comparing", 0, len(pictures))
        arrivals = Gallery.of(pending, pictures, embed(pictures), perceive(pictures))
        if attempt == 0:
            comparison = compare_by(arrivals, settings)
        rejected = set(near_duplicates(gallery, arrivals, comparison))
        progress("comparing", len(pictures), len(pictures))
        unresolved = [candidates[row].token_id for row in sorted(rejected)]
        if attempt == settings.attempts:  # the last one is accepted, alike or not
            rejected = set()
        accepted = [row for row in range(len(pending)) if row not in rejected]
        tokens |= {candidates[r].token_id: keep(candidates[r], pictures[r]) for r in accepted}
        gallery = gallery.followed_by(arrivals.rows(accepted))
        pending = [pending[row] for row in sorted(rejected)]
        if not pending:
            break
    duplicates, nearest = describe_duplicates(gallery, comparison, tokens)
    return Curated(
        tokens=tuple(
            tokens[i].model_copy(update={"nearest": nearest.get(i)}) for i in sorted(tokens)
        ),
        unresolved=tuple(unresolved),
        duplicates=duplicates,
    )

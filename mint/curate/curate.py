"""Candidates -> Tokens: paint, embed, compare; keep, or paint again with the next attempt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mint.curate.decisions import Decisions
from mint.curate.events import Hear, Opinion, unheard
from mint.curate.memo import Embed
from mint.curate.near_duplicates import AUTO_THRESHOLD, Gallery, near_duplicates
from mint.curate.token import Token, keep
from mint.document import Document
from mint.paint.picture import Paint
from mint.plan.recipe import Candidate, Slot
from mint.spec.painting import Dedup
from mint.stages import Progress

NONE = Decisions()
ALIKE = "it looks like another token's picture"


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
    decisions: Decisions = NONE,
    hear: Hear = unheard,
) -> Curated:
    """Paint every slot until no two pictures look alike, at most `settings.attempts` times more.

    What the artist chose is accepted first and unseen; a token whose pictures the artist turned
    down begins behind them. `hear` hears what became of each picture.

    Two look alike from the cosine `settings.threshold` on (`dedup.threshold` in collection.yaml;
    `auto` is AUTO_THRESHOLD). Within a round the lower token_id wins; a later round is compared
    with all that is accepted. So the result depends on the collection and its seed alone, not on
    batches or interruptions.
    """
    threshold = AUTO_THRESHOLD if settings.threshold == "auto" else settings.threshold
    tokens: dict[int, Token] = {}
    gallery, pending, unresolved = Gallery.empty(), list(slots), list[int]()
    for rounds in range(settings.attempts + 1):
        candidates = [propose(slot, _attempt(decisions, slot, rounds)) for slot in pending]
        painted = paint(candidates)
        pictures = [painted[candidate.token_id] for candidate in candidates]
        progress("comparing", 0, len(pictures))
        vectors = embed(pictures)
        chosen, open_rows = _split(decisions, candidates)
        gallery = gallery.with_pictures([pictures[r] for r in chosen], vectors[chosen])
        others = [pictures[r] for r in open_rows]
        alike = near_duplicates(gallery, others, vectors[open_rows], threshold)
        rejected = alike = {open_rows[row] for row in alike}
        progress("comparing", len(pictures), len(pictures))
        unresolved = [candidates[row].token_id for row in sorted(rejected)]
        if rounds == settings.attempts:  # the last one is accepted, alike or not
            rejected = set()
        accepted = [row for row in open_rows if row not in rejected]
        tokens |= {candidates[r].token_id: keep(candidates[r], pictures[r]) for r in chosen}
        tokens |= {candidates[r].token_id: keep(candidates[r], pictures[r]) for r in accepted}
        gallery = gallery.with_pictures([pictures[r] for r in accepted], vectors[accepted])
        for row, candidate in enumerate(candidates):
            opinion = Opinion(row not in rejected, (ALIKE,) if row in alike else ())
            hear(candidate, pictures[row], opinion)
        pending = [pending[row] for row in sorted(rejected)]
        if not pending:
            break
    return Curated(tokens=tuple(tokens[i] for i in sorted(tokens)), unresolved=tuple(unresolved))


def _attempt(decisions: Decisions, slot: Slot, rounds: int) -> int:
    """Which attempt a token has in a round; one that the artist chose has no second round."""
    chosen = decisions.chosen(slot.token_id)
    return decisions.first_attempt(slot.token_id) + rounds if chosen is None else chosen


def _split(decisions: Decisions, candidates: Sequence[Candidate]) -> tuple[list[int], list[int]]:
    """The rows that the artist chose, and the others."""
    chosen = [row for row, c in enumerate(candidates) if decisions.chosen(c.token_id) is not None]
    return chosen, [row for row in range(len(candidates)) if row not in set(chosen)]

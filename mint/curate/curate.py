"""Candidates -> Tokens: paint, look, compare; keep, or paint again with the next attempt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mint.curate.decisions import Decisions
from mint.curate.duplicates import Duplicates, describe_duplicates
from mint.curate.events import Hear, Opinion, unheard
from mint.curate.memo import Embed, Perceive
from mint.curate.near_duplicates import Comparison, Gallery, compare_by, near_duplicates
from mint.curate.second_sign import SecondModel, no_vectors
from mint.curate.token import Token
from mint.curate.trial import Inspect, Look, Trial, best, to_token
from mint.curate.truth import Judging
from mint.document import Document
from mint.paint.picture import Paint, Picture
from mint.plan.recipe import Candidate, Slot
from mint.spec.painting import Dedup
from mint.stages import Progress

NONE = Decisions()
# Tokens by token_id, and which are untrue -> the same, or with traits that their pictures show.
Relabel = Callable[[Mapping[int, Token], Sequence[int]], Mapping[int, Token]]


class Curated(Document):
    """What curation decided: the tokens in order, and the ids of those that are not as they should.

    `unresolved` look like others after every attempt, `untrue` show something else than a trait
    promises. `judging` is who looked.
    """

    tokens: tuple[Token, ...]
    unresolved: tuple[int, ...] = ()
    untrue: tuple[int, ...] = ()
    judging: tuple[Judging, ...] = ()
    duplicates: Duplicates | None = None


def blind(candidates: Sequence[Candidate], pictures: Sequence[Picture]) -> Sequence[Look]:
    """Where nobody judges."""
    return [Look()] * len(pictures)


def as_promised(tokens: Mapping[int, Token], untrue: Sequence[int]) -> Mapping[int, Token]:
    """Where no token gets other traits than it was promised."""
    return tokens


def curate(
    slots: Sequence[Slot],
    propose: Callable[[Slot, int], Candidate],
    paint: Paint,
    embed: Embed,
    perceive: Perceive,
    settings: Dedup,
    progress: Progress = lambda step, done, total: None,
    against: Gallery | None = None,
    inspect: Inspect = blind,
    decisions: Decisions = NONE,
    hear: Hear = unheard,
    relabel: Relabel = as_promised,
    second: SecondModel | None = None,
) -> Curated:
    """Paint every slot until nothing speaks against a picture, at most `settings.attempts` more.

    What speaks against a picture is what `inspect` says of it, and that it looks like another one;
    the first attempts of all tokens say when two do (mint.curate.near_duplicates). Within a round
    the lower token_id wins; a later round is compared with all that is accepted, and every one with
    `against`. So the result depends on the collection and its seed alone, not on batches or
    interruptions. What the artist chose is accepted whatever speaks against it; a token whose
    pictures the artist turned down begins behind them. Where the last attempt fails, too, the best
    of all is kept, unless `relabel` gives the untrue ones other traits. `hear` hears what became
    of each picture. With `second`, that model says what light and shade say otherwise.
    """
    trials: dict[int, list[Trial]] = {slot.token_id: [] for slot in slots}
    accepted: dict[int, Trial] = {}
    rejected: dict[tuple[int, int], Gallery] = {}  # by token_id and attempt
    gallery, pending = against or Gallery.empty(), list(slots)
    weights, embed_again = second or (None, no_vectors)
    for rounds in range(settings.attempts + 1):
        candidates = [propose(slot, _attempt(decisions, slot, rounds)) for slot in pending]
        paintings = paint(candidates)
        pictures = [paintings[candidate.token_id] for candidate in candidates]
        looks = inspect(candidates, pictures)
        progress("comparing", 0, len(pictures))
        signs = embed(pictures), perceive(pictures), embed_again(pictures)
        arrivals = Gallery.of(pending, pictures, *signs)
        if rounds == 0:
            comparison = compare_by(arrivals, settings, weights)
        choices = [r for r, c in enumerate(candidates) if decisions.chosen(c.token_id) is not None]
        gallery, alike = _compare(gallery, arrivals, comparison, looks, choices)
        progress("comparing", len(pictures), len(pictures))
        for row, candidate in enumerate(candidates):
            twin = (alike[row],) if row in alike else ()
            trial = Trial(candidate, pictures[row], looks[row], twin)
            trials[candidate.token_id].append(trial)
            if row in choices or not trial.reasons:
                accepted[candidate.token_id] = trial
            else:
                rejected[candidate.token_id, candidate.attempt] = arrivals.rows([row])
            accepts = candidate.token_id in accepted
            opinion = Opinion(accepts, trial.reasons, trial.look.judgements)
            hear(candidate, trial.picture, opinion)
        pending = [slot for slot in pending if slot.token_id not in accepted]
        if not pending:
            break
    final = {i: accepted.get(i) or best(trials[i]) for i in sorted(trials)}
    unaccepted = sorted(final.keys() - accepted.keys())
    for i in unaccepted:  # the last that was heard of it may be another attempt
        trial = final[i]
        hear(trial.candidate, trial.picture, Opinion(False, trial.reasons, trial.look.judgements))
    remainder = Gallery.empty().followed_by(
        *(rejected[i, final[i].candidate.attempt] for i in unaccepted)
    )
    # Nothing was compared with a picture that was to be painted again anyway.
    twins = {unaccepted[row] for row in near_duplicates(gallery, remainder, comparison)}
    twins |= {i for i in unaccepted if final[i].alike}
    gallery = gallery.followed_by(remainder)
    untrue = [i for i in final if final[i].is_untrue and decisions.chosen(i) is None]
    tokens = relabel({i: to_token(final[i], trials[i]) for i in final}, untrue)
    duplicates, nearest = describe_duplicates(gallery, comparison, tokens)
    return Curated(
        tokens=tuple(t.model_copy(update={"nearest": nearest.get(i)}) for i, t in tokens.items()),
        unresolved=tuple(i for i in tokens if i in twins),
        untrue=tuple(i for i in untrue if not tokens[i].relabelled),
        duplicates=duplicates,
    )


def _compare(
    gallery: Gallery,
    arrivals: Gallery,
    comparison: Comparison,
    looks: Sequence[Look],
    choices: Sequence[int],
) -> tuple[Gallery, dict[int, str]]:
    """The gallery with the accepted rows of `arrivals`, and why others look like another picture.

    Rows in `choices` are the artist's, and come first. What is painted again anyway is no reason to
    paint another picture again.
    """
    gallery = gallery.followed_by(arrivals.rows(choices))
    done = set(choices)
    rows = [row for row, look in enumerate(looks) if not look.reasons and row not in done]
    reasons = near_duplicates(gallery, arrivals.rows(rows), comparison)
    alike = {rows[i]: why for i, why in reasons.items()}
    accepted = [row for row in rows if row not in alike]
    return gallery.followed_by(arrivals.rows(accepted)), alike


def _attempt(decisions: Decisions, slot: Slot, rounds: int) -> int:
    """Which attempt a token has in a round; one that the artist chose has no second round."""
    choice = decisions.chosen(slot.token_id)
    return decisions.first_attempt(slot.token_id) + rounds if choice is None else choice

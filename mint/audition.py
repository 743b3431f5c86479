"""A few tokens painted at the real settings and judged, before anybody plans a thousand.

`mint check --try`: what is painted is in the store, and the next build paints it not again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from mint.curate.drawings import prepared
from mint.curate.inspection import Inspection
from mint.curate.judges import JUDGES
from mint.curate.question import questions
from mint.curate.safety import no_check
from mint.curate.studio import OpenEmbedder, OpenRenderer, Studio
from mint.curate.trial import Look
from mint.models.embedder import clip_embedder
from mint.models.find import find_models, judge_names
from mint.paint.picture import memoised_painter
from mint.paint.render import open_renderer
from mint.plan.recipe import Slot
from mint.plan.tokens import plan
from mint.record.folders import folders_of
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.load import load
from mint.stages import Progress, underway
from mint.store import Store, lock

WORST = 10  # values that are named


def audition(
    file: Path,
    number: int,
    progress: Progress,
    open_renderer: OpenRenderer = open_renderer,
    open_embedder: OpenEmbedder = clip_embedder,
) -> Iterator[str]:
    """Paint `number` tokens for each trait, its rarest values first; lines on what is seen.

    Raises MintError.
    """
    collection, source = load(file)
    if not judge_names(collection):
        yield "try         nothing is painted: no judge knows this model's pictures (truth.judge)"
        return
    everything = plan(collection, source)
    slots = rarest(everything, collection, number)
    if not slots:
        yield "try         nothing is painted: all tokens are one-of-ones, which no judge looks at"
        return
    folders = folders_of(file, collection)
    with lock(folders.state):
        store = Store(folders.state)
        with underway(progress, "loading"):
            models = find_models(collection, source, store, "refuse")
        studio = Studio(collection, store, models, open_renderer, open_embedder, progress)
        studio = prepared(studio, everything, source)  # whose batch the build will have
        candidates = [studio.propose(slot, 0) for slot in slots]
        pictures = memoised_painter(store, studio.paint)(candidates)
        queries = questions(collection)
        judges = [JUDGES[name](studio.court(model, queries)) for name, model in models.judges]
        inspect = Inspection(judges, queries, collection, no_check, progress)
        looks = inspect(candidates, [pictures[slot.token_id] for slot in slots])
        yield from report(collection, slots, looks, studio.stopwatch.seconds)


def rarest(slots: Sequence[Slot], collection: Collection, number: int) -> list[Slot]:
    """`number` tokens for each trait, one of each of its values in turn, the rarest first."""
    selection: dict[int, Slot] = {}
    for trait in collection.traits:
        by_value: dict[str, list[Slot]] = defaultdict(list)
        for slot in slots:
            if ONE_OF_ONE not in slot.traits:
                by_value[slot.traits[trait.name]].append(slot)
        piles = sorted(by_value.values(), key=lambda pile: (len(pile), pile[0].token_id))
        in_turn = (pile[i] for i in range(len(slots)) for pile in piles if i < len(pile))
        for _, slot in zip(range(number), in_turn, strict=False):
            selection[slot.token_id] = slot
    return [selection[token_id] for token_id in sorted(selection)]


def report(
    collection: Collection, slots: Sequence[Slot], looks: Sequence[Look], seconds: float | None
) -> Iterator[str]:
    """Which values are seen how often, and what the whole collection would take by that."""
    verdicts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    instead: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for slot, look in zip(slots, looks, strict=True):
        for trait, judgement in look.judgements.items():
            place = trait, slot.traits[trait]
            verdicts[place][judgement.verdict] += 1
            if judgement.verdict == "contradicted":
                instead[place][judgement.value] += 1
    untrue = [
        any(judgement.verdict == "contradicted" for judgement in look.judgements.values())
        for look in looks
    ]
    total = sum((each for each in verdicts.values()), Counter[str]())
    yield (
        f"try         {len(slots)} tokens painted: {total['seen']} of {total.total()} judged "
        f"traits are seen, {sum(untrue)} tokens show something else"
    )
    doubtful = sorted(
        (place for place in verdicts if instead[place]),
        key=lambda place: (verdicts[place]["seen"] / verdicts[place].total(), place),
    )
    for trait, value in doubtful[:WORST]:
        counts = verdicts[trait, value]
        (other, _), *_ = instead[trait, value].most_common(1)
        yield (
            f"not seen    {trait}: {value} in {counts['contradicted']} of {counts.total()}; "
            f"the model paints {other}"
        )
    if len(doubtful) > WORST:
        yield f"            and {len(doubtful) - WORST} values more"
    unjudged = [
        f"{trait.name}: {value.name}"
        for trait in collection.traits
        for value in trait.values
        if (trait.name, value.name) not in verdicts
        and any(slot.traits.get(trait.name) == value.name for slot in slots)
    ]
    if unjudged:
        more = ", ..." if len(unjudged) > WORST else ""
        yield f"not judged  {', '.join(unjudged[:WORST])}{more}: no judge knows it"
    # Only what another picture may show is painted again.
    again = sum(bool(look.reasons) for look in looks)
    never = sum(untrue) - again
    yield from _forecast(collection, again / len(looks), never / len(looks), seconds)


def _forecast(
    collection: Collection, again: float, never: float, seconds: float | None
) -> Iterator[str]:
    """Redraws of the whole collection if each attempt fails as often as these did.

    `again` is the share of pictures that are painted again, `never` of those that no attempt helps.
    """
    supply, attempts = collection.supply, collection.dedup.attempts
    redraws = supply * sum(again**attempt for attempt in range(1, attempts + 1))
    left = supply * (never + again ** (attempts + 1))
    time = "" if seconds is None else f", {_duration((supply + redraws) * seconds)} in all"
    yield f"redraws     about {redraws:,.0f} for {supply:,} tokens{time}"
    if left >= 0.5:
        yield (
            f"warning: about {left:,.0f} of {supply:,} tokens would not show what their metadata "
            f"says after {attempts + 1} attempts; say it in words that the model knows"
        )


def _duration(seconds: float) -> str:
    if seconds < 5400:
        return f"about {max(1, round(seconds / 60))} min"
    return f"{seconds / 3600:.1f} hours"

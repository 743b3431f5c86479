"""The stage `render`: slots -> tokens, painted, compared, and painted again where they repeat."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import count

from mint.curate.against import open_against
from mint.curate.checker import safety_check
from mint.curate.curate import Curated, curate
from mint.curate.decisions_file import DecisionsFile
from mint.curate.edits import recall_masks, refuse_broken, with_edits
from mint.curate.inspection import Inspection
from mint.curate.judges import JUDGES
from mint.curate.memo import memoised_hash
from mint.curate.question import questions
from mint.curate.relabel import relabel
from mint.curate.ruling import rule_on
from mint.curate.second_sign import no_vectors
from mint.curate.studio import Studio
from mint.models.checkpoint import taught_words
from mint.paint.picture import memoised_painter
from mint.paint.prompt_length import refuse_long_prompts, word_counter
from mint.plan.recipe import Slot
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source


def paint_tokens(
    collection: Collection,
    source: Source,
    slots: Sequence[Slot],
    studio: Studio,
    wishes: DecisionsFile,
) -> Curated:
    """Paint and curate all slots, as the artist decided in `wishes`.

    Raises RenderError, or CollectionError where the model would not read a prompt to its end.
    """
    painter = studio.models.painter
    if counter := word_counter(painter.path, taught_words(painter.files)):
        refuse_long_prompts(collection, source, slots, counter)
    recall = memoised_painter(studio.store, studio.paint)
    propose = with_edits(collection, wishes.decisions, studio.propose, slots)
    recall_masks(studio.store, wishes, studio.settings.size)
    ruling = rule_on(wishes, slots, propose, recall, studio.warn)
    refuse_broken(collection, ruling.decisions, slots, propose)
    rounds = count()
    paint = memoised_painter(
        studio.store,
        studio.paint,
        lambda candidates, pictures: studio.foretell(next(rounds), candidates, pictures),
        studio.receive,
    )
    inspect = inspection(collection, studio)
    perceive = memoised_hash(studio.store, studio.progress)
    second = studio.second
    embeds = studio.embed, perceive, second.embed if second else no_vectors
    against = open_against(collection, source, studio.store, *embeds, studio.progress)
    curated = curate(
        slots,
        propose,
        paint,
        studio.embed,
        perceive,
        collection.dedup,
        studio.progress,
        against,
        inspect,
        ruling.decisions,
        studio.hear,
        partial(relabel, collection, inspect.judge),
        second,
    )
    tokens = tuple(ruling.with_refusals(token) for token in curated.tokens)
    return curated.model_copy(update={"tokens": tokens, "judging": inspect.record})


def inspection(collection: Collection, studio: Studio) -> Inspection:
    """What looks at each picture by itself: the collection's judges, and its safety check."""
    queries = questions(collection)
    judges = [JUDGES[name](studio.court(model, queries)) for name, model in studio.models.judges]
    looks = studio.models.embedder, studio.models.classifier, studio.runtime, studio.store
    check = safety_check(collection, *looks, studio.embed, studio.progress)
    return Inspection(judges, queries, collection, check, studio.progress)

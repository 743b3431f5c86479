"""The stage `render`: slots -> tokens, painted, compared, and painted again where they repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mint.curate.curate import Curated, curate
from mint.curate.memo import Embed, embedder
from mint.document import sha256
from mint.errors import CurateError
from mint.models.embedder import Embedder
from mint.models.find import Models
from mint.paint.batches import Painted, pack, paint_here
from mint.paint.picture import painter
from mint.paint.prompt_length import refuse_long_prompts, word_counter
from mint.paint.render import Renderer
from mint.plan.recipe import Candidate, Diffusion, Runtime, candidate, diffusion
from mint.plan.tokens import Slot
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source
from mint.store import Store

# A model's folder, how to paint and on what -> what paints; see mint.paint.render.
OpenRenderer = Callable[[Path, Diffusion, Runtime], Renderer]
# A model's folder and a number of threads -> what embeds; see mint.models.embedder.
OpenEmbedder = Callable[[Path, int], Embedder]


def paint_tokens(
    collection: Collection,
    source: Source,
    slots: Sequence[Slot],
    store: Store,
    models: Models,
    *,
    open_renderer: OpenRenderer,
    open_embedder: OpenEmbedder,
    progress: Callable[[int], None] = lambda done: None,
) -> Curated:
    """Paint and curate all slots; `progress` hears how many pictures of this run are painted.

    Raises RenderError, CollectionError where the model would not read a prompt to its end, or
    CurateError when tokens stay duplicates.
    """
    if counter := word_counter(models.painter.path):
        refuse_long_prompts(collection, source, slots, counter)
    settings, here = diffusion(collection), models.painters.current
    runtimes = [each.digest for each in models.painters.known]

    def execute(candidates: Sequence[Candidate]) -> Iterator[Painted]:
        render = open_renderer(models.painter.path, settings, here)
        batches = pack(candidates, collection.image.batch)
        for done, painted in enumerate(paint_here(batches, render), start=1):
            yield painted
            progress(done)

    def propose(slot: Slot, attempt: int) -> Candidate:
        proposals = [candidate(collection, slot, attempt, each, settings) for each in runtimes]
        if len(proposals) == 1:
            return proposals[0]
        painted = (p for p in proposals if store.recall("render", p.recipe.digest))
        return next(painted, proposals[-1])

    embed = _embed(models, store, open_embedder)
    curated = curate(slots, propose, painter(store, execute), embed, collection.dedup)
    _refuse_unresolved(collection, curated)
    return curated


def _embed(models: Models, store: Store, open_embedder: OpenEmbedder) -> Embed:
    model, here = models.embedder, models.painters.current
    key = sha256(f"{model.digest}/{here.threads}/{here.libraries['torch']}".encode())
    return embedder(store, key, lambda: open_embedder(model.path, here.threads))


def _refuse_unresolved(collection: Collection, curated: Curated) -> None:
    if curated.unresolved and collection.dedup.exhausted == "stop":
        ids = ", ".join(f"#{token_id}" for token_id in curated.unresolved[:10])
        raise CurateError(
            f"{len(curated.unresolved)} tokens still look like others after "
            f"{collection.dedup.attempts + 1} attempts: {ids}",
            hint="add trait values, raise dedup.attempts or dedup.threshold, or accept them with "
            "dedup.exhausted: keep",
        )

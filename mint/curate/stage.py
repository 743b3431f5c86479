"""The painting stage put together: model, runtime, executor, curator, upscaler -> Tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from mint.curate.curate import Curated, curate
from mint.curate.memo import Embed, embedder
from mint.document import sha256
from mint.errors import CurateError
from mint.models.embedder import EMBEDDERS, Embedder
from mint.models.locate import locate, locate_embedder, locate_upscaler
from mint.models.runtime import runtime
from mint.models.runtimes import OnRuntime, Runtimes, choose_runtime
from mint.models.upscaler import Upscaler, open_upscaler, refuse_large, upscaler_runtime
from mint.models.weights import file_digest, fingerprint
from mint.paint.batches import EXECUTORS, Painted, pack
from mint.paint.enlarge import Upscale, enlarge, loaded
from mint.paint.picture import painter
from mint.paint.prompt_length import refuse_long_prompts, word_counter
from mint.paint.render import RENDERERS
from mint.plan.recipe import Candidate, Runtime, candidate, diffusion
from mint.plan.tokens import Slot
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source
from mint.store import Store


def paint(
    collection: Collection,
    source: Source,
    slots: Sequence[Slot],
    store: Store,
    *,
    on_runtime: OnRuntime = "refuse",
    executor: str = "local",
    tell: Callable[[int], None] = lambda done: None,
    tell_enlarged: Callable[[int], None] = lambda done: None,
) -> tuple[Curated, tuple[Runtime, ...]]:
    """Paint and curate all slots, then enlarge what is kept; also the runtimes that did.

    `tell` hears how many pictures of this run are painted, `tell_enlarged` how many are enlarged.
    Raises RenderError, RuntimeChanged, CollectionError where the model would not read a prompt
    to its end, or CurateError when tokens stay duplicates.
    """
    image = collection.image
    folder = locate(image.model, image.revision, source.path)
    if counter := word_counter(folder):
        refuse_long_prompts(collection, source, slots, counter)
    weights = fingerprint(folder, store)
    runtimes = choose_runtime(
        store, "runtime", image.model, lambda threads: runtime(weights, threads=threads), on_runtime
    )
    upscaling = _upscaling(collection, source, store, on_runtime, runtimes.current.threads)
    settings = diffusion(collection)
    known = [r.digest for r in runtimes.known]
    run = EXECUTORS[executor]

    def execute(candidates: Sequence[Candidate]) -> Iterator[Painted]:
        renderer = RENDERERS["diffusers"](folder, settings, runtimes.current)
        batches = pack(candidates, image.batch)
        for done, painted in enumerate(run(batches, renderer), start=1):
            yield painted
            tell(done)

    def propose(slot: Slot, attempt: int) -> Candidate:
        proposals = [candidate(collection, slot, attempt, key, settings) for key in known]
        if len(proposals) == 1:
            return proposals[0]
        painted = (p for p in proposals if store.recall("render", p.recipe.digest))
        return next(painted, proposals[-1])

    embed = _embedder(collection, source.path, store, runtimes.current)
    curated = curate(slots, propose, painter(store, execute), embed, collection.dedup)
    _refuse_unresolved(collection, curated)
    if upscaling is None:
        return curated, runtimes.known
    upscaler, upscalers = upscaling

    def load() -> Upscale:
        return loaded(upscaler, upscalers.current)

    tokens = enlarge(store, curated.tokens, upscalers.known, load, tell_enlarged)
    return curated.model_copy(update={"tokens": tokens}), (*runtimes.known, *upscalers.known)


def _upscaling(
    collection: Collection, source: Source, store: Store, on_runtime: OnRuntime, threads: int
) -> tuple[Upscaler, Runtimes] | None:
    """What enlarges, if anything; asked before painting, which takes hours, and not after it."""
    name = collection.image.upscale
    if name is None:
        return None
    upscaler = open_upscaler(locate_upscaler(name, source.path))
    refuse_large(collection, source, upscaler.scale)
    weights = file_digest(upscaler.file, store)

    def here(recorded: int | None) -> Runtime:
        return upscaler_runtime(upscaler, weights, threads=recorded or threads)

    return upscaler, choose_runtime(store, "upscaler", name, here, on_runtime)


def _embedder(collection: Collection, file: Path, store: Store, here: Runtime) -> Embed:
    dedup = collection.dedup
    folder = locate_embedder(dedup.embedder, dedup.revision, file)
    key = sha256(f"{fingerprint(folder, store)}/{here.threads}/{here.libraries['torch']}".encode())

    def load() -> Embedder:
        return EMBEDDERS["clip"](folder, here.threads)

    return embedder(store, key, load)


def _refuse_unresolved(collection: Collection, curated: Curated) -> None:
    if curated.unresolved and collection.dedup.exhausted == "stop":
        ids = ", ".join(f"#{token_id}" for token_id in curated.unresolved[:10])
        raise CurateError(
            f"{len(curated.unresolved)} tokens still look like others after "
            f"{collection.dedup.attempts + 1} attempts: {ids}",
            hint="add trait values, raise dedup.attempts or dedup.threshold, or accept them with "
            "dedup.exhausted: keep",
        )

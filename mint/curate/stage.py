"""The stage `render`: slots -> tokens, painted, compared, and painted again where they repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mint.curate.against import open_against
from mint.curate.curate import Curated, curate
from mint.curate.enlarge import enlarging_stopwatch, recalled_enlarged
from mint.curate.memo import memoised_embedder, memoised_hash
from mint.document import sha256
from mint.errors import CurateError
from mint.models.embedder import Embedder
from mint.models.find import Models
from mint.paint.batches import pack, paint_here
from mint.paint.picture import Painted, Pictures, memoised_painter
from mint.paint.prompt_length import refuse_long_prompts, word_counter
from mint.paint.render import Renderer
from mint.paint.stopwatch import Stopwatch
from mint.plan.recipe import Candidate, Diffusion, Runtime, Slot, candidate, diffusion
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source
from mint.stages import Forecast, Progress, underway
from mint.store import Store

# A model's folder, how to paint and on what -> what paints; see mint.paint.render.
OpenRenderer = Callable[[Path, Diffusion, Runtime], Renderer]
# A model's folder and a number of threads -> what embeds; see mint.models.embedder.
OpenEmbedder = Callable[[Path, int], Embedder]


def paint_tokens(
    collection: Collection, source: Source, slots: Sequence[Slot], studio: Studio
) -> Curated:
    """Paint and curate all slots.

    Raises RenderError, CollectionError where the model would not read a prompt to its end, or
    CurateError when tokens stay duplicates.
    """
    if counter := word_counter(studio.models.painter.path):
        refuse_long_prompts(collection, source, slots, counter)
    paint = memoised_painter(studio.store, studio.paint, studio.foretell)
    model, here = studio.models.embedder, studio.runtime
    key = sha256(f"{model.digest}/{here.threads}/{here.libraries['torch']}".encode())
    embed = memoised_embedder(studio.store, key, studio.load_embedder, studio.progress)
    perceive = memoised_hash(studio.store, studio.progress)
    against = open_against(collection, source, studio.store, embed, perceive)
    curated = curate(
        slots, studio.propose, paint, embed, perceive, collection.dedup, studio.progress, against
    )
    _refuse_unresolved(collection, curated)
    return curated


@dataclass(frozen=True)
class Studio:
    """A collection's models and store, and who hears of the work.

    `announce` hears before each round of painting what is in the store already.
    """

    collection: Collection
    store: Store
    models: Models
    open_renderer: OpenRenderer
    open_embedder: OpenEmbedder
    progress: Progress
    announce: Callable[[Forecast], None]

    @cached_property
    def settings(self) -> Diffusion:
        """How every picture is painted."""
        return diffusion(self.collection)

    @property
    def runtime(self) -> Runtime:
        """What paints here and now."""
        return self.models.painters.current

    @cached_property
    def renderer(self) -> Renderer:
        """The painting model in memory."""
        with underway(self.progress, "loading"):
            return self.open_renderer(self.models.painter.path, self.settings, self.runtime)

    @cached_property
    def stopwatch(self) -> Stopwatch:
        """How long a picture takes with these settings on this machine."""
        key = sha256(self.settings.canonical() + self.runtime.canonical())
        return Stopwatch(self.store, "painting", key)

    @cached_property
    def runtimes(self) -> tuple[str, ...]:
        """The digests of all runtimes whose pictures this collection may use."""
        return tuple(runtime.digest for runtime in self.models.painters.known)

    def propose(self, slot: Slot, attempt: int) -> Candidate:
        """A candidate of the runtime that painted it before, else of the one that paints here."""
        proposals = [
            candidate(self.collection, slot, attempt, digest, self.settings, runtime.variations)
            for digest, runtime in zip(self.runtimes, self.models.painters.known, strict=True)
        ]
        if len(proposals) == 1:
            return proposals[0]
        painted = (p for p in proposals if self.store.recall("render", p.recipe.digest))
        return next(painted, proposals[-1])

    def paint(self, candidates: Sequence[Candidate]) -> Iterator[Painted]:
        """Every candidate painted, none looked up."""
        render, total = self.renderer, len(candidates)
        self.progress("painting", 0, total)
        batches = self.stopwatch.timed(
            pack(candidates, self.collection.image.batch),
            lambda batch: len(batch) - batch.count(None),
            lambda done: self.progress("painting", done, total),
        )
        yield from paint_here(batches, render)

    def load_embedder(self) -> Embedder:
        """The comparing model in memory."""
        with underway(self.progress, "loading"):
            return self.open_embedder(self.models.embedder.path, self.runtime.threads)

    def foretell(self, candidates: Sequence[Candidate], pictures: Pictures) -> None:
        """Announce what painting `candidates` takes when `pictures` are in the store already."""
        attempt, to_paint = candidates[0].attempt, len(candidates) - len(pictures)
        forecast = Forecast(attempt, len(pictures), to_paint, paint_seconds=self.stopwatch.seconds)
        upscalers = self.models.upscalers
        if upscalers and attempt == 0:
            enlarged = (
                recalled_enlarged(self.store, p, upscalers.known) for p in pictures.values()
            )
            stopwatch = enlarging_stopwatch(self.store, self.settings, upscalers.current)
            forecast = forecast._replace(
                to_enlarge=len(candidates) - sum(each is not None for each in enlarged),
                enlarge_seconds=stopwatch.seconds,
            )
        self.announce(forecast)


def _refuse_unresolved(collection: Collection, curated: Curated) -> None:
    if curated.unresolved and collection.dedup.exhausted == "stop":
        ids = ", ".join(f"#{token_id}" for token_id in curated.unresolved[:10])
        more = "" if collection.dedup.threshold == "auto" else " or dedup.threshold"
        raise CurateError(
            f"{len(curated.unresolved)} tokens still look like others after "
            f"{collection.dedup.attempts + 1} attempts: {ids}",
            hint="add trait values, add image.variations, raise dedup.attempts"
            f"{more}, or accept them with dedup.exhausted: keep",
        )

"""The models of a collection at work: they paint, compare and read; nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mint.curate.checker import embedding_key
from mint.curate.engine import Engine
from mint.curate.enlarge import enlarging_stopwatch, recalled_enlarged
from mint.curate.events import Hear, Opinion, unheard
from mint.curate.judges import Court, phrases_by_label
from mint.curate.memo import (
    Embed,
    EmbedTexts,
    memoised_embedder,
    memoised_text_embedder,
)
from mint.curate.question import Question
from mint.curate.second_sign import SecondModel
from mint.document import sha256
from mint.models.embedder import (
    Embedder,
    TextEmbedder,
    clip_text_embedder,
)
from mint.models.find import Models
from mint.models.vision import image_embedder
from mint.models.weights import Model
from mint.paint.batches import pack, paint_here
from mint.paint.enlarge import Upscale, load_upscaler
from mint.paint.picture import Painted, Picture, Pictures, recalled
from mint.paint.pixels import Renderer
from mint.paint.sources import Sources, paint_sources, refuse_elsewhere, sources_in
from mint.paint.stopwatch import Stopwatch, painting_stopwatch
from mint.plan.recipe import (
    Candidate,
    Diffusion,
    Painter,
    Recipe,
    Runtime,
    Slot,
    candidate,
    diffusion,
    painter,
)
from mint.spec.collection import Collection
from mint.stages import Forecast, Progress, underway
from mint.store import Store

# A model's folder, how to paint, on what, what recipes begin with -> what paints; see
# mint.paint.render.
OpenRenderer = Callable[[Model, Diffusion, Runtime, Sources], Renderer]
# A model's folder and a number of threads -> what embeds; see mint.models.embedder.
OpenEmbedder = Callable[[Path, int | None], Embedder]
OpenTextEmbedder = Callable[[Path, int | None], TextEmbedder]


@dataclass(frozen=True)
class Studio:
    """A collection's models and store, and who hears of the work.

    `announce` hears before each round of painting what is in the store already, `hear` of each
    picture, and `warn` what the artist should read at the end. `develop` gets each new picture.
    `batch` is how many pictures are painted at once (mint.curate.batch), `opened` the painting
    model where it is in memory already. `engine` paints on other machines in place of this one.
    """

    collection: Collection
    store: Store
    models: Models
    open_renderer: OpenRenderer
    open_embedder: OpenEmbedder
    progress: Progress
    announce: Callable[[Forecast], None] = lambda forecast: None
    hear: Hear = unheard
    warn: Callable[[str], None] = lambda line: None
    open_text_embedder: OpenTextEmbedder = clip_text_embedder
    develop: Callable[[Picture], None] = lambda picture: None
    batch: int = 1
    opened: Renderer | None = None
    engine: Engine | None = None

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
        if self.opened:
            return self.opened
        with underway(self.progress, "loading"):
            sources = sources_in(self.store)
            opener = self.engine.open_renderer if self.engine else self.open_renderer
            return opener(self.models.painter, self.settings, self.runtime, sources)

    @cached_property
    def upscale(self) -> Upscale | None:
        """What enlarges pictures, in memory; None where nothing does."""
        upscaler, upscalers = self.models.upscaler, self.models.upscalers
        if upscaler is None or upscalers is None:
            return None
        if self.engine:
            return self.engine.upscale
        return load_upscaler(upscaler, upscalers.current)

    @cached_property
    def stopwatch(self) -> Stopwatch:
        """How long a picture takes with these settings where they are painted now."""
        painters = self.engine.painters if self.engine else None
        return painting_stopwatch(self.store, self.settings, self.runtime, painters)

    @cached_property
    def painters(self) -> tuple[Painter, ...]:
        """All whose pictures this collection may use; the last one paints here."""
        return tuple(painter(runtime) for runtime in self.models.painters.known)

    def propose(self, slot: Slot, attempt: int) -> Candidate:
        """A candidate of the runtime that painted it before, else of the one that paints here."""
        proposals = [
            candidate(self.collection, slot, attempt, each, self.settings) for each in self.painters
        ]
        if len(proposals) == 1:
            return proposals[0]
        candidates = (p for p in proposals if recalled(self.store, "render", p.recipe.digest))
        if earlier := next(candidates, None):
            return earlier
        if self.engine is None:
            return proposals[-1]
        runtimes = self.models.painters.known
        return proposals[runtimes.index(self.engine.assigned(slot.token_id, runtimes))]

    def paint(self, candidates: Sequence[Candidate]) -> Iterator[Painted]:
        """Every candidate painted, none looked up; raises RenderError where this cannot be."""
        if self.engine is None:
            for each in candidates:
                subject = f"the picture of token {each.token_id} that this one goes on with"
                refuse_elsewhere(each.recipe, self.runtime, subject)
        recipes = [candidate.recipe for candidate in candidates]
        paint_sources(self.store, recipes, self._renderer_of, self.batch)
        total = len(candidates)

        def count(done: int) -> None:
            self.progress("painting", done, total)

        if self.engine:
            count(0)
            paintings = self.engine.paint(candidates, self.batch, self.models.painters.known)
            yield from self.stopwatch.timed(paintings, lambda each: 1, count)
            return
        render = self.renderer
        count(0)
        batches = self.stopwatch.timed(
            pack(candidates, self.batch), lambda batch: len(batch) - batch.count(None), count, len
        )
        yield from paint_here(batches, render, self.store)

    def _renderer_of(self, recipe: Recipe) -> Renderer:
        """What paints the picture that another one begins with."""
        runtimes = {each.digest: each for each in self.models.painters.known}
        if self.engine is None or recipe.runtime not in runtimes:
            refuse_elsewhere(recipe, self.runtime, "the picture that another one goes on with")
            return self.renderer
        where = runtimes[recipe.runtime], sources_in(self.store)
        return self.engine.open_renderer(self.models.painter, self.settings, *where)

    def receive(self, candidate: Candidate, picture: Picture) -> None:
        """Hand on a new picture to whoever waits for it."""
        self.hear(candidate, picture, Opinion())
        self.develop(picture)

    def court(self, model: Model, queries: tuple[Question, ...]) -> Court:
        """What a judge with this model may use."""
        phrases = phrases_by_label(self.models.painter.path)
        rest = self.embed, self.embed_texts, self.runtime, self.store, self.progress
        return Court(model, queries, phrases, *rest)

    @cached_property
    def embedding(self) -> str:
        """A digest of all that decides a vector besides what is embedded."""
        return embedding_key(self.models.embedder, self.runtime)

    @cached_property
    def embed(self) -> Embed:
        """Pictures as vectors; none is embedded twice."""
        return memoised_embedder(self.store, self.embedding, self.load_embedder, self.progress)

    @cached_property
    def second(self) -> SecondModel | None:
        """The model that must agree with the comparing one; no picture is embedded twice."""
        model, here = self.models.second, self.runtime
        if model is None:
            return None
        libraries = "/".join(map(here.version, ("torch", "transformers")))
        key = sha256(f"second/{model.digest}/{here.threads}/{libraries}".encode())

        def load() -> Embedder:
            with underway(self.progress, "loading"):
                return image_embedder(model.path, here.threads)

        embed = memoised_embedder(self.store, key, load, self.progress)
        return SecondModel(model.digest, embed)

    @cached_property
    def embed_texts(self) -> EmbedTexts:
        """Texts as vectors of the same space; none is embedded twice."""
        return memoised_text_embedder(self.store, self.embedding, self.load_text_embedder)

    def load_text_embedder(self) -> TextEmbedder:
        """The words of the comparing model in memory."""
        with underway(self.progress, "loading"):
            return self.open_text_embedder(self.models.embedder.path, self.runtime.threads)

    def load_embedder(self) -> Embedder:
        """The comparing model in memory."""
        with underway(self.progress, "loading"):
            return self.open_embedder(self.models.embedder.path, self.runtime.threads)

    def foretell(self, rounds: int, candidates: Sequence[Candidate], pictures: Pictures) -> None:
        """Announce what painting `candidates` takes when `pictures` are in the store already."""
        missing = [each for each in candidates if each.token_id not in pictures]
        # A padded batch takes as long as a full one.
        batches, seconds = pack(missing, self.batch), self.stopwatch.seconds
        places = sum(map(len, batches))
        each = seconds * places / len(missing) if seconds and missing else seconds
        forecast = Forecast(rounds, len(pictures), len(missing), paint_seconds=each)
        upscalers = self.models.upscalers
        if upscalers and rounds == 0:
            enlarged = (
                recalled_enlarged(self.store, p, upscalers.known) for p in pictures.values()
            )
            where = upscalers.current, self.engine.painters if self.engine else None
            stopwatch = enlarging_stopwatch(self.store, self.settings, *where)
            forecast = forecast._replace(
                to_enlarge=len(candidates) - sum(each is not None for each in enlarged),
                enlarge_seconds=stopwatch.seconds,
            )
        self.announce(forecast)

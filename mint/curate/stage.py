"""The stage `render`: slots -> tokens, painted, compared, and painted again where they repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path

from mint.curate.checker import safety_check
from mint.curate.curate import Curated, curate
from mint.curate.decisions import Decisions
from mint.curate.decisions_file import DecisionsFile
from mint.curate.enlarge import enlarging_stopwatch, recalled_enlarged
from mint.curate.events import Hear, Opinion
from mint.curate.inspection import Inspection
from mint.curate.judges import JUDGES, Court, phrases_by_label
from mint.curate.memo import (
    Embed,
    EmbedTexts,
    memoised_embedder,
    memoised_text_embedder,
)
from mint.curate.near_duplicates import AUTO_THRESHOLD
from mint.curate.question import Question, questions
from mint.curate.ruling import rule_on
from mint.curate.safety import refuse_unsafe, to_redraw
from mint.curate.truth import contradictions
from mint.document import sha256
from mint.errors import CurateError
from mint.models.embedder import (
    Embedder,
    TextEmbedder,
    clip_text_embedder,
)
from mint.models.find import Models
from mint.models.weights import Model
from mint.paint.batches import pack, paint_here
from mint.paint.picture import Painted, Picture, Pictures, memoised_painter
from mint.paint.prompt_length import refuse_long_prompts, word_counter
from mint.paint.render import Renderer
from mint.paint.stopwatch import Stopwatch, painting_stopwatch
from mint.plan.recipe import Candidate, Diffusion, Runtime, Slot, candidate, diffusion
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source
from mint.stages import Forecast, Progress, underway
from mint.store import Store

# A model's folder, how to paint and on what -> what paints; see mint.paint.render.
OpenRenderer = Callable[[Path, Diffusion, Runtime], Renderer]
# A model's folder and a number of threads -> what embeds; see mint.models.embedder.
OpenEmbedder = Callable[[Path, int], Embedder]
OpenTextEmbedder = Callable[[Path, int], TextEmbedder]


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
    if counter := word_counter(studio.models.painter.path):
        refuse_long_prompts(collection, source, slots, counter)
    recall = memoised_painter(studio.store, studio.paint)
    ruling = rule_on(wishes, slots, studio.propose, recall, studio.warn)
    rounds = count()
    paint = memoised_painter(
        studio.store,
        studio.paint,
        lambda candidates, pictures: studio.foretell(next(rounds), candidates, pictures),
        studio.receive,
    )
    asked = questions(collection)
    judges = [JUDGES[name](studio.court(model, asked)) for name, model in studio.models.judges]
    looks = studio.models.embedder, studio.models.classifier, studio.runtime, studio.store
    check = safety_check(collection, *looks, studio.embed, studio.progress)
    inspect = Inspection(judges, asked, collection, check)
    curated = curate(
        slots,
        studio.propose,
        paint,
        studio.embed,
        collection.dedup,
        studio.progress,
        inspect,
        ruling.decisions,
        studio.hear,
    )
    tokens = tuple(ruling.with_refusals(token) for token in curated.tokens)
    return curated.model_copy(update={"tokens": tokens, "judging": inspect.record})


@dataclass(frozen=True)
class Studio:
    """A collection's models and store, and who hears of the work.

    `announce` hears before each round of painting what is in the store already, `hear` of each
    picture, and `warn` what the artist should read at the end. `develop` gets each new picture.
    """

    collection: Collection
    store: Store
    models: Models
    open_renderer: OpenRenderer
    open_embedder: OpenEmbedder
    progress: Progress
    announce: Callable[[Forecast], None]
    hear: Hear
    warn: Callable[[str], None]
    open_text_embedder: OpenTextEmbedder = clip_text_embedder
    develop: Callable[[Picture], None] = lambda picture: None

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
        return painting_stopwatch(self.store, self.settings, self.runtime)

    @cached_property
    def runtimes(self) -> tuple[str, ...]:
        """The digests of all runtimes whose pictures this collection may use."""
        return tuple(runtime.digest for runtime in self.models.painters.known)

    def propose(self, slot: Slot, attempt: int) -> Candidate:
        """A candidate of the runtime that painted it before, else of the one that paints here."""
        proposals = [
            candidate(self.collection, slot, attempt, runtime, self.settings)
            for runtime in self.runtimes
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

    def receive(self, candidate: Candidate, picture: Picture) -> None:
        """Hand on a new picture to whoever waits for it."""
        self.hear(candidate, picture, Opinion())
        self.develop(picture)

    def court(self, model: Model, asked: tuple[Question, ...]) -> Court:
        """What a judge with this model may use."""
        here, phrases = self.runtime, phrases_by_label(self.models.painter.path)
        return Court(
            model, asked, phrases, self.embed, self.embed_texts, here, self.store, self.progress
        )

    @cached_property
    def embedding(self) -> str:
        """A digest of all that decides a vector besides what is embedded."""
        model, here = self.models.embedder, self.runtime
        return sha256(f"{model.digest}/{here.threads}/{here.libraries['torch']}".encode())

    @cached_property
    def embed(self) -> Embed:
        """Pictures as vectors; none is embedded twice."""
        return memoised_embedder(self.store, self.embedding, self.load_embedder, self.progress)

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
        to_paint = len(candidates) - len(pictures)
        forecast = Forecast(rounds, len(pictures), to_paint, paint_seconds=self.stopwatch.seconds)
        upscalers = self.models.upscalers
        if upscalers and rounds == 0:
            enlarged = (
                recalled_enlarged(self.store, p, upscalers.known) for p in pictures.values()
            )
            stopwatch = enlarging_stopwatch(self.store, self.settings, upscalers.current)
            forecast = forecast._replace(
                to_enlarge=len(candidates) - sum(each is not None for each in enlarged),
                enlarge_seconds=stopwatch.seconds,
            )
        self.announce(forecast)


def refuse_faults(
    collection: Collection, curated: Curated, decisions: Decisions | None = None
) -> None:
    """Raise CurateError where pictures are not as they should be and the file says to stop.

    What the artist decided to keep is as it should be.
    """
    dedup, truth = collection.dedup, collection.truth
    attempts = f"after {dedup.attempts + 1} attempts"
    if curated.unresolved and dedup.exhausted == "stop":
        raise CurateError(
            f"{_tokens(curated.unresolved)} still look like others {attempts}",
            hint="add trait values, raise dedup.attempts or dedup.threshold "
            f"(auto is {AUTO_THRESHOLD}), or accept them with dedup.exhausted: keep",
        )
    open_tokens = [
        token
        for token in curated.tokens
        if decisions is None or decisions.chosen(token.token_id) is None
    ]
    scores = to_redraw([token.unsafe for token in open_tokens], collection.safety)
    unsafe = {open_tokens[row].token_id: reason for row, reason in scores.items()}
    refuse_unsafe(unsafe, attempts=dedup.attempts + 1)
    if curated.untrue and truth.exhausted != "keep":
        first = next(t for t in curated.tokens if t.token_id == curated.untrue[0])
        sentences = "; ".join(contradictions(first.traits, first.judgements))
        raise CurateError(
            f"{_tokens(curated.untrue)} do not show what their metadata says {attempts}; "
            f"#{first.token_id}: {sentences}",
            hint="look at them in the report; then say it in words that the model knows, let the "
            "values come less often, or accept them, listed, with truth.exhausted: keep",
        )


def _tokens(token_ids: Sequence[int]) -> str:
    few = ", ".join(f"#{token_id}" for token_id in token_ids[:10])
    more = f" and {len(token_ids) - 10} more" if len(token_ids) > 10 else ""
    return f"{len(token_ids)} tokens ({few}{more})"

"""A mint.curate.engine.Engine: the stages' pictures, painted and enlarged by a pool of painters."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING

from mint.cluster.objects import Objects
from mint.cluster.painter import EMBED, Introduction, Memos, Work
from mint.cluster.pool import Pool
from mint.cluster.workers import Call, bare, kind_of
from mint.document import sha256
from mint.errors import RenderError
from mint.models.find import painter_name
from mint.models.machines import Machines
from mint.models.upscaler import Upscaler
from mint.models.weights import Model
from mint.paint.batches import pack
from mint.paint.picture import Painted, Picture, recalled
from mint.paint.sources import STEP, Sources, source_picture
from mint.plan.difference import difference
from mint.plan.recipe import Candidate, Diffusion, Recipe, Runtime, sources_of
from mint.spec.collection import Collection
from mint.spec.painting import ImageSettings
from mint.stages import OnRuntime, Progress, underway
from mint.store import Store

if TYPE_CHECKING:
    from mint.paint.pixels import Renderer
    from mint.paint.png import Pixels


TRANSFERS = 8  # pictures that go to a bucket at once
ARRIVAL = (0.0, 0.2, 1.0, 3.0)  # seconds before each look for a picture that a machine has shared


class RayEngine:
    """A mint.curate.engine.Engine."""

    pool: Pool

    def __init__(
        self,
        store: Store,
        objects: Objects | None,
        collection: Collection,
        progress: Progress,
        on_runtime: OnRuntime,
    ) -> None:
        """`objects` is where the machines share pictures, None where that is the store itself."""
        self.store, self.objects, self.collection = store, objects, collection
        self.progress, self.on_runtime = progress, on_runtime
        self.machines = Machines(self._painting, self._enlarging)
        self.expected: Runtime | None = None  # what paints, once it is decided
        self.first_enlarging: Runtime | None = None  # what enlarges then
        self.weights: str | None = None
        self._numbers = count()
        self._shared: set[str] = set()  # digests of files that are where painters see them

    def memos(self) -> Memos:
        """The numbers of threads and pictures at once that are on record."""
        image = self.collection.image
        names = [("runtime", painter_name(image)), ("upscaler", image.upscale or "")]
        places = [(step, sha256(name.encode())) for step, name in names]
        return {each: data for each in places if (data := self.store.recall(*each))}

    def refusal(self, who: Introduction) -> str:
        """Why a painter may not work on this build; "" where it may."""
        if self.objects is None and not who.sees_state:
            return (
                f"it does not see {self.store.root}; put the collection in a folder that all "
                "machines share, or name a bucket with --objects"
            )
        if self.weights and who.painting.weights != self.weights:
            return f"its model has other weights ({who.painting.weights[:12]})"
        mine, theirs = self.first_enlarging, who.enlarging
        if mine and theirs and (mine.weights, mine.scale) != (theirs.weights, theirs.scale):
            return f"its upscaler is another one ({theirs.weights[:12]})"
        if self.expected is None or self.on_runtime == "mixed":
            return ""
        painting = difference(bare(self.expected), bare(who.painting))
        return painting or (difference(mine, theirs) if mine and theirs else "")

    def _painting(self, image: ImageSettings, model: Model, before: Runtime | None) -> Runtime:
        """What the first painter is that may paint: one like `before`, if the artist wants that."""
        self.weights = model.digest
        if self.on_runtime == "refuse":
            self.expected = before
        with underway(self.progress, "loading"):
            first = self.pool.first()
        self.expected, self.first_enlarging = first.painting, first.enlarging
        return first.painting

    def _enlarging(
        self, upscaler: Upscaler, digest: str, threads: int | None, image: ImageSettings
    ) -> Runtime:
        """What enlarges there."""
        enlarging = self.first_enlarging
        if enlarging is None or enlarging.weights != digest:
            raise RenderError(
                "the machines of the cluster have another upscaler than this one",
                hint="give all machines the same file",
            )
        return enlarging

    def others(self, runtime: Runtime) -> tuple[Runtime, ...]:
        """What else paints there than `runtime`, as many pictures at once; waits for all."""
        if self.on_runtime != "mixed":
            return ()
        with underway(self.progress, "loading"):
            self.pool.settle()
        kinds = {kind_of(who.painting): who.painting for who in self._staff()}
        kinds.pop(kind_of(runtime), None)
        same = {"batch": runtime.batch}
        return tuple(each.model_copy(update=same) for each in kinds.values())

    def assigned(self, token_id: int, runtimes: Sequence[Runtime]) -> Runtime:
        """Which of `runtimes` is to paint a token: by turns, each as often as it has painters."""
        if self.on_runtime != "mixed":
            return runtimes[-1]
        kinds = [kind_of(who.painting) for who in self._staff()]
        turns = [each for each in runtimes for _ in range(kinds.count(kind_of(each)))]
        return turns[token_id % len(turns)] if turns else runtimes[-1]

    def _staff(self) -> list[Introduction]:
        return [worker.introduction for worker in self.pool.crew.ready if worker.introduction]

    @property
    def painters(self) -> int:
        """Those that are there, or as many as the machines have room for."""
        return max(len(self.pool.crew.workers), 1)

    def open_renderer(
        self, model: Model, diffusion: Diffusion, runtime: Runtime, sources: Sources
    ) -> Renderer:
        """One batch at a time, on any of the machines."""

        def render(batch: Sequence[Recipe]) -> list[Pixels]:
            memos = self._beginnings(batch)
            call = Call(next(self._numbers), "render", (list(batch), memos), kind_of(runtime))
            ((_, pixels),) = self.pool.run([call])
            return list(pixels)

        return render

    def paint(
        self, candidates: Sequence[Candidate], size: int, runtimes: Sequence[Runtime]
    ) -> Iterator[Painted]:
        """All of them in batches, side by side, each by a machine that is its recipe's runtime."""
        kinds = {each.digest: kind_of(each) for each in runtimes}
        calls = {}
        for runtime in dict.fromkeys(each.recipe.runtime for each in candidates):
            own = [each for each in candidates if each.recipe.runtime == runtime]
            for batch in pack(own, size):
                memos = self._beginnings([each.recipe for each in batch if each])
                call = Call(next(self._numbers), "paint", (batch, memos), kinds[runtime])
                calls[call.number] = call, [each for each in batch if each]
        for call, work in self.pool.run([call for call, _ in calls.values()], self._receive_batch):
            for each in zip(calls[call.number][1], work.pictures, strict=True):
                yield Painted(*each)

    def upscale(self, pixels: Pixels) -> Pixels:
        """One picture enlarged, of which nothing is stored."""
        assert self.first_enlarging is not None  # the collection has an upscaler
        call = Call(next(self._numbers), "magnify", (pixels,), kind_of(self.first_enlarging))
        ((_, large),) = self.pool.run([call])
        result: Pixels = large
        return result

    def enlarge(
        self, pictures: Sequence[Picture], settings: Diffusion
    ) -> Iterator[tuple[Picture, Picture]]:
        """Each picture by itself, side by side."""
        self.progress("enlarging", 0, len(pictures))
        by_number = {next(self._numbers): picture for picture in pictures}
        with ThreadPoolExecutor(TRANSFERS) as threads:
            list(threads.map(self._share, pictures))
        assert self.first_enlarging is not None  # the collection has an upscaler
        kind = kind_of(self.first_enlarging)
        calls = [Call(i, "enlarge", (each, settings), kind) for i, each in by_number.items()]
        for call, large in self.pool.run(calls, self._receive_picture):
            yield by_number[call.number], large

    def _receive_batch(self, call: Call, work: Work) -> bool:
        """Have a batch's pictures in this store, and on record what was said of them."""
        if not all(map(self._fetch, work.pictures)):
            return False
        self.store.remember_all(EMBED, work.rows)
        return True

    def _receive_picture(self, call: Call, large: Picture) -> bool:
        return self._fetch(large)

    def _fetch(self, picture: Picture) -> bool:
        """Have a picture that a painter shared in this store; False where it is not to be found."""
        self._shared.add(picture.file)
        if self.store.has(picture.file, picture.size):
            return True
        for pause in ARRIVAL if self.objects else ():
            time.sleep(pause)
            if data := self.objects.get(picture.file) if self.objects else None:
                return self.store.put(data) == picture.file
        return False

    def _share(self, picture: Picture) -> None:
        """Have a picture of this store where painters see it."""
        if self.objects is None or picture.file in self._shared:
            return
        if data := self.store.get(picture.file):
            self.objects.put(data)
            self._shared.add(picture.file)

    def _beginnings(self, recipes: Sequence[Recipe]) -> Memos:
        """Where the pictures lie that these recipes begin with."""
        pictures: dict[tuple[str, str], Picture] = {}
        for recipe in recipes:
            for digest in sources_of(recipe):
                pictures[STEP, digest] = source_picture(self.store, digest)
            for earlier in recipe.start.recipes if recipe.start else ():
                if picture := recalled(self.store, "render", earlier.digest):
                    pictures["render", earlier.digest] = picture
        for picture in pictures.values():
            self._share(picture)
        return {place: picture.canonical() for place, picture in pictures.items()}

"""A mint.curate.engine.Engine: the stages' pictures, painted and enlarged by a pool of painters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING

from mint.cluster.hands import Call
from mint.cluster.objects import Objects
from mint.cluster.painter import Introduction, Memos, Work
from mint.cluster.pool import Pool
from mint.document import sha256
from mint.errors import RenderError
from mint.models.find import painter_name
from mint.models.machines import Machines
from mint.models.upscaler import Upscaler
from mint.models.weights import Model
from mint.paint.picture import Painted, Picture, recalled
from mint.paint.sources import STEP, Sources, source_picture
from mint.plan.difference import difference
from mint.plan.recipe import Candidate, Diffusion, Recipe, Runtime, sources_of
from mint.spec.collection import Collection
from mint.spec.painting import ImageSettings
from mint.stages import Progress, underway
from mint.store import Store

if TYPE_CHECKING:
    from mint.paint.pixels import Renderer
    from mint.paint.png import Pixels


class RayEngine:
    """A mint.curate.engine.Engine."""

    pool: Pool

    def __init__(
        self,
        store: Store,
        objects: Objects | None,
        collection: Collection,
        progress: Progress,
        warn: Callable[[str], None],
    ) -> None:
        """`objects` is where the machines share pictures, None where that is the store itself."""
        self.store, self.objects, self.collection = store, objects, collection
        self.progress, self.warn = progress, warn
        self.machines = Machines(self._painting, self._enlarging)
        self.expected: Runtime | None = None  # what paints, once it is decided
        self.weights: str | None = None
        self._numbers = count()

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
        if self.expected and _alone(who.painting) != _alone(self.expected):
            return difference(_alone(self.expected), _alone(who.painting))
        return ""

    def _painting(self, image: ImageSettings, model: Model, before: Runtime | None) -> Runtime:
        """What the first painter is, with the batch of `before`."""
        self.weights = model.digest
        with underway(self.progress, "loading"):
            first = self.pool.first().painting
        self.expected = first
        return first

    def _enlarging(
        self, upscaler: Upscaler, digest: str, threads: int | None, image: ImageSettings
    ) -> Runtime:
        """What enlarges there."""
        enlarging = self.pool.first().enlarging
        if enlarging is None or enlarging.weights != digest:
            raise RenderError(
                "the machines of the cluster have another upscaler than this one",
                hint="give all machines the same file",
            )
        return enlarging

    @property
    def painters(self) -> int:
        """Those that are there, or as many as the machines have room for."""
        return max(len(self.pool.hands), 1)

    def open_renderer(
        self, model: Model, diffusion: Diffusion, runtime: Runtime, sources: Sources
    ) -> Renderer:
        """One batch at a time, on any of the machines."""

        def render(batch: Sequence[Recipe]) -> list[Pixels]:
            memos = self._beginnings(batch)
            call = Call(next(self._numbers), "render", (list(batch), memos))
            ((_, pixels),) = self.pool.run([call])
            return list(pixels)

        return render

    def paint(
        self, batches: Sequence[Sequence[Candidate | None]], runtime: Runtime
    ) -> Iterator[Painted]:
        """All batches, side by side."""
        calls = {}
        for batch in batches:
            memos = self._beginnings([each.recipe for each in batch if each])
            call = Call(next(self._numbers), "paint", (list(batch), memos))
            calls[call.number] = call, [each for each in batch if each]
        for call, work in self.pool.run([call for call, _ in calls.values()], self._painted):
            for each in zip(calls[call.number][1], work.pictures, strict=True):
                yield Painted(*each)

    def enlarge(
        self, pictures: Sequence[Picture], settings: Diffusion
    ) -> Iterator[tuple[Picture, Picture]]:
        """Each picture by itself, side by side."""
        self.progress("enlarging", 0, len(pictures))
        numbered = {next(self._numbers): picture for picture in pictures}
        for picture in pictures:
            self._share(picture)
        calls = [Call(number, "enlarge", (each, settings)) for number, each in numbered.items()]
        for call, large in self.pool.run(calls, self._enlarged):
            yield numbered[call.number], large

    def _painted(self, call: Call, work: Work) -> bool:
        """Have a batch's pictures in this store, and on record what was said of them."""
        if not all(map(self._fetch, work.pictures)):
            return False
        for (step, key), data in work.memos.items():
            self.store.remember(step, key, data)
        return True

    def _enlarged(self, call: Call, large: Picture) -> bool:
        return self._fetch(large)

    def _fetch(self, picture: Picture) -> bool:
        """Have a picture that a painter shared in this store; False where it is not to be found."""
        if self.store.has(picture.file, picture.size):
            return True
        data = self.objects.get(picture.file) if self.objects else None
        return data is not None and self.store.put(data) == picture.file

    def _share(self, picture: Picture) -> None:
        """Have a picture of this store where painters see it."""
        if self.objects and (data := self.store.get(picture.file)):
            self.objects.put(data)

    def _beginnings(self, recipes: Sequence[Recipe]) -> Memos:
        """Where the pictures lie that these recipes begin with."""
        found: dict[tuple[str, str], Picture] = {}
        for recipe in recipes:
            for digest in sources_of(recipe):
                found[STEP, digest] = source_picture(self.store, digest)
            for earlier in recipe.start.recipes if recipe.start else ():
                if picture := recalled(self.store, "render", earlier.digest):
                    found["render", earlier.digest] = picture
        for picture in found.values():
            self._share(picture)
        return {place: picture.canonical() for place, picture in found.items()}


def _alone(runtime: Runtime) -> Runtime:
    """A runtime as one machine is, which does not know how many pictures are painted at once."""
    return runtime.model_copy(update={"batch": None})

"""`mint build --engine ray`: the same stages, their pictures painted on the machines of a cluster.

Ray Core starts painters, carries calls and notices deaths (https://docs.ray.io/en/latest/ray-core);
Ray Data is no fit, since it composes batches itself, and the batch decides pixels.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.cluster.objects import Objects, open_objects
from mint.cluster.painter import Commission, Introduction, Memos, Work
from mint.cluster.pool import Call, Pool, Share
from mint.document import sha256
from mint.errors import RenderError
from mint.models.find import Machines, painter_name
from mint.models.upscaler import Upscaler
from mint.models.weights import Model, first_line
from mint.paint.picture import Painted, Picture, recalled
from mint.paint.sources import STEP, Sources, source_picture
from mint.plan.difference import difference
from mint.plan.recipe import Candidate, Diffusion, Recipe, Runtime, sources_of
from mint.spec.collection import Collection
from mint.spec.painting import ImageSettings
from mint.spec.yaml_source import Source
from mint.stages import Progress, underway
from mint.store import Store, write

if TYPE_CHECKING:
    from mint.paint.pixels import Renderer
    from mint.paint.png import Pixels


class Cluster(NamedTuple):
    """Which cluster paints, as the options of the command say.

    `address` is Ray's (`ray://host:10001`, `auto`), None a cluster of this machine alone. `cpus`
    are the cores of a painter, None one painter for each GPU. `objects` is where pictures go that
    all machines see, None the collection's own .mint.
    """

    address: str | None = None
    cpus: int | None = None
    objects: str | None = None


@contextmanager
def open_cluster(
    cluster: Cluster,
    collection: Collection,
    source: Source,
    store: Store,
    progress: Progress,
    warn: Callable[[str], None],
) -> Iterator[RayEngine]:
    """The cluster at work for one build; raises RenderError where there is none.

    Painters end with the build. Pictures that they share stay where they are.
    """
    ray = _import_ray()
    objects = open_objects(cluster.objects, store.root) if cluster.objects else None
    with underway(progress, "loading"):
        _connect(ray, cluster.address)
    seal = store.root / f"cluster-{secrets.token_hex(8)}"
    write(seal, b"", durable=False)
    pool = None
    try:
        share = _share(ray, cluster.cpus)
        cores = None if share.gpus else share.cpus
        commission = Commission(
            collection, source, store.root.absolute(), seal.name, cluster.objects, cores
        )
        engine = RayEngine(store, objects, collection, progress, warn)
        pool = engine.pool = Pool(ray, commission, share, engine.memos, engine.refusal, warn)
        yield engine
    finally:
        if pool:
            pool.close()
        ray.shutdown()
        seal.unlink(missing_ok=True)


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
        total, done = sum(each is not None for batch in batches for each in batch), 0
        self.progress("painting", 0, total)
        calls = {}
        for batch in batches:
            memos = self._beginnings([each.recipe for each in batch if each])
            call = Call(next(self._numbers), "paint", (list(batch), memos))
            calls[call.number] = call, [each for each in batch if each]
        for call, work in self.pool.run([call for call, _ in calls.values()], self._painted):
            for each in zip(calls[call.number][1], work.pictures, strict=True):
                yield Painted(*each)
                done += 1
                self.progress("painting", done, total)

    def enlarge(
        self, runtime: Runtime, pictures: Sequence[Picture], settings: Diffusion
    ) -> Iterator[tuple[Picture, Picture]]:
        """Each picture by itself, side by side."""
        self.progress("enlarging", 0, len(pictures))
        numbered = {next(self._numbers): picture for picture in pictures}
        for picture in pictures:
            self._share(picture)
        calls = [Call(number, "enlarge", (each, settings)) for number, each in numbered.items()]
        for done, (call, large) in enumerate(self.pool.run(calls, self._enlarged), 1):
            yield numbered[call.number], large
            self.progress("enlarging", done, len(pictures))

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


def _share(ray: Any, cpus: int | None) -> Share:
    """A GPU for each painter where there are GPUs, unless cores were asked for."""
    if cpus is None and ray.cluster_resources().get("GPU", 0) >= 1:
        return Share(cpus=0, gpus=1)
    return Share(cpus=cpus or 1, gpus=0)


def _connect(ray: Any, address: str | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray.init(
            address=address or os.environ.get("RAY_ADDRESS") or "local",
            include_dashboard=False if not address else None,
            log_to_driver=False,
            logging_level="error",
        )
    except Exception as error:  # Ray raises many kinds, ConnectionError and ValueError among them
        raise RenderError(
            f"cannot reach the Ray cluster at {address or 'this machine'}: {first_line(error)}",
            hint="start one with `ray start --head`, or leave --address out to use this machine",
        ) from error


def _import_ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise RenderError(
            "painting on several machines needs Ray, which is not installed",
            hint='pip install "mint[ray]" on every machine',
        ) from error
    return ray

"""A collection -> the models it names, each located and fingerprinted once, and what runs them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from mint.models.locate import locate, locate_embedder, locate_upscaler
from mint.models.runtime import runtime
from mint.models.runtimes import Runtimes, choose_runtime
from mint.models.upscaler import Upscaler, open_upscaler, refuse_large, upscaler_runtime
from mint.models.variations import variations
from mint.models.weights import Model, file_digest, fingerprint
from mint.plan.recipe import Runtime
from mint.spec.collection import Collection
from mint.spec.painting import Dedup, ImageSettings
from mint.spec.yaml_source import Source
from mint.stages import OnRuntime
from mint.store import Store


class Models(NamedTuple):
    """What paints, compares and enlarges; the last of each Runtimes does so here and now."""

    painter: Model
    painters: Runtimes
    embedder: Model
    upscaler: Upscaler | None
    upscalers: Runtimes | None


def find_models(
    collection: Collection, source: Source, store: Store, on_runtime: OnRuntime
) -> Models:
    """Every model that `collection` names; what is missing is missed before hours of painting.

    Raises RenderError, RuntimeChanged, or CollectionError for pictures too large to enlarge.
    """
    image = collection.image
    painter = find_painter(image, source.path, store)
    painters = choose_runtime(
        store,
        "runtime",
        image.model,
        lambda threads: runtime(
            painter.digest, threads=threads, variations=variations(painter.path)
        ),
        on_runtime,
    )
    embedder = find_embedder(collection.dedup, source.path, store)
    if image.upscale is None:
        return Models(painter, painters, embedder, None, None)
    upscaler, digest = find_upscaler(image.upscale, source.path, store)
    refuse_large(collection, source, upscaler.scale)

    def here(recorded: int | None) -> Runtime:
        return upscaler_runtime(upscaler, digest, threads=recorded or painters.current.threads)

    upscalers = choose_runtime(store, "upscaler", image.upscale, here, on_runtime)
    return Models(painter, painters, embedder, upscaler, upscalers)


def find_painter(image: ImageSettings, file: Path, store: Store) -> Model:
    """The diffusion model that collection.yaml (`file`) names; raises RenderError."""
    folder = locate(image.model, image.revision, file)
    return Model(folder, fingerprint(folder, store))


def find_embedder(dedup: Dedup, file: Path, store: Store) -> Model:
    """The CLIP model that compares pictures; raises RenderError."""
    folder = locate_embedder(dedup.embedder, dedup.revision, file)
    return Model(folder, fingerprint(folder, store))


def find_upscaler(name: str, file: Path, store: Store) -> tuple[Upscaler, str]:
    """The upscaler that collection.yaml names, and its file's SHA-256; raises RenderError."""
    upscaler = open_upscaler(locate_upscaler(name, file))
    return upscaler, file_digest(upscaler.file, store)

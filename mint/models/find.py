"""A collection -> the models it names, each located and fingerprinted once, and what runs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mint.document import canonical, sha256
from mint.models.animators import find_animator
from mint.models.beginnings import refuse_drawings, refuse_wallpapers
from mint.models.checkpoint import read_index
from mint.models.classifier import labels_of
from mint.models.embedder import has_vocabulary
from mint.models.families import class_name, refuse_unheard
from mint.models.guides import CODED
from mint.models.locate import (
    locate_classifier,
    locate_embedder,
    locate_judge,
    locate_second,
    locate_upscaler,
)
from mint.models.locate_painter import files_by_name, locate_painter, replaced
from mint.models.machines import HERE, Machines
from mint.models.misfits import refuse_misfits
from mint.models.refiners import refuse_unfit, with_refiners
from mint.models.runtimes import Runtimes, choose_runtime
from mint.models.upscaler import INKS, Upscaler, open_upscaler, refuse_large
from mint.models.weights import Files, Model, file_digest, fingerprint
from mint.plan.recipe import Runtime
from mint.spec.collection import EMBEDDED, Collection
from mint.spec.painting import Dedup, ImageSettings, JudgeName
from mint.spec.safety import Safety, unknown_labels, unsafe_columns
from mint.spec.yaml_source import Source
from mint.stages import OnRuntime
from mint.store import Store


class NamedModel(NamedTuple):
    """A judge's name in collection.yaml, and its model."""

    name: JudgeName
    model: Model


class Models(NamedTuple):
    """What paints, compares, judges, enlarges; the last of each Runtimes does so here and now.

    `classifier` looks for unsafe pictures, `second` compares them after the embedder, and `video`
    moves them, if the collection names one.
    """

    painter: Model
    painters: Runtimes
    embedder: Model
    judges: tuple[NamedModel, ...]
    upscaler: Upscaler | None
    upscalers: Runtimes | None
    classifier: Model | None = None
    second: Model | None = None
    video: Model | None = None
    videos: Runtimes | None = None


def find_models(
    collection: Collection,
    source: Source,
    store: Store,
    on_runtime: OnRuntime,
    machines: Machines = HERE,
) -> Models:
    """Every model that `collection` names; what is missing is missed before hours of painting.

    Raises RenderError, RuntimeChanged, or CollectionError for pictures too large to enlarge.
    """
    image = collection.image
    painter = find_painter(image, source.path, store, source)
    refuse_unheard(collection, source, painter.path)
    refuse_unfit(
        collection.painting, source, painter.path, [model.path for model in painter.refiners]
    )
    refuse_drawings(collection, source, painter.path)
    refuse_wallpapers(collection, source, painter.path)
    painters = choose_runtime(
        store,
        "runtime",
        painter_name(image),
        lambda before: machines.painting(image, painter, before),
        on_runtime,
    )
    embedder = find_embedder(collection.dedup, source.path, store)
    second = find_second(collection.dedup, source.path, store)
    classifier = find_classifier(collection, source, store)
    refuse_wordless(collection, source, embedder.path)
    judges = find_judges(collection, source.path, store)
    video = find_animator(collection, source, painter, painters, store, on_runtime)
    others = classifier, second, *video
    if image.upscale is None:
        return Models(painter, painters, embedder, judges, None, None, *others)
    upscaler, digest = find_upscaler(image.upscale, source.path, store)
    refuse_large(collection, source, upscaler.scale)

    def here(before: Runtime | None) -> Runtime:
        threads = (before or painters.current).threads
        return machines.enlarging(upscaler, digest, threads, image)

    upscalers = choose_runtime(store, "upscaler", image.upscale, here, on_runtime)
    return Models(painter, painters, embedder, judges, upscaler, upscalers, *others)


def find_painter(
    image: ImageSettings, file: Path, store: Store, source: Source | None = None
) -> Model:
    """The model that paints as collection.yaml (`file`) says, and what it is loaded from besides.

    Raises RenderError, or with `source` CollectionError where files do not fit each other.
    """
    folder, files = locate_painter(image, file)
    refuse_misfits(folder, files, source)
    if files == Files():
        painter = Model(folder, fingerprint(folder, store))
    else:
        whole = fingerprint(folder, store, replaced(read_index(folder), files))
        digests = {name: file_digest(path, store) for name, path in files_by_name(image, files)}
        parts = [whole, *sorted(digests.items())]
        if files.guides.control and class_name(folder) in CODED:
            parts.append(("control", "-1..1"))  # pictures from before were guided in 0..1
        digest = sha256(canonical(parts))
        painter = Model(folder, digest, files, digests)
    return with_refiners(painter, image.refiners, file, store)


def painter_name(image: ImageSettings) -> str:
    """What tells one painter of collection.yaml from another: the files' names, not their scale."""
    others = [*image.adapters, *image.embeddings]
    guides = (guide.model for guide in (image.reference, image.control) if guide)
    beside = [image.config, image.transformer, *(each.name for each in others), *guides]
    refiners = (refiner.model for refiner in image.refiners)
    return " + ".join([image.model, *filter(None, beside), *refiners])


def find_embedder(dedup: Dedup, file: Path, store: Store) -> Model:
    """The CLIP model that compares pictures; raises RenderError."""
    folder = locate_embedder(dedup.embedder, dedup.revision, file)
    return Model(folder, fingerprint(folder, store))


def find_second(dedup: Dedup, file: Path, store: Store) -> Model | None:
    """The model that must agree with the embedder, if one is wanted; raises RenderError."""
    folder = locate_second(dedup.second, dedup.second_revision, file)
    return None if folder is None else Model(folder, fingerprint(folder, store))


def find_judges(collection: Collection, file: Path, store: Store) -> tuple[NamedModel, ...]:
    """Who judges whether traits are visible, in order; raises RenderError."""
    return tuple(_find_judges(collection, file, store))


def _find_judges(collection: Collection, file: Path, store: Store) -> Iterator[NamedModel]:
    truth, names = collection.truth, judge_names(collection)
    for name in names:
        if name == "clip":
            embedder = find_embedder(collection.dedup, file, store)
            # A CLIP without words compares pictures all the same, and nobody named it a judge.
            if truth.judge != ("auto",) or has_vocabulary(embedder.path):
                yield NamedModel(name, embedder)
            continue
        # In a list `model` is the one that cannot do without.
        model = truth.model if name == "vlm" or "vlm" not in names else None
        folder = locate_judge(model, truth.revision, file)
        yield NamedModel(name, Model(folder, fingerprint(folder, store)))


def judge_names(collection: Collection) -> tuple[JudgeName, ...]:
    """The judges that `truth.judge` means."""
    (first, *_), dedup = collection.truth.judge, collection.dedup
    if first == "off":
        return ()
    if first != "auto":
        return collection.truth.judge
    if collection.image.model in EMBEDDED:
        return ("classifier",)
    # The CLIP inside mint has seen no other model's pictures.
    return () if dedup.embedder == "atelier" else ("clip",)


def find_classifier(collection: Collection, source: Source, store: Store) -> Model | None:
    """The image-classification model that looks for unsafe pictures, if one is wanted.

    Raises RenderError, or CollectionError where none of its labels means unsafe.
    """
    folder = locate_classifier(collection.safety, source.path)
    if folder is None:
        return None
    refuse_labels(collection.safety, source, labels_of(folder))
    return Model(folder, fingerprint(folder, store))


def refuse_labels(safety: Safety, source: Source, labels: Sequence[str]) -> None:
    """Raise CollectionError where the model's `labels` do not say what is unsafe."""
    listing = ", ".join(labels[:20]) + (", ..." if len(labels) > 20 else "")
    if unknown := unknown_labels(labels, safety.unsafe):
        message = f'the model has no label "{unknown[0]}"'
        raise source.error(("safety", "unsafe"), message, f"its labels are {listing}")
    if not unsafe_columns(labels, safety.unsafe):
        raise source.error(
            ("safety", "model"),
            f"none of the model's labels means unsafe to mint: {listing}",
            "write which ones do: `unsafe: [...]` below `model:`",
        )


def refuse_wordless(collection: Collection, source: Source, embedder: Path) -> None:
    """Raise CollectionError where `safety.model: clip` has no vocabulary to read phrases by."""
    if collection.safety.model == "clip" and not has_vocabulary(embedder):
        raise source.error(
            ("safety", "model"),
            "the model of dedup.embedder has no vocabulary in its folder, and reads no words",
            "add its tokenizer.json, or name an image-classification model",
        )


def find_upscaler(name: str, file: Path, store: Store) -> tuple[Upscaler, str]:
    """The upscaler that collection.yaml names, and its file's SHA-256; raises RenderError."""
    upscaler = open_upscaler(locate_upscaler(name, file))
    if name == "inks":
        upscaler = upscaler._replace(redraws=INKS)
    return upscaler, file_digest(upscaler.file, store)

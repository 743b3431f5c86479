"""A collection's models -> its safety check, of which nothing is loaded before it is needed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from mint.curate.memo import Embed
from mint.curate.safety import (
    PHRASES,
    UNSAFE_PHRASES,
    Check,
    SafetyCheck,
    classifier_check,
    clip_check,
    no_check,
)
from mint.document import canonical, sha256
from mint.models.classifier import Classifier, image_classifier, labels_of
from mint.models.embedder import clip_text_embedder, logit_scale
from mint.models.weights import Model
from mint.plan.recipe import Runtime
from mint.spec.collection import Collection
from mint.spec.safety import unsafe_columns
from mint.stages import Progress, underway
from mint.store import Store

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

LIBRARIES = ("torch", "transformers", "pillow")  # what turns a picture into probabilities


def safety_check(
    collection: Collection,
    embedder: Model,
    classifier: Model | None,
    runtime: Runtime,
    store: Store,
    embed: Embed,
    progress: Progress = lambda step, done, total: None,
) -> Check:
    """What looks for unsafe pictures, if the collection wants that; raises RenderError.

    `runtime` says how many threads compute; `embed` is the memoised `embedder`.
    """
    if collection.safety.unchecked(collection.dedup.embedder):
        return no_check
    if classifier is None:
        return _by_clip(embedder, runtime, store, embed, progress)
    folder = classifier.path

    def load() -> Classifier:
        with underway(progress, "loading"):
            return image_classifier(folder, runtime.threads)

    columns = unsafe_columns(labels_of(folder), collection.safety.unsafe)
    return classifier_check(store, _key(classifier, runtime), load, columns, progress)


def safety_record(
    collection: Collection, embedder: Model, classifier: Model | None
) -> SafetyCheck | None:
    """Who looks for unsafe pictures, for the manifest; None where nobody does."""
    safety = collection.safety
    if safety.unchecked(collection.dedup.embedder):
        return None
    if classifier is None:
        return SafetyCheck(weights=embedder.digest, unsafe=UNSAFE_PHRASES)
    labels = labels_of(classifier.path)
    columns = unsafe_columns(labels, safety.unsafe)
    return SafetyCheck(
        weights=classifier.digest, unsafe=tuple(labels[column] for column in columns)
    )


def embedding_key(embedder: Model, runtime: Runtime) -> str:
    """All that decides a picture's vector besides its pixels."""
    return sha256(f"{embedder.digest}/{runtime.threads}/{runtime.version('torch')}".encode())


def _by_clip(
    model: Model, runtime: Runtime, store: Store, embed: Embed, progress: Progress
) -> Check:
    def compute() -> bytes:
        with underway(progress, "loading"):
            return clip_text_embedder(model.path, runtime.threads)(PHRASES).tobytes()

    @cache
    def phrases() -> Vectors:
        rows = store.cached("phrases", key, compute)
        return np.frombuffer(rows, np.float32).reshape(len(PHRASES), -1)

    key = sha256(canonical([_key(model, runtime), *PHRASES]))
    return clip_check(embed, phrases, logit_scale(model.path))


def _key(model: Model, runtime: Runtime) -> str:
    """All that decides what the model says of some pixels."""
    libraries = "/".join(map(runtime.version, LIBRARIES))
    return sha256(f"safety/{model.digest}/{runtime.threads}/{libraries}".encode())

"""Who will look at the pictures, as `mint check` says it: judges, and the safety check."""

from __future__ import annotations

from collections.abc import Iterator

from mint.errors import RenderError
from mint.models.classifier import labels_of
from mint.models.find import judge_names, refuse_labels
from mint.models.locate import locate_classifier
from mint.spec.collection import EMBEDDED, Collection, model_folder
from mint.spec.safety import Safety
from mint.spec.yaml_source import Source


def who_judges(collection: Collection) -> str:
    """Who will look whether promised traits are visible."""
    names = judge_names(collection)
    if names:
        return (
            f"judged by {', then '.join(names)}, from {collection.truth.certainty:.0%} certainty on"
        )
    if "off" in collection.truth.judge:
        return "not checked: truth.judge is off"
    return "not checked: name a dedup.embedder or truth.judge that knows this model's pictures"


def who_looks_for_unsafe(collection: Collection, source: Source) -> Iterator[str]:
    """What looks for unsafe pictures; nothing is fetched. Raises CollectionError or RenderError."""
    safety = collection.safety
    if safety == Safety() and collection.image.model in EMBEDDED:
        return  # the models inside mint paint none, and the artist does not ask
    if reason := safety.unchecked(collection.dedup.embedder):
        yield f"safety      not checked: {reason}"
        return
    try:
        if folder := locate_classifier(safety, source.path, fetch=False):
            refuse_labels(safety, source, labels_of(folder))
    except RenderError:
        if model_folder(safety.model, source.path) is not None:
            raise
    yield f"safety      {safety.model} looks at every picture: {safety.rule}"

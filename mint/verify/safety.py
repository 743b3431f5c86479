"""The safety scores on record against the collection's rule, and some of them computed again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from mint.curate.checker import embedding_key, safety_check
from mint.curate.memo import memoised_embedder
from mint.curate.safety import is_flagged
from mint.errors import VerifyError
from mint.models.embedder import clip_embedder
from mint.models.find import find_classifier, find_embedder
from mint.record.manifest import Manifest
from mint.spec.yaml_source import Source
from mint.stages import Progress, underway
from mint.store import Store
from mint.verify.claims import token_error
from mint.verify.files import Files
from mint.verify.repaint import sample_tokens
from mint.verify.scratch import published_pictures
from mint.verify.unchecked import Unchecked

TOLERANCE = 0.01  # what another machine's arithmetic may change in a score


def check_safety(
    manifest: Manifest,
    files: Files,
    source: Source,
    store: Store,
    sample: int,
    progress: Progress,
) -> Iterator[str]:
    """What the record says of unsafe pictures, and `sample` of them looked at again.

    Raises VerifyError, or RenderError where the model is missing.
    """
    collection = manifest.collection
    if collection.safety.model == "off":
        return  # nothing is claimed
    if reason := collection.safety.unchecked(collection.dedup.embedder):
        yield Unchecked(f"no picture was checked for safety: {reason}")
        return
    yield _rule(manifest)
    if collection.image.upscale is not None:
        yield Unchecked("no safety score was computed again: pictures are scored before enlarging")
    elif sample:
        with underway(progress, "judging"):
            sentence = _again(manifest, files, source, store, sample)
        yield sentence


def unpublished_safety(manifest: Manifest) -> Iterator[str]:
    """What to say of a collection that is known by its contract alone."""
    if manifest.collection.safety.model != "off":
        yield Unchecked("safety scores are in the artist's own record only: none was checked")


def _rule(manifest: Manifest) -> str:
    safety, flagged = manifest.collection.safety, 0
    for token in manifest.tokens:
        if token.unsafe is None:
            raise token_error(token, "no safety score of its picture is on record")
        if is_flagged(token, manifest.collection):
            flagged += 1
            if safety.action != "flag":
                raise token_error(token, f"its picture counts as unsafe ({token.unsafe:g})")
    pictures = f"{flagged} of {len(manifest.tokens)} pictures are" if flagged else "no picture is"
    return f"by the scores on record, {pictures} unsafe to {safety.model}"


def _again(manifest: Manifest, files: Files, source: Source, store: Store, sample: int) -> str:
    collection, tokens = manifest.collection, sample_tokens(manifest, sample)
    classifier = find_classifier(collection, source, store)
    embedder = find_embedder(collection.dedup, source.path, store)
    if manifest.safety is None or manifest.safety.weights != (classifier or embedder).digest:
        raise VerifyError(
            f"{collection.safety.model} is not the model that scored the pictures",
            hint="verify with the model of the build, or build again",
        )
    runtime = manifest.runtimes[tokens[0].recipe.runtime]
    with tempfile.TemporaryDirectory() as scratch:  # where nothing is remembered
        empty = Store(Path(scratch))
        pictures = published_pictures(manifest, files, tokens, empty)
        embed = memoised_embedder(
            empty,
            embedding_key(embedder, runtime),
            lambda: clip_embedder(embedder.path, runtime.threads),
        )
        check = safety_check(collection, embedder, classifier, runtime, empty, embed)
        scores = check(pictures)
    for token, score in zip(tokens, scores, strict=True):
        if abs((score or 0.0) - (token.unsafe or 0.0)) > TOLERANCE:
            raise token_error(token, f"its safety score is {score}, not {token.unsafe}")
    return f"{len(tokens)} safety scores, computed again, are those on record"

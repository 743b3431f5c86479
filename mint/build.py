"""The whole product on one screen: collection.yaml in, a minted collection and its report out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mint.check import refuse_undeployable
from mint.curate.enlarge import enlarge
from mint.curate.stage import OpenEmbedder, OpenRenderer, paint_tokens
from mint.document import sha256
from mint.errors import StoreError
from mint.models.embedder import clip_embedder
from mint.models.find import Models, find_models
from mint.models.runtimes import OnRuntime
from mint.paint.enlarge import load_upscaler
from mint.paint.render import diffusers_renderer
from mint.pinning.pin import refuse_without_library
from mint.pinning.published import pin
from mint.plan.tokens import Slot, plan
from mint.record.folders import Folders, folders_of, record, reserve, write_metadata
from mint.record.manifest import Manifest, used_runtimes
from mint.record.metadata import token_json
from mint.record.provenance import provenance, provenance_leaves
from mint.record.publish import images_cid, publish
from mint.record.rarity import rarity
from mint.report.write import write_report
from mint.spec.load import load
from mint.spec.yaml_source import Source
from mint.stages import STAGES, Stage
from mint.store import Store, lock, sweep_torn

if TYPE_CHECKING:
    from mint.chain.account import Account

Progress = Callable[[Stage, int, int], None]  # (stage, done, total)


@dataclass(frozen=True)
class Options:
    """This run, as opposed to the collection. `environ` holds endpoints and secrets."""

    until: Stage = "mint"
    network: str | None = None
    on_runtime: OnRuntime = "refuse"
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    ask_password: Callable[[str], str] | None = None  # of a keystore
    # Seams: another painter or embedder, for tests and benchmarks.
    open_renderer: OpenRenderer = diffusers_renderer
    open_embedder: OpenEmbedder = clip_embedder


@dataclass(frozen=True)
class Job:
    """What every stage may use besides the manifest so far."""

    folders: Folders
    source: Source
    store: Store
    slots: tuple[Slot, ...]
    options: Options
    progress: Progress


def build(file: Path, options: Options, progress: Progress) -> tuple[Manifest, Job]:
    """Run the stages up to `options.until`.

    Every stage is pure, memoised, or asks the world before it acts, so the next build continues
    one that was killed at any moment. Raises MintError; what was finished stays.
    """
    collection, source = load(file)
    if STAGES.index(options.until) >= STAGES.index("publish"):
        refuse_without_library(collection.storage.pin)
    if STAGES.index(options.until) >= STAGES.index("deploy"):
        refuse_undeployable(collection, source, options.network, options.environ)
    folders = folders_of(file, collection)
    with lock(folders.state):
        store = Store(folders.state)
        job = Job(folders, source, store, plan(collection, source), options, progress)
        progress("plan", len(job.slots), len(job.slots))
        manifest = Manifest(collection=collection, runtimes={}, tokens=())
        if options.until == "plan":
            return manifest, job
        reserve(folders)
        sweep_torn(folders.state, folders.out)
        try:
            models = find_models(collection, source, store, options.on_runtime)
            for stage in STAGES[1 : STAGES.index(options.until) + 1]:
                progress(stage, 0, len(job.slots))
                manifest = STEPS[stage](job, models, manifest)
                progress(stage, len(job.slots), len(job.slots))
        finally:
            # Whether the build ended well or not. Nothing reads the manifest to go on with, so a
            # killed build may leave the one before; and one that fails forgets nothing that the
            # one before did for the same tokens.
            if manifest.tokens:
                manifest = record(folders, store, manifest)
                write_report(folders, store)
        return manifest, job


def _render(job: Job, models: Models, manifest: Manifest) -> Manifest:
    curated = paint_tokens(
        manifest.collection,
        job.source,
        job.slots,
        job.store,
        models,
        open_renderer=job.options.open_renderer,
        open_embedder=job.options.open_embedder,
        progress=lambda done: job.progress("render", done, len(job.slots)),
    )
    return manifest.model_copy(
        update={
            "runtimes": used_runtimes(curated.tokens, models.painters.known),
            "tokens": curated.tokens,
            "unresolved": curated.unresolved,
        }
    )


def _enlarge(job: Job, models: Models, manifest: Manifest) -> Manifest:
    upscaler, upscalers = models.upscaler, models.upscalers
    if upscaler is None or upscalers is None:
        return manifest
    tokens = enlarge(
        job.store,
        manifest.tokens,
        upscalers.known,
        lambda: load_upscaler(upscaler, upscalers.current),
        lambda done: job.progress("enlarge", done, len(job.slots)),
    )
    runtimes = used_runtimes(tokens, (*models.painters.known, *upscalers.known))
    return manifest.model_copy(update={"runtimes": runtimes, "tokens": tokens})


def _metadata(job: Job, models: Models, manifest: Manifest) -> Manifest:
    tokens = manifest.tokens
    images = images_cid(manifest.collection, tokens, job.store)
    digests = []

    def documents() -> Iterator[tuple[int, bytes]]:
        for token in tokens:
            data = token_json(manifest.collection, token, images)
            digests.append(sha256(data))
            yield token.token_id, data

    write_metadata(job.folders, documents())
    return manifest.model_copy(
        update={
            "rarity": rarity([token.traits for token in tokens]),
            "metadata": tuple(digests),
            "provenance": provenance(provenance_leaves(tokens, digests)),
        }
    )


def _publish(job: Job, models: Models, manifest: Manifest) -> Manifest:
    try:
        publication = publish(job.folders, job.store, manifest)
    except StoreError:
        # A picture that rotted on disk is painted again; anything else is the artist's to mend.
        if all(job.store.get(token.image.file) for token in manifest.tokens):
            raise
        for repeat in (_render, _enlarge, _metadata):
            manifest = repeat(job, models, manifest)
        publication = publish(job.folders, job.store, manifest)
    # Whoever sees the pictures of a sale before its reveal knows what buyers do not.
    car = job.folders.car if publication.hidden is None else job.folders.hidden_car
    pin(manifest.collection.storage.pin, car, job.folders, job.options.environ)
    return manifest.model_copy(update={"publication": publication})


def _account(job: Job, manifest: Manifest) -> AbstractContextManager[Account]:
    from mint.chain.account import open_account

    options, network = job.options, job.options.network or manifest.collection.network
    return open_account(job.folders.state, network, options.environ, options.ask_password)


def _deploy(job: Job, models: Models, manifest: Manifest) -> Manifest:
    from mint.launch.deploy import deploy

    deployment = deploy(partial(_account, job, manifest), manifest, job.folders)
    return manifest.model_copy(update={"deployment": deployment})


def _mint(job: Job, models: Models, manifest: Manifest) -> Manifest:
    from mint.launch.mint import mint

    with _account(job, manifest) as account:
        return manifest.model_copy(update={"deployment": mint(account, manifest, job.folders)})


STEPS: dict[Stage, Callable[[Job, Models, Manifest], Manifest]] = {
    "render": _render,
    "enlarge": _enlarge,
    "metadata": _metadata,
    "publish": _publish,
    "deploy": _deploy,
    "mint": _mint,
}

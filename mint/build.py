"""The whole product on one screen: collection.yaml in, a minted collection and its report out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from mint.check import refuse_undeployable
from mint.curate.stage import paint
from mint.curate.token import Token
from mint.document import sha256
from mint.errors import StoreError
from mint.models.runtimes import OnRuntime
from mint.pinning.published import pin
from mint.plan.tokens import Slot, plan, planned_counts
from mint.record.folders import (
    Place,
    claim,
    place_of,
    read_manifest,
    save,
    show_images,
    show_metadata,
)
from mint.record.manifest import Manifest
from mint.record.metadata import token_json
from mint.record.provenance import provenance, provenance_leaves
from mint.record.publish import images_cid, publish
from mint.record.rarity import rarity
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.spec.yaml_source import Source
from mint.store import Store, lock, replacing, sweep_torn

if TYPE_CHECKING:
    from mint.chain.account import Session
    from mint.chain.deployment import Deployment

Stage = Literal["plan", "render", "metadata", "publish", "deploy", "mint"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Step = Literal[Stage, "enlarge"]  # enlarging is the end of the stage `render`
Tell = Callable[[Step, int, int], None]  # (step, done, total), for whoever shows progress


@dataclass(frozen=True)
class Options:
    """This run, as opposed to the collection. `environ` holds endpoints and secrets."""

    until: Stage = "mint"
    network: str | None = None
    on_runtime: OnRuntime = "refuse"
    executor: str = "local"
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    ask: Callable[[str], str] | None = None  # for a keystore's password


@dataclass(frozen=True)
class Job:
    """What every step is given besides the manifest so far."""

    place: Place
    source: Source
    store: Store
    slots: tuple[Slot, ...]
    options: Options
    tell: Tell


def build(file: Path, options: Options, tell: Tell) -> tuple[Manifest, Job]:
    """Run the stages up to `options.until`.

    Every stage is pure, memoised, or asks the world before it acts, so the next build continues
    one that was killed at any moment. Raises MintError; what was finished stays.
    """
    collection, source = load(file)
    if STAGES.index(options.until) >= STAGES.index("deploy"):
        refuse_undeployable(collection, source, options.network, options.environ)
    place = place_of(file, collection)
    with lock(place.state):
        job = Job(place, source, Store(place.state), plan(collection, source), options, tell)
        tell("plan", len(job.slots), len(job.slots))
        manifest = Manifest(collection=collection, runtimes={}, tokens=())
        if options.until == "plan":
            return manifest, job
        claim(place)
        sweep_torn(place.state, place.out)
        try:
            for stage in STAGES[1 : STAGES.index(options.until) + 1]:
                tell(stage, 0, len(job.slots))
                manifest = STEPS[stage](job, manifest)
                tell(stage, len(job.slots), len(job.slots))
        finally:
            # Whether the build ended well or not. Nothing reads the manifest to go on with, so a
            # killed build may leave the one before; and one that fails forgets nothing that the
            # one before did for the same tokens.
            if manifest.tokens:
                manifest = save(place, _carry(place, manifest))
                _report(job)
        return manifest, job


def _render(job: Job, manifest: Manifest) -> Manifest:
    curated, runtimes = paint(
        manifest.collection,
        job.source,
        job.slots,
        job.store,
        on_runtime=job.options.on_runtime,
        executor=job.options.executor,
        tell=lambda done: job.tell("render", done, len(job.slots)),
        tell_enlarged=lambda done: job.tell("enlarge", done, len(job.slots)),
    )
    show_images(job.place, job.store, curated.tokens)
    used = {token.recipe.runtime for token in curated.tokens}
    used |= {token.enlarged.runtime for token in curated.tokens if token.enlarged}
    return manifest.model_copy(
        update={
            "runtimes": {r.digest: r for r in runtimes if r.digest in used},
            "tokens": curated.tokens,
            "unresolved": curated.unresolved,
        }
    )


def _metadata(job: Job, manifest: Manifest) -> Manifest:
    tokens = manifest.tokens
    images = images_cid(manifest.collection, tokens, job.store)
    digests = []

    def documents() -> Iterator[tuple[int, bytes]]:
        for token in tokens:
            data = token_json(manifest.collection, token, images)
            digests.append(sha256(data))
            yield token.token_id, data

    show_metadata(job.place, documents())
    return manifest.model_copy(
        update={
            "rarity": rarity([token.traits for token in tokens]),
            "metadata": tuple(digests),
            "provenance": provenance(provenance_leaves(tokens, digests)),
        }
    )


def _publish(job: Job, manifest: Manifest) -> Manifest:
    try:
        publication = publish(job.place, job.store, manifest)
    except StoreError:
        # A picture that rotted on disk is painted again; anything else is the artist's to mend.
        rotten = [t for t in manifest.tokens if job.store.get(t.image.file) is None]
        if not rotten:
            raise
        manifest = _metadata(job, _render(job, manifest))
        publication = publish(job.place, job.store, manifest)
    # Whoever finds the pictures of a sale before its reveal has seen what buyers have not.
    shown = job.place.car if publication.hidden is None else job.place.hidden_car
    pin(manifest.collection.storage.pin, shown, job.place, job.options.environ)
    return manifest.model_copy(update={"publication": publication})


def _session(job: Job, collection: Collection) -> AbstractContextManager[Session]:
    from mint.chain.account import session

    network = job.options.network or collection.network
    return session(job.place, network, job.options.environ, job.options.ask)


def _deploy(job: Job, manifest: Manifest) -> Manifest:
    from mint.launch.deploy import deploy

    opened = partial(_session, job, manifest.collection)
    return manifest.model_copy(update={"deployment": deploy(opened, manifest, job.place)})


def _mint(job: Job, manifest: Manifest) -> Manifest:
    from mint.launch.mint import mint

    with _session(job, manifest.collection) as chain:
        return manifest.model_copy(update={"deployment": mint(chain, manifest, job.place)})


STEPS: dict[Stage, Callable[[Job, Manifest], Manifest]] = {
    "render": _render,
    "metadata": _metadata,
    "publish": _publish,
    "deploy": _deploy,
    "mint": _mint,
}


def _report(job: Job) -> None:
    """The page shows what manifest.json says, so that equal manifests give equal pages."""
    from mint.report import COVER, render, thumbnail_edge, thumbnail_webp

    manifest = read_manifest(job.place.manifest)
    sheet = thumbnail_edge(len(manifest.tokens))

    def thumbnail(token: Token, edge: int) -> bytes:
        def shrink() -> bytes:
            return thumbnail_webp(job.place.image(token.token_id).read_bytes(), edge)

        return job.store.cached("thumbnail", sha256(f"{token.image.file}/{edge}".encode()), shrink)

    page = render(
        manifest,
        lambda token: thumbnail(token, sheet),
        cover=lambda token: thumbnail(token, COVER),
        planned=planned_counts(manifest.collection),
        originals="../images",
    )
    with replacing(job.place.report, durable=False) as file:
        for piece in page:
            file.write(piece.encode())


def _carry(place: Place, now: Manifest) -> Manifest:
    """A shorter build of the same tokens keeps what a longer one published and deployed.

    Nothing is kept beside a part that this build made otherwise.
    """
    try:
        before = read_manifest(place.manifest)
    except StoreError:  # absent, or corrupt and about to be written anew
        return now
    made = [name for name, part in now if part is not None and name != "deployment"]
    if any(getattr(before, name) != getattr(now, name) for name in made):
        return now
    deployment = _with_mints(now.deployment, before.deployment)
    return before.model_copy(update={"deployment": deployment})


def _with_mints(now: Deployment | None, before: Deployment | None) -> Deployment | None:
    """What is on chain: the mints of the build before, where this one only found the contract."""
    if now is None or before is None:
        return now or before
    if len(now.transactions) > 1 or now.transactions != before.transactions[:1]:
        return now
    return now.model_copy(update={"transactions": before.transactions})

"""The whole product on one screen: collection.yaml in, a minted collection and its report out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from mint.curate.animate import animate_tokens, find_cinema
from mint.curate.banner import settled_banner
from mint.curate.canvas import extend_tokens
from mint.curate.checker import safety_record
from mint.curate.decisions_file import read_decisions
from mint.curate.drawings import prepared
from mint.curate.enlarge import enlarge, enlarging_here
from mint.curate.events import EventLog
from mint.curate.faults import refuse_faults
from mint.curate.measure import measure_tokens
from mint.curate.sign import sign_tokens
from mint.curate.stage import paint_tokens
from mint.errors import StoreError
from mint.job import Job, Options, models_of
from mint.launch.gate import refuse_unready, wallet
from mint.models.find import Models
from mint.paint.enlarge import load_upscaler
from mint.paint.signer import find_signer
from mint.pinning.published import pin_build
from mint.plan.tokens import plan
from mint.record.attempts import link_attempts
from mint.record.describe import describe
from mint.record.folders import folders_of, record, reserve
from mint.record.manifest import Manifest, curated, used_runtimes
from mint.record.publish import publish, published_picture
from mint.record.seal import causes, seal, sealed
from mint.record.selection import moving, with_wallpaper
from mint.report.darkroom import darkroom
from mint.report.write import write_report
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.spec.names import names
from mint.stages import STAGES, Forecast, Progress, Stage, underway
from mint.store import Store, lock, sweep_torn

__all__ = ["FUNCTIONS", "Job", "Options", "build"]


def build(file: Path, options: Options, progress: Progress) -> tuple[Manifest, Job]:
    """Run the stages up to `options.until`.

    Every stage is pure, memoised, or asks the world before it acts, so the next build continues
    one that was killed at any moment. Raises MintError; what was finished stays.
    """
    collection, source = load(file)
    refuse_unready(collection, options.until, file, options.environ, pinning=options.pin)
    folders = folders_of(file, collection)
    with ExitStack() as stack:
        open_account = wallet(collection, source, folders, options, stack)
        for line in names(collection, source):
            options.warn(line)
        wishes, log = read_decisions(file), EventLog(folders.events)
        stack.enter_context(lock(folders.state))
        stack.enter_context(log.running(folders.out.name, collection.name, collection.supply))
        progress = log.heard(progress)
        progress("planning", 0, collection.supply)
        slots = plan(collection, source)
        progress("planning", len(slots), len(slots))
        store = Store(folders.state)
        engine = None
        if options.open_engine and options.until != "plan":
            news = progress, options.warn, options.on_runtime
            engine = stack.enter_context(options.open_engine(collection, source, store, *news))
        parts = options, progress, wishes, log, open_account, engine
        job = Job(folders, source, store, slots, *parts)
        return _run(collection, job), job


def _run(collection: Collection, job: Job) -> Manifest:
    manifest = before = Manifest(collection=collection, runtimes={}, tokens=())
    if job.options.until == "plan":
        return manifest
    reserve(job.folders)
    sweep_torn(job.folders.state, job.folders.out)
    warnings: list[str] = []
    try:
        models = models_of(collection, job)
        stages = STAGES[1 : STAGES.index(job.options.until) + 1]
        parts = job.slots, job.wishes.decisions, models
        cause = causes(collection, *parts) if "publish" in stages else None
        if cause and (finished := sealed(job.folders, job.store, cause)):
            job.options.announce(Forecast(0, len(finished.tokens), 0))
            manifest = before = finished
            stages = stages[stages.index("publish") :]  # which still asks who keeps it
        for stage in stages:
            heard = job.overheard(warnings)
            manifest = FUNCTIONS[stage](heard, models, manifest)
            if stage == "render":  # the report shows what is wrong
                refuse_faults(collection, curated(manifest), manifest.decisions)
            if stage == "publish" and job.options.pin and collection.storage.pin != "none":
                manifest = record(job.folders, job.store, manifest)  # first: uploads take hours
                with underway(job.progress, "publishing"):
                    news = job.progress, heard.options.warn
                    pin_build(manifest, job.folders, job.options.environ, *news)
    finally:
        # Nothing but a sealed build reads the manifest to go on with, so a killed build may leave
        # the one before; and one that fails forgets nothing that was done for the same tokens.
        if manifest != before:
            manifest = record(job.folders, job.store, manifest)
            link_attempts(job.folders, job.store, manifest)
            write_report(job.folders, job.store, job.progress)
    if cause and manifest != before and not warnings:
        seal(job.folders, job.store, cause)
    return manifest


def _render(job: Job, models: Models, manifest: Manifest) -> Manifest:
    options, collection = job.options, manifest.collection
    # What will be enlarged is not what the report shows.
    with darkroom(job.store, None if models.upscaler else collection.supply) as develop:
        studio = replace(
            job.studio(collection, models),
            hear=job.log.hear,
            warn=options.warn,
            open_text_embedder=options.open_text_embedder,
            develop=develop,
        )
        studio = prepared(studio, job.slots, job.source)
        parts = dict(paint_tokens(collection, job.source, job.slots, studio, job.wishes))
    parts["decisions"] = job.wishes.decisions if any(job.wishes.decisions.parts.values()) else None
    parts["tokens"], parts["quality"] = measure_tokens(studio, parts["tokens"])
    parts["safety"] = safety_record(collection, models.embedder, models.classifier)
    runtimes = used_runtimes(parts["tokens"], studio.models.painters.known)
    return manifest.model_copy(update={"runtimes": runtimes, **parts})


def _enlarge(job: Job, models: Models, manifest: Manifest) -> Manifest:
    upscaler, upscalers = models.upscaler, models.upscalers
    if upscaler is None or upscalers is None:
        return manifest
    load = partial(load_upscaler, upscaler, upscalers.current)
    enlarge_all, enlargers = enlarging_here(job.store, load, job.progress), None
    if job.engine:
        enlarge_all, enlargers = job.engine.enlarge, job.engine.painters
    with darkroom(job.store, len(manifest.tokens)) as develop:
        work = enlarge_all, job.progress, develop, enlargers
        tokens = enlarge(job.store, manifest.tokens, upscalers.known, *work)
    runtimes = manifest.runtimes | used_runtimes(tokens, upscalers.known)
    return manifest.model_copy(update={"runtimes": runtimes, "tokens": tokens})


def _sign(job: Job, models: Models, manifest: Manifest) -> Manifest:
    collection, folders = manifest.collection, job.folders
    if collection.c2pa is None:
        return manifest
    signer = find_signer(job.options.environ, folders.state.parent)
    published = partial(published_picture, folders.car) if folders.car.exists() else None
    tokens = sign_tokens(job.store, collection, manifest.tokens, signer, job.progress, published)
    return manifest.model_copy(update={"tokens": tokens})


def _animate(job: Job, models: Models, manifest: Manifest) -> Manifest:
    collection = manifest.collection
    if collection.animate is None:
        return manifest
    cinema, movers = find_cinema(collection, models), moving(collection, manifest.tokens)
    news = job.progress, job.options.announce
    tokens = animate_tokens(job.store, manifest.tokens, movers, cinema, *news)
    runtimes = manifest.runtimes | used_runtimes(tokens, cinema.known)
    return manifest.model_copy(update={"runtimes": runtimes, "tokens": tokens})


def _canvas(job: Job, models: Models, manifest: Manifest) -> Manifest:
    collection = manifest.collection
    if collection.image.canvas is None:
        return manifest
    studio = job.studio(collection, models)
    owners = with_wallpaper(collection, manifest.tokens)
    wallpapers = collection.image.canvas, owners
    tokens, runtimes = extend_tokens(studio, job.slots, manifest.tokens, *wallpapers)
    runtimes = manifest.runtimes | runtimes
    return manifest.model_copy(update={"runtimes": runtimes, "tokens": tokens})


def _banner(job: Job, models: Models, manifest: Manifest) -> Manifest:
    studio = job.studio(manifest.collection, models)
    arguments = job.wishes, manifest.tokens, job.options.warn
    parts = settled_banner(studio, job.source, job.slots, *arguments)
    runtimes = manifest.runtimes | parts.runtimes
    return manifest.model_copy(update={**parts._asdict(), "runtimes": runtimes})


def _metadata(job: Job, models: Models, manifest: Manifest) -> Manifest:
    with underway(job.progress, "describing"):
        description = describe(job.folders, job.store, manifest)
    return manifest.model_copy(update=description._asdict())


def _publish(job: Job, models: Models, manifest: Manifest) -> Manifest:
    with underway(job.progress, "publishing"):
        return manifest if manifest.publication else _with_car(job, models, manifest)


def _with_car(job: Job, models: Models, manifest: Manifest) -> Manifest:
    try:
        publication = publish(job.folders, job.store, manifest)
    except StoreError:
        # A damaged picture is painted again; anything else the artist must mend.
        if all(job.store.get(file.file) for each in manifest.tokens for file in each.files):
            raise
        for repeat in (_render, _enlarge, _sign, _animate, _canvas, _banner, _metadata):
            manifest = repeat(job, models, manifest)
        publication = publish(job.folders, job.store, manifest)
    return manifest.model_copy(update={"publication": publication})


def _deploy(job: Job, models: Models, manifest: Manifest) -> Manifest:
    from mint.launch.deploy import deploy

    with underway(job.progress, "deploying"):
        minting, consent = job.options.until == "mint", job.options.consent
        draft = manifest.model_copy(update={"deployment": None})  # a sealed build has its last one
        deployment = deploy(job.open_account, draft, job.folders, consent, minting=minting)
    if manifest.deployment and manifest.deployment.continues(deployment):
        return manifest
    return draft.model_copy(update={"deployment": deployment})


def _mint(job: Job, models: Models, manifest: Manifest) -> Manifest:
    from mint.launch.mint import mint

    with underway(job.progress, "minting"), job.open_account() as account:
        deployment = mint(account, manifest, job.folders)
    return manifest.model_copy(update={"deployment": deployment})


FUNCTIONS: dict[Stage, Callable[[Job, Models, Manifest], Manifest]] = {
    "render": _render,
    "enlarge": _enlarge,
    "sign": _sign,
    "animate": _animate,
    "canvas": _canvas,
    "banner": _banner,
    "metadata": _metadata,
    "publish": _publish,
    "deploy": _deploy,
    "mint": _mint,
}

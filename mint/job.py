"""A build under way: the options of this run, and what its stages use."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from mint.curate.batch import with_machines
from mint.curate.cut_words import cut_words
from mint.curate.decisions_file import DecisionsFile
from mint.curate.engine import Engine
from mint.curate.events import EventLog
from mint.curate.studio import OpenEmbedder, OpenRenderer, OpenTextEmbedder, Studio
from mint.launch.gate import OpenAccount, Run
from mint.models.embedder import clip_embedder, clip_text_embedder
from mint.models.find import Models, find_models
from mint.models.machines import HERE
from mint.models.tuning import known_words
from mint.paint.forewarning import forewarning
from mint.paint.render import open_renderer
from mint.plan.recipe import Slot
from mint.record.folders import Folders
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source
from mint.stages import Forecast, OnRuntime, Progress, underway
from mint.store import Store

# Whose pictures, their file and store, who hears of the work, and what becomes of machines that
# paint other pixels -> who paints elsewhere.
OpenEngine = Callable[
    [Collection, Source, Store, Progress, Callable[[str], None], OnRuntime],
    AbstractContextManager[Engine],
]


@dataclass(frozen=True)
class Options(Run):
    """This run, as opposed to the collection."""

    on_runtime: OnRuntime = "refuse"
    pin: bool = True  # at the file's services
    announce: Callable[[Forecast], None] = lambda forecast: None  # before painting
    open_engine: OpenEngine | None = None  # other machines to paint on; None is this one alone
    # Seams: another painter or embedder, for tests and benchmarks.
    open_renderer: OpenRenderer = open_renderer
    open_embedder: OpenEmbedder = clip_embedder
    open_text_embedder: OpenTextEmbedder = clip_text_embedder


@dataclass(frozen=True)
class Job:
    """What every stage may use besides the manifest so far."""

    folders: Folders
    source: Source
    store: Store
    slots: tuple[Slot, ...]
    options: Options
    progress: Progress
    wishes: DecisionsFile
    log: EventLog
    open_account: OpenAccount
    engine: Engine | None = None

    def overheard(self, warnings: list[str]) -> Job:
        """The same, whose warnings are also listed in `warnings`."""

        def warn(line: str) -> None:
            warnings.append(line)
            self.options.warn(line)

        return replace(self, options=replace(self.options, warn=warn))

    def studio(self, collection: Collection, models: Models) -> Studio:
        """The collection's models at work, with nobody who hears of single pictures."""
        options = self.options
        seams = options.open_renderer, options.open_embedder, self.progress, options.announce
        return Studio(collection, self.store, models, *seams, engine=self.engine)


def models_of(collection: Collection, job: Job) -> Models:
    """Every model that the collection names, and warnings of what they cannot paint."""
    machines = job.engine.machines if job.engine else HERE
    with underway(job.progress, "loading"):
        on_runtime = job.options.on_runtime
        models = find_models(collection, job.source, job.store, on_runtime, machines)
        models = with_machines(collection, job.store, models, job.engine)
        vocabulary = known_words(models.painter.path, models.painter.files)
    painter = models.painter.path, models.painter.files
    cut = cut_words(collection, job.source, job.wishes, *painter)
    for line in (*forewarning(collection, job.source, vocabulary).warnings, *cut):
        job.options.warn(line)
    return models

"""The cells of a sheet painted and judged. What is painted is in the store, and a build of the same
recipe paints it not again; nothing else of a build, its record or its decisions is touched.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mint.curate.drawings import prepared
from mint.curate.stage import inspection
from mint.curate.studio import OpenEmbedder, OpenRenderer, Studio
from mint.curate.token import Verdict
from mint.curate.trial import Look
from mint.errors import CollectionError
from mint.models.checkpoint import taught_words
from mint.models.embedder import clip_embedder
from mint.models.families import refuse_unheard
from mint.models.find import find_models
from mint.models.refiners import refuse_unfit
from mint.models.runtime import device_of
from mint.models.weights import Model
from mint.paint.batches import pack
from mint.paint.painting_time import seconds_for_picture
from mint.paint.picture import Picture, memoised_painter, recalled
from mint.paint.prompt_length import refuse_long_prompts, word_counter
from mint.paint.render import open_renderer
from mint.plan.recipe import Candidate, Slot
from mint.plan.tokens import plan
from mint.record.folders import folders_of
from mint.spec.collection import ONE_OF_ONE
from mint.spec.load import load
from mint.stages import Forecast, Progress, Step, underway
from mint.store import Store, lock
from mint.tryout.cells import Cell, Grid


class Painted(NamedTuple):
    """A cell's pictures, those of the same tokens in each, and what is seen of each."""

    cell: Cell
    slots: tuple[Slot, ...]
    pictures: tuple[Picture, ...]
    looks: tuple[Look, ...] = ()

    @property
    def veiled(self) -> list[bool]:
        """Which pictures count as unsafe; where nobody looks, none does."""
        most = self.cell.collection.safety.threshold
        return [look.unsafe is not None and look.unsafe >= most for look in self.looks]

    @property
    def verdicts(self) -> Counter[Verdict]:
        """How many of the promised traits are seen, contradicted, and how many nobody can say."""
        return Counter(
            judgement.verdict for look in self.looks for judgement in look.judgements.values()
        )


def paint_sheet(
    file: Path,
    grid: Grid,
    number: int,
    progress: Progress,
    announce: Callable[[Forecast], None] = lambda forecast: None,
    open_renderer: OpenRenderer = open_renderer,
    open_embedder: OpenEmbedder = clip_embedder,
) -> list[Painted]:
    """The first `number` tokens with traits in each cell of `grid`, painted and judged.

    Raises MintError, before anything is painted for a cell that the model cannot honour.
    """
    collection, source = load(file)
    folders = folders_of(file, collection)
    with lock(folders.state):
        store = Store(folders.state)
        with underway(progress, "loading"):
            models = find_models(collection, source, store, "refuse")
        plans = _plans(grid, progress)
        for cell, slots in zip(grid.cells, plans, strict=True):
            try:
                _refuse(cell, slots, models.painter)
            except CollectionError as error:
                raise cell.blame(grid.axes, error) from error
        studio = Studio(collection, store, models, open_renderer, open_embedder, progress)
        studios = _settled(studio, grid, plans)
        samples = [_first(slots, number) for slots in plans]
        proposals = [
            [each.propose(slot, 0) for slot in slots]
            for each, slots in zip(studios, samples, strict=True)
        ]
        announce(_forecast(studios, proposals))
        pictures = _paint(studios, proposals, progress)
        results = [
            Painted(cell, tuple(slots), tuple(row))
            for cell, slots, row in zip(grid.cells, samples, pictures, strict=True)
        ]
        return _judged(studios[0], results, proposals)


def _plans(grid: Grid, progress: Progress) -> list[tuple[Slot, ...]]:
    """Every token of every cell's collection."""
    with underway(progress, "planning"):
        return [plan(cell.collection, cell.source) for cell in grid.cells]


def _first(slots: Sequence[Slot], number: int) -> list[Slot]:
    """The first tokens with traits; one-of-ones where there are no others."""
    return [s for s in slots if ONE_OF_ONE not in s.traits][:number] or list(slots[:number])


def _refuse(cell: Cell, slots: Sequence[Slot], painter: Model) -> None:
    """Raise CollectionError for what a build of this cell would be refused for."""
    collection, source = cell.collection, cell.source
    refuse_unheard(collection, source, painter.path)
    refuse_unfit(collection.painting, source, painter.path, [m.path for m in painter.refiners])
    if counter := word_counter(painter.path, taught_words(painter.files)):
        refuse_long_prompts(collection, source, slots, counter)


def _settled(studio: Studio, grid: Grid, plans: Sequence[Sequence[Slot]]) -> list[Studio]:
    """A studio for each cell, its batch as a build of the cell would have it."""
    batches: dict[str, Studio] = {}
    studios = []
    for cell, slots in zip(grid.cells, plans, strict=True):
        own = replace(studio, collection=cell.collection)
        if own.settings.digest not in batches:
            # Not left open: of large models only one fits into memory.
            batches[own.settings.digest] = replace(prepared(own, slots, cell.source), opened=None)
        studios.append(replace(batches[own.settings.digest], collection=cell.collection))
    return studios


def _missing(studio: Studio, proposals: Sequence[Candidate]) -> list[Candidate]:
    return [c for c in proposals if not recalled(studio.store, "render", c.recipe.digest)]


def _forecast(studios: Sequence[Studio], proposals: Sequence[Sequence[Candidate]]) -> Forecast:
    """What is in the store, what is not, and how long that takes; a padded batch is a full one."""
    absent, seconds = 0, 0.0
    for studio, row in zip(studios, proposals, strict=True):
        missing = _missing(studio, row)
        absent += len(missing)
        each = studio.stopwatch.seconds
        if missing and each is None:
            place = studio.models.painter.path, device_of(studio.runtime)
            each = seconds_for_picture(studio.collection.painting, *place)
        seconds += (each or 0.0) * sum(map(len, pack(missing, studio.batch)))
    total = sum(map(len, proposals))
    return Forecast(0, total - absent, absent, paint_seconds=seconds / absent if absent else None)


def _paint(
    studios: Sequence[Studio], proposals: Sequence[Sequence[Candidate]], progress: Progress
) -> list[list[Picture]]:
    """The pictures of each cell; a model is opened once for all cells of the same settings."""
    rows: dict[int, list[Picture]] = {}
    total = sum(len(_missing(s, row)) for s, row in zip(studios, proposals, strict=True))
    before = 0

    def counted(step: Step, done: int, all_of: int) -> None:
        progress(step, *((before + done, total) if step == "painting" else (done, all_of)))

    for group in _grouped(studios):
        painter = replace(studios[group[0]], progress=counted)
        for i in group:
            absent = len(_missing(painter, proposals[i]))
            pictures = memoised_painter(painter.store, painter.paint)(proposals[i])
            rows[i] = [pictures[candidate.token_id] for candidate in proposals[i]]
            before += absent
        del painter  # before the next is opened: a large one would not fit in beside it
        gc.collect()
    return [rows[i] for i in range(len(studios))]


def _grouped(studios: Sequence[Studio]) -> Iterable[list[int]]:
    """The places of those with the same settings, in the order of the first of them."""
    groups: dict[str, list[int]] = {}
    for i, studio in enumerate(studios):
        groups.setdefault(studio.settings.digest, []).append(i)
    return groups.values()


def _judged(
    studio: Studio, results: Sequence[Painted], proposals: Sequence[Sequence[Candidate]]
) -> list[Painted]:
    """What is seen in each, and how unsafe; judges are calibrated by the whole sheet."""
    inspect = inspection(studio.collection, studio)
    everything = [picture for each in results for picture in each.pictures]
    looks = iter(inspect([c for row in proposals for c in row], everything))
    return [each._replace(looks=tuple(_take(looks, len(each.pictures)))) for each in results]


def _take(looks: Iterator[Look], number: int) -> Iterator[Look]:
    return (next(looks) for _ in range(number))

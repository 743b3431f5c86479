"""Edits painted right away, judged and written into decisions.yaml; none is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import NamedTuple

from mint.curate.decisions import Decisions, Edited
from mint.curate.decisions_file import change, read_decisions
from mint.curate.drawings import prepared
from mint.curate.edits import Propose, with_edits
from mint.curate.stage import inspection
from mint.curate.studio import OpenEmbedder, OpenRenderer, Studio
from mint.curate.trial import Look
from mint.errors import CollectionError, StoreError
from mint.models.embedder import clip_embedder
from mint.models.find import find_models
from mint.paint.picture import Picture, paint_all, recalled
from mint.paint.render import open_renderer
from mint.plan.edit import FIRST, Parent, chain
from mint.plan.recipe import Candidate, Slot
from mint.plan.tokens import plan
from mint.record.attempts import exhibition, link_attempts
from mint.record.folders import Folders, folders_of, read_manifest
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.load import load
from mint.spec.yaml_source import Source
from mint.stages import Progress, underway
from mint.store import Store, lock


class Proof(NamedTuple):
    """A picture to choose: the edit that gives it, the picture, and what the judge saw of it."""

    edit: Edited
    picture: Picture
    look: Look


@dataclass(frozen=True)
class Easel:
    """A collection with its models, and what the artist decided so far. It holds the lock."""

    collection: Collection
    source: Source
    slots: tuple[Slot, ...]
    folders: Folders
    studio: Studio
    decisions: Decisions

    @cached_property
    def current(self) -> dict[int, int]:
        """token_id -> the attempt that is its picture, as far as anything is built."""
        return dict(exhibition(self.folders).current) | dict(self.decisions.choices)

    def slot(self, token_id: int) -> Slot:
        """The token as planned; raises CollectionError where there is none."""
        if not 1 <= token_id <= len(self.slots):
            raise CollectionError(
                f"there is no token {token_id}", hint=f"the tokens are 1 to {len(self.slots)}"
            )
        return self.slots[token_id - 1]

    def attempt(self, token_id: int) -> int:
        """The attempt that is the token's picture, or would be the first one painted."""
        self.slot(token_id)
        return self.current.get(token_id, self.decisions.first_attempt(token_id))

    def parent(self, token_id: int, attempt: int | None) -> Parent:
        """A picture to mix: that of the token, or of the plain attempt that it comes from.

        Raises CollectionError where there is no such token, or the attempt is an edit.
        """
        number = self.attempt(token_id) if attempt is None else attempt
        edits = self.decisions.edits(token_id)
        if number >= FIRST and number in edits and attempt is None:
            number = self.root(token_id, number)
        if number >= FIRST:
            raise CollectionError(
                f"attempt {number} of token {token_id} is an edit, and pictures are mixed from "
                "the noise and the words of plain attempts",
                hint=f"name one of those: {token_id}:0",
            )
        return Parent(token=token_id, attempt=number)

    def root(self, token_id: int, attempt: int) -> int:
        """The plain attempt that an edited one comes from; CollectionError if it has none."""
        steps = chain(attempt, self.decisions.edits(token_id))
        if any(step.blend for step in steps):
            raise CollectionError(
                f"the picture of token {token_id} is mixed itself, and has no noise of its own",
                hint=f"name the token's own attempt, such as {token_id}:0, or mix its parents",
            )
        return steps[0].of

    def propose(self, decisions: Decisions) -> Propose:
        """What proposes attempts, also those that the edits of `decisions` give."""
        return with_edits(self.collection, decisions, self.studio.propose, self.slots)

    def candidates(self, edits: Sequence[Edited]) -> list[Candidate]:
        """A candidate for each edit; raises CollectionError where one cannot be done."""
        propose = self.propose(reduce(Decisions.with_edit, edits, self.decisions))
        return [propose(self.slot(edit.token), edit.attempt) for edit in edits]

    def candidates_of(self, attempts: Sequence[tuple[int, int]]) -> list[Candidate]:
        """The candidates of some tokens' attempts."""
        propose = self.propose(self.decisions)
        return [propose(self.slot(token_id), attempt) for token_id, attempt in attempts]

    def develop(self, edits: Sequence[Edited]) -> list[Proof]:
        """Paint what is not in the store, judge all, write the new edits into decisions.yaml.

        Nothing is written before all are painted, so what was stopped leaves no half a list.
        """
        candidates = self.candidates(edits)
        pictures = paint_all(self.studio.store, self.studio.paint, candidates)
        looks = self._looks(candidates, pictures)
        decisions = change(
            self.folders.file, lambda earlier: reduce(Decisions.with_edit, edits, earlier)
        )
        self._link(decisions)
        return [Proof(*each) for each in zip(edits, pictures, looks, strict=True)]

    def painted(self, candidates: Sequence[Candidate]) -> list[Picture]:
        """The pictures of plain attempts or edits, painted where they are not in the store."""
        return paint_all(self.studio.store, self.studio.paint, candidates)

    def _looks(
        self, candidates: Sequence[Candidate], pictures: Sequence[Picture]
    ) -> Sequence[Look]:
        """What the judges see; of a one-of-one nothing, and nothing where nobody judges."""
        studio = self.studio
        if not studio.models.judges or all(ONE_OF_ONE in each.traits for each in candidates):
            return [Look()] * len(candidates)
        inspect = inspection(self.collection, studio)
        if any(judge.calibrate for judge in inspect.judges):
            first = [studio.propose(slot, 0) for slot in self.slots]
            known = [
                (c, p) for c in first if (p := recalled(studio.store, "render", c.recipe.digest))
            ]
            if known:
                inspect([c for c, _ in known], [p for _, p in known])
        return inspect(candidates, pictures)

    def _link(self, decisions: Decisions) -> None:
        """Put the pictures into the build's folder attempts, if there is a build."""
        try:
            manifest = read_manifest(self.folders.manifest)
        except StoreError:  # none yet; the first one does it
            return
        manifest = manifest.model_copy(update={"decisions": decisions})
        link_attempts(self.folders, self.studio.store, manifest)


@contextmanager
def easel(
    file: Path,
    progress: Progress,
    open_renderer: OpenRenderer = open_renderer,
    open_embedder: OpenEmbedder = clip_embedder,
) -> Iterator[Easel]:
    """The collection of `file` (collection.yaml), locked; raises MintError."""
    collection, source = load(file)
    slots = plan(collection, source)
    folders = folders_of(file, collection)
    with lock(folders.state):
        store = Store(folders.state)
        with underway(progress, "loading"):
            models = find_models(collection, source, store, "refuse")
        studio = Studio(collection, store, models, open_renderer, open_embedder, progress)
        studio = prepared(studio, slots, source)
        decisions = read_decisions(file).decisions
        yield Easel(collection, source, slots, folders, studio, decisions)

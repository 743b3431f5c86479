"""A built collection, open to change single pictures of it: what they are now, and who judges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mint.curate.decisions import PREFIX, Decisions, Edited
from mint.curate.decisions_file import read_decisions
from mint.curate.drawings import prepared
from mint.curate.edits import Propose, recall_masks, with_edits
from mint.curate.inspection import Inspection
from mint.curate.ruling import rule
from mint.curate.stage import inspection
from mint.curate.studio import OpenEmbedder, OpenRenderer, Studio
from mint.curate.trial import Look, Trial
from mint.errors import CollectionError
from mint.models.beginnings import refuse_varying
from mint.models.embedder import clip_embedder
from mint.models.find import find_models
from mint.models.refiners import refuse_beginning
from mint.models.tuning import known_words
from mint.paint.forewarning import prompt_warning
from mint.paint.picture import Picture, Pictures, memoised_painter, recalled
from mint.paint.prompt_length import refuse_long_words
from mint.paint.render import open_renderer
from mint.plan.edited import among, edited
from mint.plan.recipe import Candidate, Slot
from mint.plan.tokens import plan
from mint.record.folders import Folders, built_manifest, folders_of
from mint.record.manifest import Manifest
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.spec.yaml_source import Source
from mint.stages import Progress, Step, underway
from mint.store import Store, lock


@dataclass(frozen=True)
class Easel:
    """A collection after a build, with its models. By token_id: `current` is what each token is
    now, the artist's edits included, with its `pictures` and `looks`, by which `inspect` is
    calibrated. Of the `decisions` those are `holding` that a build would obey. `relabelled`
    tokens have other traits than were planned for their pictures.
    """

    folders: Folders
    source: Source
    collection: Collection
    studio: Studio
    slots: Mapping[int, Slot]
    decisions: Decisions
    holding: Decisions
    propose: Propose
    inspect: Inspection
    current: Mapping[int, Candidate]
    pictures: Pictures
    looks: Mapping[int, Look]
    relabelled: frozenset[int] = frozenset()

    @property
    def home(self) -> Path:
        """The folder of collection.yaml."""
        return self.folders.file.absolute().parent

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a painting, in pixels."""
        return self.studio.settings.size

    def trial(self, token_id: int, attempt: int | None = None) -> Trial:
        """The token as it is now, or one of its attempts; raises CollectionError without one."""
        refuse_unknown_token(self.collection, token_id)
        if attempt is None or attempt == self.current[token_id].attempt:
            parts = self.current[token_id], self.pictures[token_id], self.looks[token_id]
            return Trial(*parts)
        candidate = self.propose(self.slots[token_id], attempt)
        picture = recalled(self.studio.store, "render", candidate.recipe.digest)
        if picture is None:
            raise CollectionError(
                f"attempt {attempt} of token {token_id} is not painted",
                hint="its pictures are in the folder attempts of the build, and in mint preview",
            )
        return Trial(candidate, picture, self.inspect([candidate], [picture])[0])

    def paint(self, candidate: Candidate) -> Trial:
        """The candidate painted, or looked up, and judged."""
        paint = memoised_painter(self.studio.store, self.studio.paint)
        picture = paint([candidate])[candidate.token_id]
        return Trial(candidate, picture, self.inspect([candidate], [picture])[0])

    def warning(self, prompt: str | None) -> str | None:
        """What the painter does not know of the words that somebody wants painted, if any.

        Raises CollectionError where it would not read them to their end.
        """
        painter = self.studio.models.painter
        refuse_long_words(painter, prompt)
        vocabulary = known_words(painter.path, painter.files)
        return prompt_warning(self.collection, vocabulary, prompt)

    def edits(self, before: Trial, edit: Edited) -> Iterator[tuple[Edited, Trial]]:
        """The edit with one number after the other, each another seed, painted and judged."""
        first = self.decisions.next_edit(before.candidate.token_id)
        picture = before.picture.pixels[:PREFIX]
        relative = among(self.collection, [*self.slots.values()], self.studio.propose)
        for attempt in range(first, 10_000):
            entry = edit.model_copy(update={"attempt": attempt, "picture": picture})
            candidate = edited(self.collection, before.candidate, entry.edit, relative)
            yield entry, self.paint(candidate)


def refuse_unknown_token(collection: Collection, token_id: int) -> None:
    """Raise CollectionError for the number of no token."""
    if not 1 <= token_id <= collection.supply:
        raise CollectionError(
            f"there is no token {token_id}", hint=f"tokens are 1 to {collection.supply}"
        )


@contextmanager
def open_easel(
    file: Path,
    progress: Progress,
    *,
    masked: bool = True,
    check: Callable[[Collection], None] = lambda collection: None,
    open_renderer: OpenRenderer = open_renderer,
    open_embedder: OpenEmbedder = clip_embedder,
) -> Iterator[Easel]:
    """The collection of `file`, alone with its .mint until the block ends.

    `check` raises for what is amiss with a wish, before anybody waits for a model. Raises
    MintError: where it is not built as the file is now, and where its model cannot go on with a
    picture, with `masked` with a part of one.
    """
    collection, source = load(file)
    check(collection)
    folders = folders_of(file, collection)
    with lock(folders.state):
        manifest, wishes = built_manifest(folders), read_decisions(file)
        store = Store(folders.state)
        with underway(progress, "loading"):
            models = find_models(collection, source, store, "refuse")
        if masked:
            refuse_beginning(collection.image, source, models.painter.path, masked=True)
        else:
            refuse_varying(collection, source, models.painter.path)
        slots = plan(collection, source)
        quiet = _without("painting", progress)
        studio = Studio(collection, store, models, open_renderer, open_embedder, quiet)
        studio = prepared(studio, slots, source)
        recall_masks(store, wishes, studio.settings.size)
        propose = with_edits(collection, wishes.decisions, studio.propose, slots)
        holding = _holding(store, wishes.decisions, slots, propose)
        candidates = _current(manifest, holding, slots, propose)
        pictures = _pictures(store, candidates, file)
        inspect = inspection(collection, studio)
        looks = inspect(candidates, pictures)
        ids = [slot.token_id for slot in slots]
        yield Easel(
            folders,
            source,
            collection,
            studio,
            dict(zip(ids, slots, strict=True)),
            wishes.decisions,
            holding,
            propose,
            inspect,
            dict(zip(ids, candidates, strict=True)),
            dict(zip(ids, pictures, strict=True)),
            dict(zip(ids, looks, strict=True)),
            frozenset(token.token_id for token in manifest.tokens if token.relabelled),
        )


def _holding(
    store: Store, decisions: Decisions, slots: Sequence[Slot], propose: Propose
) -> Decisions:
    """Those that speak of the pictures that their attempts give today, as a build obeys them."""
    by_id = {slot.token_id: slot for slot in slots}
    pictures: dict[tuple[int, int], Picture] = {}
    for each in decisions.entries:
        if each.token in by_id:
            recipe = propose(by_id[each.token], each.attempt).recipe
            if picture := recalled(store, "render", recipe.digest):
                pictures[each.token, each.attempt] = picture
    return rule(decisions, pictures).decisions


def _current(
    manifest: Manifest, decisions: Decisions, slots: Sequence[Slot], propose: Propose
) -> list[Candidate]:
    attempts = {token.token_id: token.attempt for token in manifest.tokens}
    return [propose(s, ({**attempts, **decisions.choices}).get(s.token_id, 0)) for s in slots]


def _pictures(store: Store, candidates: Sequence[Candidate], file: Path) -> list[Picture]:
    memos = [recalled(store, "render", each.recipe.digest) for each in candidates]
    pictures = [picture for picture in memos if picture]
    if missing := len(memos) - len(pictures):
        raise CollectionError(
            f"{missing} of {len(memos)} pictures are not painted as {file} says now",
            hint=f"run mint build {file} first",
        )
    return pictures


def _without(step: Step, progress: Progress) -> Callable[[Step, int, int], None]:
    """The same progress, but for a step that somebody else counts."""

    def hear(news: Step, done: int, total: int) -> None:
        if news != step:
            progress(news, done, total)

    return hear

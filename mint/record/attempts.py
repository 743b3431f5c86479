"""The pictures that an artist may decide about: of the last build, and of the one that runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from pydantic import ValidationError

from mint.curate.decisions import MOST_REASON, Decision, Decisions, Verb, decision_of
from mint.curate.decisions_file import read_decisions
from mint.curate.edits import with_edits
from mint.curate.events import events
from mint.curate.relabel import refuse_keeping
from mint.curate.token import Attempt, Token
from mint.errors import CollectionError, StoreError
from mint.paint.picture import Picture, recalled
from mint.plan.lineage import lineage
from mint.plan.recipe import Slot, candidate, painter
from mint.plan.tokens import plan
from mint.record.folders import Folders, read_manifest
from mint.record.manifest import Manifest
from mint.store import Store, content, link

MOST = 24  # attempts that are looked for in the store; a build paints no more than 21 in a row
Key = tuple[int, int]  # token_id, attempt


@dataclass(frozen=True)
class Exhibition:
    """`current` maps token_id to the attempt that is its picture; `pixels` has all digests.

    A picture is known by its pixels as they were painted, before it was enlarged.
    """

    current: Mapping[int, int]
    pixels: Mapping[Key, str]
    manifest: Manifest | None
    store: Store
    decisions: Decisions = field(default_factory=Decisions)  # its edits give further attempts

    def decide(
        self, verb: Verb, token_id: int, attempt: int | None = None, reason: str = ""
    ) -> Decision:
        """A decision about the token's picture, or about one of its attempts.

        Raises CollectionError where there is no such picture, and where to keep it would take back
        what its metadata says of it.
        """
        if not self.current:
            raise CollectionError("nothing is painted yet", hint="run mint build first")
        if token_id not in self.current:
            raise CollectionError(
                f"there is no picture of a token {token_id}",
                hint=f"tokens {min(self.current)} to {max(self.current)} have one; "
                "mint preview shows them",
            )
        number = self.current[token_id] if attempt is None else attempt
        earlier = {} if (token_id, number) in self.pixels else self._earlier(token_id)
        pixels = {**earlier, **self.pixels}
        if (token_id, number) not in pixels:
            numbers = sorted(n for i, n in pixels if i == token_id)
            raise CollectionError(
                f"attempt {number} of token {token_id} was never painted",
                hint=f"its attempts are {', '.join(map(str, numbers))}",
            )
        digest = pixels[token_id, number]
        for token in self.manifest.tokens if self.manifest and verb == "keep" else ():
            if token.token_id == token_id and _painted(token) == digest:
                refuse_keeping(token)
        return _decision(verb, token_id, number, digest, reason)

    def _earlier(self, token_id: int) -> Mapping[Key, str]:
        if self.manifest is None:
            return {}
        pixels = {
            (token_id, attempt): picture.pixels
            for token in self.manifest.tokens
            if token.token_id == token_id
            for attempt, picture in earlier_attempts(
                self.store, self.manifest, token, plan(self.manifest.collection)[token_id - 1]
            )
        }
        pictures = edited_pictures(self.store, self.manifest, self.decisions)
        return pixels | {key: picture.pixels for key, picture in pictures.items()}


def _decision(verb: Verb, token_id: int, attempt: int, pixels: str, reason: str) -> Decision:
    try:
        return decision_of(verb, token_id, attempt, pixels, " ".join(reason.split()))
    except ValidationError as error:
        raise CollectionError(
            f"the reason is empty, unreadable, or longer than {MOST_REASON} characters",
            hint='say in a few words what is wrong, such as "six fingers"',
        ) from error


def _painted(token: Token) -> str:
    return token.enlarged.painted if token.enlarged else token.image.pixels


def exhibition(folders: Folders) -> Exhibition:
    """What the manifest says, and over it what the last build, or the running one, has painted."""
    current: dict[int, int] = {}
    pixels: dict[Key, str] = {}
    try:
        manifest = read_manifest(folders.manifest)
    except StoreError:  # nothing is built yet
        manifest = None
    for token in manifest.tokens if manifest else ():
        current[token.token_id] = token.attempt
        pixels |= {(token.token_id, each.attempt): each.image.pixels for each in token.attempts}
        pixels[token.token_id, token.attempt] = _painted(token)
    for (token_id, attempt), digest in _event_pictures(folders):
        current[token_id] = attempt
        pixels[token_id, attempt] = digest
    decisions = read_decisions(folders.file).decisions
    return Exhibition(current, pixels, manifest, Store(folders.state), decisions)


def edited_pictures(store: Store, manifest: Manifest, decisions: Decisions) -> dict[Key, Picture]:
    """The attempts that edits give, by token_id and attempt, where the store has their pictures."""
    if not decisions.edit:
        return {}
    tokens = {token.token_id: token for token in manifest.tokens}
    all_slots = plan(manifest.collection)
    slots = {slot.token_id: slot for slot in all_slots}
    pictures: dict[Key, Picture] = {}
    for each in decisions.edit:
        if each.token not in tokens:
            continue
        by = painter(manifest.runtimes[tokens[each.token].recipe.runtime])
        propose = partial(candidate, manifest.collection, painter=by)
        further = with_edits(manifest.collection, decisions, propose, all_slots)
        with suppress(CollectionError):  # a broken line is an error once it is chosen
            digest = further(slots[each.token], each.attempt).recipe.digest
            if picture := recalled(store, "render", digest):
                pictures[each.token, each.attempt] = picture
    return pictures


def with_edited(store: Store, manifest: Manifest) -> Manifest:
    """The manifest with what edits gave and the artist has not chosen among the attempts, and
    with what the chosen ones were painted over.
    """
    decisions = manifest.decisions or Decisions()
    pictures = edited_pictures(store, manifest, decisions)
    further: dict[int, list[Attempt]] = {}
    for each in decisions.edit:
        if picture := pictures.get((each.token, each.attempt)):
            attempt = Attempt(attempt=each.attempt, image=picture, reasons=(lineage(each),))
            further.setdefault(each.token, []).append(attempt)
    for token in manifest.tokens:
        if token.edits:
            further.setdefault(token.token_id, []).extend(_before(store, token))
    if not further:
        return manifest
    tokens = (_with_further(token, further.get(token.token_id, ())) for token in manifest.tokens)
    return manifest.model_copy(update={"tokens": tuple(tokens)})


def _before(store: Store, token: Token) -> Iterator[Attempt]:
    """The pictures that the token's own was painted over, the last one first."""
    recipe = token.recipe
    for edit in reversed(token.edits):
        if recipe.start is None or recipe.start.recipe is None:  # it was mixed, or drawn
            return
        recipe, reason = recipe.start.recipe, f"painted over in attempt {edit.attempt}"
        if picture := recalled(store, "render", recipe.digest):
            yield Attempt(attempt=edit.of, image=picture, reasons=(reason,))


def _with_further(token: Token, further: Sequence[Attempt]) -> Token:
    numbers = {token.attempt, *(each.attempt for each in token.attempts)}
    others = {each.attempt: each for each in further if each.attempt not in numbers}
    if not others:
        return token
    return token.model_copy(update={"attempts": (*token.attempts, *others.values())})


def earlier_attempts(
    store: Store, manifest: Manifest, token: Token, slot: Slot
) -> Iterator[tuple[int, Picture]]:
    """Attempts of the token that the store still has from any build with the same prompt.

    `slot` is the token's in the plan. Words that redraws vary are those of each attempt.
    """
    first = token.recipe
    while first.start and first.start.recipe and not first.start.second:
        first = first.start.recipe
    by = painter(manifest.runtimes[first.runtime])
    own = partial(candidate, manifest.collection, slot, painter=by)
    if first.blend or (first.start and first.start.second):  # nothing of the token's own words
        first = own(0).recipe
    for attempt in range(MOST):
        words = own(attempt).recipe
        update = {"seed": words.seed, "prompt": words.prompt}
        recipe = first.model_copy(update=update)
        if picture := recalled(store, "render", recipe.digest):
            yield attempt, picture


def _event_pictures(folders: Folders) -> Iterator[tuple[Key, str]]:
    """The pictures in the events of the last build, if it was this collection's."""
    mine = False
    for event in events(content(folders.events) or b""):
        if event["event"] == "begin":
            mine = event.get("folder") == folders.out.name
        elif event["event"] == "picture" and mine:
            token_id, attempt, digest = (event.get(k) for k in ("token_id", "attempt", "pixels"))
            if isinstance(token_id, int) and isinstance(attempt, int) and isinstance(digest, str):
                yield (token_id, attempt), digest


def link_attempts(folders: Folders, store: Store, manifest: Manifest) -> None:
    """attempts/12-0.png ...: the pictures that were painted for a token and not chosen.

    Where the artist decided about a token, also what builds before that decision painted for it.
    """
    names: dict[str, Picture] = {}
    entries = manifest.decisions.entries if manifest.decisions else ()
    token_ids = {each.token for each in entries}
    pictures = edited_pictures(store, manifest, manifest.decisions or Decisions())
    slots = plan(manifest.collection) if token_ids else []
    for token in manifest.tokens:
        attempts = {each.attempt: each.image for each in token.attempts}
        if token.token_id in token_ids:
            slot = slots[token.token_id - 1]
            attempts = dict(earlier_attempts(store, manifest, token, slot)) | attempts
        attempts |= {n: picture for (i, n), picture in pictures.items() if i == token.token_id}
        attempts.pop(token.attempt, None)
        names |= {f"{token.token_id}-{n}.png": picture for n, picture in attempts.items()}
    folder = folders.out / "attempts"
    for name, picture in names.items():
        if store.has(picture.file, picture.size):
            link(store.object_name(picture.file), str(folder / name))
    for path in folder.iterdir() if folder.is_dir() else ():
        if re.fullmatch(r"[0-9]+-[0-9]+\.png", path.name) and path.name not in names:
            path.unlink()

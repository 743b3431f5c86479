"""Candidates -> Tokens: paint, embed, compare; keep, or draw again with the next attempt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from mint.collection import Dedup
from mint.document import Document, sha256
from mint.embed import BATCH, Embedder, close_pairs
from mint.errors import StoreError
from mint.execute import Painted
from mint.plan import Candidate, Recipe, Slot
from mint.store import Store

if TYPE_CHECKING:
    from mint.embed import Vectors


class Picture(Document):
    """A painted PNG: SHA-256 of its raw RGB rows and of the file, and the file's size in bytes."""

    pixels: str
    file: str
    size: int


class Enlarged(Document):
    """How a picture came from a smaller one: the digests of its pixels, and of the Runtime."""

    painted: str
    runtime: str


class Token(Document):
    """A token as kept. `traits` maps trait_type to value and leaves absent traits out.

    `image` is what is published: as painted, or, with `enlarged`, made from that.
    """

    token_id: int
    attempt: int
    name: str
    description: str | None = None
    traits: dict[str, str]
    recipe: Recipe
    image: Picture
    enlarged: Enlarged | None = None


class Curated(Document):
    """What curation decided: the kept tokens in order, and the ids that stayed duplicates."""

    tokens: tuple[Token, ...]
    unresolved: tuple[int, ...] = ()


# Cosine from which `auto` calls two pictures one. With atelier's CLIP no two of 728 pairs of the
# same traits and other seeds reach 0.959; saved again as JPEG 85 or WebP 80 a picture keeps 0.997,
# with another tint 0.973 in 19 of 20 cases; cropped by 2 % it may fall to 0.75, and is missed then.
# To be replaced by a threshold measured on each collection.
AUTO_THRESHOLD = 0.965

Paint = Callable[[Sequence[Candidate]], Mapping[int, Picture]]
Embed = Callable[[Sequence[Picture]], "Vectors"]


def curate(
    slots: Sequence[Slot],
    propose: Callable[[Slot, int], Candidate],
    paint: Paint,
    embed: Embed,
    settings: Dedup,
) -> Curated:
    """Paint every slot until no two pictures are one, at most `settings.attempts` times more.

    Within a round the lower token_id is kept; a later round is compared with all that is kept.
    So the result depends on the collection and its seed alone, not on batches or interruptions.
    """
    threshold = AUTO_THRESHOLD if settings.threshold == "auto" else settings.threshold
    kept: dict[int, Token] = {}
    pending = list(slots)
    shelf = _Shelf.empty()
    for attempt in range(settings.attempts + 1):
        candidates = [propose(slot, attempt) for slot in pending]
        pictures = paint(candidates)
        shown = [pictures[candidate.token_id] for candidate in candidates]
        vectors = embed(shown)
        doubles = duplicates(shelf, shown, vectors, threshold)
        last = attempt == settings.attempts
        fresh = [i for i in range(len(pending)) if i not in doubles or last]
        kept |= {pending[i].token_id: keep(candidates[i], shown[i]) for i in fresh}
        shelf = shelf.add([shown[i].pixels for i in fresh], vectors[fresh])
        unresolved = [pending[i].token_id for i in sorted(doubles)]
        pending = [pending[i] for i in sorted(doubles)]
        if not pending or last:
            break
    return Curated(
        tokens=tuple(kept[token_id] for token_id in sorted(kept)), unresolved=tuple(unresolved)
    )


def duplicates(
    shelf: _Shelf, shown: Sequence[Picture], vectors: Vectors, threshold: float
) -> set[int]:
    """Rows of `shown` that equal a kept picture or an earlier kept row, by pixels or by cosine.

    Later checks of a picture (does it show its traits, is it safe) add their rows here.
    """
    doubles = {i for i, _, _ in close_pairs(vectors, shelf.vectors, threshold)}
    earlier: dict[int, list[int]] = {}
    for i, j, _ in close_pairs(vectors, vectors, threshold, same=True):
        earlier.setdefault(j, []).append(i)
    seen = set(shelf.pixels)
    for row, picture in enumerate(shown):
        # Sequential on purpose: a row is judged only against rows that were themselves kept.
        if picture.pixels in seen or any(i not in doubles for i in earlier.get(row, [])):
            doubles.add(row)
        if row not in doubles:
            seen.add(picture.pixels)
    return doubles


@dataclass(frozen=True)
class _Shelf:
    """What is kept so far: pixel digests, and vectors of shape (n, d)."""

    pixels: frozenset[str]
    vectors: Vectors

    @staticmethod
    def empty() -> _Shelf:
        return _Shelf(frozenset(), np.zeros((0, 0), np.float32))

    def add(self, pixels: Sequence[str], vectors: Vectors) -> _Shelf:
        stacked = np.concatenate([self.vectors, vectors]) if len(self.vectors) else vectors
        return _Shelf(self.pixels | set(pixels), stacked)


def keep(candidate: Candidate, image: Picture, enlarged: Enlarged | None = None) -> Token:
    """The token that a candidate becomes; absent traits are left out."""
    traits = {k: v for k, v in candidate.traits.items() if v.strip().lower() != "none"}
    return Token(
        token_id=candidate.token_id,
        attempt=candidate.attempt,
        name=candidate.name,
        description=candidate.description,
        traits=traits,
        recipe=candidate.recipe,
        image=image,
        enlarged=enlarged,
    )


def painter(store: Store, execute: Callable[[Sequence[Candidate]], Iterator[Painted]]) -> Paint:
    """A Paint that remembers: only recipes whose picture is not in the store are painted."""

    def paint(candidates: Sequence[Candidate]) -> dict[int, Picture]:
        keys = {c.token_id: c.recipe.digest for c in candidates}
        found = {c.token_id: recalled(store, "render", keys[c.token_id]) for c in candidates}
        missing = [c for c in candidates if found[c.token_id] is None]
        for candidate, png, pixels in execute(missing) if missing else ():
            picture = Picture(pixels=pixels, file=store.put(png), size=len(png))
            store.remember("render", keys[candidate.token_id], picture.canonical())
            found[candidate.token_id] = picture
        return {token_id: picture for token_id, picture in found.items() if picture}

    return paint


def recalled(store: Store, step: str, key: str) -> Picture | None:
    """The picture that was made under (step, key), if its file is still in the store."""
    data = store.recall(step, key)
    try:
        picture = Picture.parse(data) if data else None
    except ValidationError:  # written by another version of mint: as good as absent
        return None
    return picture if picture and store.has(picture.file, picture.size) else None


def stored(store: Store, picture: Picture) -> bytes:
    """The picture's file; raises StoreError where it is not what was written."""
    data = store.get(picture.file)
    if data is None:
        raise StoreError(
            f"the picture {picture.file[:12]} was rotten on disk and is removed",
            hint="run the same command again; it paints that picture again",
        )
    return data


def embedder(store: Store, key: str, load: Callable[[], Embedder]) -> Embed:
    """An Embed that remembers; `load` is called only when some picture is new.

    `key` is a digest of all that decides a vector besides the pixels.
    """
    model: list[Embedder] = []

    def embed(pictures: Sequence[Picture]) -> Vectors:
        # All of them under one key first: a file each would be most of a second build's time.
        together = sha256("/".join((key, *(p.pixels for p in pictures))).encode())
        rows = store.recall("embedded", together)
        if rows is None:
            rows = b"".join(singly(pictures))
            store.remember("embedded", together, rows)
        return np.frombuffer(rows, np.float32).reshape(len(pictures), -1)

    def singly(pictures: Sequence[Picture]) -> Iterator[bytes]:
        keys = [sha256(f"{key}/{picture.pixels}".encode()) for picture in pictures]
        known = {k: row for k in keys if (row := store.recall("embed", k)) is not None}
        missing = {k: p for k, p in zip(keys, pictures, strict=True) if k not in known}
        if missing and not model:
            model.append(load())
        for start in range(0, len(missing), BATCH):
            part = list(missing.items())[start : start + BATCH]
            files = [stored(store, picture) for _, picture in part]
            for (k, _), vector in zip(part, model[0](files), strict=True):
                known[k] = vector.tobytes()
                store.remember("embed", k, known[k])
        yield from (known[k] for k in keys)

    return embed

"""A painted picture on record, and the memo that paints nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from mint.document import Document, sha256
from mint.errors import StoreError
from mint.paint.png import encode
from mint.plan.recipe import Candidate
from mint.store import Store

if TYPE_CHECKING:
    from mint.paint.png import Pixels


class Picture(Document):
    """A painted PNG: SHA-256 of its raw RGB rows and of the file, and the file's size in bytes."""

    pixels: str
    file: str
    size: int


class Painted(NamedTuple):
    """A finished picture, whose file is in the store, though nothing there leads to it yet."""

    candidate: Candidate
    picture: Picture


Pictures = Mapping[int, Picture]  # by token_id
Paint = Callable[[Sequence[Candidate]], Pictures]


def memoised_painter(
    store: Store,
    execute: Callable[[Sequence[Candidate]], Iterator[Painted]],
    announce: Callable[[Sequence[Candidate], Pictures], None] = lambda candidates, pictures: None,
    hear: Callable[[Candidate, Picture], None] = lambda candidate, picture: None,
) -> Paint:
    """A Paint that hands to `execute` only candidates whose picture is not in the store.

    `announce` hears first what is to be painted, and the pictures that are in the store; `hear`
    of each picture once it is there.
    """

    def paint(candidates: Sequence[Candidate]) -> Pictures:
        keys = {c.token_id: c.recipe.digest for c in candidates}
        memos = {i: recalled(store, "render", key) for i, key in keys.items()}
        pictures = {i: picture for i, picture in memos.items() if picture}
        announce(candidates, pictures)
        for candidate in candidates:
            if candidate.token_id in pictures:
                hear(candidate, pictures[candidate.token_id])
        missing = [c for c in candidates if c.token_id not in pictures]
        for candidate, picture in execute(missing) if missing else ():
            store.remember("render", keys[candidate.token_id], picture.canonical())
            pictures[candidate.token_id] = picture
            hear(candidate, picture)
        return pictures

    return paint


def paint_all(
    store: Store,
    execute: Callable[[Sequence[Candidate]], Iterator[Painted]],
    candidates: Sequence[Candidate],
) -> list[Picture]:
    """The picture of each candidate, of which several may be one token's.

    Only those that are not in the store are handed to `execute`.
    """
    keys = [candidate.recipe.digest for candidate in candidates]
    pictures = {key: recalled(store, "render", key) for key in keys}
    missing = {k: c for k, c in zip(keys, candidates, strict=True) if pictures[k] is None}
    for candidate, painting in execute([*missing.values()]) if missing else ():
        key = candidate.recipe.digest
        store.remember("render", key, painting.canonical())
        pictures[key] = painting
    return [picture for key in keys if (picture := pictures[key])]


def remember_picture(store: Store, step: str, key: str, pixels: Pixels) -> Picture:
    """Encode a picture and put it into the store, on record under (step, key)."""
    picture = put_pixels(store, pixels)
    store.remember(step, key, picture.canonical())
    return picture


def put_pixels(store: Store, pixels: Pixels) -> Picture:
    """Encode a picture, hash it and put it into the store."""
    png = encode(pixels)
    return Picture(pixels=sha256(pixels.tobytes()), file=store.put(png), size=len(png))


def recalled(store: Store, step: str, key: str) -> Picture | None:
    """The picture on record under (step, key), if its file is still in the store."""
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
            f"the picture {picture.file[:12]} was damaged on disk and is removed",
            hint="run the same command again; it paints that picture again",
        )
    return data

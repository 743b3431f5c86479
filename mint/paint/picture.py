"""A painted picture on record, and the memo that paints nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from pydantic import ValidationError

from mint.document import Document
from mint.errors import StoreError
from mint.paint.batches import Painted
from mint.plan.recipe import Candidate
from mint.store import Store


class Picture(Document):
    """A painted PNG: SHA-256 of its raw RGB rows and of the file, and the file's size in bytes."""

    pixels: str
    file: str
    size: int


Paint = Callable[[Sequence[Candidate]], Mapping[int, Picture]]


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

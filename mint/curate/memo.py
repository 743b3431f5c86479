"""An embedder and a hash that remember: no picture is looked at twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from mint.curate.perceptual_hash import PRINT, Prints, perceptual_hash
from mint.document import sha256
from mint.models.embedder import BATCH, Embedder
from mint.paint.picture import Picture, stored
from mint.stages import Progress
from mint.store import Store

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

Embed = Callable[[Sequence[Picture]], "Vectors"]
Perceive = Callable[[Sequence[Picture]], Prints]

# Part of every key: another way to hash is another hash.
_HASHING = "1"
_OFTEN = 64  # pictures from one word of progress to the next


def memoised_embedder(
    store: Store,
    key: str,
    load: Callable[[], Embedder],
    progress: Progress = lambda step, done, total: None,
) -> Embed:
    """An Embed that remembers; `load` is called only when some picture is new, and once.

    `key` is a digest of all that decides a vector besides the pixels.
    """
    model = cache(load)

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
        rows = {k: row for k in keys if (row := store.recall("embed", k)) is not None}
        missing = {k: p for k, p in zip(keys, pictures, strict=True) if k not in rows}
        for start in range(0, len(missing), BATCH):
            batch = list(missing.items())[start : start + BATCH]
            vectors = model()([stored(store, picture) for _, picture in batch])
            if start:
                progress("comparing", len(pictures) - len(missing) + start, len(pictures))
            for (k, _), vector in zip(batch, vectors, strict=True):
                rows[k] = vector.tobytes()
                store.remember("embed", k, rows[k])
        yield from (rows[k] for k in keys)

    return embed


def memoised_hash(store: Store, progress: Progress = lambda step, done, total: None) -> Perceive:
    """A Perceive that remembers; its rows are those of mint.curate.perceptual_hash."""

    def perceive(pictures: Sequence[Picture]) -> Prints:
        together = sha256("/".join((_HASHING, *(p.pixels for p in pictures))).encode())
        rows = store.cached("hashed", together, lambda: b"".join(prints(pictures)))
        return np.frombuffer(rows, np.uint8).reshape(len(pictures), PRINT)

    def prints(pictures: Sequence[Picture]) -> Iterator[bytes]:
        # Not remembered one by one: a hash takes less time than a file that is safely on disk.
        with ThreadPoolExecutor() as pool:
            files = (stored(store, picture) for picture in pictures)
            for done, row in enumerate(pool.map(perceptual_hash, files), 1):
                if done % _OFTEN == 0:
                    progress("comparing", done, len(pictures))
                yield row

    return perceive

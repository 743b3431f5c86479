"""Models that remember: no picture is embedded or judged twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from mint.document import sha256
from mint.models.embedder import BATCH, Embedder
from mint.paint.picture import Picture, stored
from mint.stages import Progress, Step
from mint.store import Store

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

Embed = Callable[[Sequence[Picture]], "Vectors"]


def memoised_embedder(
    store: Store,
    key: str,
    load: Callable[[], Embedder],
    progress: Progress = lambda step, done, total: None,
    step: Step = "comparing",
) -> Embed:
    """An Embed that remembers; `load` is called only when some picture is new, and once.

    `key` is a digest of all that decides a row of numbers besides the pixels; `step` is what the
    model does with the pictures.
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
                progress(step, len(pictures) - len(missing) + start, len(pictures))
            for (k, _), vector in zip(batch, vectors, strict=True):
                rows[k] = vector.tobytes()
                store.remember("embed", k, rows[k])
        yield from (rows[k] for k in keys)

    return embed

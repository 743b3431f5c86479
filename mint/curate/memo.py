"""An embedder that remembers: no picture is embedded twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mint.document import sha256
from mint.models.embedder import BATCH, Embedder
from mint.paint.picture import Picture, stored
from mint.store import Store

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

Embed = Callable[[Sequence[Picture]], "Vectors"]


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

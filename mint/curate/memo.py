"""Models that remember: no picture and no text is embedded or judged twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mint.curate.perceptual_hash import PRINT, Prints, perceptual_hash
from mint.document import canonical, sha256
from mint.models.embedder import BATCH, Embedder, TextEmbedder
from mint.paint.picture import Picture, stored
from mint.stages import Progress, Step
from mint.store import Store

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

T = TypeVar("T")
Embed = Callable[[Sequence[Picture]], "Vectors"]
EmbedTexts = Callable[[Sequence[str]], "Vectors"]
Perceive = Callable[[Sequence[Picture]], Prints]

# Part of every key: another way to hash is another hash.
_HASHING = "1"
_OFTEN = 64  # pictures from one word of progress to the next


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
        return model()([stored(store, picture) for picture in pictures])

    return _remembering(store, key, embed, lambda p: p.pixels, lambda *n: progress(step, *n))


def memoised_text_embedder(store: Store, key: str, load: Callable[[], TextEmbedder]) -> EmbedTexts:
    """The same for texts, by their words."""
    model = cache(load)
    return _remembering(store, key, lambda texts: model()(texts), lambda t: sha256(t.encode()))


def memoised_unread(
    store: Store, key: str, unread: Callable[[Sequence[str]], list[int]], texts: Sequence[str]
) -> list[int]:
    """`unread(texts)`, remembered: asking loads a tokenizer."""
    together = sha256(f"{key}/".encode() + canonical(list(texts)))
    rows: list[int] = json.loads(store.cached("unread", together, lambda: canonical(unread(texts))))
    return rows


def _remembering(
    store: Store,
    key: str,
    model: Callable[[Sequence[T]], Vectors],
    identity: Callable[[T], str],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Callable[[Sequence[T]], Vectors]:
    def embed(items: Sequence[T]) -> Vectors:
        # All of them under one key first: a file each would be most of a second build's time.
        together = sha256("/".join((key, *map(identity, items))).encode())
        rows = store.recall("embedded", together)
        if rows is None:
            rows = b"".join(singly(items))
            store.remember("embedded", together, rows)
        return np.frombuffer(rows, np.float32).reshape(len(items), -1)

    def singly(items: Sequence[T]) -> Iterator[bytes]:
        keys = [sha256(f"{key}/{identity(item)}".encode()) for item in items]
        rows = {k: row for k in keys if (row := store.recall("embed", k)) is not None}
        missing = {k: item for k, item in zip(keys, items, strict=True) if k not in rows}
        for start in range(0, len(missing), BATCH):
            batch = list(missing.items())[start : start + BATCH]
            vectors = model([item for _, item in batch])
            if start:
                progress(len(items) - len(missing) + start, len(items))
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

"""Models that remember: no picture and no text is embedded or judged twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from mint.curate.perceptual_hash import PRINT, Prints, perceptual_hash
from mint.document import canonical, sha256
from mint.models.embedder import BATCH, Embedder, TextEmbedder
from mint.paint.picture import Picture, stored
from mint.stages import Progress, Step
from mint.store import Store

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

Embed = Callable[[Sequence[Picture]], "Vectors"]
EmbedTexts = Callable[[Sequence[str]], "Vectors"]
Perceive = Callable[[Sequence[Picture]], Prints]

# Part of every key: another way to hash is another hash.
_HASHING = "1"
_OFTEN = 64  # pictures that are hashed, and remembered, before the next word of progress

PAGE = 1024  # texts that are embedded, and remembered, at once


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
    rows: dict[str, bytes] = {}  # by key; judges ask for the same pictures once for each trait

    def embed(pictures: Sequence[Picture]) -> Vectors:
        keys = [sha256(f"{key}/{picture.pixels}".encode()) for picture in pictures]
        rows.update(store.recall_all("embed", dict.fromkeys(k for k in keys if k not in rows)))
        missing = {k: p for k, p in zip(keys, pictures, strict=True) if k not in rows}
        for start in range(0, len(missing), BATCH):
            batch = list(missing)[start : start + BATCH]
            vectors = model()([stored(store, missing[k]) for k in batch])
            if start:
                progress(step, len(pictures) - len(missing) + start, len(pictures))
            new = {k: vector.tobytes() for k, vector in zip(batch, vectors, strict=True)}
            store.remember_all("embed", new)
            rows.update(new)
        return np.frombuffer(b"".join(rows[k] for k in keys), np.float32).reshape(len(pictures), -1)

    return embed


def memoised_text_embedder(store: Store, key: str, load: Callable[[], TextEmbedder]) -> EmbedTexts:
    """An EmbedTexts that remembers; `load` is called only when some text is new, and once."""
    model = cache(load)

    def embed(texts: Sequence[str]) -> Vectors:
        keys = [sha256(f"{key}/{text}".encode()) for text in texts]
        rows = store.recall_all("text", dict.fromkeys(keys))
        missing = {k: text for k, text in zip(keys, texts, strict=True) if k not in rows}
        for start in range(0, len(missing), PAGE):
            page = list(missing)[start : start + PAGE]
            vectors = model()([missing[k] for k in page])
            new = {k: vector.tobytes() for k, vector in zip(page, vectors, strict=True)}
            store.remember_all("text", new)
            rows |= new
        vectors = np.frombuffer(b"".join(rows[k] for k in keys), np.float32)
        return vectors.reshape(len(texts), -1 if texts else 0)

    return embed


def memoised_unread(
    store: Store, key: str, unread: Callable[[Sequence[str]], list[int]], texts: Sequence[str]
) -> list[int]:
    """`unread(texts)`, remembered: asking loads a tokenizer."""
    together = sha256(f"{key}/".encode() + canonical(list(texts)))
    rows = store.cached("unread", together, lambda: canonical(unread(texts)))
    return [int(row) for row in json.loads(rows)]


def memoised_hash(store: Store, progress: Progress = lambda step, done, total: None) -> Perceive:
    """A Perceive that remembers; its rows are those of mint.curate.perceptual_hash."""

    def perceive(pictures: Sequence[Picture]) -> Prints:
        keys = [sha256(f"{_HASHING}/{picture.pixels}".encode()) for picture in pictures]
        rows = store.recall_all("hash", dict.fromkeys(keys))
        missing = {k: p for k, p in zip(keys, pictures, strict=True) if k not in rows}
        with ThreadPoolExecutor() as pool:
            for start in range(0, len(missing), _OFTEN):
                if start:
                    progress("comparing", len(pictures) - len(missing) + start, len(pictures))
                batch = list(missing)[start : start + _OFTEN]
                files = (stored(store, missing[k]) for k in batch)
                new = dict(zip(batch, pool.map(perceptual_hash, files), strict=True))
                store.remember_all("hash", new)
                rows |= new
        return np.frombuffer(b"".join(rows[k] for k in keys), np.uint8).reshape(-1, PRINT)

    return perceive

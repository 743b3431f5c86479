"""Models that remember: no picture and no text is embedded or judged twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
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
_OFTEN = 64  # pictures from one word of progress to the next

PAGE = 1024  # texts that are embedded before they are remembered: a file each would take longer
DIGEST = 64  # characters before each row of a page


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


def memoised_text_embedder(store: Store, key: str, load: Callable[[], TextEmbedder]) -> EmbedTexts:
    """An EmbedTexts that remembers; `load` is called only when some text is new, and once."""
    model = cache(load)

    def embed(texts: Sequence[str]) -> Vectors:
        rows = _read_rows(store.recall("texts", key) or b"")
        digests = {text: sha256(text.encode()) for text in texts}
        missing = [text for text, digest in digests.items() if digest not in rows]
        for start in range(0, len(missing), PAGE):
            page = missing[start : start + PAGE]
            for text, vector in zip(page, model()(page), strict=True):
                rows[digests[text]] = vector.tobytes()
            lines = (digest.encode() + row for digest, row in rows.items())
            store.remember("texts", key, b"%d " % len(vector.tobytes()) + b"".join(lines))
        vectors = np.frombuffer(b"".join(rows[digests[text]] for text in texts), np.float32)
        return vectors.reshape(len(texts), -1 if texts else 0)

    return embed


def _read_rows(data: bytes) -> dict[str, bytes]:
    """Digest -> row: the bytes of a row, a space, and then digest and row of each text."""
    size, _, lines = data.partition(b" ")
    length = DIGEST + int(size or 0)
    parts = (lines[start : start + length] for start in range(0, len(lines), length))
    return {part[:DIGEST].decode(): part[DIGEST:] for part in parts}


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

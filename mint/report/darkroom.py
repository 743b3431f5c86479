"""Thumbnails that are drawn while the build paints on, so that the report is no wait at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from mint.document import sha256
from mint.errors import StoreError
from mint.paint.picture import Picture
from mint.report.thumbnail import thumbnail_edge, thumbnail_key, thumbnail_webp
from mint.store import Store, content


@contextmanager
def darkroom(store: Store, count: int | None) -> Iterator[Callable[[Picture], None]]:
    """What takes pictures that are in the store, and draws their thumbnails in a thread beside.

    `count` is how many tokens the report will show, on which the size depends; None draws nothing.
    When the block ends, the thumbnails that are not drawn by then are left to the report.
    """
    edge = None if count is None else thumbnail_edge(count)
    pool = ThreadPoolExecutor(1, thread_name_prefix="thumbnails")

    def develop(picture: Picture) -> None:
        if edge is not None:
            pool.submit(_develop, store, picture, edge)

    try:
        yield develop
    finally:
        pool.shutdown(cancel_futures=True)


def _develop(store: Store, picture: Picture, edge: int) -> None:
    # A full disk stops the build where it writes something that matters more.
    with suppress(StoreError):
        key = thumbnail_key(picture, edge)
        if store.recall("thumbnail", key) is not None:
            return
        png = content(store.object_name(picture.file))
        if png and sha256(png) == picture.file:
            store.remember("thumbnail", key, thumbnail_webp(png, edge))

"""Pictures that several machines read and write: in a folder that all see, or in a bucket."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from mint.document import sha256
from mint.errors import StoreError
from mint.models.weights import first_line
from mint.store import Store
from mint.urls import masked

T = TypeVar("T")
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds between two tries of a store that fails


class Objects(Protocol):
    """Bytes under their SHA-256. Both raise StoreError."""

    def put(self, data: bytes) -> str:
        """Keep `data`, and return its digest."""

    def get(self, digest: str) -> bytes | None:
        """What has this digest, verified; None when it is absent or rotten."""


class Bucket:
    """Objects below a URL that fsspec opens: s3://, gs://, az://, memory://.

    A write is whole or absent, as object stores promise. What fails is tried again for a while, and
    what is read is hashed.
    """

    def __init__(self, url: str) -> None:
        self.url = masked(url)
        self._system, self._root = _file_system(url)

    def put(self, data: bytes) -> str:
        """Write `data`, also over what may be there, which says the same."""
        digest = sha256(data)
        self._patiently("write to", lambda: self._system.pipe_file(self._path(digest), data))
        return digest

    def get(self, digest: str) -> bytes | None:
        """Read and hash."""

        def read() -> bytes | None:
            try:
                data: bytes = self._system.cat_file(self._path(digest))
            except FileNotFoundError:
                return None
            return data

        data = self._patiently("read from", read)
        return data if data is not None and sha256(data) == digest else None

    def _path(self, digest: str) -> str:
        return f"{self._root}/{digest[:2]}/{digest[2:]}"

    def _patiently(self, verb: str, act: Callable[[], T]) -> T:
        for pause in (*PAUSES, None):
            try:
                return act()
            except Exception as error:  # file systems raise whatever their libraries do
                if pause is None:
                    raise StoreError(
                        f"cannot {verb} {self.url}: {first_line(error)}",
                        hint="check the bucket and its keys, then run the same command again; "
                        "nothing is done twice",
                    ) from error
                time.sleep(pause)
        raise AssertionError


def _file_system(url: str) -> tuple[Any, str]:
    import fsspec

    try:
        # An earlier file system of the same kind may have had other keys from the environment.
        system, root = fsspec.core.url_to_fs(url, skip_instance_cache=True)
    except Exception as error:  # unknown, not installed, or without keys
        raise StoreError(
            f"cannot open {masked(url)}: {first_line(error)}",
            hint='for s3:// run pip install "s3fs>=2026.2"; fsspec names what others need',
        ) from error
    return system, str(root).rstrip("/")


def open_objects(url: str) -> Objects:
    """Where pictures lie: below a URL, or in a folder, as in a store's."""
    if folder := folder_of(url):
        return Store(folder)
    return Bucket(url)


def folder_of(url: str) -> Path | None:
    """The folder that a file:// URL or a path means; None for other URLs."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return Path(url).absolute()
    return Path(rest) if scheme == "file" else None

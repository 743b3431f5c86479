"""Blocks -> a CAR on disk: each block once, in batches that a thread writes past the page cache.

Or the blocks beside a CAR that is there, which need not be written again if it is the same.
"""

from __future__ import annotations

import errno
import mmap
import os
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from mint.ipfs.car_header import section_header
from mint.ipfs.car_index import MAX_BLOCK

BATCH = 4 << 20  # bytes that go to the disk at once


@contextmanager
def open_writer(path: Path, header_size: int) -> Iterator[CarWriter]:
    """A writer to a new file at `path`, whose first `header_size` bytes stay empty; OSError."""
    fd = _open_direct(path)
    try:
        with ThreadPoolExecutor(1) as disk:
            yield CarWriter(fd, disk, header_size)
    finally:
        os.close(fd)


def _open_direct(path: Path) -> int:
    """A file to write past the page cache where the system can (Linux, but not on tmpfs).

    A CAR then evicts no pictures from memory, and writing it costs less than half the CPU time.
    """
    # A new file always: what has the name may be a link to somebody's diary.
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    path.unlink(missing_ok=True)
    try:
        return os.open(path, flags | getattr(os, "O_DIRECT", 0), 0o666)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        path.unlink(missing_ok=True)
        return os.open(path, flags, 0o666)


class CarWriter:
    """The blocks of a CAR, each once; a thread writes one batch while the next is filled."""

    def __init__(self, fd: int, disk: Executor, header_size: int) -> None:
        self._fd, self._disk = fd, disk
        self._seen: set[bytes] = set()
        # mmap, because writing past the page cache wants whole pages. The slack takes one block.
        self._batch, self._spare = (
            memoryview(mmap.mmap(-1, BATCH + MAX_BLOCK + mmap.PAGESIZE)) for _ in range(2)
        )
        self._filled, self._before = header_size, 0
        self._written: Future[None] = disk.submit(lambda: None)

    def emit(self, cid: bytes, block: bytes | memoryview) -> None:
        """Add a block; nothing if it is there."""
        if cid in self._seen:
            return
        self._seen.add(cid)
        for part in (section_header(cid, len(block)), block):
            end = self._filled + len(part)
            self._batch[self._filled : end] = part
            self._filled = end
        if self._filled >= BATCH:
            self._hand_over()

    def finish(self) -> int:
        """Write the rest, and up to a page too much; the bytes that count."""
        self._written.result()
        pages = -(-self._filled // mmap.PAGESIZE)
        _write_all(self._fd, self._batch[: pages * mmap.PAGESIZE])
        return self._before + self._filled

    def _hand_over(self) -> None:
        self._written.result()  # raises what went wrong; and the spare batch is free
        rest = self._filled - BATCH
        self._spare[:rest] = self._batch[BATCH : self._filled]
        self._written = self._disk.submit(_write_all, self._fd, self._batch[:BATCH])
        self._batch, self._spare = self._spare, self._batch
        self._filled, self._before = rest, self._before + BATCH


class Different(Exception):
    """The file has not the bytes that would be written."""


@contextmanager
def open_comparison(path: Path, header_size: int) -> Iterator[CarComparison]:
    """A comparison with the file at `path`, whose first `header_size` bytes do not count; OSError.

    It is read past the page cache, as it was written: most often nobody has read it since.
    """
    flags = os.O_RDONLY
    try:
        fd = os.open(path, flags | getattr(os, "O_DIRECT", 0))
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        fd = os.open(path, flags)
    with FileIO(fd) as file, ThreadPoolExecutor(1) as disk:
        yield CarComparison(file, disk, header_size)


class CarComparison:
    """The blocks of a CAR, each once, compared with those of a file that may be the same already.

    `emit` and `finish` raise Different at the first byte that is another. A thread reads one
    batch while the one before is compared.
    """

    def __init__(self, file: FileIO, disk: Executor, header_size: int) -> None:
        self._file, self._disk = file, disk
        self._seen: set[bytes] = set()
        self._batch, self._spare = (memoryview(mmap.mmap(-1, BATCH)) for _ in range(2))
        self._filled = self._at = 0  # bytes in the batch, and how many of them were compared
        self._coming = disk.submit(file.readinto, self._spare)
        self._skip(header_size)

    def emit(self, cid: bytes, block: bytes | memoryview) -> None:
        """Compare a block; nothing if it was there."""
        if cid not in self._seen:
            self._seen.add(cid)
            self._expect(section_header(cid, len(block)))
            self._expect(block)

    def finish(self) -> None:
        """See that the file ends here."""
        if self._at < self._filled or self._coming.result():
            raise Different

    def _skip(self, size: int) -> None:
        self._next_batch()
        self._at = size

    def _expect(self, part: bytes | memoryview) -> None:
        rest = memoryview(part)
        while rest:
            if self._at >= self._filled:
                self._next_batch()
            here = self._batch[self._at : min(self._at + len(rest), self._filled)]
            # As bytes, which are compared whole; views would be, byte by byte.
            if not bytes(here).startswith(rest[: len(here)]):
                raise Different
            rest, self._at = rest[len(here) :], self._at + len(here)

    def _next_batch(self) -> None:
        self._filled, self._at = self._coming.result() or 0, 0
        if not self._filled:
            raise Different
        self._batch, self._spare = self._spare, self._batch
        # A short batch is the last one, and what comes after it could not be read past the cache.
        more = self._filled == BATCH
        self._coming = (
            self._disk.submit(self._file.readinto, self._spare) if more else self._disk.submit(int)
        )


def _write_all(fd: int, data: memoryview) -> None:
    while data:
        data = data[os.write(fd, data) :]

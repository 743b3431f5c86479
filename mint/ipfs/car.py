"""A tree of files -> one CARv1 file, and a CARv1 file -> its blocks, each checked when read.

Source: https://ipld.io/specs/transport/car/carv1/
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from mint.errors import PublishError
from mint.ipfs.cid import DAG_PB, SIZE, cid_text, known, verified
from mint.ipfs.dagpb import read_varint, varint

# DAG-CBOR of {"roots": [CID], "version": 1}, around the 36 bytes of the only root.
HEAD = b"\x3a\xa2\x65roots\x81\xd8\x2a\x58\x25\x00"
TAIL = b"\x67version\x01"
FIRST = len(HEAD) + SIZE + len(TAIL)  # offset of the first block
MAX_BLOCK = 2 << 20  # bytes; what Kubo and bitswap accept
MAX_BLOCKS = 2_000_000  # a bound on the index's memory, 100 times a collection of 10,000 tokens
REBUILD = "delete it and run `mint build` again"


def car_header(root: bytes) -> bytes:
    """The first FIRST bytes of a CAR with this root (36 bytes)."""
    return HEAD + root + TAIL


def section_header(cid: bytes, size: int) -> bytes:
    """What stands before the `size` bytes of a block."""
    return varint(SIZE + size) + cid


class Car:
    """An open CARv1 of one root, of the kind we write; blocks may be read from several threads.

    Opening reads no block, only where each one lies: about 200 bytes of memory a block.
    PublishError when the file is missing, truncated, oversize or of another kind.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise self._refuse(error.strerror or "cannot be opened") from error
        try:
            self.root = self._read_root()
            self._places = self._index()
        except BaseException:
            self.close()
            raise

    def block(self, cid: bytes) -> bytes:
        """The bytes of a block, hashed on every read; PublishError when absent or altered."""
        if cid not in self._places:
            raise PublishError(f"{self.path.name} has no block {cid_text(cid)}", hint=REBUILD)
        at, size = self._places[cid]
        return verified(cid, os.pread(self._fd, size, at))

    def __contains__(self, cid: bytes) -> bool:
        return cid in self._places

    def __len__(self) -> int:
        return len(self._places)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _read_root(self) -> bytes:
        head = os.pread(self._fd, FIRST, 0)
        root = head[len(HEAD) : len(HEAD) + SIZE]
        if not known(root) or head != car_header(root):
            raise self._refuse("not a CAR of version 1 with a single root")
        return root

    def _index(self) -> dict[bytes, tuple[int, int]]:
        places: dict[bytes, tuple[int, int]] = {}
        at, end = FIRST, os.fstat(self._fd).st_size
        while at < end:
            cid, at, size = self._section(at, end)
            places.setdefault(cid, (at, size))
            at += size
            if len(places) > MAX_BLOCKS:
                raise self._refuse(f"more than {MAX_BLOCKS} blocks")
        return places

    def _section(self, at: int, end: int) -> tuple[bytes, int, int]:
        head = os.pread(self._fd, SIZE + 9, at)
        try:
            length, start = read_varint(head, 0)
        except ValueError as error:
            raise self._refuse(f"{error}, at byte {at}") from error
        cid = head[start : start + SIZE]
        if not SIZE <= length <= SIZE + MAX_BLOCK or at + start + length > end or not known(cid):
            raise self._refuse(f"truncated, or a block we never write, at byte {at}")
        return cid, at + start + SIZE, length - SIZE

    def _refuse(self, why: str) -> PublishError:
        return PublishError(f"{self.path}: {why}", hint=REBUILD)

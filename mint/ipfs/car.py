"""The CARv1 container: its header and sections, and reading one block by block, each checked.

Source: https://ipld.io/specs/transport/car/carv1/
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from mint.errors import PublishError
from mint.ipfs.cid import SIZE, cid_text, known, verified
from mint.ipfs.dagpb import read_varint, varint

# DAG-CBOR of {"roots": [CID], "version": 1}, around the 36 bytes of the only root.
HEAD = b"\x3a\xa2\x65roots\x81\xd8\x2a\x58\x25\x00"
TAIL = b"\x67version\x01"
FIRST = len(HEAD) + SIZE + len(TAIL)  # offset of the first block
MAX_BLOCK = 2 << 20  # bytes; what Kubo and bitswap accept
MAX_BLOCKS = 2_000_000  # a bound on the index's memory: 100 collections of 10,000 tokens
_HINT = "delete it and run `mint build` again"


def car_header(root: bytes) -> bytes:
    """The first FIRST bytes of a CAR with this root (36 bytes)."""
    return HEAD + root + TAIL


def section_header(cid: bytes, size: int) -> bytes:
    """What stands before the `size` bytes of a block."""
    return varint(SIZE + size) + cid


@dataclass(frozen=True)
class Car:
    """An open CAR of one root. `places` maps a CID to its block's offset and size in bytes."""

    root: bytes
    places: dict[bytes, tuple[int, int]]
    file: FileIO

    def block(self, cid: bytes) -> bytes:
        """The bytes of a block, hashed on every read; PublishError when absent or altered.

        Threads may share it: no position in the file is kept.
        """
        if cid not in self.places:
            raise PublishError(f"the CAR has no block {cid_text(cid)}", hint=_HINT)
        at, size = self.places[cid]
        return verified(cid, os.pread(self.file.fileno(), size, at))

    def close(self) -> None:
        """Let go of the file; `contextlib.closing` calls this."""
        self.file.close()


def open_car(path: Path) -> Car:
    """Find every block of a CARv1 of the kind we write; about 200 bytes of memory for each.

    PublishError when the file is missing, truncated, oversize or of another kind.
    """
    try:
        file = FileIO(path)
    except OSError as error:
        raise PublishError(f"{path}: {error.strerror}", hint="run `mint build` first") from error
    try:
        root = _read_root(file.fileno())
        return Car(root, _index(file.fileno()), file)
    except ValueError as error:
        file.close()
        raise PublishError(f"{path}: {error}", hint=_HINT) from error


def _read_root(fd: int) -> bytes:
    head = os.pread(fd, FIRST, 0)
    root = head[len(HEAD) : len(HEAD) + SIZE]
    if not known(root) or head != car_header(root):
        raise ValueError("not a CAR of version 1 with one root")
    return root


def _index(fd: int) -> dict[bytes, tuple[int, int]]:
    places: dict[bytes, tuple[int, int]] = {}
    at, end = FIRST, os.fstat(fd).st_size
    while at < end:
        cid, start, at = _section(fd, at, end)
        places.setdefault(cid, (start, at - start))
        if len(places) > MAX_BLOCKS:
            raise ValueError(f"more than {MAX_BLOCKS} blocks")
    return places


def _section(fd: int, at: int, end: int) -> tuple[bytes, int, int]:
    head = os.pread(fd, SIZE + 9, at)
    length, skipped = read_varint(head, 0)
    cid, after = head[skipped : skipped + SIZE], at + skipped + length
    if not SIZE <= length <= SIZE + MAX_BLOCK or after > end or not known(cid):
        raise ValueError(f"a block at byte {at} is truncated, or not of a kind we write")
    return cid, at + skipped + SIZE, after

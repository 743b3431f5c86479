"""The CARv1 container: its header and sections, and reading one block by block, each checked.

Source: https://ipld.io/specs/transport/car/carv1/
"""

from __future__ import annotations

import hashlib
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mint.errors import PublishError
from mint.ipfs.cid import DIGEST, SIZE, V0, cid_text, known
from mint.ipfs.dagpb import read_varint, varint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_BLOCK = 2 << 20  # bytes; what Kubo and bitswap accept
MAX_BLOCKS = 8_000_000  # a bound on the index's memory: a million tokens are 2.4 million blocks
_MOST_HEAD = SIZE + 9  # bytes before a block, at most
_ROOT_AT = 14  # offset of the root in the header
_WINDOW = 4096
_STRIDE = 4 * MAX_BLOCK  # bytes that are read at once by who reads them all


def another_copy(root: str = "ROOT") -> str:
    """What to do about a damaged CAR, which may be the only copy of a collection."""
    return (
        "the file is left as it is, so that what is whole in it can still be saved; take another "
        f"copy of it, or download it (https://ipfs.io/ipfs/{root}?format=car), or run `mint build` "
        "where collection.yaml is: it paints nothing again that is still in .mint"
    )


def car_header(root: bytes) -> bytes:
    """What stands before the first block of a CAR with this one root."""
    # DAG-CBOR of {"roots": [CID], "version": 1}; in it a CID has a byte 0 before it.
    head = b"\xa2\x65roots\x81\xd8\x2a\x58%c\x00%b\x67version\x01" % (len(root) + 1, root)
    return varint(len(head)) + head


def section_header(cid: bytes, size: int) -> bytes:
    """What stands before the `size` bytes of a block."""
    return varint(len(cid) + size) + cid


class BlockLocation(NamedTuple):
    """Where a block lies in the file, in bytes; `number` is its position in the Car's index."""

    number: int
    offset: int
    size: int


class Section(NamedTuple):
    """A block as it lies in the file: its CID, its bytes, and the byte at which it begins."""

    cid: bytes
    block: memoryview
    at: int


@dataclass(frozen=True)
class Car:
    """An open CAR of one root, and where its blocks are: 16 bytes of memory for each.

    `tags` are hashes of the blocks' digests, sorted; `offsets[i]` is where the section of
    `tags[i]` begins. CIDs of one digest name one block, so a CIDv0 and its CIDv1 lead to the same.
    """

    root: bytes
    tags: array[int]
    offsets: array[int]
    file: FileIO

    def find(self, cid: bytes) -> BlockLocation | None:
        """Where the block of this CID is, if it is here; PublishError if the file was changed."""
        number = bisect_left(self.tags, tag := _tag(cid[-DIGEST:]))
        while number < len(self.tags) and self.tags[number] == tag:
            offset = self.offsets[number]
            try:
                other, skip, size = _section(self._read(_MOST_HEAD, offset), 0)
            except ValueError as error:
                raise self.damage(f"was changed: a block at byte {offset} {error}") from error
            if other[-DIGEST:] == cid[-DIGEST:]:
                return BlockLocation(number, offset + skip, size)
            number += 1
        return None

    def block(self, cid: bytes) -> bytes:
        """The bytes of a block, hashed on every read; PublishError when absent or altered.

        Threads may share it: nothing moves a position in the file.
        """
        location = self.find(cid)
        if location is None:
            raise self.damage(f"has no block {cid_text(cid)}")
        block = self._read(location.size, location.offset)
        if hashlib.sha256(block).digest() != cid[-DIGEST:]:
            raise self.altered(*self.numbered(location.number))
        return block

    def sections(self) -> Iterator[Section]:
        """Every block in the order of the file, not hashed.

        PublishError if the file was changed since it was opened.
        """
        at, end = len(car_header(self.root)), os.fstat(self.file.fileno()).st_size
        window, base = b"", at
        while at < end:
            if at + _MOST_HEAD + MAX_BLOCK > base + len(window) < end:
                window, base = self._read(_STRIDE, at), at
            try:
                cid, skip, size = _section(window, at - base)
            except ValueError as error:
                raise self.damage(f"was changed: a block at byte {at} {error}") from error
            start = at - base + skip
            if start + size > len(window):
                raise self.damage(f"was changed: a block at byte {at} is truncated")
            yield Section(cid, memoryview(window)[start : start + size], at)
            at += skip + size

    def numbered(self, number: int) -> tuple[bytes, int]:
        """The CID of the block that `find` calls `number`, and the byte at which it begins."""
        at = self.offsets[number]
        return _section(self._read(_MOST_HEAD, at), 0)[0], at

    def altered(self, cid: bytes, at: int) -> PublishError:
        """The error that the block of `cid`, which begins at byte `at`, has other bytes."""
        return self.damage(
            f"is damaged: block {cid_text(cid)} at byte {at} has other bytes than its CID says"
        )

    def damage(self, what: str) -> PublishError:
        """The error that this file has other contents than it should."""
        return PublishError(f"{self.file.name!s} {what}", hint=another_copy(cid_text(self.root)))

    def _read(self, size: int, at: int) -> bytes:
        return os.pread(self.file.fileno(), size, at)

    def close(self) -> None:
        """Close the file; `contextlib.closing` calls this."""
        self.file.close()


def open_car(path: Path) -> Car:
    """Find every block of a CARv1 of the kind we write; no block is read yet.

    PublishError when the file is missing, truncated, oversize or of another kind.
    """
    try:
        file = FileIO(path)
    except OSError as error:
        raise PublishError(f"{path}: {error.strerror}", hint="run `mint build` first") from error
    try:
        root = _read_root(file.fileno())
        return Car(root, *_index(file.fileno(), len(car_header(root))), file)
    except (ValueError, OSError) as error:  # OSError: a folder, or a disk that fails
        file.close()
        raise PublishError(f"{path}: {error}", hint=another_copy()) from error


def _read_root(fd: int) -> bytes:
    head = os.pread(fd, _MOST_HEAD + SIZE, 0)
    for size in (SIZE, SIZE - 2):
        root = head[_ROOT_AT : _ROOT_AT + size]
        if known(root) and head.startswith(car_header(root)):
            return root
    raise ValueError("not a CAR of version 1 with one root")


def _index(fd: int, at: int) -> tuple[array[int], array[int]]:
    import numpy as np

    tags, offsets, end = array("Q"), array("Q"), os.fstat(fd).st_size
    window, base = b"", at
    while at < end:
        if at + _MOST_HEAD > base + len(window):
            # A page costs no more than its first bytes, and may show many small sections.
            window, base = os.pread(fd, _WINDOW, at), at
        try:
            cid, skip, size = _section(window, at - base)
        except ValueError as error:
            raise ValueError(f"a block at byte {at} {error}") from error
        tags.append(_tag(cid[-DIGEST:]))
        offsets.append(at)
        at += skip + size
        if at > end:
            raise ValueError(f"a block at byte {offsets[-1]} is truncated")
        if len(tags) > MAX_BLOCKS:
            raise ValueError(f"more than {MAX_BLOCKS} blocks")
    # Stable: of two sections with one digest the first counts.
    order = np.argsort(np.frombuffer(tags, np.uint64), kind="stable")
    return _ordered(tags, order), _ordered(offsets, order)


def _ordered(numbers: array[int], order: NDArray[np.intp]) -> array[int]:
    import numpy as np

    return array("Q", np.frombuffer(numbers, np.uint64)[order].tobytes())


def _tag(digest: bytes) -> int:
    """A hash of 64 bits with a key of this process: nobody can write a CAR whose tags collide."""
    return hash(digest) & 0xFFFF_FFFF_FFFF_FFFF


def _section(data: bytes, at: int) -> tuple[bytes, int, int]:
    """CID, bytes before the block, and bytes of the block of the section at data[at:]."""
    length, start = read_varint(data, at)
    size = SIZE - 2 if data.startswith(V0, start) else SIZE
    cid = data[start : start + size]
    if not known(cid):
        raise ValueError("is truncated, or has a CID of a kind we never write")
    if not size <= length <= size + MAX_BLOCK:
        raise ValueError(f"has a length of {length} bytes")
    return cid, start + size - at, length - size


def root_of(car: Path) -> str:
    """The CID of a CAR's root, as text; raises PublishError."""
    with closing(open_car(car)) as blocks:
        return cid_text(blocks.root)

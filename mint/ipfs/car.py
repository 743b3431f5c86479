"""The CAR container, read one block by block, each hashed: ours, and any that is valid.

Sources: https://ipld.io/specs/transport/car/carv1/ and .../carv2/
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from mint.errors import PublishError
from mint.ipfs.car_header import Header, car_header, read_header
from mint.ipfs.car_index import MAX_BLOCK, MOST_HEAD, build_index, read_section, tag_of
from mint.ipfs.cid import (
    IDENTITY,
    cid_text,
    function_of,
    known,
    matches,
    multihash,
    uncomputed,
)

_STRIDE = 4 * MAX_BLOCK  # bytes that are read at once by who reads them all
_ROOTS = 20  # that an error lists


def another_copy(root: str | None) -> str:
    """What to do about a damaged CAR, which may be the only copy of a collection."""
    download = f"download it (https://ipfs.io/ipfs/{root}?format=car), or " if root else ""
    return (
        "the file is left as it is, so that what is whole in it can still be saved; take another "
        f"copy of it, or {download}run `mint build` where collection.yaml is: it paints nothing "
        "again that is still in .mint"
    )


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
    """An open CAR, the root to read it from, and where its blocks are: 16 bytes for each.

    `tags` are hashes of the blocks' multihashes, sorted; `offsets[i]` is where the section of
    `tags[i]` begins. CIDs of one multihash name one block, so a CIDv0 and its CIDv1 lead to the
    same. `left_out` is how many blocks are not in the index, by the name of their hash function:
    it is one that mint cannot compute.
    """

    root: bytes
    header: Header
    tags: array[int]
    offsets: array[int]
    left_out: Counter[str]
    file: FileIO

    @property
    def plain(self) -> bool:
        """Whether it is of version 1, with one root, and of hash functions that mint computes."""
        return (
            self.header.roots == (self.root,)
            and self.header.start == len(car_header(self.root))
            and not self.left_out
        )

    def find(self, cid: bytes) -> BlockLocation | None:
        """Where the block of this CID is, if it is here; PublishError if the file was changed."""
        hashed = multihash(cid)
        number = bisect_left(self.tags, tag := tag_of(hashed))
        while number < len(self.tags) and self.tags[number] == tag:
            offset = self.offsets[number]
            other, skip, size = self._section(self._read(MOST_HEAD, offset), 0, offset)
            if multihash(other) == hashed:
                return BlockLocation(number, offset + skip, size)
            number += 1
        return None

    def block(self, cid: bytes) -> bytes:
        """The bytes of a block, hashed on every read; PublishError when absent or altered.

        Threads may share it: nothing moves a position in the file.
        """
        location = self.find(cid)
        if location is not None:
            block = self._read(location.size, location.offset)
            if not matches(cid, block):
                raise self.altered(*self.numbered(location.number))
            return block
        function, digest = function_of(cid)
        if function == IDENTITY:
            return digest
        if name := uncomputed(cid):
            raise PublishError(
                f"{self.name}: block {cid_text(cid)} cannot be checked: its CID is made with "
                f"{name}, which mint cannot compute",
                hint="add the files to IPFS again with sha2-256, the usual function",
            )
        raise self.damage(f"has no block {cid_text(cid)}")

    def sections(self) -> Iterator[Section]:
        """Every block in the order of the file, not hashed.

        PublishError if the file was changed since it was opened.
        """
        end = min(self.header.end, os.fstat(self.file.fileno()).st_size)
        window, at = b"", self.header.start
        base = at
        while at < self.header.end:
            if at + MOST_HEAD + MAX_BLOCK > base + len(window) < end:
                window, base = self._read(min(_STRIDE, end - at), at), at
            cid, skip, size = self._section(window, at - base, at)
            start = at - base + skip
            if start + size > len(window):
                raise self.damage(f"was changed: a block at byte {at} is truncated")
            yield Section(cid, memoryview(window)[start : start + size], at)
            at += skip + size

    def numbered(self, number: int) -> tuple[bytes, int]:
        """The CID of the block that `find` calls `number`, and the byte at which it begins."""
        at = self.offsets[number]
        return self._section(self._read(MOST_HEAD, at), 0, at)[0], at

    @property
    def name(self) -> str:
        """The file's path."""
        return str(self.file.name)

    def altered(self, cid: bytes, at: int) -> PublishError:
        """The error that the block of `cid`, which begins at byte `at`, has other bytes."""
        return self.damage(
            f"is damaged: block {cid_text(cid)} at byte {at} has other bytes than its CID says"
        )

    def damage(self, what: str) -> PublishError:
        """The error that this file has other contents than it should."""
        return PublishError(f"{self.name} {what}", hint=another_copy(cid_text(self.root)))

    def close(self) -> None:
        """Close the file; `contextlib.closing` calls this."""
        self.file.close()

    def _read(self, size: int, at: int) -> bytes:
        return os.pread(self.file.fileno(), size, at)

    def _section(self, data: bytes, at: int, byte: int) -> tuple[bytes, int, int]:
        try:
            return read_section(data, at)
        except ValueError as error:
            raise self.damage(f"was changed: a block at byte {byte} {error}") from error


def open_car(path: Path, root: bytes | None = None) -> Car:
    """Find every block of a CAR of version 1 or 2; no block is read yet.

    `root` is needed where the CAR names several. PublishError when the file is missing,
    truncated, oversize or no CAR, or has not that root.
    """
    try:
        file = FileIO(path)
    except OSError as error:
        raise PublishError(f"{path}: {error.strerror}", hint="run `mint build` first") from error
    start = root
    try:
        header = read_header(file.fileno())
        start = _root(path, header, root)
        car = Car(start, header, *build_index(file.fileno(), header), file)
        if root is not None and car.find(root) is None:
            raise PublishError(
                f"{path} has no block {cid_text(root)}", hint=f"it has {_list(header.roots)}"
            )
        return car
    except (ValueError, OSError) as error:  # OSError: a folder, or a disk that fails
        file.close()
        root_text = None if start is None else cid_text(start)
        raise PublishError(f"{path}: {error}", hint=another_copy(root_text)) from error
    except PublishError:
        file.close()
        raise


def _root(path: Path, header: Header, root: bytes | None) -> bytes:
    if root is None and len(header.roots) != 1:
        raise PublishError(
            f"{path} has {_list(header.roots)}",
            hint="choose the collection's: mint repin CAR --root CID",
        )
    start = root or header.roots[0]
    if not known(start):
        raise PublishError(
            f"{path} has the root {cid_text(start)}, which is neither a file nor a folder of IPFS "
            "by sha2-256",
            hint="name the collection's folder: mint repin CAR --root CID",
        )
    return start


def _list(roots: tuple[bytes, ...]) -> str:
    texts = [cid_text(root) for root in roots[:_ROOTS]]
    more = [f"and {len(roots) - _ROOTS} more"] if len(roots) > _ROOTS else []
    count = {0: "no root", 1: "one root: "}.get(len(roots), f"{len(roots)} roots: ")
    return count + ", ".join(texts + more)


def root_of(car: Path) -> str:
    """The CID of a CAR's root, as text; raises PublishError."""
    with closing(open_car(car)) as blocks:
        return cid_text(blocks.root)

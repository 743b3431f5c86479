"""What stands before the blocks of a CAR: written for version 1 and one root, read for more.

Sources: https://ipld.io/specs/transport/car/carv1/ and .../carv2/
"""

from __future__ import annotations

import os
import struct
from typing import NamedTuple

from mint.ipfs.cid import read_cid
from mint.ipfs.varint import read_varint, varint

MAX_HEADER = 1 << 16  # bytes; 1,500 roots
_VERSION_2 = b"\x0a\xa1\x67version\x02"
_FIXED = struct.Struct("<16xQQQ")  # of version 2: characteristics, data offset and size, index
_NOT_A_CAR = "is no CAR: it does not begin as one of version 1 or 2"

# What people have by mistake in its place, by its first bytes, without capitals and blanks.
_OTHERS = {
    b"pk\x03\x04": "a zip file",
    b"\x1f\x8b": "a gzip file",
    b"\x89png": "a PNG picture",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b'{"': "JSON",
}


class Header(NamedTuple):
    """Roots of a CAR, and its blocks as the bytes from `start` to `end` of the file."""

    roots: tuple[bytes, ...]
    start: int
    end: int


def car_header(root: bytes) -> bytes:
    """What stands before the first block of a CAR with this one root."""
    # DAG-CBOR of {"roots": [CID], "version": 1}; in it a CID has a byte 0 before it.
    head = b"\xa2\x65roots\x81\xd8\x2a\x58%c\x00%b\x67version\x01" % (len(root) + 1, root)
    return varint(len(head)) + head


def section_header(cid: bytes, size: int) -> bytes:
    """What stands before the `size` bytes of a block."""
    return varint(len(cid) + size) + cid


def read_header(fd: int) -> Header:
    """The header of the CAR in an open file; of version 2 the index is ignored. ValueError."""
    size = os.fstat(fd).st_size
    if not size:
        raise ValueError("is empty")
    head = os.pread(fd, len(_VERSION_2) + _FIXED.size, 0)
    for begin, kind in _OTHERS.items():
        if head.lstrip().lower().startswith(begin):
            raise ValueError(f"is {kind}, and no CAR")
    if not head.startswith(_VERSION_2):
        return _version_1(fd, 0, size)
    if len(head) < len(_VERSION_2) + _FIXED.size:
        raise ValueError("is a CAR of version 2, and truncated")
    offset, length, _ = _FIXED.unpack_from(head, len(_VERSION_2))
    if offset < len(head) or not length:
        raise ValueError("is a CAR of version 2 that was never finished")
    if offset + length > size:
        raise ValueError(
            f"is a CAR of version 2, and truncated: {offset + length} bytes were in it"
        )
    return _version_1(fd, offset, offset + length)


def _version_1(fd: int, at: int, end: int) -> Header:
    try:
        length, skip = read_varint(os.pread(fd, 9, at), 0)
        if length > MAX_HEADER:
            raise ValueError(length)
        roots = _roots(os.pread(fd, min(length, end - at), at + skip))
    except ValueError as error:
        raise ValueError(_NOT_A_CAR) from error
    return Header(roots, at + skip + length, end)


def _roots(head: bytes) -> tuple[bytes, ...]:
    """The CIDs in the DAG-CBOR of {"roots": [CID, ...], "version": 1}, which has one form alone."""
    if not head.startswith(b"\xa2\x65roots"):
        raise ValueError
    count, at = _length(head, 7, 4)
    roots = []
    for _ in range(count):
        if not head.startswith(b"\xd8\x2a", at):  # a tag: a CID follows, in bytes
            raise ValueError
        size, at = _length(head, at + 2, 2)
        if head[at : at + 1] != b"\x00" or read_cid(head, at + 1) != at + size:
            raise ValueError
        roots.append(head[at + 1 : at + size])
        at += size
    if head[at:] != b"\x67version\x01":
        raise ValueError
    return tuple(roots)


def _length(data: bytes, at: int, kind: int) -> tuple[int, int]:
    """The length in a CBOR head of this major type at data[at:], and the offset after it."""
    major, more = divmod(data[at] if at < len(data) else 0, 32)
    size = {24: 1, 25: 2, 26: 4}.get(more, 0)
    if major != kind or more > 26 or at + size >= len(data):
        raise ValueError
    return int.from_bytes(data[at + 1 : at + 1 + size]) if size else more, at + 1 + size

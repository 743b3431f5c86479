"""A dag-pb node and the UnixFS record inside it: to canonical bytes, and back from hostile ones.

Sources: https://ipld.io/specs/codecs/dag-pb/spec/ and https://specs.ipfs.tech/unixfs/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from mint.ipfs.cid import Link, known, read_cid
from mint.ipfs.varint import read_varint, varint

BYTES, FOLDER, FILE, SYMLINK, SHARD = 0, 1, 2, 4, 5  # UnixFS Data.Type
FOLDER_DATA = b"\x08\x01"
MURMUR3 = 0x22  # multicodec murmur3-x64-64
FANOUT = 256


class Node(NamedTuple):
    """A decoded block: FOLDER or SHARD with named links, or FILE with unnamed ones.

    `sizes[i]` is the number of file bytes below `links[i]`, for a FILE only. A FILE without links
    is a leaf, which holds its bytes in `data`; a SYMLINK holds its target there.
    """

    kind: int
    links: tuple[tuple[str, Link], ...]
    sizes: tuple[int, ...] = ()
    data: bytes = b""


def encode_node(links: Iterable[bytes], data: bytes) -> bytes:
    """A block from encoded links, in order, and a UnixFS record; canon puts the links first."""
    return b"".join(links) + _field(1, data)


def encode_link(name: bytes, link: Link) -> bytes:
    """One link: Hash, Name, Tsize, all three always present."""
    cid, tsize = link
    inner = b"\x0a%c%b\x12%b%b\x18%b" % (len(cid), cid, varint(len(name)), name, varint(tsize))
    return b"\x12" + varint(len(inner)) + inner


def encode_leaf(data: bytes | memoryview) -> bytes:
    """A file, or a chunk of one, that is a dag-pb node without links: its bytes in a record."""
    size = varint(len(data))
    # An empty file has no Data field at all, where one of length 0 would be as legal.
    field = b"\x12" + size if data else b""
    length = 2 + len(field) + len(data) + 1 + len(size)
    return b"".join((b"\x0a", varint(length), b"\x08\x02", field, data, b"\x18", size))


def file_data(sizes: list[int]) -> bytes:
    """The UnixFS record of a file whose i-th child holds `sizes[i]` bytes of it."""
    blocks = b"".join(b"\x20" + varint(size) for size in sizes)
    return b"\x08\x02\x18" + varint(sum(sizes)) + blocks


def shard_data(slots: Iterable[int]) -> bytes:
    """The UnixFS record of a HAMT node of which `slots` (0..255, at least one) are taken."""
    bits = sum(1 << slot for slot in slots)
    bitfield = bits.to_bytes((bits.bit_length() + 7) // 8, "big")
    return b"\x08\x05" + _field(2, bitfield) + b"\x28\x22\x30\x80\x02"


def decode_node(block: bytes) -> Node:
    """The node in `block`; ValueError when it is none of UnixFS, or of a kind that nobody writes.

    File modes and times are passed over.
    """
    # A sharded folder's upper nodes are read once for each name; few large ones fill the memory.
    return _decode_small(block) if len(block) < _LARGE else _decode_large(block)


def _decode(block: bytes) -> Node:
    links: list[tuple[str, Link]] = []
    record = b""
    for number, value in _fields(block):
        if number == 2 and isinstance(value, bytes):
            links.append(_decode_link(value))
        elif number == 1 and isinstance(value, bytes) and not record:
            record = value
        else:
            raise ValueError(f"field {number} does not belong in a dag-pb node")
    return _decode_record(record, tuple(links))


_LARGE = 1 << 17  # bytes
_decode_small, _decode_large = lru_cache(16)(_decode), lru_cache(1)(_decode)


def _decode_link(data: bytes) -> tuple[str, Link]:
    parts = dict(_fields(data))
    cid, name, tsize = parts.get(1), parts.get(2, b""), parts.get(3, 0)
    if not (isinstance(cid, bytes) and isinstance(name, bytes) and isinstance(tsize, int)):
        raise ValueError("a link has fields of the wrong type")
    if not known(cid) and read_cid(cid, 0) != len(cid):
        raise ValueError("a link has no CID")
    return name.decode(), Link(cid, tsize)


def _decode_record(record: bytes, links: tuple[tuple[str, Link], ...]) -> Node:
    sizes = [value for number, value in _fields(record) if number == 4 and isinstance(value, int)]
    single = {number: value for number, value in _fields(record) if number != 4}
    kind, data = single.get(1), single.get(2, b"")
    if kind in (BYTES, FILE) and len(sizes) == len(links) and isinstance(data, bytes):
        # Bytes are in the leaves alone; some old writers call a leaf BYTES, which has no links.
        size = sum(sizes) + len(data)
        if single.get(3, size) == size and not (links and (data or kind == BYTES)):
            return Node(FILE, links, tuple(sizes), data)
    elif len({name for name, _ in links}) < len(links):
        raise ValueError("two entries of a folder have one name")
    elif kind == SYMLINK and isinstance(data, bytes) and not links:
        return Node(SYMLINK, (), (), data)
    elif kind == FOLDER:
        return Node(FOLDER, links)
    elif kind == SHARD and single.get(5) == MURMUR3 and single.get(6) == FANOUT:
        return Node(SHARD, links)
    raise ValueError("the UnixFS record is of no kind that mint reads")


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        value, at = read_varint(data, at)
        if tag & 7 == 0:
            yield tag >> 3, value
        elif tag & 7 == 2 and at + value <= len(data):
            yield tag >> 3, data[at : at + value]
            at += value
        else:
            raise ValueError("a field has an unknown wire type or runs past the end")


def _field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2]) + varint(len(data)) + data

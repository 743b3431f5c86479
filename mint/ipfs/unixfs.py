"""Bytes and names -> UnixFS blocks and their CIDs, in one of three profiles.

All have sha2-256, the balanced layout and, for folders above 262,144 bytes, a HAMT of fanout 256
over murmur3-x64-64. They differ in what a Profile says.
Source: https://github.com/ipfs/specs/pull/499 (IPIP-499) and https://specs.ipfs.tech/unixfs/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import mmh3

from mint.errors import PublishError
from mint.ipfs.cid import DAG_PB, RAW, V0, Link, block_cid
from mint.ipfs.dagpb import (
    FOLDER_DATA,
    encode_leaf,
    encode_link,
    encode_node,
    file_data,
    shard_data,
)


@dataclass(frozen=True)
class Profile:
    """How files become blocks: bytes of a chunk, links of a node, and the prefixes of their CIDs.

    `leaf` RAW makes a chunk a raw block, another one a dag-pb node that holds it. `measured` is
    what of a folder is compared with FLAT: its serialized block, or its entries' names and CIDs.
    """

    chunk: int
    links: int
    leaf: bytes
    node: bytes
    measured: Literal["block", "entries"]

    def one_block(self, size: int) -> bool:
        """Whether a file of `size` bytes is one raw block, so that its CID is its SHA-256."""
        return self.leaf == RAW and size <= self.chunk


PROFILES = {
    "unixfs-v1-2025": Profile(1 << 20, 1024, RAW, DAG_PB, "block"),
    # What `ipfs add` of Kubo does without options, and with --cid-version=1.
    "unixfs-v0-2015": Profile(1 << 18, 174, V0, V0, "entries"),
    "kubo-cidv1": Profile(1 << 18, 174, RAW, DAG_PB, "entries"),
}
DEFAULT = PROFILES["unixfs-v1-2025"]
CHUNK = DEFAULT.chunk  # bytes: the UnixFS specification's word for a part of a file
FLAT = 262_144  # bytes of a folder above which it is sharded
HASH_BYTES = 8
LONGEST = 1024  # bytes of a name: four times what a disk takes, and no block grows too large
# "\\" is legal, but js-ipfs takes it for a path separator.
_UNSERVABLE = re.compile(r"[/\\\0]|\A\.{0,2}\Z")

# Receives every new block: (CID, bytes). The bytes are only lent for the call.
Emit = Callable[[bytes, bytes | memoryview], None]


class _Part(NamedTuple):
    link: Link
    size: int  # bytes of the file below it


def file_link(chunks: Iterable[bytes | memoryview], emit: Emit, profile: Profile = DEFAULT) -> Link:
    """The link of a file that arrives as `chunks` of profile.chunk bytes (the last one shorter).

    Holds at most profile.links links for each level of the tree, and one chunk. A file of one
    chunk, or of none, is a leaf without a node above it.
    """
    levels: list[list[_Part]] = [[]]
    for chunk in chunks:
        _push(levels, 0, _leaf(chunk, emit, profile), emit, profile)
    if not levels[0]:
        return _leaf(b"", emit, profile).link
    for depth, parts in enumerate(levels):  # grows while it runs: the root is the last level
        if depth + 1 < len(levels) or len(parts) > 1:
            _push(levels, depth + 1, _node(parts, emit, profile), emit, profile)
    return levels[-1][0].link


def _leaf(chunk: bytes | memoryview, emit: Emit, profile: Profile) -> _Part:
    block = chunk if profile.leaf == RAW else encode_leaf(chunk)
    cid = block_cid(profile.leaf, block)
    emit(cid, block)
    return _Part(Link(cid, len(block)), len(chunk))


def _push(levels: list[list[_Part]], depth: int, part: _Part, emit: Emit, profile: Profile) -> None:
    if depth == len(levels):
        levels.append([])
    if len(levels[depth]) == profile.links:  # only when one more arrives: a full root stays a root
        _push(levels, depth + 1, _node(levels[depth], emit, profile), emit, profile)
        levels[depth].clear()
    levels[depth].append(part)


def _node(parts: list[_Part], emit: Emit, profile: Profile) -> _Part:
    sizes = [part.size for part in parts]
    links = [(b"", part.link) for part in parts]
    block = encode_node([encode_link(*link) for link in links], file_data(sizes))
    return _Part(_emit_node(block, links, emit, profile), sum(sizes))


def folder_link(
    entries: Iterable[tuple[str, Link]], emit: Emit, profile: Profile = DEFAULT
) -> Link:
    """The link of a folder with these entries, in any order; names are distinct.

    Holds about 110 bytes an entry. PublishError for a name that no node could serve, or when two
    names share a 64-bit hash.
    """
    records = [_record(name_bytes(name), link) for name, link in entries]
    if sum(map(len, records)) - _BEFORE_CID * len(records) <= FLAT:  # names and CIDs
        links = sorted(map(_entry, records))
        block = encode_node([encode_link(*entry) for entry in links], FOLDER_DATA)
        if profile.measured == "entries" or len(block) <= FLAT:
            return _emit_node(block, links, emit, profile)
    records.sort()  # by hash, so that the entries of every part lie together
    return _shard(records, 0, len(records), 0, emit, profile)


_BEFORE_CID = HASH_BYTES + 9


def _record(name: bytes, link: Link) -> bytes:
    """An entry in one object, because there may be a million: hash, tsize, CID and name."""
    cid, tsize = link
    return b"%b%b%c%b%b" % (name_hash(name), tsize.to_bytes(8), len(cid), cid, name)


def _entry(record: bytes) -> tuple[bytes, Link]:
    end = _BEFORE_CID + record[_BEFORE_CID - 1]
    tsize = int.from_bytes(record[HASH_BYTES : _BEFORE_CID - 1])
    return record[end:], Link(record[_BEFORE_CID:end], tsize)


def name_bytes(name: str) -> bytes:
    """A name as IPFS stores it; PublishError for one that no node could serve."""
    try:
        data = name.encode()
        if not _UNSERVABLE.search(name) and len(data) <= LONGEST:
            return data
    except UnicodeEncodeError:  # a lone surrogate
        pass
    raise PublishError(f"IPFS cannot hold a file named {name[:80]!r}", hint="rename the file")


def name_hash(name: bytes) -> bytes:
    """The 8 bytes that place a name in a HAMT, one byte for each level from the root."""
    first, _ = mmh3.hash64(name, x64arch=True, signed=False)
    return int(first).to_bytes(HASH_BYTES, "big")


def _shard(
    records: list[bytes], first: int, end: int, depth: int, emit: Emit, profile: Profile
) -> Link:
    """The part of a sharded folder that holds records[first:end]."""
    if depth == HASH_BYTES:
        names = " and ".join(_entry(record)[0].decode() for record in records[first:end])
        raise PublishError(f"{names} have the same hash in a HAMT", hint="rename one of them")
    links, slots = [], []
    while first < end:
        slot, after = records[first][depth], first + 1
        while after < end and records[after][depth] == slot:
            after += 1
        prefix = b"%02X" % slot
        if after - first > 1:
            links.append((prefix, _shard(records, first, after, depth + 1, emit, profile)))
        else:
            name, link = _entry(records[first])
            links.append((prefix + name, link))
        slots.append(slot)
        first = after
    block = encode_node([encode_link(name, link) for name, link in links], shard_data(slots))
    return _emit_node(block, links, emit, profile)


def _emit_node(block: bytes, links: list[tuple[bytes, Link]], emit: Emit, profile: Profile) -> Link:
    cid = block_cid(profile.node, block)
    emit(cid, block)
    return Link(cid, len(block) + sum(link.tsize for _, link in links))

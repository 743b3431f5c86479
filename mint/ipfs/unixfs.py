"""Bytes and names -> UnixFS blocks and their CIDs, in profile unixfs-v1-2025 (IPIP-499).

CIDv1 base32, sha2-256, raw leaves, 1 MiB chunks, 1024 links a node, balanced layout; a folder
whose block would pass 262,144 bytes becomes a HAMT of fanout 256 over murmur3-x64-64.
Source: https://github.com/ipfs/specs/pull/499 and https://specs.ipfs.tech/unixfs/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import mmh3

from mint.errors import PublishError
from mint.ipfs.cid import DAG_PB, RAW, Link, block_cid
from mint.ipfs.dagpb import FOLDER_DATA, encode_link, encode_node, file_data, shard_data

CHUNK = 1 << 20
LINKS = 1024
FLAT = 262_144  # bytes of a folder's block above which it is sharded
HASH_BYTES = 8
# "\\" is legal, but js-ipfs takes it for a path separator.
_UNSERVABLE = re.compile(r"[/\\\0]|\A\.{0,2}\Z")

# Receives every block as it is made: (CID, bytes). The bytes are only lent for the call.
Emit = Callable[[bytes, bytes | memoryview], None]


class _Part(NamedTuple):
    link: Link
    size: int


def file_link(chunks: Iterable[bytes | memoryview], emit: Emit) -> Link:
    """The link of a file that arrives as `chunks` of CHUNK bytes (the last one shorter).

    Holds at most LINKS links for each level of the tree, and one chunk. A file of one chunk, or
    of none, is a raw block without a node above it.
    """
    levels: list[list[_Part]] = [[]]
    for chunk in chunks:
        _push(levels, 0, _leaf(chunk, emit), emit)
    if not levels[0]:
        return _leaf(b"", emit).link
    for depth, parts in enumerate(levels):  # grows while it runs: the root is the last level
        if depth + 1 < len(levels) or len(parts) > 1:
            _push(levels, depth + 1, _node(parts, emit), emit)
    return levels[-1][0].link


def _leaf(chunk: bytes | memoryview, emit: Emit) -> _Part:
    cid = block_cid(RAW, chunk)
    emit(cid, chunk)
    return _Part(Link(cid, len(chunk)), len(chunk))


def _push(levels: list[list[_Part]], depth: int, part: _Part, emit: Emit) -> None:
    if depth == len(levels):
        levels.append([])
    if len(levels[depth]) == LINKS:  # folded only when one more arrives: a full root stays a root
        _push(levels, depth + 1, _node(levels[depth], emit), emit)
        levels[depth].clear()
    levels[depth].append(part)


def _node(parts: list[_Part], emit: Emit) -> _Part:
    sizes = [part.size for part in parts]
    links = [(b"", part.link) for part in parts]
    block = encode_node([encode_link(*link) for link in links], file_data(sizes))
    return _Part(_emit_node(block, links, emit), sum(sizes))


def folder_link(entries: Iterable[tuple[str, Link]], emit: Emit) -> Link:
    """The link of a folder with these entries, in any order; names are distinct.

    PublishError for a name that no node could serve, or when two names share a 64-bit hash.
    """
    named = sorted((name_bytes(name), link) for name, link in entries)
    if sum(44 + len(name) for name, _ in named) <= FLAT:  # no link is shorter than that
        block = encode_node([encode_link(name, link) for name, link in named], FOLDER_DATA)
        if len(block) <= FLAT:
            return _emit_node(block, named, emit)
    return _shard([(name_hash(name), name, link) for name, link in named], 0, emit)


def name_bytes(name: str) -> bytes:
    """A name as IPFS stores it; PublishError for one that no node could serve."""
    try:
        if not _UNSERVABLE.search(name):
            return name.encode()
    except UnicodeEncodeError:  # a lone surrogate
        pass
    raise PublishError(f"IPFS cannot hold a file named {name!r}", hint="rename the file")


def name_hash(name: bytes) -> bytes:
    """The 8 bytes that place a name in a HAMT, one byte for each level from the root."""
    first, _ = mmh3.hash64(name, x64arch=True, signed=False)
    return int(first).to_bytes(HASH_BYTES, "big")


def _shard(entries: list[tuple[bytes, bytes, Link]], depth: int, emit: Emit) -> Link:
    if depth == HASH_BYTES:
        names = " and ".join(name.decode() for _, name, _ in entries)
        raise PublishError(f"{names} have the same hash in a HAMT", hint="rename one of them")
    slots: dict[int, list[tuple[bytes, bytes, Link]]] = {}
    for entry in entries:
        slots.setdefault(entry[0][depth], []).append(entry)
    links = [_slot(slot, slots[slot], depth, emit) for slot in sorted(slots)]
    block = encode_node([encode_link(name, link) for name, link in links], shard_data(slots))
    return _emit_node(block, links, emit)


def _slot(
    slot: int, entries: list[tuple[bytes, bytes, Link]], depth: int, emit: Emit
) -> tuple[bytes, Link]:
    prefix = b"%02X" % slot
    if len(entries) > 1:
        return prefix, _shard(entries, depth + 1, emit)
    _, name, link = entries[0]
    return prefix + name, link


def _emit_node(block: bytes, links: list[tuple[bytes, Link]], emit: Emit) -> Link:
    cid = block_cid(DAG_PB, block)
    emit(cid, block)
    return Link(cid, len(block) + sum(link.tsize for _, link in links))

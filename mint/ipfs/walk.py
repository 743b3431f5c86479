"""A root CID and a way to get blocks -> names, files and their bytes.

Every function takes `get`: CID -> that block, verified, or PublishError. `Car.block` is one; a
gateway with `?format=raw` can be another. What a block says is never trusted: depth, number and
sizes are bounded, and all that does not fit together is a PublishError. A cycle would need a
block that contains its own SHA-256; but equal blocks can be named often enough to walk for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate

from mint.errors import PublishError
from mint.ipfs.cid import DAG_PB, RAW_CODEC, V0, Link, cid_text
from mint.ipfs.dagpb import FILE, FOLDER, SHARD, SYMLINK, Node, decode_node
from mint.ipfs.unixfs import HASH_BYTES, name_bytes, name_hash

Get = Callable[[bytes], bytes]

MAX_DEPTH = 16  # of folders in folders, and of nodes in a file: 2 levels hold 1 TiB
MAX_NODE = 2 << 20  # bytes of a node that is looked into: the largest block that nodes exchange
MAX_ENTRIES = 4_000_000  # links of one walk: a million tokens are 2.4 million
_LINKS_OF_A_FILE = 1 << 16  # on the way to a range of it
LARGEST = 256 << 20  # bytes of one file; a small CAR can claim terabytes by naming a block often
_NOT_OURS = "mint wrote no such tree; check the CID"


def resolve(get: Get, root: bytes, path: str) -> bytes | None:
    """The CID at `path` ("metadata/1.json"; "" is `root`), or None when there is no such name."""
    cid = root
    for name in filter(None, path.split("/")):
        child = None if is_file(get, cid) else _child(get, cid, name)
        if child is None:
            return None
        cid = child
    return cid


def is_file(get: Get, cid: bytes, path: str | None = None) -> bool:
    """Whether `cid` is a file; if not, it is a folder.

    PublishError for a symbolic link, which calls it `path` if that is known.
    """
    kind = _kind(get, cid)
    if kind == SYMLINK:
        raise _symlink(get, cid, path or cid_text(cid))
    return kind == FILE


def _kind(get: Get, cid: bytes) -> int:
    return FILE if cid.startswith(RAW_CODEC) else node_of(get, cid).kind


def _symlink(get: Get, cid: bytes, name: str) -> PublishError:
    target = node_of(get, cid).data[:80].decode(errors="replace")
    return PublishError(
        f"{name} is a symbolic link to {target!r}, where wallets and marketplaces see nothing",
        hint="put the file itself in its place and pack the folder again",
    )


def file_size(get: Get, cid: bytes) -> int:
    """Bytes in the file `cid`; PublishError for a folder."""
    if cid.startswith(RAW_CODEC):
        return len(get(cid))
    node = _file(get, cid)
    return sum(node.sizes) + len(node.data)


def cat(get: Get, cid: bytes, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The bytes `start` (inclusive) to `stop` (exclusive) of a file, a block at a time.

    Blocks outside the range are not fetched.
    """
    size = file_size(get, cid)
    # No writer cuts a file into crumbs: a few bytes that are each a tree of their own.
    budget = Budget(cid, _LINKS_OF_A_FILE + size // 1024)
    return _parts(get, cid, size, start, size if stop is None else min(stop, size), 0, budget)


def read_path(get: Get, root: bytes, path: str) -> bytes:
    """All of the file at `path` under the folder `root`; PublishError if absent or over LARGEST."""
    cid = resolve(get, root, path)
    if cid is None:
        raise PublishError(f"{path} is not in ipfs://{cid_text(root)}", hint=_NOT_OURS)
    return read_file(get, cid, path)


def read_file(get: Get, cid: bytes, name: str) -> bytes:
    """All of a file, which errors call `name`; PublishError if it is over LARGEST."""
    if file_size(get, cid) > LARGEST:
        raise PublishError(f"{name} claims to be larger than {LARGEST >> 20} MiB", hint=_NOT_OURS)
    return b"".join(cat(get, cid))


def entries(get: Get, folder: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and CID of each file or folder directly in `folder`, which is read once."""
    return ((name, link.cid) for name, link in linked_entries(get, folder))


def linked_entries(get: Get, folder: bytes) -> Iterator[tuple[str, Link]]:
    """Name and link of each file or folder directly in `folder`, with the size that it claims."""
    return _entries(get, folder, Budget(folder, MAX_ENTRIES))


def files(get: Get, root: bytes) -> Iterator[tuple[str, bytes]]:
    """Path and CID of every file below the folder `root`; sorted by UTF-8 unless it is sharded.

    A name is never "..", empty or a path: PublishError for a block that says so.
    """
    # A leaf that is a node must be read to know it for a file, and may be named a million times.
    kind = lru_cache(1 << 16)(lambda cid: _kind(get, cid))
    return _files(get, kind, root, "", Budget(root, MAX_ENTRIES))


class Budget:
    """How many links a walk may still follow; bounds its time, and a listing's memory."""

    def __init__(self, cid: bytes, left: int) -> None:
        self._cid, self._left = cid, left

    def spend(self, links: int) -> None:
        """Note that so many links are about to be followed; PublishError if they are too many."""
        self._left -= links
        if self._left < 0:
            raise PublishError(f"{cid_text(self._cid)} is too large a tree", hint=_NOT_OURS)


def _files(
    get: Get, kind: Callable[[bytes], int], folder: bytes, path: str, budget: Budget
) -> Iterator[tuple[str, bytes]]:
    if path.count("/") > MAX_DEPTH:
        raise PublishError(f"{cid_text(folder)} is too deep a tree", hint=_NOT_OURS)
    for name, link in _entries(get, folder, budget):
        if kind(link.cid) == FILE:
            yield path + name, link.cid
        elif kind(link.cid) == SYMLINK:
            raise _symlink(get, link.cid, path + name)
        else:
            yield from _files(get, kind, link.cid, f"{path}{name}/", budget)


def _entries(get: Get, cid: bytes, budget: Budget) -> Iterator[tuple[str, Link]]:
    node = node_of(get, cid)
    if node.kind not in (FOLDER, SHARD):
        raise PublishError(f"{cid_text(cid)} is a file, not a folder", hint=_NOT_OURS)
    budget.spend(len(node.links))
    links = shard_entries(get, node, b"", budget) if node.kind == SHARD else node.links
    for name, link in links:
        name_bytes(name)
        yield name, link


def node_of(get: Get, cid: bytes) -> Node:
    """The node `cid`; PublishError for a raw block, or for one that is no file or folder."""
    if cid.startswith(RAW_CODEC):  # or the bytes of a picture could pose as a folder
        raise PublishError(f"{cid_text(cid)} is a file, not a folder", hint=_NOT_OURS)
    if not cid.startswith((V0, DAG_PB[:2])):
        raise PublishError(
            f"block {cid_text(cid)} is data of another kind than files and folders",
            hint="mint reads files and folders of IPFS (UnixFS); choose another root",
        )
    block = get(cid)
    try:
        if len(block) > MAX_NODE:
            raise ValueError(f"{len(block)} bytes are too many for a node")
        return decode_node(block)
    except ValueError as error:
        raise PublishError(f"block {cid_text(cid)}: {error}", hint=_NOT_OURS) from error


def _file(get: Get, cid: bytes) -> Node:
    node = node_of(get, cid)
    if node.kind == SYMLINK:
        raise _symlink(get, cid, cid_text(cid))
    if node.kind != FILE:
        raise PublishError(f"{cid_text(cid)} is a folder, not a file", hint=_NOT_OURS)
    return node


def _child(get: Get, folder: bytes, name: str) -> bytes | None:
    node = node_of(get, folder)
    if node.kind != SHARD:
        return _named(node, name)
    for slot in name_hash(name.encode(errors="replace")):
        if child := _named(node, f"{slot:02X}{name}"):
            return child
        below = _named(node, f"{slot:02X}")
        if below is None:
            return None
        node = shard_node(get, below)
    return None


def _named(node: Node, name: str) -> bytes | None:
    return next((link.cid for other, link in node.links if other == name), None)


def shard_node(get: Get, cid: bytes) -> Node:
    """The part `cid` of a sharded folder; PublishError for any other block."""
    node = node_of(get, cid)
    if node.kind != SHARD:
        raise PublishError(f"{cid_text(cid)} is no part of a sharded folder", hint=_NOT_OURS)
    return node


def shard_entries(
    get: Get, shard: Node, above: bytes, budget: Budget
) -> Iterator[tuple[str, Link]]:
    """Entries below a part of a sharded folder; `above` are the slots that lead to it."""
    for name, link in shard.links:
        slots = slots_of(name, above)
        if len(name) > 2:
            yield name[2:], link
        elif len(slots) == HASH_BYTES:
            raise PublishError(
                f"{cid_text(link.cid)}: a sharded folder is too deep", hint=_NOT_OURS
            )
        else:
            below = shard_node(get, link.cid)
            if not below.links:  # an entry has one place alone, but nothing could be everywhere
                raise PublishError(
                    f"{cid_text(link.cid)}: a part of a folder is empty", hint=_NOT_OURS
                )
            budget.spend(len(below.links))
            yield from shard_entries(get, below, slots, budget)


def slots_of(name: str, above: bytes) -> bytes:
    """The slots that lead to the link called `name` in a part of a sharded folder at `above`.

    PublishError where a name is not in its place: it could be listed and never be found, or twice.
    """
    if not re.match("[0-9A-F]{2}", name):
        raise PublishError(f"{name[:80]!r} is no entry of a sharded folder", hint=_NOT_OURS)
    slots = above + bytes.fromhex(name[:2])
    if len(name) > 2 and not name_hash(name[2:].encode()).startswith(slots):
        raise PublishError(f"{name[2:]!r} is in the wrong part of a folder", hint=_NOT_OURS)
    return slots


def _parts(
    get: Get, cid: bytes, size: int, start: int, stop: int, depth: int, budget: Budget
) -> Iterator[bytes]:
    """The part of [start, stop) that lies in this subtree of `size` bytes; offsets are its own."""
    if cid.startswith(RAW_CODEC):
        data = get(cid)
        _expect(len(data) == size, cid)
        yield data[max(start, 0) : stop]
        return
    node = _file(get, cid)
    _expect(sum(node.sizes) + len(node.data) == size and depth < MAX_DEPTH, cid)
    budget.spend(len(node.links))
    if node.data:
        yield node.data[max(start, 0) : stop]
    ends = accumulate(node.sizes)
    for (_, link), length, end in zip(node.links, node.sizes, ends, strict=True):
        at = end - length
        if max(start, at) < min(stop, end):  # so a child said to be empty is not fetched
            yield from _parts(get, link.cid, length, start - at, stop - at, depth + 1, budget)


def _expect(true: bool, cid: bytes) -> None:
    if not true:
        raise PublishError(f"{cid_text(cid)} is not of the size its parent says", hint=_NOT_OURS)

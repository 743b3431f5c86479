"""A root CID and a way to get blocks -> names, files and their bytes.

Every function takes `get`: CID -> that block, verified, or PublishError. `Car.block` is one; a
gateway with `?format=raw` can be another. What a block says is never trusted: depth, number and
sizes are bounded, and all that does not fit together is a PublishError. A cycle would need a
block that contains its own SHA-256; but equal blocks can be named often enough to walk for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate

from mint.errors import PublishError
from mint.ipfs.cid import RAW_CODEC, Link, cid_text
from mint.ipfs.dagpb import FILE, FOLDER, SHARD, SYMLINK, Node
from mint.ipfs.nodes import NOT_OURS, Budget, Get, node_of, shard_entries, shard_node
from mint.ipfs.unixfs import name_bytes, name_hash

MAX_DEPTH = 16  # of folders in folders, and of nodes in a file: 2 levels hold 1 TiB
MAX_ENTRIES = 4_000_000  # links of one walk: a million tokens are 2.4 million
_LINKS_OF_A_FILE = 1 << 16  # on the way to a range of it
LARGEST = 256 << 20  # bytes of one file; a small CAR can claim terabytes by naming a block often


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
        raise PublishError(f"{path} is not in ipfs://{cid_text(root)}", hint=NOT_OURS)
    return read_file(get, cid, path)


def read_file(get: Get, cid: bytes, name: str) -> bytes:
    """All of a file, which errors call `name`; PublishError if it is over LARGEST."""
    if file_size(get, cid) > LARGEST:
        raise PublishError(f"{name} claims to be larger than {LARGEST >> 20} MiB", hint=NOT_OURS)
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


def _files(
    get: Get, kind: Callable[[bytes], int], folder: bytes, path: str, budget: Budget
) -> Iterator[tuple[str, bytes]]:
    if path.count("/") > MAX_DEPTH:
        raise PublishError(f"{cid_text(folder)} is too deep a tree", hint=NOT_OURS)
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
        raise PublishError(f"{cid_text(cid)} is a file, not a folder", hint=NOT_OURS)
    budget.spend(len(node.links))
    links = shard_entries(get, node, b"", budget) if node.kind == SHARD else node.links
    for name, link in links:
        name_bytes(name)
        yield name, link


def _file(get: Get, cid: bytes) -> Node:
    node = node_of(get, cid)
    if node.kind == SYMLINK:
        raise _symlink(get, cid, cid_text(cid))
    if node.kind != FILE:
        raise PublishError(f"{cid_text(cid)} is a folder, not a file", hint=NOT_OURS)
    return node


def _child(get: Get, folder: bytes, name: str) -> bytes | None:
    node = node_of(get, folder)
    if node.kind != SHARD:
        return _link_to(node, name)
    for slot in name_hash(name.encode(errors="replace")):
        if child := _link_to(node, f"{slot:02X}{name}"):
            return child
        below = _link_to(node, f"{slot:02X}")
        if below is None:
            return None
        node = shard_node(get, below)
    return None


def _link_to(node: Node, name: str) -> bytes | None:
    return next((link.cid for other, link in node.links if other == name), None)


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
        raise PublishError(f"{cid_text(cid)} is not of the size its parent says", hint=NOT_OURS)

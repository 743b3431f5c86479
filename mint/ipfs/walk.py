"""A root CID and a way to get blocks -> names, files and their bytes.

Every function takes `get`: CID (36 bytes) -> that block, verified, or PublishError. `Car.block`
is one; a gateway asked for `?format=raw` can be another. What a block says is never trusted:
depth, number and sizes are bounded, and all that does not fit together is a PublishError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate

from mint.errors import PublishError
from mint.ipfs.cid import RAW, Link, cid_text
from mint.ipfs.dagpb import FILE, SHARD, Node, decode_node
from mint.ipfs.unixfs import HASH_BYTES, name_bytes, name_hash

Get = Callable[[bytes], bytes]

MAX_DEPTH = 16  # of folders in folders, and of nodes in a file: 2 levels hold 1 TiB
MAX_ENTRIES = 1_000_000
LARGEST = 256 << 20  # bytes of one file; a small CAR can claim terabytes by naming a block often
_HINT = "this is not a tree that mint wrote; check the CID"


def resolve(get: Get, root: bytes, path: str) -> bytes | None:
    """The CID at `path` ("metadata/1.json"; "" is `root`), or None when there is no such name."""
    cid = root
    for name in filter(None, path.split("/")):
        found = None if is_file(get, cid) else _child(get, cid, name)
        if found is None:
            return None
        cid = found
    return cid


def is_file(get: Get, cid: bytes) -> bool:
    """Whether `cid` is a file; if not, it is a folder."""
    return cid.startswith(RAW) or _node(get, cid).kind == FILE


def file_size(get: Get, cid: bytes) -> int:
    """Bytes in the file `cid`; PublishError for a folder."""
    return len(get(cid)) if cid.startswith(RAW) else sum(_file(get, cid).sizes)


def cat(get: Get, cid: bytes, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The bytes `start` (inclusive) to `stop` (exclusive) of a file, a block at a time.

    Blocks outside the range are not fetched.
    """
    size = file_size(get, cid)
    return _parts(get, cid, size, start, size if stop is None else min(stop, size), 0)


def read_path(get: Get, root: bytes, path: str) -> bytes:
    """All of the file at `path` under the folder `root`; PublishError if absent or over LARGEST."""
    cid = resolve(get, root, path)
    if cid is None:
        raise PublishError(f"{path} is not in ipfs://{cid_text(root)}", hint=_HINT)
    if file_size(get, cid) > LARGEST:
        raise PublishError(f"{path} claims to be larger than {LARGEST >> 20} MiB", hint=_HINT)
    return b"".join(cat(get, cid))


def entries(get: Get, cid: bytes) -> Iterator[tuple[str, Link]]:
    """Name and link of everything in the folder `cid`; sorted by UTF-8 unless it is sharded.

    A name is never "..", empty or a path: PublishError for a block that says so.
    """
    node = _node(get, cid)
    if node.kind == FILE:
        raise PublishError(f"{cid_text(cid)} is a file, not a folder", hint=_HINT)
    links = _shard_entries(get, node, 0, set()) if node.kind == SHARD else node.links
    for name, link in links:
        name_bytes(name)
        yield name, link


def files(get: Get, root: bytes) -> Iterator[tuple[str, bytes]]:
    """Path and CID of every file below the folder `root`."""
    return _files(get, root, "", [0])


def _files(get: Get, folder: bytes, path: str, seen: list[int]) -> Iterator[tuple[str, bytes]]:
    for name, link in entries(get, folder):
        seen[0] += 1
        # A folder of folders that are all the same one can claim more paths than there are atoms.
        if seen[0] > MAX_ENTRIES or path.count("/") >= MAX_DEPTH:
            raise PublishError(f"{cid_text(folder)} is too large a tree", hint=_HINT)
        if is_file(get, link.cid):
            yield path + name, link.cid
        else:
            yield from _files(get, link.cid, f"{path}{name}/", seen)


def _node(get: Get, cid: bytes) -> Node:
    if cid.startswith(RAW):  # or the bytes of a picture could pose as a folder
        raise PublishError(f"{cid_text(cid)} is a file, not a folder", hint=_HINT)
    try:
        return decode_node(get(cid))
    except ValueError as error:
        raise PublishError(f"block {cid_text(cid)}: {error}", hint=_HINT) from error


def _file(get: Get, cid: bytes) -> Node:
    node = _node(get, cid)
    if node.kind != FILE:
        raise PublishError(f"{cid_text(cid)} is a folder, not a file", hint=_HINT)
    return node


def _child(get: Get, folder: bytes, name: str) -> bytes | None:
    node = _node(get, folder)
    if node.kind != SHARD:
        return _named(node, name)
    for slot in name_hash(name.encode(errors="replace")):
        if found := _named(node, f"{slot:02X}{name}"):
            return found
        below = _named(node, f"{slot:02X}")
        if below is None:
            return None
        node = _shard(get, below)
    return None


def _named(node: Node, name: str) -> bytes | None:
    return next((link.cid for other, link in node.links if other == name), None)


def _shard(get: Get, cid: bytes) -> Node:
    node = _node(get, cid)
    if node.kind != SHARD:
        raise PublishError(f"{cid_text(cid)} is no part of a sharded folder", hint=_HINT)
    return node


def _shard_entries(
    get: Get, shard: Node, depth: int, seen: set[bytes]
) -> Iterator[tuple[str, Link]]:
    for name, link in shard.links:
        if len(name) > 2:
            yield name[2:], link
            continue
        # Names differ, so no two parts of one folder are equal; equal ones could multiply for ever.
        if link.cid in seen or depth == HASH_BYTES:
            raise PublishError(f"{cid_text(link.cid)}: a sharded folder repeats", hint=_HINT)
        seen.add(link.cid)
        yield from _shard_entries(get, _shard(get, link.cid), depth + 1, seen)


def _parts(get: Get, cid: bytes, size: int, start: int, stop: int, depth: int) -> Iterator[bytes]:
    """The part of [start, stop) that lies in this subtree of `size` bytes; offsets are its own."""
    if cid.startswith(RAW):
        block = get(cid)
        _expect(len(block) == size, cid)
        yield block[max(start, 0) : stop]
        return
    node = _file(get, cid)
    _expect(sum(node.sizes) == size and depth < MAX_DEPTH, cid)
    ends = accumulate(node.sizes)
    for (_, link), length, end in zip(node.links, node.sizes, ends, strict=True):
        at = end - length
        if max(start, at) < min(stop, end):  # so a child said to be empty is not fetched
            yield from _parts(get, link.cid, length, start - at, stop - at, depth + 1)


def _expect(holds: bool, cid: bytes) -> None:
    if not holds:
        raise PublishError(f"{cid_text(cid)} is not of the size its parent says", hint=_HINT)

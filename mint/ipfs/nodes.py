"""CIDs and a way to get blocks -> nodes: a folder, a part of a sharded one, a file's parts.

What a block says is never trusted: its size is bounded, and so is how many links a walk follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from mint.errors import PublishError
from mint.ipfs.cid import DAG_PB, RAW_CODEC, V0, Link, cid_text
from mint.ipfs.dagpb import SHARD, Node, decode_node
from mint.ipfs.unixfs import HASH_BYTES, name_hash

Get = Callable[[bytes], bytes]

MAX_NODE = 2 << 20  # bytes of a node that is looked into: the largest block that nodes exchange
NOT_OURS = "mint wrote no such tree; check the CID"


class Budget:
    """How many links a walk may still follow; bounds its time, and a listing's memory."""

    def __init__(self, cid: bytes, left: int) -> None:
        self._cid, self._left = cid, left

    def spend(self, links: int) -> None:
        """Note that so many links are about to be followed; PublishError if they are too many."""
        self._left -= links
        if self._left < 0:
            raise PublishError(f"{cid_text(self._cid)} is too large a tree", hint=NOT_OURS)


def node_of(get: Get, cid: bytes) -> Node:
    """The node `cid`; PublishError for a raw block, or for one that is no file or folder."""
    if cid.startswith(RAW_CODEC):  # or the bytes of a picture could pose as a folder
        raise PublishError(f"{cid_text(cid)} is a file, not a folder", hint=NOT_OURS)
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
        raise PublishError(f"block {cid_text(cid)}: {error}", hint=NOT_OURS) from error


def shard_node(get: Get, cid: bytes) -> Node:
    """The part `cid` of a sharded folder; PublishError for any other block."""
    node = node_of(get, cid)
    if node.kind != SHARD:
        raise PublishError(f"{cid_text(cid)} is no part of a sharded folder", hint=NOT_OURS)
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
            raise PublishError(f"{cid_text(link.cid)}: a sharded folder is too deep", hint=NOT_OURS)
        else:
            below = shard_node(get, link.cid)
            if not below.links:  # an entry has one place alone, but nothing could be everywhere
                raise PublishError(
                    f"{cid_text(link.cid)}: a part of a folder is empty", hint=NOT_OURS
                )
            budget.spend(len(below.links))
            yield from shard_entries(get, below, slots, budget)


def slots_of(name: str, above: bytes) -> bytes:
    """The slots that lead to the link called `name` in a part of a sharded folder at `above`.

    PublishError where a name is not in its place: it could be listed and never be found, or twice.
    """
    if not re.match("[0-9A-F]{2}", name):
        raise PublishError(f"{name[:80]!r} is no entry of a sharded folder", hint=NOT_OURS)
    slots = above + bytes.fromhex(name[:2])
    if len(name) > 2 and not name_hash(name[2:].encode()).startswith(slots):
        raise PublishError(f"{name[2:]!r} is in the wrong part of a folder", hint=NOT_OURS)
    return slots

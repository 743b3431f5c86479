"""An open CAR -> the proof that all of it is there: every block hashed, every link followed."""

from __future__ import annotations

from array import array
from typing import NamedTuple

from mint.ipfs.car import Car
from mint.ipfs.cid import (
    DAG_PB,
    IDENTITY,
    RAW_CODEC,
    V0,
    cid_text,
    function_of,
    matches,
    multihash,
    uncomputed,
)
from mint.ipfs.nodes import node_of


class Checked(NamedTuple):
    """What was hashed: the number of blocks, and the bytes that they have in all.

    `left_out` is the number of blocks that were not, because mint cannot compute their hash
    function; no such block lies below the root.
    """

    blocks: int
    size: int
    left_out: int = 0


def check_blocks(car: Car) -> Checked:
    """Hash every block of `car`, in the order of the file, and see that its tree is complete.

    Takes as long as it takes to read and hash the file, and a few bytes of memory for each block.
    PublishError at the first block that has other bytes than its CID says, or that is missing; it
    says which, and at which byte of the file it, or what names it, begins.
    """
    blocks = size = 0
    for cid, block, at in car.sections():
        if car.left_out and uncomputed(cid):
            continue
        if not matches(cid, block):
            raise car.altered(cid, at)
        blocks, size = blocks + 1, size + len(block)
    _check_complete(car)
    return Checked(blocks, size, car.left_out.total())


def _check_complete(car: Car) -> None:
    """Follow every link below the root. Each node is decoded once, however often it is named."""
    marks = bytearray(len(car.tags) // 8 + 1)  # a bit for each block: is it a node that was named
    # Nodes still to decode, by number: a hostile CAR may have millions, so 8 bytes for each.
    waiting = array("Q")

    def follow(cid: bytes, parent: str) -> None:
        if not cid.startswith((RAW_CODEC, DAG_PB[:2], V0)):
            node_of(car.block, cid)  # whose error says what it is
        location = car.find(cid)
        if location is None:
            _check_absent(car, cid, parent)
            if not cid.startswith(RAW_CODEC):
                look_into(cid, parent)
            return
        byte, bit = divmod(location.number, 8)
        if not (cid.startswith(RAW_CODEC) or marks[byte] >> bit & 1):
            marks[byte] |= 1 << bit
            waiting.append(location.number)

    def look_into(cid: bytes, name: str) -> None:
        for _, link in node_of(car.block, cid).links:
            follow(link.cid, name)

    follow(car.root, "its header")
    while waiting:
        cid, at = car.numbered(waiting.pop())
        # As a node, whatever the section calls it: only a link says what a block is.
        look_into(DAG_PB[:2] + multihash(cid), f"block {cid_text(cid)} at byte {at}")


def _check_absent(car: Car, cid: bytes, parent: str) -> None:
    """PublishError unless the block is in its CID, which then has at most 128 bytes."""
    if uncomputed(cid):
        car.block(cid)  # whose error says so
    if function_of(cid)[0] != IDENTITY:
        raise car.damage(f"is incomplete: it lacks block {cid_text(cid)}, which {parent} names")

"""An open CAR -> the proof that all of it is there: every block hashed, every link followed."""

from __future__ import annotations

import hashlib
from array import array
from typing import NamedTuple

from mint.ipfs.car import Car
from mint.ipfs.cid import DAG_PB, DIGEST, RAW, cid_text
from mint.ipfs.walk import node_of


class Checked(NamedTuple):
    """What was hashed: the number of blocks, and the bytes that they have in all."""

    blocks: int
    size: int


def check_blocks(car: Car) -> Checked:
    """Hash every block of `car`, in the order of the file, and see that its tree is complete.

    Takes as long as it takes to read and hash the file, and a few bytes of memory for each block.
    PublishError at the first block that has other bytes than its CID says, or that is missing; it
    says which, and at which byte of the file it, or what names it, begins.
    """
    blocks = size = 0
    for cid, block, at in car.sections():
        if hashlib.sha256(block).digest() != cid[-DIGEST:]:
            raise car.altered(cid, at)
        blocks, size = blocks + 1, size + len(block)
    _check_complete(car)
    return Checked(blocks, size)


def _check_complete(car: Car) -> None:
    """Follow every link below the root. Each node is decoded once, however often it is named."""
    seen = bytearray(len(car.tags) // 8 + 1)  # a bit for each block: is it a node that was named
    # Nodes still to decode, by number: a hostile CAR may have millions, so 8 bytes for each.
    waiting = array("Q")

    def follow(cid: bytes, parent: str) -> None:
        location = car.find(cid)
        if location is None:
            raise car.damage(f"is incomplete: it lacks block {cid_text(cid)}, which {parent} names")
        byte, bit = divmod(location.number, 8)
        if not (cid.startswith(RAW) or seen[byte] >> bit & 1):
            seen[byte] |= 1 << bit
            waiting.append(location.number)

    follow(car.root, "its header")
    while waiting:
        cid, at = car.numbered(waiting.pop())
        parent = f"block {cid_text(cid)} at byte {at}"
        # As a node, whatever the section calls it: only the link says what a block is.
        for _, link in node_of(car.block, DAG_PB + cid[-DIGEST:]).links:
            follow(link.cid, parent)

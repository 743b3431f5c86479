"""A path in a CAR -> a smaller CAR: what a client needs to check the path, and all below its end.

Source: https://specs.ipfs.tech/http-gateways/trustless-gateway/
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from mint.errors import PublishError, StoreError
from mint.ipfs.car import Car
from mint.ipfs.car_header import car_header, section_header
from mint.ipfs.cid import RAW_CODEC, cid_text
from mint.ipfs.nodes import node_of
from mint.ipfs.walk import resolve

DEEPEST = 32  # nodes above one another: folders, the parts of sharded ones, and of long files
PIECE = 1 << 16  # bytes of small blocks that go out together


class Subtree(NamedTuple):
    """All below `cid`, and the CIDs of the blocks that lead from the root to it."""

    cid: bytes
    ancestors: tuple[bytes, ...]


def find_subtree(car: Car, root: bytes, path: str) -> Subtree | None:
    """What is at `path` below `root`, or None; PublishError for a damaged CAR."""
    ancestors: list[bytes] = []

    def get(cid: bytes) -> bytes:
        ancestors.append(cid)
        return car.block(cid)

    cid = resolve(get, root, path)
    return None if cid is None else Subtree(cid, tuple(ancestors))


def write_subtree(car: Car, path: Path) -> None:
    """Write what is below the root of `car` to a CAR of its own, of version 1, whole or not at all.

    Every block is hashed. PublishError where one is damaged or missing, StoreError if the disk is
    full.
    """
    unfinished = path.with_name(path.name + ".tmp")
    try:
        with unfinished.open("wb") as file:
            for piece in export(car, Subtree(car.root, ())):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise StoreError(
            f"{path}: {error.strerror}", hint="free some space or choose another folder"
        ) from error
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def export(car: Car, subtree: Subtree) -> Iterator[bytes]:
    """The bytes of a CAR whose root is `subtree.cid`: parents first, every block once.

    PublishError at a block that is damaged or missing: what has come until then is incomplete.
    """
    pieces, size = [car_header(subtree.cid)], 0
    for cid, block in _blocks(car, subtree):
        pieces += section_header(cid, len(block)), block
        size += len(block)
        if size >= PIECE:
            yield b"".join(pieces)
            pieces, size = [], 0
    yield b"".join(pieces)


def _blocks(car: Car, subtree: Subtree) -> Iterator[tuple[bytes, bytes]]:
    take = _each_once(car)
    for cid in subtree.ancestors:
        if (block := take(cid)) is not None:
            yield cid, block
    # The children still to visit of each node on the way down; no recursion, whatever a CAR says.
    unvisited = [iter((subtree.cid,))]
    while unvisited:
        cid = next(unvisited[-1], b"")
        if not cid:
            unvisited.pop()
        elif (block := take(cid)) is not None:
            yield cid, block
            unvisited.append(_children(cid, block))
            if len(unvisited) > DEEPEST:
                raise PublishError(
                    f"{cid_text(subtree.cid)} has more than {DEEPEST} levels below it",
                    hint="mint writes no such tree; check the CID",
                )


def _each_once(car: Car) -> Callable[[bytes], bytes | None]:
    """CID -> its block, and None for one that it gave before."""
    marks = bytearray(len(car.tags) // 8 + 1)  # a bit for each block of the CAR

    def take(cid: bytes) -> bytes | None:
        location = car.find(cid)
        if location is not None:
            byte, bit = divmod(location.number, 8)
            if marks[byte] >> bit & 1:
                return None
            marks[byte] |= 1 << bit
        return car.block(cid)

    return take


def _children(cid: bytes, block: bytes) -> Iterator[bytes]:
    if cid.startswith(RAW_CODEC):
        return iter(())
    # A list of CIDs alone: a hostile CAR may have nodes of 50,000 links on every level.
    return iter([link.cid for _, link in node_of(lambda _: block, cid).links])

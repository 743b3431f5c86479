"""The blocks of a collection, each with the file or folder that it is of: what has to be kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mint.ipfs.car import Car
from mint.ipfs.cid import DAG_PB, RAW, V0, cid_text
from mint.ipfs.dagpb import FILE, SHARD
from mint.ipfs.nodes import node_of


class Part(NamedTuple):
    """A block: its number in the CAR's index, its CID, and the path of its file or folder."""

    number: int
    cid: bytes
    path: str


def parts(car: Car) -> Iterator[Part]:
    """Every block below the root of `car`, itself included, once; parents stand before children.

    A file that is named twice has the path by which it was met first. Blocks beside the tree are
    left out. PublishError for a CAR that is damaged or not complete.
    """
    marks = bytearray(len(car.tags))
    waiting = [(car.root, "")]
    while waiting:
        cid, path = waiting.pop()
        location = car.find(cid)
        if location is None:
            car.block(cid)  # says so
        elif not marks[location.number]:
            marks[location.number] = 1
            yield Part(location.number, cid, path)
            if not cid.startswith(RAW):
                waiting += _below(car, cid, path)


def check_labels(car: Car) -> None:
    """PublishError where a block stands in the CAR under another CID than the one it is named by.

    The same bytes and another codec: a service would keep it where nobody looks for it. A CIDv0
    and its CIDv1 are alike.
    """
    for part in parts(car):
        cid, at = car.numbered(part.number)
        if _codec(cid) != _codec(part.cid):
            raise car.damage(
                f"is damaged: block {cid_text(part.cid)} at byte {at} is called {cid_text(cid)}"
            )


def _codec(cid: bytes) -> bytes:
    return DAG_PB if cid.startswith(V0) else cid[: len(DAG_PB)]


def _below(car: Car, cid: bytes, path: str) -> Iterator[tuple[bytes, str]]:
    node = node_of(car.block, cid)
    for name, link in reversed(node.links):
        if node.kind == SHARD:
            name = name[2:]  # which leads to a part of the same folder, if nothing is left
        inner = path if node.kind == FILE or not name else f"{path}/{name}".lstrip("/")
        yield link.cid, inner

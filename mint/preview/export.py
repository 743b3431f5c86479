"""A path in a CAR -> a smaller CAR: what a client needs to check the path, and what is at its end.

Source: https://specs.ipfs.tech/http-gateways/trustless-gateway/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import Car, car_header, section_header
from mint.ipfs.cid import RAW, cid_text
from mint.ipfs.dagpb import FILE, SHARD, Node
from mint.ipfs.walk import cat, node_of, resolve

# Of what is at the end of the path: its whole tree, its first block, or the blocks that make up
# one file or one folder's list of names.
Scope = Literal["all", "block", "entity"]
DEEPEST = 32  # nodes above one another: folders, the parts of sharded ones, and of long files
PIECE = 1 << 16  # bytes of small blocks that go out together


class Part(NamedTuple):
    """What to export: `cid` and, before it, the blocks on the `way` to it.

    With `span` only the blocks of these bytes of a file: start (inclusive), stop (exclusive).
    """

    cid: bytes
    way: tuple[bytes, ...]
    scope: Scope = "all"
    span: tuple[int, int] | None = None


def find_part(car: Car, root: bytes, path: str) -> Part | None:
    """What is at `path` below `root`, or None; PublishError for a damaged CAR."""
    way: list[bytes] = []

    def get(cid: bytes) -> bytes:
        way.append(cid)
        return car.block(cid)

    cid = resolve(get, root, path)
    return None if cid is None else Part(cid, tuple(way))


def span_of(text: str, size: int) -> tuple[int, int] | None:
    """Start and stop of `entity-bytes` ("0:*", "-1024:*", "5:9") in a file of `size` bytes.

    None for text of another form, and for a span that lies outside the file.
    """
    match = re.fullmatch(r"(-?\d{1,18}):(-?\d{1,18}|\*)", text)
    if not match:
        return None
    first, last = int(match[1]), -1 if match[2] == "*" else int(match[2])
    start = max(0, first + size if first < 0 else first)
    stop = min(size, (last + size if last < 0 else last) + 1)
    return (start, stop) if start < stop else None


def export(car: Car, part: Part) -> Iterator[bytes]:
    """The bytes of a CAR whose root is `part.cid`: parents first, every block once.

    PublishError at a block that is damaged or missing: what has come until then is incomplete.
    """
    held, size = [car_header(part.cid)], 0
    for cid, block in _blocks(car, part):
        held += section_header(cid, len(block)), block
        size += len(block)
        if size >= PIECE:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _blocks(car: Car, part: Part) -> Iterator[tuple[bytes, bytes]]:
    sent = bytearray(len(car.tags) // 8 + 1)  # a bit for each block of the CAR

    def take(cid: bytes) -> bytes | None:
        """The block, or None if it went out before."""
        place = car.find(cid)
        if place is not None:
            byte, bit = divmod(place.number, 8)
            if sent[byte] >> bit & 1:
                return None
            sent[byte] |= 1 << bit
        return car.block(cid)

    for cid in part.way:
        if (block := take(cid)) is not None:
            yield cid, block
    if part.span:
        yield from _spanned(car, part, take)
        return
    todo = [iter((part.cid,))]
    while todo:
        cid = next(todo[-1], b"")
        if not cid:
            todo.pop()
        elif (block := take(cid)) is not None:
            yield cid, block
            todo.append(_below(cid, block, part.scope))
            if len(todo) > DEEPEST:
                raise PublishError(f"{cid_text(part.cid)} is too deep a tree", hint="check the CID")


def _below(cid: bytes, block: bytes, scope: Scope) -> Iterator[bytes]:
    if cid.startswith(RAW) or scope == "block":
        return iter(())
    node = node_of(lambda _: block, cid)
    return (link.cid for name, link in node.links if scope == "all" or _own(node, name))


def _own(node: Node, name: str) -> bool:
    """Whether what this link leads to is a part of the same file or folder."""
    return node.kind == FILE or (node.kind == SHARD and len(name) == 2)


def _spanned(
    car: Car, part: Part, take: Callable[[bytes], bytes | None]
) -> Iterator[tuple[bytes, bytes]]:
    """The blocks that reading the span takes, in the order of reading."""
    read: list[bytes] = []

    def get(cid: bytes) -> bytes:
        read.append(cid)
        return car.block(cid)

    start, stop = part.span or (0, 0)
    for _ in cat(get, part.cid, start, stop):
        for cid in read:
            if (block := take(cid)) is not None:
                yield cid, block
        read.clear()

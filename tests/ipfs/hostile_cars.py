"""CARs that nobody honest wrote, drawn at random, and all that can be done with one.

Of tests/ipfs/test_hostile.py and of scripts/fuzz-ipfs, which runs the same attacks for longer.
"""

from __future__ import annotations

import struct
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import replace
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import strategies as st

from mint.errors import PublishError
from mint.ipfs import unixfs, walk
from mint.ipfs.car import Car, open_car
from mint.ipfs.car_header import car_header, section_header
from mint.ipfs.check import check_blocks
from mint.ipfs.cid import DAG_PB, RAW, V0, Link, block_cid
from mint.ipfs.dagpb import (
    FOLDER_DATA,
    encode_leaf,
    encode_link,
    encode_node,
    file_data,
    shard_data,
)
from mint.ipfs.export import export, find_subtree
from mint.ipfs.sample import random_files
from mint.ipfs.tree import Folder, write_tree
from mint.ipfs.unixfs import PROFILES
from mint.ipfs.varint import varint

SECONDS = 10.0  # what one CAR of a few kilobytes may take on a busy machine; usually 0.01

ran: Counter[str] = Counter()  # cases by attack, and how many of them came to their end

TREE: Folder = {
    "images": {f"{i}.png": bytes([i]) * i for i in range(40)},
    "metadata": {str(i): b"{}" * i for i in range(9)},
    "empty": {},
}


def survive(attack: str, path: Path) -> None:
    """Do all that can be done with a CAR; fails at anything but a PublishError, and when slow."""
    ran[attack] += 1
    begin = time.perf_counter()
    with suppress(PublishError), closing(open_car(path)) as car:
        for deed in (listed, named, read, exported, checked, drawn):
            with suppress(PublishError):
                deed(car)
                ran[f"{attack}: {deed.__name__}"] += 1
    assert time.perf_counter() - begin < SECONDS


def listed(car: Car) -> None:
    """Resolving a listed name gives the CID beside it in the list."""
    for path, cid in islice(walk.files(car.block, car.root), 200):
        assert walk.resolve(car.block, car.root, path) == cid


def named(car: Car) -> None:
    for path in ("", "a", "a/a", "images/1.png", "metadata/5", "..", "a/../b", "00", "\ud800", "ü"):
        cid = walk.resolve(car.block, car.root, path)
        assert cid is None or isinstance(walk.is_file(car.block, cid), bool)


def read(car: Car) -> None:
    for path, cid in islice(walk.files(car.block, car.root), 50):
        size = walk.file_size(car.block, cid)
        start, stop = size // 3, min(size, size // 3 + 4096)
        assert sum(map(len, walk.cat(car.block, cid, start, stop))) == stop - start
        if size < 1 << 20:
            assert len(walk.read_path(car.block, car.root, path)) == size


def exported(car: Car) -> None:
    """No more goes out than is in, whatever it says about itself."""
    for path in ("", "a", "a/a", "images"):
        if subtree := find_subtree(car, car.root, path):
            sent = sum(map(len, export(car, subtree)))
            assert sent <= 2 * Path(str(car.file.name)).stat().st_size + 100


def checked(car: Car) -> None:
    """What is said to be whole lacks no block of any file."""
    check_blocks(car)
    troubles = []
    with suppress(PublishError):
        for path, cid in islice(walk.files(car.block, car.root), 50):
            try:
                if walk.file_size(car.block, cid) < 1 << 20:
                    walk.read_path(car.block, car.root, path)
            except PublishError as error:
                troubles.append(str(error))
    assert not [trouble for trouble in troubles if "has no block" in trouble]


def drawn(car: Car) -> None:
    """A file that is drawn is found at its path."""
    files, number = random_files(car.block, car.root, 3, Random(1))
    assert len(dict(files)) == len(files) <= 3
    assert number is None or number >= len(files)
    for path, cid in files:
        assert walk.resolve(car.block, car.root, path) == cid


def car_of(blocks: dict[bytes, bytes], root: bytes) -> bytes:
    """A CAR of these blocks, as they are."""
    sections = [section_header(cid, len(block)) + block for cid, block in blocks.items()]
    return b"".join([car_header(root), *sections])


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """`data` after a few cuts, insertions, repetitions and flipped bits."""
    out = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at, size = draw(st.integers(0, len(out))), draw(st.integers(0, 60))
        match draw(st.integers(0, 3)):
            case 0:
                del out[at : at + size]
            case 1:
                out[at:at] = draw(st.binary(max_size=40))
            case 2:
                out[at:at] = out[at : at + size]
            case _ if at < len(out):
                out[at] ^= 1 << draw(st.integers(0, 7))
    return bytes(out)


@cache
def honest_cars() -> list[bytes]:
    """A CAR of TREE in each profile, and one of version 2; small chunks, every folder sharded."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(unixfs, "FLAT", 300)
        path = Path(folder) / "c.car"
        cars = [
            (write_tree(path, TREE, small), path.read_bytes())[1]
            for small in (replace(each, chunk=16, links=3) for each in PROFILES.values())
        ]
        return [*cars, version_2(cars[0])]


def version_2(car: bytes, padding: int = 0, index: bytes = b"") -> bytes:
    """A CAR of version 1 in one of version 2: https://ipld.io/specs/transport/car/carv2/"""
    offset = 51 + padding
    fixed = struct.pack("<16xQQQ", offset, len(car), offset + len(car) if index else 0)
    return b"\x0a\xa1\x67version\x02" + fixed + bytes(padding) + car + index


numbers = st.integers(0, 9) | st.sampled_from([255, 1 << 20, 1 << 40, (1 << 63) - 1])

words = st.sampled_from(["a", "b", "00", "AB", "00a", "..", "", "a/b", "x" * 1100, "\0", "ü"])


def slots(name: str, depth: int) -> str:
    """`name` as a sharded folder holds it at this depth."""
    return f"{unixfs.name_hash(name.encode())[depth]:02X}{name}"


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[bytes, bytes], bytes]:
    """Blocks whose digests are right and whose contents are not; the last one is the root."""
    blocks: dict[bytes, bytes] = {}
    cids: list[bytes] = [block_cid(RAW, b"absent")]
    for _ in range(draw(st.integers(1, 14))):
        prefix, block = draw(nodes(cids))
        cid = block_cid(prefix, block)
        blocks[cid] = block
        cids.append(cid)
    return blocks, cids[-1]


@st.composite
def nodes(draw: st.DrawFn, cids: list[bytes]) -> tuple[bytes, bytes]:
    """A block and its prefix; children are among `cids`, most often the latest: so bombs grow."""
    latest = st.sampled_from(cids[-2:]) | st.sampled_from(cids)
    children = draw(st.lists(latest, max_size=6)) * draw(st.sampled_from([1, 1, 1, 60]))
    prefix = draw(st.sampled_from([DAG_PB, V0]))
    match draw(st.sampled_from(["raw", "leaf", "folder", "shard", "placed", "file", "broken"])):
        case "raw":
            return RAW, draw(st.binary(max_size=20))
        case "leaf":
            return prefix, encode_leaf(draw(st.binary(max_size=20)))
        case "folder":
            names = [draw(words) if i < 3 else str(i) for i, _ in enumerate(children)]
            return prefix, node(names, children, FOLDER_DATA)
        case "shard":
            names = [draw(words) if i < 2 else f"{i % 256:02X}" for i, _ in enumerate(children)]
            return prefix, node(names, children, shard_data(range(9)))
        case "placed":
            depth = draw(st.integers(0, 7))
            names = [slots(str(i), depth) for i, _ in enumerate(children)]
            return prefix, node(names, children, shard_data(range(9)))
        case "file":
            sizes = [draw(numbers) if i < 4 else 1 for i, _ in enumerate(children)]
            return prefix, node([""] * len(children), children, file_data(sizes))
    record = draw(st.binary(max_size=9) | st.sampled_from([b"\x08\x02\x18" + varint(1 << 62)]))
    return prefix, draw(mutated(node(["a"] * len(children), children, record)))


def node(names: list[str], children: list[bytes], record: bytes) -> bytes:
    pairs = zip(names, children, strict=True)
    return encode_node([encode_link(n.encode(), Link(cid, 1)) for n, cid in pairs], record)


@st.composite
def damaged_cars(draw: st.DrawFn) -> bytes:
    return draw(mutated(draw(st.sampled_from(honest_cars()))))


# The CARs of each attack.
ATTACKS: dict[str, st.SearchStrategy[bytes]] = {
    "graph": graphs().map(lambda graph: car_of(*graph)),
    "damaged": damaged_cars(),
    "random": st.builds(
        lambda prefix, data: (car_header(prefix + bytes(32)) if prefix else b"") + data,
        st.sampled_from([b"", RAW, DAG_PB, V0]),
        st.binary(max_size=400),
    ),
}

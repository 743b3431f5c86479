"""CARs that nobody honest wrote: reading them ends soon, in a PublishError or in the truth.

`scripts/fuzz-ipfs MINUTES` runs the same attacks for longer.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mint.errors import PublishError
from mint.ipfs import unixfs, walk
from mint.ipfs.car import Car, car_header, open_car, section_header
from mint.ipfs.cid import DAG_PB, RAW, V0, Link, block_cid
from mint.ipfs.dagpb import (
    FOLDER_DATA,
    encode_leaf,
    encode_link,
    encode_node,
    file_data,
    shard_data,
    varint,
)
from mint.ipfs.tree import Folder, write_tree
from mint.ipfs.unixfs import PROFILES
from mint.preview.export import export, find_subtree

SECONDS = 10.0  # what one CAR of a few kilobytes may take on a busy machine; usually 0.01
hostile = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
ran: Counter[str] = Counter()  # cases by attack, and how many of them came to their end
TREE: Folder = {
    "images": {f"{i}.png": bytes([i]) * i for i in range(40)},
    "metadata": {str(i): b"{}" * i for i in range(9)},
    "empty": {},
}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_ENTRIES", 20_000)  # four million links take a while


def survive(attack: str, path: Path) -> None:
    """Do all that can be done with a CAR; fails at anything but a PublishError, and when slow."""
    ran[attack] += 1
    begin = time.perf_counter()
    with suppress(PublishError), closing(open_car(path)) as car:
        for deed in (listed, named, read, exported):
            with suppress(PublishError):
                deed(car)
                ran[f"{attack}: {deed.__name__}"] += 1
    assert time.perf_counter() - begin < SECONDS


def listed(car: Car) -> None:
    """What is listed under a name is found under it."""
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


def packed(path: Path, blocks: dict[bytes, bytes], root: bytes) -> None:
    sections = [section_header(cid, len(block)) + block for cid, block in blocks.items()]
    path.write_bytes(b"".join([car_header(root), *sections]))


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


def honest(folder: Path) -> list[bytes]:
    """A CAR of TREE in each profile: small chunks, and every folder sharded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unixfs, "FLAT", 300)
        return [
            (write_tree(folder / "h.car", TREE, small), (folder / "h.car").read_bytes())[1]
            for small in (replace(each, chunk=16, links=3) for each in PROFILES.values())
        ]


@hostile
@given(data=st.data())
def test_honest_cars_that_were_damaged(tmp_path: Path, data: st.DataObject) -> None:
    good = data.draw(st.sampled_from(_honest(tmp_path)))
    (tmp_path / "c.car").write_bytes(data.draw(mutated(good)))
    survive("damaged", tmp_path / "c.car")


_honest_cars: list[bytes] = []


def _honest(folder: Path) -> list[bytes]:
    if not _honest_cars:
        _honest_cars.extend(honest(folder))
    return _honest_cars


@hostile
@given(st.binary(max_size=400), st.sampled_from([b"", RAW, DAG_PB, V0]))
def test_random_bytes(tmp_path: Path, data: bytes, prefix: bytes) -> None:
    head = car_header(prefix + bytes(32)) if prefix else b""
    (tmp_path / "c.car").write_bytes(head + data)
    survive("random", tmp_path / "c.car")


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


@hostile
@given(graph=graphs())
def test_graphs_of_hostile_nodes(tmp_path: Path, graph: tuple[dict[bytes, bytes], bytes]) -> None:
    packed(tmp_path / "c.car", *graph)
    survive("graph", tmp_path / "c.car")


def test_the_attacks_reach_what_they_attack(tmp_path: Path) -> None:
    # Else every case could end at the header, and nothing would be said.
    for good in _honest(tmp_path):
        (tmp_path / "c.car").write_bytes(good)
        before = ran.copy()
        survive("none", tmp_path / "c.car")
        ended = ran - before
        assert {name: ended[f"none: {name}"] for name in ("listed", "named", "read")} == {
            "listed": 1,
            "named": 1,
            "read": 1,
        }


# Blocks that name the one before them as often as they can.
BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "folders": lambda cid: node([str(i) for i in range(300)], [cid] * 300, FOLDER_DATA),
    "shards": lambda cid: node([f"{i:02X}" for i in range(256)], [cid] * 256, shard_data([0])),
    "files": lambda cid: node([""] * 300, [cid] * 300, file_data([1] * 300)),
    "empty files": lambda cid: node([""] * 300, [cid] * 300, file_data([0] * 300)),
    "a chain": lambda cid: node(["a"], [cid], FOLDER_DATA),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(tmp_path: Path, name: str) -> None:
    blocks = {(cid := block_cid(V0, encode_leaf(b"x"))): encode_leaf(b"x")}
    for _ in range(40):
        block = BOMBS[name](cid)
        blocks[cid := block_cid(V0, block)] = block
    packed(tmp_path / "c.car", blocks, cid)
    survive(f"bomb of {name}", tmp_path / "c.car")


def test_a_car_that_grows_while_it_is_open_is_not_believed(tmp_path: Path) -> None:
    write_tree(tmp_path / "c.car", {"a": b"the truth"})
    with closing(open_car(tmp_path / "c.car")) as car:
        (tmp_path / "c.car").write_bytes(b"")
        with pytest.raises(PublishError, match="was changed"):
            car.block(car.root)


def test_sections_that_all_name_one_block_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.ipfs.car.MAX_BLOCKS", 1000)
    cid = block_cid(RAW, b"")
    (tmp_path / "c.car").write_bytes(car_header(cid) + section_header(cid, 0) * 1001)
    with pytest.raises(PublishError, match="more than 1000 blocks"):
        open_car(tmp_path / "c.car")

"""A tree of files, its CAR, and what comes out of it again, also when the CAR is hostile."""

from __future__ import annotations

import hashlib
import resource
import signal
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.errors import PublishError, StoreError
from mint.ipfs import walk
from mint.ipfs.car import open_car
from mint.ipfs.car_header import car_header, section_header
from mint.ipfs.cid import RAW, block_cid, raw_link
from mint.ipfs.tree import File, Folder, tree_links, write_tree
from mint.ipfs.unixfs import CHUNK, PROFILES
from tests.ipfs.trees import everything, flat, in_one_folder, known, trees, unpacked


@in_one_folder
@given(trees)
def test_what_is_packed_is_what_is_unpacked(tmp_path: Path, tree: Folder) -> None:
    path = tmp_path / "c.car"
    assert write_tree(path, tree) == tree_links(tree)
    assert unpacked(path) == flat(tree)
    with closing(open_car(path)) as car:
        assert car.root == tree_links(tree)[""].cid
        for name, data in flat(tree).items():
            cid = walk.resolve(car.block, car.root, name)
            assert cid == block_cid(RAW, data)


def test_links_name_every_folder(tmp_path: Path) -> None:
    links = write_tree(tmp_path / "c.car", {"a": {"b": {"c": b"1"}}, "d": b"2"})
    assert sorted(links) == ["", "a", "a/b"]
    assert tree_links({"b": {"c": b"1"}})[""] == links["a"]


def test_the_same_tree_gives_the_same_car(tmp_path: Path) -> None:
    write_tree(tmp_path / "1.car", {"b": {"x": b"1", "y": b"2"}, "a": b"3"})
    write_tree(tmp_path / "2.car", {"a": b"3", "b": {"y": b"2", "x": b"1"}})
    assert (tmp_path / "1.car").read_bytes() == (tmp_path / "2.car").read_bytes()


def test_each_block_is_written_once(tmp_path: Path) -> None:
    write_tree(tmp_path / "c.car", {str(i): bytes(3 * CHUNK) for i in range(4)})
    assert (tmp_path / "c.car").stat().st_size < CHUNK + 2000
    assert set(unpacked(tmp_path / "c.car").values()) == {bytes(3 * CHUNK)}


@in_one_folder
@given(st.integers(0, 3 * CHUNK), st.integers(0, 3 * CHUNK))
def test_any_range_of_a_long_file(tmp_path: Path, start: int, stop: int) -> None:
    data = hashlib.shake_128(b"long").digest(2 * CHUNK + 12_345)
    path = tmp_path / "c.car"
    if not path.exists():
        assert write_tree(path, {"f": known(tmp_path / "f", data)}) == tree_links({"f": data})
    with closing(open_car(path)) as car:
        cid = walk.resolve(car.block, car.root, "f")
        assert cid is not None
        assert walk.file_size(car.block, cid) == len(data)
        assert b"".join(walk.cat(car.block, cid, start, stop)) == data[start:stop]


@pytest.mark.parametrize("size", [0, 700, CHUNK, CHUNK + 1])
@pytest.mark.parametrize("change", [lambda d: d + b"!", lambda d: b"!" + d[1:], lambda d: d[:-1]])
def test_an_altered_file_is_named_and_nothing_is_left(
    tmp_path: Path, size: int, change: Callable[[bytes], bytes]
) -> None:
    file = known(tmp_path / "1.png", bytes(size))
    if change(bytes(size)) == bytes(size):
        return
    (tmp_path / "1.png").write_bytes(change(bytes(size)))
    (tmp_path / "c.car").write_bytes(b"the last good one")
    with pytest.raises(StoreError, match=r"1\.png is not the file") as caught:
        write_tree(tmp_path / "c.car", {"1.png": file})
    assert caught.value.hint
    assert (tmp_path / "c.car").read_bytes() == b"the last good one"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1.png", "c.car"]


def test_a_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    gone = File(str(tmp_path / "gone.png"), "00" * 32, 3)
    with pytest.raises(StoreError, match=r"gone\.png: No such file"):
        write_tree(tmp_path / "c.car", {"gone.png": gone})
    with pytest.raises(StoreError, match=r"nowhere/c\.car: No such file"):
        write_tree(tmp_path / "nowhere" / "c.car", {})


def test_a_full_disk_leaves_the_last_car(tmp_path: Path) -> None:
    (tmp_path / "c.car").write_bytes(b"the last good one")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK, hard))
    try:
        with pytest.raises(StoreError, match=r"c\.car: File too large"):
            write_tree(tmp_path / "c.car", {str(i): b"%d" % i * CHUNK for i in range(20)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"the last good one"]


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    data = b"".join(i.to_bytes(4, "big") * (CHUNK // 4) for i in range(64))
    file = known(tmp_path / "f", data)
    del data
    tracemalloc.start()
    write_tree(tmp_path / "c.car", {"f": file})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24 * CHUNK  # of 64: two batches on their way to the disk, and a buffer


def test_threads_read_the_same_car(tmp_path: Path) -> None:
    tree = {str(i): str(i).encode() * 1000 for i in range(200)}
    write_tree(tmp_path / "c.car", tree)
    with closing(open_car(tmp_path / "c.car")) as car, ThreadPoolExecutor(8) as pool:
        for files in pool.map(lambda _: everything(car), range(16)):
            assert files == tree


@in_one_folder
@given(st.data())
def test_a_mutated_car_is_refused_or_says_the_same(tmp_path: Path, data: st.DataObject) -> None:
    tree = {"images": {"1.png": bytes(range(99))}, "metadata": {"1.json": b"{}", "2.json": b"[]"}}
    path = tmp_path / "c.car"
    write_tree(path, tree)
    good = path.read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    cut = data.draw(st.integers(0, 40))
    path.write_bytes(good[:at] + data.draw(st.binary(max_size=40)) + good[at + cut :])
    try:
        with closing(open_car(path)) as car:
            same_root = car.root == tree_links(tree)[""].cid
            assert everything(car) == flat(tree) or not same_root
    except PublishError:
        pass


@in_one_folder
@given(st.binary(max_size=300), st.booleans())
def test_random_bytes_are_no_car(tmp_path: Path, data: bytes, headed: bool) -> None:
    path = tmp_path / "c.car"
    path.write_bytes(car_header(raw_link("00" * 32, 0).cid) * headed + data)
    with pytest.raises(PublishError) as caught:
        unpacked(path)
    assert caught.value.hint


def test_a_wrong_digest(tmp_path: Path) -> None:
    write_tree(tmp_path / "c.car", {"a": b"the truth"})
    data = (tmp_path / "c.car").read_bytes()
    (tmp_path / "c.car").write_bytes(data.replace(b"the truth", b"not truth"))
    with pytest.raises(PublishError, match="other bytes than its CID"):
        unpacked(tmp_path / "c.car")


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        (section_header(block_cid(RAW, b"abc"), 3) + b"ab", "byte 96 is truncated"),
        (
            section_header(block_cid(RAW, b"abc"), (2 << 20) + 1) + bytes(3 << 20),
            "has a length of 2097189",
        ),
        (b"\x00", "truncated"),
        (b"\xff" * 20, "varint"),
    ],
    ids=["truncated", "oversize", "empty", "endless"],
)
def test_a_broken_section(tmp_path: Path, tail: bytes, message: str) -> None:
    empty = block_cid(RAW, b"")
    (tmp_path / "c.car").write_bytes(car_header(empty) + section_header(empty, 0) + tail)
    with pytest.raises(PublishError, match=message):
        open_car(tmp_path / "c.car")


def test_no_car_at_all(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="No such file") as caught:
        open_car(tmp_path / "c.car")
    assert "mint build" in caught.value.hint


@pytest.mark.parametrize("kind", ["symlink_to", "hardlink_to"])
def test_an_unfinished_car_that_is_a_link_leaves_its_target_alone(
    tmp_path: Path, kind: str
) -> None:
    victim = tmp_path / "diary.txt"
    victim.write_text("dear diary")
    getattr(tmp_path / "out.car.tmp", kind)(victim)

    write_tree(tmp_path / "out.car", {"a": b"1"})

    assert victim.read_text() == "dear diary"
    assert not (tmp_path / "out.car").is_symlink()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_car_that_is_the_same_already_is_not_written(tmp_path: Path, profile: str) -> None:
    long = hashlib.shake_128(b"long").digest(5 * CHUNK + 9)
    tree: Folder = {
        "images": {f"{i}.png": known(tmp_path / f"{i}.png", b"%d" % i * 1000) for i in range(50)},
        "long": known(tmp_path / "long", long),
        "again": long,
        "text": b"{}",
    }
    car = tmp_path / "c.car"
    links = write_tree(car, tree, PROFILES[profile])
    before, bytes_before = car.stat(), car.read_bytes()

    assert write_tree(car, tree, PROFILES[profile]) == links
    assert (car.stat().st_ino, car.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    # Any other byte, one too many or too few, and another tree: it is written anew.
    for change in (
        bytes_before[:-1],
        bytes_before + b"\0",
        bytes_before[:9] + b"\1" + bytes_before[10:],
        bytes_before[:-9] + b"\0" + bytes_before[-8:],
        b"",
    ):
        car.write_bytes(change)
        assert write_tree(car, tree, PROFILES[profile]) == links
        assert car.read_bytes() == bytes_before
    other = write_tree(car, {**tree, "text": b"[]"}, PROFILES[profile])
    assert other != links
    assert unpacked(car)["text"] == b"[]"

    # And a file that is not what was built is noticed, although the CAR is whole.
    write_tree(car, tree, PROFILES[profile])
    (tmp_path / "7.png").write_bytes(b"7" * 999 + b"8")
    with pytest.raises(StoreError, match=r"7\.png is not the file"):
        write_tree(car, tree, PROFILES[profile])

"""Files drawn at random: each as likely as any other, and a large folder is not listed."""

from __future__ import annotations

import math
from collections import Counter
from random import Random

import pytest

from mint.errors import PublishError
from mint.ipfs import sample, unixfs, walk
from mint.ipfs.cid import DAG_PB, RAW, Link, block_cid
from mint.ipfs.dagpb import encode_link, encode_node, shard_data
from mint.ipfs.sample import random_files
from mint.ipfs.tree import Folder
from mint.ipfs.unixfs import folder_link
from tests.ipfs.blocks import Blocks, numbered, packed
from tests.ipfs.trees import flat


def uneven(draws: Counter[str], files: int, each: int) -> float:
    """Chi-squared of draws of `each` different ones of `files`, in standard deviations from 1."""
    expected = draws.total() / files
    chi = sum((n - expected) ** 2 for n in draws.values()) + (files - len(draws)) * expected**2
    chi *= (files - 1) / (files - each) / expected
    return float(chi - (files - 1)) / math.sqrt(2 * (files - 1))


@pytest.mark.parametrize("sharded", [False, True], ids=["flat", "sharded"])
def test_a_small_tree_is_listed(sharded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unixfs, "FLAT", 100 if sharded else unixfs.FLAT)
    tree: Folder = {"images": numbered(60), "deep": {"er": {"x": b"x"}}, "top": b"t", "empty": {}}
    blocks, root = packed(tree)

    files, number = random_files(blocks.get_block, root, 99, Random(1))

    assert number == 62
    assert {path: blocks[cid] for path, cid in files} == flat(tree)
    again, number = random_files(blocks.get_block, root, 5, Random(1))
    assert (len(again), number) == (5, 62)
    assert random_files(blocks.get_block, root, 5, Random(1))[0] == again
    assert random_files(blocks.get_block, root, 5, Random(2))[0] != again


@pytest.fixture(scope="module")
def wide() -> tuple[Blocks, bytes]:
    """Two sharded folders of different sizes, a flat one, and files: 800 in all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unixfs, "FLAT", 2_000)
        return packed({"a": numbered(600), "b": numbered(180), "c": numbered(8), **numbered(12)})


def test_files_of_folders_that_are_not_listed_are_equally_likely(
    wide: tuple[Blocks, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "LISTED", 100)
    blocks, root = wide
    random, draws = Random(20), Counter[str]()
    for _ in range(60):
        files, number = random_files(blocks.get_block, root, 25, random)
        assert number is None
        draws.update(path for path, _ in files)
    assert draws.total() == 1_500
    assert abs(uneven(draws, 800, 25)) < 3
    folders = Counter(path.partition("/")[0] for path in draws.elements() if "/" in path)
    assert folders["a"] == pytest.approx(1_125, abs=60)
    assert folders["b"] == pytest.approx(337, abs=50)


def test_what_is_drawn_is_at_its_path(
    wide: tuple[Blocks, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "LISTED", 50)
    blocks, root = wide
    files, _ = random_files(blocks.get_block, root, 12, Random(3))
    assert len(dict(files)) == 12
    for path, cid in files:
        assert walk.resolve(blocks.get_block, root, path) == cid


def test_few_blocks_of_a_large_folder_are_read() -> None:
    # 40,000 names in 3,000 blocks or so; none of their files is looked into.
    names = ((f"{i}.png", Link(block_cid(RAW, b"%d" % i), 9)) for i in range(40_000))
    blocks = Blocks()
    root = folder_link(names, blocks.emit).cid
    fetched = Counter[bytes]()

    def get(cid: bytes) -> bytes:
        fetched[cid] += 1
        return blocks[cid]

    files, number = random_files(get, root, 12, Random(4))

    assert (len(files), number) == (12, None)
    assert len(fetched) < len(blocks) / 2


def test_folders_in_a_folder_that_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unixfs, "FLAT", 2_000)
    monkeypatch.setattr(sample, "LISTED", 40)
    tree: Folder = {str(i): {"image.png": b"%d" % i, "more": {}} for i in range(200)}
    blocks, root = packed(tree)
    files, number = random_files(blocks.get_block, root, 10, Random(5))
    assert number is None
    assert len(files) == 10
    for path, cid in files:
        assert blocks[cid] == flat(tree)[path]


def test_a_tree_that_is_surveyed_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "SURVEYED", 30)
    tree: Folder = {str(i): numbered(20) for i in range(20)}
    blocks, root = packed(tree)
    files, number = random_files(blocks.get_block, root, 10, Random(5))
    assert (len(dict(files)), number) == (10, None)
    for path, cid in files:
        assert blocks[cid] == flat(tree)[path]


def test_a_file_is_no_tree() -> None:
    with pytest.raises(PublishError, match="is a file, not a folder"):
        random_files(lambda cid: b"x", block_cid(RAW, b"x"), 3, Random(1))


@pytest.mark.parametrize("name", ["a", "00", "00a"])
def test_an_entry_that_nobody_finds_is_not_drawn(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a folder that is looked into only because it was drawn. The hash of "a" begins otherwise.
    monkeypatch.setattr(sample, "LISTED", 10)
    monkeypatch.setattr(unixfs, "FLAT", 100)
    blocks = Blocks()
    link = encode_link(name.encode(), Link(block_cid(RAW, b"x"), 1))
    odd = encode_node([link], shard_data([0]))
    blocks.emit(block_cid(DAG_PB, odd), odd)
    outer = ((str(i), Link(block_cid(DAG_PB, odd), 1)) for i in range(50))
    root = folder_link(outer, blocks.emit).cid
    with pytest.raises(PublishError, match=r"no entry of|no part of|is a file|wrong part"):
        random_files(blocks.get_block, root, 3, Random(1))

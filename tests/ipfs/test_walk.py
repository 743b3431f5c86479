"""Walking blocks of somebody else: what is no tree of ours is refused, in bounded time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mint.errors import PublishError
from mint.ipfs import walk
from mint.ipfs.cid import DAG_PB, RAW, Link, block_cid
from mint.ipfs.dagpb import FOLDER_DATA, encode_link, encode_node, file_data, shard_data
from mint.ipfs.unixfs import name_hash


class Blocks(dict[bytes, bytes]):
    """Blocks in memory, with their CIDs."""

    def raw(self, block: bytes) -> bytes:
        return self._put(RAW, block)

    def file(self, sizes: list[int], *children: bytes) -> bytes:
        links = [encode_link(b"", Link(cid, 1)) for cid in children]
        return self._put(DAG_PB, encode_node(links, file_data(sizes)))

    def folder(self, **children: bytes) -> bytes:
        return self._named(children, FOLDER_DATA)

    def shard(self, **children: bytes) -> bytes:
        return self._named(children, shard_data(range(len(children))))

    def _named(self, children: dict[str, bytes], data: bytes) -> bytes:
        links = [encode_link(name.encode(), Link(cid, 1)) for name, cid in children.items()]
        return self._put(DAG_PB, encode_node(links, data))

    def _put(self, prefix: bytes, block: bytes) -> bytes:
        cid = block_cid(prefix, block)
        self[cid] = block
        return cid

    def get_block(self, cid: bytes) -> bytes:
        return self[cid]


def drain(items: Iterator[object]) -> None:
    for _ in items:
        pass


@pytest.fixture
def blocks() -> Blocks:
    return Blocks()


def test_resolve(blocks: Blocks) -> None:
    file = blocks.raw(b"{}")
    root = blocks.folder(metadata=blocks.folder(**{"1.json": file}), top=file)
    cids = {
        path: walk.resolve(blocks.get_block, root, path)
        for path in ("", "top", "metadata/1.json", "/metadata//1.json/", "x", "top/x", "1.json")
    }
    assert cids == {
        "": root,
        "top": file,
        "metadata/1.json": file,
        "/metadata//1.json/": file,
        "x": None,
        "top/x": None,
        "1.json": None,
    }


def test_files_of_nested_folders(blocks: Blocks) -> None:
    a, b = blocks.raw(b"a"), blocks.file([1, 1], blocks.raw(b"b"), blocks.raw(b"c"))
    root = blocks.folder(a=a, f=blocks.folder(b=b, g=blocks.folder()))
    assert list(walk.files(blocks.get_block, root)) == [("a", a), ("f/b", b)]
    assert walk.file_size(blocks.get_block, b) == 2


def test_only_the_blocks_of_a_range_are_fetched(blocks: Blocks) -> None:
    leaves = [blocks.raw(bytes([i]) * 10) for i in range(9)]
    root = blocks.file([30] * 3, *(blocks.file([10] * 3, *leaves[i : i + 3]) for i in (0, 3, 6)))
    fetched = []

    def get(cid: bytes) -> bytes:
        fetched.append(cid)
        return blocks[cid]

    assert b"".join(walk.cat(get, root, 45, 52)) == b"\4" * 5 + b"\5" * 2
    assert [cid for cid in fetched if cid in leaves] == leaves[4:6]


def test_a_file_is_no_folder_and_a_folder_no_file(blocks: Blocks) -> None:
    # The picture's bytes are a valid folder: only its CID tells.
    folder = blocks.folder()
    picture = blocks.raw(blocks[folder])
    for file in (picture, blocks.file([])):
        with pytest.raises(PublishError, match="is a file"):
            drain(walk.files(blocks.get_block, file))
    with pytest.raises(PublishError, match="is a folder"):
        walk.cat(blocks.get_block, folder)


def test_sizes_must_add_up(blocks: Blocks) -> None:
    leaf = blocks.raw(b"four")
    for lie in (
        blocks.file([5], leaf),
        blocks.file([3], leaf),
        blocks.file([9], blocks.file([4], leaf)),
    ):
        with pytest.raises(PublishError, match="size its parent says"):
            drain(walk.cat(blocks.get_block, lie))


def test_a_file_too_deep(blocks: Blocks) -> None:
    cid = blocks.raw(b"x")
    for _ in range(walk.MAX_DEPTH + 2):
        cid = blocks.file([1], cid)
    with pytest.raises(PublishError):
        drain(walk.cat(blocks.get_block, cid))


def test_folders_too_deep(blocks: Blocks) -> None:
    cid = blocks.folder(x=blocks.raw(b"x"))
    for _ in range(walk.MAX_DEPTH + 2):
        cid = blocks.folder(f=cid)
    with pytest.raises(PublishError, match="too deep a tree") as caught:
        drain(walk.files(blocks.get_block, cid))
    assert caught.value.hint


def test_a_bomb_of_equal_folders_ends(blocks: Blocks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_ENTRIES", 10_000)  # a million takes a test too long
    cid = blocks.folder()
    for _ in range(12):
        cid = blocks.folder(**{str(i): cid for i in range(100)})  # 10**24 paths
    with pytest.raises(PublishError, match="too large a tree"):
        drain(walk.files(blocks.get_block, cid))


def test_a_bomb_of_equal_shards_ends(blocks: Blocks) -> None:
    cid = blocks.shard()
    for _ in range(7):
        cid = blocks.shard(**{f"{i:02X}": cid for i in range(256)})
    with pytest.raises(PublishError, match="is empty"):
        drain(walk.files(blocks.get_block, cid))


def test_an_entry_has_one_place_in_a_sharded_folder(blocks: Blocks) -> None:
    # Else one part that is named 256 times on each of 7 levels would list 2**56 entries.
    slots = name_hash(b"a")
    cid = blocks.shard(**{f"{slots[7]:02X}a": blocks.raw(b"x")})
    for _ in range(7):
        cid = blocks.shard(**{f"{i:02X}": cid for i in range(256)})
    with pytest.raises(PublishError, match="wrong part"):
        drain(walk.files(blocks.get_block, cid))


def test_shards_end_where_the_hash_ends(blocks: Blocks) -> None:
    cid = blocks.shard()
    for i in range(12):
        cid = blocks.shard(**{f"{i:02X}": cid})
    with pytest.raises(PublishError, match="too deep"):
        drain(walk.files(blocks.get_block, cid))


@pytest.mark.parametrize("name", ["", "0", "ga", "a0", "  x", "é"])
def test_a_name_that_no_sharded_folder_has(blocks: Blocks, name: str) -> None:
    with pytest.raises(PublishError, match="no entry of a sharded"):
        drain(walk.files(blocks.get_block, blocks.shard(**{name: blocks.raw(b"x")})))


def test_two_entries_of_one_name(blocks: Blocks) -> None:
    # A node could show the one, and another node the other.
    links = [encode_link(b"a", Link(blocks.raw(data), 1)) for data in (b"x", b"y")]
    root = blocks._put(DAG_PB, encode_node(links, FOLDER_DATA))
    with pytest.raises(PublishError, match="have one name"):
        walk.resolve(blocks.get_block, root, "a")


def test_a_node_of_two_megabytes_is_not_looked_into(blocks: Blocks) -> None:
    root = blocks.folder(**{"x" * (2 << 20): blocks.raw(b"x")})
    with pytest.raises(PublishError, match="too many for a node"):
        walk.resolve(blocks.get_block, root, "a")


def test_a_file_of_crumbs_ends(blocks: Blocks) -> None:
    # 16 MiB that are all one byte, below nodes of a thousand links that hold nothing else.
    cid, size = blocks.file([1] + [0] * 1000, *[blocks.raw(b"x")] * 1001), 1
    while size < 16 << 20:
        cid, size = blocks.file([size] * 256, *[cid] * 256), size * 256
    with pytest.raises(PublishError, match="too large a tree"):
        drain(walk.cat(blocks.get_block, cid))


def test_a_bomb_of_empty_parts_yields_nothing(blocks: Blocks) -> None:
    cid = blocks.file([])
    for _ in range(10):
        cid = blocks.file([0] * 1000, *[cid] * 1000)
    assert b"".join(walk.cat(blocks.get_block, cid)) == b""


@pytest.mark.parametrize("name", ["..", "a/b", "", "\0"])
def test_a_name_that_would_leave_its_folder(blocks: Blocks, name: str) -> None:
    root = blocks.folder(**{name: blocks.raw(b"x")})
    with pytest.raises(PublishError, match="cannot hold"):
        drain(walk.files(blocks.get_block, root))


@pytest.mark.parametrize(
    "data", [b"", b"\x08\x04", b"\x08\x05\x28\x22\x30\x10", b"\x08\x02\x18\x05"]
)
def test_a_record_of_another_profile(blocks: Blocks, data: bytes) -> None:
    # None, a symlink, a HAMT of fanout 16, a file whose size its parts do not make up.
    with pytest.raises(PublishError, match=r"no kind that mint reads|symbolic link"):
        walk.is_file(blocks.get_block, blocks._named({}, data))


def test_a_shard_that_is_a_file(blocks: Blocks) -> None:
    root = blocks.shard(**{"00": blocks.file([])})
    with pytest.raises(PublishError, match="no part of a sharded folder"):
        drain(walk.files(blocks.get_block, root))

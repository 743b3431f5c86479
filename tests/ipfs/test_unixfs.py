"""UnixFS: the blocks we make are the blocks that Kubo, ipfs-car and js-ipfs make."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mint.errors import PublishError
from mint.ipfs import dagpb, unixfs, varint, walk
from mint.ipfs.cid import DAG_PB, RAW, Link, block_cid, cid_text, parse_cid, raw_link
from mint.ipfs.tree import tree_links
from tests.ipfs.blocks import VECTORS, Blocks, chunks, content, drop, vector_folder

names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=12
).filter(lambda name: name not in (".", ".."))


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["id"])
def test_published_vector(vector: dict[str, Any]) -> None:
    expected = vector["cids"]["unixfs-v1-2025"]
    if vector["kind"] == "file":
        link = unixfs.file_link(chunks(content(vector["content"])), drop)
    else:
        link = tree_links(vector_folder(vector))[""]
    assert (cid_text(link.cid), link.tsize) == (expected["cid"], expected["tsize"])


@pytest.mark.parametrize(
    ("count", "children"),
    [(2, [2]), (1024, [1024]), (1025, [2, 1024, 1]), (2049, [3, 1024, 1024, 1])],
)
def test_long_files_are_balanced_trees(count: int, children: list[int]) -> None:
    blocks = Blocks()
    data = [i.to_bytes(2, "big") for i in range(count)]
    link = unixfs.file_link(data, blocks.emit)
    root = dagpb.decode_node(blocks[link.cid])
    below = [dagpb.decode_node(blocks[c.cid]) for _, c in root.links if c.cid.startswith(DAG_PB)]
    assert [len(node.links) for node in [root, *below]] == children
    assert b"".join(walk.cat(blocks.get_block, link.cid)) == b"".join(data)
    assert link.tsize == sum(len(block) for block in blocks.values())


def test_memory_does_not_grow_with_the_file() -> None:
    piece = bytes(unixfs.CHUNK)
    tracemalloc.start()
    unixfs.file_link((piece for _ in range(1500)), drop)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20  # of 1.5 GB


@given(st.dictionaries(names, st.integers(0, 2**40), max_size=20), st.randoms())
def test_a_folder_does_not_depend_on_the_order_of_its_entries(
    sizes: dict[str, int], random: Random
) -> None:
    entries = [(name, Link(block_cid(RAW, name.encode()), n)) for name, n in sizes.items()]
    blocks = Blocks()
    link = unixfs.folder_link(entries, blocks.emit)
    random.shuffle(entries)
    assert unixfs.folder_link(entries, drop) == link
    cids = sorted(((name, link.cid) for name, link in entries), key=lambda it: it[0].encode())
    assert list(walk.files(blocks.get_block, link.cid)) == cids


@settings(max_examples=4)
@given(names, st.integers(1000, 1200))
def test_every_name_of_a_sharded_folder_is_listed(salt: str, count: int) -> None:
    # Long names pass the threshold with few entries; 1000 are enough to go three levels down.
    entries = {f"{salt}{i}{'x' * 230}": raw_link("00" * 32, i) for i in range(count)}
    blocks = Blocks()
    root = unixfs.folder_link(entries.items(), blocks.emit).cid
    assert dagpb.decode_node(blocks[root]).kind == dagpb.SHARD
    cids = {name: link.cid for name, link in entries.items()}
    assert dict(walk.files(blocks.get_block, root)) == cids
    for name, link in entries.items():
        assert walk.resolve(blocks.get_block, root, name) == link.cid
        assert walk.resolve(blocks.get_block, root, name[:-1]) is None


@pytest.mark.parametrize(("last", "kind"), [(16, dagpb.FOLDER), (17, dagpb.SHARD)])
def test_a_folder_is_sharded_above_262144_bytes_and_not_before(last: int, kind: int) -> None:
    # 4 bytes, 5460 links of 48 bytes, and one of 44 bytes and its name.
    entries = [(f"{i:04d}", raw_link("00" * 32, 0)) for i in range(5460)]
    blocks = Blocks()
    root = unixfs.folder_link([*entries, ("x" * last, entries[0][1])], blocks.emit)
    assert dagpb.decode_node(blocks[root.cid]).kind == kind
    assert kind == dagpb.SHARD or len(blocks[root.cid]) == 262_144


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\0b", "\ud800"])
def test_a_name_that_no_node_could_serve(name: str) -> None:
    with pytest.raises(PublishError, match="cannot hold") as caught:
        unixfs.folder_link([(name, raw_link("00" * 32, 0))], drop)
    assert caught.value.hint


def test_one_hash_for_two_names_is_refused() -> None:
    entries = [(f"{i}{'x' * 230}", raw_link("00" * 32, i)) for i in range(1000)]
    with pytest.raises(PublishError, match="same hash"):
        unixfs.folder_link([*entries, entries[0]], drop)


@given(st.binary(min_size=32, max_size=32), st.sampled_from([RAW, DAG_PB]))
def test_cid_text_round_trip(digest: bytes, prefix: bytes) -> None:
    assert parse_cid(cid_text(prefix + digest)) == prefix + digest


def test_base58_as_js_ipfs_writes_it() -> None:
    empty = VECTORS["well_known"]["empty directory v1"]
    assert parse_cid("zdj7WbTaiJT1fgatdet9Ei9iDB5hdCxkbVyhyh8YTUnXMiwYi") == parse_cid(empty)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "b",
        "bafy",
        VECTORS["well_known"]["empty file v1 (raw)"].upper(),
        VECTORS["well_known"]["empty file v1 (raw)"][:-1] + "v",  # loose trailing bits
        "z0OIl",
        "b" + "a" * 10_000,
    ],
)
def test_not_a_cid(text: str) -> None:
    with pytest.raises(PublishError, match="not a CID") as caught:
        parse_cid(text)
    assert len(str(caught.value)) < 200


@given(st.binary(max_size=200))
def test_random_bytes_are_a_node_or_a_value_error(block: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(dagpb.decode_node(block), dagpb.Node)


@given(st.integers(0, 2**63 - 1), st.binary(max_size=3))
def test_varint_round_trip(number: int, rest: bytes) -> None:
    text = varint.varint(number)
    assert varint.read_varint(text + rest, 0) == (number, len(text))

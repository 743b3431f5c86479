"""CARs and trees that others wrote and that are valid: read, or refused in words that say why."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mint.errors import PublishError
from mint.ipfs import walk
from mint.ipfs.car import open_car
from mint.ipfs.car_header import car_header, section_header
from mint.ipfs.check import check_blocks
from mint.ipfs.cid import DAG_PB, RAW, Link, block_cid, cid_text
from mint.ipfs.dagpb import FOLDER_DATA, encode_link, encode_node
from mint.ipfs.plain import plain_car
from mint.ipfs.tree import Folder, write_tree
from mint.ipfs.unixfs import folder_link
from mint.ipfs.varint import varint
from tests.ipfs.blocks import Blocks, packed
from tests.ipfs.hostile_cars import version_2
from tests.ipfs.trees import flat, unpacked

TREE: Folder = {"images": {"1.png": b"\x89PNG" * 99, "2.png": b"2"}, "1.json": b"{}"}

# By name: the number in a CID, and the digest. Where there is none, nobody here can compute it.
FUNCTIONS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "identity": (0, bytes),
    "sha2-512": (0x13, lambda data: hashlib.sha512(data).digest()),
    "sha3-512": (0x14, lambda data: hashlib.sha3_512(data).digest()),
    "sha3-256": (0x16, lambda data: hashlib.sha3_256(data).digest()),
    "blake2b-256": (0xB220, lambda data: hashlib.blake2b(data, digest_size=32).digest()),
    "blake2b-512": (0xB240, lambda data: hashlib.blake2b(data).digest()),
    "blake2s-256": (0xB260, lambda data: hashlib.blake2s(data).digest()),
    "blake3": (0x1E, lambda data: bytes(32)),
    "sha1": (0x11, lambda data: hashlib.sha1(data).digest()),
}
DAG_CBOR, RAW_CODE, DAG_PB_CODE = 0x71, 0x55, 0x70


def cid_of(data: bytes, function: str, codec: int = RAW_CODE) -> bytes:
    number, digest = FUNCTIONS[function]
    hashed = digest(data)
    return b"\x01" + varint(codec) + varint(number) + varint(len(hashed)) + hashed


def write(path: Path, blocks: Blocks, *roots: bytes) -> Path:
    items = b"".join(b"\xd8\x2a\x58%c\x00%b" % (len(root) + 1, root) for root in roots)
    head = b"\xa2\x65roots%c%b\x67version\x01" % (0x80 + len(roots), items)
    parts = [section_header(cid, len(block)) + block for cid, block in blocks.items()]
    path.write_bytes(b"".join([varint(len(head)), head, *parts]))
    return path


def folder(blocks: Blocks, **children: bytes) -> bytes:
    links = ((name, Link(cid, 1)) for name, cid in children.items())
    return folder_link(links, blocks.emit).cid


def test_version_2(tmp_path: Path) -> None:
    write_tree(tmp_path / "1.car", TREE)
    data = (tmp_path / "1.car").read_bytes()
    car = tmp_path / "2.car"
    car.write_bytes(version_2(data, padding=77, index=b"\x81\x08nonsense"))
    assert unpacked(car) == flat(TREE)
    with closing(open_car(car)) as second, closing(open_car(tmp_path / "1.car")) as first:
        assert (second.root, first.plain, second.plain) == (first.root, True, False)
        assert check_blocks(second) == check_blocks(first)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data[:-1], "version 2, and truncated"),
        (lambda data: data[:30], "version 2, and truncated"),
        (lambda data: data[:35] + bytes(16) + data[51:], "never finished"),
        (lambda data: data[:27] + bytes(8) + data[35:], "never finished"),
        (lambda data: data.replace(b"\x67version\x01", b"\x67version\x02"), "is no CAR"),
    ],
    ids=["cut", "cut in the header", "no size", "no offset", "version 2 in itself"],
)
def test_a_broken_version_2(tmp_path: Path, change: Callable[[bytes], bytes], message: str) -> None:
    write_tree(tmp_path / "c.car", TREE)
    (tmp_path / "c.car").write_bytes(change(version_2((tmp_path / "c.car").read_bytes())))
    with pytest.raises(PublishError, match=message):
        open_car(tmp_path / "c.car")


def test_of_several_roots_one_is_chosen(tmp_path: Path) -> None:
    blocks, first = packed({"a": b"1"})
    more, second = packed({"b": b"2"})
    blocks.update(more)
    car = write(tmp_path / "c.car", blocks, first, second)

    with pytest.raises(PublishError, match="has 2 roots: ") as caught:
        open_car(car)
    assert cid_text(first) in str(caught.value)
    assert cid_text(second) in str(caught.value)
    assert "--root CID" in caught.value.hint

    with closing(open_car(car, second)) as opened:
        assert dict(walk.files(opened.block, opened.root)) == {"b": block_cid(RAW, b"2")}
        assert not opened.plain
    with pytest.raises(PublishError, match=r"c\.car has no block bafk"):
        open_car(car, block_cid(RAW, b"absent"))


def test_a_car_of_no_root_needs_one(tmp_path: Path) -> None:
    blocks, root = packed({"a": b"1"})
    car = write(tmp_path / "c.car", blocks)
    with pytest.raises(PublishError, match="has no root"):
        open_car(car)
    open_car(car, root).close()


def test_a_root_that_is_no_folder_of_ours(tmp_path: Path) -> None:
    car = write(tmp_path / "c.car", Blocks(), cid_of(b"\xa0", "blake2b-256", DAG_CBOR))
    with pytest.raises(PublishError, match="neither a file nor a folder"):
        open_car(car)


def test_blocks_beside_the_tree(tmp_path: Path) -> None:
    blocks, root = packed(TREE)
    for function in FUNCTIONS:
        for codec in (RAW_CODE, DAG_CBOR, 0x0129):  # the last takes two bytes: dag-json
            blocks[cid_of(b"\xa0", function, codec)] = b"\xa0"
    blocks[block_cid(b"\x01\x71\x12\x20", b"\xa0")] = b"\xa0"
    car = write(tmp_path / "c.car", blocks, root)

    assert unpacked(car) == flat(TREE)
    with closing(open_car(car)) as opened:
        assert opened.left_out == {"blake3": 3, "sha1": 3}
        assert not opened.plain
        checked = check_blocks(opened)
        assert (checked.left_out, checked.blocks) == (6, len(blocks) - 6)


COMPUTED = [name for name in FUNCTIONS if name not in ("blake3", "sha1")]


@pytest.mark.parametrize("function", COMPUTED)
def test_a_file_below_the_root_that_another_function_hashed(tmp_path: Path, function: str) -> None:
    blocks = Blocks()
    leaf = cid_of(b"picture", function)
    inner, node = Blocks(), Blocks()
    folder(inner, **{"1.png": leaf})
    (block,) = inner.values()
    below = cid_of(block, function, DAG_PB_CODE)
    root = folder(node, images=below)
    blocks.update(node)
    if function != "identity":
        blocks |= {leaf: b"picture", below: block}
    car = write(tmp_path / "c.car", Blocks(blocks), root)

    assert unpacked(car) == {"images/1.png": b"picture"}
    with closing(open_car(car)) as opened:
        check_blocks(opened)
    if function == "identity":
        return
    car.write_bytes(car.read_bytes().replace(b"picture", b"pixture"))
    with pytest.raises(PublishError, match="other bytes than its CID"):
        unpacked(car)
    with closing(open_car(car)) as opened, pytest.raises(PublishError, match="is damaged"):
        check_blocks(opened)


def test_a_file_below_the_root_that_cannot_be_checked(tmp_path: Path) -> None:
    blocks = Blocks()
    leaf = cid_of(b"picture", "blake3")
    blocks[leaf] = b"picture"
    root = folder(blocks, a=leaf)
    car = write(tmp_path / "c.car", blocks, root)
    with pytest.raises(PublishError, match="cannot be checked: its CID is made with blake3"):
        unpacked(car)
    with closing(open_car(car)) as opened, pytest.raises(PublishError, match="blake3") as caught:
        check_blocks(opened)
    assert caught.value.hint


def test_data_below_the_root_that_is_no_file(tmp_path: Path) -> None:
    blocks = Blocks()
    data = block_cid(b"\x01\x71\x12\x20", b"\xa0")
    blocks[data] = b"\xa0"
    car = write(tmp_path / "c.car", blocks, folder(blocks, a=data))
    with closing(open_car(car)) as opened, pytest.raises(PublishError, match="another kind than"):
        check_blocks(opened)
    with pytest.raises(PublishError, match="another kind than"):
        unpacked(car)


def put(blocks: Blocks, record: bytes, *links: bytes) -> bytes:
    block = encode_node(links, record)
    cid = block_cid(DAG_PB, block)
    blocks[cid] = block
    return cid


# Records of UnixFS, and the bytes of the file: https://specs.ipfs.tech/unixfs/
FILES = {
    "a leaf of type Raw": (b"\x08\x00\x12\x03abc\x18\x03", b"abc"),
    "no file size": (b"\x08\x02\x12\x03abc", b"abc"),
    "mode and time": (
        b"\x08\x02\x12\x03abc\x18\x03\x38\xa4\x03\x42\x06\x08\x80\x94\xeb\xdc\x03",
        b"abc",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_as_others_write_it(name: str) -> None:
    blocks = Blocks()
    record, data = FILES[name]
    cid = put(blocks, record)
    assert walk.is_file(blocks.get_block, cid)
    assert walk.read_file(blocks.get_block, cid, name) == data
    both = put(blocks, b"\x08\x02\x18\x06\x20\x03\x20\x03", *[encode_link(b"", Link(cid, 9))] * 2)
    assert walk.read_file(blocks.get_block, both, name) == data * 2


def test_a_folder_with_a_mode(tmp_path: Path) -> None:
    blocks = Blocks()
    file = block_cid(RAW, b"x")
    blocks[file] = b"x"
    root = put(blocks, FOLDER_DATA + b"\x38\xed\x03", encode_link(b"a", Link(file, 1)))
    assert unpacked(write(tmp_path / "c.car", blocks, root)) == {"a": b"x"}


def test_a_symbolic_link_is_refused_by_its_path(tmp_path: Path) -> None:
    blocks = Blocks()
    link = put(blocks, b"\x08\x04\x12\x051.png")
    root = folder(blocks, images=folder(blocks, **{"2.png": link}))
    car = write(tmp_path / "c.car", blocks, root)
    with pytest.raises(PublishError, match=r"images/2\.png is a symbolic link to '1\.png'") as e:
        unpacked(car)
    assert "put the file itself" in e.value.hint
    with closing(open_car(car)) as opened:
        check_blocks(opened)  # nothing of it is missing or damaged


def test_a_large_flat_folder(tmp_path: Path) -> None:
    # As writers with no HAMT make it, of nearly the largest block that nodes exchange.
    blocks = Blocks()
    file = block_cid(RAW, b"x")
    blocks[file] = b"x"
    links = [encode_link(b"%d.png" % i, Link(file, 1)) for i in range(38_000)]
    root = put(blocks, FOLDER_DATA, *links)
    assert 1_900_000 < len(blocks[root]) < 2 << 20
    car = write(tmp_path / "c.car", blocks, root)
    with closing(open_car(car)) as opened:
        assert sum(1 for _ in walk.files(opened.block, opened.root)) == 38_000
        assert walk.resolve(opened.block, opened.root, "37999.png") == file
        assert check_blocks(opened).blocks == 2


def test_the_header_is_read_as_it_is_written(tmp_path: Path) -> None:
    blocks, root = packed(TREE)
    car = write(tmp_path / "c.car", blocks, root)
    assert car.read_bytes().startswith(car_header(root))


def test_a_plain_car_is_taken_as_it_is(tmp_path: Path) -> None:
    write_tree(tmp_path / "c.car", TREE)
    with plain_car(tmp_path / "c.car", None) as (car, left_out):
        assert (car, left_out) == (tmp_path / "c.car", None)


def test_any_other_is_copied_without_what_is_beside_the_tree(tmp_path: Path) -> None:
    blocks, root = packed(TREE)
    more, other = packed({"b": b"2 and more"})
    blocks.update(more)
    blocks[cid_of(b"\xa0", "blake3")] = b"\xa0"
    path = write(tmp_path / "c.car", blocks, other, root)
    before = path.read_bytes()

    with plain_car(path, root) as (car, left_out):
        assert unpacked(car) == flat(TREE)
        with closing(open_car(car)) as opened:
            assert opened.plain
            check_blocks(opened)
        assert left_out == (
            f"left out    3 blocks not below ipfs://{cid_text(root)}; "
            "mint cannot compute blake3, by which some are named"
        )

    assert [path.name for path in tmp_path.iterdir()] == ["c.car"]
    assert path.read_bytes() == before


def test_a_copy_of_a_damaged_tree_is_not_made(tmp_path: Path) -> None:
    blocks, root = packed(TREE)
    blocks.update(packed({"b": b"2"})[0])
    path = write(tmp_path / "c.car", blocks, root, root)
    path.write_bytes(path.read_bytes().replace(b"\x89PNG", b"\x89PNX", 1))
    with pytest.raises(PublishError, match="is damaged"), plain_car(path, root):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["c.car"]

"""Every block of a CAR is hashed, every link followed; what is wrong is named, and left alone."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.ipfs.car_header import car_header, section_header
from mint.ipfs.check import Checked, check_blocks
from mint.ipfs.cid import DAG_PB, RAW, Link, block_cid, cid_text
from mint.ipfs.tree import Folder, write_tree
from mint.ipfs.unixfs import CHUNK, PROFILES, folder_link
from tests.ipfs.blocks import Blocks, numbered, packed

TREE: Folder = {"images": {"1.png": bytes(3 * CHUNK), "2.png": b"\x89PNG"}, "1.json": b"{}"}


def check(path: Path) -> Checked:
    with closing(open_car(path)) as car:
        return check_blocks(car)


def write(path: Path, blocks: Blocks, root: bytes) -> Path:
    parts = [section_header(cid, len(block)) + block for cid, block in blocks.items()]
    path.write_bytes(b"".join([car_header(root), *parts]))
    return path


@pytest.mark.parametrize("profile", PROFILES)
def test_a_whole_car(tmp_path: Path, profile: str) -> None:
    car = tmp_path / "c.car"
    tree: Folder = {**TREE, **{str(i): b"%d" % i * 80_000 for i in range(99)}}
    write_tree(car, tree, PROFILES[profile])
    checked = check(car)
    with closing(open_car(car)) as opened:
        blocks = list(opened.sections())
    assert checked == Checked(len(blocks), sum(len(section.block) for section in blocks))
    assert car.stat().st_size > 12 << 20  # or one read would do


@pytest.mark.parametrize("where", [0.2, 0.5, 0.95])
def test_a_flipped_bit_is_named_with_its_block_and_byte(tmp_path: Path, where: float) -> None:
    write_tree(tmp_path / "c.car", {str(i): b"%d" % i * 30_000 for i in range(10)})
    data = bytearray((tmp_path / "c.car").read_bytes())
    with closing(open_car(tmp_path / "c.car")) as car:
        at = int(len(data) * where)
        hit = [section for section in car.sections() if section.at < at][-1]
        cid, begin = cid_text(hit.cid), hit.at
    data[at] ^= 1
    (tmp_path / "c.car").write_bytes(data)
    with pytest.raises(PublishError, match=f"block {cid} at byte {begin} has other") as caught:
        check(tmp_path / "c.car")
    assert "c.car is damaged" in str(caught.value)
    assert "left as it is" in caught.value.hint
    assert "delete" not in caught.value.hint


def test_a_missing_block_is_named_with_what_names_it(tmp_path: Path) -> None:
    blocks, root = packed({"images": numbered(9)})
    gone = block_cid(RAW, b"7")
    del blocks[gone]
    with pytest.raises(PublishError, match=rf"lacks block {cid_text(gone)}, which block bafy\w+ "):
        check(write(tmp_path / "c.car", blocks, root))


def test_a_missing_root(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="which its header names"):
        check(write(tmp_path / "c.car", Blocks(), block_cid(DAG_PB, b"")))


def test_a_picture_that_poses_as_a_folder_hides_nothing(tmp_path: Path) -> None:
    # The same bytes, named once as a picture and once as the folder whose files are missing.
    blocks, folder = packed(numbered(3))
    posing = block_cid(RAW, blocks[folder])
    outer = Blocks()
    root = folder_link([("a", Link(posing, 1)), ("b", Link(folder, 1))], outer.emit).cid
    outer.emit(folder, blocks[folder])
    with pytest.raises(PublishError, match="lacks block"):
        check(write(tmp_path / "c.car", outer, root))


def test_a_car_that_is_cut_while_it_is_open(tmp_path: Path) -> None:
    write_tree(tmp_path / "c.car", TREE)
    with closing(open_car(tmp_path / "c.car")) as car:
        data = (tmp_path / "c.car").read_bytes()
        (tmp_path / "c.car").write_bytes(data[:-9])
        with pytest.raises(PublishError, match="was changed: a block at byte"):
            check_blocks(car)

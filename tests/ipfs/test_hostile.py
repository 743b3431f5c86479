"""CARs that nobody honest wrote: reading them ends soon, in a PublishError or in the truth.

`scripts/fuzz-ipfs MINUTES` runs the same attacks for longer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mint.errors import PublishError
from mint.ipfs import sample, walk
from mint.ipfs.car import open_car
from mint.ipfs.car_header import car_header, section_header
from mint.ipfs.cid import RAW, V0, block_cid
from mint.ipfs.dagpb import (
    FOLDER_DATA,
    encode_leaf,
    file_data,
    shard_data,
)
from mint.ipfs.tree import write_tree
from tests.ipfs.hostile_cars import ATTACKS, car_of, honest_cars, node, ran, survive

hostile = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    # Four million links take a while.
    monkeypatch.setattr(walk, "MAX_ENTRIES", 20_000)
    monkeypatch.setattr(sample, "MAX_ENTRIES", 20_000)
    monkeypatch.setattr(sample, "SURVEYED", 2_000)
    monkeypatch.setattr(sample, "LISTED", 20)


@pytest.mark.parametrize("name", ATTACKS)
@hostile
@given(data=st.data())
def test_a_hostile_car(tmp_path: Path, name: str, data: st.DataObject) -> None:
    (tmp_path / "c.car").write_bytes(data.draw(ATTACKS[name]))
    survive(name, tmp_path / "c.car")


def test_the_attacks_reach_what_they_attack(tmp_path: Path) -> None:
    # Else every case could end at the header, and nothing would be said.
    for good in honest_cars():
        (tmp_path / "c.car").write_bytes(good)
        before = ran.copy()
        survive("none", tmp_path / "c.car")
        ended = ran - before
        for deed in ("listed", "named", "read", "exported", "checked", "drawn"):
            assert ended[f"none: {deed}"] == 1, deed


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
    (tmp_path / "c.car").write_bytes(car_of(blocks, cid))
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
    monkeypatch.setattr("mint.ipfs.car_index.MAX_BLOCKS", 1000)
    cid = block_cid(RAW, b"")
    (tmp_path / "c.car").write_bytes(car_header(cid) + section_header(cid, 0) * 1001)
    with pytest.raises(PublishError, match="more than 1000 blocks"):
        open_car(tmp_path / "c.car")

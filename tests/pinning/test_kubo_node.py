"""Pinning on a real js-ipfs node, which must hold, list and return what we gave it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from mint.errors import PublishError
from mint.ipfs.car_header import car_header, section_header
from mint.ipfs.cid import RAW, block_cid, cid_text
from mint.ipfs.tree import File, Folder, tree_links, write_tree
from mint.pinning.http import PATIENCE, Patience
from mint.pinning.kubo import kubo
from mint.pinning.pin import pin_car
from tests.ipfs_nodes import TROUBLES, door, js_ipfs, relay
from tests.pinning.troubles import QUICK, once

LONG = hashlib.shake_128(b"long").digest((1 << 20) + 1)
TREE: Folder = {
    "images": {"1.png": LONG, "ü &%.png": b"odd name"},
    "metadata": {f"{i}{'_' * 90}": json.dumps({"name": f"#{i}"}).encode() for i in range(2500)},
    "contract.json": b"{}",
}
ROOT = cid_text(tree_links(TREE)[""].cid)


@pytest.fixture(scope="session")
def ipfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with js_ipfs(tmp_path_factory.mktemp("ipfs") / "repo") as url:
        yield url


@pytest.fixture(scope="session")
def car(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("car") / "c.car"
    write_tree(path, TREE)
    return path


def pin_at(url: str, car: Path, patience: Patience = PATIENCE) -> None:
    kubo(car, {"IPFS_API": url}, patience)


def rpc(url: str, command: str) -> requests.Response:
    return requests.post(f"{url}/api/v0/{command}", timeout=60)


def test_a_real_node_pins_and_serves_the_collection(ipfs: str, car: Path) -> None:
    pin_at(ipfs, car)
    listed = rpc(ipfs, f"pin/ls?arg={ROOT}&type=recursive&cid-base=base32").json()
    assert listed["Keys"] == {ROOT: {"Type": "recursive"}}
    assert rpc(ipfs, f"cat?arg={ROOT}/images/1.png").content == LONG
    assert rpc(ipfs, f"cat?arg={ROOT}/metadata/2499{'_' * 90}").json() == {"name": "#2499"}


def test_pinning_again_sends_nothing(ipfs: str, car: Path) -> None:
    pin_at(ipfs, car)
    with relay(ipfs) as (url, calls):
        pin_at(url, car)
    commands = [call.command for call in calls]
    assert commands[:2] == ["version", "pin/ls"]
    assert "dag/import" not in commands


def test_a_lost_pin_is_found_and_set_again(ipfs: str, car: Path) -> None:
    pin_at(ipfs, car)
    rpc(ipfs, f"pin/rm?arg={ROOT}")
    with relay(ipfs) as (url, calls):
        pin_at(url, car)
    assert "dag/import" in [call.command for call in calls]
    assert ROOT in rpc(ipfs, f"pin/ls?arg={ROOT}&cid-base=base32").text


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("command", ["pin/ls", "dag/import"])
def test_pinning_through_trouble(ipfs: str, car: Path, command: str, trouble: str) -> None:
    rpc(ipfs, f"pin/rm?arg={ROOT}")
    with door(ipfs, once(trouble, "POST", f"/{command}")) as (url, calls):
        if trouble == "nonsense":  # not worth another try
            with pytest.raises(PublishError, match="not answer as an IPFS node"):
                pin_at(url, car, QUICK)
        pin_at(url, car, QUICK)
    imports = [call.command for call in calls].count("dag/import")
    lost = command == "dag/import" and trouble not in ("lost", "half an answer")
    assert imports == (2 if lost else 1)  # what the node holds is not sent twice
    assert ROOT in rpc(ipfs, f"pin/ls?arg={ROOT}&cid-base=base32").text


def test_a_file_of_1100_chunks_is_read_back_by_the_node(ipfs: str, tmp_path: Path) -> None:
    # Two levels of nodes; zeros, so that the CAR is small and the file is sparse.
    size = 1100 << 20
    with (tmp_path / "zeros").open("w+b") as zeros:
        zeros.truncate(size)
        digest = hashlib.file_digest(zeros, "sha256").hexdigest()
    tree: Folder = {"zeros": File(str(tmp_path / "zeros"), digest, size), "end": b"!"}
    root = cid_text(write_tree(tmp_path / "c.car", tree)[""].cid)
    pin_at(ipfs, tmp_path / "c.car")
    assert rpc(ipfs, f"cat?arg={root}/zeros&offset={size - 3}").content == bytes(3)
    assert rpc(ipfs, f"files/stat?arg=/ipfs/{root}/zeros").json()["Size"] == size


def test_a_collection_of_one_file_is_pinned_and_read_back(ipfs: str, tmp_path: Path) -> None:
    picture, car = b"one picture", tmp_path / "c.car"
    root = block_cid(RAW, picture)
    car.write_bytes(car_header(root) + section_header(root, len(picture)) + picture)
    journal = tmp_path / "pins.jsonl"
    (proof,) = pin_car(car, ["kubo"], {"IPFS_API": ipfs}, journal, QUICK)
    assert (proof.sample, proof.files) == (1, 1)
    assert proof.line.startswith("the only file, through the node itself")

"""Kubo itself, offline: it pins our blocks, writes out what we packed, and computes our CIDs."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from mint.ipfs.car import open_car
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import Folder, tree_links, write_tree
from mint.ipfs.unixfs import PROFILES
from tests.ipfs.kubo import create, kubo, put_block
from tests.ipfs.trees import flat

pytestmark = pytest.mark.kubo

# A sharded folder (long names fill it soon), files of one chunk and of many, names of all kinds.
LONG = b"".join(i.to_bytes(4) * (1 << 14) for i in range(50))
TREE: dict[str, Folder | bytes] = {
    "images": {f"{i}.png": b"\x89PNG%d" % i * i * 9 for i in range(1, 40)} | {"long.png": LONG},
    "metadata": {f"{i:0200}.json": b'{"name": "#%d"}' % i for i in range(1_200)},
    "empty": b"",
    "ünïcode": {"画.png": b"1", " ": b"2", "a b": b"3"},
}


def lay_out(folder: Path, tree: Folder) -> None:
    for path, data in flat(tree).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def on_disk(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create(tmp_path_factory.mktemp("kubo") / "repo")


def test_kubo_pins_and_returns_what_we_pack(tmp_path: Path, repo: Path) -> None:
    roots = []
    for name, profile in PROFILES.items():
        write_tree(tmp_path / "c.car", TREE, profile)
        with closing(open_car(tmp_path / "c.car")) as car:
            roots.append(cid_text(car.root))
            for cid, block, _ in car.sections():
                put_block(repo, cid, block)
        assert roots[-1] == cid_text(tree_links(TREE, profile)[""].cid), name
    out = {root: tmp_path / root for root in roots}

    pins = [["PinCID", root] for root in roots]
    downloads = [["Download", root, str(path)] for root, path in out.items()]
    answers = kubo(repo, ["RunNode"], *pins, ["ListPins"], *downloads, ["CleanupNode"])

    assert answers[1:4] == [0, 0, 0]  # pinned recursively, without a peer to ask for a block
    assert set(roots) <= set(json.loads(answers[4]))
    assert answers[5:8] == [0, 0, 0]
    for root, path in out.items():
        assert on_disk(path) == flat(TREE), root


def test_kubo_computes_our_cids(tmp_path: Path, repo: Path) -> None:
    # As `ipfs add` does without options, which is one of our profiles.
    tree = TREE | {"long": {"two levels of nodes": bytes(46 << 20)}}
    lay_out(tmp_path / "files", tree)
    links = tree_links(tree, PROFILES["unixfs-v0-2015"])

    adds: list[list[str | bool]] = [
        ["AddFile", str(tmp_path / "files" / path), True] for path in links
    ]
    before = set(repo.glob("blocks/*/*.data"))
    answers = kubo(repo, ["RunNode"], *adds, ["CleanupNode"])

    assert answers[1:-1] == [cid_text(link.cid) for link in links.values()]
    assert len(set(repo.glob("blocks/*/*.data")) - before) < 20  # it only hashed


def test_kubo_notices_a_damaged_block(tmp_path: Path, repo: Path) -> None:
    # Or the test above would say nothing about bytes.
    write_tree(tmp_path / "c.car", {"a": b"the truth", "b": b"more"})
    with closing(open_car(tmp_path / "c.car")) as car:
        root = cid_text(car.root)
        for cid, block, _ in car.sections():
            put_block(repo, cid, b"not truth" if bytes(block) == b"the truth" else block)
    calls = ["RunNode"], ["PinCID", root], ["Download", root, str(tmp_path / "out")]
    run, pinned, loaded = kubo(repo, *calls)
    assert run == 1
    assert pinned != 0
    assert loaded != 0

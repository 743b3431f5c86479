"""The three profiles: the blocks of the 2015 ones are those that Kubo and js-ipfs make."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mint.build import Options, build
from mint.errors import PublishError, StoreError
from mint.ipfs import dagpb, walk
from mint.ipfs.car import Car, open_car
from mint.ipfs.car_header import car_header
from mint.ipfs.cid import DAG_PB, V0, Link, block_cid, cid_text, parse_cid
from mint.ipfs.tree import File, Folder, tree_links, write_tree
from mint.ipfs.unixfs import DEFAULT, PROFILES, Profile, file_link, folder_link
from mint.spec.collection import DEFAULT_PROFILE, Collection, ProfileName, Storage
from mint.verify.verify import prove
from tests.ipfs.blocks import VECTORS, Blocks, chunks, content, drop, vector_folder
from tests.ipfs.trees import everything, flat, in_one_folder, known, trees
from tests.ipfs_nodes import NODE, node_binary

OLD, KUBO = PROFILES["unixfs-v0-2015"], PROFILES["kubo-cidv1"]
every = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
SMALL = [v for v in VECTORS["vectors"] if "same_cid_in_v1-2025_and_kubo-cidv1-256k" in v]


def test_the_default_is_the_profile_of_2025() -> None:
    assert set(get_args(ProfileName)) == set(PROFILES)
    assert PROFILES[DEFAULT_PROFILE] is DEFAULT


def test_the_default_profile_leaves_a_collections_digest_as_it_was() -> None:
    assert Storage(profile=DEFAULT_PROFILE).canonical() == b'{"pin":"none"}'
    assert b"kubo-cidv1" in Storage(profile="kubo-cidv1").canonical()
    schema = Collection.model_json_schema()["$defs"]["Storage"]["properties"]["profile"]
    assert schema["default"] == DEFAULT_PROFILE


# https://docs.ipfs.tech and every Kubo of the last ten years.
@pytest.mark.parametrize(
    ("data", "cid"),
    [
        (b"", VECTORS["well_known"]["empty file v0 (dag-pb)"]),
        (b"hello world", "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD"),
        (b"hello world\n", "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"),
    ],
    ids=["empty", "hello", "echo"],
)
def test_files_that_everybody_knows(data: bytes, cid: str) -> None:
    assert cid_text(file_link([data] if data else [], drop, OLD).cid) == cid


def test_the_empty_folder() -> None:
    empty = {p: cid_text(tree_links({}, PROFILES[p])[""].cid) for p in PROFILES}
    assert empty == {
        "unixfs-v0-2015": VECTORS["well_known"]["empty directory v0"],
        "kubo-cidv1": VECTORS["well_known"]["empty directory v1"],
        "unixfs-v1-2025": VECTORS["well_known"]["empty directory v1"],
    }
    assert cid_text(file_link([], drop, KUBO).cid) == VECTORS["well_known"]["empty file v1 (raw)"]


@pytest.mark.parametrize("vector", SMALL, ids=lambda vector: vector["id"])
def test_where_kubos_cidv1_agrees_with_2025(vector: dict[str, Any]) -> None:
    if vector["kind"] == "file":
        link = file_link(chunks(content(vector["content"]), KUBO.chunk), drop, KUBO)
    else:
        link = tree_links(vector_folder(vector), KUBO)[""]
    same = cid_text(link.cid) == vector["cids"]["unixfs-v1-2025"]["cid"]
    assert same == vector["same_cid_in_v1-2025_and_kubo-cidv1-256k"]


@pytest.mark.parametrize(
    ("profile", "most"), [(OLD, 6721), (KUBO, 6393), (DEFAULT, 5349)], ids=["v0", "kubo", "2025"]
)
def test_how_many_entries_fit_in_a_flat_folder(profile: Profile, most: int) -> None:
    # Names of 5 letters: floor(262144 / (5 + 34)) with a CIDv0, / (5 + 36) with a CIDv1.
    cid = block_cid(profile.leaf, b"x")
    for count, kind in ((most, dagpb.FOLDER), (most + 1, dagpb.SHARD)):
        blocks = Blocks()
        root = folder_link([(f"{i:05d}", Link(cid, 1)) for i in range(count)], blocks.emit, profile)
        assert dagpb.decode_node(blocks[root.cid]).kind == kind


class Job:
    """A tree, to be hashed here and by js-ipfs with the same settings."""

    def __init__(self, profile: Profile, tree: Folder, *, sharded: bool = False) -> None:
        self.profile, self.tree, self.sharded = profile, tree, sharded

    def lay_out(self, folder: Path) -> dict[str, Any]:
        for path, data in flat(self.tree).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        for name in [name for name, node in self.tree.items() if node == {}]:
            (folder / name).mkdir()
        options = {
            "maxChunkSize": self.profile.chunk,
            "maxChildrenPerNode": self.profile.links,
            "rawLeaves": self.profile.leaf != V0,
            "cidVersion": int(self.profile.node == DAG_PB),
            # js-ipfs counts entries where the profiles measure bytes, so each job says which it
            # is; where the bound lies the tests above say.
            "shardSplitThreshold": 100 if self.sharded else 10**9,
        }
        return {"folder": str(folder), "options": options}


def counted(chunk: int, count: int, rest: int = 0) -> bytes:
    """`count` chunks that all differ, and `rest` bytes."""
    return b"".join(i.to_bytes(4, "big") * (chunk // 4) for i in range(count)) + b"!" * rest


def jobs() -> Mapping[str, Job]:
    all_jobs = {}
    for name, profile in PROFILES.items():
        # The shape of a tree depends on the number of chunks, and not on their size.
        tiny, links = replace(profile, chunk=64), profile.links
        files: Folder = {
            "empty": b"",
            "one": b"x" * 64,
            "two": b"x" * 65,
            "full": counted(64, links),
            "more": counted(64, links, 1),
            "three levels": counted(64, links * links + links if links < 1000 else 3000, 7),
            "nothing": {},
            "sub": {"dir": {"ü &%.png": b"1", "a": b"2"}, "same": b"x" * 64},
            "\ue000": b"sorted by UTF-8, not UTF-16",
            "\U00010000": b"as above",
        }
        all_jobs[f"{name}: files"] = Job(tiny, files)
        count = 176 if profile.links == 174 else 3
        all_jobs[f"{name}: {count} real chunks"] = Job(
            profile, {"f": counted(profile.chunk, count, 9)}
        )
        all_jobs[f"{name}: at most one chunk"] = Job(profile, {"a": b"", "b": bytes(profile.chunk)})
        # Long names take the folder over the bound with few entries.
        names = {f"{i}{'_' * 240}": b"%d" % i for i in range(1100)}
        all_jobs[f"{name}: sharded"] = Job(profile, {"names": names}, sharded=True)
    return all_jobs


JOBS = jobs()


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[str, int]]:
    """What js-ipfs makes of every job: the root's CID and cumulative size."""
    if not (NODE / "node_modules").is_dir():
        pytest.fail("js-ipfs is not installed: run scripts/test, or npm ci --prefix tests/node")
    jobs_json = [job.lay_out(tmp_path_factory.mktemp("import")) for job in JOBS.values()]
    command = [node_binary(), "--require", "./polyfill.cjs", "import.mjs", json.dumps(jobs_json)]
    done = subprocess.run(command, cwd=NODE, check=True, capture_output=True, text=True)
    return dict(zip(JOBS, map(tuple, json.loads(done.stdout)), strict=True))


@pytest.mark.parametrize("name", JOBS)
def test_js_ipfs_gives_the_same_cid(imported: Mapping[str, tuple[str, int]], name: str) -> None:
    job = JOBS[name]
    link = tree_links(job.tree, job.profile)[""]
    assert (cid_text(link.cid), link.tsize) == imported[name]


@every
@settings(in_one_folder, max_examples=25)
@given(tree=trees)
def test_what_is_packed_is_what_is_unpacked(tmp_path: Path, profile: Profile, tree: Folder) -> None:
    path, small = tmp_path / "c.car", replace(profile, chunk=8, links=2)
    assert write_tree(path, tree, small) == tree_links(tree, small)
    with closing(open_car(path)) as car:
        assert everything(car) == flat(tree)
        assert car.root == tree_links(tree, small)[""].cid
        assert path.read_bytes().startswith(car_header(car.root))
        assert listed(car, car.root) == len(car.offsets)


def listed(car: Car, cid: bytes) -> int:
    """How many blocks `cid` leads to; each must be there."""
    seen, todo = set(), [cid]
    while todo:
        seen.add(cid := todo.pop())
        node = dagpb.decode_node(car.block(cid)) if cid.startswith((V0, DAG_PB)) else None
        todo += [link.cid for _, link in node.links if link.cid not in seen] if node else []
    return len(seen)


@every
@pytest.mark.parametrize("count", [2, 174, 175, 174 * 3 + 1])
def test_a_long_file_is_read_back_in_parts(profile: Profile, count: int) -> None:
    blocks, small = Blocks(), replace(profile, chunk=4)
    data = counted(4, count, 1)
    link = file_link(chunks(data, 4), blocks.emit, small)
    assert walk.file_size(blocks.get_block, link.cid) == len(data)
    for start, stop in ((0, None), (3, 9), (len(data) - 3, len(data)), (5, 5)):
        part = b"".join(walk.cat(blocks.get_block, link.cid, start, stop))
        assert part == data[start:stop]


@every
def test_a_sharded_folder_is_listed_and_resolved(profile: Profile) -> None:
    blocks = Blocks()
    names = {f"{i}{'_' * 240}": file_link([b"%d" % i], blocks.emit, profile) for i in range(1100)}
    root = folder_link(names.items(), blocks.emit, profile).cid
    assert dagpb.decode_node(blocks[root]).kind == dagpb.SHARD
    cids = {name: link.cid for name, link in names.items()}
    assert dict(walk.files(blocks.get_block, root)) == cids
    assert walk.read_path(blocks.get_block, root, f"77{'_' * 240}") == b"77"


@every
@pytest.mark.parametrize("size", [0, 700, (1 << 18) + 1])
def test_an_altered_file_is_named(tmp_path: Path, profile: Profile, size: int) -> None:
    file = known(tmp_path / "1.png", bytes(size))
    (tmp_path / "1.png").write_bytes(bytes(size) + b"!")
    with pytest.raises(StoreError, match=r"1\.png is not the file"):
        write_tree(tmp_path / "c.car", {"1.png": file}, profile)
    assert [path.name for path in tmp_path.iterdir()] == ["1.png"]


@pytest.mark.parametrize(("profile", "read"), [(OLD, True), (KUBO, False), (DEFAULT, False)])
def test_only_leaves_that_are_nodes_must_be_read(profile: Profile, read: bool) -> None:
    gone = File("/nonexistent/1.png", hashlib.sha256(b"x").hexdigest(), 1)
    if not read:
        assert tree_links({"1.png": gone}, profile) == tree_links({"1.png": b"x"}, profile)
        return
    with pytest.raises(StoreError, match="No such file"):
        tree_links({"1.png": gone}, profile)


def test_a_block_is_read_by_either_version_of_its_cid(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "c.car", {"a": b"1"}, OLD)[""].cid
    with closing(open_car(tmp_path / "c.car")) as car:
        assert car.block(DAG_PB + root[-32:]) == car.block(root)


@given(st.binary(min_size=32, max_size=32))
def test_cidv0_text_round_trip(digest: bytes) -> None:
    assert parse_cid(cid_text(V0 + digest)) == V0 + digest
    assert cid_text(V0 + digest).startswith("Qm")
    assert len(cid_text(V0 + digest)) == 46


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "1", lambda t: t[:-1] + "0", lambda t: "z" + t]
)
def test_not_a_cidv0(change: Any) -> None:
    with pytest.raises(PublishError, match="not a CID"):
        parse_cid(change(VECTORS["well_known"]["empty directory v0"]))


def test_a_leaf_that_also_has_links_is_refused() -> None:
    link = dagpb.encode_link(b"", Link(block_cid(V0, b""), 0))
    record = b"\x08\x02\x12\x01x\x18\x01\x20\x00"
    with pytest.raises(ValueError, match="no kind that mint reads"):
        dagpb.decode_node(dagpb.encode_node([link], record))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.binary(max_size=300))
def test_a_leaf_round_trip(data: bytes) -> None:
    assert dagpb.decode_node(dagpb.encode_leaf(data)) == dagpb.Node(dagpb.FILE, (), (), data)


@pytest.mark.parametrize(("name", "begins"), [("unixfs-v0-2015", "Qm"), ("kubo-cidv1", "bafy")])
def test_a_collection_in_an_older_profile_is_proved(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, begins: str
) -> None:
    file = Path(shutil.copytree(built.parent, tmp_path / "tiny")) / "collection.yaml"
    shutil.rmtree(file.parent / "build")
    file.write_text(file.read_text() + f"storage: {{profile: {name}}}\n")
    manifest, *_ = build(file, Options(), lambda *news: None)
    assert manifest.publication is not None
    assert manifest.deployment is not None
    assert manifest.publication.root.startswith(begins)
    monkeypatch.chdir(file.parent)
    for target in (str(file), manifest.deployment.address):
        claims = list(prove(target, sample=0, network=None, environ={}))
        assert f"ipfs://{manifest.publication.root} holds nothing else" in claims
        assert "6 token URIs on local lead to the recorded pictures" in claims

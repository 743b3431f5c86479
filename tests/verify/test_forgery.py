"""A forger who owns everything that can be forged: the CAR, the token JSON, the contract's terms.

Each test makes a build whose parts agree with each other but for one lie, and `mint verify` finds
it from the file and from the bare address.
"""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mint.chain.artefact import artefact
from mint.document import sha256
from mint.errors import MintError, VerifyError
from mint.ipfs.car_header import section_header
from mint.ipfs.cid import cid_text
from mint.ipfs.unixfs import file_link, folder_link
from mint.verify.repaint import sample_tokens
from mint.verify.verify import prove
from tests import exhibit
from tests.verify.forger import Forger, Tree, claims, refused


@pytest.fixture
def forger(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forger:
    home = shutil.copytree(built.parent, tmp_path / "tiny")
    monkeypatch.chdir(home)
    return Forger(Path(home) / "collection.yaml")


def test_a_forger_who_does_not_lie_is_believed(forger: Forger) -> None:
    forger.publish()
    address = forger.deploy()

    assert claims(address)
    assert claims(forger.file)


def test_token_uris_that_lead_to_other_json_about_the_same_picture(forger: Forger) -> None:
    def add_folder(tree: Tree) -> None:
        # The names of the folder verified stay honest; the contract serves this one.
        legend = [path.read_bytes() for path in _documents(forger)]
        tree["gold"] = {
            f"{i}.json": text.replace(b'"attributes": [', b'"attributes": [{"trait_type": "Gold"},')
            for i, text in enumerate(legend, start=1)
        }

    gold = forger.publish(add_folder)["gold"]

    refused(forger, forger.deploy(base_uri=f"ipfs://{gold}/"), "base uri is|holds something")


def test_token_uris_that_lead_to_blocks_beside_the_tree(forger: Forger) -> None:
    forged = {path.name: path.read_bytes() + b" " for path in _documents(forger)}
    blocks: list[bytes] = []

    def emit(cid: bytes, block: bytes | memoryview) -> None:
        blocks.append(section_header(cid, len(block)) + bytes(block))

    files = [(name, file_link([data], emit)) for name, data in forged.items()]
    gold = cid_text(folder_link(files, emit).cid)
    forger.publish()
    forger.folders.car.write_bytes(forger.folders.car.read_bytes() + b"".join(blocks))

    refused(forger, forger.deploy(base_uri=f"ipfs://{gold}/"), "base uri is")


def _documents(forger: Forger) -> list[Path]:
    return [forger.folders.metadata(token.token_id) for token in forger.manifest.tokens]


def test_token_uris_without_the_scheme_that_wallets_need(forger: Forger) -> None:
    metadata = forger.publish()["metadata"]

    refused(forger, forger.deploy(base_uri=f"{metadata}/"), "base uri is")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"royalty_bps": 10_000}, "royalty bps is 10000, not"),
        ({"licence_uri": "https://example.org/all-rights-reserved"}, "licence uri is"),
        ({"name": "Tiny "}, "name is"),
        ({"symbol": "TINI"}, "symbol is"),
        ({"collection": "ab" * 32}, "collection is"),
        ({"provenance": "ab" * 32}, "provenance is"),
    ],
)
def test_terms_that_the_collection_does_not_give(
    forger: Forger, changed: dict[str, object], says: str
) -> None:
    forger.publish()

    refused(forger, forger.deploy(**changed), says)


def test_other_code_that_gives_the_same_answers(
    forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = artefact("FairMint")["bytecode"]
    other = ours.replace("600b811115", "600a811115")  # batches of ten: nothing else is different
    assert other != ours
    forger.publish()
    with monkeypatch.context() as patched:
        patched.setitem(artefact("FairMint"), "bytecode", other)
        address = forger.deploy()

    refused(forger, address, "code")


def test_a_record_of_another_network_is_not_followed(forger: Forger) -> None:
    deployment = forger.manifest.deployment
    assert deployment is not None
    forger.save(deployment=deployment.model_copy(update={"chain_id": 11155111}))

    with pytest.raises(VerifyError, match="chain id is 1337, not 11155111"):
        claims(forger.file)


def change_file(tree: Tree, name: str, old: bytes, new: bytes) -> None:
    assert old in tree[name]
    tree[name] = tree[name].replace(old, new)


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: change_file(tree, "contract.json", b"Tiny", b"Huge"),
        lambda tree: tree.update({"readme.html": b"<script>alert(1)</script>"}),
        lambda tree: tree.update({"images": tree["images"] | {"7.png": b"one more"}}),
        lambda tree: tree.update({"metadata": tree["metadata"] | {"0.json": b"{}"}}),
        lambda tree: change_file(tree, "runtime.json", b'"threads"', b' "threads"'),
    ],
)
def test_anything_in_the_car_that_the_build_does_not_give(
    forger: Forger, change: Callable[[Tree], None]
) -> None:
    forger.publish(change)

    refused(forger, forger.deploy(), "holds something that|token 1: its metadata")


def test_a_runtime_under_the_digest_of_another(forger: Forger) -> None:
    (digest, runtime), *_ = forger.manifest.runtimes.items()
    forger.save(runtimes={digest: runtime.model_copy(update={"device": "abacus"})})
    forger.publish()

    refused(forger, forger.deploy(), "runtime .* is recorded under another digest")


@pytest.mark.parametrize(
    "written",
    [b"[]", b"null", b'{"a": 1}', b"[" * 100_000, b"\xff", b'{"' + b"0" * 64 + b'": {}}'],
)
def test_a_runtime_record_that_is_none(forger: Forger, written: bytes) -> None:
    forger.publish(lambda tree: tree.update({"runtime.json": written}))

    refused(forger, forger.deploy(), "runtime.json|holds something")


@pytest.mark.parametrize(
    "written",
    [
        b"[]",
        b"[" * 100_000,
        b'{"mint": []}',
        b'{"mint": {"attempt": true}}',
        b'{"mint": {"attempt": 0, "runtime": "0", "pixels_sha256": "zz", "file_sha256": "",'
        b' "bytes": 1}}',
    ],
)
def test_token_json_that_says_nonsense(forger: Forger, written: bytes) -> None:
    forger.publish(lambda tree: tree.update({"metadata": tree["metadata"] | {"2.json": written}}))

    refused(forger, forger.deploy(), "token 2: ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"{Species}", b"{Nobody}"),
        (b'"supply":6', b'"supply":0'),
        (b'"supply":6', b'"supply":1'),
        (b'"traits":[', b'"traits":[7,'),
    ],
)
def test_a_collection_that_cannot_be_planned(forger: Forger, old: bytes, new: bytes) -> None:
    forger.publish(lambda tree: change_file(tree, "collection.json", old, new))

    with pytest.raises(MintError) as caught:
        claims(forger.deploy())
    assert caught.value.hint


@pytest.mark.parametrize("field", ["metadata", "rarity", "provenance", "publication"])
@pytest.mark.parametrize("left", [0, 1])
def test_a_manifest_with_a_part_cut_off(forger: Forger, field: str, left: int) -> None:
    part = getattr(forger.manifest, field)
    forger.save(**{field: part[:1] if left and isinstance(part, tuple) else None})

    with pytest.raises(MintError, match=f"no {field}|nothing is published") as caught:
        claims(forger.file)
    assert caught.value.hint


@pytest.mark.parametrize("attempt", [6, -1])
def test_a_picture_from_more_attempts_than_there_are(forger: Forger, attempt: int) -> None:
    from mint.plan.recipe import candidate, painter
    from mint.plan.tokens import plan

    first = forger.manifest.tokens[0]
    by = painter(forger.manifest.runtimes[first.recipe.runtime])
    recipe = candidate(forger.collection, plan(forger.collection)[0], attempt, by).recipe
    best = first.model_copy(update={"attempt": attempt, "recipe": recipe})
    forger.save(tokens=(best, *forger.manifest.tokens[1:]))

    with pytest.raises(VerifyError, match="token 1: attempt"):
        claims(forger.file)


def test_a_description_that_the_collection_does_not_give(forger: Forger) -> None:
    first = forger.manifest.tokens[0].model_copy(update={"description": "Worn by a king."})
    forger.save(tokens=(first, *forger.manifest.tokens[1:]))

    with pytest.raises(VerifyError, match="token 1: its name, description or traits"):
        claims(forger.file)


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def before_pixels(png: bytes, *chunks: bytes) -> bytes:
    at = png.index(b"IDAT") - 4
    return png[:at] + b"".join(chunks) + png[at:]


DISGUISES: dict[str, Callable[[bytes, Image.Image], bytes]] = {
    "another format, whose reader may run programs": lambda png, rgb: encoded(rgb, "EPS"),
    "a bitmap": lambda png, rgb: encoded(rgb, "BMP"),
    "nothing to see": lambda png, rgb: encoded(_veiled(rgb), "PNG"),
    "moves": lambda png, rgb: encoded(
        rgb, "PNG", save_all=True, append_images=[Image.new("RGB", rgb.size)], duration=1
    ),
    "other colours": lambda png, rgb: before_pixels(png, chunk(b"gAMA", struct.pack(">I", 9_000))),
    "a page after the picture": lambda png, rgb: png + b"<script>alert(1)</script>",
    "cut short": lambda png, rgb: png[:200],
    "cut in a chunk": lambda png, rgb: png[: png.index(b"IDAT") + 2],
    "no picture": lambda png, rgb: b"",
    "a bomb of text": lambda png, rgb: before_pixels(
        png, chunk(b"iTXt", b"x\0\1\0\0\0" + zlib.compress(bytes(300_000_000)))
    ),
    "a bomb of pixels": lambda png, rgb: (
        png[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)) + png[33:]
    ),
}


def _veiled(rgb: Image.Image) -> Image.Image:
    clear = rgb.convert("RGBA")
    clear.putalpha(0)
    return clear


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES.keys())
def test_a_file_that_shows_more_than_the_pixels_it_is_verified_by(
    forger: Forger, disguise: Callable[[bytes, Image.Image], bytes]
) -> None:
    png = forger.folders.image(1).read_bytes()
    rgb = Image.open(BytesIO(png)).convert("RGB")
    forger.show(1, disguise(png, rgb), sha256(rgb.tobytes()))
    forger.publish()

    refused(forger, forger.deploy(), "token 1: its picture")


def test_two_tokens_with_the_same_picture(forger: Forger) -> None:
    forger.show(1, forger.folders.image(2).read_bytes(), forger.manifest.tokens[1].image.pixels)
    forger.publish()

    refused(forger, forger.deploy(), "token 2: its picture is token 1's")


def test_a_contract_uri_that_is_no_cid(forger: Forger) -> None:
    forger.publish()
    address = forger.deploy(
        contract_uri="ipfs://../../up?\x1b]0;ok\nok  6 token URIs/contract.json"
    )

    for environ in ({}, {"IPFS_GATEWAY": "http://127.0.0.1:9"}):
        with pytest.raises(MintError, match="is not a CID") as caught:
            list(prove(address, sample=0, network=None, environ=environ))
        assert "\x1b" not in str(caught.value)


def test_a_broken_car_elsewhere_is_no_obstacle(forger: Forger) -> None:
    forger.publish()
    address = forger.deploy()
    broken = forger.file.parent / "a" / "build" / "x" / "collection.car"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"half a CAR")

    assert claims(address)


@pytest.mark.parametrize("name", ["images/7.png", "metadata/0.json", "images/01.png"])
def test_a_file_that_is_no_tokens_in_the_folder_to_upload(forger: Forger, name: str) -> None:
    (forger.folders.out / name).write_bytes(b"not mine")

    with pytest.raises(VerifyError, match=f"{name} is no token's"):
        claims(forger.file)


@pytest.mark.parametrize(
    "lie",
    [{"transaction": "0x" + "ab" * 32}, {"gas": 1}, {"block": 99}],
    ids=lambda lie: next(iter(lie)),
)
@pytest.mark.parametrize("which", [0, 1])
def test_transactions_that_the_chain_does_not_hold(
    forger: Forger, which: int, lie: dict[str, Any]
) -> None:
    deployment = forger.manifest.deployment
    assert deployment is not None
    sent = list(deployment.transactions)
    sent[which] = sent[which].model_copy(update=lie)
    forger.save(deployment=deployment.model_copy(update={"transactions": tuple(sent)}))

    with pytest.raises(VerifyError, match="the chain holds no such transaction"):
        claims(forger.file)


def test_nobody_knows_which_tokens_are_painted_again() -> None:
    many = exhibit.manifest(1000)

    drawn = [tuple(t.token_id for t in sample_tokens(many, 8)) for _ in range(4)]

    assert len(set(drawn)) == 4
    assert all(len(set(ids)) == 8 for ids in drawn)
    assert len(sample_tokens(many, 2000)) == 1000

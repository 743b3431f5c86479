"""`mint verify` proves a sound build, and names the token when anything was changed."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from mint.errors import ChainError, MintError, StoreError, VerifyError
from mint.ipfs.car import open_car
from mint.ipfs.walk import read_path
from mint.pinning.exchange import Pace
from mint.pinning.http import stream
from mint.record.folders import folders_of, read_manifest
from mint.record.launches import Launch, begin, complete
from mint.spec.load import load
from mint.verify.unchecked import Unchecked
from mint.verify.verify import prove
from tests.conftest import edit, frozen


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built.parent, tmp_path / "tiny")) / "collection.yaml"


def claims(target: str | Path, sample: int = 0, **environ: str) -> list[str]:
    return list(prove(str(target), sample=sample, network=None, environ=environ))


def sentences_on(network: str, file: Path) -> Iterator[str]:
    return prove(str(file), sample=0, network=network, environ={})


def manifest_of(file: Path) -> dict[str, Any]:
    return dict(json.loads((file.parent / "build/tiny/manifest.json").read_bytes()))


def test_a_sound_build_is_proved_down_to_its_pixels(built: Path) -> None:
    sentences = claims(built, sample=6)

    assert len(sentences) == 17
    assert sum("every pixel is equal" in sentence for sentence in sentences) == 6
    assert "6 token URIs on local lead to the recorded pictures" in sentences


@pytest.mark.root
def test_a_build_on_a_read_only_disk_is_proved(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = manifest_of(copy)["deployment"]["address"]
    (copy.parent / ".mint/memo.sqlite").unlink()  # as on a machine that has not read the model yet
    monkeypatch.chdir(copy.parent)

    with frozen(copy.parent):
        of_file, of_address = claims(copy, sample=1), claims(address)

    assert "6 token URIs on local lead to the recorded pictures" in of_file
    assert sum("every pixel is equal" in sentence for sentence in of_file) == 1
    assert "6 token URIs on local lead to the recorded pictures" in of_address


def test_a_bare_address_is_proved_the_same_way(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = manifest_of(copy)["deployment"]["address"]
    (copy.parent / "build/tiny/manifest.json").unlink()
    copy.unlink()
    monkeypatch.chdir(copy.parent)

    sentences = claims(address, sample=2)

    assert sentences[0].startswith(f"{address} on local leads to ipfs://bafy")
    assert sum("every pixel is equal" in sentence for sentence in sentences) == 2
    # No file of the CAR states a rank, so from an address there is none to check.
    assert not any("rarity" in sentence for sentence in sentences)


def test_an_address_without_a_contract(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy.parent)

    with pytest.raises(ChainError):
        claims("0x" + "12" * 20)


def test_verifying_creates_no_chain_where_there_is_none(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy.parent.parent)

    with pytest.raises(VerifyError, match="no local chain in") as caught:
        claims("0x" + "12" * 20)

    assert "--network" in caught.value.hint
    assert not (copy.parent.parent / ".mint").exists()
    with pytest.raises(VerifyError, match="neither a file nor a contract's address"):
        claims("0x" + "12" * 19)


def test_an_address_whose_car_is_nowhere(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = manifest_of(copy)["deployment"]["address"]
    (copy.parent / "build/tiny/collection.car").unlink()
    monkeypatch.chdir(copy.parent)

    with pytest.raises(VerifyError, match="no build or launch under") as caught:
        claims(address)
    assert "IPFS_GATEWAY" in caught.value.hint
    with pytest.raises(VerifyError, match="the gateway did not send"):
        claims(address, IPFS_GATEWAY="http://127.0.0.1:9")


def change(file: Path, path: list[str | int], value: object) -> None:
    """Change one field of the manifest, as a liar would."""
    manifest = manifest_of(file)
    at: Any = manifest
    for step in path[:-1]:
        at = at[step]
    assert at[path[-1]] != value
    at[path[-1]] = value
    (file.parent / "build/tiny/manifest.json").write_text(json.dumps(manifest))


@pytest.fixture
def launched(copy: Path) -> Path:
    """A collection whose build, of a chain of its own, is recorded as a launch too."""
    folders = folders_of(copy, load(copy)[0])
    manifest = read_manifest(folders.manifest)
    assert manifest.deployment is not None
    launch = Launch(
        file=copy.name,
        network="local",
        chain_id=manifest.deployment.chain_id,
        genesis="0x" + "00" * 32,
        owner=manifest.deployment.address,
        purpose="deploy",
        code="0" * 64,
    )
    complete(begin(folders, manifest, launch), manifest)
    return copy


def test_a_launch_is_proved_whatever_became_of_its_build(
    launched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = "6 token URIs on local lead to the recorded pictures"

    edit(launched, "Six pictures", "Seven pictures")
    of_edited = claims(launched)
    address = manifest_of(launched)["deployment"]["address"]
    shutil.rmtree(launched.parent / "build")
    of_deleted = claims(launched)
    monkeypatch.chdir(launched.parent)

    assert whole in of_edited
    assert of_edited == of_deleted
    (said,) = (each for each in of_edited if "this is the launch in" in each)
    assert isinstance(said, Unchecked)
    assert "was edited since" in said
    assert whole in claims(address)


def test_a_later_build_elsewhere_hides_no_launch(launched: Path) -> None:
    assert not isinstance(claims(launched)[1], Unchecked), "the build is the newest record"
    change(launched, ["deployment", "network"], "anvil")

    assert isinstance(list(sentences_on("local", launched))[1], Unchecked)


LIES: list[tuple[list[str | int], object, str]] = [
    (["tokens", 1, "traits", "Species"], "dragon", "token 2: its name, description or traits"),
    (["tokens", 1, "name"], "Best", "token 2: its name, description or traits"),
    (["tokens", 2, "recipe", "seed"], 5, "token 3: its recipe"),
    (["tokens", 2, "recipe", "prompt"], "a king", "token 3: its recipe"),
    (["tokens", 2, "attempt"], 3, "token 3: its recipe"),
    (["tokens", 0, "recipe", "runtime"], "0" * 64, "token 1: the runtime"),
    (["tokens", 4, "image", "file"], "0" * 64, "token 5: .*not the file that was built"),
    (["tokens", 4, "image", "pixels"], "0" * 64, "token 5: .*pixels have another digest"),
    (["metadata", 5], "0" * 64, "token 6: .*not the file that was built"),
    (["rarity", 3, "rank"], 9, "token 4: its rarity rank is 1, not 9"),
    (["provenance"], "0" * 64, "the provenance root is"),
    (["publication", "root"], "bafkqaaa", "the CAR's root is not"),
    (["publication", "images"], "bafkreih" + "a" * 51, "the CID of images/ is not|no CID"),
    (["deployment", "code"], "0" * 64, "the contract's code"),
    (["deployment", "address"], "0x" + "12" * 20, "there is no FairMint at"),
]


@pytest.mark.parametrize(("path", "value", "says"), LIES, ids=lambda x: str(x)[:40])
def test_every_lie_in_the_manifest_is_refused(
    copy: Path, path: list[str | int], value: object, says: str
) -> None:
    change(copy, path, value)

    with pytest.raises(MintError, match=says) as caught:
        claims(copy)

    assert caught.value.hint


def test_painting_again_refutes_a_lie_about_pixels(copy: Path) -> None:
    # Another picture everywhere on this disk, with digests that fit.
    from mint.record.folders import folders_of, read_manifest
    from mint.spec.load import load

    folders = folders_of(copy, load(copy)[0])
    manifest = read_manifest(folders.manifest)
    first, second = manifest.tokens[0], manifest.tokens[1]
    forged = (first.model_copy(update={"image": second.image}), *manifest.tokens[1:])
    folders.image(1).unlink()
    shutil.copy(folders.image(2), folders.image(1))
    folders.manifest.write_bytes(manifest.model_copy(update={"tokens": forged}).canonical())

    with pytest.raises(VerifyError, match="token 1"):
        claims(copy, sample=6)


@pytest.mark.parametrize(
    ("network", "chain_id", "why"),
    [
        ("anvil", 31337, r"http://127\.0\.0\.1:9 cannot be reached"),
        ("sepolia", 11155111, "sepolia needs a node to talk to"),
    ],
)
def test_a_build_on_a_chain_elsewhere_says_which_and_asks_for_its_url(
    copy: Path, network: str, chain_id: int, why: str
) -> None:
    change(copy, ["deployment", "network"], network)
    change(copy, ["deployment", "chain_id"], chain_id)
    environ = {"MINT_RPC_URL": "http://127.0.0.1:9"} if network == "anvil" else {}

    with pytest.raises(
        VerifyError, match=rf"on chain {chain_id} \({network}\), and {why}"
    ) as caught:
        list(prove(str(copy), sample=0, network=None, environ=environ))

    assert "--network URL" in caught.value.hint


def swap_bytes(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.unlink()
    path.write_bytes(data)


def rot(path: Path, name: str) -> None:
    """Swap a byte of a document of the collection in its CAR."""
    with closing(open_car(path)) as car:
        document = read_path(car.block, car.root, name)
    swap_bytes(path, path.read_bytes().index(document) + 5)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda out: swap_bytes(out / "images/3.png", 90), "token 3"),
        (lambda out: swap_bytes(out / "metadata/2.json", 20), "token 2"),
        (lambda out: (out / "images/6.png").unlink(), "token 6"),
        (lambda out: swap_bytes(out / "collection.car", 400), "token|block|CAR"),
        (lambda out: rot(out / "collection.car", "contract.json"), "contract.json in the CAR"),
        (lambda out: rot(out / "collection.car", "runtime.json"), "runtime.json in the CAR"),
        (lambda out: (out / "collection.car").unlink(), "collection.car"),
    ],
)
def test_every_changed_file_is_refused(
    copy: Path, damage: Callable[[Path], None], says: str
) -> None:
    damage(copy.parent / "build" / "tiny")

    with pytest.raises(MintError, match=says):
        claims(copy)


def test_an_edited_collection_is_not_the_built_one(copy: Path) -> None:
    edit(copy, "Six pictures", "Seven pictures")

    with pytest.raises(VerifyError, match="was edited since the build"):
        claims(copy)


@pytest.mark.parametrize(
    ("parts", "last"),
    [
        (["rarity", "metadata", "provenance", "publication", "deployment"], "no more is built yet"),
        (["deployment"], "no contract is deployed yet"),
    ],
)
def test_an_unfinished_build_says_what_was_not_checked(
    copy: Path, parts: list[str], last: str
) -> None:
    manifest = manifest_of(copy)
    for part in parts:
        del manifest[part]
    (copy.parent / "build/tiny/manifest.json").write_text(json.dumps(manifest))
    if "metadata" in parts:
        shutil.rmtree(copy.parent / "build/tiny/metadata")

    sentences = claims(copy)
    unchecked = [each for each in sentences if isinstance(each, Unchecked)]
    always = "near ones were not", "no picture was judged"
    (said,) = (each for each in unchecked if not any(words in each for words in always))
    assert said.startswith(last)


def test_nothing_built_yet(tiny: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read") as caught:
        claims(tiny)

    assert caught.value.hint == "run mint build first"


def test_another_runtime_is_equal_to_the_eye(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # One thread sums in another order; on most pictures that still gives the same bytes, so a
    # library's version differs as well.
    monkeypatch.setattr("mint.models.runtime.version", lambda name: "0.0.1")

    sentences = claims(copy, sample=3)

    assert sum("every pixel" in each or "PSNR" in each for each in sentences) == 3


@contextmanager
def gateway(pieces: Callable[[], Iterable[bytes]]) -> Iterator[str]:
    """A gateway that answers with these bytes; its URL."""

    class Gateway(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Silence."""

        def do_GET(self) -> None:
            assert self.path.endswith("?format=car&dag-scope=all")
            self.send_response(200)
            self.end_headers()
            with suppress(ConnectionError):
                for piece in pieces():
                    self.wfile.write(piece)

    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def rootless(car: bytes) -> bytes:
    """The same blocks behind a header, in DAG-CBOR, that names no root."""
    header = b"\xa2eroots\x80gversion\x01"
    return bytes([len(header)]) + header + car[1 + car[0] :]


def test_an_address_is_proved_from_a_gateway(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = manifest_of(copy)["deployment"]["address"]
    car = (copy.parent / "build/tiny/collection.car").read_bytes()
    shutil.rmtree(copy.parent / "build")
    monkeypatch.chdir(copy.parent)

    half = tmp_path / "half.car"
    half.write_bytes(car)
    with closing(open_car(half)) as whole:
        *_, (_, _, last) = whole.sections()

    # The header's roots are a gateway's own affair; what is another CAR, or ends before its last
    # block, is the next one's turn.
    with (
        gateway(lambda: [b"no CAR"]) as junk,
        gateway(lambda: [car[:last]]) as lazy,
        gateway(lambda: [rootless(car)]) as url,
    ):
        sentences = claims(address, IPFS_GATEWAY=f"{junk},{lazy},{url}")

    assert "6 token URIs on local lead to the recorded pictures" in sentences


def test_a_gateway_that_drips_is_left(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = manifest_of(copy)["deployment"]["address"]
    shutil.rmtree(copy.parent / "build")
    monkeypatch.chdir(copy.parent)
    hasty = partial(stream, pace=Pace(1 << 20, 0.3))  # a minute would do the same
    monkeypatch.setattr("mint.verify.fetch_car.stream", hasty)

    def drips() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x"
            sleep(0.05)

    begun = monotonic()
    with gateway(drips) as url, pytest.raises(VerifyError, match="was too slow") as caught:
        claims(address, IPFS_GATEWAY=url)
    assert monotonic() - begun < 5
    assert "IPFS_GATEWAY" in caught.value.hint


@pytest.mark.parametrize(("download", "most"), [(None, 92), (1, 1)])
def test_a_gateway_that_never_ends_is_left(
    copy: Path, monkeypatch: pytest.MonkeyPatch, download: int | None, most: int
) -> None:
    address = manifest_of(copy)["deployment"]["address"]
    shutil.rmtree(copy.parent / "build")
    monkeypatch.chdir(copy.parent)

    with gateway(lambda: repeat(bytes(1 << 20))) as url:
        proofs = prove(
            address, sample=0, network=None, environ={"IPFS_GATEWAY": url}, download=download
        )
        with pytest.raises(VerifyError, match=f"sends more than {most} MB") as caught:
            list(proofs)

    assert "--download" in caught.value.hint

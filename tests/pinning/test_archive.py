"""A collection on Arweave: signed, priced, sent in parts, read back, and revived from there."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from pathlib import Path

import pytest

from mint.chain.local import DEV_KEY
from mint.chain.wallet import Wallet, own_wallet
from mint.errors import ChainError, PublishError
from mint.ipfs.car import root_of
from mint.ipfs.tree import write_tree
from mint.pinning import turbo as turbo_module
from mint.pinning.archive import estimate, fetch_archive, prepare, upload_archive
from mint.pinning.bookmark import bookmark
from mint.pinning.data_item import signed_item
from mint.pinning.turbo import Turbo as Where
from mint.pinning.turbo import price, upload_item
from mint.record.folders import folders_of, read_manifest
from mint.spec.load import load
from tests.commands import mint_here as mint
from tests.ipfs_nodes import js_ipfs, pins
from tests.pinning.troubles import QUICK
from tests.pinning.turbo_server import Item, Turbo, turbo_server
from tests.pinning.wire import wire

KEY = "11" * 32


def wallet() -> Wallet:
    return own_wallet({"MINT_PRIVATE_KEY": KEY})


# By @dha-team/arbundles 1.0.4, which Turbo itself reads items with: createData(data, new
# EthereumSigner(KEY), {tags}) and sign; the identifier, and the SHA-256 of what precedes the data.
@pytest.mark.parametrize(
    ("tags", "identifier", "head"),
    [
        (
            [
                ("Content-Type", "application/vnd.ipld.car"),
                ("IPFS-CID", "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"),
                ("Title", "Läntern " + "x" * 100),
            ],
            "sLk00ESB4E_cD5kAf00d65WVrtKU7HVkDXnp9fVK4hw",
            "4a7710c4ec6091896f00ba7133b176ab09fb20588c506df789a95bf9f9ec5150",
        ),
        (
            [],
            "O2Y_BnZKQzULvwTlUw_zdML9aKXR3p_pCbWl_hrerHU",
            "2ba8247ca2c7470f862dc5851f0a683f40dd767faf6aae22b560141d5af83b8a",
        ),
    ],
)
def test_an_item_has_the_bytes_of_the_reference(
    tmp_path: Path, tags: list[tuple[str, str]], identifier: str, head: str
) -> None:
    file = tmp_path / "data"
    file.write_bytes(b"mint" * 1000)
    item = signed_item(file, tags, wallet().public_key, wallet().sign_bytes)
    assert item.identifier == identifier
    assert hashlib.sha256(item.head).hexdigest() == head
    raw = b"".join(item.part(0, item.size))
    assert raw == item.head + file.read_bytes()
    read = Item(raw)
    assert (read.identifier, read.signer, read.tags) == (identifier, wallet().address, dict(tags))
    for begin, length in ((0, 10), (len(item.head) - 3, 7), (item.size - 5, 5), (500, 100)):
        assert b"".join(item.part(begin, length)) == raw[begin : begin + length]


@pytest.mark.parametrize("seed", range(2))
def test_a_large_item_goes_up_in_parts_over_breaks_and_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    part = 5 << 20
    monkeypatch.setattr(turbo_module, "PART", part)
    file = tmp_path / "collection.car"
    file.write_bytes(random.Random(seed).randbytes(17_000_000))
    item = signed_item(file, [("IPFS-CID", "x")], wallet().public_key, wallet().sign_bytes)
    cuts = sorted(random.Random(seed).sample(range(6_000_000, 17_000_000), 3))
    turbo = Turbo()
    with turbo_server(turbo) as url, wire(url, cuts) as through:
        where, mark = Where(through.url, url), bookmark(file, "turbo")
        with pytest.raises(PublishError):
            upload_item(where, item, mark, QUICK._replace(tries=1))
        news = list[int]()
        upload_item(where, item, mark, QUICK, lambda done, _: news.append(done))
        assert through.broken == 3
        assert through.sent <= item.size + 3 * part + 50_000
        assert news[0] >= part
        assert turbo.items[item.identifier].data == file.read_bytes()
        assert len(turbo.uploads) == 1
        before = turbo.posts
        upload_item(where, item, mark, QUICK)
        assert turbo.posts == before
        mark.put(f"{item.identifier} forgotten-by-now")
        upload_item(where, item, mark, QUICK)
        assert len(turbo.uploads) == 2


def test_too_few_credits_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turbo_module, "WHOLE", 10)
    file = tmp_path / "collection.car"
    file.write_bytes(b"pictures")
    item = signed_item(file, [], wallet().public_key, wallet().sign_bytes)
    with turbo_server(Turbo(credit=1)) as url:
        with pytest.raises(PublishError, match="too few credits") as caught:
            upload_item(Where(url, url), item, bookmark(file, "turbo"), QUICK)
        assert "turbo-topup.com" in caught.value.hint
        monkeypatch.setattr(turbo_module, "WHOLE", 1000)
        with pytest.raises(PublishError, match="402"):
            upload_item(Where(url, url), item, bookmark(file, "turbo"), QUICK)


# A path of Turbo's, what it answers there, whether the item goes in parts, and what is said of it.
FAULTS = {
    "another item": ("/tx/ethereum", (200, b'{"id": "other"}'), False, "took the archive as other"),
    "a web page": ("/tx/ethereum", (200, b"<html>"), False, "not in JSON"),
    "no upload": ("/-1/-1", (200, b'{"id": "../../up"}'), True, "begins no upload"),
    "lost at once": ("/status", (404, b""), True, "has forgotten the upload"),
    "a bad signature": ("/status", (200, b'{"status": "INVALID"}'), True, "signature wrong"),
    "never done": ("/status", (200, b'{"status": "ASSEMBLING"}'), True, "is not done after 0 s"),
    "no state": ("/status", (200, b"[]"), True, "does not answer as Turbo does"),
    "parts refused": ("/0", (400, b"no"), True, "400"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_turbo_at_fault_has_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    end, answer, in_parts, message = FAULTS[fault]
    monkeypatch.setattr(turbo_module, "WHOLE", 1 if in_parts else 1000)
    file = tmp_path / "collection.car"
    file.write_bytes(b"pictures")
    item = signed_item(file, [], wallet().public_key, wallet().sign_bytes)

    class Faulty(Turbo):
        def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
            return answer if path.endswith(end) else super().answer(method, path, body)

    mark = bookmark(file, "turbo")
    with turbo_server(Faulty()) as url, pytest.raises(PublishError, match=message) as caught:
        upload_item(Where(url, url), item, mark, QUICK._replace(deadline=0.1))
    assert caught.value.hint


def environ(url: str) -> dict[str, str]:
    return {
        "TURBO_API": url,
        "TURBO_PAYMENT_API": url,
        "ARWEAVE_GATEWAY": url,
        "MINT_PRIVATE_KEY": KEY,
    }


@pytest.fixture
def mine(built: Path, tmp_path: Path) -> Path:
    """A build of one's own."""
    shutil.copytree(built.parent, tmp_path / "mine", copy_function=os.link)
    return tmp_path / "mine" / built.name


@pytest.mark.node
def test_the_command_archives_and_revives_a_collection(mine: Path, tmp_path: Path) -> None:
    out = next((mine.parent / "build").iterdir())
    root, turbo = root_of(out / "collection.car"), Turbo()
    manifest = out / "manifest.json"
    text = manifest.read_bytes()
    manifest.unlink()  # a link to that of all tests
    manifest.write_bytes(text)
    with turbo_server(turbo) as url:
        look = mint("archive", str(mine), environ=environ(url))
        assert "nothing was sent" in look.stderr
        assert "0.0050 Turbo credits; the wallet has 1.0000 Turbo credits" in look.stdout
        assert turbo.posts == 0
        assert manifest.read_bytes() == text
        refused = mint("archive", str(mine), "--send", code=1, environ=environ(url)).stderr
        assert "nobody can be asked" in refused
        sent = mint("archive", str(mine), "--send", "--yes", environ=environ(url))
        (identifier,) = turbo.items
        assert f"archived    ar://{identifier}, read back through {url}" in sent.stdout
        assert f"item        ar://{identifier}" in look.stdout  # which was known before
        item = turbo.items[identifier]
        assert item.tags["IPFS-CID"] == root
        assert item.signer in look.stdout
        assert read_manifest(manifest).archive == f"ar://{identifier}"
        events = (mine.parent / ".mint" / "pins.jsonl").read_text().splitlines()
        assert json.loads(events[-1])["item"] == identifier
        mint("archive", str(mine), "--send", "--yes", environ=environ(url))
        assert turbo.posts == 1  # what is there is not paid for twice

        # All else is lost.
        empty = tmp_path / "empty"
        empty.mkdir()
        with js_ipfs(tmp_path / "ipfs") as node:
            revive = environ(url) | {"IPFS_API": node}
            line = f"ar://{identifier}"
            revived = mint("repin", line, "--to", "kubo", cwd=empty, environ=revive)
            assert f"fetched     {identifier}.car" in revived.stdout
            assert f"ipfs://{root} at kubo" in revived.stdout
            assert pins(node) == {root}
        assert (empty / f"{identifier}.car").read_bytes() == (out / "collection.car").read_bytes()

        turbo.lies = True
        lied = mint("archive", str(mine), "--send", "--yes", code=1, environ=environ(url))
        assert "something else than was archived" in lied.stderr


def test_an_archive_needs_a_wallet_that_can_sign_it_and_pay(mine: Path) -> None:
    with pytest.raises(ChainError, match="browser cannot sign an archive"):
        own_wallet({}, choice="browser")
    with pytest.raises(ChainError, match="public"):
        own_wallet({"MINT_PRIVATE_KEY": DEV_KEY})
    with turbo_server(turbo := Turbo(credit=1)) as url:
        poor = mint("archive", str(mine), "--send", "--yes", code=1, environ=environ(url))
        assert "the archive costs 0.0050 Turbo credits" in poor.stderr
        assert turbo.posts == 0
    with turbo_server(turbo := Turbo()) as url:
        away = environ(url) | {"TURBO_PAYMENT_API": "http://127.0.0.1:9"}
        refused = mint("archive", str(mine), "--send", "--yes", code=1, environ=away)
        assert "price       unknown: nothing answers at http://127.0.0.1:9" in refused.stdout
        assert "nothing was sent, because the price is unknown: nothing answers" in refused.stderr
        assert turbo.posts == 0


def test_what_is_paid_for_is_waited_for_and_not_paid_again(mine: Path) -> None:
    class Slow(Turbo):
        shows = False  # whether the gateway has heard of items

        def take(self, raw: bytes) -> Item | None:
            item = super().take(raw)
            self.credit = 0
            return item

        def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
            hidden = not self.shows and path.strip("/") in self.items
            return (404, b"") if hidden else super().answer(method, path, body)

    folders = folders_of(mine, load(mine)[0])
    with turbo_server(turbo := Slow()) as url:
        for _ in range(2):
            archive = prepare(folders, wallet(), environ(url))
            with pytest.raises(PublishError, match="not there yet") as caught:
                upload_archive(archive, folders, environ(url), QUICK._replace(deadline=0))
            assert "run the same command again" in caught.value.hint
        turbo.shows = True
        assert upload_archive(archive, folders, environ(url), QUICK) == url
        assert turbo.posts == 1


def test_a_car_of_no_recorded_build_is_not_archived(mine: Path) -> None:
    folders = folders_of(mine, load(mine)[0])
    earlier = read_manifest(folders.manifest).model_copy(update={"publication": None})
    text = folders.manifest.read_bytes()
    folders.manifest.unlink()  # a link to that of all tests
    folders.manifest.write_bytes(earlier.canonical() + b"\n")
    with pytest.raises(PublishError, match="no CAR of its last build"):
        list(estimate(folders, {}))
    folders.manifest.write_bytes(text)
    folders.car.unlink()
    write_tree(folders.car, {"images": {"1.png": b"of a later build"}})
    with pytest.raises(PublishError, match="interrupted, or is still running"):
        list(estimate(folders, {}))


def test_without_a_wallet_the_price_is_said(mine: Path, tmp_path: Path) -> None:
    with turbo_server(Turbo()) as url:
        none = environ(url) | {"MINT_PRIVATE_KEY": "", "MINT_WALLETS": str(tmp_path / "none")}
        look = mint("archive", str(mine), environ=none)
        assert "price       0.0050 Turbo credits\n" in look.stdout
        assert "wallet      none yet" in look.stdout
        refused = mint("archive", str(mine), "--send", code=1, environ=none).stderr
    assert "no wallet to sign an archive" in refused
    assert "browser" not in refused


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((401, b""), "lets nobody in (401)"),
        ((402, b""), "wants more credits than the wallet has (402)"),
        ((404, b""), "has nothing at the address that was called (404)"),
        ((500, b""), "is out of order just now (500)"),
        ((200, b"<html>"), "answers with a web page"),
        ((200, b"{}"), "names no number of winc"),
    ],
)
def test_the_reason_of_an_unknown_price(answer: tuple[int, bytes], reason: str) -> None:
    class Faulty(Turbo):
        def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
            return answer

    with turbo_server(Faulty()) as url, pytest.raises(PublishError) as caught:
        price(Where(url, url), 1000)
    assert str(caught.value).startswith(f"{url} {reason}")
    assert "plan" not in caught.value.hint
    if answer[0] == 402:
        assert "turbo-topup.com" in caught.value.hint


def test_what_is_no_car_is_kept_under_no_name(tmp_path: Path) -> None:
    class Waiting(Turbo):
        def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
            return 202, b"Pending"

    path = tmp_path / "a.car"
    with (
        turbo_server(Waiting()) as url,
        pytest.raises(PublishError, match="is no whole CAR") as caught,
    ):
        fetch_archive("a" * 43, environ(url), path)
    assert "run the same command again later" in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_a_web_page_is_no_archive(tmp_path: Path) -> None:
    class Page(Turbo):
        def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
            return 200, b"\n<!DOCTYPE html><title>Log in</title>"

    path = tmp_path / "a.car"
    with turbo_server(Page()) as url, pytest.raises(PublishError, match="is a web page; whether"):
        fetch_archive("a" * 43, environ(url), path)
    assert not path.exists()

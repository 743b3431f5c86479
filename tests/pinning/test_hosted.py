"""Pinning services: real servers behind a door that fails in the ways that real ones fail."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from mint.cli.summary import summary
from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.ipfs.car_header import section_header
from mint.ipfs.cid import RAW, block_cid, cid_text
from mint.ipfs.tree import Folder, write_tree
from mint.ipfs.varint import varint
from mint.pinning.patience import TemporaryError, retry, retry_after
from mint.pinning.pin import pin_car
from mint.pinning.poll import wait
from mint.pinning.psa import psa as pin_by_psa
from mint.pinning.secrets import secret
from mint.record.folders import folders_of, read_manifest
from mint.spec.load import load
from tests.builds import run
from tests.commands import mint_here as mint
from tests.ipfs_nodes import TROUBLES, door, js_ipfs, pinning_service, pins
from tests.pinning.troubles import QUICK, once
from tests.sales import offered

TOKEN = "s3cret" + "-token"  # the traceback quotes this file's lines
TREE: Folder = {"images": {"1.png": b"one", "2.png": b"two"}, "contract.json": b"{}"}


@pytest.fixture(scope="module")
def car(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("car") / "menagerie"
    folder.mkdir()
    write_tree(folder / "collection.car", TREE)
    return folder / "collection.car"


@pytest.fixture(scope="module")
def root(car: Path) -> str:
    with closing(open_car(car)) as blocks:
        return cid_text(blocks.root)


# The IPFS Pinning Service API.


@pytest.fixture
def service() -> Iterator[str]:
    with pinning_service(TOKEN) as url:
        yield url


def listed(url: str) -> list[dict[str, Any]]:
    query = "status=queued,pinning,pinned,failed&limit=1000"
    answer = requests.get(f"{url}/pins?{query}", headers=_bearer(), timeout=10)
    records: list[dict[str, Any]] = answer.json()["results"]
    return records


def _bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}"}


def becomes(url: str, root: str, status: str) -> None:
    """What happens inside a service: the mock takes the status from a name."""
    pin = {"cid": root, "name": f"{status}-now"}
    requests.post(f"{url}/pins", json=pin, headers=_bearer(), timeout=10).raise_for_status()


def environ(url: str) -> dict[str, str]:
    return {"PINNING_API": url, "PINNING_TOKEN": TOKEN, "PINNING_ORIGINS": "/ip4/10.0.0.1/tcp/4001"}


def test_a_pin_is_requested_once_and_waited_for(service: str, car: Path, root: str) -> None:
    polls = []

    def later(method: str, path: str) -> None:
        if re.search(r"/pins/", path):
            polls.append(path)
            if len(polls) in (2, 3):
                becomes(service, root, {2: "pinning", 3: "pinned"}[len(polls)])

    with door(service, later) as (url, calls):
        pin_by_psa(car, environ(url + "/"), QUICK)
        pin_by_psa(car, environ(url), QUICK)

    methods = [(call.command, urlsplit(call.path).path) for call in calls]
    assert methods[:5] == [*[("GET", "/pins")] * 4, ("POST", "/pins")]
    assert [method for method, _ in methods].count("POST") == 1
    assert all(call.authorization == f"Bearer {TOKEN}" for call in calls)
    assert set(parse_qs(urlsplit(calls[0].path).query)["status"][0].split(",")) == {
        "queued", "pinning", "pinned", "failed",
    }  # fmt: skip
    (pin,) = listed(service)
    assert pin["pin"]["cid"] == root


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("where", ["GET /pins\\?", "POST /pins", "GET /pins/"])
def test_pinning_through_trouble(
    service: str, car: Path, root: str, trouble: str, where: str
) -> None:
    method, path = where.split()
    met = once(trouble, method, path)

    def fate(verb: str, target: str) -> str | None:
        if "/pins/" in target:
            becomes(service, root, "pinned")
        return met(verb, target)

    with door(service, fate) as (url, calls):
        pin_by_psa(car, environ(url), QUICK)
    (pin,) = listed(service)  # not two, though the answer to the POST was lost
    assert pin["status"] == "pinned"
    assert met(method, path.replace("\\", "")) is None  # the trouble was met
    assert len(calls) > 3


def test_a_pin_that_fails_says_why(service: str, car: Path, root: str) -> None:
    def fails(method: str, path: str) -> None:
        if "/pins/" in path:
            becomes(service, root, "failed")

    with (
        door(service, fails) as (url, _),
        pytest.raises(PublishError, match="could not pin") as caught,
    ):
        pin_by_psa(car, environ(url), QUICK)
    assert "PINNING_ORIGINS" in caught.value.hint


def test_a_pin_that_stays_queued_ends_after_the_deadline(service: str, car: Path) -> None:
    brief = QUICK._replace(deadline=0.05)
    with pytest.raises(
        PublishError, match=r"has not pinned .* after 0 s; it says: queued"
    ) as caught:
        pin_by_psa(car, environ(service), brief)
    assert "starts nothing twice" in caught.value.hint


def test_a_wrong_token_is_not_tried_again(service: str, car: Path) -> None:
    with door(service) as (url, calls):
        wrong = environ(url) | {"PINNING_TOKEN": "other"}
        with pytest.raises(PublishError, match=r"not accept PINNING_TOKEN \(401\)"):
            pin_by_psa(car, wrong, QUICK)
    assert len(calls) == 1


@pytest.mark.parametrize("trouble", TROUBLES[:-1])
def test_a_service_that_never_recovers_has_a_clear_end(
    service: str, car: Path, trouble: str
) -> None:
    with (
        door(service, lambda method, path: trouble) as (url, calls),
        pytest.raises(TemporaryError) as caught,
    ):
        pin_by_psa(car, environ(url), QUICK)
    assert 0 < len(calls) <= QUICK.tries
    assert caught.value.hint
    assert TOKEN not in str(caught.value)


# Reading back, patience and secrets.


@pytest.mark.node
def test_a_collection_is_read_back_through_the_gateways(
    car: Path, root: str, tmp_path: Path
) -> None:
    from mint.preview.server import serve as gateway

    journal = tmp_path / ".mint" / "pins.jsonl"
    with js_ipfs(tmp_path / "ipfs") as node, gateway(car, tmp_path / "none") as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        ours = f"http://127.0.0.1:{server.server_address[1]}"
        where = {"IPFS_API": node, "IPFS_GATEWAY": f"http://127.0.0.1:9, {ours}/"}
        (proof,) = pin_car(car, ["kubo"], where, journal, QUICK)
        assert [door.url for door in proof.doors] == [ours, node]
        with pytest.raises(PublishError, match=f"no gateway returns ipfs://{root}"):
            list(pin_car(car, ["kubo"], {"IPFS_API": node, "IPFS_GATEWAY": node}, journal, QUICK))
        server.shutdown()
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [it["event"] for it in events] == [
        "requested",
        "pinned",
        "read back",
        "requested",
        "pinned",
        "failed",
    ]
    assert {it["root"] for it in events} == {root}
    assert events[2]["gateways"] == []  # both are on the node's own machine


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("", None), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_patience_ends_and_does_not_wait_for_hours() -> None:
    tries = []

    def fails(after: float | None) -> None:
        tries.append(after)
        raise TemporaryError("no", after=after)

    with pytest.raises(TemporaryError):
        retry(lambda: fails(None), QUICK)
    assert len(tries) == QUICK.tries
    with pytest.raises(TemporaryError):
        retry(lambda: fails(3600.0), QUICK)
    assert len(tries) == QUICK.tries + 1
    assert retry(lambda: 7, QUICK) == 7


def test_a_long_wait_says_what_for() -> None:
    said: list[str] = []
    states = iter(["queued", "queued", "pinning", None])
    patience = QUICK._replace(silent=0, note=said.append)

    def fails() -> None:
        raise TemporaryError("https://pins.example is busy", after=0.01)

    with pytest.raises(TemporaryError):
        retry(fails, patience)
    assert said == ["https://pins.example is busy; next try in 0 s"] * (QUICK.tries - 1)
    said.clear()
    wait(lambda: next(states), "https://pins.example/pins/7?token=s3cret", "bafy", patience)
    assert said == [
        f"waiting for https://pins.example, which says: {it}" for it in ("queued", "pinning")
    ]


def test_secrets_come_from_the_environment_or_the_keyring() -> None:
    import keyring
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return TOKEN if (service, username) == ("mint", "PINATA_JWT") else None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    assert secret("PINATA_JWT", {"PINATA_JWT": "from-here"}, "why") == "from-here"
    before = keyring.get_keyring()
    keyring.set_keyring(Memory())  # type: ignore[no-untyped-call]  # the library's __init__
    try:
        assert secret("PINATA_JWT", {}, "why") == TOKEN
        with pytest.raises(PublishError, match="PINNING_TOKEN is not set: why") as caught:
            secret("PINNING_TOKEN", {}, "why")
    finally:
        keyring.set_keyring(before)
    assert "keyring set mint PINNING_TOKEN" in caught.value.hint


# The commands.


def with_another_root(car: Path, path: Path) -> Path:
    """The same CAR with a second root, a file."""
    file = block_cid(RAW, b"beside")
    with closing(open_car(car)) as opened:
        roots = [b"\xd8\x2a\x58\x25\x00" + root for root in (opened.root, file)]
        blocks = car.read_bytes()[opened.header.start :]
    head = b"\xa2\x65roots\x82%b%b\x67version\x01" % (*roots,)
    path.write_bytes(varint(len(head)) + head + blocks + section_header(file, 6) + b"beside")
    return path


@pytest.mark.node
def test_the_commands_pin_and_move_a_collection(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IPFS_GATEWAY", raising=False)
    out = next((built.parent / "build").iterdir())
    alone = tmp_path / "moved.car"
    alone.write_bytes((out / "collection.car").read_bytes())
    with js_ipfs(tmp_path / "ipfs") as node:
        monkeypatch.setenv("IPFS_API", node)
        refusal = mint("pin", str(built), code=1).stderr
        assert "names no pinning service" in refusal
        assert f"mint pin {built} --to kubo" in refusal
        looking = mint("pin", str(built), "--check", code=1).stderr
        assert f"mint pin --check {built} --to kubo" in looking
        pinning = mint("pin", str(built), "--to", "kubo")
        lines = pinning.stdout
        assert re.search(r"^uploading 0\.\d MB$", pinning.stderr, re.M)
        assert re.fullmatch(
            r"pinned      ipfs://bafy\w+ at kubo\nread back   12 of 15 files, drawn at random .*\n",
            lines,
        )
        folders = folders_of(built, load(built)[0])
        (pinned,) = (
            line
            for line in summary(read_manifest(folders.manifest), folders, {}, 0, "mint", None)
            if line.startswith("pinned ")
        )
        assert re.fullmatch(r"pinned      kubo: 12 of 15 files, .*, read back through .*", pinned)
        assert mint("repin", str(alone), "--to", "kubo").stdout == lines
        # Of several roots one is chosen; the rest is not sent.
        root = lines.partition("ipfs://")[2].split()[0]
        several = with_another_root(alone, tmp_path / "several.car")
        refusal = mint("repin", str(several), "--to", "kubo", code=1).stderr
        assert f"has 2 roots: {root}, " in " ".join(refusal.split())
        moved = mint("repin", str(several), "--to", "kubo", "--root", root).stdout
        assert moved == f"left out    1 block not below ipfs://{root}\n{lines}"
    assert "event" in alone.with_name("pins.jsonl").read_text()


@pytest.mark.node
def test_the_pictures_of_a_sale_are_not_pinned_before_its_reveal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = offered(tmp_path)
    manifest = run(file)[0]  # rehearsed, which reveals on this machine's chain alone
    assert manifest.publication is not None
    out = file.parent / "build" / "tiny"
    with js_ipfs(tmp_path / "ipfs") as node:
        monkeypatch.setenv("IPFS_API", node)
        line = mint("pin", str(file), "--to", "kubo").stdout
        assert f"ipfs://{manifest.publication.hidden} at kubo" in line
        assert manifest.publication.root not in line
        refused = mint("repin", str(out / "collection.car"), "--to", "kubo", code=1).stderr
        assert "a sale that is not revealed" in refused
        images = manifest.publication.images
        mint("repin", str(out / "collection.car"), "--to", "kubo", "--root", images, code=1)
        own = (out / "collection.car").read_bytes()
        write_tree(out / "collection.car", {"images": {"1.png": b"of a build that was killed"}})
        refused = mint("repin", str(out / "collection.car"), "--to", "kubo", code=1).stderr
        assert "a sale that is not revealed" in refused
        (out / "collection.car").write_bytes(own)
        monkeypatch.setenv("MINT_PRIVATE_KEY", "11" * 32)
        refused = mint("archive", str(file), code=1).stderr
        assert "a sale that is not revealed; an archive is for ever" in refused
        mint("repin", str(out / "hidden.car"), "--to", "kubo")
        assert pins(node) == {manifest.publication.hidden}

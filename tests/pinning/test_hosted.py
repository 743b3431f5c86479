"""Pinning services: real servers behind a door that fails in the ways that real ones fail."""

from __future__ import annotations

import json
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.ipfs.car_header import section_header
from mint.ipfs.cid import RAW, block_cid, cid_text
from mint.ipfs.tree import Folder, write_tree
from mint.ipfs.varint import varint
from mint.pinning.filebase import filebase as pin_at_filebase
from mint.pinning.patience import TemporaryError, retry, retry_after
from mint.pinning.pin import pin_car
from mint.pinning.pinata import pinata as pin_at_pinata
from mint.pinning.psa import psa as pin_by_psa
from mint.pinning.secrets import secret
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
    assert methods[:2] == [("GET", "/pins"), ("POST", "/pins")]
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


# Pinata: a server that does what its documentation says; there is none to run.


class Pinata:
    """Files by CID, and pins that wait. `car` False: it takes a CAR for a file like any other."""

    def __init__(self, *, car: bool = True, fate: str = "retrieving") -> None:
        self.files: list[str] = []
        self.jobs: list[dict[str, Any]] = []
        self.uploads = 0
        self.car, self.fate = car, fate

    def __call__(self, method: str, path: str, data: bytes) -> tuple[int, dict[str, Any]]:
        url = urlsplit(path)
        cid = parse_qs(url.query).get("cid", [""])[0]
        if (method, url.path) == ("GET", "/v3/files/public"):
            return 200, {"data": {"files": [{"cid": it} for it in self.files if it == cid]}}
        if (method, url.path) == ("POST", "/v3/files"):
            self.uploads += 1
            assert b'name="network"\r\n\r\npublic' in data
            assert b'name="car"\r\n\r\ntrue' in data
            body = data.partition(b"vnd.ipld.car\r\n\r\n")[2].rpartition(b"\r\n--")[0]
            cid = _root_of(body) if self.car else OTHER
            self.files.append(cid)
            return 200, {"data": {"id": "1", "cid": cid}}
        if url.path == "/v3/files/public/pin_by_cid" and method == "POST":
            self.jobs.append({"cid": json.loads(data)["cid"], "status": self.fate})
            return 200, {"data": self.jobs[-1]}
        if url.path == "/v3/files/public/pin_by_cid":
            rows = [job for job in self.jobs if job["cid"] == cid]
            if self.fate == "retrieving" and rows and len(self.jobs) == 1:
                self.files.append(cid)  # and has it
            return 200, {"data": {"jobs": rows}}
        return 404, {"error": path}


OTHER = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"


def _root_of(car: bytes) -> str:
    with tempfile.NamedTemporaryFile() as file:
        file.write(car)
        file.flush()
        with closing(open_car(Path(file.name))) as blocks:
            return cid_text(blocks.root)


@pytest.fixture
def serve() -> Iterator[Callable[[Pinata], str]]:
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    servers: list[ThreadingHTTPServer] = []

    def start(pinata: Pinata) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.headers["Authorization"] == f"Bearer {TOKEN}"
                data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = pinata(self.command, self.path, data)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def jwt(url: str) -> dict[str, str]:
    return {"PINATA_JWT": TOKEN, "PINATA_API": url, "PINATA_UPLOADS": url}


@pytest.mark.parametrize("trouble", [None, *TROUBLES])
def test_pinata_takes_a_small_car_once(
    car: Path, root: str, serve: Callable[[Pinata], str], trouble: str | None
) -> None:
    pinata = Pinata()
    with door(serve(pinata), once(trouble, "POST", "/v3/files")) as (url, _):
        pin_at_pinata(car, jwt(url), QUICK)
        pin_at_pinata(car, jwt(url), QUICK)
    assert pinata.files == [root]
    assert pinata.uploads == 1


def test_pinata_that_does_not_know_cars_is_noticed(
    car: Path, serve: Callable[[Pinata], str]
) -> None:
    with pytest.raises(PublishError, match=f"stored the CAR as {OTHER}") as caught:
        pin_at_pinata(car, jwt(serve(Pinata(car=False))), QUICK)
    assert "--to filebase" in caught.value.hint


def test_pinata_fetches_a_large_collection_by_its_cid(
    car: Path, root: str, serve: Callable[[Pinata], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.pinning.pinata.PINATA_MOST", 10)
    pinata = Pinata()
    pin_at_pinata(car, jwt(serve(pinata)), QUICK)
    assert (pinata.uploads, pinata.files) == (0, [root])

    broken = Pinata(fate="bad_host_node")
    with pytest.raises(PublishError, match="bad_host_node"):
        pin_at_pinata(car, jwt(serve(broken)), QUICK)
    assert broken.uploads == 0


# Filebase: S3 by moto, which keeps objects, and a door that unpacks CARs.


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def bucket(s3: str, name: str) -> dict[str, str]:
    requests.put(f"{s3}/{name}", timeout=10).raise_for_status()
    return {"FILEBASE_KEY": "k", "FILEBASE_SECRET": TOKEN, "FILEBASE_BUCKET": name}


def content(s3: str, bucket: str, key: str) -> bytes | None:
    """An object that came with `import: car`."""
    import boto3

    client: Any = boto3.client(
        "s3", endpoint_url=s3, region_name="us-east-1",
        aws_access_key_id="k", aws_secret_access_key=TOKEN,
    )  # fmt: skip
    if "Contents" not in client.list_objects_v2(Bucket=bucket, Prefix=key):
        return None
    response = client.get_object(Bucket=bucket, Key=key)
    assert response["Metadata"] == {"import": "car"}
    data: bytes = response["Body"].read()
    return data


def unpacks(s3: str) -> Callable[[str, str], dict[str, str]]:
    """What Filebase adds: the root of a CAR that came with `import: car`."""

    def adds(method: str, path: str) -> dict[str, str]:
        if method != "HEAD":
            return {}
        data = content(s3, *urlsplit(path).path.strip("/").split("/"))
        return {"x-amz-meta-cid": _root_of(data)} if data else {}

    return adds


@pytest.mark.parametrize("trouble", [None, "refused", "dropped", "cut off", "lost"])
def test_filebase_takes_the_car_once(s3: str, car: Path, root: str, trouble: str | None) -> None:
    keys = bucket(s3, f"test-{(trouble or 'none').replace(' ', '-')}")
    with door(s3, once(trouble, "PUT", r"\.car"), unpacks(s3)) as (url, calls):
        for _ in range(2):
            pin_at_filebase(car, keys | {"FILEBASE_API": url}, QUICK)
    puts = [it for it in calls if it.command == "PUT"]
    assert len(puts) == (2 if trouble else 1)
    assert content(s3, keys["FILEBASE_BUCKET"], f"{root}.car") == car.read_bytes()


def test_filebase_that_does_not_unpack_is_noticed(s3: str, car: Path) -> None:
    keys = bucket(s3, "packed") | {"FILEBASE_API": s3}
    with pytest.raises(PublishError, match="being unpacked"):
        pin_at_filebase(car, keys, QUICK._replace(deadline=0.1))


def test_filebase_without_the_bucket(s3: str, car: Path) -> None:
    keys = {"FILEBASE_KEY": "k", "FILEBASE_SECRET": TOKEN, "FILEBASE_API": s3}
    with pytest.raises(PublishError, match="FILEBASE_BUCKET is not set"):
        pin_at_filebase(car, keys, QUICK)
    with pytest.raises(PublishError) as caught:
        pin_at_filebase(car, keys | {"FILEBASE_BUCKET": "nobodys"}, QUICK)
    assert TOKEN not in str(caught.value)


def test_filebase_away(car: Path) -> None:
    keys = {"FILEBASE_KEY": "k", "FILEBASE_SECRET": TOKEN, "FILEBASE_BUCKET": "b"}
    with pytest.raises(PublishError, match="does not answer"):
        pin_at_filebase(car, keys | {"FILEBASE_API": "http://127.0.0.1:9"}, QUICK)


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
        assert pin_car(car, "kubo", where, journal, QUICK) == [ours]
        with pytest.raises(PublishError, match=f"no gateway returns ipfs://{root}"):
            pin_car(car, "kubo", {"IPFS_API": node, "IPFS_GATEWAY": node}, journal, QUICK)
        server.shutdown()
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [it["event"] for it in events] == [
        "requested",
        "pinned",
        "read back",
        "requested",
        "pinned",
    ]
    assert {it["root"] for it in events} == {root}
    assert events[2]["gateways"] == [ours]


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


def test_secrets_come_from_the_environment_or_the_keyring() -> None:
    import keyring
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return TOKEN if (service, username) == ("mint", "PINATA_JWT") else None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    assert secret("PINATA_JWT", {"PINATA_JWT": "from here"}, "why") == "from here"
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
        line = mint("pin", str(built), "--to", "kubo").stdout
        assert re.fullmatch(r"pinned      ipfs://bafy\w+ at kubo\n", line)
        assert mint("repin", str(alone), "--to", "kubo").stdout == line
        # Of several roots one is chosen; the rest is not sent.
        root = line.partition("ipfs://")[2].split()[0]
        several = with_another_root(alone, tmp_path / "several.car")
        refusal = mint("repin", str(several), "--to", "kubo", code=1).stderr
        assert f"has 2 roots: {root}, " in " ".join(refusal.split())
        moved = mint("repin", str(several), "--to", "kubo", "--root", root).stdout
        assert moved == f"left out    1 block not below ipfs://{root}\n{line}"
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
        mint("repin", str(out / "hidden.car"), "--to", "kubo")
        assert pins(node) == {manifest.publication.hidden}

"""Pinata: a server that does what its documentation says, and a real tus server for its uploads."""

from __future__ import annotations

import json
import random
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mint.errors import PublishError
from mint.ipfs.car import open_car, root_of
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import Folder, write_tree
from mint.pinning.pinata import pinata as pin_at_pinata
from mint.pinning.pinata import pinata_ready
from tests.ipfs_nodes import TROUBLES, door, tus_server
from tests.pinning.troubles import QUICK, once
from tests.pinning.wire import wire

TOKEN = "s3cret" + "-token"  # the traceback quotes this file's lines
TREE: Folder = {"images": {"1.png": b"one", "2.png": b"two"}, "contract.json": b"{}"}


@pytest.fixture
def car(tmp_path: Path) -> Path:
    folder = tmp_path / "menagerie"
    folder.mkdir()
    write_tree(folder / "collection.car", TREE)
    return folder / "collection.car"


@pytest.fixture
def root(car: Path) -> str:
    return root_of(car)


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
        pin_at_pinata(car, jwt(serve(Pinata(car=False))), QUICK._replace(deadline=0.1))
    assert "paid plan" in caught.value.hint
    assert "--to filebase" in caught.value.hint


def test_pinata_fetches_a_large_collection_by_its_cid(
    car: Path, root: str, serve: Callable[[Pinata], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.pinning.pinata.PINATA_MOST", 10)
    pinata, node = Pinata(), {"PINNING_ORIGINS": "/ip4/10.0.0.1/tcp/4001"}
    pin_at_pinata(car, jwt(serve(pinata)) | node, QUICK)
    assert (pinata.uploads, pinata.files) == (0, [root])

    broken = Pinata(fate="bad_host_node")
    with pytest.raises(PublishError, match="bad_host_node"):
        pin_at_pinata(car, jwt(serve(broken)) | node, QUICK)
    assert broken.uploads == 0
    monkeypatch.setattr("mint.pinning.pinata.PINATA_LARGEST", 20)
    with pytest.raises(PublishError, match="too large for Pinata") as caught:
        pin_at_pinata(car, jwt(serve(broken)), QUICK)
    assert "PINNING_ORIGINS" in caught.value.hint


class Unpacker(Pinata):
    """Lists what a tus server has taken whole, as Pinata does some time after an upload."""

    def __init__(self, folder: Path, *, car: bool = True) -> None:
        super().__init__(car=car)
        self.folder, self.lookups = folder, 0

    def __call__(self, method: str, path: str, data: bytes) -> tuple[int, dict[str, Any]]:
        self.lookups += 1
        if self.lookups % 3 == 0 and self.car:
            for info in self.folder.glob("*.json"):
                metadata = json.loads(info.read_text())["metadata"]
                assert (metadata["car"], metadata["network"]) == ("true", "public")
                upload = info.with_suffix("")
                if upload.stat().st_size == json.loads(info.read_text())["size"]:
                    self.files.append(_root_of(upload.read_bytes()))
        return super().__call__(method, path, data)


@pytest.mark.node
def test_pinata_takes_a_large_car_in_chunks_over_runs(
    car: Path, serve: Callable[[Pinata], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_tree(car, {"images": {"1.png": random.Random(3).randbytes(900_000)}})
    root, remembered = root_of(car), car.with_name(f"{car.name}.uploads")
    monkeypatch.setattr("mint.pinning.pinata.PINATA_MOST", 10)
    monkeypatch.setattr("mint.pinning.tus.CHUNK", 100_000)
    with tus_server(tmp_path / "tus", TOKEN) as real, wire(real, [450_000]) as through:
        pinata = Unpacker(tmp_path / "tus")
        keys = jwt(serve(pinata)) | {"PINATA_UPLOADS": through.url}
        with pytest.raises(PublishError):
            pin_at_pinata(car, keys, QUICK._replace(tries=1))
        assert through.broken == 1
        assert remembered.stat().st_mode & 0o777 == 0o600
        assert TOKEN not in remembered.read_text()
        news = list[int]()
        pin_at_pinata(car, keys, QUICK, lambda done, total: news.append(done))
        assert news[0] >= 300_000
        assert set(pinata.files) == {root}
        assert not remembered.exists()
        before = through.sent
        pin_at_pinata(car, keys, QUICK)
        assert through.sent == before


@pytest.mark.node
def test_pinata_that_does_not_unpack_is_noticed(
    car: Path, serve: Callable[[Pinata], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("mint.pinning.pinata.PINATA_MOST", 10)
    with tus_server(tmp_path / "tus", TOKEN) as real:
        keys = jwt(serve(Unpacker(tmp_path / "tus", car=False))) | {"PINATA_UPLOADS": real}
        with pytest.raises(PublishError, match=r"stored the CAR as of-\w+, and not as bafy"):
            pin_at_pinata(car, keys, QUICK._replace(deadline=0.1))
    assert not car.with_name(f"{car.name}.uploads").exists()


def test_pinata_is_ready_or_says_why(serve: Callable[[Pinata], str]) -> None:
    url = serve(Pinata())
    pinata_ready(jwt(url))
    with pytest.raises(PublishError, match="PINATA_JWT is not set"):
        pinata_ready({"PINATA_API": url})
    with pytest.raises(PublishError, match="refuses the connection"):
        pinata_ready(jwt("http://127.0.0.1:9"))

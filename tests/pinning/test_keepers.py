"""Several services at once, a damaged CAR, and services that say "pinned" of something else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit

import pytest

from mint.build import Options, build
from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.ipfs.tree import Folder, write_tree
from mint.launch.gate import refuse_unready as before_painting
from mint.pinning.pin import pin_car, refuse_unready
from mint.pinning.psa import psa, psa_ready
from mint.spec.load import load
from mint.spec.services import PinningService, named, services
from tests.commands import mint_here as mint
from tests.ipfs_nodes import door, js_ipfs, pinning_service, pins, stub_node
from tests.pinning.troubles import QUICK

TOKEN = "s3cret" + "-token"  # the traceback quotes this file's lines
TREE: Folder = {
    "images": {f"{i}.png": b"picture %d" % i for i in range(1, 60)},
    "contract.json": b"{}",
}


@pytest.fixture
def car(tmp_path: Path) -> Path:
    folder = tmp_path / "menagerie"
    folder.mkdir()
    write_tree(folder / "collection.car", TREE)
    return folder / "collection.car"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with js_ipfs(tmp_path_factory.mktemp("ipfs") / "repo") as url:
        yield url


def test_names_in_a_sentence() -> None:
    assert services("none") == ()
    assert services("kubo") == ("kubo",)
    assert services(("kubo", "psa")) == ("kubo", "psa")
    assert named(["kubo"]) == "kubo"
    assert named(["kubo", "psa", "pinata"]) == "kubo, psa and pinata"


def test_one_that_fails_does_not_stop_the_others(car: Path, node: str, tmp_path: Path) -> None:
    journal = tmp_path / "pins.jsonl"
    environ = {"IPFS_API": node, "PINNING_API": "http://127.0.0.1:9", "PINNING_TOKEN": TOKEN}
    proofs = pin_car(car, ["psa", "kubo"], environ, journal, QUICK._replace(tries=1))
    assert next(proofs).service == "kubo"
    with pytest.raises(PublishError, match=r"\Apsa is not sure to keep .*: psa: ") as caught:
        next(proofs)
    assert caught.value.hint.startswith("psa: ")
    assert root_of(car) in pins(node)
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [(it["service"], it["event"]) for it in events] == [
        ("psa", "requested"), ("psa", "failed"),
        ("kubo", "requested"), ("kubo", "pinned"), ("kubo", "read back"),
    ]  # fmt: skip
    assert (events[-1]["sample"], events[-1]["files"], events[-1]["gateways"]) == (12, 60, [])

    with door(node) as (url, calls):
        list(pin_car(car, ["kubo"], environ | {"IPFS_API": url}, journal, QUICK))
    assert "dag/import" not in [call.command for call in calls]


def test_all_that_fail_are_named(car: Path, tmp_path: Path) -> None:
    environ = {"IPFS_API": "http://127.0.0.1:9", "PINNING_API": "http://127.0.0.1:9"}
    with pytest.raises(PublishError, match=r"\Akubo and psa are not sure to keep ") as caught:
        list(pin_car(car, ["kubo", "psa"], environ, tmp_path / "j", QUICK._replace(tries=1)))
    assert "PINNING_TOKEN is not set" in str(caught.value)
    assert "ipfs daemon" in caught.value.hint


@pytest.mark.parametrize("service", get_args(PinningService))
def test_a_flipped_byte_anywhere_is_not_sent(car: Path, service: str, tmp_path: Path) -> None:
    data = bytearray(car.read_bytes())
    with stub_node(lambda path, body: (200, b"{}")) as (url, calls):
        everywhere = {
            "IPFS_API": url, "PINNING_API": url, "PINNING_TOKEN": TOKEN, "PINATA_API": url,
            "PINATA_UPLOADS": url, "PINATA_JWT": TOKEN, "FILEBASE_API": url, "FILEBASE_KEY": "k",
            "FILEBASE_SECRET": TOKEN, "FILEBASE_BUCKET": "b", "DAG_IMPORT_API": url,
            "DAG_IMPORT_TOKEN": TOKEN,
        }  # fmt: skip
        for at in range(100, len(data), len(data) // 40):
            data[at] ^= 1
            car.write_bytes(data)
            with pytest.raises(PublishError) as caught:
                list(pin_car(car, [service], everywhere, tmp_path / "pins.jsonl", QUICK))
            data[at] ^= 1
            assert "delete" not in caught.value.hint
    assert calls == []
    assert not (tmp_path / "pins.jsonl").exists()


def test_the_commands_take_several_services(
    built: Path, node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPFS_API", node)
    monkeypatch.setenv("PINNING_API", "http://127.0.0.1:9")
    car = tmp_path / "moved.car"
    car.write_bytes((built.parent / "build/tiny/collection.car").read_bytes())
    both = "--to", "kubo", "--to", "psa"
    for done in (mint("pin", str(built), *both, code=1), mint("repin", str(car), *both, code=1)):
        assert done.stdout.startswith(f"pinned      ipfs://{root_of(car)} at kubo\n")
        assert "psa is not sure to keep" in done.stderr
        assert "PINNING_TOKEN is not set" in done.stderr


# The IPFS Pinning Service API: what it answers is of our root, or it is refused.


class Pins:
    """A Pinning Service that does what `record` says of a root, and knows one status at a time."""

    def __init__(self, **record: Any) -> None:
        self.record, self.requests = record, 0

    def __call__(self, target: str) -> tuple[int, bytes]:
        return 200, json.dumps(self._answer(urlsplit(target))).encode()

    def _answer(self, url: Any) -> object:
        query = parse_qs(url.query)
        if not url.path.endswith("/pins"):
            return self.record
        known = self.requests and query.get("status") == [self.record["status"]]
        return {"count": int(known), "results": [self.record] if known else []}


@pytest.fixture
def empty_file() -> str:
    return "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"


def service_of(answers: Pins) -> Any:
    from contextlib import contextmanager
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(*answers(self.path))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answers.requests += 1
            self._say(202, json.dumps(answers.record).encode())

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    @contextmanager
    def serving() -> Iterator[dict[str, str]]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            yield {"PINNING_API": url, "PINNING_TOKEN": TOKEN}
        finally:
            server.shutdown()
            server.server_close()

    return serving()


def test_a_service_that_pins_the_empty_file_is_refused(car: Path, empty_file: str) -> None:
    answers = Pins(requestid="1", status="pinned", pin={"cid": empty_file})
    with (
        service_of(answers) as environ,
        pytest.raises(PublishError, match=f"pins {empty_file}, and not ipfs://{root_of(car)}"),
    ):
        psa(car, environ, QUICK)


def test_a_service_that_lacks_blocks_is_refused(car: Path) -> None:
    info = {"missing_blocks": "3", "status": "pinned"}
    answers = Pins(requestid="1", status="pinned", pin={"cid": root_of(car)}, info=info)
    with (
        service_of(answers) as environ,
        pytest.raises(PublishError, match="without 3 of its blocks"),
    ):
        psa(car, environ, QUICK)


def test_a_service_that_knows_one_status_at_a_time_is_requested_once(car: Path) -> None:
    answers = Pins(requestid="1", status="pinned", pin={"cid": root_of(car)})
    with service_of(answers) as environ:
        for _ in range(2):
            psa(car, environ, QUICK)
    assert answers.requests == 1


# Before painting.


def test_whether_a_pinning_service_is_ready() -> None:
    with pytest.raises(PublishError, match="PINNING_API is not set"):
        psa_ready({})
    with pytest.raises(PublishError, match="PINNING_TOKEN is not set"):
        psa_ready({"PINNING_API": "http://127.0.0.1:9"})
    with pinning_service(TOKEN) as url:
        psa_ready({"PINNING_API": url, "PINNING_TOKEN": TOKEN})
        with pytest.raises(PublishError, match="does not accept PINNING_TOKEN"):
            psa_ready({"PINNING_API": url, "PINNING_TOKEN": "other"})


def test_each_service_that_is_not_ready_says_so(node: str) -> None:
    refuse_unready(["kubo"], {"IPFS_API": node})
    with pytest.raises(PublishError, match="PINNING_API is not set"):
        refuse_unready(["psa"], {})
    with pytest.raises(PublishError, match=r"kubo and psa are not ready .*: kubo: .*; psa: "):
        refuse_unready(["kubo", "psa"], {"IPFS_API": "http://127.0.0.1:9"})


def test_nothing_is_painted_for_a_service_that_is_away(tiny: Path) -> None:
    with tiny.open("a") as file:
        file.write("storage: {pin: [kubo, psa]}\n")
    away = {"IPFS_API": "http://127.0.0.1:9"}
    with pytest.raises(PublishError, match="not ready to keep the pictures") as caught:
        build(tiny, Options(environ=away), lambda *news: None)
    assert f"mint build {tiny} --until metadata" in caught.value.hint
    assert not (tiny.parent / "build").exists()
    assert not (tiny.parent / ".mint").exists()

    collection, _ = load(tiny)
    before_painting(collection, "metadata", tiny, away)
    before_painting(collection, "publish", tiny, away, pinning=False)  # as a dry run does
    with pytest.raises(PublishError, match="not ready"):
        before_painting(collection, "publish", tiny, away)

"""Pinning on nodes that fail in the ways real ones have; test_kubo_node.py has one that works."""

from __future__ import annotations

import base64
import json
import socket
import threading
import traceback
from pathlib import Path

import pytest
import requests

from mint.errors import PublishError
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import Folder, tree_links, write_tree
from mint.pinning.kubo import Limits, pin_on_node
from mint.pinning.kubo_rpc import node_at
from mint.pinning.pin import pin_car
from tests.ipfs_nodes import Answer, stub_node

TREE: Folder = {
    "images": {"1.png": b"one", "2.png": b"two"},
    "metadata": {"1.json": b"1", "2.json": b"2"},
    "contract.json": b"{}",
}
LINKS = tree_links(TREE)
ROOT = cid_text(LINKS[""].cid)
ROOT_SIZE = LINKS[""].tsize - LINKS["images"].tsize - LINKS["metadata"].tsize - len(b"{}")


@pytest.fixture(scope="session")
def car(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("car") / "c.car"
    write_tree(path, TREE)
    return path


def pin_at(car: Path, url: str, within: float = 60) -> None:
    pin_on_node(car, node_at(url, None), limits=Limits(within))


def says(**changes: object) -> Answer:
    """A Kubo that takes and pins the CAR, but for `changes` (command -> what it says instead)."""
    usual: dict[str, object] = {
        "version": {"Version": "0.43.0"},
        "pin_ls": NOT_PINNED,
        "dag_import": {"Root": {"Cid": {"/": ROOT}, "PinErrorMsg": ""}},
        "refs": b"",
    }

    def answer(path: str, data: bytes) -> tuple[int, bytes]:
        command = path.partition("?")[0].rpartition("/api/v0/")[2].replace("/", "_")
        if command == "dag_import":
            usual["pin_ls"] = {"Keys": {ROOT: {"Type": "recursive"}}}
        answer_body = {**usual, **changes}[command]
        failed = isinstance(answer_body, dict) and answer_body.get("Type") == "error"
        reply = answer_body if isinstance(answer_body, bytes) else json.dumps(answer_body).encode()
        return 500 if failed else 200, reply

    return answer


NOT_PINNED = {"Message": f"path '{ROOT}' is not pinned", "Code": 0, "Type": "error"}
OTHER = cid_text(tree_links({})[""].cid)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": {"Message": "forbidden", "Type": "error"}}, "refused: forbidden"),
        ({"version": b"<html>hello</html>"}, "does not answer as an IPFS node"),
        ({"version": b""}, "does not answer as an IPFS node"),
        ({"pin_ls": {"Message": "datastore closed", "Type": "error"}}, "datastore closed"),
        ({"pin_ls": ["odd"]}, "does not answer as an IPFS node"),
        ({"pin_ls": NOT_PINNED}, "does not pin"),
        ({"pin_ls": {"Keys": {OTHER: {"Type": "recursive"}}}}, "does not pin"),
        ({"dag_import": {"Message": "no space left", "Type": "error"}}, "no space left"),
        (
            {"dag_import": {"Root": {"Cid": {"/": ROOT}, "PinErrorMsg": "block missing"}}},
            "could not pin the CAR: block missing",
        ),
        ({"dag_import": {"Root": {"Cid": {"/": OTHER}, "PinErrorMsg": ""}}}, "another root"),
        ({"dag_import": {"Root": {"Cid": {"/": "b" * 999}}}}, "another root"),
        ({"dag_import": {"Stats": {}}}, "does not answer as an IPFS node"),
        ({"dag_import": b""}, "does not answer as an IPFS node"),
    ],
)
def test_a_node_that_fails(car: Path, changes: dict[str, object], message: str) -> None:
    with (
        stub_node(says(**changes)) as (url, _),
        pytest.raises(PublishError, match=message) as caught,
    ):
        pin_at(car, url)
    assert caught.value.hint
    assert len(str(caught.value)) < 400


def test_the_stub_is_a_node_that_pins(tmp_path: Path) -> None:
    # Else the refusals above would prove nothing: the same answers, for a CAR without files.
    write_tree(tmp_path / "c.car", {})
    changes = {
        "dag_import": {"Root": {"Cid": {"/": OTHER}, "PinErrorMsg": ""}},
        "pin_ls": {"Keys": {OTHER: {"Type": "recursive"}}},
    }
    with stub_node(says(**changes)) as (url, calls):
        pin_at(tmp_path / "c.car", url)
    assert calls[-1].command == "refs"


@pytest.mark.parametrize("refs", [b'{"Ref":"","Err":"block was not found"}', NOT_PINNED])
def test_a_node_that_has_lost_some_gets_all_of_it_again(car: Path, refs: object) -> None:
    listed = {"Keys": {ROOT: {"Type": "recursive"}}}
    with stub_node(says(pin_ls=listed, refs=b'{"Ref":"bafk","Err":""}')) as (url, calls):
        pin_at(car, url)
    assert "dag/import" not in [call.command for call in calls]
    with stub_node(says(pin_ls=listed, refs=refs)) as (url, calls):
        pin_at(car, url)
    assert "dag/import" in [call.command for call in calls]


def test_a_silent_node(car: Path) -> None:
    wake = threading.Event()

    def silence(path: str, data: bytes) -> tuple[int, bytes]:
        wake.wait(20)
        return 200, b"{}"

    with stub_node(silence) as (url, _):
        with pytest.raises(PublishError, match="was too slow"):
            pin_at(car, url, within=0.2)
        wake.set()


def test_an_answer_that_breaks_off(car: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def half() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")

        thread = threading.Thread(target=half)
        thread.start()
        with pytest.raises(PublishError, match="breaks off in the middle"):
            pin_at(car, f"http://127.0.0.1:{server.getsockname()[1]}")
        thread.join()


def test_what_the_trailer_says_is_an_error(car: Path) -> None:
    head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Stream-Error\r\n\r\n"
    line = json.dumps({"Root": {"Cid": {"/": ROOT}, "PinErrorMsg": ""}}) + "\n"
    trailer = "0\r\nX-Stream-Error: no space left on device\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as server, stub_node(says()) as (real, _):

        def node() -> None:
            for _ in range(3):  # version, pin/ls, dag/import
                connection, _ = server.accept()
                with connection:
                    stream = connection.makefile("rb")
                    length, path = 0, stream.readline().split()[1].decode()
                    while (header := stream.readline().strip().lower()) != b"":
                        if header.startswith(b"content-length:"):
                            length = int(header.partition(b":")[2])
                    stream.read(length)
                    if "dag/import" in path:
                        said = f"{head}{len(line):x}\r\n{line}\r\n{trailer}".encode()
                    else:
                        real_reply = requests.post(real + path, timeout=10)
                        said = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\n" % (
                            real_reply.status_code
                        )
                        said += b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (
                            len(real_reply.content),
                            real_reply.content,
                        )
                    connection.sendall(said)

        thread = threading.Thread(target=node)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(PublishError, match="stopped in the middle: no space left on device"):
            pin_at(car, url)
        thread.join()


def test_nobody_listens_and_no_secret_is_printed(car: Path) -> None:
    secrets = ["hunter" + "2", "sword" + "fish"]  # the traceback quotes this file's lines
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PublishError) as caught:
        pin_at(car, f"http://user:{secrets[0]}@127.0.0.1:{port}/v1/{secrets[1]}")
    traceback_text = "".join(traceback.format_exception(caught.value))
    assert f"no IPFS node answers at http://127.0.0.1:{port}" in traceback_text
    assert not [secret for secret in secrets if secret in traceback_text]


def test_a_proxy_that_takes_no_large_files(car: Path) -> None:
    def proxy(path: str, data: bytes) -> tuple[int, bytes]:
        if "dag/import" in path:
            return 413, b"<html>413 Request Entity Too Large</html>"
        return says()(path, data)

    with (
        stub_node(proxy) as (url, _),
        pytest.raises(PublishError, match=r"does not take an upload of this size \(413\)"),
    ):
        pin_at(car, url)


def test_credentials_and_prefix_reach_the_node(car: Path) -> None:
    with stub_node(says(version={"Message": "enough", "Type": "error"})) as (url, calls):
        door = url.replace("http://", "http://user:p%40ss@") + "/v1/ipfs/"
        for address in (door, door + "api/v0"):
            with pytest.raises(PublishError, match="enough"):
                pin_at(car, address)
    basic = "Basic " + base64.b64encode(b"user:p@ss").decode()
    for call in calls:
        assert call.path.startswith("/v1/ipfs/api/v0/version")
        assert call.authorization == basic


def test_multiaddr_and_host_names(car: Path) -> None:
    with stub_node(says(version={"Message": "enough", "Type": "error"})) as (url, calls):
        port = url.rpartition(":")[2]
        for address in (f"/ip4/127.0.0.1/tcp/{port}", f"http://localhost:{port}"):
            with pytest.raises(PublishError, match="enough"):
                pin_at(car, address)
    assert len(calls) == 2


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:5001",
        "ftp://host",
        "http://",
        "http://[::1",
        "http://host:99999",
        "/ip4/x",
        "http://host/?key=s3cret",
        "http://host/#s3cret",
        "/dnsaddr/host",
    ],
)
def test_a_url_that_is_none(car: Path, url: str) -> None:
    with pytest.raises(PublishError, match="IPFS_API is ") as caught:
        pin_at(car, url)
    assert "http://" in caught.value.hint
    assert "s3cret" not in str(caught.value)


def test_a_damaged_car_is_not_sent(car: Path, tmp_path: Path) -> None:
    (tmp_path / "c.car").write_bytes(car.read_bytes()[:-1])
    with stub_node(says()) as (url, calls), pytest.raises(PublishError, match="truncated"):
        pin_at(tmp_path / "c.car", url)
    assert calls == []


def test_pinning_nowhere_sends_nothing(tmp_path: Path) -> None:
    assert list(pin_car(tmp_path / "absent.car", [], {}, tmp_path / "pins.jsonl")) == []
    assert not (tmp_path / "pins.jsonl").exists()

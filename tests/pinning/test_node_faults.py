"""The fault table of nodes that are honest but for one command; nothing is said to be pinned.

`pytest tests/pinning/test_node_faults.py --collect-only -q` prints it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mint.errors import PublishError
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import cid_text, parse_cid
from mint.ipfs.tree import Folder, tree_links, write_tree
from mint.ipfs.walk import cat, resolve
from mint.pinning.exchange import Pace
from mint.pinning.http import Patience
from mint.pinning.kubo import Limits, kubo_ready, pin_on_node
from mint.pinning.kubo_rpc import node_at
from mint.pinning.pin import pin_car
from tests.pinning.raw_server import (
    CHUNKED,
    OK,
    RESET,
    Asked,
    Pieces,
    Says,
    certificate,
    dripping,
    pieces,
    raw_server,
    sized,
    status,
    unused_port,
    without_end,
)

TOKEN = "node-t0ken/" + "of-the-artist"  # the traceback quotes this file's lines
TREE: Folder = {f"{number}.json": b"%d" % number * 9 for number in range(9)}
ROOT = cid_text(tree_links(TREE)[""].cid)
OTHER = cid_text(tree_links({})[""].cid)
ONCE = Patience(tries=1)
LIMITS = Limits(within=0.4, thinking=0.4, pace=Pace(1 << 20, 0.3))
ENDED = 5.0  # seconds, on a machine that is busy
NOT_PINNED = status(500, json.dumps({"Message": "path is not pinned", "Type": "error"}))


@pytest.fixture(scope="module")
def car(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("car") / "c.car"
    write_tree(path, TREE)
    return path


@pytest.fixture(scope="module")
def blocks(car: Path) -> Iterator[Car]:
    with closing(open_car(car)) as opened:
        yield opened


def ok(answer: object) -> bytes:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return sized(len(body)) + body


def node(blocks: Car, faults: dict[str, Says]) -> Says:
    """Kubo, as far as we call it, but for `faults`: what it says to a command instead."""
    pinned: list[str] = []

    def says(asked: Asked) -> Pieces:
        url = urlsplit(asked.path)
        command = url.path.partition("/api/v0/")[2]
        query = parse_qs(url.query)
        what = query.get("arg", [""])[0]
        if command == "dag/import":
            pinned.append(ROOT)
        if command in faults:
            return faults[command](asked)
        if command == "cat":
            path = what.removeprefix(f"/ipfs/{ROOT}/")
            cid = resolve(blocks.block, blocks.root, path)
            assert cid is not None
            return [ok(b"".join(cat(blocks.block, cid, 0, 1 << 20)))]
        answers: dict[str, Callable[[], object]] = {
            "version": lambda: {"Version": "0.43.0"},
            "pin/ls": lambda: {"Keys": {ROOT: {"Type": "recursive"}}},
            "dag/import": lambda: {"Root": {"Cid": {"/": ROOT}, "PinErrorMsg": ""}},
            "refs": lambda: {"Ref": ROOT, "Err": ""},
            "block/stat": lambda: {"Key": what, "Size": len(blocks.block(parse_cid(what)))},
            "block/get": lambda: blocks.block(parse_cid(what)),
        }
        if command == "pin/ls" and not pinned:
            return [NOT_PINNED]
        return [ok(answers[command]())]

    return says


def test_a_node_without_a_fault_pins(car: Path, blocks: Car, tmp_path: Path) -> None:
    # Else the table would prove nothing.
    with raw_server(node(blocks, {})) as server:
        pin_on_node(car, node_at(server.url, TOKEN), ONCE, LIMITS)
        list(pin_car(car, ["kubo"], {"IPFS_API": server.url}, tmp_path / "pins.jsonl", ONCE))
    assert "pinned" in (tmp_path / "pins.jsonl").read_text()


def error(message: str) -> bytes:
    return status(500, json.dumps({"Message": message, "Code": 0, "Type": "error"}))


DEEP = pieces(OK + b"\r\n", b"[" * 200_000)
ENDLESS = without_end(b" " * 9999, OK + b"\r\n")
NO_NODE = "does not answer as an IPFS node does"
DENIED = "Kubo RPC Access Denied: Please provide a valid authorization token"

# A command, what it says, and what is said of it.
FAULTS: dict[str, tuple[str, Says, str]] = {
    "version: silence": ("version", pieces(60.0), "was too slow"),
    "version: drips": ("version", dripping(sized(9) + b" " * 99), "was too slow"),
    "version: a web page": ("version", pieces(ok(b"<html>hi</html>")), NO_NODE),
    "version: nothing": ("version", pieces(ok(b"")), NO_NODE),
    "version: a list": ("version", pieces(ok([1])), NO_NODE),
    "version: lists in lists": ("version", DEEP, NO_NODE),
    "version: no end": ("version", ENDLESS, "sends more than the 4,194,304"),
    "version: a gateway": ("version", pieces(status(404, "404 page not found")), NO_NODE),
    "version: 405": ("version", pieces(status(405)), NO_NODE),
    "version: 401": ("version", pieces(status(401)), r"does not accept IPFS_TOKEN \(401\)"),
    "version: 403": ("version", pieces(status(403, DENIED)), rf"IPFS_TOKEN \(403\): {DENIED}"),
    "version: a redirect": (
        "version",
        pieces(status(302, "", "Location: http://127.0.0.1:9/")),
        r"sends us elsewhere \(302, to http://127.0.0.1:9\)",
    ),
    "version: a proxy's 502": ("version", pieces(status(502, "<title>x</title>")), r"\(502\)"),
    "version: TLS": ("version", pieces(b"\x15\x03\x01\0\2\2\x46"), "speaks TLS"),
    "pin/ls: lists in lists": ("pin/ls", DEEP, NO_NODE),
    "pin/ls: no end": ("pin/ls", ENDLESS, "sends more than"),
    "pin/ls: drips": ("pin/ls", dripping(b" " * 9999, OK + b"\r\n"), "was too slow"),
    "pin/ls: a list": ("pin/ls", pieces(ok({"Keys": [ROOT]})), NO_NODE),
    "pin/ls: pins of another form": ("pin/ls", pieces(ok({"Keys": {ROOT: 1}})), NO_NODE),
    "pin/ls: another root": (
        "pin/ls",
        pieces(ok({"Keys": {OTHER: {"Type": "recursive"}}})),
        "does not pin",
    ),
    "pin/ls: the root alone": (
        "pin/ls",
        pieces(ok({"Keys": {ROOT: {"Type": "direct"}}})),
        "does not pin",
    ),
    "pin/ls: its words are no CID": (
        "pin/ls",
        pieces(ok({"Keys": {TOKEN: {"Type": "recursive"}}})),
        "does not pin",
    ),
    "pin/ls: the token, echoed": ("pin/ls", pieces(error(TOKEN)), r"refused: \[secret\]"),
    "pin/ls: an error after it began": (
        "pin/ls",
        pieces(CHUNKED + b"2\r\n{}\r\n0\r\nX-Stream-Error: disk gone\r\n\r\n"),
        "stopped in the middle: disk gone",
    ),
    "dag/import: no answer": ("dag/import", pieces(60.0), "was too slow"),
    "dag/import: drips": ("dag/import", dripping(b" " * 999, OK + b"\r\n"), "was too slow"),
    "dag/import: no end": ("dag/import", ENDLESS, "sends more than"),
    "dag/import: nothing": ("dag/import", pieces(ok(b"")), NO_NODE),
    "dag/import: two answers": ("dag/import", pieces(ok(b"{}\n{}\n")), NO_NODE),
    "dag/import: lists in lists": ("dag/import", DEEP, NO_NODE),
    "dag/import: a list": ("dag/import", pieces(ok([])), NO_NODE),
    "dag/import: another root": (
        "dag/import",
        pieces(ok({"Root": {"Cid": {"/": OTHER}}})),
        f"read another root than {ROOT}: {OTHER}",
    ),
    "dag/import: the token as root": (
        "dag/import",
        pieces(ok({"Root": {"Cid": {"/": TOKEN}}})),
        r"read another root than \w+: \[secret\]",
    ),
    "dag/import: no pin": (
        "dag/import",
        pieces(ok({"Root": {"Cid": {"/": ROOT}, "PinErrorMsg": f"no {TOKEN}"}})),
        r"could not pin the CAR: no \[secret\]",
    ),
    "dag/import: an error in its trailer": (
        "dag/import",
        pieces(CHUNKED + f"2\r\n{{}}\r\n0\r\nX-Stream-Error: {TOKEN} full\r\n\r\n".encode()),
        r"stopped in the middle: \[secret\] full",
    ),
    "dag/import: no space": ("dag/import", pieces(error("no space left")), "refused: no space"),
    "dag/import: 413": ("dag/import", pieces(status(413)), "not take an upload of this size"),
    "dag/import: resets": ("dag/import", pieces(RESET), r"broke the connection|breaks off"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_node(car: Path, blocks: Car, fault: str) -> None:
    command, says, said = FAULTS[fault]
    begun = time.monotonic()
    with (
        raw_server(node(blocks, {command: says})) as server,
        pytest.raises(PublishError, match=said) as caught,
    ):
        pin_on_node(car, node_at(server.url, TOKEN), ONCE, LIMITS)
    assert time.monotonic() - begun < ENDED
    whole = f"{caught.value} {caught.value.hint}"
    assert caught.value.hint
    assert not any(TOKEN[at : at + 8] in whole for at in range(len(TOKEN) - 7))
    assert whole.isprintable()
    assert len(whole) < 700


def every_other(bad: bytes) -> Callable[[Says], Says]:
    """An answer that is right and one that is not, in turn."""
    return lambda honest: lambda asked: [bad] if asked.number % 2 else honest(asked)


# What a node says when it is read back: not what was sent.
READS: dict[str, Callable[[Says], Says]] = {
    "other bytes": lambda honest: pieces(ok(b"forged")),
    "nothing": lambda honest: pieces(ok(b"")),
    "too many bytes": lambda honest: lambda asked: [ok(_body(honest(asked)) + b"!")],
    "half the bytes": lambda honest: lambda asked: [ok(_body(honest(asked))[:-1])],
    "every other answer poisoned": every_other(ok(b"poison")),
    "an error after it began": lambda honest: pieces(
        CHUNKED + b"1\r\n1\r\n0\r\nX-Stream-Error: block was not found locally\r\n\r\n"
    ),
    "an error": lambda honest: pieces(error("block was not found locally (offline)")),
    "a web page": lambda honest: pieces(ok(b"<html>hi</html>")),
    "lists in lists": lambda honest: DEEP,
}


def _body(said: Pieces) -> bytes:
    whole = b"".join(piece for piece in said if isinstance(piece, bytes))
    return whole.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("fault", READS)
def test_a_node_that_lost_what_it_pinned(
    car: Path, blocks: Car, tmp_path: Path, fault: str
) -> None:
    honest = node(blocks, {})
    wrong = READS[fault](honest)
    faults = dict.fromkeys(("cat", "block/get", "block/stat", "dag/export"), wrong)
    journal = tmp_path / "pins.jsonl"
    with raw_server(node(blocks, faults)) as server:
        where = {"IPFS_API": server.url, "IPFS_TOKEN": TOKEN}
        with pytest.raises(PublishError) as caught:
            list(pin_car(car, ["kubo"], where, journal, ONCE))
    assert caught.value.hint
    assert "read back" not in journal.read_text()


def test_readiness(blocks: Car, tmp_path: Path) -> None:
    with raw_server(node(blocks, {})) as server:
        kubo_ready({"IPFS_API": server.url})
    (asked,) = server.requests
    assert asked.path.startswith("/api/v0/version")
    for url, said, hint in (
        (f"http://127.0.0.1:{unused_port()}", "no IPFS node answers at", "ipfs daemon"),
        ("127.0.0.1:5001", "IPFS_API is '127.0.0.1:5001', without", "http://127.0.0.1:5001"),
    ):
        with pytest.raises(PublishError, match=said) as caught:
            kubo_ready({"IPFS_API": url})
        assert hint in caught.value.hint
    with (
        raw_server(pieces(status(403, DENIED))) as server,
        pytest.raises(PublishError, match="lets nobody in without a token") as caught,
    ):
        kubo_ready({"IPFS_API": server.url})
    assert "export IPFS_TOKEN=" in caught.value.hint
    with (
        raw_server(pieces(status(403, DENIED))) as server,
        pytest.raises(PublishError, match=r"IPFS_TOKEN \(403\)") as caught,
    ):
        kubo_ready({"IPFS_API": server.url, "IPFS_TOKEN": TOKEN})
    assert "API.Authorizations" in caught.value.hint
    file = certificate(tmp_path / "node.pem", -1, 1)
    with (
        raw_server(node(blocks, {}), tls=file) as server,
        pytest.raises(PublishError, match="signed by nobody whom this machine trusts") as caught,
    ):
        kubo_ready({"IPFS_API": server.url})
    assert "SSL_CERT_FILE" in caught.value.hint

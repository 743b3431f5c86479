"""The fault table of gateways that a sample is read back from: none of them has the collection.

`pytest tests/pinning/test_gateway_faults.py --collect-only -q` prints it.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mint.errors import PublishError
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import RAW, cid_text, parse_cid
from mint.ipfs.tree import Folder, write_tree
from mint.pinning.doors import doors
from mint.pinning.http import Patience
from mint.pinning.read_back import read_back
from tests.pinning.raw_server import (
    CHUNKED,
    OK,
    RESET,
    Asked,
    Pieces,
    Says,
    pieces,
    raw_server,
    sized,
    status,
    unused_port,
    without_end,
)

TREE: Folder = {"images": {f"{number}.png": b"%d" % number * 99 for number in range(30)}}
ONCE = Patience(tries=1)
KEY = "gateway-k3y-" + "of-the-artist"  # the traceback quotes this file's lines


@pytest.fixture(scope="module")
def car(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("car") / "c.car"
    write_tree(path, TREE)
    return path


@pytest.fixture(scope="module")
def blocks(car: Path) -> Iterator[Car]:
    with closing(open_car(car)) as opened:
        yield opened


Answer = Callable[[Asked, bytes, bytes], Pieces]  # to a request for this CID, whose block is this


def gateway(blocks: Car, answer: Answer) -> Says:
    def says(asked: Asked) -> Pieces:
        cid = parse_cid(urlsplit(asked.path).path.rpartition("/")[2])
        return answer(asked, cid, blocks.block(cid))

    return says


def ok(block: bytes) -> list[bytes]:
    return [sized(len(block)) + block]


def is_file(cid: bytes) -> bool:
    return cid.startswith(RAW)


GATEWAYS: dict[str, tuple[Answer, str]] = {
    "the root alone": (
        lambda asked, cid, block: ok(block) if asked.number == 0 else [status(404)],
        r"\(404\)",
    ),
    "folders without files": (
        lambda asked, cid, block: [status(404)] if is_file(cid) else ok(block),
        r"\(404\)",
    ),
    "files without folders": (
        lambda asked, cid, block: ok(block) if is_file(cid) else [status(404)],
        r"\(404\)",
    ),
    "another block for each": (lambda asked, cid, block: ok(b"forged"), "other bytes than its CID"),
    "one byte more": (lambda asked, cid, block: ok(block + b"!"), "other bytes than its CID"),
    "one byte flipped": (
        lambda asked, cid, block: ok(bytes([block[0] ^ 1]) + block[1:]),
        "other bytes than its CID",
    ),
    "every other answer poisoned": (
        lambda asked, cid, block: ok(b"poison" if asked.number % 2 else block),
        "other bytes than its CID",
    ),
    "half of each": (
        lambda asked, cid, block: [sized(len(block)) + block[: len(block) // 2]],
        "breaks off in the middle",
    ),
    "a web page": (lambda asked, cid, block: ok(b"<html>welcome</html>"), "other bytes than"),
    "a block without end": (
        lambda asked, cid, block: without_end(bytes(9999), OK + b"\r\n")(asked),
        "sends more than the 2,097,152 bytes",
    ),
    "a bomb": (
        lambda asked, cid, block: [
            OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(bytes(9 << 20)),
        ],
        "answers compressed",
    ),
    "redirects without end": (
        lambda asked, cid, block: [status(307, "", f"Location: {asked.path}")],
        "from one address to the next, without end",
    ),
    "an error in the trailer": (
        lambda asked, cid, block: [
            CHUNKED + b"1\r\nx\r\n0\r\nX-Stream-Error: context deadline exceeded\r\n\r\n"
        ],
        "stopped in the middle: context deadline exceeded",
    ),
    "too many requests": (lambda asked, cid, block: [status(429)], r"too many requests .*\(429\)"),
    "out of order": (lambda asked, cid, block: [status(504)], r"out of order just now \(504\)"),
    "blocked": (lambda asked, cid, block: [status(410, "blocked")], r"\(410\): blocked"),
    "a reset": (lambda asked, cid, block: [RESET], "broke the connection off"),
}  # fmt: skip


@pytest.mark.parametrize("fault", GATEWAYS)
def test_a_gateway(car: Path, blocks: Car, fault: str) -> None:
    answer, said = GATEWAYS[fault]
    with raw_server(gateway(blocks, answer)) as server:
        url = server.url.replace("//", f"//{KEY}@")
        through = doors("psa", {"IPFS_GATEWAY": url}, ())
        with pytest.raises(PublishError, match=f"no gateway returns .*{said}") as caught:
            read_back(car, "psa", through, ONCE)
    assert "IPFS_GATEWAY" in caught.value.hint
    assert KEY[:8] not in f"{caught.value} {caught.value.hint}"


def test_a_gateway_that_has_it(car: Path, blocks: Car) -> None:
    # Else the table would prove nothing.
    with raw_server(gateway(blocks, lambda asked, cid, block: ok(block))) as server:
        proof = read_back(car, "psa", doors("psa", {"IPFS_GATEWAY": server.url}, ()), ONCE)
    assert [door.url for door in proof.doors] == [server.url]
    assert len({asked.path for asked in server.requests}) == proof.sample + 2


def test_one_gateway_that_has_it_and_others_that_do_not(car: Path, blocks: Car) -> None:
    with (
        raw_server(gateway(blocks, lambda asked, cid, block: ok(block))) as good,
        raw_server(pieces(status(404))) as bad,
    ):
        gone = f"http://127.0.0.1:{unused_port()}"
        through = doors("psa", {"IPFS_GATEWAY": f"{bad.url},{gone},{good.url}"}, ())
        proof = read_back(car, "psa", through, ONCE)
    assert [door.url for door in proof.doors] == [good.url]
    assert [bad.url in proof.troubles[0], gone in proof.troubles[1]] == [True, True]


def test_a_gateway_that_answers_from_another_host(car: Path, blocks: Car) -> None:
    # As https://dweb.link does: a host of its own for each CID.
    with raw_server(gateway(blocks, lambda asked, cid, block: ok(block))) as real:
        moved: Says = lambda asked: [status(301, "", f"Location: {real.url}{asked.path}")]  # noqa: E731  # the type says more than a def would
        with raw_server(moved) as server:
            url = server.url.replace("//", f"//{KEY}@")
            read_back(car, "psa", doors("psa", {"IPFS_GATEWAY": url}, ()), ONCE)
    assert real.requests[0].path == f"/ipfs/{cid_text(blocks.root)}?format=raw"
    assert all("Authorization" in asked.head for asked in server.requests)
    assert not any("Authorization" in asked.head for asked in real.requests)

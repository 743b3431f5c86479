"""What an artist sets in the environment: URLs, gateways, tokens; what is wrong with them."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.ipfs.tree import write_tree
from mint.pinning.address import gateways, service_url
from mint.pinning.call import Call
from mint.pinning.dag_import import dag_import_ready
from mint.pinning.doors import doors
from mint.pinning.exchange import AnswerError, Exchange
from mint.pinning.filebase import filebase, filebase_ready
from mint.pinning.kubo import kubo_ready
from mint.pinning.pin import pin_car, refuse_unready
from mint.pinning.pinata import pinata_ready
from mint.pinning.psa import psa_ready
from mint.pinning.read_back import read_back
from mint.pinning.secrets import token_of
from tests.pinning.raw_server import OK, pieces, raw_server, sized, status, unused_port
from tests.pinning.troubles import QUICK

TOKEN = "s3cret" + "-token"  # the traceback quotes this file's lines
PAGE = "<!DOCTYPE html><title>hotel wifi</title>"
KEYS = {"FILEBASE_KEY": "k", "FILEBASE_SECRET": TOKEN, "FILEBASE_BUCKET": "my-foxes"}


@pytest.fixture
def car(tmp_path: Path) -> Path:
    write_tree(tmp_path / "collection.car", {"1.png": b"one"})
    return tmp_path / "collection.car"


@pytest.mark.parametrize(
    ("value", "said", "hint"),
    [
        ("foo", "PINATA_API is 'foo', without http:// or https://", "write https://foo"),
        ("localhost", "'localhost', without http:// or https://", "write http://localhost"),
        ("127.0.0.1:5001/x", "'127.0.0.1:5001', without", "write http://127.0.0.1:5001"),
        ("u:s3cret@host", "'host', without http:// or https://", "write https://host"),
        ("ftp://foo", "'ftp://foo', which is neither http:// nor", "https://host"),
        ("http://u:s3/cret@1.2.3.4:99999/?key=s3cret", "whose port is not from 1 to", "https://"),
        ("http://host:port", "whose port is not from 1 to 65535", "https://host"),
        ("http://", "PINATA_API", "https://host"),
        ("http://?k=s3cret", "the value of PINATA_API is no URL", "https://host"),
        ("http://[::1", "which is no URL", "https://host"),
        ("http://a host", "'http://a host', with a space", "https://host"),
        ("s3cret" * 20, "the value of PINATA_API is no URL", "https://host"),
    ],
)
def test_a_url_that_is_none_is_explained(value: str, said: str, hint: str) -> None:
    with pytest.raises(PublishError) as caught:
        service_url("PINATA_API", {"PINATA_API": value})
    assert said in str(caught.value)
    assert hint in caught.value.hint
    assert "s3" not in f"{caught.value} {caught.value.hint}"


def test_white_space_and_slashes_around_a_url_are_nothing() -> None:
    assert service_url("A", {"A": " https://host/psa/ \n"}) == "https://host/psa"
    assert service_url("A", {"A": " "}, "https://default") == "https://default"
    named = {"IPFS_GATEWAY": "https://ipfs.io/ipfs/, http://127.0.0.1:8080 ,"}
    assert gateways(named) == ["https://ipfs.io", "http://127.0.0.1:8080"]


def test_a_gateways_own_token_stays_behind_the_path(car: Path) -> None:
    with raw_server(pieces(status(404))) as server:
        where = {"IPFS_GATEWAY": f"{server.url}/ipfs/?key={TOKEN}"}
        with pytest.raises(PublishError) as caught:
            read_back(car, "psa", doors("psa", where, ()), QUICK)
    root = root_of(car)
    assert server.requests[0].head.startswith(f"GET /ipfs/{root}?format=raw&key={TOKEN} ")
    assert TOKEN not in f"{caught.value} {caught.value.hint}"
    with pytest.raises(PublishError, match="PINATA_API goes on after its path") as refused:
        service_url("PINATA_API", {"PINATA_API": f"https://host/?key={TOKEN}"})
    assert TOKEN not in f"{refused.value} {refused.value.hint}"


def test_a_gateway_that_is_none_is_refused_before_anything_is_sent(
    car: Path, tmp_path: Path
) -> None:
    environ = {"IPFS_GATEWAY": "ipfs.io", "IPFS_API": f"http://127.0.0.1:{unused_port()}"}
    for call in (
        lambda: list(pin_car(car, ["kubo"], environ, tmp_path / "pins.jsonl", QUICK)),
        lambda: refuse_unready(["kubo"], environ),
    ):
        with pytest.raises(PublishError, match=r"IPFS_GATEWAY is 'ipfs\.io', without") as caught:
            call()
        assert caught.value.hint == "IPFS_GATEWAY: write https://ipfs.io"
    assert not (tmp_path / "pins.jsonl").exists()


@pytest.mark.parametrize("alive", [False, True])
def test_a_gateway_that_is_not_there_is_not_waited_for(car: Path, alive: bool) -> None:
    with raw_server(pieces(status(404))) as server:
        refuses = f"http://127.0.0.1:{unused_port()}"
        where = {"IPFS_GATEWAY": f"{refuses},{server.url if alive else 'http://nobody.invalid'}"}
        with pytest.raises(
            PublishError, match=f"no gateway .*nothing answers at {refuses}"
        ) as caught:
            read_back(car, "psa", doors("psa", where, ()), QUICK)
    assert ("may take minutes" in caught.value.hint) is alive
    assert alive or "is IPFS_GATEWAY right?" in caught.value.hint


def test_white_space_around_a_token_is_not_sent() -> None:
    with raw_server(pieces(sized(30) + b'{"data": {"files": []}}       ')) as server:
        pinata_ready({"PINATA_API": f" {server.url}/ ", "PINATA_JWT": f" {TOKEN}\n"})
        (asked,) = server.requests
    assert f"Authorization: Bearer {TOKEN}\r\n" in f"{asked.head}\r\n"


@pytest.mark.parametrize("token", ["s3c ret", "s3cret\nX: y", "s3crét", "s3cret\0x"])
def test_a_token_that_no_header_can_have_names_its_variable(token: str) -> None:
    with pytest.raises(PublishError, match="PINATA_JWT has a space, a line break") as caught:
        token_of("PINATA_JWT", {"PINATA_JWT": token})
    assert "s3c" not in "".join(traceback.format_exception(caught.value)).split("in token_of")[0]
    assert "s3c" not in f"{caught.value} {caught.value.hint}"


def test_a_header_that_is_not_legal_is_in_no_traceback() -> None:
    headers = {"Authorization": f"Bearer {TOKEN} "}
    with raw_server(pieces(sized(0))) as server:
        port = int(server.url.rpartition(":")[2])
        call = Call("GET", "127.0.0.1", port, False, "/", headers)
        with pytest.raises(AnswerError) as caught, Exchange(call, 5) as exchange:
            exchange.head()
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


ENDLESS = OK + b"Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("html", [status(200, PAGE, "Content-Type: text/html"), ENDLESS])
def test_a_web_page_in_place_of_filebase(car: Path, html: bytes) -> None:
    with raw_server(pieces(html)) as server:
        for call in (filebase_ready, lambda environ: filebase(car, environ, QUICK)):
            with pytest.raises(PublishError, match="answers with a web page") as caught:
                call(KEYS | {"FILEBASE_API": server.url})
            assert "delete" not in f"{caught.value} {caught.value.hint}"
        assert {asked.head[:5] for asked in server.requests} == {"HEAD "}  # nothing was sent


def test_filebase_without_permission_names_both_keys() -> None:
    with raw_server(pieces(status(403))) as server:
        with pytest.raises(PublishError, match="FILEBASE_KEY and FILEBASE_SECRET"):
            filebase_ready(KEYS | {"FILEBASE_API": server.url})
        with pytest.raises(PublishError, match="FILEBASE_BUCKET is 'My Foxes', which no bucket"):
            filebase_ready(KEYS | {"FILEBASE_API": server.url, "FILEBASE_BUCKET": "My Foxes"})


@pytest.mark.parametrize("code", [200, 400, 404, 501])
def test_a_web_server_in_place_of_a_node(code: int) -> None:
    with raw_server(pieces(status(code, PAGE))) as server:
        with pytest.raises(PublishError, match="does not answer as an IPFS node") as caught:
            kubo_ready({"IPFS_API": server.url})
        assert "this is no IPFS node; is IPFS_API right?" in caught.value.hint
        with pytest.raises(PublishError, match=r"a web page|has no dag/import"):
            dag_import_ready({"DAG_IMPORT_API": server.url, "DAG_IMPORT_TOKEN": TOKEN})


def test_a_node_that_is_down_is_not_answered_with_its_own_address() -> None:
    url = f"http://127.0.0.1:{unused_port()}"
    with pytest.raises(PublishError, match=f"no IPFS node answers at {url}") as caught:
        kubo_ready({"IPFS_API": url})
    assert "start it" in caught.value.hint
    assert "http" not in caught.value.hint
    with pytest.raises(PublishError, match="PINNING_API is 'ftp://foo', which"):
        psa_ready({"PINNING_API": "ftp://foo", "PINNING_TOKEN": TOKEN})

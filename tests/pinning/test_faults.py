"""The fault table: what a server does, what mint says of it, and that it ends in time.

`pytest tests/pinning/test_faults.py --collect-only -q` prints it: each test's name is a fault.
"""

from __future__ import annotations

import base64
import gzip
import json
import socket
import subprocess
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from mint.errors import PublishError
from mint.pinning.diagnosis import Variables
from mint.pinning.exchange import Pace
from mint.pinning.http import TemporaryError, checked, request, request_json, send, stream
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

TOKEN = "s3cret/+" + "token-with-signs"  # the traceback quotes this file's lines
WITHIN = 0.3  # seconds that an answer may take here
ENDED = 5.0  # seconds after which it must be over, on a machine that is busy
MOST = 1 << 16  # bytes
NAMES = Variables("PINNING_API", "PINNING_TOKEN")


def redirect(place: Callable[[Asked], str], code: int = 302) -> Says:
    return lambda asked: [status(code, "", f"Location: {place(asked)}")]


DEEP = b"[" * 200_000
BOMB = gzip.compress(bytes(30 << 20))
PAGE = "<!doctype html><html><title>Sign in to\n the café</title><body>" + "x" * 3000
GONE, BRIEF, EITHER = False, True, None  # whether another try may help

# What a server says to a GET; what is said of it; whether another try may help.
ANSWERS: dict[str, tuple[Says, str, bool | None]] = {
    # Slow.
    "silence": (pieces(60.0), "was too slow", BRIEF),
    "headers drip": (dripping(sized(2) + b"{}" * 99), "was too slow", BRIEF),
    "a header line drips without end": (
        dripping(b"x" * 9999, OK + b"X-Long: "),
        "was too slow",
        BRIEF,
    ),
    "the body drips": (dripping(b" " * 9999, sized(9999)), "was too slow", BRIEF),
    "chunks drip": (dripping(b"1\r\n \r\n" * 999, CHUNKED), "was too slow", BRIEF),
    "a body of no stated length drips": (dripping(b" " * 999, OK + b"\r\n"), "was too slow", BRIEF),
    "interim answers drip": (dripping(b"HTTP/1.1 102 P\r\n\r\n" * 99), "was too slow", BRIEF),
    "headers at once, then silence": (pieces(sized(2), 60.0), "was too slow", BRIEF),
    # Too much.
    "a body without end": (without_end(bytes(9999), OK + b"\r\n"), "more than the 65,536", GONE),
    "chunks without end": (
        without_end(b"200\r\n" + b" " * 512 + b"\r\n", CHUNKED),
        "more than the 65,536",
        GONE,
    ),
    "chunks of one byte without end": (
        without_end(b"1\r\n \r\n" * 999, CHUNKED),
        r"more than the 65,536|was too slow",
        EITHER,
    ),
    "chunk extensions without end": (
        without_end(b"1;" + b"x" * 9999 + b"\r\n \r\n", CHUNKED),
        r"more than the 65,536|was too slow",
        EITHER,
    ),
    "headers without end": (without_end(b"X: y\r\n", OK), "does not answer in HTTP", GONE),
    "one header without end": (without_end(b"y" * 999, OK + b"X: "), "not answer in HTTP", GONE),
    "a status line without end": (
        without_end(b"y" * 99, b"HTTP/1.1 2"),
        "not answer in HTTP",
        GONE,
    ),
    "interim answers without end": (
        without_end(b"HTTP/1.1 102 Processing\r\n\r\n"),
        "one interim answer after the other",
        GONE,
    ),
    "trailers without end": (
        without_end(b"X: y\r\n", CHUNKED + b"2\r\n{}\r\n0\r\n"),
        "does not answer in HTTP",
        GONE,
    ),
    "4 GB announced": (pieces(sized(4 << 30), 60.0), "was too slow", BRIEF),
    "4 GB announced and sent": (
        without_end(bytes(1 << 16), sized(4 << 30)),
        "more than the 65,536",
        GONE,
    ),
    "a gzip bomb": (
        pieces(OK + b"Content-Encoding: gzip\r\n\r\n", BOMB),
        "answers compressed",
        GONE,
    ),
    "a deflate bomb": (
        pieces(OK + b"Content-Encoding: deflate\r\n\r\n", zlib.compress(bytes(9 << 20))),
        "answers compressed",
        GONE,
    ),
    "a gzip bomb as transfer encoding": (
        pieces(OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", BOMB),
        "does not answer in HTTP",
        GONE,
    ),
    # Broken off.
    "it closes at once": (pieces(), "breaks off", BRIEF),
    "it resets at once": (pieces(RESET), "broke the connection off", BRIEF),
    "half a status line": (pieces(b"HTTP/1.1 2"), "breaks off", BRIEF),
    "half the headers": (pieces(OK + b"Content-"), "breaks off", BRIEF),
    "half the body": (pieces(sized(9) + b"{}"), "breaks off", BRIEF),
    "half a chunk": (pieces(CHUNKED + b"9\r\n{}"), "breaks off", BRIEF),
    "no last chunk": (pieces(CHUNKED + b"2\r\n{}\r\n"), "breaks off", BRIEF),
    "a reset in the body": (pieces(sized(9) + b"{}", 0.05, RESET), "broke the connection", BRIEF),
    # No HTTP, or lies in it.
    "SSH": (pieces(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "does not answer in HTTP", GONE),
    "HTTP/2": (
        pieces(b"\0\0\x12\4\0\0\0\0\0" + bytes(40) + b"\r\n\r\n"),
        "not answer in HTTP",
        GONE,
    ),
    "only a body": (pieces(b"<html>hi</html>\r\n\r\n"), "does not answer in HTTP", GONE),
    "a negative length": (pieces(sized(-1) + b"{}"), "does not answer in HTTP", GONE),
    "a length of words": (pieces(sized("ten") + b"{}"), "does not answer in HTTP", GONE),
    "two lengths": (pieces(OK + b"Content-Length: 2\r\n" + sized(3)[17:]), "in HTTP", GONE),
    "a chunk of negative size": (
        pieces(CHUNKED + b"-1\r\n{}\r\n"),
        "does not answer in HTTP",
        GONE,
    ),
    "a chunk of nonsense": (pieces(CHUNKED + b"zz\r\n{}\r\n"), "does not answer in HTTP", GONE),
    "a chunk of 2^80 bytes": (pieces(CHUNKED + b"f" * 21 + b"\r\n{}"), "not answer in HTTP", GONE),
    "chunks that overlap": (pieces(CHUNKED + b"1\r\n{}\r\n0\r\n\r\n"), "answer in HTTP", GONE),
    "a header without a colon": (pieces(OK + b"hello\r\n\r\n{}"), "does not answer in HTTP", GONE),
    "a header with a zero byte": (pieces(OK + b"a: \0\r\n\r\n{}"), "not answer in HTTP", GONE),
    "another protocol, as if we had asked": (
        pieces(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n"),
        r"one interim|breaks off|not answer in HTTP",
        EITHER,
    ),
    "status 999": (pieces(status(999, "{}")), r"refuses \(999\)|in HTTP", GONE),
    # No JSON.
    "nothing": (pieces(sized(0)), "does not answer in JSON", BRIEF),
    "status 204": (pieces(b"HTTP/1.1 204 No\r\n\r\n"), "does not answer in JSON", BRIEF),
    "a web page": (
        pieces(sized(len(PAGE)) + PAGE.encode()),
        "answers with a web page, not in JSON",
        BRIEF,
    ),
    "lists in lists": (pieces(OK + b"\r\n", DEEP[:60000]), "does not answer in JSON", BRIEF),
    "objects in objects": (pieces(OK + b"\r\n" + b'{"a":' * 9999), "not answer in JSON", BRIEF),
    "a number of 60,000 digits": (pieces(OK + b"\r\n" + b"9" * 60000), "answer in JSON", BRIEF),
    "bytes that are no text": (pieces(OK + b"\r\n" + b"\xff\xfe" * 99), "answer in JSON", BRIEF),
    # Redirects.
    "a redirect to itself": (redirect(lambda asked: asked.path), "without end", GONE),
    "redirects further and further": (
        redirect(lambda asked: f"/{asked.number}"),
        "without end",
        GONE,
    ),
    "a redirect to a file": (redirect(lambda _: "file:///etc/passwd"), "sends us elsewhere", GONE),
    "a redirect nowhere": (pieces(status(302)), "sends us elsewhere", GONE),
    "a redirect to an odd URL": (redirect(lambda _: "http://[::1"), "sends us elsewhere", GONE),
    "a redirect to nobody": (
        redirect(lambda _: f"http://127.0.0.1:{unused_port()}/"),
        "it refuses the connection",
        BRIEF,
    ),
    # Refused.
    "401": (pieces(status(401, "bad token")), r"not accept PINNING_TOKEN \(401\): bad token", GONE),
    "402": (pieces(status(402)), r"your plan .* does not allow more \(402\)", GONE),
    "403": (pieces(status(403)), r"does not allow this with PINNING_TOKEN \(403\)", GONE),
    "403 for a quota": (pieces(status(403, "Quota exceeded")), "your plan .* Quota exceeded", GONE),
    "404": (pieces(status(404)), r"nothing at the address that was called \(404\)", GONE),
    "405": (pieces(status(405)), r"nothing at the address that was called \(405\)", GONE),
    "409 for lack of funds": (
        pieces(status(409, '{"error": {"reason": "INSUFFICIENT_FUNDS", "details": "pay"}}')),
        "your plan .*: INSUFFICIENT_FUNDS: pay",
        GONE,
    ),
    "413": (pieces(status(413)), "does not take an upload of this size", GONE),
    "418": (pieces(status(418, "a teapot")), r"refuses \(418\): a teapot", GONE),
    "429": (pieces(status(429)), r"too many requests from you \(429\)", BRIEF),
    "500": (pieces(status(500)), r"out of order just now \(500\)", BRIEF),
    "502 by a proxy": (
        pieces(status(502, PAGE)),
        r"\(502\): a web page, 'Sign in to the ca",
        BRIEF,
    ),
    "503": (pieces(status(503)), r"out of order just now \(503\)", BRIEF),
    "504": (pieces(status(504)), r"out of order just now \(504\)", BRIEF),
    "507": (pieces(status(507)), "your plan .* does not allow more", GONE),
    "522 by Cloudflare": (pieces(status(522)), r"out of order just now \(522\)", BRIEF),
    "500 whose text drips": (
        dripping(b"x" * 999, b"HTTP/1.1 500 No\r\nContent-Length: 999\r\n\r\n"),
        r"out of order just now \(500\)",
        BRIEF,
    ),
    "500 without end": (
        without_end(b"x" * 999, b"HTTP/1.1 500 No\r\n\r\n"),
        r"out of order just now \(500\)",
        BRIEF,
    ),
    "403 compressed": (
        pieces(status(403, "", "Content-Encoding: gzip")),
        r"does not allow this with PINNING_TOKEN \(403\)$",
        GONE,
    ),
    # Secrets, echoed.
    "the token, echoed": (pieces(status(403, f"no {TOKEN}!")), r"no \[secret\]!", GONE),
    "the token in a URL": (pieces(status(403, quote(TOKEN, ""))), r": \[secret\]$", GONE),
    "the token in JSON": (
        pieces(status(400, json.dumps({"error": f"{TOKEN} is odd"}))),
        r": \[secret\] is odd",
        GONE,
    ),
    "the token in base64": (
        pieces(status(403, base64.b64encode(TOKEN.encode()).decode())),
        r": \[secret\]",
        GONE,
    ),
    "half the token": (pieces(status(403, f"{TOKEN[:12]}... is no")), r": \[secret\]\.\.\.", GONE),
    "the token in a page's title": (
        pieces(status(500, f"<html><title>{TOKEN}</title>")),
        r"a web page, '\[secret\]'",
        BRIEF,
    ),
    "the token in a trailer": (
        pieces(CHUNKED + f"2\r\n{{}}\r\n0\r\nX-Stream-Error: {TOKEN}\r\n\r\n".encode()),
        r"stopped in the middle: \[secret\]",
        BRIEF,
    ),
    "colours and bells": (
        pieces(status(418, "\x1b[31mred\x07\r\nalarm")),
        r"\[31mred alarm$",
        GONE,
    ),
    "a long story": (pieces(status(418, "so " * 999)), r"so s?…$", GONE),
    # Plain HTTP to a TLS port.
    "TLS's alert to plain HTTP": (pieces(b"\x15\x03\x01\0\2\2\x46"), "speaks TLS", GONE),
    "nginx's answer to plain HTTP": (
        pieces(status(400, "<title>400 The plain HTTP request was sent to HTTPS port</title>")),
        "speaks TLS",
        GONE,
    ),
    "Go's answer to plain HTTP": (
        pieces(status(400, "Client sent an HTTP request to an HTTPS server.")),
        "speaks TLS",
        GONE,
    ),
}


@contextmanager
def fails(said: str, again: bool | None = EITHER) -> Iterator[None]:
    """What runs inside fails with these words within its time, says what to do, and no secret."""
    begun = time.monotonic()
    with pytest.raises(PublishError, match=said) as caught:
        yield
    assert time.monotonic() - begun < ENDED
    assert again in (EITHER, isinstance(caught.value, TemporaryError))
    assert caught.value.hint
    whole = f"{caught.value} {caught.value.hint}"
    assert not any(TOKEN[at : at + 8] in whole for at in range(len(TOKEN) - 7))
    assert whole.isprintable()
    assert len(whole) < 700


@pytest.mark.parametrize("fault", ANSWERS)
def test_an_answer(fault: str) -> None:
    says, said, again = ANSWERS[fault]
    with raw_server(says) as server, fails(said, again):
        request_json("GET", server.url, token=TOKEN, most=MOST, within=WITHIN, variables=NAMES)
    assert server.requests


def test_an_answer_that_is_one() -> None:
    # Else the table would prove nothing.
    def says(asked: Asked) -> Pieces:
        yield b"HTTP/1.1 103 Early Hints\r\n\r\n"
        yield from dripping(sized(9))(asked)
        yield b'{"a": 1} '

    with raw_server(says) as server:
        answer = request_json("GET", f"{server.url}/a b?c=ü", token=TOKEN, within=20, most=9)
    assert answer == {"a": 1}
    (asked,) = server.requests
    assert asked.path == "/a%20b?c=%C3%BC"
    assert f"\r\nAuthorization: Bearer {TOKEN}" in asked.head
    assert "\r\nAccept-Encoding: identity\r\n" in asked.head


def test_lists_in_lists_where_python_recurses_deeply() -> None:
    # py-evm raises the limit on import; then json itself overflows the stack, and no test is left.
    code = """
import sys
from mint.document import plain
sys.setrecursionlimit(10**6)
lists = b"[" * 10**6
hidden = "\\u2200".encode("utf-16") + "[".encode("utf-16-le") * 10**6  # its bytes hold a quote
for text in (lists, b'{"a":' * 10**6, b"[" * 999 + b"]" * 999, hidden):
    try:
        plain(text)
    except ValueError:
        print("refused")
print(plain(b'["' + lists + b'", [' + b"[]," * 999 + b"7]]")[1][999])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.stdout.split() == [*["refused"] * 4, "7"], run.stderr


def test_memory_is_bounded_by_what_an_answer_may_have() -> None:
    says = ANSWERS["4 GB announced and sent"][0]
    tracemalloc.start()
    with raw_server(says) as server, pytest.raises(PublishError):
        request("GET", server.url, most=MOST, within=5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


def test_a_token_goes_to_no_other_host() -> None:
    with raw_server(pieces(sized(2) + b"{}")) as other:
        for here, path in ((other.url, "/other"), (None, "/again")):
            place = f"{here or ''}{path}"

            def says(asked: Asked, place: str = place) -> Pieces:
                return (
                    [sized(2) + b"{}"] if asked.number else [status(307, "", f"Location: {place}")]
                )

            with raw_server(says) as server:
                assert request_json("GET", server.url, token=TOKEN) == {}
            seen = [*other.requests, *server.requests[1:]][-1]
            assert seen.path == path
            assert (TOKEN in seen.head) is (here is None)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_reading_follows_redirects(method: str) -> None:
    says = redirect(lambda _: "/elsewhere", 307)
    with raw_server(says) as server, fails(r"sends us elsewhere \(307\)"):
        request(method, server.url, token=TOKEN, json={})
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("begins", "ends", "name", "said"),
    [
        (-1, 1, "127.0.0.1", "is signed by nobody whom this machine trusts"),
        (-9, -1, "127.0.0.1", r"has expired|signed by nobody"),
        (1, 9, "127.0.0.1", r"is not valid yet|signed by nobody"),
        (-1, 1, "127.0.0.2", r"is another server's|signed by nobody"),
    ],
    ids=["signed by itself", "expired", "of tomorrow", "of another host"],
)
@pytest.mark.parametrize("trusted", [False, True], ids=["strange", "trusted"])
def test_a_certificate(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    begins: float,
    ends: float,
    name: str,
    said: str,
    trusted: bool,
) -> None:
    file = certificate(tmp_path / "server.pem", begins, ends, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with raw_server(pieces(sized(2) + b"{}"), tls=file) as server:
        if trusted and (begins, ends, name) == (-1, 1, "127.0.0.1"):
            assert request_json("GET", server.url) == {}
            return
        with fails(said.partition("|")[0] if trusted else said):
            request_json("GET", server.url, token=TOKEN, variables=NAMES)
    assert not server.requests  # and so no token


def test_tls_to_a_plain_port() -> None:
    with (
        raw_server(pieces(status(400, "what?"))) as server,
        fails("does not speak TLS as https:// wants"),
    ):
        request("GET", server.url.replace("http:", "https:"), token=TOKEN, within=4)


def test_a_handshake_without_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with fails("was too slow", BRIEF):
            request("GET", f"https://127.0.0.1:{port}", within=WITHIN)


def test_a_host_of_no_name() -> None:
    with fails(r"there is no host of the name in http://nobody\.invalid|cannot be looked up"):
        request("GET", "http://nobody.invalid/secret", variables=NAMES)


def test_a_port_where_nobody_listens() -> None:
    with fails("it refuses the connection", BRIEF):
        request("GET", f"http://127.0.0.1:{unused_port()}", variables=NAMES)


def test_a_server_at_an_ipv6_address() -> None:
    try:
        with raw_server(pieces(sized(2) + b"{}"), host="::1") as server:
            assert request_json("GET", server.url, token=TOKEN) == {}
            assert f"Host: {server.url.removeprefix('http://')}" in server.requests[0].head
    except OSError:
        pytest.skip("this machine has no IPv6")
    with fails("it refuses the connection", BRIEF):
        request("GET", server.url)


@pytest.mark.parametrize(
    "url", ["", "host", "ftp://host", "http://", "http://host:99999", "http://[::1", "http://a..b"]
)
def test_a_url_that_is_none(url: str) -> None:
    with fails("is not a URL|no host of the name"):
        request("GET", url, token=TOKEN)


@pytest.mark.parametrize("token", [TOKEN + "\n", TOKEN + " ", "tök" + "en", "a\0b"])
def test_a_token_that_is_none(token: str) -> None:
    with fails("PINNING_TOKEN has a space, a line break or a letter that no token has"):
        request("GET", "http://127.0.0.1:9", token=token, variables=NAMES)


# Large uploads and downloads, which have no deadline, but must go on.

QUICK = Pace(1 << 20, 0.3)
UPLOAD = 16 << 20


def upload(url: str, size: int = UPLOAD) -> None:
    body = (bytes(1 << 20) for _ in range(size >> 20))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    reply = send("POST", url, body, size, headers=headers, within=WITHIN, pace=QUICK)
    checked(url, reply, [TOKEN], NAMES)


UPLOADS: dict[str, tuple[Says, bool, str]] = {
    "nobody reads": (pieces(60.0), False, "was too slow"),
    "no answer comes": (pieces(60.0), True, "was too slow"),
    "the answer drips": (dripping(sized(2) + b"{}" * 99), True, "was too slow"),
    "the answer has no end": (without_end(bytes(9999), OK + b"\r\n"), True, "more than"),
    "an early refusal": (pieces(status(413)), False, "does not take an upload of this size"),
    "an early refusal that drips": (
        dripping(b"x" * 9999, b"HTTP/1.1 413 No\r\nContent-Length: 9999\r\n\r\n"),
        False,
        "was too slow",
    ),
    "it closes in the middle": (pieces(), False, r"breaks off|broke the connection off"),
    "it resets in the middle": (pieces(RESET), False, r"breaks off|broke the connection off"),
    "a failure in a trailer": (
        pieces(CHUNKED + f"2\r\n{{}}\r\n0\r\nX-Stream-Error: {TOKEN} is full\r\n\r\n".encode()),
        True,
        r"stopped in the middle: \[secret\] is full",
    ),
    "a token that is refused": (pieces(status(401, TOKEN)), True, r"PINNING_TOKEN \(401\)"),
}


@pytest.mark.parametrize("fault", UPLOADS)
def test_an_upload(fault: str) -> None:
    says, reads, said = UPLOADS[fault]
    with raw_server(says, reads=reads) as server, fails(said):
        upload(server.url)


def test_an_upload_that_arrives_is_heard_of() -> None:
    news: list[tuple[int, int]] = []
    with raw_server(pieces(status(201, "", "Location: /1"))) as server:
        reply = send(
            "PATCH", server.url, [bytes(5 << 20), b"end"], (5 << 20) + 3,
            headers={"Tus-Resumable": "1.0.0"}, token=TOKEN,
            hear=lambda done, total: news.append((done, total)),
        )  # fmt: skip
    assert (reply.status, reply.headers["location"]) == (201, "/1")
    assert news[-1] == ((5 << 20) + 3, (5 << 20) + 3)
    assert len(server.requests[0].body) == (5 << 20) + 3


DOWNLOADS: dict[str, tuple[Says, str]] = {
    "headers drip": (dripping(sized(2) + b"{}" * 99), "was too slow"),
    "it stalls": (pieces(sized(9999) + b"x", 60.0), "was too slow"),
    "it drips": (dripping(b"x" * 9999, sized(9999)), "was too slow"),
    "it has no end": (without_end(bytes(1 << 16), OK + b"\r\n"), "more than the 8,388,608"),
    "it breaks off": (pieces(sized(9999), b"x" * 99), "breaks off"),
    "chunks of nothing but extensions": (
        without_end(b"1;" + b"x" * 60000 + b"\r\n \r\n", CHUNKED),
        "was too slow",
    ),
    "a failure in the trailer": (
        pieces(CHUNKED + b"1\r\nx\r\n0\r\nX-Stream-Error: no such block\r\n\r\n"),
        "stopped in the middle: no such block",
    ),
    "404": (pieces(status(404, "not here")), r"\(404\): not here"),
    "a redirect without end": (redirect(lambda asked: asked.path), "without end"),
}


@pytest.mark.parametrize("fault", DOWNLOADS)
def test_a_download(fault: str) -> None:
    says, said = DOWNLOADS[fault]
    with raw_server(says) as server, fails(said):
        for _ in stream(
            server.url, accept="*/*", most=8 << 20, token=TOKEN, within=WITHIN, pace=QUICK
        ):
            pass


def test_a_slow_reader_is_no_slow_server() -> None:
    with raw_server(pieces(sized(4 << 20) + bytes(4 << 20))) as server:
        size = 0
        for piece in stream(server.url, accept="*/*", most=8 << 20, within=9, pace=QUICK):
            if not size:
                time.sleep(2 * QUICK.window)
            size += len(piece)
    assert size == 4 << 20

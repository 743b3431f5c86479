"""Through a proxy that the environment names, as people in offices and schools must go."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from mint.errors import PublishError
from mint.pinning.http import TemporaryError, request, request_json
from mint.pinning.proxy import proxy_for
from tests.pinning.raw_server import Asked, Pieces, certificate, raw_server

YES = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@contextmanager
def connect_proxy(port: int) -> Iterator[tuple[str, list[str]]]:
    """A proxy that connects whoever asks to `port` on this machine, and what it was asked."""
    heads: list[str] = []
    sockets: list[socket.socket] = []

    def pump(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            client, _ = listener.accept()
            sockets.append(client)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            heads.append(head.decode())
            server = socket.create_connection(("127.0.0.1", port), 5)
            sockets.append(server)
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, client))
            back.start()
            pump(client, server)
            back.join(5)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            yield f"http://user:p%40ss@127.0.0.1:{listener.getsockname()[1]}", heads
        finally:
            for one in sockets:
                one.close()
            thread.join(5)


def test_tls_goes_through_a_tunnel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path / "server.pem", -1, 1, "pins.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with (
        raw_server(lambda asked: [YES], tls=file) as server,
        connect_proxy(int(server.url.rpartition(":")[2])) as (proxy, heads),
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        assert request_json("GET", "https://pins.example/pins", token="t", within=5) == {}
    (head,) = heads
    assert head.startswith("CONNECT pins.example:443 HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic dXNlcjpwQHNz" in head
    assert "Bearer" not in head  # that is for the service alone
    assert server.requests[0].path == "/pins"
    assert "Proxy-Authorization" not in server.requests[0].head


def test_plain_http_names_its_host_to_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(lambda asked: [YES]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert request_json("GET", "http://pins.example/pins?a=b", within=5) == {}
    (asked,) = proxy.requests
    assert asked.path == "http://pins.example/pins?a=b"
    assert "\r\nHost: pins.example\r\n" in asked.head


@pytest.mark.parametrize(
    ("answer", "said", "again"),
    [
        (b"HTTP/1.1 407 Who are you\r\n\r\n", r"refuses \(407\)", False),
        (b"HTTP/1.1 503 Later\r\n\r\n", r"refuses \(503\)", True),
        (b"HTTP/1.1 2", "does not answer as a proxy does", True),
        (b"hello\r\n\r\n", "does not answer as a proxy does", True),
    ],
)
def test_a_proxy_that_lets_nobody_through(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, said: str, again: bool
) -> None:
    def says(asked: Asked) -> Pieces:
        return [answer]

    with raw_server(says) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//user:pass" + "word@"))
        with pytest.raises(
            PublishError, match=rf"https://pins.example cannot be reached: the proxy .* {said}"
        ) as caught:
            request("GET", "https://pins.example", within=2)
    assert "HTTPS_PROXY" in caught.value.hint
    assert "password" not in str(caught.value)
    assert isinstance(caught.value, TemporaryError) is again


def test_a_proxy_that_is_away_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{port}")
    with pytest.raises(TemporaryError, match=rf"the proxy http://127.0.0.1:{port} does not answer"):
        request("GET", "https://pins.example", within=2)
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")
    with pytest.raises(PublishError, match="none of http://"):
        request("GET", "https://pins.example", within=2)


def test_what_is_near_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "intra.example")
    assert proxy_for("pins.example", True) is not None
    for host in ("localhost", "127.0.0.1", "::1", "intra.example", "a.intra.example"):
        assert proxy_for(host, True) is None

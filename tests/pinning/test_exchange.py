"""Uploading to servers that answer early, late, in parts, at length, or not in HTTP at all."""

from __future__ import annotations

import socket
import ssl
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from mint.pinning.call import Call, Reply
from mint.pinning.exchange import PIECE, AnswerError, Exchange, Pace
from tests.pinning.raw_server import certificate

MOST_ANSWER = 1 << 20
FINAL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
# What a server does with a connection: it reads from and writes to a file.
Server = Callable[[socket.SocketIO], None]


@contextmanager
def listening(server: Server, wrap: Callable[[socket.socket], socket.socket]) -> Iterator[int]:
    """The port of a server of one connection, which it closes only when the test is over."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            connection, _ = listener.accept()
            with (
                suppress(OSError),
                wrap(connection) as wrapped,
                wrapped.makefile("rwb", buffering=0) as stream,
            ):
                server(stream)
                over.wait(30)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join(30)
        assert not thread.is_alive()


def send(
    server: Server,
    pieces: int = 2,
    silence: float = 20,
    wrap: Callable[[socket.socket], socket.socket] = lambda connection: connection,
    tls: bool = False,
) -> Reply:
    """The reply of `server` to an upload of so many pieces."""
    with listening(server, wrap) as port:
        body, size = (bytes(PIECE) for _ in range(pieces)), pieces * PIECE
        headers = {"Content-Length": str(size)}
        call = Call("POST", "127.0.0.1", port, tls, "/import", headers, body, size)
        with Exchange(call, silence, Pace(1, silence)) as exchange:
            status, fields = exchange.head()
            answer = b"".join(exchange.body(MOST_ANSWER))
            return Reply(status, fields, answer, exchange.trailers)


def read_all(stream: socket.SocketIO) -> int:
    """Read a request to its end; the bytes of its body."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += stream.read(1)
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    left = length
    while left:
        left -= len(stream.read(min(left, 1 << 16)))
    return length


def answers(reply: bytes) -> Server:
    """A server that reads all and says `reply`."""

    def server(stream: socket.SocketIO) -> None:
        read_all(stream)
        stream.write(reply)

    return server


def test_all_of_a_body_arrives_and_the_answer_comes_back() -> None:
    sizes = []

    def server(stream: socket.SocketIO) -> None:
        sizes.append(read_all(stream))
        stream.write(FINAL)

    assert send(server, pieces=9) == Reply(200, {"content-length": "2"}, b"{}", {})
    assert sizes == [9 * PIECE]


def test_trailers_are_part_of_the_answer() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n"
    reply = send(answers(chunked + b"X-Stream-Error: disk full\r\n\r\n"))
    assert (reply.body, reply.trailers) == (b"{}", {"x-stream-error": "disk full"})


def test_interim_answers_are_passed_over() -> None:
    def server(stream: socket.SocketIO) -> None:
        stream.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        stream.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
        read_all(stream)
        for _ in range(20):
            stream.write(b"HTTP/1.1 102 Processing\r\n\r\n")
        stream.write(FINAL)

    assert send(server).body == b"{}"


def test_interim_answers_without_end_are_an_error() -> None:
    with pytest.raises(AnswerError, match="one interim answer"):
        send(answers(b"HTTP/1.1 102 Processing\r\n\r\n" * 1000))


def test_a_refusal_is_read_while_the_upload_is_under_way() -> None:
    # It neither reads the body nor closes: whoever sends all before reading waits for ever.
    def server(stream: socket.SocketIO) -> None:
        stream.read(100)
        stream.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge")

    reply = send(server, pieces=200, silence=5)
    assert (reply.status, reply.body) == (413, b"large")


def test_memory_does_not_grow_with_the_upload() -> None:
    tracemalloc.start()
    send(answers(FINAL), pieces=64)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * PIECE  # of 64


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "illegal status line"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * (1 << 20), "Receive buffer too long"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (3 * MOST_ANSWER)
            + bytes(3 * MOST_ANSWER),
            "sends more than the 1,048,576 bytes",
        ),
    ],
    ids=["another protocol", "endless headers", "endless body"],
)
def test_an_answer_that_is_none(reply: bytes, message: str) -> None:
    with pytest.raises(AnswerError, match=message):
        send(answers(reply))


def test_silence_ends_with_a_timeout() -> None:
    with pytest.raises(TimeoutError, match=r"no whole answer within 0\.2 s"):
        send(lambda stream: None, silence=0.2)


def test_over_tls_with_a_certificate_that_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = certificate(tmp_path / "server.pem", -1, 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def wrap(connection: socket.socket) -> socket.socket:
        return context.wrap_socket(connection, server_side=True)

    with pytest.raises(ssl.SSLCertVerificationError):
        send(answers(FINAL), wrap=wrap, tls=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    assert send(answers(FINAL), pieces=9, wrap=wrap, tls=True).body == b"{}"

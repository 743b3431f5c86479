"""A large upload by HTTP/1.1 -> the whole answer, with its trailers, also when it comes early.

The HTTP libraries we use otherwise drop trailers, and read nothing before all is sent. h11 is the
protocol without the sockets: it takes and gives bytes, and bounds what it holds of headers.
Source: RFC 9110 and 9112
"""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import h11

from mint.pinning.http import CONNECT

PIECE = 1 << 20  # bytes of the body in memory at once
MOST_ANSWER = 1 << 20  # bytes: a line of JSON, or the page of somebody's proxy
MOST_INTERIM = 100  # answers "1xx, go on" before the one that counts


class AnswerError(Exception):
    """The other side does not speak HTTP, or stopped in the middle of its answer."""


class Upload(NamedTuple):
    """A POST. `headers` has the Content-Length of all that `body` gives."""

    host: str
    port: int
    tls: bool
    target: str
    headers: dict[str, str]
    body: Iterator[bytes]


class Reply(NamedTuple):
    """An answer; names in `headers` and `trailers` are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    trailers: dict[str, str]


def upload(request: Upload, timeout: float) -> Reply:
    """Send `request` and read the answer; stop sending once the answer begins.

    `timeout` is the longest silence in seconds. Raises OSError (TimeoutError among them) and
    AnswerError.
    """
    with _connect(request) as connection:
        connection.setblocking(False)
        try:
            return _exchange(connection, request, timeout)
        except h11.ProtocolError as error:
            raise AnswerError(str(error)) from None


def _connect(request: Upload) -> socket.socket:
    connection = socket.create_connection((request.host, request.port), CONNECT)
    if not request.tls:
        return connection
    try:
        return ssl.create_default_context().wrap_socket(connection, server_hostname=request.host)
    except OSError:
        connection.close()
        raise


def _exchange(connection: socket.socket, request: Upload, timeout: float) -> Reply:
    protocol = h11.Connection(h11.CLIENT)
    sender = _sender(connection, protocol, request)
    sending = next(sender, False)  # the head: nothing that comes before it is an answer to it
    status, headers, body, interim = 0, {}, b"", 0
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            data = _received(connection)
            if data is not None:
                protocol.receive_data(data)
            else:
                sending = sending and next(sender, False)
                _wait(connection, sending, timeout)
        elif isinstance(event, h11.InformationalResponse):
            interim += 1
            _bound(interim, MOST_INTERIM)
        elif isinstance(event, h11.Response):
            status, headers, sending = event.status_code, _fields(event.headers), False
        elif isinstance(event, h11.Data):
            body += event.data
            _bound(len(body), MOST_ANSWER)
        elif isinstance(event, h11.EndOfMessage):
            return Reply(status, headers, body, _fields(event.headers))


def _sender(connection: socket.socket, protocol: h11.Connection, request: Upload) -> Iterator[bool]:
    """Send piece by piece; True after each piece, and whenever the socket takes no more."""
    for piece in _encoded(protocol, request):
        rest = memoryview(piece)
        while rest:
            try:
                rest = rest[connection.send(rest) :]
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                yield True
            except (BrokenPipeError, ConnectionResetError):
                return  # it may have said why before it closed
        yield True


def _encoded(protocol: h11.Connection, request: Upload) -> Iterator[bytes]:
    host = f"[{request.host}]" if ":" in request.host else request.host
    headers = {"Host": f"{host}:{request.port}", "Connection": "close"} | request.headers
    yield (
        protocol.send(
            h11.Request(method="POST", target=request.target, headers=list(headers.items()))
        )
        or b""
    )
    for piece in request.body:
        yield protocol.send(h11.Data(data=piece)) or b""
    protocol.send(h11.EndOfMessage())


def _received(connection: socket.socket) -> bytes | None:
    """Bytes that have come: b"" at the end of the connection, None for nothing yet."""
    try:
        return connection.recv(1 << 16)
    except (BlockingIOError, ssl.SSLWantReadError):
        return None


def _wait(connection: socket.socket, sending: bool, timeout: float) -> None:
    """Until there is something to read or, while `sending`, room to write; else TimeoutError."""
    readable, writable, _ = select.select(
        [connection], [connection] if sending else [], [], timeout
    )
    if not readable and not writable:
        raise TimeoutError(f"silent for {timeout:.0f} s")


def _bound(size: int, most: int) -> None:
    if size > most:
        raise AnswerError("the answer is too long")


def _fields(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode(): value.decode(errors="replace") for name, value in headers}

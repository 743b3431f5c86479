"""One request by HTTP/1.1 -> its whole answer, with trailers, bounded in bytes and in time.

The HTTP libraries we use otherwise bound only the silence between two bytes, drop trailers, and
read nothing before all is sent. h11 is the protocol without the sockets: it takes and gives bytes,
and bounds what it holds of headers. Only looking a host's name up is left to the system's limits.
Source: RFC 9110 and 9112
"""

from __future__ import annotations

import select
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import h11

from mint.pinning.call import AnswerError as AnswerError
from mint.pinning.call import Call
from mint.pinning.connect import tls_context
from mint.pinning.proxy import proxy_for, tunnel, way_to

PIECE = 1 << 18  # bytes of a body in memory at once
MOST_HEAD = 1 << 16  # bytes of an answer's headers
MOST_INTERIM = 100  # answers "1xx, go on" before the one that counts
_READ, _WRITE = select.POLLIN, select.POLLOUT
_CLOSED = (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
ILLEGAL = "has a token or a URL an odd letter, or was a file altered while it was sent?"
_TLS_ALERT = b"\x15\x03"  # how a TLS server says that it understood nothing (RFC 8446, 5.1)

Sent = Callable[[int, int], None]  # bytes of an upload that have gone, of all


def unheard(done: int, total: int) -> None:
    """The `Sent` of an upload that nobody looks at."""


class Pace(NamedTuple):
    """The slowest transfer that still counts as one: so many bytes in so many seconds."""

    least: int = 256 << 10
    window: float = 60.0


PACE = Pace()


class Exchange:
    """A connection of its own for one request; a context manager.

    `within` is the time in seconds from the start to the last byte of the answer. With `pace`,
    what is long (the upload, the download) may take any time, as long as it keeps to that pace;
    `within` then bounds the rest: to connect, and from the last byte sent to the answer's headers.
    Raises OSError (TimeoutError and ssl.SSLError among them) and AnswerError.
    """

    def __init__(
        self, call: Call, within: float, pace: Pace | None = None, hear: Sent = unheard
    ) -> None:
        self.trailers: dict[str, str] = {}
        self._call, self._within, self._hear = call, within, hear
        self._pace = pace
        self._paced = False  # whether the pace is what counts just now
        self._moved, self._waited = 0, 0.0  # bytes, seconds of the pace's present window
        self._since = time.monotonic()
        self._until = self._since + within
        self._ended = False
        self._first = b""
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
        self._proxy = proxy_for(call.host, call.tls)
        self._socket = way_to(call.host, call.port, self._proxy, self._until)

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()

    def head(self) -> tuple[int, dict[str, str]]:
        """Send the request; status and headers of the answer. Sending stops where one begins."""
        if self._call.tls:
            if self._proxy:
                target = f"{self._call.authority}:{self._call.port}"
                tunnel(self._socket, self._proxy, target, self._wait)
            self._secure()
        sender = self._sender()
        sending = next(sender, False)  # the head: nothing that comes before it is an answer to it
        self._by_pace(self._pace is not None)
        interim = 0
        while True:
            event = self._event()
            if event is h11.NEED_DATA:
                if not self._receive():
                    if sending and not (sending := next(sender, False)):
                        self._by_pace(False)
                    self._wait(_READ | (_WRITE if sending else 0))
            elif isinstance(event, h11.InformationalResponse):
                interim += 1
                if interim > MOST_INTERIM:
                    raise AnswerError("sends one interim answer after the other")
            elif isinstance(event, h11.Response):
                headers = _fields(event.headers)
                if sending:
                    self._by_pace(False)
                return event.status_code, headers

    def body(self, most: int) -> Iterator[bytes]:
        """The answer's body, piece by piece; AnswerError after `most` bytes. Then `trailers`."""
        left = most
        if self._pace is not None and not self._call.size:
            self._by_pace(True)
        while True:
            event = self._event()
            if event is h11.NEED_DATA:
                if not self._receive():
                    self._wait(_READ)
            elif isinstance(event, h11.Data):
                piece = bytes(event.data)
                left -= len(piece)
                self._moved += len(piece)
                if left < 0:
                    raise AnswerError(f"sends more than the {most:,} bytes that are allowed here")
                yield piece
                self._since = time.monotonic()
            elif isinstance(event, h11.EndOfMessage):
                self.trailers = _fields(event.headers)
                return

    def _event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        self._tick()
        try:
            return self._protocol.next_event()
        except h11.RemoteProtocolError as error:
            if self._ended:
                raise AnswerError("breaks off in the middle of its answer", brief=True) from None
            if self._first.startswith(_TLS_ALERT):
                raise AnswerError("speaks TLS", "write https:// instead of http://") from None
            what = str(error).partition(":")[0]  # the rest is what it said, secrets and all
            raise AnswerError(f"does not answer in HTTP ({what})") from None

    def _sender(self) -> Iterator[bool]:
        """Send piece by piece; True after each piece, and whenever the socket takes no more."""
        done = 0
        for piece, size in self._encoded():
            self._since = time.monotonic()
            rest = memoryview(piece)
            while rest:
                try:
                    count = self._socket.send(rest)
                    self._moved += count
                    rest = rest[count:]
                except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                    yield True
                except _CLOSED:
                    return  # it may have said why before it closed
            if size:
                done += size
                self._hear(done, self._call.size)
            yield True

    def _encoded(self) -> Iterator[tuple[bytes, int]]:
        """The request as it goes over the wire, and how much of each piece is of the body."""
        call = self._call
        host, target = call.authority, call.target
        if call.port != (443 if call.tls else 80):
            host += f":{call.port}"
        headers = {"Host": host, "Connection": "close", "Accept-Encoding": "identity"}
        headers |= call.headers
        if self._proxy and not call.tls:
            target = f"http://{host}{target}"
            headers |= {"Proxy-Authorization": self._proxy.auth} if self._proxy.auth else {}
        fields = list(headers.items())
        try:
            head = h11.Request(method=call.method, target=target, headers=fields)
            yield self._protocol.send(head) or b"", 0
            for piece in call.body:
                yield self._protocol.send(h11.Data(data=piece)) or b"", len(piece)
            self._protocol.send(h11.EndOfMessage())
        except h11.LocalProtocolError:  # its text has the header, secrets and all
            raise AnswerError("cannot be sent this: no request looks so", ILLEGAL) from None

    def _receive(self) -> bool:
        """Take bytes that have come, the end of the connection among them; False for none yet."""
        try:
            data = self._socket.recv(1 << 16)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        self._ended = not data
        self._first = self._first or data[:5]
        self._protocol.receive_data(data)
        return True

    def _secure(self) -> None:
        """Make the connection one by TLS, whose certificate is checked."""
        self._socket = tls_context().wrap_socket(
            self._socket, server_hostname=self._call.host, do_handshake_on_connect=False
        )
        assert isinstance(self._socket, ssl.SSLSocket)
        while (events := _handshake(self._socket)) is not None:
            self._wait(events)

    def _by_pace(self, paced: bool) -> None:
        """From now on the pace counts, or else the time until the end."""
        self._paced, self._moved, self._waited = paced, 0, 0.0
        self._since = time.monotonic()
        if not paced and self._pace is not None:
            self._until = self._since + self._within

    def _tick(self) -> None:
        """TimeoutError where the time is over, whether it went by waiting or by reading."""
        now = time.monotonic()
        interval, self._since = now - self._since, now
        if not self._paced or self._pace is None:
            if now >= self._until:
                raise TimeoutError(f"no whole answer within {self._within:g} s")
            return
        self._waited += interval
        if self._waited >= self._pace.window:
            if self._moved < self._pace.least:
                raise TimeoutError(f"{self._moved:,} bytes in {self._waited:.0f} s")
            self._moved, self._waited = 0, 0.0

    def _wait(self, events: int) -> None:
        """Until there is something to read or room to write, or the time is over."""
        left = self._until - time.monotonic()
        if self._paced and self._pace is not None:
            left = self._pace.window - self._waited
        poll = select.poll()
        poll.register(self._socket, events)
        poll.poll(max(0.0, left) * 1000)
        self._tick()


def _handshake(connection: ssl.SSLSocket) -> int | None:
    """What the handshake waits for; None once it is over."""
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        return _READ
    except ssl.SSLWantWriteError:
        return _WRITE
    return None


def _fields(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode(): value.decode(errors="replace") for name, value in headers}

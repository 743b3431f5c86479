"""A wire to a server that is cut when so many bytes have gone over it; and small servers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Wire:
    """TCP from a free loopback port to `real`; `cuts` are counts of bytes from the client."""

    def __init__(self, real: str, cuts: Sequence[int]) -> None:
        parts = urlsplit(real)
        self._real = parts.hostname, parts.port
        self._cuts = list(cuts)
        self._lock = threading.Lock()
        self.sent = 0  # bytes from clients that came to the wire, headers too
        self.broken = 0  # cuts so far
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Accept until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._real)
                back = threading.Thread(target=self._carry, args=(server, client, False))
                forth = threading.Thread(target=self._carry, args=(client, server, True))
                both = client, server, back, forth
                for thread in (back, forth, threading.Thread(target=_end, args=both)):
                    thread.start()

    def _carry(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                cut = self._due(len(data)) if counted else None
                sink.sendall(data if cut is None else data[:cut])
                if cut is not None:
                    break
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _due(self, count: int) -> int | None:
        """How much of these bytes still goes over before the wire is cut; None: all of them."""
        with self._lock:
            before, self.sent = self.sent, self.sent + count
            if not self._cuts or self._cuts[0] >= self.sent:
                return None
            self.broken += 1
            return max(0, self._cuts.pop(0) - before)

    def close(self) -> None:
        """Accept nobody from now on."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _end(client: socket.socket, server: socket.socket, *threads: threading.Thread) -> None:
    for thread in threads:
        thread.join()
    client.close()
    server.close()


@contextmanager
def wire(real: str, cuts: Sequence[int] = ()) -> Iterator[Wire]:
    """A Wire that is there while the block runs."""
    it = Wire(real, cuts)
    thread = threading.Thread(target=it.serve, daemon=True)
    thread.start()
    try:
        yield it
    finally:
        it.close()
        thread.join()


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The URL of an HTTP server on a free loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

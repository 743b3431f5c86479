"""A trustless gateway that has what it is given, sends it as it is told, and notes who asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from mint.ipfs.cid import parse_cid

Reply = tuple[int, bytes]


@contextmanager
def answering(
    answer: Callable[[str], tuple[int, Iterable[bytes]]],
) -> Iterator[tuple[str, list[str]]]:
    """A server that answers each GET as `answer(path and query)` says, and what it was asked."""
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            status, pieces = answer(self.path)
            self.send_response(status)
            self.end_headers()
            try:
                for piece in pieces:
                    self.wfile.write(piece)
            except OSError:  # the client has had enough
                pass

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", calls
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def gateway_of(
    blocks: Mapping[bytes, bytes], car: Callable[[], tuple[int, Iterable[bytes]]]
) -> Callable[[str], tuple[int, Iterable[bytes]]]:
    """A gateway that has `blocks`, by CID, and answers `format=car` as `car()` says."""

    def answer(target: str) -> tuple[int, Iterable[bytes]]:
        url = urlsplit(target)
        if parse_qs(url.query)["format"] == ["car"]:
            return car()
        block = blocks.get(parse_cid(url.path.rpartition("/")[2]))
        return (404, [b"not here"]) if block is None else (200, [block])

    return answer


def no_car() -> tuple[int, Iterable[bytes]]:
    """What many gateways say to `format=car`."""
    return 406, [b"no CARs here"]

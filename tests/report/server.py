"""What `mint preview` answers to the report: decisions, and news of a build under way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any

DECISIONS = b'{"keep": {"1": {"attempt": 0}}, "redraw": [], "reject": []}'


class ReportServer(ThreadingHTTPServer):
    """Serves one page; token 1 is kept already, and the disk is full after one more decision."""

    daemon_threads = True

    def __init__(self, page: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.page, self.posted = page, list[dict[str, Any]]()
        self.news: SimpleQueue[dict[str, Any]] = SimpleQueue()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def tell(self, event: dict[str, Any]) -> None:
        self.news.put(event)


@contextmanager
def serving(page: bytes) -> Iterator[ReportServer]:
    with ReportServer(page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ReportServer

    def do_GET(self) -> None:
        if self.path == "/":
            self._send(200, "text/html; charset=utf-8", self.server.page)
        elif self.path == "/api/decisions":
            self._send(200, "application/json", DECISIONS)
        elif self.path == "/api/events":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for _ in range(3):
                self.wfile.write(b"data: %b\n\n" % json.dumps(self.server.news.get()).encode())
        else:
            self._send(404, "text/plain", b"not here")

    def do_POST(self) -> None:
        words = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.posted:
            return self._send(507, "application/json", b'{"error": "the disk is full"}')
        self.server.posted.append(words)
        self._send(200, "application/json", b"{}")

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

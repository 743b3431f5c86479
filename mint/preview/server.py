"""A CAR and a report page -> a web server on this machine alone, for `mint preview`.

`/` is the report; what any other path gets is in answer.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from mint.errors import PublishError
from mint.ipfs.car import Car, open_car
from mint.preview.answer import Answer, answer, header_fields, refusal
from mint.preview.beside import file_beside, is_beside


def serve(car: Path, report: Path, port: int = 0) -> ThreadingHTTPServer:
    """A server on 127.0.0.1 (port 0: any free one), bound but not started.

    The caller runs `serve_forever` in a thread and ends it with `shutdown` and `server_close`.
    PublishError when the CAR cannot be read or the port is taken.
    """
    try:
        return _Server(open_car(car), report, port)
    except OSError as error:
        raise PublishError(
            f"cannot listen on 127.0.0.1:{port}: {error.strerror}", hint="choose another port"
        ) from error


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, car: Car, report: Path, port: int) -> None:
        self.car, self.report = car, report  # first: a failed bind already calls server_close
        super().__init__(("127.0.0.1", port), _Handler)

    def server_close(self) -> None:
        super().server_close()
        self.car.close()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds an idle connection may keep its thread

    def handle(self) -> None:
        # A tab that is closed resets its connection, at any byte and also between two requests.
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        try:
            self._send(self._answer())
        except (PublishError, TimeoutError):
            # The status is sent: a damaged block can only end the body early now.
            self.close_connection = True

    do_HEAD = do_GET

    def _answer(self) -> Answer:
        # A page elsewhere can give its own name our address (DNS rebinding); it cannot fake Host.
        host, _, port = self.headers.get("Host", "").partition(":")
        if host not in ("127.0.0.1", "localhost") or port != str(self.server.server_port):
            return refusal(HTTPStatus.FORBIDDEN, "only for browsers on this machine")
        try:
            path = urlsplit(self.path).path
            if path == "/":
                return _page(self.server.report)
            if is_beside(path):
                return file_beside(self.server.report, path)
            return answer(self.server.car, self.path, self.headers)
        except ValueError:
            return refusal(HTTPStatus.BAD_REQUEST, "not a URL")
        except PublishError as error:
            return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        body = answer.body if self.command == "GET" else ()
        if answer.status == HTTPStatus.OK and "Content-Length" not in answer.headers:
            body = self._framed(body)
        self.end_headers()
        for part in body:
            self.wfile.write(part)

    def _framed(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """A body of unknown length, so that the client sees where it ends (RFC 9112, 7.1)."""
        if self.request_version != "HTTP/1.1":
            self.close_connection = True
            return body
        self.send_header("Transfer-Encoding", "chunked")
        if self.command != "GET":
            return body
        return chain((b"%x\r\n%b\r\n" % (len(part), part) for part in body), [b"0\r\n\r\n"])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the command line alone prints."""


def _page(report: Path) -> Answer:
    try:
        body = report.read_bytes()
    except OSError:
        return refusal(HTTPStatus.NOT_FOUND, "no report yet: run `mint build`")
    fields = header_fields("", "text/html; charset=utf-8", len(body), False)
    del fields["Etag"], fields["Accept-Ranges"]
    return Answer(HTTPStatus.OK, fields, [body])

"""A build's folder and its CAR -> a web server on this machine alone, for `mint preview`.

`/` is the report, or while there is none the page that shows pictures as they come (also `/live`),
`/tokens-2.html` a further page of it;
`/api/` is for the artist's buttons (desk.py, masks.py, stream.py). What any other path gets is in
folder.py and, for what IPFS will have, in answer.py.
"""

from __future__ import annotations

import select
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mint.errors import CollectionError, MintError, PublishError
from mint.preview.answer import Answer, answer, refusal
from mint.preview.beside import file_beside, is_beside
from mint.preview.desk import (
    MOST_BYTES,
    decide,
    decisions_answer,
    foreign,
    problem,
    refuse_request,
)
from mint.preview.folder import built_file, live_page, report_page, stored_picture
from mint.preview.latest import Cars, Exhibitions
from mint.preview.masks import MOST_BYTES as MOST_OF_MASK
from mint.preview.masks import receive_mask
from mint.preview.stream import event_stream
from mint.record.folders import Folders

# Where pages may send something, and how many bytes at most.
SENT = {"/api/decisions": MOST_BYTES, "/api/masks": MOST_OF_MASK}
NO_CAR = "not packed for IPFS yet: run mint build"


def serve(
    car: Path, report: Path, port: int = 0, folders: Folders | None = None
) -> ThreadingHTTPServer:
    """A server on 127.0.0.1 (port 0: any free one), bound but not started.

    With `folders`, those of the collection, it also has the buttons, follows a build, and works
    before there is a CAR. The caller runs `serve_forever` in a thread and ends it with `shutdown`
    and `server_close`. PublishError when the CAR cannot be read or the port is taken.
    """
    cars = Cars(car)
    if cars.current() is None and folders is None:
        raise PublishError(f"there is no {car}", hint="run `mint build` first")
    try:
        return _Server(cars, report, port, folders)
    except OSError as error:
        raise PublishError(
            f"cannot listen on 127.0.0.1:{port}: {error.strerror}", hint="choose another port"
        ) from error


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, cars: Cars, report: Path, port: int, folders: Folders | None) -> None:
        # First: a failed bind already calls server_close.
        self.cars, self.report, self.folders, self.closed = cars, report, folders, False
        self.exhibitions = Exhibitions(folders) if folders else None
        super().__init__(("127.0.0.1", port), _Handler)

    def shutdown(self) -> None:
        self.closed = True  # which ends the streams
        super().shutdown()

    def server_close(self) -> None:
        self.closed = True
        super().server_close()
        self.cars.close()


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

    def do_POST(self) -> None:
        reply = self._turn_away() or self._refuse_post()
        if reply is None:
            reply = self._decide()
        else:
            self.close_connection = True  # with its body unread
        with suppress(TimeoutError):
            self._send(reply)

    def _refuse_post(self) -> Answer | None:
        if self.server.folders is None or self.path not in SENT:
            return problem(HTTPStatus.NOT_FOUND, "nothing is to be sent here")
        return refuse_request(self.headers, SENT[self.path])

    def _decide(self) -> Answer:
        folders, exhibitions = self.server.folders, self.server.exhibitions
        assert folders is not None  # _refuse_post
        assert exhibitions is not None
        try:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/api/masks":
                return receive_mask(folders, body)
            return decide(folders, exhibitions.current(), body)
        except TimeoutError:
            self.close_connection = True
            return problem(HTTPStatus.REQUEST_TIMEOUT, "the request did not arrive whole")
        except CollectionError as error:  # a decisions.yaml that cannot be read
            return problem(HTTPStatus.CONFLICT, str(error), error.hint)
        except MintError as error:
            return problem(HTTPStatus.INTERNAL_SERVER_ERROR, str(error), error.hint)

    def _turn_away(self) -> Answer | None:
        # A page elsewhere can give its own name our address (DNS rebinding); it cannot fake Host.
        host, _, port = self.headers.get("Host", "").partition(":")
        if host not in ("127.0.0.1", "localhost") or port != str(self.server.server_port):
            return refusal(HTTPStatus.FORBIDDEN, "only for browsers on this machine")
        if self.path.startswith("/api/") and foreign(self.headers, self.server.server_port):
            return problem(HTTPStatus.FORBIDDEN, "only for this server's own pages")
        return None

    def _answer(self) -> Answer:
        if turned_away := self._turn_away():
            return turned_away
        try:
            path = urlsplit(self.path).path
            names = [unquote(name) for name in path.split("/") if name]
            if page := report_page(self.server.report, names):
                return page
            if is_beside(path):
                return file_beside(self.server.report, path)
            if reply := self._of_build(self.server.folders, names):
                return reply
            if not names:
                return refusal(HTTPStatus.NOT_FOUND, "no report yet: run `mint build`")
            car = self.server.cars.current()
            if car is None:
                return refusal(HTTPStatus.NOT_FOUND, NO_CAR)
            return answer(car, self.path, self.headers)
        except ValueError:
            return refusal(HTTPStatus.BAD_REQUEST, "not a URL")
        except MintError as error:
            return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))

    def _of_build(self, folders: Folders | None, names: list[str]) -> Answer | None:
        if folders is None:
            return None
        match names:
            case [] | ["live"]:
                return live_page()
            case ["api", "decisions"]:
                return decisions_answer(folders)
            case ["api", "events"]:
                return event_stream(folders.events, folders.out.name, self._wait)
            case ["pictures", name]:
                return stored_picture(folders, name)
        return built_file(folders, names, self.headers)

    def _wait(self, seconds: float) -> bool:
        """Wait; False once the browser has gone, or the server stops."""
        poll = select.poll()
        poll.register(self.connection, select.POLLIN | select.POLLHUP)
        return not poll.poll(1000 * seconds) and not self.server.closed

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        body = answer.body if self.command != "HEAD" else ()
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
        if self.command == "HEAD":
            return body
        return chain((b"%x\r\n%b\r\n" % (len(part), part) for part in body), [b"0\r\n\r\n"])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the command line alone prints."""

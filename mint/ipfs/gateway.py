"""A CAR and a report page -> a web server on this machine alone, for `mint preview`.

`/` is the report, `/ipfs/{cid}[/path]` anything in the CAR, and any other path is looked up below
the CAR's root. Source: https://specs.ipfs.tech/http-gateways/path-gateway/
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from mint.errors import PublishError
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import cid_text, parse_cid
from mint.ipfs.walk import cat, file_size, is_file, resolve

FOREVER = "public, max-age=29030400, immutable"  # a CID never changes its bytes
RAW_TYPE = "application/vnd.ipld.raw"
# Never text/html: a file in the CAR must not run beside the report. Names may lack an extension.
SIGNATURES = {
    rb"\x89PNG\r\n\x1a\n": "image/png",
    rb"\xff\xd8\xff": "image/jpeg",
    rb"GIF8[79]a": "image/gif",
    rb"RIFF....WEBP": "image/webp",
    rb"\s*[\[{]": "application/json",
}


class Answer(NamedTuple):
    """What to send; `body` is read only for GET."""

    status: HTTPStatus
    headers: dict[str, str]
    body: Iterable[bytes]


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

    def do_GET(self) -> None:
        try:
            self._send(self._answer())
        except (PublishError, ConnectionError, TimeoutError):
            # The status is sent: only a body that ends early can still tell of a damaged block.
            self.close_connection = True

    do_HEAD = do_GET

    def _answer(self) -> Answer:
        # A page elsewhere can give its own name our address (DNS rebinding); it cannot fake Host.
        host, _, port = self.headers.get("Host", "").partition(":")
        if host not in ("127.0.0.1", "localhost") or port != str(self.server.server_port):
            return _refusal(HTTPStatus.FORBIDDEN, "only for browsers on this machine")
        try:
            if urlsplit(self.path).path == "/":
                return _page(self.server.report)
            return answer(self.server.car, self.path, self.headers)
        except ValueError:
            return _refusal(HTTPStatus.BAD_REQUEST, "not a URL")
        except PublishError as error:
            return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for block in answer.body if self.command == "GET" else ():
            self.wfile.write(block)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the command line alone prints."""


def answer(car: Car, target: str, headers: Message) -> Answer:
    """The answer to a GET of `target` ("/ipfs/bafy.../1.png?format=raw"); pure but for the CAR."""
    url = urlsplit(target)
    names = [unquote(name) for name in url.path.split("/") if name]
    cid, fixed = car.root, names[:1] == ["ipfs"]
    if fixed:
        try:
            cid, names = parse_cid("".join(names[1:2])), names[2:]
        except PublishError as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
    if car.find(cid) is None or any("/" in name for name in names):
        return _refusal(HTTPStatus.NOT_FOUND, "not in this CAR")
    wanted = parse_qs(url.query).get("format", [headers.get("Accept", "")])[0]
    if wanted == RAW_TYPE.rpartition(".")[2] or wanted == RAW_TYPE:
        return _raw(car, cid, names, headers)
    return _file(car, resolve(car.block, cid, "/".join(names)), fixed, headers)


def _raw(car: Car, cid: bytes, names: list[str], headers: Message) -> Answer:
    if names:
        return _refusal(HTTPStatus.BAD_REQUEST, "format=raw wants a CID without a path")
    block = car.block(cid)
    about = _about(f"{cid_text(cid)}.raw", RAW_TYPE, len(block), True) | {
        "Content-Disposition": f'attachment; filename="{cid_text(cid)}.bin"'
    }
    return _unless_known(about, headers) or Answer(HTTPStatus.OK, about, [block])


def _file(car: Car, cid: bytes | None, fixed: bool, headers: Message) -> Answer:
    if cid is None or not is_file(car.block, cid):
        return _refusal(HTTPStatus.NOT_FOUND, "no such file in this CAR")
    size = file_size(car.block, cid)
    about = _about(cid_text(cid), sniff(b"".join(cat(car.block, cid, 0, 512))), size, fixed)
    if known := _unless_known(about, headers):
        return known
    span = _span(headers, size, about["Etag"])
    if span is None:
        return Answer(HTTPStatus.OK, about, cat(car.block, cid))
    start, stop = span
    if start >= stop:
        refusal = _refusal(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "outside the file")
        return refusal._replace(headers=refusal.headers | {"Content-Range": f"bytes */{size}"})
    part = {
        "Content-Length": str(stop - start),
        "Content-Range": f"bytes {start}-{stop - 1}/{size}",
    }
    return Answer(HTTPStatus.PARTIAL_CONTENT, about | part, cat(car.block, cid, start, stop))


def _about(tag: str, kind: str, size: int, fixed: bool) -> dict[str, str]:
    return {
        "Content-Type": kind,
        "Content-Length": str(size),
        "Etag": f'"{tag}"',
        "Cache-Control": FOREVER if fixed else "no-cache",
        "Accept-Ranges": "bytes",
        # Pages elsewhere may reach this server, and what it shows may not be published yet.
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


def _unless_known(about: dict[str, str], headers: Message) -> Answer | None:
    tags = [tag.strip().removeprefix("W/") for tag in headers.get("If-None-Match", "").split(",")]
    if about["Etag"] in tags or "*" in tags:
        kept = {name: about[name] for name in ("Etag", "Cache-Control")}
        return Answer(HTTPStatus.NOT_MODIFIED, kept, [])
    return None


def _span(headers: Message, size: int, etag: str) -> tuple[int, int] | None:
    """Start and stop of the one range asked for; None for the whole file (RFC 9110, 14.2)."""
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", headers.get("Range", ""))
    if not match or match[0] == "bytes=-" or headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size


def sniff(head: bytes) -> str:
    """The media type of a file that begins with `head`; text if it is UTF-8 without a NUL."""
    for pattern, kind in SIGNATURES.items():
        if re.match(pattern, head, re.DOTALL):
            return kind
    try:
        # Incremental: a character cut at the end of `head` is no reason to call text binary.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if "\0" in text else "text/plain; charset=utf-8"


def _page(report: Path) -> Answer:
    try:
        body = report.read_bytes()
    except OSError:
        return _refusal(HTTPStatus.NOT_FOUND, "no report yet: run `mint build`")
    about = _about("", "text/html; charset=utf-8", len(body), False)
    del about["Etag"], about["Accept-Ranges"]
    return Answer(HTTPStatus.OK, about, [body])


def _refusal(status: HTTPStatus, why: str) -> Answer:
    body = f"{status.value} {why}\n".encode()
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
    return Answer(status, headers | {"X-Content-Type-Options": "nosniff"}, [body])

"""The page for the artist's wallet, on 127.0.0.1, under an address that nobody can guess.

`/TOKEN/` is the page, `/TOKEN/events` what is asked (server-sent events), `/TOKEN/take` and
`/TOKEN/answer` what the page says. All else is refused, also the right address under another host
name (DNS rebinding) and a request by another site's page.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import select
import threading
from contextlib import suppress
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any

from mint.chain.browser.desk import Desk

_MOST = 65_536  # bytes of an answer
_FRESH = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class PageServer:
    """A server that runs in a thread of its own until it is closed."""

    def __init__(self, desk: Desk, facts: dict[str, Any]) -> None:
        self.desk, self.token = desk, secrets.token_urlsafe(24)
        self._server = _Server(desk, self.token, _page(facts))
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self._server.server_port}/{self.token}/"

    def close(self) -> None:
        """Tell the page, and stop; a second time does nothing."""
        if not self._server.closed.is_set():
            self.desk.end()
            self.desk.emptied(0.5)  # a page that hears of it looks no more
            self._server.closed.set()
            self._server.shutdown()
            self._server.server_close()


def serve_page(desk: Desk, facts: dict[str, Any]) -> tuple[PageServer, str]:
    """The running server of a page that knows `facts` of the network, and the page's address."""
    server = PageServer(desk, facts)
    return server, server.url


def _page(facts: dict[str, Any]) -> tuple[bytes, str]:
    """The page with the network's facts in it, and its Content-Security-Policy."""
    text = files("mint.chain.browser").joinpath("page.html").read_text("utf-8")
    inside = json.dumps(facts).replace("<", "\\u003c")
    body = text.replace("{{ facts }}", inside).encode()
    style, script = (_source(body, tag) for tag in (b"style", b"script"))
    policy = (
        f"default-src 'none'; img-src data:; connect-src 'self'; style-src {style}; "
        f"script-src {script}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return body, policy


def _source(body: bytes, tag: bytes) -> str:
    """Only these very bytes may run."""
    (inline,) = re.findall(rb"<%b>(.*?)</%b>" % (tag, tag), body, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inline).digest()).decode("ascii")
    return f"'sha256-{digest}'"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, desk: Desk, token: str, page: tuple[bytes, str]) -> None:
        self.desk, self.token, self.page = desk, token, page
        self.closed = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds an idle connection may keep its thread

    def handle(self) -> None:
        with suppress(ConnectionError):  # a tab that is closed resets its connection
            super().handle()

    def do_GET(self) -> None:
        place = self._place()
        if place == "":
            self._page()
        elif place == "events":
            self._events()
        elif place is not None:
            self._refuse(HTTPStatus.NOT_FOUND, "nothing is here")

    def do_POST(self) -> None:
        self.close_connection = True
        place, desk = self._place(), self.server.desk
        if place is None:
            return
        body = self._body()
        if body is None or place not in ("take", "answer"):
            self._refuse(HTTPStatus.BAD_REQUEST, "that is no answer")
            return
        number = body.pop("number", None)
        done = isinstance(number, int) and (
            desk.take(number) if place == "take" else desk.answer(number, body)
        )
        status = HTTPStatus.OK if done else HTTPStatus.CONFLICT
        self._send(status, "application/json", json.dumps({"done": done}).encode())

    def _place(self) -> str | None:
        """What is asked for below the token; None once it is refused."""
        own = f"127.0.0.1:{self.server.server_port}"
        posted = self.command == "POST"
        if self.headers.get("Host") != own or foreign(self.headers, f"http://{own}", posted):
            self._refuse(HTTPStatus.FORBIDDEN, "only for the page of this very server")
            return None
        _, token, *rest = [*self.path.split("/"), ""]
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            self._refuse(HTTPStatus.FORBIDDEN, "copy the whole address from the terminal")
            return None
        return "/".join(rest).partition("?")[0].strip("/")

    def _page(self) -> None:
        body, policy = self.server.page
        headers = {
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "X-Frame-Options": "DENY",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        self._send(HTTPStatus.OK, "text/html; charset=utf-8", body, headers)

    def _events(self) -> None:
        """The state now and after each change, until page or server go."""
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        for name, value in {"Content-Type": "text/event-stream", **_FRESH}.items():
            self.send_header(name, value)
        self.end_headers()
        desk, version = self.server.desk, -1
        desk.enter()
        try:
            while not self.server.closed.is_set() and not self._gone():
                newer, state = desk.news(version, 0.2)
                if newer != version:
                    self.wfile.write(b"data: " + json.dumps(state).encode() + b"\n\n")
                    version = newer
        finally:
            desk.leave()

    def _gone(self) -> bool:
        """Whether the page has closed its connection."""
        return bool(select.select([self.connection], [], [], 0)[0])

    def _body(self) -> dict[str, Any] | None:
        """The JSON object in a request of our own page, None where it is none."""
        length, kind = self.headers.get("Content-Length", ""), self.headers.get("Content-Type")
        if kind != "application/json" or not re.fullmatch("[0-9]{1,6}", length):
            return None
        if int(length) > _MOST:
            return None
        with suppress(ValueError, TimeoutError, RecursionError):
            value = json.loads(self.rfile.read(int(length)))
            return value if isinstance(value, dict) else None
        return None

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self.close_connection = True
        self._send(status, "text/plain; charset=utf-8", why.encode() + b"\n")

    def _send(
        self, status: HTTPStatus, kind: str, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        fields = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **_FRESH,
            **(headers or {}),
        }
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the address holds the token."""


def foreign(headers: Message, own: str, posted: bool) -> bool:
    """Whether a page of another site sends this; typing the address in sends no Origin."""
    origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site")
    strange = origin != own and (posted or origin is not None)
    return strange or site not in (None, "same-origin", "none")

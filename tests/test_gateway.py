"""The preview's web server, over real sockets: what a browser gets, and what nobody may."""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from mint.errors import PublishError
from mint.ipfs.cid import Link, block_cid, cid_text, verified
from mint.ipfs.gateway import serve, sniff
from mint.ipfs.tree import tree_links, write_tree
from mint.ipfs.walk import resolve

PNG = b"\x89PNG\r\n\x1a\n" + hashlib.shake_128(b"png").digest(3 << 20)
TREE = {
    "images": {"1.png": PNG, "ü &%.png": PNG},
    "metadata": {f"{i}{'_' * 60}": json.dumps({"name": f"#{i}"}).encode() for i in range(3000)},
    "page.html": b"<script>alert(1)</script>",
    "empty": b"",
}


class Reply(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@pytest.fixture(scope="module")
def links(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Link]]:
    return iter([tree_links(TREE)])  # replaced below


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[ThreadingHTTPServer]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

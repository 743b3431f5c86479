"""A hub that answers, but not as it should: a portal's login page, a cut line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import ROOT

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILE = {"type": "file", "path": "model_index.json", "size": 1000, "oid": "abc"}
SCRIPT = """
import sys
from pathlib import Path
from mint.errors import RenderError
from mint.models.locate import locate
try:
    locate("mint-tests/atelier", sys.argv[1], Path("collection.yaml"))
except RenderError as error:
    print(error, error.hint, sep="\\n")
"""


class Hub(BaseHTTPRequestHandler):
    """`/login` answers a page to everything, `/cut` the list of files and a tenth of one."""

    def log_message(self, *_: object) -> None:
        """Silence."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        kind = self.path.split("/")[1]
        if kind == "cut" and "/tree/" not in self.path:
            self.answer(b"x" * 100, missing=900)
        else:
            page = json.dumps([FILE]).encode() if kind == "cut" else b"<html>log in</html>"
            self.answer(page)

    def answer(self, body: bytes, missing: int = 0) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + missing))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", '"abc"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


@pytest.fixture
def hub() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("kind", ["login", "cut"])
def test_a_hub_in_trouble_is_explained(hub: str, tmp_path: Path, kind: str) -> None:
    proxies = {name for name in os.environ if name.lower().endswith("_proxy")}
    environ = {name: value for name, value in os.environ.items() if name not in proxies} | {
        "HF_ENDPOINT": f"{hub}/{kind}",
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
        "PYTHONPATH": str(ROOT),
    }

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, COMMIT],
        cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    message, hint = done.stdout.splitlines()
    assert message.startswith(
        'the model "mint-tests/atelier" at 0123456789ab is not on this machine'
    )
    assert f"hf download mint-tests/atelier --revision {COMMIT}" in hint

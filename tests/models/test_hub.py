"""A hub that answers, but not as it should: a portal's login page, a cut line."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mint.errors import RenderError
from tests.conftest import ROOT
from tests.single_files import checkpoint, halved

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
    """`/login` answers a page to everything, `/cut` the list of files and a tenth of one; `/gated`
    wants its terms agreed to."""

    def log_message(self, *_: object) -> None:
        """Silence."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        kind = self.path.split("/")[1]
        if kind == "gated":
            self.send_response(403)
            self.send_header("X-Error-Code", "GatedRepo")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif kind == "cut" and "/tree/" not in self.path:
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


class Mirror(BaseHTTPRequestHandler):
    """A hub that has one model: the folder of its server, whose files it counts."""

    def log_message(self, *_: object) -> None:
        """Silence."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        folder: Path = self.server.folder  # type: ignore[attr-defined]  # attributes of this server alone
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        names = [path.relative_to(folder).as_posix() for path in files]
        body = b"{}"
        if "/tree/" in self.path:
            sizes = [path.stat().st_size for path in files]
            listed = zip(names, sizes, strict=True)
            body = json.dumps([FILE | {"path": n, "size": s, "oid": n} for n, s in listed]).encode()
        elif "/resolve/" in self.path:
            name = self.path.split(f"/{COMMIT}/")[1]
            if name not in names:
                self.send_response(404)
                self.send_header("X-Error-Code", "EntryNotFound")
                self.send_header("X-Repo-Commit", COMMIT)
                self.end_headers()
                return
            body = (folder / name).read_bytes()
            if self.command == "GET":
                self.server.sent.append(name)  # type: ignore[attr-defined]  # attributes of this server alone
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha256(self.path.encode()).hexdigest()}"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


FETCH = """
import sys
from pathlib import Path
from mint.models.locate_painter import locate_painter
from mint.spec.painting import ImageSettings
for fetch in (True, False):
    image = ImageSettings.model_validate_json(sys.argv[1])
    print(locate_painter(image, Path("collection.yaml"), fetch=fetch)[0])
"""


def fetched(folder: Path, home: Path, image: dict[str, str]) -> list[str]:
    """What of a hub's model in `folder` is fetched for `image`; then it is there offline, too."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as server:
        server.folder, server.sent = folder, []  # type: ignore[attr-defined]  # attributes of this server alone
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environ = {n: v for n, v in os.environ.items() if not n.lower().endswith("_proxy")} | {
            "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
            "HF_HOME": str(home / "hf"),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_XET": "1",
            "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run(
            [sys.executable, "-c", FETCH, json.dumps({"prompt": "a fox", **image})],
            cwd=home, env=environ, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        server.shutdown()
        assert done.returncode == 0, done.stderr
        online, offline = done.stdout.splitlines()
        assert online == offline
        return sorted(server.sent)  # type: ignore[attr-defined]  # attributes of this server alone


def test_of_a_config_the_weights_are_fetched_that_the_checkpoint_lacks(
    family: Callable[[str], Path], tmp_path: Path
) -> None:
    file = checkpoint(family("sd"), tmp_path / "dream.safetensors", without=["vae"])
    image = {"model": str(file), "config": "mint-tests/sd", "config_revision": COMMIT}

    sent = fetched(family("sd"), tmp_path, image)

    weights = [name for name in sent if name.endswith(".safetensors")]
    assert weights == ["vae/diffusion_pytorch_model.safetensors"]
    assert {"unet/config.json", "tokenizer/tokenizer.json"} < set(sent)


def test_half_precision_is_fetched_where_there_is_nothing_else(
    family: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = halved(family("sd"), tmp_path / "hub", "unet")
    (folder / "vae" / "diffusion_pytorch_model.fp16.safetensors").write_bytes(b"unread")

    sent = fetched(folder, tmp_path, {"model": "mint-tests/sd", "revision": COMMIT})

    assert [name for name in sent if name.endswith(".safetensors")] == [
        "text_encoder/model.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    ]


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("login", f"hf download mint-tests/atelier --revision {COMMIT}"),
        ("cut", f"hf download mint-tests/atelier --revision {COMMIT}"),
        ("gated", "if https://huggingface.co/mint-tests/atelier asks you to agree to its terms"),
    ],
)
def test_a_hub_in_trouble_is_explained(hub: str, tmp_path: Path, kind: str, remedy: str) -> None:
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
    assert remedy in hint


@pytest.mark.parametrize("way", ["asked", "downloaded"])
def test_a_model_of_one_part_is_found_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """As huggingface's library leaves it: what was not there is noted, or nothing is."""
    from huggingface_hub import constants

    from mint.models.hub import from_hub

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    repository = tmp_path / "models--mint-tests--judge"
    folder = repository / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        (folder / name).write_text("{}")
    if way == "asked":
        (repository / ".no_exist" / COMMIT).mkdir(parents=True)
        (repository / ".no_exist" / COMMIT / "model_index.json").touch()
    assert from_hub("mint-tests/judge", COMMIT, False, "judge: off") == folder
    with pytest.raises(RenderError, match="is not on this machine"):
        from_hub("mint-tests/another", COMMIT, False, "judge: off")

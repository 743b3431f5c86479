"""What every test may use: a collection in a folder of its own, and a closed network."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.families import FAMILIES, REFINERS
from tests.needs import FIXTURES, NEEDS, as_root, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A busy machine is no finding.
settings.register_profile("mint", deadline=None)
settings.load_profile("mint")
# Set before any library reads them: tests never ask the hub, and libraries stay quiet.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["DIFFUSERS_VERBOSITY"] = "error"
# Nor do they ever see the wallets of whoever runs them.
os.environ["MINT_WALLETS"] = os.devnull
os.environ.pop("MINT_WALLET", None)
# Nor do they tell a server of others what they pinned.
os.environ["IPFS_ROUTING"] = "none"
os.environ.pop("IPFS_GATEWAY", None)
# The user's own state folder, where senders lock their wallets; each xdist worker has one.
os.environ["MINT_STATE"] = tempfile.mkdtemp(prefix="mint-state-")
atexit.register(shutil.rmtree, os.environ["MINT_STATE"], ignore_errors=True)

# A job in the background ignores Ctrl-C, and so would every mint that a test starts and ends by it.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent
# Files that take minutes with few tests. They are begun first: for what is long and begun last all
# other cores wait.
LONG = (
    "test_ray_engine.py",
    "test_artefact.py",
    "test_any_machine.py",
    "test_atelier.py",
    "test_families.py",
    "test_cli.py",
    "test_carnival.py",
    "test_wheel.py",
    "test_cascade.py",
)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A fresh copy of collections/tiny: six pictures of 64 px, two steps."""
    return copy_collection("tiny", tmp_path)


@pytest.fixture
def weak_keystores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encrypt in no time: a second for each key is for those who guess, and is not tested here."""
    monkeypatch.setattr("mint.chain.keystores.WORK", 2)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """collections/tiny, built once for all tests that only copy what stands there."""
    from mint.build import Options, build  # reads the variables set above

    file = copy_collection("tiny", tmp_path_factory.mktemp("built"))
    build(file, Options(), lambda *news: None)
    return file


@pytest.fixture(scope="session")
def family(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The tiny folder of a family or refiner of tests/families, each saved once."""
    home = tmp_path_factory.mktemp("families")

    @cache
    def folder(name: str) -> Path:
        return (FAMILIES | REFINERS)[name](home / name)

    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once: a process can have only one of Playwright's loops."""
    from playwright.sync_api import sync_playwright

    flags = [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ]  # fmt: skip
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield launched
        launched.close()


def copy_collection(name: str, folder: Path) -> Path:
    """Copy collections/<name>/collection.yaml to `folder`/<name>, without any build."""
    home = folder / name
    home.mkdir()
    shutil.copy(ROOT / "collections" / name / "collection.yaml", home)
    return home / "collection.yaml"


def edit(file: Path, old: str, new: str) -> None:
    """Replace the only occurrence of `old` in `file`."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    yield from _mounted(tmp_path / "small", "size=2m")


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A file system that refuses writing, even to root."""
    yield from _mounted(tmp_path / "fixed", "size=1m,ro")


def _mounted(folder: Path, options: str) -> Iterator[Path]:
    """A tmpfs; permissions alone do not stop root, who runs most CI."""
    folder.mkdir()
    as_root("mount", "-t", "tmpfs", "-o", f"{options},mode=777", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        as_root("umount", "-l", str(folder))


@contextmanager
def frozen(folder: Path) -> Iterator[None]:
    """`folder` and all that it holds, as a disk that is mounted read-only."""
    as_root("mount", "--bind", str(folder), str(folder))
    try:
        as_root("mount", "-o", "remount,bind,ro", str(folder))
        yield
    finally:
        as_root("umount", "-l", str(folder))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))
    for item in items:
        for name in getattr(item, "fixturenames", ()):
            if name in FIXTURES:
                item.add_marker(FIXTURES[name])


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, missing in NEEDS.items():
        if item.get_closest_marker(marker) and (reason := missing()):
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that skips has failed, but for one that needs a GPU."""
    report = yield
    expected = hasattr(report, "wasxfail") or item.get_closest_marker("gpu")
    if report.skipped and os.environ.get("CI") == "true" and not expected:
        report.outcome = "failed"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"a failure in CI: {reason}"
    return report

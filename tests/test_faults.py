"""`kill -9` at every stage boundary and at random moments; then the same bytes, nothing twice."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from mint.errors import MintError
from mint.record.manifest import Manifest
from mint.store import replacing
from tests.builds import files, painted, run
from tests.conftest import copy_collection
from tests.killed_builds import FORK_SERVER, renders, start
from tests.needs import as_root

SEED = 20261122  # of the random moments; printed with every failure by the parametrisation


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], int, float]:
    """An uninterrupted build's files, the number of its news, and its seconds in a warm process."""
    file = copy_collection("tiny", tmp_path_factory.mktemp("whole"))
    _, news, _ = run(file)
    other = copy_collection("tiny", tmp_path_factory.mktemp("timed"))
    began = time.monotonic()
    process = start(other, 0)
    process.join()
    assert process.exitcode == 0
    assert files(other) == files(file)
    return files(file), len(news), time.monotonic() - began


def finish(file: Path, before: int) -> None:
    """Build again; only what was missing is painted, and every token is minted once."""
    manifest, news, _ = run(file)
    assert renders(file) == 6
    assert painted(news) == 6 - before
    assert isinstance(manifest, Manifest)
    assert manifest.deployment is not None
    assert len(manifest.deployment.transactions) == 2


# The news are listed in test_build.
@pytest.mark.parametrize("last", range(1, 29))
def test_killed_at_every_boundary(
    last: int, tiny: Path, whole: tuple[dict[str, str], int, float]
) -> None:
    expected, news, _ = whole
    assert news == 28
    process = start(tiny, last)
    process.join()
    assert process.exitcode == -signal.SIGKILL

    finish(tiny, renders(tiny))

    assert files(tiny) == expected


@pytest.mark.parametrize("moment", range(8))
def test_killed_at_a_random_moment(
    moment: int, tiny: Path, whole: tuple[dict[str, str], int, float]
) -> None:
    expected, _, seconds = whole
    process = start(tiny, 0)
    process.join(random.Random(SEED + moment).uniform(0, seconds))
    process.kill()
    process.join()

    finish(tiny, renders(tiny))

    assert files(tiny) == expected


def torn(file: str) -> None:
    """A process that dies while it writes `file`."""
    with replacing(Path(file), durable=False) as half:
        half.write(b"half")
        half.flush()
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_was_half_written_is_swept(
    tiny: Path, whole: tuple[dict[str, str], int, float]
) -> None:
    out, state = tiny.parent / "build" / "tiny", tiny.parent / ".mint"
    for file in (out / "report/index.html", out / "images/1.png", state / "objects/ab/cd"):
        process = FORK_SERVER.Process(target=torn, args=(str(file),))
        process.start()
        process.join()
    assert len([*tiny.parent.rglob(".new-*")]) == 3

    run(tiny)

    assert files(tiny) == whole[0]
    assert not [*tiny.parent.rglob(".new-*")]


def test_two_builds_at_once(tiny: Path) -> None:
    process = start(tiny, 0)
    lock = tiny.parent / ".mint" / "lock"
    while not (lock.exists() and lock.read_text()):
        time.sleep(0.01)
    try:
        with pytest.raises(MintError, match=f"process {process.pid} is building"):
            run(tiny)
    finally:
        process.join()
    assert process.exitcode == 0


def test_a_full_disk_in_the_middle(
    small_disk: Path, whole: tuple[dict[str, str], int, float]
) -> None:
    file = copy_collection("tiny", small_disk)
    filler = small_disk / "filler"
    free = os.statvfs(small_disk)
    filler.write_bytes(b"x" * (free.f_bavail * free.f_frsize - 60_000))

    with pytest.raises(MintError, match="No space left") as caught:
        run(file)
    assert "free some space" in caught.value.hint or "free disk space" in caught.value.hint

    filler.unlink()
    run(file)
    assert files(file) == whole[0]


def test_a_read_only_folder(read_only: Path, tmp_path: Path) -> None:
    text = copy_collection("tiny", tmp_path).read_text()
    as_root("mount", "-o", "remount,rw", str(read_only))
    (read_only / "collection.yaml").write_text(text)
    as_root("mount", "-o", "remount,ro", str(read_only))

    with pytest.raises(MintError, match="cannot write") as caught:
        run(read_only / "collection.yaml")

    assert "copy the collection" in caught.value.hint

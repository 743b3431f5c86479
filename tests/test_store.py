"""Objects and memos: whole or absent, verified, and locked to one build."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.document import sha256
from mint.errors import BuildRunning, StoreError
from mint.store import Store, link, lock, replacing, write


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_put_and_get(store: Store) -> None:
    digest = store.put(b"a picture")

    assert digest == sha256(b"a picture")
    assert store.get(digest) == b"a picture"
    assert store.put(b"a picture") == digest
    assert store.rotten == []


def test_absent_objects_are_none(store: Store) -> None:
    assert store.get("0" * 64) is None
    assert not store.has("0" * 64, 3)
    assert store.rotten == []


def test_objects_are_read_only(store: Store) -> None:
    path = store.object_path(store.put(b"x"))

    assert path.stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("damage", [b"", b"a pictura", b"a picture and more"])
def test_a_rotten_object_is_noticed_removed_and_reported(store: Store, damage: bytes) -> None:
    digest = store.put(b"a picture")
    path = store.object_path(digest)
    path.chmod(0o644)
    path.write_bytes(damage)

    assert store.get(digest) is None
    assert store.rotten == [digest]
    assert not path.exists()


def test_what_cannot_be_read_is_an_error_and_not_absent(store: Store) -> None:
    """Whoever takes it for absent would paint again, and fail when all is painted."""
    digest = sha256(b"a picture")
    store.object_path(digest).mkdir(parents=True)
    store.memo_path("step", digest).mkdir(parents=True)
    (store.root / "memo" / "file").write_bytes(b"in the way")

    for read in (store.get, lambda digest: store.recall("step", digest)):
        with pytest.raises(StoreError, match=r"cannot read .*: Is a directory") as caught:
            read(digest)
        assert "move that folder away" in caught.value.hint
    with pytest.raises(StoreError, match=r"cannot read .*: Not a directory"):
        store.recall("file", digest)


def test_another_size_is_rot_without_reading(store: Store) -> None:
    digest = store.put(b"a picture")

    assert store.has(digest, 9)
    assert not store.has(digest, 10)
    assert store.rotten == [digest]


@given(st.binary(), st.binary())
def test_what_is_remembered_is_recalled_or_missed(data: bytes, damage: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        store.remember("step", "k" * 64, data)
        assert store.recall("step", "k" * 64) == data

        store.memo_path("step", "k" * 64).write_bytes(damage)
        assert store.recall("step", "k" * 64) is None


def test_cached_produces_once(store: Store) -> None:
    calls = []

    def produce() -> bytes:
        calls.append(1)
        return b"data"

    assert store.cached("step", "key-1", produce) == b"data"
    assert store.cached("step", "key-1", produce) == b"data"
    assert store.cached("other", "key-1", produce) == b"data"
    assert len(calls) == 2


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, b"old")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"half of the n")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_full_disk_is_explained_and_nothing_is_torn(small_disk: Path) -> None:
    store = Store(small_disk / "store")
    digest = store.put(os.urandom(100_000))

    with pytest.raises(StoreError, match="No space left") as caught:
        store.put(os.urandom(4_000_000))

    assert "free some space" in caught.value.hint
    assert store.get(digest) is not None
    objects = [p for p in (small_disk / "store").rglob("*") if p.is_file()]
    assert objects == [store.object_path(digest)]


def test_a_read_only_folder_is_explained(read_only: Path) -> None:
    with pytest.raises(StoreError, match="cannot write") as caught:
        Store(read_only / "store").put(b"x")

    assert "copy the collection" in caught.value.hint
    with pytest.raises(StoreError, match="cannot write"), lock(read_only):
        pass


def test_link_shares_the_file_and_repairs_a_replaced_one(store: Store, tmp_path: Path) -> None:
    target = store.object_name(store.put(b"picture"))
    name = tmp_path / "images" / "1.png"

    link(target, str(name))
    assert name.samefile(target)

    name.unlink()
    name.write_bytes(b"something else")
    link(target, str(name))
    assert name.read_bytes() == b"picture"


def test_link_across_disks_is_a_copy(store: Store, small_disk: Path) -> None:
    target = store.object_name(store.put(b"picture"))

    link(target, str(small_disk / "1.png"))

    assert (small_disk / "1.png").read_bytes() == b"picture"


def test_the_second_build_names_the_first(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from mint.store import lock\n"
    script += "with lock(Path(sys.argv[1])): print('locked', flush=True); sys.stdin.read()"
    first = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert first.stdin is not None
    assert first.stdout is not None
    try:
        assert first.stdout.readline() == b"locked\n"
        with (
            pytest.raises(BuildRunning, match=f"process {first.pid} is building or"),
            lock(tmp_path),
        ):
            pass
    finally:
        first.kill()
        first.communicate()

    with lock(tmp_path):  # a killed process holds nothing
        assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_the_lock_follows_no_link(tmp_path: Path) -> None:
    # A collection that came from somebody else may bring its own .mint.
    victim = tmp_path / "diary.txt"
    victim.write_text("dear diary")
    (tmp_path / ".mint").mkdir()
    (tmp_path / ".mint" / "lock").symlink_to(victim)

    with pytest.raises(StoreError, match="cannot write"), lock(tmp_path / ".mint"):
        pass

    assert victim.read_text() == "dear diary"

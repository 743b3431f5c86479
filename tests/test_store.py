"""Objects and memos: whole or absent, verified, and locked to one build."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.document import sha256
from mint.errors import BuildRunning, StoreError
from mint.store import Store, link, lock, replacing, write
from tests import memos
from tests.conftest import frozen


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
    (store.root / "memo.sqlite").mkdir(parents=True)

    for read in (store.get, lambda digest: store.recall("step", digest)):
        with pytest.raises(StoreError, match=r"cannot read .*: Is a directory") as caught:
            read(digest)
        assert "move that folder away" in caught.value.hint


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

        memos.spoil(store.root, "step", "k" * 64, damage)
        assert store.recall("step", "k" * 64) == (data if damage == data else None)


def test_many_are_remembered_together_and_recalled_by_their_keys(store: Store) -> None:
    assert store.recall_all("step", ["a"]) == {}
    assert not store.root.exists()  # nothing is written to read

    store.remember_all("step", {"a": b"1", "b": b""})
    store.remember("step", "a", b"2")

    assert store.recall_all("step", ["a", "c", "b"]) == {"a": b"2", "b": b""}
    assert store.recall_all("other", ["a"]) == {}
    assert Store(store.root).recall("step", "a") == b"2"


def test_memos_that_are_no_memos_are_an_error_with_advice(store: Store) -> None:
    store.root.mkdir()
    (store.root / "memo.sqlite").write_bytes(b"no database at all" * 100)

    with pytest.raises(StoreError, match=r"memo.sqlite is damaged") as caught:
        store.recall("step", "key")
    assert "delete it" in caught.value.hint
    with pytest.raises(StoreError, match=r"memo.sqlite is damaged"):
        store.remember("step", "key", b"")


def test_a_memo_on_a_full_disk_is_explained_and_the_others_stay(small_disk: Path) -> None:
    store = Store(small_disk / "store")
    store.remember("step", "small", b"x")

    with pytest.raises(StoreError, match=r"cannot write .*No space left") as caught:
        store.remember_all("step", {"small": b"y", "large": os.urandom(4_000_000)})

    assert "free some space" in caught.value.hint
    assert store.recall_all("step", ["small", "large"]) == {"small": b"x"}


@pytest.mark.root
def test_memos_are_read_where_nothing_can_be_written(tmp_path: Path) -> None:
    Store(tmp_path).remember("step", "key", b"data")

    with frozen(tmp_path):
        assert Store(tmp_path).recall("step", "key") == b"data"
        with pytest.raises(StoreError, match=r"cannot write .*Read-only"):
            Store(tmp_path).remember("step", "key", b"other")


def test_threads_share_a_store(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: store.remember("step", f"{i}", b"%d" % i), range(64)))

        recalled = pool.map(lambda i: store.recall("step", f"{i}"), range(64))

    assert list(recalled) == [b"%d" % i for i in range(64)]


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


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP])
def test_a_drive_that_cannot_lock_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def flock(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(StoreError, match="cannot lock a file") as caught, lock(tmp_path):
        pass
    assert "disk of this machine" in caught.value.hint


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
def test_a_drive_without_links_gets_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def no_link(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    (tmp_path / "a").write_bytes(b"a picture")
    monkeypatch.setattr("os.link", no_link)
    link(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == b"a picture"

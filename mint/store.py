"""Content-addressed objects on disk, and memos; what is torn or rotten counts as absent."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mint.document import sha256
from mint.errors import BuildRunning, StoreError, disk_error
from mint.memos import MemoFile

_NEW = ".new-"  # how a file is called until it is whole
_NO_LINKS = errno.EPERM, errno.ENOTSUP, errno.ENOSYS  # of a drive that has no hard links


class Store:
    """A folder of objects named by their SHA-256, and of memos: (step, key) -> small bytes.

    `rotten` collects the digests of objects that did not hash to their name; each was removed,
    so that whoever wrote it writes it again.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.rotten: list[str] = []
        self._objects, self._memos = str(root / "objects"), MemoFile(root / "memo.sqlite")

    def object_path(self, digest: str) -> Path:
        """Where the object lies, whether or not it exists."""
        return Path(self.object_name(digest))

    def object_name(self, digest: str) -> str:
        """The same as text: pathlib takes longer than the file system."""
        return f"{self._objects}/{digest[:2]}/{digest[2:]}"

    def put(self, data: bytes) -> str:
        """Store `data`, durably, and return its SHA-256."""
        digest = sha256(data)
        path = self.object_path(digest)
        if not path.exists():
            # Read-only: the artist's build/ folder holds hard links to these very files.
            write(path, data, mode=0o444)
        return digest

    def get(self, digest: str) -> bytes | None:
        """The object, verified; None when absent, or rotten and now removed."""
        data = content(self.object_name(digest))
        if data is not None and sha256(data) != digest:
            self.discard(digest)
            return None
        return data

    def has(self, digest: str, size: int) -> bool:
        """True if the object is there with `size` bytes; another size is rot and is removed.

        Content is not read: whoever uses the object next hashes it anyway.
        """
        try:
            actual = os.stat(self.object_name(digest)).st_size
        except FileNotFoundError:
            return False
        except OSError as error:
            raise disk_error(error, self.object_path(digest), "read") from error
        if actual != size:
            self.discard(digest)
        return actual == size

    def discard(self, digest: str) -> None:
        """Remove a rotten object and remember that there was one."""
        self.rotten.append(digest)
        self.object_path(digest).unlink(missing_ok=True)

    def recall(self, step: str, key: str) -> bytes | None:
        """What was remembered under (step, key), or None."""
        return self.recall_all(step, [key]).get(key)

    def recall_all(self, step: str, keys: Iterable[str]) -> dict[str, bytes]:
        """The same of many keys; those under which nothing was remembered are left out."""
        return self._memos.recall(step, keys)

    def remember(self, step: str, key: str, data: bytes) -> None:
        """Remember `data` under (step, key), durably."""
        self.remember_all(step, {key: data})

    def remember_all(self, step: str, memos: Mapping[str, bytes]) -> None:
        """The same of many, by key, at the price of one."""
        self._memos.remember(step, memos)

    def cached(self, step: str, key: str, produce: Callable[[], bytes]) -> bytes:
        """Recall, else produce and remember. The key must be the whole cause of the value."""
        data = self.recall(step, key)
        if data is None:
            data = produce()
            self.remember(step, key, data)
        return data


def content(name: str | Path) -> bytes | None:
    """The file's bytes, or None when it is absent; raises StoreError when it cannot be read."""
    try:
        with open(name, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_error(error, Path(name), "read") from error


def write(path: Path, data: bytes, *, mode: int = 0o644, durable: bool = True) -> None:
    """Replace `path` by `data` whole or not at all: temp file, fsync, rename.

    `durable=False` skips the fsync, for outputs that every build recomputes and compares.
    Raises StoreError when the disk is full or the folder cannot be written.
    """
    with replacing(path, mode=mode, durable=durable) as file:
        file.write(data)


def write_new_file(path: Path, data: bytes, *, mode: int) -> None:
    """Write `data` to `path`, whole and for good, never over a file that is there.

    Raises FileExistsError, and OSError as the disk says it.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        _name(temporary, path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _name(temporary: Path, path: Path) -> None:
    """Give a whole file its name; raises FileExistsError."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():  # the file system has no hard links, and renaming would replace it
            raise FileExistsError from None
        os.replace(temporary, path)


@contextmanager
def replacing(path: Path, *, mode: int = 0o644, durable: bool = True) -> Iterator[IO[bytes]]:
    """A new file that takes the place of `path` when the block ends without an error."""
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_NEW)
        # By its name, for whoever reads it again before it gets the other.
        with open(temporary, "wb", opener=lambda *_: handle) as file:
            yield file
            file.flush()
            if durable:
                os.fsync(handle)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        raise disk_error(error, path) from error
    finally:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)


def sweep_torn(*folders: Path) -> None:
    """Remove what killed builds had begun to write below `folders`. For whoever holds the lock."""
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                if name.startswith(_NEW) and len(name) == len(_NEW) + 8:  # mkstemp's own
                    Path(place, name).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make renames inside `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def link(target: str, name: str) -> None:
    """Make `name` the same file as `target`; a copy where the file system has no hard links."""
    path = Path(name)
    try:
        if os.path.exists(name) and os.path.samefile(target, name):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        os.link(target, name)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EMLINK, *_NO_LINKS):
            raise disk_error(error, path) from error
        write(path, Path(target).read_bytes(), durable=False)


@contextmanager
def lock(root: Path) -> Iterator[None]:
    """Lock the collection for one build or launch; raises BuildRunning naming who has it.

    flock, so that the lock dies with its process, `kill -9` included.
    """
    path = root / "lock"
    try:
        root.mkdir(parents=True, exist_ok=True)
        # No link is followed: a folder that came from somebody else may hold one.
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644), "r+b")
    except OSError as error:
        raise disk_error(error, path) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().decode("ascii", "replace").strip() or "unknown"
            raise BuildRunning(
                f"process {holder} is building or launching this collection",
                hint="wait for it to finish, or stop it, and run the same command again",
            ) from error
        except OSError as error:
            raise StoreError(
                f"the drive of {root} cannot lock a file ({error.strerror}), so two builds at once "
                "could damage each other's work",
                hint="move the collection's folder to a disk of this machine",
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()).encode())
        file.flush()
        yield

"""One sender per key and chain, whatever the folder: a lock in the user's own state folder."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from mint.errors import ChainError, disk_error

if TYPE_CHECKING:
    from mint.chain.account import Account

PATIENCE = 10.0  # seconds that a second process waits for the first
# flock is the open file's, so a function that sends inside one that sends must find it here.
_OPEN: dict[Path, IO[bytes]] = {}


def state_home(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this user's programs keep their state: MINT_STATE, else the platform's own place.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    if folder := environ.get("MINT_STATE"):
        return Path(folder)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "mint"
    return Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "mint"


@contextmanager
def sending(account: Account, patience: float | None = None) -> Iterator[None]:
    """Be the only process that sends with this key on this chain; raises ChainError.

    Waits at most `patience` seconds (PATIENCE) for another one, and says so. flock, so that the
    lock dies with its process, `kill -9` included. The chain in this process needs none: its file
    has one of its own.
    """
    if account.chain.local:
        yield
        return
    path = _path(account)
    if path in _OPEN:
        yield
        return
    with _file(path) as file:
        _wait(account, file, PATIENCE if patience is None else patience)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()).encode())
        file.flush()
        _OPEN[path] = file
        try:
            yield
        finally:
            del _OPEN[path]


def _path(account: Account) -> Path:
    home = account.home or state_home()
    return home / "senders" / f"{account.chain.genesis[2:18]}-{account.address[2:].lower()}.lock"


def _file(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.fdopen(os.open(path, flags, 0o600), "r+b")
    except OSError as error:
        trouble = disk_error(error, path)
        trouble.hint += "; or set MINT_STATE to a folder that you can write"
        raise trouble from error


def _wait(account: Account, file: IO[bytes], patience: float) -> None:
    """Lock `file`, or raise ChainError that names the process that has it."""
    until, announced = time.monotonic() + patience, False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            pass
        file.seek(0)
        holder = file.read().decode("ascii", "replace").strip() or "unknown"
        if time.monotonic() > until:
            raise ChainError(
                f"process {holder} is sending from {account.address} on {account.chain.network}",
                hint="wait for it to finish, or stop it, and run the same command again",
            )
        if not announced:
            account.announce(f"waiting for process {holder}, which sends with the same wallet")
            announced = True
        time.sleep(0.1)

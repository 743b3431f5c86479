"""SQLite files in which what is committed outlives a power cut, and their errors in plain words."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from mint.errors import StoreError, disk_error

# What SQLite calls by its own names and the system by these; the first letters decide.
_CAUSES = (
    ("SQLITE_FULL", errno.ENOSPC),
    ("SQLITE_READONLY", errno.EROFS),
    ("SQLITE_PERM", errno.EACCES),
    ("SQLITE_CANTOPEN", errno.EACCES),
    ("SQLITE_AUTH", errno.EACCES),
    ("SQLITE_IOERR", errno.EIO),
)


def open_database(path: Path, schema: str) -> sqlite3.Connection:
    """The file for writing, created by `schema` if absent; only to read where it must.

    Every reader shares memory in a file of its own beside a database with a log (WAL). Where none
    can be made, SQLite reads only what it may take as unchanging, and then it ignores a log: one
    that a killed writer left is read with the shared memory that was left with it.
    """
    log = path.with_name(f"{path.name}-wal")
    if os.access(path.parent, os.W_OK) and (os.access(path, os.W_OK) or not path.exists()):
        database = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.executescript(schema)
        return database
    how = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
    address = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)


def database_error(error: sqlite3.Error, path: Path, verb: str) -> StoreError:
    """An error of SQLite's as the artist should read it; `verb` is "read" or "write"."""
    name = error.sqlite_errorname
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreError(
            f"{path} is damaged",
            hint="bring it back from a copy, or delete it and do again what it remembered",
        )
    cause = next((number for start, number in _CAUSES if name.startswith(start)), None)
    if cause is not None:
        return disk_error(OSError(errno.EISDIR if path.is_dir() else cause, ""), path, verb)
    return StoreError(
        f"cannot {verb} {path}: {error}",
        hint="if another mint command is at work there, wait for it; then run this one again",
    )

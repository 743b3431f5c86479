"""Memos: (step, key) -> small bytes, in one SQLite file; a row that is torn counts as absent."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from mint.database import database_error, open_database
from mint.errors import disk_error

_SCHEMA = """CREATE TABLE IF NOT EXISTS memo (
    step TEXT NOT NULL,
    key TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (step, key)
)"""
_ONE = "SELECT sha256, data FROM memo WHERE step = ? AND key = ?"


class MemoFile:
    """The memos at `path`; the first one creates the file. Threads may share it, and processes.

    Files of their own would be three for each token, and take longer to open than to read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RLock()
        self._opened: sqlite3.Connection | None = None

    def recall(self, step: str, keys: Iterable[str]) -> dict[str, bytes]:
        """Key -> what was remembered under (step, key), for those of `keys` that have something.

        Raises StoreError.
        """
        memos = {}
        with self._lock, self._trouble("read"):
            if self._opened is None and not os.path.lexists(self.path):
                return {}
            database = self._database()
            for key in keys:
                row = database.execute(_ONE, (step, key)).fetchone()
                if row and hashlib.sha256(row[1]).digest() == row[0]:
                    memos[key] = row[1]
        return memos

    def remember(self, step: str, memos: Mapping[str, bytes]) -> None:
        """Remember these, by key, all or none of them, durably. Raises StoreError."""
        rows = [(step, k, hashlib.sha256(data).digest(), data) for k, data in memos.items()]
        with self._lock, self._trouble("write"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            database = self._database()
            database.execute("BEGIN IMMEDIATE")
            try:
                database.executemany("INSERT OR REPLACE INTO memo VALUES (?, ?, ?, ?)", rows)
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise

    def _database(self) -> sqlite3.Connection:
        if self._opened is None:
            database = open_database(self.path, _SCHEMA)
            # SQLite's own end comes with the garbage collector's, in whichever thread that runs.
            weakref.finalize(self, database.close)
            self._opened = database
        return self._opened

    @contextmanager
    def _trouble(self, verb: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise disk_error(error, self.path, verb) from error
        except sqlite3.Error as error:
            raise database_error(error, self.path, verb) from error

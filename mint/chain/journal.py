"""The journal: every transaction that may have been sent, on disk before it leaves."""

from __future__ import annotations

import json
import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mint.chain.attempt import Attempt as Attempt
from mint.chain.attempt import State, content_digest, operation_id
from mint.errors import StoreError

_VERSION = 2
# hash and raw are empty where another program's wallet signs: see mint.chain.delegated.
_SCHEMA = """CREATE TABLE IF NOT EXISTS attempt (
    id INTEGER PRIMARY KEY,
    genesis TEXT NOT NULL,
    sender TEXT NOT NULL,
    purpose TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    hash TEXT UNIQUE,
    raw BLOB NOT NULL,
    fields TEXT NOT NULL,
    operation TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL DEFAULT '',
    number INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL DEFAULT 'sent',
    since INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS settled (
    genesis TEXT NOT NULL,
    sender TEXT NOT NULL,
    purpose TEXT NOT NULL,
    PRIMARY KEY (genesis, sender, purpose)
)"""
_COLUMNS = "id, purpose, fields, raw, hash, state, since, number"
_OF = "genesis = ? AND sender = ?"


class Journal:
    """Attempts by chain, sender and purpose, in one SQLite file.

    Its genesis hash says which chain it is: a restarted anvil is another chain. synchronous=FULL,
    so what was journalled survives a power cut, and nothing is sent that was not.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file at `path`, an older one's rows included; raises StoreError."""
        self.path = path
        with self._trouble():
            path.parent.mkdir(parents=True, exist_ok=True)
            # The finalizer below runs in whichever thread the garbage collector does.
            self._db = sqlite3.connect(
                path, isolation_level=None, timeout=10, check_same_thread=False
            )
            weakref.finalize(self, self._db.close)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            _migrate(self._db)

    def attempts(self, genesis: str, sender: str, purpose: str) -> list[Attempt]:
        """What was signed for `purpose`, oldest first; a raised fee is another attempt."""
        return self._attempts(f"{_OF} AND purpose = ?", (genesis, sender, purpose))

    def at(self, genesis: str, sender: str, nonce: int) -> list[Attempt]:
        """What was signed at `nonce` for any purpose, oldest first."""
        return self._attempts(f"{_OF} AND nonce = ?", (genesis, sender, nonce))

    def purposes(self, genesis: str, sender: str, stem: str) -> list[str]:
        """The purposes that begin with `stem`, in the order they were first signed."""
        rows = self._rows(
            f"SELECT purpose FROM attempt WHERE {_OF}"
            " AND substr(purpose, 1, ?) = ? GROUP BY purpose ORDER BY min(id)",
            (genesis, sender, len(stem), stem),
        )
        return [purpose for (purpose,) in rows]

    def nonces(self, genesis: str, sender: str) -> set[int]:
        """Every nonce `sender` ever signed here."""
        sql = f"SELECT DISTINCT nonce FROM attempt WHERE {_OF}"
        return {nonce for (nonce,) in self._rows(sql, (genesis, sender))}

    def newest_sent(self, genesis: str, sender: str) -> int:
        """The highest nonce that may have left this machine, -1 if none did.

        That of a delegated one is a proposal: the wallet may never have sent it, or at another.
        """
        states = "'signed', 'delegated'"
        sql = (
            f"SELECT coalesce(max(nonce), -1) FROM attempt WHERE {_OF} AND state NOT IN ({states})"
        )
        return int(self._rows(sql, (genesis, sender))[0][0])

    def add(self, genesis: str, sender: str, purpose: str, attempt: Attempt) -> Attempt:
        """Write `attempt` down for good, and return it as it stands there.

        Bytes serve one purpose: after a chain forgot them, signing the same call at the same nonce
        for another purpose gives them to it.
        """
        fields = json.dumps(attempt.fields, sort_keys=True)
        whose = (genesis, sender, purpose)
        ((row, number),) = self._rows(
            "INSERT OR REPLACE INTO attempt (genesis, sender, purpose, nonce, hash, raw, fields,"
            " operation, digest, state, since, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            f" 1 + (SELECT count(*) FROM attempt WHERE {_OF} AND purpose = ?))"
            " RETURNING id, number",
            (
                *(*whose, attempt.nonce, attempt.hash or None, attempt.raw, fields),
                *(operation_id(*whose), attempt.digest, attempt.state, attempt.since, *whose),
            ),
        )
        return replace(attempt, row=row, number=number, purpose=purpose)

    def mark(self, attempt: Attempt, state: State) -> Attempt:
        """Write down how far `attempt` is."""
        if attempt.state != state:
            self._rows("UPDATE attempt SET state = ? WHERE id = ?", (state, attempt.row))
        return replace(attempt, state=state)

    def identify(self, attempt: Attempt, hash_: str, nonce: int, state: State) -> Attempt:
        """Write down under which hash and nonce a wallet sent the delegated `attempt`."""
        fields = {**attempt.fields, "nonce": nonce}
        self._rows(
            "UPDATE attempt SET hash = ?, nonce = ?, fields = ?, state = ? WHERE id = ?",
            (hash_ or None, nonce, json.dumps(fields, sort_keys=True), state, attempt.row),
        )
        return replace(attempt, fields=fields, hash=hash_, state=state)

    def drop(self, attempt: Attempt) -> None:
        """Take out the row of a delegated `attempt` of which nothing was sent."""
        self._rows("DELETE FROM attempt WHERE id = ?", (attempt.row,))

    def settle(self, genesis: str, sender: str, purpose: str) -> None:
        """Write down that the outcome of `purpose` was reported to whoever asked for it."""
        self._rows("INSERT OR IGNORE INTO settled VALUES (?, ?, ?)", (genesis, sender, purpose))

    def is_settled(self, genesis: str, sender: str, purpose: str) -> bool:
        """Whether `settle` was called for `purpose`."""
        sql = f"SELECT 1 FROM settled WHERE {_OF} AND purpose = ?"
        return bool(self._rows(sql, (genesis, sender, purpose)))

    def forget(self, genesis: str) -> None:
        """Drop what was signed on a chain that is no more."""
        self._rows("DELETE FROM attempt WHERE genesis = ?", (genesis,))
        self._rows("DELETE FROM settled WHERE genesis = ?", (genesis,))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _attempts(self, where: str, values: tuple[Any, ...]) -> list[Attempt]:
        rows = self._rows(f"SELECT {_COLUMNS} FROM attempt WHERE {where} ORDER BY id", values)
        return [
            Attempt(json.loads(fields), raw, hash_ or "", state, since, number, row, purpose)
            for row, purpose, fields, raw, hash_, state, since, number in rows
        ]

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        with self._trouble():
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            folder = self.path.parent
            if not os.path.exists(self.path) or not os.access(folder, os.W_OK):  # nothing is lost
                raise StoreError(
                    f"the folder {folder} cannot be written: {error}",
                    hint="free disk space or make the folder yours to write, or copy the "
                    "collection to a folder that is",
                ) from error
            raise StoreError(
                f"the journal {self.path} cannot be used: {error}",
                hint="free disk space or permissions, or bring back a copy of the file: it knows "
                "what was sent; without it a new contract is deployed",
            ) from error


def _migrate(db: sqlite3.Connection) -> None:
    """Create the tables, or bring an older file's rows into them: whole or not at all."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version >= _VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()  # another process may have
        old = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempt'").fetchone()
        if version < _VERSION and old:
            db.execute("ALTER TABLE attempt RENAME TO attempt_1")
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        if version < _VERSION and old:
            _copy(db)
            db.execute("DROP TABLE attempt_1")
        db.execute(f"PRAGMA user_version = {_VERSION}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _copy(db: sqlite3.Connection) -> None:
    """The rows of version 1, each as one that may have been sent."""
    sql = "SELECT id, genesis, sender, purpose, nonce, hash, raw, fields FROM attempt_1 ORDER BY id"
    for row, *whose, nonce, hash_, raw, fields in db.execute(sql).fetchall():
        numbering = f"1 + (SELECT count(*) FROM attempt WHERE {_OF} AND purpose = ?)"
        db.execute(
            "INSERT INTO attempt (id, genesis, sender, purpose, nonce, hash, raw, fields,"
            f" operation, digest, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {numbering})",
            (
                *(row, *whose, nonce, hash_, raw, fields),
                *(operation_id(*whose), content_digest(json.loads(fields)), *whose),
            ),
        )

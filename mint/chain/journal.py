"""The journal: every transaction that may have been sent, on disk before it leaves."""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mint.errors import StoreError

_SCHEMA = """CREATE TABLE IF NOT EXISTS attempt (
    id INTEGER PRIMARY KEY,
    genesis TEXT NOT NULL,
    sender TEXT NOT NULL,
    purpose TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    raw BLOB NOT NULL,
    fields TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS settled (
    genesis TEXT NOT NULL,
    sender TEXT NOT NULL,
    purpose TEXT NOT NULL,
    PRIMARY KEY (genesis, sender, purpose)
)"""


@dataclass(frozen=True)
class Attempt:
    """One signed transaction: its fields, its bytes (EIP-2718) and their hash (0x + 64 digits)."""

    fields: dict[str, Any]
    raw: bytes
    hash: str

    @property
    def nonce(self) -> int:
        """The sender's count of transactions before this one."""
        return int(self.fields["nonce"])


class Journal:
    """Attempts by chain, sender and purpose, in one SQLite file.

    Its genesis hash says which chain it is: a restarted anvil is another chain. synchronous=FULL,
    so what was journalled survives a power cut, and nothing is sent that was not.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file at `path`; raises StoreError."""
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
            self._db.executescript(_SCHEMA)

    def attempts(self, genesis: str, sender: str, purpose: str) -> list[Attempt]:
        """What was signed for `purpose`, oldest first; a raised fee is another attempt."""
        rows = self._rows(
            "SELECT fields, raw, hash FROM attempt"
            " WHERE genesis = ? AND sender = ? AND purpose = ? ORDER BY id",
            (genesis, sender, purpose),
        )
        return [Attempt(json.loads(fields), raw, hash_) for fields, raw, hash_ in rows]

    def purposes(self, genesis: str, sender: str, stem: str) -> list[str]:
        """The purposes that begin with `stem`, in the order they were first signed."""
        rows = self._rows(
            "SELECT purpose FROM attempt WHERE genesis = ? AND sender = ?"
            " AND substr(purpose, 1, ?) = ? GROUP BY purpose ORDER BY min(id)",
            (genesis, sender, len(stem), stem),
        )
        return [purpose for (purpose,) in rows]

    def nonces(self, genesis: str, sender: str) -> set[int]:
        """Every nonce `sender` ever signed here."""
        sql = "SELECT DISTINCT nonce FROM attempt WHERE genesis = ? AND sender = ?"
        return {nonce for (nonce,) in self._rows(sql, (genesis, sender))}

    def add(self, genesis: str, sender: str, purpose: str, attempt: Attempt) -> None:
        """Write `attempt` down for good.

        Bytes serve one purpose: after a chain forgot them, signing the same call at the same nonce
        for another purpose gives them to it.
        """
        fields = json.dumps(attempt.fields, sort_keys=True)
        self._rows(
            "INSERT OR REPLACE INTO attempt (genesis, sender, purpose, nonce, hash, raw, fields)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (genesis, sender, purpose, attempt.nonce, attempt.hash, attempt.raw, fields),
        )

    def settle(self, genesis: str, sender: str, purpose: str) -> None:
        """Write down that the outcome of `purpose` was reported to whoever asked for it."""
        self._rows("INSERT OR IGNORE INTO settled VALUES (?, ?, ?)", (genesis, sender, purpose))

    def is_settled(self, genesis: str, sender: str, purpose: str) -> bool:
        """Whether `settle` was called for `purpose`."""
        sql = "SELECT 1 FROM settled WHERE genesis = ? AND sender = ? AND purpose = ?"
        return bool(self._rows(sql, (genesis, sender, purpose)))

    def forget(self, genesis: str) -> None:
        """Drop what was signed on a chain that is no more."""
        self._rows("DELETE FROM attempt WHERE genesis = ?", (genesis,))
        self._rows("DELETE FROM settled WHERE genesis = ?", (genesis,))

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        with self._trouble():
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"the journal {self.path} cannot be used: {error}",
                hint="free disk space or permissions, or bring back a copy of the file: it knows "
                "what was sent; without it a new contract is deployed",
            ) from error

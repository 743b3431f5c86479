"""A build's memos as whoever opens the file sees them: to count, to lose, to spoil."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def opened(state: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(state / "memo.sqlite", timeout=10)) as database, database:
        yield database


def keys(state: Path, step: str) -> list[str]:
    """Under which keys a step has memos in the folder `state` (.mint)."""
    return sorted(writings(state, step))


def writings(state: Path, step: str) -> dict[str, int]:
    """The same, with a number that is another one once the memo is written again."""
    if not (state / "memo.sqlite").exists():
        return {}
    with opened(state) as database:
        try:
            return dict(database.execute("SELECT key, rowid FROM memo WHERE step = ?", (step,)))
        except sqlite3.OperationalError:  # a killed build has begun the file, and no more
            return {}


def forget(state: Path, step: str, key: str) -> None:
    with opened(state) as database:
        assert (
            database.execute("DELETE FROM memo WHERE step = ? AND key = ?", (step, key)).rowcount
            == 1
        )


def spoil(state: Path, step: str, key: str, data: bytes) -> None:
    """Another value, as a disk may give back."""
    with opened(state) as database:
        assert (
            database.execute(
                "UPDATE memo SET data = ? WHERE step = ? AND key = ?", (data, step, key)
            ).rowcount
            == 1
        )

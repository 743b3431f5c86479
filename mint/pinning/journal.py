"""pins.jsonl: a line for everything that was sent to a service."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from json import dumps, loads
from pathlib import Path
from typing import Any

from mint.errors import PublishError
from mint.store import content


def note(journal: Path, **event: object) -> None:
    """Add a line to the journal of what was sent to whom, durably; secrets never go into it."""
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds")} | event
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        with journal.open("ab+") as file:
            file.seek(max(0, file.tell() - 1))
            torn = file.read(1) not in (b"", b"\n")  # what a full disk cut off is no line of ours
            file.write((b"\n" if torn else b"") + dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise PublishError(f"{journal}: {error.strerror}", hint="free some space") from error


def events(journal: Path) -> Iterator[dict[str, Any]]:
    """The lines of the journal; one that was cut off, by a full disk, tells nothing."""
    data = content(journal) or b""
    for line in data.splitlines():
        with suppress(ValueError):
            event = loads(line)
            if isinstance(event, dict):
                yield event


def was_pinned(journal: Path, root: str, service: str) -> bool:
    """Whether mint ever had a service keep what is below a root."""
    return any(
        (each.get("event"), each.get("root"), each.get("service")) == ("pinned", root, service)
        for each in events(journal)
    )

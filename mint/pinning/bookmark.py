"""Where an upload goes on that was begun: what the service calls it, kept beside the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from mint.errors import PublishError
from mint.store import content, write


class Bookmark(NamedTuple):
    """The upload of `file` to `place`, the URL of a service, of exactly these bytes.

    It lies in `file`.uploads, of all places together. `digest` is the file's SHA-256: of a file
    that has changed since, nothing is remembered.
    """

    file: Path
    place: str
    digest: str

    def read(self) -> str | None:
        """What the service calls the upload; None where none is under way."""
        entry = self._entries().get(self.place)
        if not isinstance(entry, dict) or entry.get("sha256") != self.digest:
            return None
        handle = entry.get("upload")
        return handle if isinstance(handle, str) else None

    def put(self, handle: str) -> None:
        """Remember it, durably; raises StoreError."""
        self._write(self._entries() | {self.place: {"sha256": self.digest, "upload": handle}})

    def remove(self) -> None:
        """Forget it: the upload is over, or the service has."""
        entries = self._entries()
        if entries.pop(self.place, None) is not None:
            self._write(entries)

    @property
    def path(self) -> Path:
        """Where it is written down, of all places together."""
        return self.file.with_name(f"{self.file.name}.uploads")

    def _entries(self) -> dict[str, object]:
        try:
            entries = json.loads(content(self.path) or b"{}")
        except ValueError:  # not ours, or torn: the upload begins anew
            return {}
        return entries if isinstance(entries, dict) else {}

    def _write(self, entries: dict[str, object]) -> None:
        if entries:
            # Some services give an upload to whoever knows its URL.
            write(self.path, json.dumps(entries).encode(), mode=0o600)
        else:
            self.path.unlink(missing_ok=True)


def bookmark(file: Path, place: str) -> Bookmark:
    """The bookmark of `file` at `place`; reads the whole file, about a second for a GB."""
    import hashlib

    try:
        with file.open("rb") as data:
            return Bookmark(file, place, hashlib.file_digest(data, "sha256").hexdigest())
    except OSError as error:
        raise PublishError(f"{file} cannot be read: {error.strerror}", hint="check it") from error

"""What the server reads from disk anew only when a build has changed it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from mint.curate.decisions_file import decisions_path
from mint.ipfs.car import Car, open_car
from mint.record.attempts import Exhibition, exhibition
from mint.record.folders import Folders

Stamp = tuple[int, int, int]  # of a file: another one, or changed


class Cars:
    """The build's CAR, opened once for each build."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # All stay open: somebody may still read an earlier one.
        self._opened: dict[Stamp, Car] = {}
        self._lock = threading.Lock()

    def current(self) -> Car | None:
        """The CAR there is now; None before the first. PublishError when it cannot be read."""
        stamp = _stamp(self.path)
        if stamp is None:
            return None
        with self._lock:
            if stamp not in self._opened:
                self._opened[stamp] = open_car(self.path)
            return self._opened[stamp]

    def close(self) -> None:
        """Close all of them."""
        for car in self._opened.values():
            car.close()


class Exhibitions:
    """The pictures there are to decide about, read once for each build and each decision."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders
        self._lock = threading.Lock()
        self._last: tuple[tuple[Stamp | None, ...], Exhibition] | None = None

    def current(self) -> Exhibition:
        """Those of the last build, or of the one that runs."""
        files = self.folders.manifest, self.folders.events, decisions_path(self.folders.file)
        stamps = tuple(map(_stamp, files))
        with self._lock:
            if self._last is None or self._last[0] != stamps:
                self._last = stamps, exhibition(self.folders)
            return self._last[1]


def _stamp(path: Path) -> Stamp | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size

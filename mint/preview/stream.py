"""A build's events, written by another process -> server-sent events, as they come.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPStatus
from io import FileIO
from pathlib import Path

from mint.curate.events import Event, events
from mint.preview.answer import Answer

PAUSE = 0.2  # seconds between two looks at the file
ALIVE = 50  # looks without news until a comment says that the connection is still there


def event_stream(path: Path, folder: str, wait: Callable[[float], bool]) -> Answer:
    """What happened in the last build of `folder`, then `{"event": "live"}`, then what happens.

    `wait` takes seconds and returns False when nobody listens any more.
    """
    headers = {
        "Content-Type": "text/event-stream",
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return Answer(HTTPStatus.OK, headers, _messages(path, folder, wait))


def _messages(path: Path, folder: str, wait: Callable[[float], bool]) -> Iterator[bytes]:
    tail, looks = _Tail(path, folder), 0
    try:
        yield b"retry: 1000\n\n" + _joined(tail.news()) + _message({"event": "live"})
        while wait(PAUSE):
            looks += 1
            if news := _joined(tail.news()):
                looks = 0
                yield news
            elif looks % ALIVE == 0:
                yield b": still here\n\n"
    finally:
        tail.close()


def _joined(news: Iterator[Event]) -> bytes:
    return b"".join(map(_message, news))


def _message(event: Event) -> bytes:
    return b"data: " + json.dumps(event).encode() + b"\n\n"  # ASCII, without line breaks


class _Tail:
    """The end of a file that grows, and that a new build replaces."""

    def __init__(self, path: Path, folder: str) -> None:
        self.path, self.folder = path, folder
        self._file: FileIO | None = None
        self._torn = b""  # the beginning of a line whose end is not written yet
        self._mine = False  # whether the build is of this folder
        self._process = 0  # that builds, and has not said that it ended

    def close(self) -> None:
        if self._file:
            self._file.close()

    def news(self) -> Iterator[Event]:
        """The events since the last call."""
        if self._is_replaced():
            self.close()
            self._torn, self._file = b"", None
            with suppress(OSError):
                self._file = FileIO(self.path)
        if self._file is None:
            return
        whole, end, self._torn = (self._torn + self._file.readall()).rpartition(b"\n")
        for event in events(whole + end):
            yield from self._public(event)
        if self._process and not _runs(self._process):
            self._process = 0
            yield {"event": "end", "done": False, "message": "stopped"}

    def _is_replaced(self) -> bool:
        try:
            now = os.stat(self.path)
        except OSError:
            return False
        return self._file is None or not os.path.samestat(now, os.fstat(self._file.fileno()))

    def _public(self, event: Event) -> Iterator[Event]:
        if event["event"] == "begin":
            self._mine = event.get("folder") == self.folder
            process = event.pop("process", 0)
            self._process = process if self._mine and isinstance(process, int) else 0
        elif event["event"] == "end":
            self._process = 0
        elif event["event"] == "picture":
            event["image"] = f"/pictures/{event.get('file')}.png"
        if self._mine:
            yield event


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # somebody else's
        return True
    return True

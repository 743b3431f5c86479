"""What happens in a build, line by line in a file that another process follows: `.mint/events`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from mint.curate.token import Judgement
from mint.errors import MintError, StoreError
from mint.paint.picture import Picture
from mint.plan.recipe import Candidate
from mint.stages import Progress, Step
from mint.store import write

PAUSE = 0.25  # seconds between two lines about the same step
Event = dict[str, Any]


class Opinion(NamedTuple):
    """What was said of a picture: whether it is the token's, and why not.

    `accepted` is None while nobody has looked at it.
    """

    accepted: bool | None = None
    reasons: tuple[str, ...] = ()
    judgements: Mapping[str, Judgement] = {}


# Hears of a picture as soon as it is there, and again with what was said of it.
Hear = Callable[[Candidate, Picture, Opinion], None]


def unheard(candidate: Candidate, picture: Picture, opinion: Opinion) -> None:
    """A Hear for whom nobody listens."""


class EventLog:
    """The file of one build: a JSON object in each line, added and never changed.

    A line is one write, so that a reader sees it whole, or torn only at the end of a killed build.
    Nothing depends on it: a disk that refuses it stops no build.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path, self._clock = path, clock
        self._time: dict[Step, float] = {}  # of the last line about each step

    @contextmanager
    def running(self, folder: str, name: str, supply: int) -> Iterator[None]:
        """A build from its first line to its last.

        It begins a new file; a reader of the former one sees that it has been replaced.
        """
        fields = {"folder": folder, "name": name, "supply": supply, "process": os.getpid()}
        with suppress(StoreError):
            write(self.path, _line("begin", fields), durable=False)
        message = "stopped"
        try:
            yield
            message = ""
        except MintError as error:
            message = str(error)
            raise
        finally:
            self.add("end", {"done": not message, "message": message})

    def add(self, event: str, fields: Mapping[str, Any]) -> None:
        """One more line."""
        with suppress(OSError):
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            try:
                os.write(handle, _line(event, fields))
            finally:
                os.close(handle)

    def heard(self, progress: Progress) -> Progress:
        """The same news for `progress` and for the file."""

        def both(step: Step, done: int, total: int) -> None:
            now = self._clock()
            if done in (0, total) or now - self._time.get(step, -PAUSE) >= PAUSE:
                self._time[step] = now
                self.add("step", {"step": step, "done": done, "total": total})
            progress(step, done, total)

        return both

    def hear(self, candidate: Candidate, picture: Picture, opinion: Opinion) -> None:
        """A picture, and what was said of it."""
        self.add("picture", picture_event(candidate, picture, opinion))


def picture_event(candidate: Candidate, picture: Picture, opinion: Opinion) -> Event:
    """The fields of a `picture` event; `file` is the PNG's digest, `pixels` that of its rows."""
    judgements = {
        trait: judgement.model_dump(mode="json") for trait, judgement in opinion.judgements.items()
    }
    return {
        "token_id": candidate.token_id,
        "attempt": candidate.attempt,
        "name": candidate.name,
        "traits": candidate.traits,
        "file": picture.file,
        "pixels": picture.pixels,
        "accepted": opinion.accepted,
        "reasons": list(opinion.reasons),
        "judgements": judgements,
    }


def _line(event: str, fields: Mapping[str, Any]) -> bytes:
    return json.dumps({"event": event, **fields}).encode() + b"\n"


def events(data: bytes) -> Iterator[Event]:
    """The events in whole lines; a line that is none is passed over."""
    for line in data.split(b"\n")[:-1]:
        with suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict) and isinstance(event.get("event"), str):
                yield event

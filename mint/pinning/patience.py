"""Failures that may be over soon: what is tried again, how often, and after which wait."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf
from threading import Timer
from typing import NamedTuple, TypeVar

from mint.errors import PublishError

T = TypeVar("T")
_ENOUGH = 45.0  # seconds: below the time that one answer may take
RUN_AGAIN = "run the same command again"


class TemporaryError(PublishError):
    """A failure that may be over soon; `after` is the wait in seconds that the service wants."""

    def __init__(self, message: str, *, hint: str = RUN_AGAIN, after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.after = after


class UnreachableError(TemporaryError):
    """A host that refuses the connection, or to which there is no way just now."""


class NoHostError(PublishError):
    """A name that no host has: to try again does not help."""


def unsaid(sentence: str) -> None:
    """The `note` of waits that nobody looks at."""


class Patience(NamedTuple):
    """How often to try, and how long to wait in between, in seconds.

    `note` hears what is waited for.
    """

    tries: int = 6
    first: float = 1.0  # doubled with each try; the wait is random between 0 and that
    longest: float = 120.0  # of one wait, whoever wants it
    deadline: float = 3600.0  # for a service that fetches the collection by itself
    enough: float = inf  # no other try begins so long after the first one
    silent: float = 3.0  # the longest wait without a word to `note`
    note: Callable[[str], None] = unsaid

    @property
    def reading(self) -> Patience:
        """For questions: a service that is silent for a minute is not asked six times."""
        return self._replace(enough=min(self.enough, _ENOUGH))


PATIENCE = Patience()


def retry(attempt: Callable[[], T], patience: Patience) -> T:
    """What `attempt` returns, tried again while it raises TemporaryError; then its last error.

    Waits are random ("full jitter"), so that many clients of one service do not come back as one.
    """
    began = time.monotonic()
    for number in range(1, patience.tries + 1):
        try:
            return attempt()
        except TemporaryError as error:
            pause = error.after
            if number == patience.tries or (pause is not None and pause > patience.longest):
                raise
            if time.monotonic() - began > patience.enough:
                raise
            if pause is None:
                longest = min(patience.longest, patience.first * 2 ** (number - 1))
                pause = random.uniform(0, longest)
            if pause > patience.silent:
                patience.note(f"{error}; next try in {pause:.0f} s")
            time.sleep(pause)
    raise AssertionError("patience without a try")


@contextmanager
def waited_for(url: str, patience: Patience) -> Iterator[None]:
    """Say to `patience.note` what is waited for, once the block has taken `patience.silent`."""
    timer = Timer(patience.silent, patience.note, [f"waiting for {url} to answer"])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def retry_after(header: str) -> float | None:
    """Seconds to wait that the header Retry-After says (RFC 9110, 10.2.3), or None."""
    text = header.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) if until.tzinfo else None

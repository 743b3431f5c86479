"""Bytes that a service has -> news of the step "uploading", and a sentence where it broke off."""

from __future__ import annotations

import time
from collections.abc import Callable

from mint.stages import Progress, Step

EVERY = 0.5  # seconds between two pieces of news
AFRESH = 2 << 20  # bytes: who has no more than these after a break began anew
MB = 1_000_000


class Uploading:
    """A Sent that hands on to a Progress every so many seconds.

    Bytes that count back are an upload that broke off: `note` hears where it goes on. A total of 0
    says that another upload begins.
    """

    def __init__(
        self,
        progress: Progress,
        note: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        every: float = EVERY,
    ) -> None:
        self._every = every
        self._progress, self._note, self._clock = progress, note, clock
        self._done, self._total, self._time = 0, 0, -every

    def __call__(self, done: int, total: int) -> None:
        """`done` bytes of `total` have gone."""
        begins = total != self._total or self._done == self._total
        if not begins and done < self._done:
            self._note(_broken(self._done, done, total))
            begins = True
        self._done, self._total, now = done, total, self._clock()
        if not total:
            return
        if begins or done == total or now - self._time >= self._every:
            self._time = now
            self._progress("uploading", done, total)


def spoken(announce: Callable[[str], None]) -> Uploading:
    """An Uploading for who hears sentences alone, one every ten seconds."""

    def progress(step: Step, done: int, total: int) -> None:
        announce(f"{step} {done / MB:,.0f} of {total / MB:,.0f} MB")

    return Uploading(progress, announce, every=10.0)


def _broken(before: int, done: int, total: int) -> str:
    where = f"the upload broke off at {before / MB:,.0f} of {total / MB:,.0f} MB"
    if done <= AFRESH:
        return f"{where} and starts anew: what had arrived was not kept"
    return f"{where}, and goes on at {done / MB:,.0f} MB"

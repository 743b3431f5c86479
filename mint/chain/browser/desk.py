"""What is asked of the artist in the browser, one thing at a time, between two kinds of threads.

A job is taken once: then only can the wallet hear of it. So what was never taken was never sent,
and what was taken and not answered may have been.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from mint.errors import MintError

NOBODY = 4001  # EIP-1193's code of what the user refused; who never answered did so as well
GRACE = 4.0  # seconds in which a page that is reloaded comes back


class Unanswered(MintError):
    """Nobody answered in time; `taken` says whether the wallet may have heard of it."""

    def __init__(self, message: str, taken: bool) -> None:
        super().__init__(message)
        self.taken = taken


class Desk:
    """At most one job, what the page knows of the wallet, and how many pages look."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._version = 0  # goes up with every change that pages must hear of
        self._number = 0
        self._job: dict[str, Any] = {"kind": "idle"}
        self._taken, self._answer = False, dict[str, Any]()
        self._pages, self._empty_since = 0, time.monotonic()
        self._known: dict[str, Any] = {}

    def ask(self, kind: str, details: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """What a page answers to a new job, within `seconds`; raises Unanswered."""
        with self._changed:
            self._number += 1
            self._job = {"kind": kind, **details}
            self._taken, self._answer = False, {}
            self._change()
            until = time.monotonic() + seconds
            while not self._answer and time.monotonic() < until and not self._deserted():
                self._changed.wait(min(0.25, max(0.01, until - time.monotonic())))
            answer, has_taker = self._answer, self._taken
            closed = has_taker and time.monotonic() < until
            reason = "its page was closed" if closed else f"nobody did within {seconds:.0f} seconds"
            self._number += 1  # whatever comes later is of no job
            outcome = _outcome(answer or {"error": reason, "code": None if has_taker else NOBODY})
            self._job = {"kind": "idle", "after": kind, "outcome": outcome}
            self._change()
        if answer:
            return answer
        raise Unanswered(reason, has_taker)

    def remember(self, address: str, rdns: str) -> None:
        """Have every page, also one that is reloaded, use this account of this wallet."""
        with self._changed:
            self._known = {"address": address, "rdns": rdns}
            self._change()

    def end(self) -> None:
        """Tell pages that nothing more comes."""
        with self._changed:
            self._number += 1
            self._job = {"kind": "done"}
            self._change()

    def withdraw(self) -> bool:
        """Close a job that no page has taken, and say whether there was one."""
        with self._changed:
            if self._taken or self._job["kind"] in ("idle", "done"):
                return False
            self._number += 1
            self._job = {"kind": "idle"}
            self._change()
            return True

    def emptied(self, seconds: float) -> bool:
        """Whether no page looks any more, or none within `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._pages, seconds)

    def take(self, number: int) -> bool:
        """Whether the page may hand job `number` to the wallet: once."""
        with self._changed:
            if number != self._number or self._taken or self._job["kind"] in ("idle", "done"):
                return False
            self._taken = True
            self._change()
            return True

    def answer(self, number: int, answer: dict[str, Any]) -> bool:
        """Whether `answer` is that to the job under way."""
        with self._changed:
            if number != self._number or self._answer or not answer:
                return False
            self._answer = answer
            self._changed.notify_all()
            return True

    def enter(self) -> None:
        """A page looks."""
        with self._changed:
            self._pages += 1

    def leave(self) -> None:
        """A page looks no more."""
        with self._changed:
            self._pages -= 1
            self._empty_since = time.monotonic()
            self._changed.notify_all()

    def news(self, version: int, seconds: float) -> tuple[int, dict[str, Any]]:
        """The state, as soon as it is another one than `version`, or after `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != version, seconds)
            state = {"number": self._number, "taken": self._taken, **self._known, **self._job}
            return self._version, state

    def _deserted(self) -> bool:
        """Whether the page that took the job is gone, and its answer with it."""
        gone = self._pages == 0 and time.monotonic() - self._empty_since > GRACE
        return self._taken and gone

    def _change(self) -> None:
        self._version += 1
        self._changed.notify_all()


def _outcome(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the page may repeat of an answer: no signature."""
    return {name: answer[name] for name in ("hash", "error", "code") if name in answer}

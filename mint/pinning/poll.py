"""Answers of pinning services: read with suspicion, polled until the root is pinned.

The IPFS Pinning Service API and Pinata's pin by CID move no bytes: the service fetches the
collection over IPFS, so somebody has to have it first: a node of yours, or Filebase.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mint.errors import PublishError
from mint.ipfs.cid import DIGEST, parse_cid
from mint.pinning.patience import Patience, TemporaryError, retry
from mint.urls import masked


class Overdue(PublishError):
    """A service that had time enough, and did not do it."""


def wait(
    state: Callable[[], str | None],
    url: str,
    root: str,
    patience: Patience,
    otherwise: str = "",
) -> None:
    """Call `state` until it returns None; Overdue after `patience.deadline` seconds.

    `otherwise` is what to do where it never will.
    """
    until, pause, before = time.monotonic() + patience.deadline, patience.first, ""
    while (now := retry(state, patience)) is not None:
        if time.monotonic() > until:
            raise Overdue(
                f"{masked(url)} has not pinned ipfs://{root} after {patience.deadline:.0f} s; "
                f"it says: {now}",
                hint="run the same command again: it goes on waiting, and starts nothing twice"
                + otherwise,
            )
        if pause > patience.silent and now != before:
            patience.note(f"waiting for {masked(url)}, which says: {now}")
            before = now
        time.sleep(pause)
        pause = min(pause * 1.5, 30.0)


def same_root(cid: object, root: str) -> bool:
    """By digest: a CID has several spellings and two versions, and all name the same blocks."""
    try:
        return parse_cid(str(cid))[-DIGEST:] == parse_cid(root)[-DIGEST:]
    except PublishError:
        return False


def results(url: str, answer: object, *keys: str) -> list[dict[str, Any]]:
    """The list of records under `keys` of a service's answer; raises TemporaryError."""
    records = dig(url, answer, *keys)
    if isinstance(records, list) and all(isinstance(record, dict) for record in records):
        return records
    raise unexpected(url)


def dig(url: str, answer: Any, *keys: str) -> Any:
    """What lies under `keys` of a service's answer; TemporaryError where it has another form."""
    try:
        for key in keys:
            answer = answer[key]
    except (KeyError, TypeError):
        raise unexpected(url) from None
    return answer


def unexpected(url: str) -> TemporaryError:
    """What to raise for an answer that the service's API does not know."""
    return TemporaryError(
        f"{masked(url)} does not answer as a pinning service does",
        hint="check the URL that you set for it, then run the same command again",
    )

"""A CAR and a pinning service -> the service says that it keeps the root, and that it is ours.

The IPFS Pinning Service API and Pinata's pin by CID move no bytes: the service fetches the
collection over IPFS, so somebody has to have it first: a node of yours, or Filebase.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.ipfs.cid import DIGEST, cid_text, parse_cid
from mint.pinning.http import Passing, Patience, patiently
from mint.urls import masked

_BROKEN = ("expired", "over_free_limit", "over_max_size", "invalid_object", "bad_host_node")


def wait(state: Callable[[], str | None], url: str, root: str, patience: Patience) -> None:
    """Ask `state` until it is None; PublishError after `patience.deadline` seconds."""
    until, pause = time.monotonic() + patience.deadline, patience.first
    while (now := patiently(state, patience)) is not None:
        if time.monotonic() > until:
            raise PublishError(
                f"{masked(url)} does not say after {patience.deadline:.0f} s that it holds "
                f"ipfs://{root}: {now}",
                hint="run the same command again: it goes on waiting, and asks for nothing twice",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 30.0)


def root_of(car: Path) -> str:
    """The CID of a CAR's root, as text."""
    with closing(open_car(car)) as blocks:
        return cid_text(blocks.root)


def same_root(found: object, root: str) -> bool:
    """By digest: a CID has several spellings and two versions, and all name the same blocks."""
    try:
        return parse_cid(str(found))[-DIGEST:] == parse_cid(root)[-DIGEST:]
    except PublishError:
        return False


def results(url: str, answer: object, *keys: str) -> list[dict[str, Any]]:
    """The list of records under `keys` of a service's answer; raises Passing."""
    found = dig(url, answer, *keys)
    if isinstance(found, list) and all(isinstance(it, dict) for it in found):
        return found
    raise odd(url)


def dig(url: str, answer: Any, *keys: str) -> Any:
    """What lies under `keys` of a service's answer; raises Passing where it has another form."""
    try:
        for key in keys:
            answer = answer[key]
    except (KeyError, TypeError):
        raise odd(url) from None
    return answer


def odd(url: str) -> PublishError:
    """An answer that the service's API does not know."""
    return Passing(f"{masked(url)} does not answer as the API says", hint="is this the right URL?")

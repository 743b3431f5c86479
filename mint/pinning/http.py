"""HTTP to services that fail at times: what is tried again, how often, and who we say we are."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from mint.errors import PublishError
from mint.urls import masked

if TYPE_CHECKING:
    from requests import Response

T = TypeVar("T")
CONNECT = 10.0  # seconds
SILENT = 60.0  # seconds a service may say nothing
MOST = 4 << 20  # bytes of an answer: above any block, and any page of a list
_PASSING = {408, 425, 429, 500, 502, 503, 504}
AGAIN = "run the same command again: what is there already is not sent twice"


class Passing(PublishError):
    """A failure that may be over soon; `after` is the wait in seconds that the service asks for."""

    def __init__(self, message: str, *, hint: str = AGAIN, after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.after = after


class Patience(NamedTuple):
    """How often to try, and how long to wait in between, in seconds."""

    tries: int = 6
    first: float = 1.0  # doubled with each try; the wait is random between 0 and that
    longest: float = 120.0  # of one wait, whoever asks for it
    deadline: float = 3600.0  # for a service that fetches the collection by itself


PATIENCE = Patience()


def patiently(attempt: Callable[[], T], patience: Patience) -> T:
    """What `attempt` returns, tried again while it raises Passing; then its last error.

    Waits are random ("full jitter"), so that many clients of one service do not come back as one.
    """
    for tried in range(1, patience.tries + 1):
        try:
            return attempt()
        except Passing as error:
            asked = error.after
            if tried == patience.tries or (asked is not None and asked > patience.longest):
                raise
            most = min(patience.longest, patience.first * 2 ** (tried - 1))
            time.sleep(random.uniform(0, most) if asked is None else asked)
    raise AssertionError("patience without a try")


def ask(
    method: str,
    url: str,
    *,
    token: str | None = None,
    accept: str = "application/json",
    most: int = MOST,
    **more: Any,
) -> bytes:
    """The body of the answer, at most `most` bytes; `more` goes to requests.

    Raises Passing for what may be over soon (no connection, a timeout, an answer that breaks off,
    429 and 5xx), else PublishError. Neither tells `token`, nor anything of the URL but its host.
    """
    import requests

    where = masked(url)
    headers = {"Accept": accept} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        with requests.request(
            method, url, headers=headers, timeout=(CONNECT, SILENT), stream=True, **more
        ) as reply:
            _refuse(where, reply)
            body = b""
            for piece in reply.iter_content(1 << 16):
                body += piece
                if len(body) > most:
                    raise PublishError(f"{where} sends more than it was asked for", hint=AGAIN)
            return body
    # `from None`: the library's messages hold the whole URL.
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.MissingSchema,
        requests.exceptions.InvalidSchema,
    ):
        raise PublishError(f"{where!r} is not a URL", hint="write it as https://host") from None
    except requests.RequestException as error:
        raise Passing(f"{where} does not answer ({type(error).__name__})") from None


def asked_json(method: str, url: str, **more: Any) -> Any:
    """`ask`, and what the JSON says; Passing for what is none: a proxy's page, half an answer."""
    body = ask(method, url, **more)
    try:
        return json.loads(body)
    except ValueError:
        raise Passing(f"{masked(url)} does not answer in JSON") from None


def _refuse(where: str, reply: Response) -> None:
    code = reply.status_code
    if code in _PASSING:
        raise Passing(f"{where} answers {code}", after=retry_after(reply.headers))
    if code in (401, 403):
        raise PublishError(f"{where} refuses us ({code})", hint="is the token right, and paid for?")
    if code >= 400:
        said = " ".join(next(reply.iter_content(400), b"").decode(errors="replace").split())
        raise PublishError(f"{where} answers {code}: {said[:200]}", hint=AGAIN)


class Headers(Protocol):
    """What every library's headers can do."""

    def get(self, name: str, default: str, /) -> str:
        """The header's value, however its name is written."""


def retry_after(headers: Headers) -> float | None:
    """Seconds that the header Retry-After asks to wait (RFC 9110, 10.2.3), or None."""
    said = headers.get("Retry-After", "").strip()
    if said.isdigit():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) if until.tzinfo else None


def note(journal: Path, **event: object) -> None:
    """Add a line to the journal of what was asked of whom, durably. It holds no secrets."""
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds")} | event
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        with journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise PublishError(f"{journal}: {error.strerror}", hint="free some space") from error

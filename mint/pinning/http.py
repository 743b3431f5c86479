"""HTTP to services that fail at times: what is tried again, how often, and after which wait."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from mint.errors import PublishError
from mint.urls import masked

if TYPE_CHECKING:
    from requests import Response

T = TypeVar("T")
CONNECT = 10.0  # seconds
SILENT = 60.0  # seconds a service may say nothing
MAX_ANSWER = 4 << 20  # bytes: above any block, and any page of a list
_TEMPORARY = {408, 425, 429, 500, 502, 503, 504}
RUN_AGAIN = "run the same command again: what is there already is not sent twice"


class TemporaryError(PublishError):
    """A failure that may be over soon; `after` is the wait in seconds that the service wants."""

    def __init__(self, message: str, *, hint: str = RUN_AGAIN, after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.after = after


class Patience(NamedTuple):
    """How often to try, and how long to wait in between, in seconds."""

    tries: int = 6
    first: float = 1.0  # doubled with each try; the wait is random between 0 and that
    longest: float = 120.0  # of one wait, whoever wants it
    deadline: float = 3600.0  # for a service that fetches the collection by itself


PATIENCE = Patience()


def retry(attempt: Callable[[], T], patience: Patience) -> T:
    """What `attempt` returns, tried again while it raises TemporaryError; then its last error.

    Waits are random ("full jitter"), so that many clients of one service do not come back as one.
    """
    for number in range(1, patience.tries + 1):
        try:
            return attempt()
        except TemporaryError as error:
            pause = error.after
            if number == patience.tries or (pause is not None and pause > patience.longest):
                raise
            if pause is None:
                longest = min(patience.longest, patience.first * 2 ** (number - 1))
                pause = random.uniform(0, longest)
            time.sleep(pause)
    raise AssertionError("patience without a try")


def request(
    method: str,
    url: str,
    *,
    token: str | None = None,
    accept: str = "application/json",
    most: int = MAX_ANSWER,
    **more: Any,
) -> bytes:
    """The body of the answer, at most `most` bytes; `more` goes to requests.

    Raises TemporaryError for what may be over soon (no connection, a timeout, an answer that
    breaks off, 429 and 5xx), else PublishError. Neither repeats `token`, nor anything of the URL
    but its host.
    """
    import requests

    where = masked(url)
    headers = {"Accept": accept} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        with requests.request(
            method, url, headers=headers, timeout=(CONNECT, SILENT), stream=True, **more
        ) as reply:
            _raise_for_status(where, reply)
            body = b""
            for piece in reply.iter_content(1 << 16):
                body += piece
                if len(body) > most:
                    raise PublishError(f"{where} sends more than was requested", hint=RUN_AGAIN)
            return body
    # `from None`: the library's messages contain the whole URL.
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.MissingSchema,
        requests.exceptions.InvalidSchema,
    ):
        raise PublishError(f"{where!r} is not a URL", hint="write it as https://host") from None
    except requests.RequestException as error:
        raise TemporaryError(f"{where} does not answer ({type(error).__name__})") from None


def request_json(method: str, url: str, **more: Any) -> Any:
    """`request`, and what the JSON says; TemporaryError for a proxy's page or half an answer."""
    body = request(method, url, **more)
    try:
        return json.loads(body)
    except ValueError:
        raise TemporaryError(f"{masked(url)} does not answer in JSON") from None


def _raise_for_status(where: str, reply: Response) -> None:
    code = reply.status_code
    if code in _TEMPORARY:
        after = retry_after(reply.headers.get("Retry-After", ""))
        raise TemporaryError(f"{where} answers {code}", after=after)
    if code in (401, 403):
        raise PublishError(
            f"{where} does not accept your token ({code})",
            hint="copy the token anew from the service's web page; your plan must allow pinning",
        )
    if code >= 400:
        text = " ".join(next(reply.iter_content(400), b"").decode(errors="replace").split())
        raise PublishError(f"{where} answers {code}: {text[:200]}", hint=RUN_AGAIN)


def retry_after(header: str) -> float | None:
    """Seconds to wait that the header Retry-After says (RFC 9110, 10.2.3), or None."""
    text = header.strip()
    if text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) if until.tzinfo else None


def note(journal: Path, **event: object) -> None:
    """Add a line to the journal of what was sent to whom, durably; secrets never go into it."""
    line = {"at": datetime.now(UTC).isoformat(timespec="seconds")} | event
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        with journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise PublishError(f"{journal}: {error.strerror}", hint="free some space") from error

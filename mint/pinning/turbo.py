"""A signed data item -> ArDrive's Turbo, which puts it on Arweave; what that costs.

Sources: https://docs.ardrive.io/docs/turbo (prices, balances) and, for uploads in parts,
https://github.com/ardriveapp/turbo-upload-service, src/router.ts and src/routes/multiPartUploads.ts
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from mint.errors import PublishError
from mint.pinning.address import service_url
from mint.pinning.bookmark import Bookmark
from mint.pinning.call import Reply
from mint.pinning.data_item import DataItem
from mint.pinning.diagnosis import Variables
from mint.pinning.exchange import Sent, unheard
from mint.pinning.http import WITHIN, checked, parsed, send
from mint.pinning.patience import Patience, TemporaryError, retry
from mint.pinning.secrets import quoted
from mint.urls import masked

UPLOADS, PAYMENTS = "https://upload.ardrive.io", "https://payment.ardrive.io"
PART = 16 << 20  # bytes
MOST_PARTS = 9_000  # it stores them at S3, which takes 10,000
WHOLE = 10 << 20  # bytes that go in one request
CREDIT = 10**12  # winc, in which prices are
_VARIABLES, _PAYING = Variables("TURBO_API"), Variables("TURBO_PAYMENT_API")
_VERSION = {"x-chunking-version": "2"}
_ENDED = {"FINALIZED", "FINALIZING"}
_FAILED = {
    "INVALID": "it finds the item's signature wrong",
    "UNDERFUNDED": "the wallet has too few credits",
}
TOP_UP = "buy Turbo credits for that address at https://turbo-topup.com"


class Turbo(NamedTuple):
    """Where uploads and payments go."""

    uploads: str
    payments: str


def turbo_of(environ: Mapping[str, str]) -> Turbo:
    """As TURBO_API and TURBO_PAYMENT_API say, ArDrive's without them."""
    return Turbo(
        service_url("TURBO_API", environ, UPLOADS),
        service_url("TURBO_PAYMENT_API", environ, PAYMENTS),
    )


def price(turbo: Turbo, size: int) -> int:
    """What `size` bytes cost, in winc; 0 where they are free. Raises PublishError."""
    url = f"{turbo.payments}/v1/price/bytes/{size}"
    return _winc(url, _success(url, send("GET", url, (), 0, within=WITHIN), _PAYING))


def balance(turbo: Turbo, address: str) -> int:
    """What the wallet has, in winc. Raises PublishError."""
    url = f"{turbo.payments}/v1/account/balance/ethereum?address={address}"
    reply = send("GET", url, (), 0, within=WITHIN)
    if reply.status == 404:  # a wallet that never had any
        return 0
    return _winc(url, _success(url, reply, _PAYING))


def _success(url: str, reply: Reply, variables: Variables = _VARIABLES) -> Reply:
    """`reply` if its status is one of success; else PublishError, in the words of Turbo's trade."""
    if reply.status == 402:
        raise PublishError(
            f"{masked(url)} wants more credits than the wallet has (402)", hint=TOP_UP
        )
    if reply.status in (401, 403):  # it takes no token, so there is none to mend
        raise PublishError(
            f"{masked(url)} lets nobody in ({reply.status})",
            hint=f"Turbo needs no token: is {variables.url} right?",
        )
    return checked(url, reply, (), variables)


def _winc(url: str, reply: Reply) -> int:
    answer = parsed(reply.body, masked(url))
    text = str(answer.get("winc")) if isinstance(answer, dict) else ""
    if not text.isascii() or not text.isdigit() or len(text) > 40:
        raise TemporaryError(
            f"{masked(url)} names no number of winc, Turbo's unit of money",
            hint="is TURBO_PAYMENT_API right?",
        )
    return int(text)


def upload_item(
    turbo: Turbo, item: DataItem, mark: Bookmark, patience: Patience, hear: Sent = unheard
) -> None:
    """Give the item to Turbo; a large one in parts, of which a later call sends the missing ones.

    Returns once Turbo has taken it for good. Raises PublishError.
    """
    if item.size <= WHOLE:
        if mark.read() != item.identifier:
            retry(lambda: _send_whole(turbo, item, hear), patience)
            mark.put(item.identifier)  # paid for, though a gateway may take its time to show it
        return
    upload, done = _open_upload(turbo, item, mark, patience)
    part, at = _part(item.size), 0
    if not done.finished:
        for at in range(0, item.size, part):
            length = min(part, item.size - at)
            if done.parts.get(at) == length:
                hear(at + length, item.size)
                continue
            begin = at
            retry(lambda: _send_part(turbo, item, upload, begin, length, hear), patience)  # noqa: B023  # called before the next turn of the loop
        retry(lambda: _finalize(turbo, upload), patience)
    _wait(turbo, upload, mark, patience)


class _Progress(NamedTuple):
    """What Turbo has of an upload: the length of each part, and whether it took all of it."""

    parts: dict[int, int]
    finished: bool = False


def _part(size: int) -> int:
    return max(PART, -(-size // MOST_PARTS))


def _open_upload(
    turbo: Turbo, item: DataItem, mark: Bookmark, patience: Patience
) -> tuple[str, _Progress]:
    """The upload that `mark` remembers of this item, or a new one."""
    identifier, _, upload = (mark.read() or "").partition(" ")
    if identifier == item.identifier and upload:
        progress = retry(lambda: _progress(turbo, upload), patience)
        if progress is not None:
            return upload, progress
    upload = retry(lambda: _new(turbo), patience)
    mark.put(f"{item.identifier} {upload}")
    return upload, _Progress({})


def _new(turbo: Turbo) -> str:
    url = f"{turbo.uploads}/v1/chunks/ethereum/-1/-1"
    reply = send("GET", url, (), 0, headers=_VERSION, within=WITHIN, variables=_VARIABLES)
    answer = parsed(_success(url, reply).body, masked(url))
    upload = answer.get("id") if isinstance(answer, dict) else None
    # It becomes a part of URLs.
    if not isinstance(upload, str) or not upload or not _plain(upload):
        raise TemporaryError(f"{masked(url)} begins no upload")
    return upload


def _plain(text: str) -> bool:
    return len(text) < 1024 and text.isascii() and all(c.isalnum() or c in "-_.~" for c in text)


def _progress(turbo: Turbo, upload: str) -> _Progress | None:
    """What Turbo has of the upload; None where it does not know it any more."""
    if _state(turbo, upload) in _ENDED | {"VALIDATING"}:
        return _Progress({}, finished=True)
    url = f"{turbo.uploads}/v1/chunks/ethereum/{upload}/-1"
    reply = send("GET", url, (), 0, headers=_VERSION, within=WITHIN, variables=_VARIABLES)
    if reply.status == 404:
        return None
    answer = parsed(_success(url, reply).body, masked(url))
    if not isinstance(answer, dict) or answer.get("failedReason"):
        return None
    chunks = answer.get("chunks")
    pairs = [it for it in chunks if isinstance(it, list)] if isinstance(chunks, list) else []
    return _Progress({it[0]: it[1] for it in pairs if list(map(type, it)) == [int, int]})


def _send_whole(turbo: Turbo, item: DataItem, hear: Sent) -> None:
    url = f"{turbo.uploads}/v1/tx/ethereum"
    reply = _send(url, item, 0, item.size, hear)
    _success(url, reply)  # 202: it was there already
    if reply.status == 200:
        answer = parsed(reply.body, masked(url))
        identifier = answer.get("id") if isinstance(answer, dict) else None
        if identifier != item.identifier:
            raise PublishError(
                f"{masked(url)} took the archive as {quoted(str(identifier), ())}, and not as "
                f"{item.identifier}",
                hint="look at the address in TURBO_API: something in between changes what is sent",
            )


def _send_part(turbo: Turbo, item: DataItem, upload: str, at: int, length: int, hear: Sent) -> None:
    url = f"{turbo.uploads}/v1/chunks/ethereum/{upload}/{at}"
    _success(url, _send(url, item, at, length, hear))


def _send(url: str, item: DataItem, at: int, length: int, hear: Sent) -> Any:
    return send(
        "POST",
        url,
        item.part(at, length),
        length,
        headers=_VERSION | {"Content-Type": "application/octet-stream"},
        hear=lambda done, _: hear(at + done, item.size),
        variables=_VARIABLES,
    )


def _finalize(turbo: Turbo, upload: str) -> None:
    url = f"{turbo.uploads}/v1/chunks/ethereum/{upload}/finalize"
    _success(url, send("POST", url, (), 0, headers=_VERSION, variables=_VARIABLES))


def _wait(turbo: Turbo, upload: str, mark: Bookmark, patience: Patience) -> None:
    """Until Turbo has put the parts together and believes the signature."""
    until, pause = time.monotonic() + patience.deadline, patience.first
    while (state := retry(lambda: _state(turbo, upload), patience)) not in _ENDED:
        if state in _FAILED or state == "":
            mark.remove()  # what it has is of no use any more
            reason = _FAILED.get(state, "it has forgotten the upload")
            raise PublishError(
                f"{masked(turbo.uploads)} does not take the archive: {reason}",
                hint=TOP_UP if state == "UNDERFUNDED" else "run the same command again",
            )
        if time.monotonic() > until:
            raise PublishError(
                f"{masked(turbo.uploads)} is not done after {patience.deadline:.0f} s: "
                f"{quoted(state, ())}",
                hint="run the same command again: nothing is sent twice",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 30.0)


def _state(turbo: Turbo, upload: str) -> str:
    """What Turbo says of the upload, "" where it does not know it."""
    url = f"{turbo.uploads}/v1/chunks/ethereum/{upload}/status"
    reply = send("GET", url, (), 0, headers=_VERSION, within=WITHIN, variables=_VARIABLES)
    if reply.status == 404:
        return ""
    answer = parsed(_success(url, reply).body, masked(url))
    state = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(state, str) or not state:
        raise TemporaryError(f"{masked(url)} does not answer as Turbo does")
    return state
